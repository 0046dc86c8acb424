"""Parallel text: sentences and their translations, loaded from anywhere, split without leaks."""

import functools
import os
import random
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .downloads import CorpusSource, corpora, fetch, find
from .reading import (
    LONGEST_LINE,
    InputError,
    decode_line,
    has_sides,
    read_aligned,
    read_pairs,
    read_side,
)

if TYPE_CHECKING:
    import pandas

__all__ = [
    "LONGEST_LINE",
    "CorpusSource",
    "InputError",
    "ParallelCorpus",
    "Splits",
    "clean",
    "corpora",
    "decode_line",
    "leak_key",
    "load",
]


def load(name_or_path: str | Path, target_path: str | Path | None = None) -> "ParallelCorpus":
    """Load a corpus by its name, or from a file, or from two files.

    Args:
        name_or_path: A name that `corpora()` lists; or a table with tabs between its columns, as
            text or .gz; or a .zip, .tgz, .tar.gz as it was downloaded; or a folder with train.tsv,
            dev.tsv and test.tsv, whose split is kept; or, with `target_path`, the text with the
            source sentences, one a line.
        target_path: The text with their translations, line by line.

    Raises:
        InputError: What is wrong with the name, the network, the files or a line of theirs.
    """
    if target_path is not None:
        source, target = Path(name_or_path), Path(target_path)
        return _collect(read_aligned(source, target), f"{source.name} + {target.name}")
    if named := find(str(name_or_path)):
        path = fetch(named)
        if has_sides(path):
            return _with_sides(path, named.name, named.licence)
        return _collect(read_pairs(path, named.part), named.name, named.licence)
    path = Path(name_or_path)
    if has_sides(path):
        return _with_sides(path, path.name)
    if not os.path.exists(path):  # unlike path.exists(), no exception for an overlong name
        names = ", ".join(source.name for source in corpora())
        raise InputError(f"{path}: no such file and no corpus of that name; the names are {names}")
    return _collect(read_pairs(path), path.name)


class Splits(NamedTuple):
    """The three sides of a corpus: no sentence of either language stands on two of them."""

    train: "ParallelCorpus"
    dev: "ParallelCorpus"
    test: "ParallelCorpus"


@dataclass(frozen=True)
class ParallelCorpus:
    """Sentences and their translations, in order. It never changes once it is made.

    Attributes:
        source: The sentences, each NFC, one line, single spaces (see `from_pairs`).
        target: Their translations, the same number.
        name: What the corpus is called.
        licence: Under what licence the data may be used.
        skipped: Why rows were left out when it was read, and how many.
        kinds: What kind of pair each one is, where the corpus says so: in the course's corpus
            "seen", "pattern" or "pairing", by what training never shows of it. Else empty.
        given: The sides that the corpus came with, if it did.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    name: str
    licence: str = "unknown"
    skipped: Mapping[str, int] = field(default_factory=dict, hash=False)
    kinds: tuple[str, ...] = ()
    given: "Splits | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raise InputError where a sentence has no translation or a translation no sentence."""
        if len(self.source) != len(self.target):
            raise InputError(
                f"{self.name}: {len(self.source):,} source and {len(self.target):,} target "
                "sentences; give every sentence one translation"
            )

    @classmethod
    def from_pairs(
        cls, pairs: Iterable[tuple[str, ...]], name: str, licence: str = "unknown"
    ) -> "ParallelCorpus":
        """Make a corpus of clean pairs; counts those with an empty side and the duplicates.

        Args:
            pairs: (source, target), or (source, target, kind).
            name: What to call the corpus.
            licence: Under what licence it may be used.
        """
        kept: dict[tuple[str, str], str] = {}
        skipped: Counter[str] = Counter()
        for source, target, *kind in pairs:
            pair = clean(source), clean(target)
            if not all(pair):
                skipped["empty side"] += 1
            elif pair in kept:
                skipped["duplicate"] += 1
            else:
                kept[pair] = "".join(kind)
        source = tuple(source for source, _ in kept)
        target = tuple(target for _, target in kept)
        kinds = tuple(kept.values()) if any(kept.values()) else ()
        return cls(source, target, name, licence, dict(skipped), kinds)

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.source)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Go through the pairs (source, target)."""
        return zip(self.source, self.target, strict=True)

    def __getitem__(self, index: int | slice) -> "tuple[str, str] | ParallelCorpus":
        """Return one pair for a number, and a smaller corpus for a slice."""
        if isinstance(index, slice):
            return self._take(range(len(self))[index], self.name)
        return self.source[index], self.target[index]

    def summary(self) -> str:
        """Describe the corpus in one line: name, pairs, what was skipped and why, licence."""
        skipped = f", skipped {_counts(self.skipped)}" if self.skipped else ""
        return f"{self.name}: {len(self):,} pairs{skipped}, licence {self.licence}"

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table of the columns `source` and `target`, one row a pair."""
        import pandas

        return pandas.DataFrame({"source": self.source, "target": self.target})

    def references(self) -> dict[str, list[str]]:
        """Return every different source sentence with all its translations, in order."""
        references = defaultdict(list)
        for source, target in self:
            references[source].append(target)
        return dict(references)

    def of_kind(self, kind: str) -> "ParallelCorpus":
        """Return the pairs of one kind; none where the corpus does not tell kinds."""
        of_it = [index for index, name in enumerate(self.kinds) if name == kind]
        return self._take(of_it, f"{self.name}/{kind}")

    def split(self, dev: float = 0.1, test: float = 0.1, seed: int = 0) -> Splits:
        """Split the corpus so that no sentence of either language stands on two sides.

        Pairs that share a sentence, as `leak_key` compares, hang together and stay together. What
        hangs together is dealt in random order: to test where it still fits, else to dev, else to
        train. So dev and test never exceed their shares and fall short by less than the smallest
        group in train. Pairs keep their order.

        A corpus that came with its sides is split as it came, whatever the shares and the seed: its
        scores are to be compared.

        Args:
            dev: Share of the pairs for choosing a model, from 0 to 1.
            test: Share of the pairs for judging it, from 0 to 1.
            seed: The same seed gives the same split.

        Raises:
            InputError: Shares that are negative or leave nothing to train on.
        """
        if min(dev, test) < 0 or dev + test >= 1:
            raise InputError(
                f"{self.name}: shares dev={dev} and test={test} leave nothing to train on; "
                "choose two shares that sum to less than 1"
            )
        if self.given:
            return self.given
        groups = _groups(self.source, self.target)
        random.Random(seed).shuffle(groups)
        dealt = _deal(groups, {"test": round(test * len(self)), "dev": round(dev * len(self))})
        return Splits(*(self._take(dealt[side], f"{self.name}/{side}") for side in Splits._fields))

    def _take(self, indices: Iterable[int], name: str) -> "ParallelCorpus":
        indices = list(indices)
        sides = (self.source, self.target, self.kinds or ())
        source, target, kinds = (tuple(side[i] for i in indices if side) for side in sides)
        return ParallelCorpus(source, target, name, self.licence, kinds=kinds)


def clean(text: str) -> str:
    """Return the text in NFC, on one line, with single spaces and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def leak_key(sentence: str) -> str:
    """Return what makes a sentence the same sentence: "Thank you." and "thank you!" agree.

    Case, punctuation, spacing, and invisible joiners do not count; letters, marks and numbers do.
    """
    folded = unicodedata.normalize("NFC", sentence.casefold())
    return " ".join("".join(map(_letter_or_space, folded)).split())


@functools.cache
def _letter_or_space(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":  # joiners stand inside words: a space would tear the word
        return ""
    return character if category[0] in "LMN" else " "


def _groups(*sides: tuple[str, ...]) -> list[list[int]]:
    """Group the pairs that are linked by shared sentences (union-find with path halving)."""
    parent = list(range(len(sides[0])))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = index = parent[parent[index]]
        return index

    for sentences in sides:
        first: dict[str, int] = {}
        for index, sentence in enumerate(sentences):
            parent[root(index)] = root(first.setdefault(leak_key(sentence), index))
    groups = defaultdict(list)
    for index in range(len(parent)):
        groups[root(index)].append(index)
    return list(groups.values())


def _deal(groups: list[list[int]], room: dict[str, int]) -> dict[str, list[int]]:
    """Give each group to the first side that has room for all of it, else to train."""
    dealt: dict[str, list[int]] = {"train": [], **{side: [] for side in room}}
    for group in groups:
        side = next((side for side in room if len(group) <= room[side] - len(dealt[side])), "train")
        dealt[side] += group
    return {side: sorted(indices) for side, indices in dealt.items()}


def _with_sides(folder: Path, name: str, licence: str = "unknown") -> ParallelCorpus:
    sides = Splits(
        *(_collect(read_side(folder, side), f"{name}/{side}", licence) for side in Splits._fields)
    )
    source = tuple(chain.from_iterable(side.source for side in sides))
    target = tuple(chain.from_iterable(side.target for side in sides))
    # One side may tell kinds where another does not: each pair keeps its place.
    kinds = tuple(chain.from_iterable(side.kinds or [""] * len(side) for side in sides))
    kinds = kinds if any(kinds) else ()
    skipped = sum((Counter(side.skipped) for side in sides), Counter())
    return ParallelCorpus(source, target, name, licence, dict(skipped), kinds, sides)


def _collect(
    pairs: Iterable[tuple[str, ...]], name: str, licence: str = "unknown"
) -> ParallelCorpus:
    corpus = ParallelCorpus.from_pairs(pairs, name, licence)
    if not corpus:
        why = _counts(corpus.skipped) or "no rows below the header"
        raise InputError(f"{name}: no usable pair ({why}); give sentences on both sides")
    return corpus


def _counts(skipped: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in skipped.items())
