"""Opening files: compression and archives as streams, and the kinds of files that hold no text."""

import bz2
import gzip
import io
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..errors import InputError
from .unpacking import Unpacked, packed_so_far

HEAD = 1 << 16  # bytes at the start of a file, by which its kind is judged
MOST_NULS = 0.02  # share of the head; stray ones occur in real corpora, and mean nothing
MOST_LAYERS = 3  # of compression; there are files that unpack to themselves
MOST_MEMBERS = 100_000  # files in an archive

UNPACKERS = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}
PACKED_NAMES = {
    ".gz": "gz", ".tgz": "gz", ".bz2": "bz2", ".tbz": "bz2", ".tbz2": "bz2", ".xz": "xz",
    ".txz": "xz",
}  # fmt: skip
PACKED = {"gz": rb"\x1f\x8b", "bz2": rb"BZh[1-9]1AY&SY", "xz": rb"\xfd7zXZ\x00"}
TAR_NAME = re.compile(r"\.(tar(\.\w+)?|tgz|tbz2?|txz)", re.IGNORECASE)

_CONVERT = "save it as CSV or as text with tabs"
# What files that are no text begin with, what they are, and what to do.
_STRANGERS = (
    (rb"(\xef\xbb\xbf)?\s*(?i:<!doctype html|<html)", "an HTML page, not data",
     "delete it and fetch it again: the address may need a login, or have moved"),
    (rb"version https://git-lfs", "a pointer of Git LFS, not the data", "run `git lfs pull`"),
    (rb"PK\x03\x04", "a .zip archive", "give it alone, not as one of two texts"),
    (rb"\xd0\xcf\x11\xe0", "an Excel or Word file", _CONVERT),
    (rb"%PDF-", "a PDF file", "take its text out and save it as text with tabs"),
    (rb"\{\\rtf", "an RTF file", _CONVERT),
    (rb"PAR1", "a Parquet file", "save it as JSON lines: pandas.read_parquet(…).to_json(…, "
     "orient='records', lines=True)"),
    (rb"ARROW1|FEA1|\xff\xff\xff\xff.{3}\x00", "an Arrow file", "save it as JSON lines: "
     "datasets.load_from_disk(…).to_json(…)"),
    (rb"SQLite format 3", "an SQLite database", "export the table as CSV"),
    (rb"\x89HDF|\x93NUMPY", "a file of arrays", _CONVERT),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF|II\*\x00", "an image or a recording", _CONVERT),
    (rb"\x80[\x02-\x05]", "a pickle, which could run any code", "save it as JSON lines"),
    (rb"7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd", "an archive of a kind that is not read",
     "unpack it, or pack it as .zip or .gz"),
    (rb"\xff\xfe\x00\x00|\x00\x00\xfe\xff", "UTF-32", "save it as UTF-8"),
)  # fmt: skip
# What members show that a .zip is a document.
_DOCUMENTS = {"xl/": "an Excel file", "word/": "a Word file", "ppt/": "a PowerPoint file",
              "content.xml": "an OpenDocument file"}  # fmt: skip


class Text(NamedTuple):
    """A text to read: its name in messages, and the function that opens it as bytes."""

    name: str
    open: Callable[[], BinaryIO]


class Opened(NamedTuple):
    """An open text: the stream at its start, the first bytes, and "utf-8" or "utf-16"."""

    stream: io.BufferedReader
    head: bytes
    encoding: str


def text_at(path: Path) -> Text:
    """Return the text that a file holds, which may be compressed."""
    return Text(str(path), partial(open, path, "rb"))


def unpacked_name(name: str) -> str:
    """Return a name in lower case without the endings that tell of compression."""
    name = name.lower()
    while (ending := Path(name).suffix) in PACKED_NAMES:
        name = name.removesuffix(ending)
    return name


@contextmanager
def opened(text: Text) -> Iterator[Opened]:
    """Open a text, decompress it on the way, and look at its first bytes.

    Raises:
        InputError: The file cannot be read, is damaged or empty, or is no text.
    """
    with readable(text.name), ExitStack() as stack:
        stream = _unpacked(text, stack)
        head = stream.peek(HEAD)[:HEAD]
        if not head:
            raise InputError(f"{text.name}: empty; give a file that has sentences")
        for start, kind, remedy in _STRANGERS:
            if re.match(start, head, re.DOTALL):
                raise InputError(f"{text.name}: {kind}; {remedy}")
        encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
        if encoding == "utf-8" and _is_binary(head):
            raise InputError(
                f"{text.name}: not a text file; give sentences as text, CSV, JSON lines or TMX "
                "(UTF-16 without its byte order mark must be saved as UTF-8)"
            )
        yield Opened(stream, head, encoding)


def _unpacked(text: Text, stack: ExitStack) -> io.BufferedReader:
    name, layers = text.name.lower(), 0
    first = stack.enter_context(text.open())
    packed, stream = packed_so_far(first), stack.enter_context(io.BufferedReader(first, HEAD))
    while kind := _packing(name, stream.peek(16)):
        _refuse_page(stream.peek(HEAD), text.name)
        if (layers := layers + 1) > MOST_LAYERS:
            raise InputError(f"{text.name}: packed over {MOST_LAYERS} times; unpack it yourself")
        unpacked = Unpacked(UNPACKERS[kind](stream), packed, text.name)
        stream = stack.enter_context(io.BufferedReader(unpacked, HEAD))
        name = name.removesuffix(Path(name).suffix) if Path(name).suffix in PACKED_NAMES else name
    return stream


def _is_binary(head: bytes) -> bool:
    if b"\0" not in head or head.startswith((b"<\0", b"\0<")):  # XML in UTF-16 needs no mark
        return False
    try:
        head[:-4].decode()  # the last character may be cut
    except UnicodeDecodeError:
        return True
    return head.count(b"\0") > MOST_NULS * len(head)


def _packing(name: str, head: bytes) -> str:
    """Return how a file is compressed, as its name or else its first bytes tell: "" if not."""
    by_content = (kind for kind, start in PACKED.items() if re.match(start, head))
    return PACKED_NAMES.get(Path(name).suffix) or next(by_content, "")


def _refuse_page(head: bytes, name: str) -> None:
    start, kind, remedy = _STRANGERS[0]
    if re.match(start, head):
        raise InputError(f"{name}: {kind}; {remedy}")


def archive_kind(path: Path) -> str:
    """Tell whether a file is a "zip" or a "tar" archive, by its name or its first bytes, or ""."""
    if path.suffix.lower() == ".zip":
        return "zip"
    if any(TAR_NAME.fullmatch("".join(path.suffixes[-n:])) for n in (1, 2)):
        return "tar"
    if path.exists() and not path.is_file():
        return ""  # what comes through a pipe can be read only once
    with readable(path), ExitStack() as stack:
        with open(path, "rb") as file:
            if file.read(4) == b"PK\x03\x04":
                return "zip"
        head = _unpacked(text_at(path), stack).peek(HEAD)
        return "tar" if head[257:262] == b"ustar" else ""


@contextmanager
def archive(path: Path, kind: str) -> Iterator[tuple[list[str], Callable[[str], BinaryIO]]]:
    """Open an archive: the names of its files, and the function that opens one of them.

    The members are read as streams. Nothing is unpacked, so no member can overwrite a file,
    whatever its name; links are no files, and lead nowhere.

    Args:
        path: The archive.
        kind: "zip" or "tar", see `archive_kind`.

    Raises:
        InputError: It cannot be read, is damaged, has too many files, or is a document in a .zip.
    """
    with readable(path), ExitStack() as stack:
        with open(path, "rb") as file:
            _refuse_page(file.read(HEAD), str(path))
        found, open_member = (_zip if kind == "zip" else _tar)(path, stack)
        if len(found) > MOST_MEMBERS:
            raise InputError(
                f"{path}: over {MOST_MEMBERS:,} files; unpack it yourself and name the right ones"
            )
        yield [*found], lambda name: open_member(found[name])


def _zip(path: Path, stack: ExitStack) -> tuple[dict[str, zipfile.ZipInfo], Callable]:
    members = stack.enter_context(zipfile.ZipFile(path))
    found = {
        info.filename: info for info in members.infolist() if info.filename and not info.is_dir()
    }
    _refuse_document([*found], path)

    def open_member(info: zipfile.ZipInfo) -> Unpacked:
        return Unpacked(members.open(info), lambda: info.compress_size, f"{path}/{info.filename}")

    return found, open_member


def _tar(path: Path, stack: ExitStack) -> tuple[dict[str, tarfile.TarInfo], Callable]:
    unpacked = _unpacked(text_at(path), stack)
    members = stack.enter_context(tarfile.TarFile.open(fileobj=unpacked, mode="r:"))
    # A sparse file is all zeros where it says so: a bomb that needs no compression.
    found = {
        info.name: info
        for info in islice(members, MOST_MEMBERS + 1)
        if info.isreg() and not info.issparse()
    }
    return found, members.extractfile


def _refuse_document(names: list[str], path: Path) -> None:
    for start, kind in _DOCUMENTS.items():
        if any(name.startswith(start) for name in names):
            raise InputError(f"{path}: {kind}; {_CONVERT}")


@contextmanager
def readable(file: Path | str) -> Iterator[None]:
    """Turn the exceptions of the file system and of the archive readers into an InputError."""
    try:
        yield
    except (
        EOFError,
        MemoryError,  # as much of it as an .xz asks for
        RuntimeError,  # an encrypted member of a .zip, or an unknown compression
        UnicodeError,  # UTF-16 that breaks off inside a character
        gzip.BadGzipFile,
        lzma.LZMAError,
        struct.error,
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise InputError(f"{file}: damaged ({error}); delete it and fetch it again") from error
    except OSError as error:
        if error.errno is None:  # bz2 says so that the stream is invalid
            message = f"{file}: damaged ({error}); delete it and fetch it again"
        else:
            message = f"{file}: {error.strerror}; name a file that can be read"
        raise InputError(message) from error
