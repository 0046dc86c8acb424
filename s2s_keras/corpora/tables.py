"""Rows of tables: columns with tabs, commas or semicolons between them."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress

from .bad_rows import BadRow
from .columns import names_both_sides, share_with_devanagari, share_with_letters

Row = tuple[int, list[str] | BadRow]
Lines = Iterable[tuple[int, str | BadRow]]

DELIMITERS = ",;\t"
LONGEST_RECORD = 100_000  # characters of one row with all its columns
# So many times as much as a file has may be read again in search of the ends of open quotes.
MOST_READ_AGAIN = 10


def tab_rows(lines: Lines) -> Iterator[Row]:
    """Yield the cells of each line. Quotes are ordinary characters in such a table."""
    for number, line in lines:
        yield number, line.split("\t") if line.__class__ is str else line


def csv_rows(lines: Lines, delimiter: str, name: str) -> Iterator[Row]:
    """Yield the cells of each row, which may go over several lines inside quotes (RFC 4180).

    A quote that is never closed would swallow all rows after it, or pair up with the next one. So
    a row that cannot be read is given up with its first line alone, and reading goes on at the
    second.

    Args:
        lines: With their numbers, see `lines.lines_of`.
        delimiter: What stands between two cells.
        name: The name of the file, for messages.

    Yields:
        The number of the row's first line, and its cells or a BadRow.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        feed.taken.clear()
        try:
            cells = next(reader)
            yield feed.taken[0][0], cells
        except StopIteration:
            return
        except (csv.Error, _BrokenOff) as error:
            if not feed.taken:  # the line itself could not be read
                yield feed.give_up()
                continue
            number, line = feed.taken[0]
            feed.put_back()
            yield number, _unreadable(f"{name}:{number}", line, error)


def _unreadable(place: str, line: str, error: Exception) -> BadRow:
    if "\r" in line and '"' not in line:
        return BadRow(place, "a carriage return inside the line", "remove it")
    remedy = "write a quote inside a quoted cell twice, and close every quote"
    if isinstance(error, _BrokenOff):
        return BadRow(place, "a quote that is not closed", remedy)
    return BadRow(place, f"quotes out of place ({error})", remedy)


class _BrokenOff(Exception):
    """There is no further line that could belong to this row."""


class _Feed:
    """Gives lines to the reader of the csv module, and remembers those of the current row."""

    def __init__(self, lines: Lines):
        self.lines = iter(lines)
        self.waiting: list[tuple[int, str | BadRow]] = []  # the next one stands last
        self.taken: list[tuple[int, str]] = []
        self.characters = 0
        self.read, self.read_again = LONGEST_RECORD, 0  # characters

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        again = bool(self.waiting)
        item = self.waiting.pop() if again else next(self.lines, None)
        if item is None:
            raise _BrokenOff if self.taken else StopIteration
        number, line = item
        self.characters = self.characters if self.taken else 0
        if isinstance(line, BadRow) or (self.taken and self._is_long_enough()):
            self.waiting.append(item)
            raise _BrokenOff
        self.characters += len(line)
        self.read += 0 if again else len(line) + 1
        self.read_again += len(line) + 1 if again else 0
        self.taken.append((number, line))
        return line + "\n"

    def _is_long_enough(self) -> bool:
        """Tell whether a row must end here, or all of a file would be read again for each row."""
        too_often = self.read_again > MOST_READ_AGAIN * self.read
        return too_often or self.characters > LONGEST_RECORD

    def give_up(self) -> tuple[int, BadRow]:
        return self.waiting.pop()

    def put_back(self) -> None:
        """Let the row's second line begin the next row."""
        self.waiting.extend(reversed(self.taken[1:]))


def delimiter_of(sample: list[str]) -> str:
    """Return what stands between the cells of a table, judged by its first lines.

    It is the one that a header's names have between them; or else the one that gives all rows the
    same number of cells and has, unlike a comma in a sentence, no space after it.
    """

    def score(delimiter: str) -> tuple[bool, float, float]:
        rows = sample_rows(sample, delimiter)
        (width, count), *_ = Counter(map(len, rows)).most_common(1) or [(0, 0)]
        if width < 2:
            return False, 0, 0
        inner = [cell for cells in rows for cell in cells[1:]]
        tidy = sum(not cell.startswith(" ") for cell in inner) / len(inner)
        return names_both_sides(rows[0]), tidy * count / len(rows), count / len(rows)

    return max(DELIMITERS, key=score)


def looks_like_csv(sample: list[str], delimiter: str) -> bool:
    """Tell whether lines that have no tabs are a table all the same: one side has Devanagari."""
    rows = sample_rows(sample, delimiter)
    if not rows or max(map(len, rows)) < 2:
        return False
    if names_both_sides(rows[0]):
        return True
    columns = range(max(map(len, rows)))
    hindi = {column for column in columns if share_with_devanagari(rows, column) >= 0.5}
    letters = {column for column in columns if share_with_letters(rows, column) >= 0.5}
    regular = sum(len(cells) == len(columns) for cells in rows) >= 0.9 * len(rows)
    return regular and bool(hindi) and bool(letters - hindi)


def sample_rows(sample: list[str], delimiter: str) -> list[list[str]]:
    """Return the rows of some lines that are not blank, as far as they can be read."""
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(filter(None, csv.reader(sample, delimiter=delimiter)))
    # The last row may be cut off.
    return rows[:-1] if len(rows) > 2 else rows
