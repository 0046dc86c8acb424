"""`ParallelCorpus`: sentences and their translations, all in memory."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from ..errors import InputError
from ..text import normalise
from .bad_rows import MOST_TOLD
from .corpus import Corpus, Splits
from .reading import SPLITS
from .splits import Fingerprint, assign

if TYPE_CHECKING:
    import numpy as np
    import pandas


@dataclass(frozen=True)
class ParallelCorpus(Corpus):
    """Sentences and their translations, in order. A corpus never changes after it is made.

    Attributes:
        source: The sentences; `from_pairs` normalises each, see `text.normalise`.
        target: Their translations, as many and in the same order.
        name: The name of the corpus.
        licence: The licence under which the data may be used.
        skipped: How many rows were left out when it was read, by reason.
        kinds: The kind of each pair, or empty where the corpus has no kinds. In the corpus
            "course" a test pair is of the kind "pattern" or "pairing" where its pattern or its
            pairing of a verb with a noun is in no training pair that the grammar wrote, "natural"
            where it is by hand and no training pair has its frame, and "seen" otherwise.
        given: The splits that the corpus came with; None where it came without.
        skipped_rows: The first few rows that could not be used, each as `file:line: problem`.
        read_as: Which columns were read, where that is not plain: "columns 2 and 4 of 4".
    """

    in_memory: ClassVar[bool] = True
    source: tuple[str, ...]
    target: tuple[str, ...]
    name: str
    licence: str = "unknown"
    skipped: Mapping[str, int] = field(default_factory=dict, hash=False)
    kinds: tuple[str, ...] = ()
    given: "Splits | None" = field(default=None, repr=False)
    skipped_rows: tuple[str, ...] = field(default=(), repr=False)
    read_as: str = ""

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

    @classmethod
    def from_splits(cls, parts: Splits, name: str) -> "ParallelCorpus":
        """Make a corpus of all pairs of three splits, which it keeps."""
        # A split without kinds gets empty ones, so that every kind stays beside its pair.
        kinds = tuple(chain.from_iterable(part.kinds or [""] * len(part) for part in parts))
        told = tuple(chain.from_iterable(part.skipped_rows for part in parts))[:MOST_TOLD]
        return cls(
            tuple(chain.from_iterable(part.source for part in parts)),
            tuple(chain.from_iterable(part.target for part in parts)),
            name,
            skipped=dict(sum((Counter(part.skipped) for part in parts), Counter())),
            kinds=kinds if any(kinds) else (),
            given=parts,
            skipped_rows=told,
            read_as=parts.train.read_as,
        )

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

    def to_frame(self) -> "pandas.DataFrame":
        """Return a table with the columns `source` and `target` and one row per pair."""
        import pandas

        return pandas.DataFrame({"source": self.source, "target": self.target})

    def of_kind(self, kind: str) -> "ParallelCorpus":
        """Return the pairs of one kind; no pairs where the corpus has no kinds."""
        indices = [index for index, name in enumerate(self.kinds) if name == kind]
        return self._take(indices, f"{self.name}/{kind}")

    @property
    def sample(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """All of it."""
        return self.source, self.target

    @property
    def usual_share(self) -> float:
        """A tenth."""
        return 0.1

    def fingerprint(self) -> Fingerprint:
        """Return what tells whether other pairs share a sentence with these."""
        return Fingerprint.of(self.source, self.target)

    def digest(self) -> str:
        """Return what only a corpus of the same pairs in the same order has."""
        digest = hashlib.sha256()
        for source, target in self:
            digest.update(f"{source}\t{target}\n".encode())
        return digest.hexdigest()[:16]

    def loaded(self) -> "ParallelCorpus":
        """Return the corpus itself."""
        return self

    def swapped(self) -> "ParallelCorpus":
        """Return the corpus in the other direction."""
        told = ", ".join(filter(None, [self.read_as, "source and target swapped"]))
        given = self.given and Splits(*(part.swapped() for part in self.given))
        return replace(self, source=self.target, target=self.source, given=given, read_as=told)

    def _parts(self, shares: Mapping[str, float], seed: int) -> dict[str, "ParallelCorpus"]:
        if self.given and all(shares.values()):
            return self.given._asdict()
        if self.given:
            # All pairs stand in the order of the given splits: train, dev, test.
            parts, start = {}, 0
            for name, part in self.given._asdict().items():
                kept = name if shares.get(name) else "train"
                parts.setdefault(kept, []).extend(range(start, start := start + len(part)))
        else:
            parts = assign(self.source, self.target, shares, seed)
        return {name: self._take(parts.get(name, ()), f"{self.name}/{name}") for name in SPLITS}

    def _shared_with(self, fingerprint: Fingerprint) -> "np.ndarray":
        return fingerprint.shares(self.source, self.target)

    def _choose(self, chosen: "np.ndarray") -> "ParallelCorpus":
        return self._take(chosen.nonzero()[0].tolist(), self.name)

    def _take(self, indices: Iterable[int], name: str) -> "ParallelCorpus":
        indices = list(indices)
        columns = (self.source, self.target, self.kinds)
        source, target, kinds = (tuple(column[i] for i in indices if column) for column in columns)
        return ParallelCorpus(source, target, name, self.licence, kinds=kinds)
