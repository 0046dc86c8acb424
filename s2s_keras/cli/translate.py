"""`s2s-keras translate`."""

import argparse
import contextlib
import io
import re
import sys
from collections.abc import Iterable, Iterator
from typing import BinaryIO, TextIO

from ..errors import InputError
from .inputs import Lines, how_to_decode, joined, load_translators

AT_ONCE = 1024  # lines; from a keyboard, one
CHARACTERS_AT_ONCE = 100_000  # as many as a thousand sentences have, or ten of the longest lines
# Two sentence ends, or more, with a capital letter or a Devanagari letter after them.
SEVERAL_SENTENCES = re.compile(r"[.?!।]\s+[A-Z\u0904-\u0939]")


def translate(options: argparse.Namespace) -> int:
    """Print the translation of every text, or of every line of standard input."""
    number = getattr(options, "n_best", 0)
    if number > options.beam_width:
        raise InputError(
            f"--n-best is {number}, but --beam-width is {options.beam_width}; give a beam of "
            f"{number} or more"
        )
    translator, how = joined(load_translators(options)), how_to_decode(options)
    at_keyboard = not options.text and sys.stdin is not None and sys.stdin.isatty()
    lines = Lines(*_input(options.text, at_keyboard))
    with _opened(options.output) as output:
        hinted = _with_hint(lines)
        for first, chunk in _chunks(hinted, 1 if at_keyboard else AT_ONCE):
            if number:
                found = translator.n_best(chunk, number, **how)
                printed = [row for n, best in enumerate(found, first) for row in _rows(n, best)]
            else:
                printed = translator.translate(chunk, **how)
            print(*printed, sep="\n", file=output, flush=True)
    if lines.bad:
        raise InputError(
            f"{lines.bad:,} of {lines.read:,} lines could not be read; their translations are empty"
        )
    return 0


def _input(texts: list[str], at_keyboard: bool) -> tuple[BinaryIO, str]:
    """Return the stream of lines to translate, and what messages call it."""
    if texts:
        encoded = (text.encode("utf-8", "surrogateescape").replace(b"\n", b" ") for text in texts)
        return io.BytesIO(b"".join(text + b"\n" for text in encoded)), "TEXT"
    if sys.stdin is None:
        raise InputError("standard input: closed; give a TEXT, or lines to read")
    return Prompting() if at_keyboard else sys.stdin.buffer, "standard input"


class Prompting:
    """The keyboard: asks for every line."""

    def __init__(self):
        """Say how to end."""
        print("One sentence a line; Ctrl-D ends.", file=sys.stderr)

    def readline(self, size: int) -> bytes:
        """Return the next line, or so many bytes of it."""
        print("> ", end="", file=sys.stderr, flush=True)
        return sys.stdin.buffer.readline(size)


def _with_hint(lines: Lines) -> Iterator[str]:
    """Yield the lines; say once that a line of several sentences is translated as one."""
    told = False
    for line in lines:
        if not told and len(SEVERAL_SENTENCES.findall(line)) > 1:
            told = True
            print(
                f"{lines.name}:{lines.read}: several sentences are translated as if they were one; "
                "give one sentence a line",
                file=sys.stderr,
            )
        yield line


@contextlib.contextmanager
def _opened(path: str | None) -> Iterator[TextIO]:
    """Open the file that the translations go to; standard output where there is none."""
    if path is None:
        yield sys.stdout
        return
    try:
        file = open(path, "w", encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; name a file that can be written") from error
    with file:
        yield file


def _rows(number: int, translations: list) -> list[str]:
    """Return the lines of an n-best list; an empty text has an empty translation."""
    rows = [f"{number}\t{best.score:.4f}\t{best.text}" for best in translations]
    return rows or [f"{number}\t0.0000\t"]


def _chunks(lines: Iterable[str], size: int) -> Iterator[tuple[int, list[str]]]:
    """Cut lines into lists of a size, shorter where lines are long.

    Yields:
        The number of the first line, from 1, and the lines.
    """
    chunk: list[str] = []
    first, characters = 1, 0
    for line in lines:
        chunk.append(line)
        characters += len(line)
        if len(chunk) == size or characters >= CHARACTERS_AT_ONCE:
            yield first, chunk
            first, chunk, characters = first + len(chunk), [], 0
    if chunk:
        yield first, chunk
