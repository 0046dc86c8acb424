"""`ParallelCorpus`: sentences and their translations, loaded by name or file, and its splits."""

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

from ..errors import InputError
from ..text import normalise
from .downloads import catalogue, fetch, find
from .reading import SPLITS, has_splits, read_aligned, read_pairs, read_split

if TYPE_CHECKING:
    import pandas


def load(name_or_path: str | Path, target_path: str | Path | None = None) -> "ParallelCorpus":
    """Load a corpus by its name, or from a file, or from two files.

    Args:
        name_or_path: A name that `catalogue()` lists; or a table with tabs between its columns, as
            text or .gz; or a .zip, .tgz or .tar.gz as it was downloaded; or a folder with
            train.tsv, dev.tsv and test.tsv, which keeps these splits; or, with `target_path`, the
            text with the source sentences, one per line.
        target_path: The text with their translations, one per line, in the same order.

    Raises:
        InputError: The name, the network, a file or a line is at fault; the message says which.
    """
    if target_path is not None:
        source, target = Path(name_or_path), Path(target_path)
        return _collect(read_aligned(source, target), f"{source.name} + {target.name}")
    if named := find(str(name_or_path)):
        path = fetch(named)
        if has_splits(path):
            return _with_splits(path, named.name, named.licence)
        return _collect(read_pairs(path, named.part), named.name, named.licence)
    path = Path(name_or_path)
    if has_splits(path):
        return _with_splits(path, path.name)
    if not os.path.exists(path):  # path.exists() would raise an exception for a very long name
        names = ", ".join(source.name for source in catalogue())
        raise InputError(f"{path}: no such file and no corpus of that name; the names are {names}")
    return _collect(read_pairs(path), path.name)


class Splits(NamedTuple):
    """The three splits of a corpus: no sentence of either language is in two of them."""

    train: "ParallelCorpus"
    dev: "ParallelCorpus"
    test: "ParallelCorpus"


@dataclass(frozen=True)
class ParallelCorpus:
    """Sentences and their translations, in order. A corpus never changes after it is made.

    Attributes:
        source: The sentences; `from_pairs` normalises each, see `text.normalise`.
        target: Their translations, as many and in the same order.
        name: The name of the corpus.
        licence: The licence under which the data may be used.
        skipped: How many rows were left out when it was read, by reason.
        kinds: The kind of each pair, or empty where the corpus has no kinds. In the corpus
            "course" a test pair is of the kind "pattern" or "pairing" where its pattern or its
            pairing of a verb with a noun is in no training pair, and "seen" otherwise.
        given: The splits that the corpus came with; None where it came without.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    name: str
    licence: str = "unknown"
    skipped: Mapping[str, int] = field(default_factory=dict, hash=False)
    kinds: tuple[str, ...] = ()
    given: "Splits | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raise InputError unless every sentence has one translation."""
        if len(self.source) != len(self.target):
            raise InputError(
                f"{self.name}: {len(self.source):,} source and {len(self.target):,} target "
                "sentences; give every sentence one translation"
            )

    @classmethod
    def from_pairs(
        cls, pairs: Iterable[tuple[str, ...]], name: str, licence: str = "unknown"
    ) -> "ParallelCorpus":
        """Make a corpus of normalised pairs; leave out duplicates and pairs with an empty side.

        Args:
            pairs: (source, target), or (source, target, kind).
            name: The name of the corpus.
            licence: The licence under which it may be used.

        Returns:
            The corpus; its `skipped` says how many pairs were left out, and why.
        """
        kept: dict[tuple[str, str], str] = {}
        skipped: Counter[str] = Counter()
        for source, target, *kind in pairs:
            pair = normalise(source), normalise(target)
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
        """Return the number of pairs."""
        return len(self.source)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Iterate over the pairs (source, target)."""
        return zip(self.source, self.target, strict=True)

    def __getitem__(self, index: int | slice) -> "tuple[str, str] | ParallelCorpus":
        """Return a pair (source, target) for a number, and a smaller corpus for a slice."""
        if isinstance(index, slice):
            return self._take(range(len(self))[index], self.name)
        return self.source[index], self.target[index]

    def summary(self) -> str:
        """Describe the corpus in one line: name, pairs, what was skipped and why, licence."""
        skipped = f", skipped {_counts(self.skipped)}" if self.skipped else ""
        return f"{self.name}: {len(self):,} pairs{skipped}, licence {self.licence}"

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table with the columns `source` and `target` and one row per pair."""
        import pandas

        return pandas.DataFrame({"source": self.source, "target": self.target})

    def references(self) -> dict[str, list[str]]:
        """Return each different source sentence with all its translations, in order."""
        references = defaultdict(list)
        for source, target in self:
            references[source].append(target)
        return dict(references)

    def of_kind(self, kind: str) -> "ParallelCorpus":
        """Return the pairs of one kind; no pairs where the corpus has no kinds."""
        indices = [index for index, name in enumerate(self.kinds) if name == kind]
        return self._take(indices, f"{self.name}/{kind}")

    def split(self, dev: float = 0.1, test: float = 0.1, seed: int = 0) -> Splits:
        """Split the corpus so that no sentence of either language is in two splits.

        Pairs that share a sentence, as `leak_key` compares them, form a group, and a group stays
        together. The groups go, in random order, to test where all of the group still fits, else
        to dev, else to train. So dev and test are never larger than their shares, and smaller by
        less than the smallest group in train. Within a split the pairs keep their order.

        A corpus that came with its splits keeps them, whatever the shares and the seed, so that
        scores on it can be compared.

        Args:
            dev: Share of the pairs for choosing a model, from 0 to below 1.
            test: Share of the pairs for judging the chosen model, from 0 to below 1.
            seed: The same seed gives the same split.

        Raises:
            InputError: A share is negative, or nothing is left to train on.
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
        return Splits(*(self._take(dealt[name], f"{self.name}/{name}") for name in SPLITS))

    def _take(self, indices: Iterable[int], name: str) -> "ParallelCorpus":
        indices = list(indices)
        columns = (self.source, self.target, self.kinds)
        source, target, kinds = (tuple(column[i] for i in indices if column) for column in columns)
        return ParallelCorpus(source, target, name, self.licence, kinds=kinds)


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


def _groups(*sides: tuple[str, ...]) -> list[list[int]]:
    """Group the indices of pairs that share a sentence (union-find with path halving).

    Args:
        sides: All source sentences, and all target sentences in the same order.
    """
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
    """Give each group to the first split that has room for all of it, else to train.

    Args:
        groups: Indices of pairs that stay together.
        room: How many pairs the other splits may hold, by the split's name.
    """
    dealt: dict[str, list[int]] = {"train": [], **{split: [] for split in room}}
    for group in groups:
        roomy = (split for split in room if len(dealt[split]) + len(group) <= room[split])
        dealt[next(roomy, "train")] += group
    return {split: sorted(indices) for split, indices in dealt.items()}


def _with_splits(folder: Path, name: str, licence: str = "unknown") -> ParallelCorpus:
    """Load a folder of three tables: a corpus of all their pairs that keeps its splits."""
    splits = Splits(
        *(_collect(read_split(folder, split), f"{name}/{split}", licence) for split in SPLITS)
    )
    source = tuple(chain.from_iterable(split.source for split in splits))
    target = tuple(chain.from_iterable(split.target for split in splits))
    # A split without kinds gets empty ones, so that every kind stays beside its pair.
    kinds = tuple(chain.from_iterable(split.kinds or [""] * len(split) for split in splits))
    kinds = kinds if any(kinds) else ()
    skipped = sum((Counter(split.skipped) for split in splits), Counter())
    return ParallelCorpus(source, target, name, licence, dict(skipped), kinds, splits)


def _collect(
    pairs: Iterable[tuple[str, ...]], name: str, licence: str = "unknown"
) -> ParallelCorpus:
    """Make a corpus of pairs that were read; raise InputError where none of them is usable."""
    corpus = ParallelCorpus.from_pairs(pairs, name, licence)
    if not corpus:
        why = _counts(corpus.skipped) or "no rows below the header"
        raise InputError(f"{name}: no usable pair ({why}); give sentences on both sides")
    return corpus


def _counts(skipped: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in skipped.items())
