"""`ParallelCorpus`: sentences and their translations, in order, and the splits of a corpus."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InputError
from ..text import normalise
from .reading import SPLITS
from .splits import Fingerprint, assign

if TYPE_CHECKING:
    import pandas


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
            pairing of a verb with a noun is in no training pair that the grammar wrote, "natural"
            where it is by hand and no training pair has its frame, and "seen" otherwise.
        given: The splits that the corpus came with; None where it came without.
        skipped_rows: The first few rows that could not be used, each as "file:line: problem".
        read_as: Which columns were read, where that is not plain: "columns 2 and 4 of 4".
    """

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
        """Describe the corpus in one line: pairs, columns, what was skipped and why, licence."""
        skipped = f", skipped {self.skipped_in_words()}" if self.skipped else ""
        read_as = f", {self.read_as}" if self.read_as else ""
        return f"{self.name}: {len(self):,} pairs{read_as}{skipped}, licence {self.licence}"

    def skipped_in_words(self) -> str:
        """Say how many rows were left out, and why: "2 duplicate, 1 empty side"."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self.skipped.items())

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

    def split(
        self,
        dev: "float | ParallelCorpus" = 0.1,
        test: "float | ParallelCorpus" = 0.1,
        seed: int = 0,
    ) -> Splits:
        """Split the corpus so that no sentence of either language is in two splits.

        Which split a pair is in hangs on the pair and the seed alone, see `splits.assign`: more
        pairs, fewer pairs or another order change nothing for the others. Within a split the pairs
        keep their order. A corpus that came with its splits keeps them, so that scores on it can be
        compared; where a share is 0, that split is trained on.

        Args:
            dev: For choosing a model: a share of the pairs, from 0 to below 1, or another corpus.
            test: For judging the chosen model: a share of the pairs, or another corpus. What
                shares a sentence with it is left out of train and dev, and what shares one with dev
                is left out of train; `skipped` counts it.
            seed: The same seed gives the same split.

        Raises:
            InputError: A share is negative, or nothing is left to train on.
        """
        shares = {
            name: 0.0 if isinstance(part, ParallelCorpus) else part
            for name, part in (("test", test), ("dev", dev))
        }
        if min(shares.values()) < 0 or sum(shares.values()) >= 1:
            raise InputError(
                f"{self.name}: shares dev={dev} and test={test} leave nothing to train on; "
                "choose two shares that sum to less than 1"
            )
        parts = self._parts(shares, seed)
        parts |= {"dev": dev} if isinstance(dev, ParallelCorpus) else {}
        parts |= {"test": test} if isinstance(test, ParallelCorpus) else {}
        if isinstance(test, ParallelCorpus):
            parts["dev"] = parts["dev"]._without(test, "in test")
        for name, part in (("test", test), ("dev", dev)):
            if isinstance(part, ParallelCorpus):
                parts["train"] = parts["train"]._without(part, f"in {name}")
        return Splits(*(parts[name] for name in SPLITS))

    def _parts(self, shares: Mapping[str, float], seed: int) -> dict[str, "ParallelCorpus"]:
        """Return the splits that are this corpus's own; with a share of 0, one is empty."""
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

    def fingerprint(self) -> Fingerprint:
        """Return what tells whether other pairs share a sentence with these."""
        return Fingerprint.of(self.source, self.target)

    def seen_in(self, fingerprint: Fingerprint) -> "ParallelCorpus":
        """Return the pairs that share a sentence with those of a fingerprint."""
        seen = fingerprint.shares(self.source, self.target)
        return self._take(seen.nonzero()[0].tolist(), self.name)

    def unseen_in(self, fingerprint: Fingerprint) -> "ParallelCorpus":
        """Return the pairs that share no sentence with those of a fingerprint."""
        unseen = ~fingerprint.shares(self.source, self.target)
        return self._take(unseen.nonzero()[0].tolist(), self.name)

    def _without(self, other: "ParallelCorpus", reason: str) -> "ParallelCorpus":
        kept = self.unseen_in(other.fingerprint())
        left_out = {reason: len(self) - len(kept)} if len(kept) < len(self) else {}
        return replace(kept, skipped={**self.skipped, **left_out})

    def _take(self, indices: Iterable[int], name: str) -> "ParallelCorpus":
        indices = list(indices)
        columns = (self.source, self.target, self.kinds)
        source, target, kinds = (tuple(column[i] for i in indices if column) for column in columns)
        return ParallelCorpus(source, target, name, self.licence, kinds=kinds)
