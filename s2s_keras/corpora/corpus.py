"""`Corpus`: what a corpus in memory and one that is read from its file have in common."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from ..errors import InputError
from .reading import SPLITS
from .splits import Fingerprint

if TYPE_CHECKING:
    import numpy as np


class Splits(NamedTuple):
    """The three splits of a corpus: no sentence of either language is in two of them."""

    train: "Corpus"
    dev: "Corpus"
    test: "Corpus"


class Corpus(ABC):
    """Sentences and their translations, in order. A corpus never changes after it is made.

    Attributes:
        in_memory: Whether the sentences are there all at once.
        source: The sentences, normalised.
        target: Their translations, as many and in the same order.
        name: The name of the corpus.
        licence: The licence under which the data may be used.
        given: The splits that the corpus came with; None where it came without.
        sample: The sources and the targets of enough pairs to judge the corpus by.
        skipped: How many rows were left out when it was read, by reason.
        skipped_rows: The first few rows that could not be used, each as `file:line: problem`.
        read_as: Which columns were read, where that is not plain: "columns 2 and 4 of 4".
    """

    in_memory: ClassVar[bool]
    source: Iterable[str]
    target: Iterable[str]
    name: str
    licence: str
    given: Splits | None
    sample: tuple[Sequence[str], Sequence[str]]
    skipped: Mapping[str, int]
    skipped_rows: tuple[str, ...]
    read_as: str

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of pairs."""

    @abstractmethod
    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Iterate over the pairs (source, target)."""

    def summary(self) -> str:
        """Describe the corpus in one line: pairs, columns, what was skipped and why, licence."""
        skipped = f", skipped {self.skipped_in_words()}" if self.skipped else ""
        read_as = f", {self.read_as}" if self.read_as else ""
        return f"{self.name}: {len(self):,} pairs{read_as}{skipped}, licence {self.licence}"

    def checked(self) -> Self:
        """Return the corpus itself; raise InputError where it has no pair."""
        if not len(self):
            why = self.skipped_in_words() or "no rows below the header"
            raise InputError(f"{self.name}: no usable pair ({why}); give sentences on both sides")
        return self

    def skipped_in_words(self) -> str:
        """Say how many rows were left out, and why: "2 duplicate, 1 empty side"."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self.skipped.items())

    def references(self) -> dict[str, list[str]]:
        """Return each different source sentence with all its translations, in order."""
        references = defaultdict(list)
        for source, target in self:
            references[source].append(target)
        return dict(references)

    def split(
        self,
        dev: "float | Corpus | None" = None,
        test: "float | Corpus | None" = None,
        seed: int = 0,
    ) -> Splits:
        """Split the corpus so that no sentence of either language is in two splits.

        Which split a pair is in hangs on the pair and the seed alone, see `splits.assign`: more
        pairs, fewer pairs or another order change nothing for the others. Within a split the pairs
        keep their order. A corpus that came with its splits keeps them, so that scores on it can be
        compared; where a share is 0, that split is trained on.

        Args:
            dev: For choosing a model: a share of the pairs, from 0 to below 1, or another corpus.
                None is the share `usual_share`.
            test: For judging the chosen model: a share of the pairs, or another corpus. What
                shares a sentence with it is left out of train and dev, and what shares one with dev
                is left out of train; `skipped` counts it.
            seed: The same seed gives the same split.

        Raises:
            InputError: A share is negative, or nothing is left to train on.
        """
        dev, test = (self.usual_share if part is None else part for part in (dev, test))
        given = {
            name: part.loaded()
            for name, part in (("test", test), ("dev", dev))
            if isinstance(part, Corpus)
        }
        shares = {"test": test, "dev": dev} | dict.fromkeys(given, 0.0)
        if min(shares.values()) < 0 or sum(shares.values()) >= 1:
            raise InputError(
                f"{self.name}: shares dev={dev} and test={test} leave nothing to train on; "
                "choose two shares that sum to less than 1"
            )
        parts = self._parts(shares, seed) | given
        if "test" in given:
            parts["dev"] = parts["dev"].without(given["test"], "in test")
        for name, part in given.items():
            parts["train"] = parts["train"].without(part, f"in {name}")
        return Splits(*(parts[name] for name in SPLITS))

    def seen_in(self, fingerprint: Fingerprint) -> Self:
        """Return the pairs that share a sentence with those of a fingerprint."""
        return self._choose(self._shared_with(fingerprint))

    def unseen_in(self, fingerprint: Fingerprint) -> Self:
        """Return the pairs that share no sentence with those of a fingerprint."""
        return self._choose(~self._shared_with(fingerprint))

    def without(self, other: "Corpus", reason: str) -> Self:
        """Return the pairs that share no sentence with another corpus; count the others."""
        kept = self.unseen_in(other.fingerprint())
        left_out = {reason: len(self) - len(kept)} if len(kept) < len(self) else {}
        return replace(kept, skipped={**self.skipped, **left_out})

    @classmethod
    @abstractmethod
    def from_splits(cls, parts: Splits, name: str) -> Self:
        """Make a corpus that comes with its splits."""

    @property
    @abstractmethod
    def usual_share(self) -> float:
        """The share of the pairs that dev and test hold each, where nothing else is asked for."""

    @abstractmethod
    def fingerprint(self) -> Fingerprint:
        """Return what tells whether other pairs share a sentence with these."""

    @abstractmethod
    def digest(self) -> str:
        """Return what only a corpus of the same pairs in the same order has."""

    @abstractmethod
    def loaded(self) -> "Corpus":
        """Return the same pairs in memory."""

    @abstractmethod
    def swapped(self) -> Self:
        """Return the corpus in the other direction."""

    @abstractmethod
    def _parts(self, shares: Mapping[str, float], seed: int) -> "dict[str, Corpus]":
        """Return the splits that are this corpus's own; with a share of 0, one is empty."""

    @abstractmethod
    def _shared_with(self, fingerprint: Fingerprint) -> "np.ndarray":
        """Tell for each pair whether a fingerprint knows one of its sentences: bool `(pairs,)`."""

    @abstractmethod
    def _choose(self, chosen: "np.ndarray") -> Self:
        """Return the pairs where `chosen`, bool `(pairs,)`, is true."""
