"""`load`: a corpus by its name, from a file, from two files, from a folder or an archive."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path

from ..errors import InputError
from .bad_rows import MOST_TOLD, Report
from .columns import Wanted
from .downloads import catalogue, fetch, find
from .parallel import ParallelCorpus, Splits
from .reading import SPLITS, find_splits, find_two_sides, read_aligned, read_pairs, read_split
from .sides import check_sides


def load(
    name_or_path: str | Path,
    target_path: str | Path | None = None,
    *,
    part: str = "",
    source_column: str | int | None = None,
    target_column: str | int | None = None,
    swap: bool = False,
    strict: bool = False,
) -> ParallelCorpus:
    """Load a corpus by its name, or from one file, two files, a folder or an archive.

    A file is a table with tabs (TSV), where quotes are ordinary characters; or CSV with commas or
    semicolons; or JSON lines such as {"translation": {"en": …, "hi": …}} or {"en": …, "hi": …}, or
    one JSON array of such objects; or TMX. Text is UTF-8, or UTF-16 with a byte order mark, and
    may be compressed (gz, bz2, xz). An archive (zip, tar) is read without unpacking it. HTML
    entities such as `&quot;` are decoded, and every sentence is normalised, see `text.normalise`.

    A row that cannot be used is skipped: `ParallelCorpus.skipped` counts such rows by reason, and
    `skipped_rows` has the first few. The columns are chosen by the header, the script and the words
    of the first 1,000 rows; `read_as` tells which, where that is not plain.

    Args:
        name_or_path: A name that `catalogue()` lists; or a file; or an archive or a folder with
            one table, or with one English and one Hindi text (x.en and x.hi); or a folder with a
            table or two texts for each of train, dev (or valid, validation) and test, which keeps
            these splits; or the common beginning of two texts: "x" for x.en and x.hi; or, with
            `target_path`, the text with the source sentences, one per line.
        target_path: The text with their translations, one per line, in the same order.
        part: Only those files of an archive or a folder are read whose path contains this text.
        source_column: The column of the source: a name of the header, or a number from 1.
        target_column: The column of its translation.
        swap: Whether source and target change places after reading: Hindi to English.
        strict: Whether a row that cannot be used is an error.

    Returns:
        The corpus, without duplicates and pairs with an empty side.

    Raises:
        InputError: The name, the network or a file is at fault; more than half of the rows cannot
            be used; a side has no sentences, or both are the same, or swapped.
    """
    wanted = Wanted(source_column, target_column)
    if target_path is not None:
        if part or wanted != Wanted():
            raise InputError(
                f"{target_path}: two texts have no columns and no parts; give one file, or leave "
                "out --part, --source-column and --target-column"
            )
        paths = Path(name_or_path), Path(target_path)
        corpus = _aligned(*paths, f"{paths[0].name} + {paths[1].name}", strict)
    elif named := find(str(name_or_path)):
        corpus = _from_path(fetch(named), named.name, part or named.part, wanted, strict)
        # Its columns are known, so there is nothing to tell of them.
        read_as = "" if wanted == Wanted() else corpus.read_as
        corpus = _with_licence(replace(corpus, read_as=read_as), named.licence)
    else:
        corpus = _from_path(Path(name_or_path), Path(name_or_path).name, part, wanted, strict)
    any_order = swap or wanted != Wanted()
    check_sides(corpus.source, corpus.target, corpus.name, any_order)
    return _swapped(corpus) if swap else corpus


def _from_path(path: Path, name: str, part: str, wanted: Wanted, strict: bool) -> ParallelCorpus:
    if not part and (splits := find_splits(path)):
        return _with_splits(splits, name, wanted, strict)
    if not os.path.exists(path):  # path.exists() would raise an exception for a very long name
        if two_sides := find_two_sides(path):
            return _aligned(*two_sides, name, strict)
        names = ", ".join(source.name for source in catalogue())
        raise InputError(f"{path}: no such file and no corpus of that name; the names are {names}")
    report = Report(strict)
    return _collect(read_pairs(path, report, part, wanted), report, name)


def _aligned(source: Path, target: Path, name: str, strict: bool) -> ParallelCorpus:
    report = Report(strict)
    return _collect(read_aligned(source, target, report), report, name)


def _with_splits(
    files: dict[str, list[Path]], name: str, wanted: Wanted, strict: bool
) -> ParallelCorpus:
    """Load three splits: a corpus of all their pairs that keeps them."""
    parts = []
    for split in SPLITS:
        report = Report(strict)
        parts.append(_collect(read_split(files[split], report, wanted), report, f"{name}/{split}"))
    # A split without kinds gets empty ones, so that every kind stays beside its pair.
    kinds = tuple(chain.from_iterable(part.kinds or [""] * len(part) for part in parts))
    return ParallelCorpus(
        tuple(chain.from_iterable(part.source for part in parts)),
        tuple(chain.from_iterable(part.target for part in parts)),
        name,
        skipped=dict(sum((Counter(part.skipped) for part in parts), Counter())),
        kinds=kinds if any(kinds) else (),
        given=Splits(*parts),
        skipped_rows=tuple(chain.from_iterable(part.skipped_rows for part in parts))[:MOST_TOLD],
        read_as=parts[0].read_as,
    )


def _collect(pairs: Iterable[tuple[str, ...]], report: Report, name: str) -> ParallelCorpus:
    """Make a corpus of pairs that were read; raise InputError where none of them is usable."""
    corpus = ParallelCorpus.from_pairs(pairs, name)
    corpus = replace(
        corpus,
        skipped=corpus.skipped | report.skipped,
        skipped_rows=tuple(report.skipped_rows),
        read_as=report.read_as,
    )
    if not corpus:
        why = corpus.skipped_in_words() or "no rows below the header"
        raise InputError(f"{name}: no usable pair ({why}); give sentences on both sides")
    return corpus


def _with_licence(corpus: ParallelCorpus, licence: str) -> ParallelCorpus:
    given = corpus.given and Splits(*(_with_licence(part, licence) for part in corpus.given))
    return replace(corpus, licence=licence, given=given)


def _swapped(corpus: ParallelCorpus) -> ParallelCorpus:
    """Return the corpus in the other direction."""
    told = ", ".join(filter(None, [corpus.read_as, "source and target swapped"]))
    given = corpus.given and Splits(*map(_swapped, corpus.given))
    return replace(corpus, source=corpus.target, target=corpus.source, given=given, read_as=told)
