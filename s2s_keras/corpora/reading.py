"""Reading pairs of sentences from tables, from two aligned texts, or from archives of either."""

import gzip
import io
import os
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice, starmap
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from ..errors import InputError

LONGEST_LINE = 10_000  # characters; a file with longer lines is not a list of sentences
ROWS_TO_JUDGE_BY = 1_000  # as many rows at the top of a table show which columns to read
DEVANAGARI = re.compile(r"[\u0900-\u097F]")
ENGLISH = {"en", "eng", "eng_latn", "english"}
HINDI = {"hi", "hin", "hin_deva", "hindi"}
SPLITS = ("train", "dev", "test")

Pairs = Iterator[tuple[str, str]]


def read_pairs(path: Path, part: str = "") -> Pairs:
    """Read pairs from a table of tab-separated columns, or from an archive.

    The target is the first column in which at least half of the rows have Devanagari, and the
    source is the column to the left of it. Without such a column, the first column is the source
    and the second is the target.

    Args:
        path: A table as plain text or .gz; or a .zip, .tgz or .tar.gz that holds one table or two
            aligned texts.
        part: Only those members of an archive are read whose path contains this text.

    Yields:
        (source, target) exactly as in the file; a blank row gives two empty texts.

    Raises:
        InputError: The file cannot be read, or one of its lines has the wrong form.
    """
    if path.name.endswith((".zip", ".tgz", ".tar.gz")):
        return _archive_pairs(path, part)
    return _table_pairs(_text(path))


def read_aligned(source: Path, target: Path) -> Pairs:
    """Read pairs from two texts, plain or .gz: line N of one translates line N of the other.

    Raises:
        InputError: As for `read_pairs`, or the texts have different numbers of lines.
    """
    return _aligned_pairs(_text(source), _text(target))


def read_lines(path: Path) -> list[str]:
    """Read the lines of a text, plain or .gz.

    Raises:
        InputError: As for `read_pairs`.
    """
    return [line for _, line in _lines(_text(path))]


def has_splits(path: Path) -> bool:
    """Tell whether a path is a folder with train.tsv, dev.tsv and test.tsv."""
    # Path.is_file() would raise an exception for a very long name.
    return all(os.path.isfile(path / f"{split}.tsv") for split in SPLITS)


def read_split(folder: Path, split: str) -> Iterator[tuple[str, str, str]]:
    """Read one split of a corpus that is a folder of three tables.

    Args:
        folder: Holds train.tsv, dev.tsv and test.tsv.
        split: "train", "dev" or "test".

    Yields:
        (source, target, kind) exactly as in the table. The kind is the text of the column to the
        right of the target; it is empty where there is no such column.

    Raises:
        InputError: As for `read_pairs`.
    """
    for cells, target, place in _table_rows(_text(folder / f"{split}.tsv")):
        yield *_pair(cells, target, place), *(cells[target + 1 : target + 2] or ("",))


class _Text(NamedTuple):
    """A text to read: its name in messages, and the function that opens it as bytes."""

    name: str
    open: Callable[[], BinaryIO]


def _text(path: Path) -> _Text:
    return _Text(str(path), partial(gzip.open if path.suffix == ".gz" else open, path, "rb"))


def _archive_pairs(path: Path, part: str) -> Pairs:
    """Read the members as streams: nothing is unpacked, so no member can overwrite a file."""
    with _readable(path), _archive(path) as (names, open_member):
        members = _choose_members([name for name in names if part in name], path)
        texts = [_Text(f"{path}/{member}", partial(open_member, member)) for member in members]
        yield from _table_pairs(*texts) if len(texts) == 1 else _aligned_pairs(*texts)


@contextmanager
def _archive(path: Path) -> Iterator[tuple[list[str], Callable[[str], BinaryIO]]]:
    """Open an archive; give the names of its files and the function that opens one of them."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            yield [info.filename for info in archive.infolist() if not info.is_dir()], archive.open
    else:
        with tarfile.open(path, "r:gz") as archive:
            yield [info.name for info in archive if info.isfile()], archive.extractfile


def _choose_members(names: list[str], path: Path) -> list[str]:
    """Choose the English and the Hindi text, or else the only table of an archive."""
    # Leave out hidden files, and the _about.txt that comes with Tatoeba's sentences.
    visible = [name for name in names if not PurePosixPath(name).name.startswith((".", "_"))]
    english = [name for name in visible if ENGLISH & _tags(name)]
    hindi = [name for name in visible if HINDI & _tags(name)]
    tables = [name for name in visible if name.endswith((".tsv", ".txt"))]
    if len(english) == len(hindi) == 1:
        return english + hindi
    if len(tables) == 1:
        return tables
    raise InputError(
        f"{path}: neither one table nor one English and one Hindi text among its "
        f"{len(visible):,} files; unpack it and name the right ones"
    )


def _tags(name: str) -> set[str]:
    """Return the parts of a name that may tell its language, as in hin.txt, hin_Deva.devtest."""
    path = PurePosixPath(name.lower())
    return {path.stem, path.suffix.removeprefix(".")}


def _aligned_pairs(source: _Text, target: _Text) -> Pairs:
    # Read one text after the other: to alternate within a .tar.gz would rewind it at every line.
    sources = [line for _, line in _lines(source)]
    targets = [line for _, line in _lines(target)]
    if len(sources) != len(targets):
        raise InputError(
            f"{source.name}: {len(sources):,} lines, but {target.name} has {len(targets):,}; "
            "line N of one file must translate line N of the other"
        )
    return zip(sources, targets, strict=True)


def _table_pairs(text: _Text) -> Pairs:
    return starmap(_pair, _table_rows(text))


def _table_rows(text: _Text) -> Iterator[tuple[list[str], int, str]]:
    """Yield each row below the header: its cells, the target's column, and "file:line"."""
    rows = ((number, line.split("\t")) for number, line in _lines(text))
    head = list(islice(rows, ROWS_TO_JUDGE_BY))
    target = _target_column([cells for _, cells in head], text.name)
    if _is_header([cells for _, cells in head], target):
        del head[0]
    for number, cells in chain(head, rows):
        yield cells, target, f"{text.name}:{number}"


def _target_column(rows: list[list[str]], file: str) -> int:
    """Return the number of the target's column, from 0; blank rows do not count."""
    rows = [cells for cells in rows if any(map(str.strip, cells))]
    for column in range(max(map(len, rows), default=0)):
        hindi = sum(_holds_devanagari(cells, column) for cells in rows)
        if 2 * hindi >= len(rows):
            break
    else:
        return 1
    if column == 0:
        raise InputError(f"{file}: Hindi in the first column; put the English column to its left")
    return column


def _is_header(rows: list[list[str]], target: int) -> bool:
    """Tell whether the first row is a header: by its words, or as only rows below have Hindi."""
    first, *others = rows
    names = [cell.strip().lower() for cell in first[target - 1 : target + 1]]
    if len(names) == 2 and names[0] in ENGLISH | {"source"} and names[1] in HINDI | {"target"}:
        return True
    hindi_below = any(_holds_devanagari(cells, target) for cells in others)
    return hindi_below and len(first) > target and not _holds_devanagari(first, target)


def _holds_devanagari(cells: list[str], column: int) -> bool:
    return column < len(cells) and DEVANAGARI.search(cells[column]) is not None


def _pair(cells: list[str], target: int, place: str) -> tuple[str, str]:
    """Return the source and the target of a row; `place` is its file and line, for messages."""
    if len(cells) > target:
        return cells[target - 1], cells[target]
    if any(map(str.strip, cells)):
        raise InputError(f"{place}: no column {target + 1}; put a tab between the columns")
    return "", ""


def _lines(text: _Text) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text with their numbers, from 1; only a line feed ends a line."""
    most_bytes = 4 * LONGEST_LINE + 3  # four bytes per character, CR LF, and one byte more
    number = 0
    with _readable(text.name), text.open() as stream:
        read = partial(io.BufferedReader(stream).readline, most_bytes)
        for number, line in enumerate(iter(read, b""), start=1):
            yield number, decode_line(line, number, text.name)
    if not number:
        raise InputError(f"{text.name}: empty; give a file that has sentences")


def decode_line(line: bytes, number: int, file: str) -> str:
    """Return one line as text, without its end.

    Args:
        line: The bytes of the line; a longer line than `LONGEST_LINE` may be cut.
        number: Its number, from 1; a byte order mark is removed from line 1.
        file: The name of its file, for messages.

    Raises:
        InputError: The line is not UTF-8, too long, or has a carriage return inside.
    """
    line = line.removesuffix(b"\n").removesuffix(b"\r")
    if b"\r" in line:
        raise InputError(f"{file}:{number}: a carriage return inside the line; remove it")
    too_long = len(line) > 4 * LONGEST_LINE  # and may be cut inside a character
    try:
        decoded = "" if too_long else line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        byte = line[error.start]
        message = f"{file}:{number}: not UTF-8 (byte 0x{byte:02x}); save the file as UTF-8"
        raise InputError(message) from error
    if too_long or len(decoded) > LONGEST_LINE:
        raise InputError(
            f"{file}:{number}: over {LONGEST_LINE:,} characters; put one sentence on each line"
        )
    return decoded


@contextmanager
def _readable(file: Path | str) -> Iterator[None]:
    """Turn the exceptions of the file system and of the archive readers into an InputError."""
    try:
        yield
    except (
        EOFError,
        RuntimeError,  # an encrypted member of a .zip, or an unknown compression
        gzip.BadGzipFile,
        struct.error,
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise InputError(f"{file}: damaged ({error}); delete it and fetch it again") from error
    except OSError as error:
        problem = error.strerror or error
        raise InputError(f"{file}: {problem}; name a file that can be read") from error
