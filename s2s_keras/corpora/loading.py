"""`load`: a corpus by its name, from a file, from two files, from a folder or an archive."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..errors import InputError
from .bad_rows import Report
from .columns import Wanted
from .corpus import Corpus, Splits
from .downloads import catalogue, fetch, find
from .parallel import ParallelCorpus
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
    stream: bool = False,
) -> Corpus:
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
        stream: Whether the sentences stay in their file, and are read whenever they are needed: for
            a corpus that is larger than memory.

    Returns:
        The corpus, without duplicates and pairs with an empty side: a `ParallelCorpus`, or, with
        `stream`, a `StreamedCorpus`.

    Raises:
        InputError: The name, the network or a file is at fault; more than half of the rows cannot
            be used; a side has no sentences, or both are the same, or swapped.
    """
    make = partial(_streamed if stream else _collected, strict)
    wanted = Wanted(source_column, target_column)
    if target_path is not None:
        if part or wanted != Wanted():
            raise InputError(
                f"{target_path}: two texts have no columns and no parts; give one file, or leave "
                "out --part, --source-column and --target-column"
            )
        paths = Path(name_or_path), Path(target_path)
        corpus = _aligned(*paths, f"{paths[0].name} + {paths[1].name}", make)
    elif named := find(str(name_or_path)):
        corpus = _from_path(fetch(named), named.name, part or named.part, wanted, make)
        # Its columns are known, so there is nothing to tell of them.
        read_as = "" if wanted == Wanted() else corpus.read_as
        corpus = _with_licence(replace(corpus, read_as=read_as), named.licence)
    else:
        corpus = _from_path(Path(name_or_path), Path(name_or_path).name, part, wanted, make)
    any_order = swap or wanted != Wanted()
    check_sides(*corpus.sample, corpus.name, any_order)
    return corpus.swapped() if swap else corpus


def _from_path(path: Path, name: str, part: str, wanted: Wanted, make: Callable) -> Corpus:
    if not part and (splits := find_splits(path)):
        read = {split: partial(read_split, splits[split], wanted=wanted) for split in SPLITS}
        parts = [make(read[split], splits[split], f"{name}/{split}") for split in SPLITS]
        return type(parts[0]).from_splits(Splits(*parts), name)
    if not os.path.exists(path):  # path.exists() would raise an exception for a very long name
        if two_sides := find_two_sides(path):
            return _aligned(*two_sides, name, make)
        names = ", ".join(source.name for source in catalogue())
        raise InputError(f"{path}: no such file and no corpus of that name; the names are {names}")
    return make(partial(read_pairs, path, part=part, wanted=wanted), [path], name)


def _aligned(source: Path, target: Path, name: str, make: Callable) -> Corpus:
    return make(partial(read_aligned, source, target), [source, target], name)


def _collected(strict: bool, read: Callable, files: list[Path], name: str) -> ParallelCorpus:
    """Make a corpus of what a function reads; raise InputError where none of it is usable."""
    report = Report(strict)
    corpus = ParallelCorpus.from_pairs(read(report=report), name)
    corpus = replace(
        corpus,
        skipped=corpus.skipped | report.skipped,
        skipped_rows=tuple(report.skipped_rows),
        read_as=report.read_as,
    )
    return corpus.checked()


def _streamed(strict: bool, read: Callable, files: list[Path], name: str) -> Corpus:
    """Make a corpus that goes on reading its files."""
    from .streaming import StreamedCorpus  # with NumPy, for which a `--help` need not wait

    return StreamedCorpus.from_rows(read, files, name, strict).checked()


def _with_licence(corpus: Corpus, licence: str) -> Corpus:
    if corpus.given is None:
        return replace(corpus, licence=licence)
    given = Splits(*(_with_licence(part, licence) for part in corpus.given))
    return replace(corpus, licence=licence, given=given)
