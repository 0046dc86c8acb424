"""Reference translations from texts, several for a sentence: what `evaluation.score` takes."""

from pathlib import Path

from ..errors import InputError
from ..text import normalise
from .entities import decode_entities
from .lines import read_lines


def read_references(first: str | Path, *further: str | Path) -> list[list[str]]:
    """Read reference translations from texts, plain or .gz, whose line N is for sentence N.

    Args:
        first: the text with a reference for every sentence.
        further: texts with a further reference each; an empty line where there is none.

    Returns:
        The references of each sentence, normalised and without HTML entities, as
        `evaluation.score` takes them.

    Raises:
        InputError: a text cannot be read, or lacks a line, or the first has an empty one.
    """
    references = [[line] for line in _read(first)]
    if [""] in references:
        raise InputError(
            f"{first}:{references.index(['']) + 1}: an empty line; the first file must have a "
            "reference for every sentence"
        )
    for path in further:
        lines = _read(path)
        if len(lines) != len(references):
            counts = {first: len(references), path: len(lines)}
            short, long = sorted(counts, key=counts.get)
            raise InputError(
                f"{long}:{counts[short] + 1}: {short} ends before this line; give line N of both "
                "to sentence N, and leave it empty where there is no further reference"
            )
        for of_sentence, line in zip(references, lines, strict=True):
            of_sentence += [line] if line else []
    return references


def _read(path: str | Path) -> list[str]:
    return [normalise(decode_entities(line)) for line in read_lines(Path(path))]
