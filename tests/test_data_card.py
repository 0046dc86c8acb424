"""The data card tells what is in the tables."""

from collections import Counter
from pathlib import Path

import pytest

from data.grammar.build import written_by_hand
from data.grammar.card import describe
from data.grammar.frames import frame
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
        ("everyday", "everyday", None),
    ],
)
def test_the_card_counts_pairs_words_and_lengths(row, name, split):
    text = corpora.load(name)
    assert describe(row, getattr(text.split(), split) if split else text) in CARD.splitlines()


def test_the_card_counts_the_kinds_of_test_pairs():
    test = corpora.load("course").split().test
    kinds = [*dict(zip(test.source, test.kinds, strict=True)).values()]
    assert f"`seen` ({kinds.count('seen'):,} of the test pairs" in CARD
    assert f"`pattern` ({kinds.count('pattern')})" in CARD
    assert f"`pairing` ({kinds.count('pairing')})" in CARD
    translations = test.kinds.count("natural")
    assert f"`natural` ({kinds.count('natural')} sentences, {translations} translations)" in CARD


def test_the_card_counts_the_shapes_and_frames_of_the_sentences_by_hand():
    by_hand = [row for row in written_by_hand() if row.pattern.startswith("everyday")]
    shapes = Counter(row.pattern.removeprefix("everyday ") for row in by_hand)
    frames = Counter(frame(row.english) for row in by_hand)
    told = " ".join(CARD.split())
    assert f"{len(by_hand):,} English sentences" in told
    assert ", ".join(f"{shape} {count}" for shape, count in sorted(shapes.items())) in told
    (commonest, count), *_ = frames.most_common(1)
    assert (
        f"{len(frames):,} different frames; the commonest, `{commonest}`, comes {count} times"
        in told
    )


def test_the_figures_that_the_card_shows_are_there():
    for name in ("lengths.png", "vocabulary.png"):
        assert f"(course/{name})" in CARD
        assert (Path(__file__).parents[1] / "data" / "course" / name).stat().st_size > 5_000
