"""Reading pairs of sentences: from tables, aligned texts, folders, and archives of them."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import chain, islice, zip_longest
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ..errors import InputError
from .bad_rows import BadRow, Report
from .columns import ENGLISH, HINDI, Wanted, choose_columns
from .entities import decode_entities
from .files import Text, archive, archive_kind, opened, text_at, unpacked_name
from .formats import TABLE_NAMES, rows_of
from .lines import LONGEST_LINE, lines_of, too_long_row

ROWS_TO_JUDGE_BY = 1_000  # as many rows at the top of a table show which columns to read
SPLITS = ("train", "dev", "test")
DEV = ("dev", "valid", "validation", "val")  # what the file of the split "dev" may be called
# Files that come along with a corpus, and hold none.
NOTES = {"readme", "license", "licence", "about", "citation", "notice", "changelog"}
NAMES_TOLD = 5  # as many members are listed where it is not clear which one to read

Pairs = Iterator[tuple[str, ...]]


def read_pairs(path: Path, report: Report, part: str = "", wanted: Wanted | None = None) -> Pairs:
    """Read pairs from a table; or from an archive or a folder that holds a table or two texts.

    Args:
        path: A file in one of the formats of `formats`, which may be compressed; or a .zip or .tar
            archive; or a folder.
        report: It is told what was skipped, and which columns were read.
        part: Only those members are read whose path contains this text.
        wanted: The columns to read, where the user names them.

    Yields:
        (source, target), or (source, target, kind) where a header names a kind. HTML entities are
        decoded; a blank row gives two empty texts.

    Raises:
        InputError: The file cannot be read, or in most of its rows there is something wrong.
    """
    wanted = wanted or Wanted()
    with _container(path) as members:
        if members is None:
            if part:
                raise InputError(f"{path}: no archive and no folder; leave out --part {part}")
            yield from _table_pairs(text_at(path), report, wanted)
            return
        names, open_member = members
        chosen = choose_members([name for name in names if part in name], path)
        # Each text by an opening of its own: to go back and forth within a .tar.gz would rewind it
        # at every line.
        with _container(path) if chosen[1:] else nullcontext() as again:
            openers = [open_member, again[1]] if again else [open_member]
            texts = [
                Text(f"{path}/{name}", partial(opener, name))
                for name, opener in zip(chosen, openers, strict=True)
            ]
            yield from _pairs(texts, report, wanted)


def read_aligned(source: Path, target: Path, report: Report) -> Pairs:
    """Read pairs from two texts: line N of one translates line N of the other.

    Raises:
        InputError: As for `read_pairs`, or the texts have different numbers of lines.
    """
    return _aligned_pairs(text_at(source), text_at(target), report)


def find_splits(folder: Path) -> dict[str, list[Path]] | None:
    """Find the files of each split: a table each, or an English and a Hindi text each.

    Returns:
        From "train", "dev" and "test" to one or two files; None unless all three are there.

    Raises:
        InputError: A split has several tables.
    """
    if not os.path.isdir(folder):  # Path.is_dir() would raise an exception for a very long name
        return None
    names = sorted(name for name in os.listdir(folder) if os.path.isfile(folder / name))
    found = {}
    for split in SPLITS:
        begins = DEV if split == "dev" else (split,)
        of_split = [name for name in names if name.lower().split(".")[0] in begins]
        if not any(_is_table(name) or _tags(name) & (ENGLISH | HINDI) for name in of_split):
            return None
        found[split] = [folder / name for name in choose_members(of_split, folder)]
    return found


def read_split(files: list[Path], report: Report, wanted: Wanted | None = None) -> Pairs:
    """Read one split that `find_splits` found; as `read_pairs`."""
    return _pairs([text_at(path) for path in files], report, wanted or Wanted())


def find_two_sides(base: Path) -> tuple[Path, Path] | None:
    """Find the two texts of a name that both begin with: base.en and base.hi.

    Raises:
        InputError: Only one of them is there.
    """
    folder = base.parent
    if not os.path.isdir(folder):
        return None
    begin = f"{base.name}."
    endings = {
        unpacked_name(name.removeprefix(begin)): folder / name
        for name in sorted(os.listdir(folder))
        if name.startswith(begin)
    }
    english, hindi = ([endings[e] for e in endings if e in names] for names in (ENGLISH, HINDI))
    if english and hindi:
        return english[0], hindi[0]
    if english or hindi:
        missing = "Hindi (.hi)" if english else "English (.en)"
        raise InputError(f"{(english or hindi)[0]}: there is no {missing} text beside it; add it")
    return None


def choose_members(names: list[str], container: Path) -> list[str]:
    """Choose the English and the Hindi text, or else the only table among some files.

    Raises:
        InputError: There is no such choice, or more than one.
    """
    visible = [name for name in names if not _is_note(name)]
    english = [name for name in visible if ENGLISH & _tags(name)]
    hindi = [name for name in visible if HINDI & _tags(name)]
    tables = [name for name in visible if _is_table(name)]
    if len(english) == len(hindi) == 1 and english != hindi:
        return english + hindi
    if len(tables) == 1:
        return tables
    told = f" ({', '.join(visible[:NAMES_TOLD])}{', …' if len(visible) > NAMES_TOLD else ''})"
    clear = "a text that only the path of the right ones contains"
    remedy = f"give --part, {clear}" if tables or (english and hindi) else "name the right files"
    raise InputError(
        f"{container}: neither one table nor one English and one Hindi text among its "
        f"{len(visible):,} files{told if visible else ''}; {remedy}"
    )


def _is_table(name: str) -> bool:
    return unpacked_name(name).endswith(TABLE_NAMES)


def _is_note(name: str) -> bool:
    """Tell whether a file holds no sentences: hidden ones, Tatoeba's _about.txt, a README."""
    last = PurePosixPath(name).name
    return last.startswith((".", "_")) or last.lower().split(".")[0] in NOTES


def _tags(name: str) -> set[str]:
    """Return the parts of a name that may tell its language, as in hin.txt, train_en.txt."""
    last = PurePosixPath(unpacked_name(name)).name
    return {*last.split("."), re.split("[_-]", last.split(".")[0])[-1]}


@contextmanager
def _container(path: Path) -> Iterator[tuple[list[str], Callable[[str], BinaryIO]] | None]:
    """Open an archive or a folder: its files, and the function that opens one; None for others."""
    if os.path.isdir(path):
        names = sorted(name for name in os.listdir(path) if os.path.isfile(path / name))
        yield names, lambda name: text_at(path / name).open()
        return
    kind = archive_kind(path)
    with archive(path, kind) if kind else nullcontext() as members:
        yield members


def _pairs(texts: list[Text], report: Report, wanted: Wanted) -> Pairs:
    if len(texts) == 1:
        return _table_pairs(texts[0], report, wanted)
    if wanted != Wanted():
        raise InputError(f"{texts[0].name}: a text without columns; leave out --source-column")
    return _aligned_pairs(*texts, report)


def _aligned_pairs(source: Text, target: Text, report: Report) -> Pairs:
    bad = 0
    lines = 0, 0
    with opened(source) as file, opened(target) as other_file:
        in_turn = lines_of(file, source.name), lines_of(other_file, target.name)
        for (n, line), (other_n, other_line) in zip_longest(*in_turn, fillvalue=(0, None)):
            lines = n or lines[0], other_n or lines[1]
            if not n or not other_n:
                continue  # only counted
            if str is line.__class__ is other_line.__class__:
                yield _decoded((line, other_line))
            else:
                bad += 1
                report.skip(line if isinstance(line, BadRow) else other_line)
    if lines[0] != lines[1]:
        raise InputError(
            f"{source.name}: {lines[0]:,} lines, but {target.name} has {lines[1]:,}; "
            "line N of one file must translate line N of the other"
        )
    report.end_of_file(lines[0] - bad, bad)


def _table_pairs(text: Text, report: Report, wanted: Wanted) -> Pairs:
    rows = rows_of(text)
    head = list(islice(rows, ROWS_TO_JUDGE_BY))
    readable_rows = [cells for _, cells in head if not isinstance(cells, BadRow)]
    choice = choose_columns(readable_rows, text.name, wanted)
    report.read_as = report.read_as or choice.told
    if choice.has_header:
        header = next(cells for cells in readable_rows if any(map(str.strip, cells)))
        head = [row for row in head if row[1] is not header]
    source, target, kind = choice.source, choice.target, choice.kind
    good = bad = 0
    for number, cells in chain(head, rows):
        try:
            pair = cells[source], cells[target]
        except (IndexError, KeyError, TypeError):
            if cells.__class__ is not BadRow and not any(cells):
                yield "", ""
                continue
            row = _unusable(cells, (source, target), f"{text.name}:{number}")
        else:
            if len(pair[0]) <= LONGEST_LINE >= len(pair[1]):
                good += 1
                yield _decoded(pair) if kind is None else (*_decoded(pair), _kind(cells, kind))
                continue
            row = too_long_row(f"{text.name}:{number}")
        bad += 1
        report.skip(row)
    report.end_of_file(good, bad)


def _unusable(cells: list | dict | BadRow, columns: tuple, place: str) -> BadRow:
    """Return the row that lacks a column as a BadRow; one that is bad already stays as it is."""
    if isinstance(cells, BadRow):
        return cells
    if isinstance(cells, dict):
        missing = next(name for name in columns if name not in cells)
        return BadRow(place, f"no {missing!r}", "give every row the same names")
    return BadRow(place, f"no column {max(columns) + 1}", "put a tab between the columns")


def _kind(cells: list | dict, kind: int | str) -> str:
    try:
        return cells[kind]
    except (IndexError, KeyError):
        return ""


def _decoded(pair: tuple[str, str]) -> tuple[str, str]:
    if "&" in pair[0] or "&" in pair[1]:
        return decode_entities(pair[0]), decode_entities(pair[1])
    return pair
