"""Lines of text from bytes: where a line ends, how long it may be, and how it is encoded."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ..errors import InputError
from .bad_rows import BadRow
from .files import Opened, opened, text_at

LONGEST_LINE = 10_000  # characters; a file with longer lines is not a list of sentences


def lines_of(
    file: Opened, name: str, longest: int = LONGEST_LINE, returns: bool = False
) -> Iterator[tuple[int, str | BadRow]]:
    """Yield the lines of an open text with their numbers, from 1; only a line feed ends a line.

    Args:
        file: An open text.
        name: Its name, for messages.
        longest: Characters that a line may have.
        returns: Whether a carriage return may stand inside a line, as it may in quoted cells.

    Yields:
        The number and the line, without its end; a line that cannot be read is a BadRow.
    """
    most_bytes = 4 * longest + 3  # four bytes per character, CR LF, and one byte more
    read: Callable[[], bytes] = partial(file.stream.readline, most_bytes)
    if file.encoding == "utf-16":
        wide = io.TextIOWrapper(file.stream, "utf-16", errors="surrogatepass", newline="\n")
        read = lambda: wide.readline(longest + 3).encode(errors="surrogatepass")  # noqa: E731
    for number, line in enumerate(iter(read, b""), start=1):
        decoded = _decoded(line, number, name, longest, returns)
        yield number, decoded
        if decoded.__class__ is BadRow:
            while line and not line.endswith(b"\n"):  # the rest of a line that was cut
                line = read()


def read_lines(path: Path) -> list[str]:
    """Read the lines of a text, which may be compressed.

    Raises:
        InputError: The file cannot be read, or one of its lines cannot.
    """
    text = text_at(path)
    with opened(text) as file:
        lines = [line for _, line in lines_of(file, text.name)]
    for line in lines:
        if isinstance(line, BadRow):
            raise InputError(line.message)
    return lines


def _decoded(line: bytes, number: int, file: str, longest: int, returns: bool) -> str | BadRow:
    line = line.removesuffix(b"\n").removesuffix(b"\r")
    if not returns and b"\r" in line:
        return BadRow(f"{file}:{number}", "a carriage return inside the line", "remove it")
    decoded = ""
    too_long = len(line) > 4 * longest  # and may be cut inside a character
    try:
        if not too_long:
            decoded = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 (byte 0x{line[error.start]:02x})"
        return BadRow(f"{file}:{number}", problem, "save the file as UTF-8")
    if too_long or len(decoded) > longest:
        return too_long_row(f"{file}:{number}", longest)
    return decoded


def too_long_row(place: str, longest: int = LONGEST_LINE) -> BadRow:
    """Return the row at a place as one that is too long."""
    return BadRow(place, f"over {longest:,} characters", "put one sentence on each line")
