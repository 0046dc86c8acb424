"""Which split a pair is in, and which pairs a model has seen: both hang on the sentences alone."""

from __future__ import annotations

import functools
import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# Pairs that are linked by shared sentences stay together. In a large corpus "Yes." and "OK." link
# thousands of them, which would overflow a test split: so large a group is trained on.
LARGEST_GROUP = 20


def leak_key(sentence: str) -> str:
    """Return the key that two sentences share if they are the same: "Thank you." and "thank you!".

    Case, punctuation, spacing and invisible joiners do not count; letters, marks and numbers do.
    """
    folded = unicodedata.normalize("NFC", sentence.casefold())
    return " ".join("".join(map(_letter_or_space, folded)).split())


@functools.cache
def _letter_or_space(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":  # a joiner is inside a word: a space would divide the word
        return ""
    return character if category[0] in "LMN" else " "


def assign(
    source: Sequence[str], target: Sequence[str], shares: Mapping[str, float], seed: int
) -> dict[str, list[int]]:
    """Assign each pair to a split by a hash of its source sentence and the seed.

    So a pair stays where it is when other pairs come, go or change places. Pairs that share a
    sentence, as `leak_key` compares them, form a group, and a group stays together: its place is
    that of the sentence whose hash is the smallest. A group of more than `LARGEST_GROUP` pairs is
    always in "train".

    Args:
        source: sentences.
        target: their translations.
        shares: of splits other than "train", such as {"test": 0.1, "dev": 0.1}.
        seed: another seed gives other splits.

    Returns:
        From the name of each split to the indices of its pairs, rising. A split holds its share
        of the groups on average; not exactly.
    """
    keys = [*map(leak_key, source)], [*map(leak_key, target)]
    indices: dict[str, list[int]] = {name: [] for name in ("train", *shares)}
    for group in _groups(*keys):
        name = "train"
        if len(group) <= LARGEST_GROUP:
            name = _split_of(min(hash_of(keys[0][index]) for index in group), shares, seed)
        indices[name] += group
    return {name: sorted(group) for name, group in indices.items()}


def assign_hashes(
    keys: Sequence[np.ndarray], shares: Mapping[str, float], seed: int
) -> dict[str, np.ndarray]:
    """Assign each pair to a split by its keys alone, where sentences are too many to be grouped.

    A pair whose sentences no other pair shares is where `assign` puts it. Of pairs that do share a
    sentence, only those with one source sentence are sure to be together: what shares a sentence
    with a split that is held out has still to be left out of the others. As in `assign`, a sentence
    of more than `LARGEST_GROUP` pairs is always in "train".

    Args:
        keys: of the sources, and of the targets: uint64 `(pairs,)` each, see `key_hash`.
        shares: as in `assign`.
        seed: likewise.

    Returns:
        From the name of each split in `shares` to a boolean array `(pairs,)`: which are in it.
    """
    import numpy as np

    names = ["train", *shares]
    drawn = (names.index(_split_of(int(key), shares, seed)) for key in keys[0])
    places = np.fromiter(drawn, "int8", len(keys[0]))
    for side in keys:
        of_held_out = among(side, np.unique(side[places > 0]))
        shared, counts = np.unique(side[of_held_out], return_counts=True)
        places[among(side, shared[counts > LARGEST_GROUP])] = 0
    return {name: places == names.index(name) for name in shares}


def _split_of(key_hash: int, shares: Mapping[str, float], seed: int) -> str:
    # Hashed again with the seed: the smallest of several hashes is itself no even draw.
    place = hash_of(f"{seed} {key_hash}") / 2**64
    for name, share in shares.items():
        if place < share:
            return name
        place -= share
    return "train"


def hash_of(text: str) -> int:
    """Return a 64-bit number that depends on the text alone, unlike Python's own `hash`."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def key_hash(sentence: str) -> int:
    """Return the 64-bit hash of a sentence's leak key."""
    return hash_of(leak_key(sentence))


def among(hashes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Tell for each hash whether it is among known ones, which rise: boolean `(hashes,)`.

    NumPy's own `isin` would sort all hashes, and hold them several times.
    """
    import numpy as np

    if not len(known):
        return np.zeros(len(hashes), bool)
    places = np.searchsorted(known, hashes)
    places[places == len(known)] = 0
    return known[places] == hashes


def _groups(*sides: Sequence[str]) -> list[list[int]]:
    """Group the indices of pairs that share a key (union-find with path halving).

    Args:
        sides: The keys of all source sentences, and those of all target sentences.
    """
    parent = list(range(len(sides[0])))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = index = parent[parent[index]]
        return index

    for keys in sides:
        first: dict[str, int] = {}
        for index, key in enumerate(keys):
            parent[root(index)] = root(first.setdefault(key, index))
    groups = defaultdict(list)
    for index in range(len(parent)):
        groups[root(index)].append(index)
    return list(groups.values())


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """The sentences of some pairs as hashes: it tells whether a pair shares one of them.

    Two different sentences have the same hash once in 2⁶⁴ / number of sentences.

    Attributes:
        source: 64-bit hashes of the leak keys of the source sentences, rising, uint64.
        target: the same of the target sentences.
    """

    source: np.ndarray
    target: np.ndarray

    @classmethod
    def of(cls, source: Iterable[str], target: Iterable[str]) -> Fingerprint:
        """Return the fingerprint of pairs."""
        import numpy as np

        return cls(np.unique(_hashes(source)), np.unique(_hashes(target)))

    def __or__(self, other: Fingerprint) -> Fingerprint:
        """Return the fingerprint of the pairs of both."""
        import numpy as np

        return Fingerprint(
            np.union1d(self.source, other.source), np.union1d(self.target, other.target)
        )

    def shares(self, source: Iterable[str], target: Iterable[str]) -> np.ndarray:
        """Tell for each pair whether one of its sentences is among these: boolean `(pairs,)`."""
        return self.shares_keys(_hashes(source), _hashes(target))

    def shares_keys(self, source: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Do as `shares` for pairs whose keys' hashes are known: uint64 `(pairs,)` each."""
        return among(source, self.source) | among(target, self.target)


def _hashes(sentences: Iterable[str]) -> np.ndarray:
    import numpy as np

    return np.fromiter(map(key_hash, sentences), dtype="uint64")
