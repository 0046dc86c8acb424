"""BLEU and chrF by sacreBLEU, with the signatures that make a score comparable."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from sacrebleu.metrics import BLEU, CHRF


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


def score(hypotheses: Sequence[str], references: Sequence[str | Sequence[str]]) -> Scores:
    """Score translations against one reference each, or several.

    Args:
        hypotheses: translations, NFC text.
        references: in the same order, a reference translation for each, or a list of those that
            are all good; NFC text.

    Raises:
        ValueError: the two differ in number, or there are none.
    """
    if len(hypotheses) != len(references) or not references:
        raise ValueError(
            f"{len(hypotheses)} translations for {len(references)} references: give as many of "
            "both, and at least one"
        )
    bleu, chrf = BLEU(tokenize="intl"), CHRF()
    several = [[one] if isinstance(one, str) else one for one in references]
    # sacreBLEU wants the first reference of all, then the second; None where there is none.
    streams = list(zip_longest(*several))
    return Scores(
        bleu=bleu.corpus_score(hypotheses, streams).score,
        chrf=chrf.corpus_score(hypotheses, streams).score,
        bleu_signature=str(bleu.get_signature()),
        chrf_signature=str(chrf.get_signature()),
        sentences=len(references),
    )
