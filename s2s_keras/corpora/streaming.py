"""`StreamedCorpus`: a corpus of any size, whose sentences stay in their file."""

import hashlib
import os
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from tqdm import tqdm

from ..errors import InputError
from ..text import normalise
from .bad_rows import Report
from .corpus import Corpus, Splits
from .parallel import ParallelCorpus
from .sides import PAIRS_TO_JUDGE_BY
from .splits import Fingerprint, assign_hashes, hash_of, key_hash

# Of dev and test each: they are held in memory, and a score gains nothing by more.
MOST_HELD_OUT = 5_000
SECONDS_IN_SILENCE = 2.0  # a pass over the file that takes longer is shown as a line


@dataclass(frozen=True, eq=False)
class StreamedCorpus(Corpus):
    """Pairs that are read from their file whenever they are needed, never all at once.

    Pairs are told apart, and splits kept free of leaks, by hashes of 64 bits. Two different
    sentences have the same one once in 2⁶⁴ / number of pairs. A byte a row stays in memory; while
    the file is read for the first time and while splits are made, up to 60 bytes. Of a folder with
    splits, dev and test are loaded; one that is not wanted is not trained on either.

    Attributes:
        read: Opens the file, and yields (source, target) for each of its rows.
        keys: The hashes of both texts' leak keys; those of all rows, also where this is a split.
        chosen: bool `(rows,)`, which of the rows are pairs of this corpus.
        files: Those that are read, and what they were then: a change could be a leak.
        contents: The digest of all rows that were read.
        sample: Some of the pairs from all parts of the file: their sources and their targets.
        sides: Which text of a row is the source, and which the target.
    """

    in_memory: ClassVar[bool] = False
    kinds: ClassVar[tuple[str, ...]] = ()
    read: Callable[[], Iterable[tuple[str, ...]]] = field(repr=False)
    keys: "_OnDisk" = field(repr=False)
    chosen: np.ndarray = field(repr=False)
    files: Mapping[Path, tuple]
    contents: str
    name: str
    licence: str = "unknown"
    given: Splits | None = field(default=None, repr=False)
    skipped: Mapping[str, int] = field(default_factory=dict)
    skipped_rows: tuple[str, ...] = field(default=(), repr=False)
    read_as: str = ""
    sample: tuple[tuple[str, ...], tuple[str, ...]] = field(default=((), ()), repr=False)
    sides: tuple[int, int] = (0, 1)
    _made: dict = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def from_rows(
        cls,
        read: Callable[..., Iterable[tuple[str, ...]]],
        files: Iterable[Path],
        name: str,
        strict: bool = False,
    ) -> "StreamedCorpus":
        """Read a file once; leave out duplicates and pairs with an empty side.

        Args:
            read: Opens the file and yields its rows, as `reading.read_pairs`; called with `report`.
            files: Those that it reads.
            name: The name of the corpus.
            strict: Whether a row that cannot be used is an error.

        Raises:
            InputError: As of `read`; or a file can be read only once.
        """
        files = {path: _state(path) for path in _all_files(files)}
        report = Report(strict)
        seen = _Seen()
        for source, target, *_ in _shown(read(report=report), f"reading {name}"):
            seen.add(normalise(source), normalise(target))
        chosen, left_out = seen.first_ones()
        return cls(
            lambda: read(report=Report()), _OnDisk(seen.keys), chosen, files, seen.digest(), name,
            skipped=left_out | report.skipped,
            skipped_rows=tuple(report.skipped_rows), read_as=report.read_as,
            sample=tuple(zip(*seen.sample, strict=True)) or ((), ()),
        )  # fmt: skip

    @classmethod
    def from_splits(cls, parts: Splits, name: str) -> "StreamedCorpus":
        """Make a corpus of a training split, which comes with a dev and a test split."""
        train, *others = parts
        given = Splits(train, *(part.loaded() for part in others))
        return replace(train, name=name, given=given)  # the train split itself has none

    @cached_property
    def _length(self) -> int:
        return int(np.count_nonzero(self.chosen))

    def __len__(self) -> int:
        """Return the number of pairs."""
        return self._length

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Read the pairs (source, target)."""
        return self._rows(self.sides, "both sides")

    @property
    def source(self) -> Iterator[str]:
        """Read the sentences, from the first one; each time this attribute is asked for."""
        return (source for (source,) in self._rows(self.sides[:1], "source side"))

    @property
    def target(self) -> Iterator[str]:
        """Read their translations, likewise."""
        return (target for (target,) in self._rows(self.sides[1:], "target side"))

    @property
    def usual_share(self) -> float:
        """A tenth; or as much less, in powers of ten, as leaves `MOST_HELD_OUT` pairs at most.

        In powers, so that a file that grows hardly ever changes its splits.
        """
        share = 0.1
        while share * len(self) > MOST_HELD_OUT:
            share /= 10
        return share

    def fingerprint(self) -> Fingerprint:
        """Return what tells whether other pairs share a sentence with these."""
        return Fingerprint(*map(np.unique, self._keys()))

    def digest(self) -> str:
        """Return what only a corpus of the same pairs in the same order has."""
        of = hashlib.sha256(f"{self.contents} {self.sides}".encode())
        of.update(np.packbits(self.chosen))
        return of.hexdigest()[:16]

    def swapped(self) -> "StreamedCorpus":
        """Return the corpus in the other direction."""
        told = ", ".join(filter(None, [self.read_as, "source and target swapped"]))
        return replace(
            self, sides=self.sides[::-1], sample=self.sample[::-1], read_as=told,
            given=self.given and Splits(*(part.swapped() for part in self.given)),
        )  # fmt: skip

    def loaded(self) -> ParallelCorpus:
        """Return the same pairs in memory."""
        pairs = [*self._rows(self.sides, "held out")] if len(self) else []
        source, target = zip(*pairs, strict=True) if pairs else ((), ())
        return ParallelCorpus(source, target, self.name, self.licence)

    def _parts(self, shares: Mapping[str, float], seed: int) -> dict[str, Corpus]:
        if self.given:
            wanted = {name: bool(share) for name, share in shares.items()} | {"train": True}
            return {
                name: part if wanted[name] else part[:0]
                for name, part in self.given._asdict().items()
            }
        asked = (*shares.items(), seed)
        if asked not in self._made:
            self._made[asked] = self._new_parts(shares, seed)
        return dict(self._made[asked])

    def _new_parts(self, shares: Mapping[str, float], seed: int) -> dict[str, Corpus]:
        places = assign_hashes([*self._keys()], shares, seed)
        is_out = np.logical_or.reduce([*places.values()])
        both = self._choose(is_out).loaded()
        held_out = {
            name: replace(both._choose(place[is_out]), name=f"{self.name}/{name}")
            for name, place in places.items()
        }
        held_out["dev"] = held_out["dev"].without(held_out["test"], "in test")
        train = self._choose(~is_out)
        for name, part in held_out.items():
            train = train.without(part, f"in {name}")
        return held_out | {"train": replace(train, name=f"{self.name}/train")}

    def _shared_with(self, fingerprint: Fingerprint) -> np.ndarray:
        return fingerprint.shares_keys(*self._keys())

    def _keys(self) -> Iterator[np.ndarray]:
        """Yield the hashes of the sources' and of the targets' keys: uint64 `(pairs,)` each."""
        return (self.keys.read(side)[self.chosen] for side in self.sides)

    def _choose(self, chosen: np.ndarray) -> "StreamedCorpus":
        rows = np.zeros_like(self.chosen)
        rows[self.chosen] = chosen
        return replace(self, chosen=rows, skipped={}, skipped_rows=())

    def _rows(self, sides: tuple[int, ...], what: str) -> Iterator[tuple[str, ...]]:
        """Read these texts of the rows that belong to this corpus."""
        changed = f"{self.name}: changed since it was read first; begin again when it is whole"
        if any(_state(path) != state for path, state in self.files.items()):
            raise InputError(changed)
        rows = _shown(self.read(), what, len(self.chosen))
        for is_chosen in self.chosen.tobytes():
            if (row := next(rows, None)) is None:
                raise InputError(changed)
            if is_chosen:
                yield tuple(normalise(row[side]) for side in sides)
        if next(rows, None) is not None:
            raise InputError(changed)


class _OnDisk:
    """Arrays of equal lengths in a file without a name, which goes when this goes."""

    def __init__(self, arrays: Sequence[array]):
        self.file, self.length = tempfile.TemporaryFile(), len(arrays[0])  # noqa: SIM115
        for one in arrays:
            one.tofile(self.file)

    def read(self, number: int) -> np.ndarray:
        self.file.seek(8 * self.length * number)
        return np.frombuffer(self.file.read(8 * self.length), "uint64")


class _Seen:
    """What is kept of the rows while a file is read for the first time."""

    def __init__(self):
        self.keys = array("Q"), array("Q")
        self.pairs = array("Q")  # hashes; 0 where a side is empty
        self.sample: list[tuple[str, str]] = []
        self.step = 1

    def add(self, source: str, target: str) -> None:
        """Take note of a row."""
        if not (source and target):
            for hashes in (*self.keys, self.pairs):
                hashes.append(0)
            return
        self.keys[0].append(key_hash(source))
        self.keys[1].append(key_hash(target))
        if len(self.pairs) % self.step == 0:
            self.sample.append((source, target))
            if len(self.sample) == 2 * PAIRS_TO_JUDGE_BY:
                del self.sample[1::2]
                self.step *= 2
        self.pairs.append(hash_of(f"{source}\t{target}"))

    def first_ones(self) -> tuple[np.ndarray, dict[str, int]]:
        """Return which rows have a pair that comes for the first time, and the others' number."""
        hashes = np.asarray(self.pairs)
        is_first = np.zeros(len(hashes), bool)
        is_first[np.unique(hashes, return_index=True)[1]] = True
        is_whole = hashes != 0
        is_first &= is_whole
        whole, first = np.count_nonzero(is_whole), np.count_nonzero(is_first)
        left_out = {"empty side": len(hashes) - whole, "duplicate": whole - first}
        return is_first, {reason: int(count) for reason, count in left_out.items() if count}

    def digest(self) -> str:
        return hashlib.sha256(self.pairs).hexdigest()[:16]


def _shown(rows: Iterable, what: str, total: int | None = None) -> Iterator:
    """Show in one line how many rows are read, and how fast."""
    yield from tqdm(
        rows, what, total, unit=" pairs", unit_scale=True, delay=SECONDS_IN_SILENCE, smoothing=0
    )


def _all_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that can be read several times; a folder's, too."""
    for path in paths:
        if os.path.isdir(path):
            yield from sorted(filter(os.path.isfile, path.iterdir()))
        elif os.path.isfile(path):
            yield path
        elif os.path.exists(path):
            raise InputError(
                f"{path}: can be read only once, and a corpus that is streamed is read several "
                "times; save it as a file"
            )


def _state(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file does; None where it is gone."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
