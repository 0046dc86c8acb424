"""Which columns of a table are the source and the target: by names, by script, by words."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import InputError
from ..text import normalise

DEVANAGARI = re.compile(r"[\u0900-\u097F]")
ENGLISH = {"en", "eng", "eng_latn", "english", "अंग्रेज़ी", "अंग्रेजी"}
HINDI = {"hi", "hin", "hin_deva", "hindi", "हिन्दी", "हिंदी"}
SOURCE = {"source", "src", "sentence", "text", "input", "original"}
TARGET = {"target", "tgt", "trg", "translation", "translated", "output"}
# A header with one of these names says of what kind each pair is; "novelty" is that of `course`.
KIND = {"kind", "novelty"}
# A name is short, and no sentence.
NAME = re.compile(r"[^.?!।,;\"]{1,40}")
# What says where a sentence is from.
ORIGIN = re.compile(r"https?:|www\.|\w\.(?:org|com|net|in)\b|(?<!&)#\d|\bCC[- ]BY|\bCC0")

Cells = Sequence[str]


@dataclass(frozen=True)
class Wanted:
    """The columns that the user names: each a name of the header, or a number from 1, or None."""

    source: str | int | None = None
    target: str | int | None = None


@dataclass(frozen=True)
class Choice:
    """The columns to read: numbers from 0, or names where each row has names.

    Attributes:
        source: Where the source stands.
        target: Where its translation stands.
        kind: Where the kind of the pair stands; None where there is no such column.
        has_header: Whether the first row is no pair.
        told: What to tell the user, where the choice is not plain.
    """

    source: int | str
    target: int | str
    kind: int | str | None = None
    has_header: bool = False
    told: str = ""


def choose_columns(rows: Sequence[Cells | dict[str, str]], file: str, wanted: Wanted) -> Choice:
    """Choose the source and the target of a table by its first rows.

    The user's word counts most, then names such as "english_sentence" in a header, then script:
    Hindi is the first column in which at least half of the rows have Devanagari, and English is
    the column beside it that is most like sentences. Names such as "source", which may mean where
    a sentence is from, count only where no column has Devanagari. Without them, the first two
    columns that hold letters are read.

    Args:
        rows: Cells by number or by name.
        file: The name of the file, for messages.
        wanted: The columns that the user names.

    Raises:
        InputError: A column that the user names does not exist, or no column holds words.
    """
    by_name = any(isinstance(row, dict) for row in rows)
    if by_name:
        dictionaries = [row for row in rows if isinstance(row, dict)]
        names = list(dict.fromkeys(name for row in dictionaries for name in row))
        body = [[row.get(name, "") for name in names] for row in dictionaries]
    else:
        body = [row for row in rows if any(map(str.strip, row))]
        names = list(body[0]) if body else []
    table = _Table(names, body, by_name, file)
    source, target = table.choose(wanted)
    if by_name and max(source, target) >= len(names):
        raise InputError(f'{file}: rows of fewer than two names; write {{"en": …, "hi": …}}')
    width = len(names) if by_name else table.usual_width
    places = (names[source], names[target]) if by_name else (source + 1, target + 1)
    plain = width == 2 and (by_name or source < target)
    told = "" if plain else f"columns {places[0]} and {places[1]} of {width}"
    kinds = [column for column, name in enumerate(table.header) if _plain(name) in KIND]
    kind = next((column for column in kinds if column not in (source, target)), None)
    if by_name:
        source, target = names[source], names[target]
        kind = None if kind is None else names[kind]
    return Choice(source, target, kind, bool(table.header) and not by_name, told)


def names_both_sides(cells: Cells) -> bool:
    """Tell whether a row names an English and a Hindi column, or a source and a target."""
    sources = {*_named(cells, ENGLISH), *_named(cells, SOURCE)}
    targets = {*_named(cells, HINDI), *_named(cells, TARGET)}
    return bool(sources and targets) and len(sources | targets) > 1


def share_with_devanagari(rows: Sequence[Cells], column: int) -> float:
    """Return in which share of the rows a column has Devanagari."""
    return sum(map(bool, map(DEVANAGARI.search, _cells(rows, column)))) / max(1, len(rows))


def share_with_letters(rows: Sequence[Cells], column: int) -> float:
    """Return in which share of the rows a column has a letter of any script."""
    return sum(map(has_letter, _cells(rows, column))) / max(1, len(rows))


def has_letter(text: str) -> bool:
    """Tell whether a text has a letter of any script."""
    return any(map(str.isalpha, text))


class _Table:
    """The first rows of a table, and whether the first of all is a header."""

    def __init__(self, names: list[str], body: list[Cells], by_name: bool, file: str):
        self.file = file
        self.header = names if by_name or names_both_sides(names) else []
        self.names, self.by_name = names, by_name
        self.body = body[1:] if self.header and not by_name else body
        self.width = max(map(len, [names, *self.body]), default=0)
        self.usual_width = Counter(map(len, body)).most_common(1)[0][0] if body else 0

    def choose(self, wanted: Wanted) -> tuple[int, int]:
        """Return the numbers of the source and the target, from 0."""
        source, target = (self._wanted(one) for one in (wanted.source, wanted.target))
        hindi = [c for c in range(self.width) if share_with_devanagari(self.body, c) >= 0.5]
        if target is None and source in hindi:  # the user wants the other direction
            target = self._source(hindi, source)
        if target is None:
            target = self._target(hindi, source)
        if not self.header and self._has_header(target if target in hindi else None):
            self.header, *self.body = self.body
        if source is None:
            source = self._source(hindi, target)
        return source, self._other_target(source) if target is None else target

    def _target(self, hindi: list[int], source: int | None) -> int | None:
        named = self._best([c for c in _named(self.header, HINDI) if c != source])
        return next(iter(hindi), None) if named is None else named

    def _source(self, hindi: list[int], target: int | None) -> int:
        others = [column for column in range(self.width) if column != target]
        named = self._best([c for c in _named(self.header, ENGLISH) if c != target])
        if named is not None:
            return named
        if target is not None:
            # Where both languages are written in Devanagari, the other one is the source.
            columns = [column for column in others if column not in hindi] or others
            best = self._best(columns, target)
            if best is None and self.width > 1:
                best = self._best(others, target)
            if best is None and self.width > 1:
                raise InputError(
                    f"{self.file}: no column beside column {target + 1} has words; "
                    "name the right ones with --source-column and --target-column"
                )
            return best or 0
        named = [c for c in _named(self.header, SOURCE) if c in others]
        return named[0] if named else self._with_words()[0]

    def _other_target(self, source: int) -> int:
        """Return the target of a table without Devanagari."""
        named = [column for column in _named(self.header, TARGET) if column != source]
        words = [column for column in self._with_words() if column != source]
        return (named or words)[0]

    def _with_words(self) -> list[int]:
        """Return the columns that hold letters; the first two where these are less than two."""
        columns = [c for c in range(self.width) if share_with_letters(self.body, c) >= 0.5]
        return columns if len(columns) > 1 else [0, 1]

    def _best(self, columns: Sequence[int], target: int = 0) -> int | None:
        """Return the column most like sentences; of equal ones, the nearest on the target's left.

        Where there are no rows to judge by, the first one is taken.
        """
        if not columns or not self.body:
            return columns[0] if columns else None
        likeness = {column: self._likeness(column) for column in columns}
        best = max(columns, key=lambda c: (likeness[c], c < target, -abs(target - c)))
        return best if likeness[best] else None

    def _likeness(self, column: int) -> float:
        """Tell how much a column is like sentences: words, many different ones, no origins."""
        cells = [cell for cell in _cells(self.body, column) if cell.strip()]
        if not cells or sum(map(has_letter, cells)) < len(cells) / 2:
            return 0.0
        words = sum(min(len(cell.split()), 5) for cell in cells) / len(cells)
        plain = sum(not ORIGIN.search(cell) for cell in cells) / len(cells)
        return words * plain * math.sqrt(len({*cells}) / len(cells))

    def _wanted(self, column: str | int | None) -> int | None:
        """Return the number of a column that the user names, from 0."""
        if column is None:
            return None
        plain = [_plain(name) for name in self.names]
        if isinstance(column, str) and _plain(column) in plain:
            if not self.header:
                self.header, self.body = self.names, self.body[1:]
            return plain.index(_plain(column))
        try:
            number = int(column)
        except ValueError:
            number = 0
        if not 1 <= number <= self.width:
            told = ", ".join(" ".join(name.split())[:40] for name in self.names[:10])
            raise InputError(
                f"{self.file}: no column {column}; there are {self.width} columns, and the first "
                f"row has: {told}"
            )
        return number - 1

    def _has_header(self, hindi: int | None) -> bool:
        """Tell whether only the rows below the first one have Devanagari, or numbers."""
        if len(self.body) < 2:
            return False
        first, *others = self.body
        if hindi is not None and hindi < len(first) and not DEVANAGARI.search(first[hindi]):
            return bool(NAME.fullmatch(first[hindi].strip()))
        return any(
            has_letter(first[column])
            and all(column < len(cells) and _is_number(cells[column]) for cells in others)
            for column in range(len(first))
        )


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"\s*[+-]?\d+([.,:-]\d+)*\s*", cell))


def _cells(rows: Sequence[Cells], column: int) -> list[str]:
    return [cells[column] for cells in rows if column < len(cells)]


def _plain(name: str) -> str:
    return normalise(name, lowercase=True)


def _named(cells: Cells, names: set[str]) -> list[int]:
    """Return the columns with one of these names; those whose whole name it is come alone."""
    plain = [_plain(cell) if NAME.fullmatch(cell.strip()) else "" for cell in cells]
    exact = [column for column, cell in enumerate(plain) if cell in names]
    return exact or [column for column, cell in enumerate(plain) if _has_name(cell, names)]


def _has_name(cell: str, names: set[str]) -> bool:
    """Tell whether a name is part of another one: "english_sentence", "sentence_eng_Latn"."""
    if names in (SOURCE, TARGET) and " " in cell:  # two words of a sentence, rather
        return False
    parts = {*re.split(r"[\W_\d]+", cell)}
    return bool(names & parts) or any(len(name) >= 5 and name in cell for name in names)
