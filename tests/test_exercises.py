"""The workshop's exercise sheet: each answer is what code computes from the sheet."""

import itertools
import math
import re
from collections import Counter

import numpy as np
import pytest
from reading_notebooks import FOLDER, ROOT, read
from test_prose import numbers_shown

from s2s_keras import text
from s2s_keras.losses import masked_cross_entropy

PARTS = re.compile(r"^### (\d+)\. ([^\n]*)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def parts(name: str) -> dict[int, str]:
    sheet = (ROOT / "workshop" / name).read_text(encoding="utf-8")
    return {int(number): body for number, _, body in PARTS.findall(sheet)}


ASKED, ANSWERED = parts("exercises.md"), parts("answers.md")


def table(body: str, which: int = 0) -> list[list[str]]:
    """The cells of a part's table, without the line below its head."""
    found = [block for block in body.strip().split("\n\n") if block.startswith("|")]
    rows = [row.strip("|").split("|") for row in found[which].splitlines()]
    return [[cell.strip() for cell in row] for row in rows if not set("".join(row)) <= set("-|")]


def number(cell: str) -> float:
    return float(cell.replace("−", "-"))


def told(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def test_every_exercise_has_its_answer_under_the_same_title():
    titles = [
        re.findall(r"^### .*$", (ROOT / "workshop" / name).read_text(encoding="utf-8"), re.M)
        for name in ("exercises.md", "answers.md")
    ]
    assert titles[0] == titles[1] and len(titles[0]) == len(ASKED) == 14


def test_1_three_lines_and_all_cross():
    english, hindi = table(ASKED[1])
    assert english == ["Nice", "to", "meet", "you"]
    lines = re.findall(r"(\w+) – ([\u0900-\u097f]+)", ANSWERED[1])
    places = [(english.index(e), [h.split()[0] for h in hindi].index(h)) for e, h in lines]

    def cross(one, other):
        return (one[0] - other[0]) * (one[1] - other[1]) < 0

    assert len(places) == 3
    assert all(any(cross(one, other) for other in places) for one in places)
    without = (
        {*english} - {e for e, _ in lines},
        {h.split()[0] for h in hindi} - {*dict(lines).values()},
    )
    assert without == ({"to"}, {"लगा"})


def test_2_the_rectangle():
    words, ids = table(ASKED[2])
    id_of = dict(zip(words, map(int, ids), strict=True))
    sentences = re.findall(r"^- (.*?।)", ASKED[2], re.MULTILINE)
    rows = [
        [2, *(id_of.get(word, 1) for word in text.words(sentence)), 3] for sentence in sentences
    ]
    padded = [row + [0] * (max(map(len, rows)) - len(row)) for row in rows]
    assert [[int(cell) for cell in row] for row in table(ANSWERED[2])[1:]] == padded
    unknown = [word for sentence in sentences for word in text.words(sentence) if word not in id_of]
    assert unknown == ["नई"] and ANSWERED[2].count("नई (new) cannot come back") == 1


def softmax(logits):
    powers = np.exp(np.asarray(logits, float))
    return powers / powers.sum()


def test_3_the_softmax():
    first = [told(p) for p in softmax([2, 1, -1])]
    assert first == [told(p) for p in softmax([7, 6, 4])]
    assert "{}, {} and {}.".format(*first) in ANSWERED[3]


def test_4_the_mask():
    labels, p = table(ASKED[4])
    p = np.array([*map(number, p[1:])])
    is_word = np.array([label == "word" for label in labels[1:]])
    # Two classes: the right one has p, and the other one the rest.
    logits = np.log(np.stack([1 - p, p], -1))[None]
    right = np.where(is_word, 1, 0)[None]
    masked = float(masked_cross_entropy(right, logits))
    means = [masked, masked * is_word.mean(), -np.log(p).mean()]
    assert re.findall(r"^\d\. (.*)$", ANSWERED[4], re.MULTILINE) == [told(m, 2) for m in means]


def test_5_the_beam_of_two():
    rows, second, found = table(ASKED[5])[1:], None, {}
    seconds = {}
    for word, p, third, p_third in rows:
        if word:
            second, seconds[word.split()[0]] = word.split()[0], number(p)
        found[f"{second} {third.split()[0]}"] = seconds[second] * number(p_third)
    greedy = max(seconds, key=seconds.get)
    best_of_greedy = max((words for words in found if words.startswith(greedy)), key=found.get)
    assert f"ये {best_of_greedy}:" in ANSWERED[5]
    assert f"= {found[best_of_greedy]:.4f}." in ANSWERED[5]
    for words in sorted(found, key=found.get)[-2:]:
        kept = f"{words} with {found[words]:.4f}, logarithm {told(math.log(found[words]), 2)}"
        assert kept in " ".join(ANSWERED[5].split())


def test_6_the_lstm_is_keras_s():
    keras = pytest.importorskip("keras")
    forget, entry, candidate, output = ([*map(number, row[1:4])] for row in table(ASKED[6])[1:])
    in_keras_s_order = [entry, forget, candidate, output]
    weights = np.array(in_keras_s_order, "float32").T
    layer = keras.layers.LSTM(1, return_state=True)
    layer.build((1, 1, 1))
    layer.set_weights([weights[:1], weights[1:2], weights[2]])
    x, h, c = (float(n) for n in re.findall(r"\*[xhc]\* = (\d(?:\.\d)?)", ASKED[6]))
    states = [np.array([[n]], "float32") for n in (h, c)]
    _, hidden, cell = layer(np.array([[[x]]], "float32"), initial_state=states)
    said = " ".join(ANSWERED[6].split())
    assert f"new cell state is {told(float(cell[0, 0]))}" in said
    assert f"new hidden state is {told(float(hidden[0, 0]))}" in said
    for (w, u, b), name in (
        (forget, "forget gate"),
        (entry, "input gate"),
        (output, "output gate"),
    ):
        z = w * x + u * h + b
        opened = told(1 / (1 + math.exp(-z)))
        assert f"{name} has *z* = {told(z, 1).removesuffix('.0')} and is {opened}" in said


def test_7_the_clipped_precision():
    sentences = [re.match(r"[^(]*।", row[1])[0] for row in table(ASKED[7])[1:]]
    said, reference = map(text.words, sentences)
    for n, kind in ((1, "words"), (2, "pairs")):
        grams = [Counter(zip(*(s[i:] for i in range(n)), strict=False)) for s in (said, reference)]
        right = (grams[0] & grams[1]).total()
        assert f"{right} of {grams[0].total()} {kind}" in ANSWERED[7]


def test_8_the_attention():
    state, *outputs = (
        np.array([int(a), int(b)]) for a, b in re.findall(r"\((\d), (\d)\)", ASKED[8])
    )
    scores = np.array(outputs) @ state
    weights = softmax(scores)
    context = weights @ np.array(outputs)
    assert "are {}, {} and {},".format(*scores) in ANSWERED[8]
    assert "weights {}, {} and {}.".format(*map(told, weights)) in ANSWERED[8]
    assert "({}, {})".format(*map(told, context)) in ANSWERED[8]


def questions(body: str) -> list[str]:
    """The numbered parts of an exercise, each on one line."""
    found = re.split(r"^\d\. ", body, flags=re.MULTILINE)[1:]
    return [" ".join(one.split("\n\n")[0].split()) for one in found]


def test_9_the_order_is_made_of_the_words_that_are_given():
    given = [re.findall(r"([\u0900-\u097f]+) \(", one) for one in questions(ASKED[9])]
    ordered = [text.words(one)[:-1] for one in questions(ANSWERED[9])]
    assert [sorted(words) for words in given] == [sorted(words) for words in ordered]


@pytest.fixture(scope="module")
def translators():
    pytest.importorskip("tensorflow")
    from s2s_keras.translator import Translator

    return {name: Translator.load(name) for name in ("course-attention", "course-lstm")}


def test_9_the_translators_order_the_words_alike(translators):
    english = [re.match(r"\*(.*?)\*", one)[1] for one in questions(ASKED[9])]
    for translator in translators.values():
        assert translator.translate(english) == questions(ANSWERED[9])


def test_10_the_endings_are_the_translator_s(translators):
    english = [f"My {person} is making tea in the kitchen." for person in ("sister", "brother")]
    filled = [
        one.replace("…", ending)
        for one, ending in zip(questions(ASKED[10]), ["रही", "रहा"], strict=True)
    ]
    assert translators["course-attention"].translate(english) == filled
    assert re.findall(r"^\d\. (.*)$", ANSWERED[10], re.MULTILINE) == ["रही", "रहा"]


def test_11_the_words_that_it_reads(translators):
    words = re.search(r"\*([\w, \n]+)\*", ASKED[11])[1].replace("\n", " ").split(", ")
    tokens = translators["course-attention"].source_tokenizer.tokens
    known = {word for word in words if tokens(word) == [word]}
    knows, reads = ANSWERED[11].split("It reads")
    assert {*re.findall(r"\*(\w+)\*", knows)} == known
    assert {*re.findall(r"\*(\w+)\*", reads)} == {*words} - known


def test_12_greedy_and_the_beam(translators):
    sentence, lstm = ["These are not our computers."], translators["course-lstm"]
    assert ASKED[12].count(sentence[0]) == 2
    both = [*lstm.translate(sentence), *lstm.translate(sentence, beam_width=5)]
    assert ANSWERED[12].strip().startswith("{} and {}".format(*both))


def test_13_the_table_of_notebook_07():
    shown = numbers_shown(read(FOLDER / "07_inference.ipynb"))
    lengths = [87.9, 84.6, 72.4, 40.9]
    assert {*lengths} <= {*shown}
    falls = [a - b for a, b in itertools.pairwise(lengths)]
    assert max(falls) == falls[-1]
    assert f"{lengths[0] - lengths[-1]:.1f} points, from 87.9 to 40.9" in ANSWERED[13]
    assert f"15 and more: {falls[-1]:.1f} points" in ANSWERED[13]


def test_14_with_attention_and_without(translators):
    sentence = re.search(r"\*(the boy [^*]*)\*", ASKED[14])[1].replace("\n", " ")
    said = " ".join(ANSWERED[14].split())
    for translator in translators.values():
        assert f"writes {translator.translate([sentence])[0]}" in said
