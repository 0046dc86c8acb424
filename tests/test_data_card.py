"""The data card tells what is in the tables."""

from pathlib import Path

import pytest

from data.grammar.card import describe
from s2s_keras import corpora

CARD = (Path(__file__).parents[1] / "data" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "name", "split"),
    [
        ("course, training", "course", "train"),
        ("course, dev", "course", "dev"),
        ("course, test", "course", "test"),
        ("course-challenge, 400 sentences", "course-challenge", None),
        ("phrasebook", "phrasebook", None),
    ],
)
def test_the_card_counts_pairs_words_and_lengths(row, name, split):
    text = corpora.load(name)
    assert describe(row, getattr(text.split(), split) if split else text) in CARD.splitlines()


def test_the_card_counts_the_kinds_of_test_pairs():
    kinds = corpora.load("course").split().test.kinds
    assert f"`seen` ({kinds.count('seen'):,} of the test pairs" in CARD
    assert f"`pattern` ({kinds.count('pattern')})" in CARD
    assert f"`pairing` ({kinds.count('pairing')})" in CARD


def test_the_figures_that_the_card_shows_are_there():
    for name in ("lengths.png", "vocabulary.png"):
        assert f"(course/{name})" in CARD
        assert (Path(__file__).parents[1] / "data" / "course" / name).stat().st_size > 5_000
