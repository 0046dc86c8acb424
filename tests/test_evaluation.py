"""What `s2s_keras.evaluation` promises: sacreBLEU's own scores, with the signature beside them."""

import pytest
import sacrebleu

from s2s_keras.evaluation import score

REFERENCES = [
    "आपसे मिलकर बहुत अच्छा लगा।",
    "किताबें मेज़ के नीचे रखी हैं।",
    "क्या आप कल सुबह आ सकते हैं?",
    "मुझे यह पुरानी फ़िल्म पसंद है।",
]
HYPOTHESES = [
    "आपसे मिलकर बहुत ख़ुशी हुई।",
    "किताबें मेज़ के ऊपर रखी हैं।",
    "क्या आप कल सुबह आ सकते हैं?",
    "यह फ़िल्म पुरानी है।",
]


def test_scores_are_those_of_sacrebleu():
    scores = score(HYPOTHESES, REFERENCES)
    bleu = sacrebleu.corpus_bleu(HYPOTHESES, [REFERENCES], tokenize="intl")
    chrf = sacrebleu.corpus_chrf(HYPOTHESES, [REFERENCES])
    assert 20 < scores.bleu < scores.chrf < 90
    assert (scores.bleu, scores.chrf) == (bleu.score, chrf.score)
    assert scores.sentences == 4


def test_a_perfect_translation_scores_100():
    scores = score(REFERENCES, REFERENCES)
    assert scores.bleu == pytest.approx(100)
    assert scores.chrf == pytest.approx(100)


def test_empty_translations_score_0():
    scores = score([""] * 4, REFERENCES)
    assert (scores.bleu, scores.chrf) == (0, 0)


def test_the_danda_is_a_token_of_its_own():
    apart = [reference.replace("।", " ।") for reference in REFERENCES]
    assert score(apart, REFERENCES).bleu == pytest.approx(100)
    assert sacrebleu.corpus_bleu(apart, [REFERENCES], tokenize="13a").score < 90


def test_signatures_say_how_it_was_scored():
    scores = score(HYPOTHESES, REFERENCES)
    version = sacrebleu.__version__
    assert (
        scores.bleu_signature == f"nrefs:1|case:mixed|eff:no|tok:intl|smooth:exp|version:{version}"
    )
    assert (
        scores.chrf_signature == f"nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:{version}"
    )


@pytest.mark.parametrize("hypotheses", [HYPOTHESES[:3], [*HYPOTHESES, "नमस्ते"], []])
def test_as_many_translations_as_references_are_wanted(hypotheses):
    with pytest.raises(ValueError, match=f"{len(hypotheses)} translations for 4 references"):
        score(hypotheses, REFERENCES)


def test_a_translation_that_equals_the_second_reference_scores_100():
    several = [[other, reference] for other, reference in zip(HYPOTHESES, REFERENCES, strict=True)]
    assert score(REFERENCES, several).bleu == pytest.approx(100)
    assert score(REFERENCES, several).chrf == pytest.approx(100)


def test_sentences_may_differ_in_the_number_of_their_references():
    several = [[REFERENCES[0], HYPOTHESES[0]], *REFERENCES[1:]]
    streams = [REFERENCES, [HYPOTHESES[0], None, None, None]]
    scores = score(HYPOTHESES, several)
    assert scores.bleu == sacrebleu.corpus_bleu(HYPOTHESES, streams, tokenize="intl").score
    assert scores.chrf == sacrebleu.corpus_chrf(HYPOTHESES, streams).score
    assert scores.chrf > score(HYPOTHESES, REFERENCES).chrf
    assert (scores.sentences, "nrefs:var" in scores.bleu_signature) == (4, True)


def test_one_reference_in_a_list_is_one_reference():
    assert score(HYPOTHESES, [[one] for one in REFERENCES]) == score(HYPOTHESES, REFERENCES)


def test_nothing_cannot_be_scored():
    with pytest.raises(ValueError, match="at least one"):
        score([], [])
