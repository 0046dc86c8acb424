"""Counting and sampling texts that do not fit into memory, in one pass over them."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TypeVar

Item = TypeVar("Item")

MOST_PIECES = 1_000_000  # different ones that are counted at once: some 150 MB
AT_A_TIME = 10_000


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield the items in lists of `AT_A_TIME`; the last list may be shorter."""
    items = iter(items)
    while chunk := list(islice(items, AT_A_TIME)):
        yield chunk


def count(
    texts: Iterable[str], split: Callable[[str], Iterable[str]], most: int = MOST_PIECES
) -> Counter[str]:
    """Count the pieces of texts in one pass and in bounded memory (after Manku and Motwani 2002).

    Whenever more than `most` different pieces have been met, the rarer half of them is forgotten.
    So where there are that many, the count of a piece can be too small: by no more than, each
    time, the count of a piece in the middle. Pieces that are clearly commoner keep their ranks; of
    those about as rare as what was forgotten, others may be chosen than by exact counts.

    Args:
        texts: any number of them.
        split: a function that splits a text into pieces.
        most: different pieces, some more for a moment.
    """
    counts: Counter[str] = Counter()
    for chunk in chunks(texts):
        counts.update(chain.from_iterable(map(split, chunk)))
        if len(counts) > most:
            counts = Counter(dict(counts.most_common(most // 2)))
    return counts


def sample(texts: Iterable[str], most: int) -> list[str]:
    """Return all texts in order, or, of more than `most`, a random choice that is always the same.

    Each text has the same chance (reservoir sampling: Vitter 1985, algorithm R).
    """
    chance = random.Random(0)
    texts = iter(texts)
    chosen = list(islice(texts, most))
    for number, text in enumerate(texts, start=most + 1):
        place = chance.randrange(number)
        if place < most:
            chosen[place] = text
    return chosen
