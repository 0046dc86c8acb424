"""What `s2s_keras.corpora.splits` promises: a pair's split hangs on the pair, and nothing leaks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s_keras.corpora import Fingerprint, ParallelCorpus, leak_key, load
from s2s_keras.corpora.splits import LARGEST_GROUP
from s2s_keras.errors import InputError

sentences = st.text("aAbc.! कखि।", min_size=1, max_size=3)
texts = st.lists(st.tuples(sentences, sentences), max_size=60).map(
    lambda pairs: ParallelCorpus.from_pairs(pairs, "random")
)
shares = st.floats(0, 0.45)
seeds = st.integers(0, 5)


def keys(sentences) -> set[str]:
    return set(map(leak_key, sentences))


def distinct(number: int, first: int = 0) -> list[tuple[str, str]]:
    return [(f"english {n}", f"हिंदी {n}") for n in range(first, first + number)]


def corpus_of(pairs, name: str = "some") -> ParallelCorpus:
    return ParallelCorpus.from_pairs(pairs, name, "CC0 1.0")


def places(corpus: ParallelCorpus, **arguments) -> dict[tuple[str, str], str]:
    """The name of the split of each pair."""
    splits = corpus.split(**arguments)._asdict()
    return {pair: name for name, split in splits.items() for pair in split}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thank you.", "thank  you!"),
        ("धन्यवाद।", " धन्यवाद !"),
        ("क्\u200dया?", "क्या"),
        ("ल\u095cका", "लड\u093cका"),
        ("STRASSE", "straße"),
        ("ice-cream", "ice cream"),
    ],
)
def test_sentences_that_differ_in_form_only_have_one_key(one, other):
    assert leak_key(one) == leak_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("दिन", "दीन"), ("में", "मे"), ("at 5", "at 6"), ("an ice", "a nice")]
)
def test_sentences_that_differ_in_a_letter_a_mark_or_a_number_have_two_keys(one, other):
    assert leak_key(one) != leak_key(other)


@given(texts, shares, shares, seeds)
def test_no_sentence_of_either_language_is_in_two_splits(text, dev, test, seed):
    train, dev, test = text.split(dev, test, seed)
    for one, other in [(train, dev), (train, test), (dev, test)]:
        assert not keys(one.source) & keys(other.source)
        assert not keys(one.target) & keys(other.target)


@given(texts, shares, shares, seeds)
def test_a_split_loses_nothing_and_keeps_the_order(text, dev, test, seed):
    splits = text.split(dev, test, seed)
    assert sorted(pair for split in splits for pair in split) == sorted(text)
    for split in splits:
        assert list(split) == [pair for pair in text if pair in set(split)]


@given(texts, seeds, st.randoms())
def test_the_order_of_the_pairs_changes_no_split(text, seed, random):
    pairs = list(text)
    random.shuffle(pairs)
    assert places(corpus_of(pairs), seed=seed) == places(text, seed=seed)


@given(seeds, st.integers(0, 199))
def test_a_pair_that_goes_or_comes_moves_no_other_that_shares_nothing_with_it(seed, number):
    pairs = distinct(200)
    less, more = pairs[:number] + pairs[number + 1 :], pairs + distinct(50, first=1_000)
    before = places(corpus_of(pairs), seed=seed)
    for changed in (less, more):
        after = places(corpus_of(changed), seed=seed)
        assert {pair: after[pair] for pair in pairs if pair in after} == {
            pair: split for pair, split in before.items() if pair in after
        }


def test_a_splits_size_is_its_share_on_average():
    splits = corpus_of(distinct(20_000)).split(0.1, 0.2)
    # Four standard deviations of a binomial of 20,000 draws.
    assert len(splits.dev) == pytest.approx(2_000, abs=4 * (20_000 * 0.1 * 0.9) ** 0.5)
    assert len(splits.test) == pytest.approx(4_000, abs=4 * (20_000 * 0.2 * 0.8) ** 0.5)


def test_groups_are_as_often_held_out_as_single_pairs():
    groups = [(f"english {n}", f"हिंदी {n} {m}") for n in range(5_000) for m in range(2)]
    groups += [(f"also {n}", f"हिंदी {n} 0") for n in range(5_000)]
    held_out = corpus_of(groups).split(0, 0.1).test
    assert len(held_out) == pytest.approx(1_500, abs=3 * 4 * (5_000 * 0.1 * 0.9) ** 0.5)
    assert len(held_out) % 3 == 0  # whole groups


def test_a_seed_gives_one_split_and_another_seed_another():
    text = corpus_of(distinct(100))
    assert text.split(seed=3) == text.split(seed=3)
    assert text.split(seed=0).test.source != text.split(seed=1).test.source


@pytest.mark.parametrize("seed", range(5))
def test_a_group_that_is_too_large_for_a_test_split_is_trained_on(seed):
    group = [("Hello.", f"नमस्ते {n}") for n in range(LARGEST_GROUP + 1)]
    splits = corpus_of(distinct(600) + group).split(0.4, 0.4, seed)
    assert splits.train.source.count("Hello.") == len(group)


def test_sentences_linked_by_a_chain_stay_together():
    chain = [("a", "क"), ("b", "क"), ("b", "ख"), ("c", "ख"), ("C!", "ग")]
    found = set()
    for seed in range(20):
        splits = corpus_of(chain + distinct(5)).split(0.3, 0.3, seed)
        sizes = [len(keys("abc") & keys(split.source)) for split in splits]
        assert sorted(sizes) == [0, 0, 3]
        found.add(sizes.index(3))
    assert found == {0, 1, 2}


def test_another_corpus_as_test_leaves_out_of_training_what_it_shares():
    text = corpus_of(distinct(100))
    foreign = corpus_of([("English 7!", "कुछ और"), ("something", "हिंदी 8।"), ("new", "नया")], "f")
    splits = text.split(dev=0, test=foreign)
    assert splits.test == foreign
    assert len(splits.dev) == 0
    assert set(text) - set(splits.train) == {("english 7", "हिंदी 7"), ("english 8", "हिंदी 8")}
    assert splits.train.skipped == {"in test": 2}


def test_another_corpus_as_dev_leaves_out_of_dev_what_test_shares():
    text, dev, test = (corpus_of(distinct(10, first)) for first in (0, 5, 12))
    splits = text.split(dev=dev, test=test)
    assert list(splits.test) == distinct(10, 12)
    assert list(splits.dev) == distinct(7, 5)
    assert list(splits.train) == distinct(5)


def test_given_splits_of_which_none_is_wanted_are_trained_on(tmp_path):
    for name, rows in {"train": "a\tक\nb\tख\n", "dev": "c\tग\n", "test": "d\tघ\n"}.items():
        (tmp_path / f"{name}.tsv").write_text(rows, encoding="utf-8")
    text = load(tmp_path)
    assert text.split(dev=0).train.source == ("a", "b", "c")
    assert text.split(dev=0).test.source == ("d",)
    assert text.split(dev=0, test=0).train.source == ("a", "b", "c", "d")


@pytest.mark.parametrize(("dev", "test"), [(0.5, 0.5), (-0.1, 0.1), (0.9, 0.2)])
def test_shares_that_leave_nothing_to_train_on_are_refused(dev, test):
    with pytest.raises(InputError, match=f"dev={dev} and test={test} .* sum to less than 1"):
        corpus_of(distinct(3)).split(dev, test)


def test_a_fingerprint_knows_the_sentences_of_both_sides_whatever_their_form():
    seen = corpus_of([("Thank you.", "धन्यवाद।"), ("Who is it?", "कौन है?")]).fingerprint()
    other = corpus_of([("thank you!", "शुक्रिया"), ("Who?", "कौन है"), ("Go.", "जाओ")])
    assert seen.shares(other.source, other.target).tolist() == [True, True, False]
    assert list(other.seen_in(seen)) == list(other)[:2]
    assert list(other.unseen_in(seen)) == list(other)[2:]


def test_fingerprints_of_two_corpora_join():
    one, two, both = distinct(50), distinct(50, 30), distinct(80)
    joined = corpus_of(one).fingerprint() | corpus_of(two).fingerprint()
    expected = corpus_of(both).fingerprint()
    assert np.array_equal(joined.source, expected.source)
    assert np.array_equal(joined.target, expected.target)
    assert joined.source.dtype == "uint64"


def test_a_fingerprint_of_nothing_knows_nothing():
    assert not Fingerprint.of((), ()).shares(["a"], ["क"]).any()
