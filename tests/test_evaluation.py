"""What `s2s_keras.evaluation` promises: sacreBLEU's own scores, with the signature beside them."""

import os
import subprocess
import sys

import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_keras import evaluation
from s2s_keras.corpora import load
from s2s_keras.evaluation import (
    compare,
    count_words,
    paired_bootstrap,
    score,
    score_by_length,
    score_parts,
)

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


def test_bleu_is_what_the_formula_gives_by_hand():
    # Of the runs of one, two, three and four words, 4/5, 3/4, 2/3 and 1/2 are in the reference.
    scores = score(["मैं कल घर जा रहा"], ["मैं कल घर जा रही"])
    assert scores.bleu == pytest.approx(100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** (1 / 4))


def test_chrf_is_what_the_formula_gives_by_hand():
    # Of the single, double and triple characters, 2/3, 1/2 and 0 are common; there are no longer.
    assert score(["कमल"], ["कमर"]).chrf == pytest.approx(100 * (2 / 3 + 1 / 2 + 0) / 3)


def test_a_sentence_without_any_reference_is_named():
    with pytest.raises(ValueError, match="sentence 3 has no reference"):
        score(HYPOTHESES, [*REFERENCES[:2], [], REFERENCES[3]])


SOURCES = ["Nice to meet you!", "The books are under the table.", "No.", "I like this old film."]


def test_every_sentence_is_scored_in_the_band_of_its_length():
    by_length = score_by_length(SOURCES, HYPOTHESES, REFERENCES)
    assert list(by_length) == ["1–4", "5–8"]
    assert by_length["1–4"] == score(HYPOTHESES[::2], REFERENCES[::2])
    assert by_length["5–8"] == score(HYPOTHESES[1::2], REFERENCES[1::2])


def test_bands_are_those_of_the_courses_test_split():
    test = load("course").split().test
    drawn = [pair for pair, kind in zip(test, test.kinds, strict=True) if kind != "natural"]
    source, target = zip(*drawn, strict=True)
    by_length = score_by_length(source, target, target)
    counts = {label: scores.sentences for label, scores in by_length.items()}
    assert counts == {"1–4": 440, "5–8": 800, "9–14": 720, "15+": 440}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 40), min_size=1), st.sets(st.integers(1, 30)))
def test_bands_cover_all_sentences_exactly_once(lengths, bands):
    sources = [" ".join(["word"] * length) + " ?" for length in lengths]
    texts = ["एक"] * len(lengths)
    by_length = score_by_length(sources, texts, texts, sorted(bands))
    assert sum(scores.sentences for scores in by_length.values()) == len(lengths)
    assert all(scores.sentences for scores in by_length.values())


def test_bands_are_labelled_by_their_fewest_and_most_words():
    texts = ["एक"] * 5
    sources = ["one", "one two", "one two three", "one two three four", "one two three four five"]
    assert list(score_by_length(sources, texts, texts, (1, 3))) == ["1", "2–3", "4+"]
    assert list(score_by_length(sources, texts, texts, ())) == ["1+"]


@pytest.mark.parametrize("bands", [(8, 4), (4, 4), (0, 4)])
def test_bands_that_do_not_rise_are_refused(bands):
    with pytest.raises(ValueError, match="give rising numbers of words"):
        score_by_length(SOURCES, HYPOTHESES, REFERENCES, bands)


def test_as_many_sources_as_references_are_wanted():
    with pytest.raises(ValueError, match="3 sources for 4 references"):
        score_by_length(SOURCES[:3], HYPOTHESES, REFERENCES)


@pytest.mark.parametrize(
    ("sentence", "count"),
    [("Don't go, Ravi!", 3), ("It's 5.30 p.m.", 4), ("मुझे हिंदी पसंद है।", 4), ("?!", 0), ("", 0)],
)
def test_punctuation_is_no_word(sentence, count):
    assert count_words(sentence) == count


def test_several_systems_stand_in_one_table():
    table = compare({"greedy": HYPOTHESES, "oracle": REFERENCES}, REFERENCES)
    scores = score(HYPOTHESES, REFERENCES)
    assert list(table.columns) == ["chrF", "BLEU", "sentences"]
    assert list(table.index) == ["greedy", "oracle"]
    assert tuple(table.loc["greedy"]) == (scores.chrf, scores.bleu, 4)
    assert tuple(table.loc["oracle"]) == pytest.approx((100, 100, 4))


def test_the_table_of_no_system_has_no_row():
    assert compare({}, REFERENCES).empty


def test_the_system_that_lacks_a_translation_is_named():
    systems = {"greedy": HYPOTHESES, "beam": HYPOTHESES[1:]}
    with pytest.raises(ValueError, match="beam: 3 translations for 4 references"):
        compare(systems, REFERENCES)
    with pytest.raises(ValueError, match="beam: 3 translations for 4 references"):
        paired_bootstrap(HYPOTHESES, systems, REFERENCES)
    with pytest.raises(ValueError, match="baseline: 3 translations for 4 references"):
        paired_bootstrap(HYPOTHESES[1:], {}, REFERENCES)


# Sixty sentences, each with another number, of which a system gets some wrong.
MANY = [f"उसने मुझे सुबह {number} बजे किताब नंबर {number * 7} दी।" for number in range(60)]
GOOD = ["मुझे पता नहीं।" if number % 20 == 0 else line for number, line in enumerate(MANY)]
BAD = ["मुझे पता नहीं।" if number % 3 == 1 else line for number, line in enumerate(MANY)]


def test_a_clearly_better_system_is_significantly_better():
    table = paired_bootstrap(BAD, {"good": GOOD}, MANY)
    assert list(table.index) == [
        ("baseline", "chrF"), ("baseline", "BLEU"), ("good", "chrF"), ("good", "BLEU"),
    ]  # fmt: skip
    assert (table.loc["good"].p_value < 0.01).all()
    assert table.loc["baseline"].p_value.isna().all()
    assert (table.loc["good"].low > table.loc["baseline"].high).all()


def test_a_little_better_system_is_not_significantly_better():
    other = [BAD[0], *BAD[1:4], MANY[4], *BAD[5:]]
    table = paired_bootstrap(BAD, {"other": other}, MANY)
    assert (table.loc["other"].score > table.loc["baseline"].score).all()
    assert (table.loc["other"].p_value > 0.05).all()


def test_a_system_is_not_significantly_better_than_itself():
    table = paired_bootstrap(BAD, {"again": list(BAD)}, MANY)
    assert (table.loc["again"].p_value == 1).all()
    columns = ["score", "mean", "low", "high"]
    assert table.loc["again"][columns].equals(table.loc["baseline"][columns])


def test_the_score_lies_near_the_mean_of_the_draws_and_inside_the_interval():
    table = paired_bootstrap(BAD, {"good": GOOD}, MANY)
    systems = {"baseline": score(BAD, MANY), "good": score(GOOD, MANY)}
    for name, scores in systems.items():
        assert tuple(table.loc[name].score) == (scores.chrf, scores.bleu)
    assert (table["mean"] - table.score).abs().max() < 1
    assert (table.low < table.score).all() and (table.score < table.high).all()


def test_the_bootstrap_is_the_one_of_sacrebleus_command_line(tmp_path):
    other = [line.replace("किताब", "पुस्तक") for line in MANY]
    for name, lines in {"one": MANY, "two": other, "bad": BAD, "good": GOOD}.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = (
        "one two -i bad good -m chrf bleu -tok intl --paired-bs --paired-bs-n 200 -f text -w 4"
    )
    printed = subprocess.run(
        [sys.executable, "-m", "sacrebleu", *options.split()],
        cwd=tmp_path,
        env=os.environ | {"SACREBLEU_SEED": "7", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    several = list(zip(MANY, other, strict=True))
    table = paired_bootstrap(BAD, {"good": GOOD}, several, samples=200, seed=7)
    for row in table.itertuples():
        assert f"{row.score:.4f} ({row.mean:.4f} ± {row.high - row.mean:.4f})" in printed
    for p_value in table.loc["good"].p_value:
        assert f"(p = {p_value:.4f})" in printed
    assert all(signature in printed for signature in table.attrs["signatures"].values())


def test_the_same_seed_draws_the_same_sentences():
    def draw(seed):
        return paired_bootstrap(BAD, {"good": GOOD}, MANY, samples=100, seed=seed)

    assert draw(3).equals(draw(3))
    assert not draw(3).equals(draw(4))


@pytest.mark.parametrize("before", [None, "5", "none"])
def test_the_environment_neither_changes_the_draws_nor_is_changed(monkeypatch, before):
    monkeypatch.delenv("SACREBLEU_SEED", raising=False)
    expected = paired_bootstrap(BAD, {"good": GOOD}, MANY, samples=20)
    if before:
        monkeypatch.setenv("SACREBLEU_SEED", before)
    assert paired_bootstrap(BAD, {"good": GOOD}, MANY, samples=20).equals(expected)
    assert os.environ.get("SACREBLEU_SEED") == before


def test_sentences_may_differ_in_the_number_of_their_references_in_the_bootstrap():
    several = [[line, f"{line} जी"] if index % 2 else line for index, line in enumerate(MANY)]
    table = paired_bootstrap(BAD, {"good": GOOD}, several, samples=20)
    scores = score(GOOD, several)
    assert tuple(table.loc["good"].score) == (scores.chrf, scores.bleu)
    assert "nrefs:var" in table.attrs["signatures"]["BLEU"]


def test_signatures_say_how_often_and_with_which_seed_sentences_were_drawn():
    signatures = paired_bootstrap(BAD, {}, MANY, samples=20, seed=3).attrs["signatures"]
    assert list(signatures) == ["chrF", "BLEU"]
    assert signatures["chrF"].startswith("nrefs:1|bs:20|seed:3|case:mixed|eff:yes|nc:6|nw:0")
    assert "tok:intl" in signatures["BLEU"]


def test_what_sacrebleu_would_take_for_something_else_is_refused():
    with pytest.raises(ValueError, match="seed is 0: give 1 or more"):
        paired_bootstrap(BAD, {"good": GOOD}, MANY, seed=0)
    with pytest.raises(ValueError, match="samples is 0"):
        paired_bootstrap(BAD, {"good": GOOD}, MANY, samples=0)
    with pytest.raises(ValueError, match='called "baseline"'):
        paired_bootstrap(BAD, {"baseline": GOOD}, MANY)


def test_parts_are_scored_apart_by_their_sentences_or_by_their_places():
    sources = ["one", "two", "three", "four"]
    said, good = (dict(zip(sources, of, strict=True)) for of in (HYPOTHESES, REFERENCES))
    parts = {"right": ["three"], "wrong": ["four", "one", "two"]}
    scores = score_parts(parts, said, good)
    assert [*scores] == ["right", "wrong"] and scores["right"].chrf == pytest.approx(100)
    assert scores["wrong"] == score(
        *([of[source] for source in parts["wrong"]] for of in (said, good))
    )
    places = {name: [*map(sources.index, part)] for name, part in parts.items()}
    assert score_parts(places, HYPOTHESES, REFERENCES) == scores
    with pytest.raises(ValueError, match="at least one"):
        score_parts({"none": []}, said, good)


INVISIBLE = ["\u200b", "\ufeff", "\u200e", "\u2060"]


@pytest.mark.parametrize("mark", INVISIBLE)
def test_what_no_reader_sees_changes_no_score(mark):
    references = ["आप कैसे हैं?", "मैं ठीक हूँ।", "यह मेरी किताब है।"]
    hypotheses = [references[0], "मैं अच्छा हूँ।", references[2]]
    expected = evaluation.score(hypotheses, references)
    marked = [f"{text[:3]}{mark}{text[3:]}" for text in references]
    assert evaluation.score(hypotheses, marked) == expected
    assert evaluation.score([f"{mark}{text}" for text in hypotheses], references) == expected
    tables = [
        evaluation.paired_bootstrap(hypotheses, {"other": texts}, of_texts, samples=10)
        for texts, of_texts in ((references, references), (marked, marked))
    ]
    assert tables[0].equals(tables[1])
