"""BLEU and chrF by sacreBLEU, with the signatures that make a score comparable."""

import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest

import pandas as pd
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest, Result

from .text import normalise, words

# The most words of each band but the last: 1–4, 5–8, 9–14 and 15+, those of the course's test
# split, which holds enough sentences of each.
BANDS = (4, 8, 14)
# Of sacreBLEU's command line: the same numbers come out there.
SEED = 12345

References = Sequence[str | Sequence[str]]


@dataclass(frozen=True)
class Scores:
    """Corpus-level scores of a set of translations, each from 0 to 100.

    Attributes:
        bleu: BLEU (Papineni et al. 2002).
        chrf: chrF2 (Popović 2015), the one to read first for Hindi.
        bleu_signature: how BLEU was computed; "intl" splits "।" from its word, "13a" does not.
        chrf_signature: how chrF was computed.
        sentences: number of sentences scored.
    """

    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str
    sentences: int


def score(hypotheses: Sequence[str], references: References) -> Scores:
    """Score translations against one reference each, or several.

    Args:
        hypotheses: translations; they and the references are normalised, see `text.normalise`.
        references: in the same order, a reference translation for each, or a list of those that
            are all good.

    Raises:
        ValueError: the two differ in number, or there are none, or a sentence has no reference.
    """
    _check(hypotheses, references)
    metrics, streams = _metrics(), _streams(references)
    hypotheses = [*map(normalise, hypotheses)]
    scores = {name: metric.corpus_score(hypotheses, streams) for name, metric in metrics.items()}
    return Scores(
        bleu=scores["BLEU"].score,
        chrf=scores["chrF"].score,
        bleu_signature=str(metrics["BLEU"].get_signature()),
        chrf_signature=str(metrics["chrF"].get_signature()),
        sentences=len(references),
    )


def score_by_length(
    sources: Sequence[str],
    hypotheses: Sequence[str],
    references: References,
    bands: Sequence[int] = BANDS,
) -> dict[str, Scores]:
    """Score translations apart by how many words their sources have.

    BLEU counts runs of up to four tokens, which the shortest sentences do not have: where no
    sentence of a band has one it is 0, however good the translations. Compare bands by chrF.

    Args:
        sources: the sentences that were translated.
        hypotheses: their translations, in the same order.
        references: as for `score`.
        bands: the most words of each band but the last, which is open; rising, each 1 or more.

    Returns:
        From the label of a band, "5–8" or "15+", to its scores, shortest first. Every sentence is
        in one band; a band without sentences is left out.

    Raises:
        ValueError: as for `score`, or the sources differ in number, or the bands do not rise.
    """
    _check(hypotheses, references)
    if len(sources) != len(references):
        raise ValueError(
            f"{len(sources)} sources for {len(references)} references: give as many of both"
        )
    if [*bands] != sorted({*bands}) or min(bands, default=1) < 1:
        raise ValueError(f"bands are {[*bands]}: give rising numbers of words, each 1 or more")
    labels = _labels(bands)
    members: dict[str, list[int]] = {label: [] for label in labels}
    for index, source in enumerate(sources):
        members[labels[bisect_left(bands, count_words(source))]].append(index)
    filled = {label: indices for label, indices in members.items() if indices}
    return score_parts(filled, hypotheses, references)


def score_parts(
    parts: Mapping[str, Sequence],
    translations: Mapping[str, str] | Sequence[str],
    references: Mapping[str, str | Sequence[str]] | References,
) -> dict[str, Scores]:
    """Score parts of a test set apart, such as its kinds.

    Args:
        parts: from the name of a part to its source sentences, or to their places.
        translations: of each source sentence; or a sequence, where the parts hold places.
        references: likewise, one for each or several.

    Returns:
        From the name of a part to its scores, in the order given.

    Raises:
        ValueError: as for `score`; a part without sentences is refused.
    """
    return {
        name: score([translations[key] for key in part], [references[key] for key in part])
        for name, part in parts.items()
    }


def count_words(sentence: str) -> int:
    """Count what `text.words` finds in a sentence, without punctuation."""
    return sum(any(map(str.isalnum, word)) for word in words(sentence))


def compare(systems: Mapping[str, Sequence[str]], references: References) -> pd.DataFrame:
    """Score several systems on the same sentences.

    Args:
        systems: from the name of a system to its translations.
        references: as for `score`.

    Returns:
        One row a system, in the order given: `chrF`, `BLEU`, `sentences`.

    Raises:
        ValueError: as for `score`; the message names the system.
    """
    for name, hypotheses in systems.items():
        _check(hypotheses, references, f"{name}: ")
    scores = [score(hypotheses, references) for hypotheses in systems.values()]
    return pd.DataFrame(
        [(one.chrf, one.bleu, one.sentences) for one in scores],
        index=pd.Index(systems, name="system"),
        columns=["chrF", "BLEU", "sentences"],
    )


def paired_bootstrap(
    baseline: Sequence[str],
    systems: Mapping[str, Sequence[str]],
    references: References,
    samples: int = 1000,
    seed: int = SEED,
) -> pd.DataFrame:
    """Test whether systems differ from a baseline by more than the choice of the sentences.

    The paired bootstrap of Koehn (2004, "Statistical significance tests for machine translation
    evaluation") as sacreBLEU runs it: as many sentences as there are, drawn with replacement, the
    same for both systems, again and again. The p-value is about the share of the draws in which
    the difference of the scores strays by more than was found; below 0.05 it is usually called
    significant. It takes some hundred sentences to mean much, and tells nothing about what another
    training of the same models would give. 1,000 draws of 2,400 sentences take 200 MB of memory.

    Args:
        baseline: translations of the system to compare with.
        systems: from the name of another system to its translations.
        references: as for `score`.
        samples: how often sentences are drawn.
        seed: of the draws, 1 or more. The environment variable SACREBLEU_SEED plays no part.

    Returns:
        One row for each `system` and `metric`, "baseline" first and chrF before BLEU: `score`;
        `mean` of the draws and the 95 % interval around it, `low` to `high`; `p_value`, NaN for
        the baseline and 1 for a score that equals the baseline's. `attrs["signatures"]` maps each
        metric to its signature.

    Raises:
        ValueError: as for `compare`; or a system is called "baseline"; or `samples` or `seed` is
            below 1.
    """
    if min(samples, seed) < 1:
        # sacreBLEU would take 1,000 samples for 0, and take the seed 0 for no seed.
        raise ValueError(f"samples is {samples} and seed is {seed}: give 1 or more for both")
    if "baseline" in systems:
        raise ValueError('a system is called "baseline", as the first row is: give another name')
    named = {"baseline": baseline, **systems}
    for name, hypotheses in named.items():
        _check(hypotheses, references, f"{name}: ")
    metrics = _metrics()
    normalised = [(name, [*map(normalise, texts)]) for name, texts in named.items()]
    with _sacrebleu_seed(seed):
        test = PairedTest(normalised, metrics, _streams(references), "bs", samples)
    signatures, results = test()
    del results["System"]
    # sacreBLEU has names of its own for the metrics, such as chrF2, and keeps their order.
    by_metric = dict(zip(metrics, results.values(), strict=True))
    rows = {
        (name, metric): _row(results[index], results[0])
        for index, name in enumerate(named)
        for metric, results in by_metric.items()
    }
    columns = ["score", "mean", "low", "high", "p_value"]
    frame = pd.DataFrame(rows, columns, dtype="float64").T.rename_axis(["system", "metric"])
    frame.attrs["signatures"] = dict(zip(metrics, map(str, signatures.values()), strict=True))
    return frame


def _metrics() -> dict[str, BLEU | CHRF]:
    return {"chrF": CHRF(), "BLEU": BLEU(tokenize="intl")}


def _streams(references: References) -> list[tuple[str | None, ...]]:
    """Return the first reference of all, then the second; None where there is none."""
    several = [[one] if isinstance(one, str) else one for one in references]
    return list(zip_longest(*(map(normalise, of_sentence) for of_sentence in several)))


def _check(hypotheses: Sequence[str], references: References, name: str = "") -> None:
    # sacreBLEU itself would leave out the sentences at the end that have no partner.
    if len(hypotheses) != len(references) or not references:
        raise ValueError(
            f"{name}{len(hypotheses)} translations for {len(references)} references: give as many "
            "of both, and at least one"
        )
    for number, one in enumerate(references, start=1):
        if not isinstance(one, str) and not one:
            raise ValueError(f"sentence {number} has no reference: give it one, or leave it out")


def _labels(bands: Sequence[int]) -> list[str]:
    fewest = [1, *(most + 1 for most in bands)]
    ends = zip(fewest, bands, strict=False)
    closed = [f"{low}–{most}" if low < most else f"{most}" for low, most in ends]
    return [*closed, f"{fewest[-1]}+"]


def _row(result: Result, baseline: Result) -> tuple[float | None, ...]:
    p_value = result.p_value
    if result is not baseline and result.score == baseline.score:
        # sacreBLEU counts the draws that stray by more than the difference found: by more than
        # none, between equal systems, is never, and it would call a system better than itself.
        p_value = 1.0
    return result.score, result.mean, result.mean - result.ci, result.mean + result.ci, p_value


@contextmanager
def _sacrebleu_seed(seed: int) -> Iterator[None]:
    """Set the environment variable that alone tells sacreBLEU its seed, and put it back."""
    before = os.environ.get("SACREBLEU_SEED")
    os.environ["SACREBLEU_SEED"] = str(seed)
    try:
        yield
    finally:
        del os.environ["SACREBLEU_SEED"]
        if before is not None:
            os.environ["SACREBLEU_SEED"] = before
