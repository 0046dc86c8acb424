"""What `s2s_keras.fast.beam` promises: the plain search's hypotheses, for a whole batch at once."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from lively_models import speak_up

from s2s_keras import fast
from s2s_keras.batches import pad
from s2s_keras.decoding import NEVER_CHOSEN, NO_PENALTY, LengthPenalty, longest_target
from s2s_keras.fast import beam as beam_module
from s2s_keras.fast import recurrent
from s2s_keras.fast.beam import _likeliest_candidates
from s2s_keras.fast.decoding import Run
from s2s_keras.text import END, PAD, START


@pytest.fixture(scope="module")
def source(sentences):
    """30 sentences of 1 to 7 tokens, `(30, 7)`."""
    return pad(sentences(30, seed=5))


@pytest.fixture(scope="module")
def build_fast(build):
    """Builds a model of the fast layers that speaks."""
    return lambda end=0.0, **choices: speak_up(build(cells=fast.CELLS, **choices), end=end)


@pytest.fixture(scope="module")
def model(build_fast):
    return build_fast(seed=1, units=16)


@pytest.fixture(scope="module")
def search(model):
    """The three best of a beam of 4."""
    return fast.beam_search(model, 4, n_best=3)


@pytest.fixture(scope="module")
def endless(build_fast):
    """A compiled search that never comes to END of itself."""
    return fast.beam_search(build_fast(end=-100), 3)


def tokens_of(hypotheses) -> list[list[tuple]]:
    """The tokens alone, of all sentences."""
    return [[hypothesis.tokens for hypothesis in of_one] for of_one in hypotheses]


# --- whole translations


def test_a_beam_of_one_is_greedy(model, source):
    narrow, greedy = fast.beam_search(model, 1), fast.greedy(model)
    for max_length in (12, None):
        found = [tokens for (tokens,) in tokens_of(narrow(source, max_length))]
        assert found == [tuple(row[row != PAD]) for row in greedy(source, max_length)]


def test_the_best_score_comes_first_and_no_hypothesis_twice(search, source):
    for hypotheses in search(source):
        assert len(hypotheses) == 3
        assert len({hypothesis.tokens for hypothesis in hypotheses}) == 3
        scores = [hypothesis.score for hypothesis in hypotheses]
        assert scores == sorted(scores, reverse=True)


def test_what_a_beam_finds_has_one_end_and_nothing_that_is_never_said(search, source):
    for hypotheses in search(source):
        for hypothesis in hypotheses:
            *said, last = hypothesis.tokens
            assert last == END and not np.isin(said, [*NEVER_CHOSEN, END]).any()


def test_a_sentence_is_translated_alone_as_in_a_batch_and_whatever_the_padding(search, source):
    together = tokens_of(search(np.pad(source, [(0, 0), (0, 5)])))
    for row, hypotheses in zip(source[:6], together, strict=False):
        assert tokens_of(search(row[None])) == [hypotheses]


def test_every_sentence_ends_after_its_own_length(endless, source):
    lengths = [len(best.tokens) for (best,) in endless(np.pad(source, [(0, 0), (0, 5)]))]
    assert lengths == longest_target(np.count_nonzero(source, axis=1)).tolist()


@pytest.mark.parametrize("max_length", [1, 5, 17, 40])
def test_any_max_length_is_kept_and_what_it_cuts_off_is_the_end(endless, source, max_length):
    for (best,) in endless(source, max_length):
        assert len(best.tokens) == max_length and END not in best.tokens


def test_no_sentence_and_an_empty_one_are_no_trouble(endless):
    assert endless(np.zeros((0, 7), "int32")) == []
    (hypotheses,) = endless(np.zeros((1, 0), "int32"), max_length=4)
    assert len(hypotheses[0].tokens) == 4


@pytest.mark.parametrize("width", [0, -1, 14])
def test_impossible_widths_are_refused(build, width):
    with pytest.raises(ValueError, match=f"width is {width}: give a number from 1 to 13"):
        fast.beam_search(build(), width)


@pytest.mark.parametrize("n_best", [0, 4])
def test_more_results_than_a_beam_keeps_are_refused(build, n_best):
    with pytest.raises(ValueError, match=f"n_best is {n_best}: give a number from 1 to 3"):
        fast.beam_search(build(), 3, n_best=n_best)


def test_a_model_of_mixed_precision_translates(build_fast, source):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = build_fast(seed=1, units=16)
    finally:
        keras.config.set_dtype_policy(policy)
    exact = build_fast(seed=1, units=16)
    pairs = zip(*(fast.beam_search(m, 3)(source) for m in (mixed, exact)), strict=True)
    agreement = [some[0].tokens[:3] == others[0].tokens[:3] for some, others in pairs]
    assert np.mean(agreement) > 0.6  # rounding may tip a balance


def test_without_xla_hypotheses_are_the_same(model, search, source, monkeypatch):
    """As on Windows."""
    monkeypatch.setattr(fast.decoding, "CAN_COMPILE", False)
    monkeypatch.setattr(recurrent, "_on_a_cpu_with_tensorflow", lambda: False)
    plain = fast.beam_search(model, 4, n_best=3)
    assert tokens_of(plain(source)) == tokens_of(search(source))


# --- a search whose every token depends on the last one alone


def chain(probabilities: dict) -> Run:
    """One sentence, 10 steps at most; what is not said about a token is all but impossible."""
    table = np.full((13, 13), 1e-9, "float32")
    for token, following in probabilities.items():
        for next_token, probability in following.items():
            table[token, next_token] = probability

    def step(inputs, training=False):
        token, *states = inputs
        return [tf.transpose(tf.math.log(tf.gather(table, token[:, 0]))), *states]

    return Run(step, [], 0, last=tf.constant([9]), most=tf.constant(10), columns=tf.constant(10))


def best_of(run: Run, width: int, penalty: LengthPenalty = NO_PENALTY) -> list[int]:
    """The tokens of the best hypothesis."""
    tokens, _, _ = beam_module._search(width, penalty, n_best=1)(run)
    return [token for token in tokens.numpy()[0, 0].tolist() if token != PAD]


A, B, C, MANY = 4, 5, 6, range(7, 13)
UNSURE = {token: 1 / 6 for token in MANY}


def test_a_translation_that_ended_is_kept_although_others_were_likelier_for_a_while():
    """END has 0.30; A → B and A → C have 0.31 each, and then fall to pieces."""
    run = chain({START: {A: 0.62, END: 0.30}, A: {B: 0.5, C: 0.5}, B: UNSURE, C: UNSURE})
    assert best_of(run, 2) == [END]


def test_a_translation_that_ended_gives_way_to_a_likelier_one():
    run = chain({START: {A: 0.6, END: 0.35}, A: {B: 0.9}, B: {END: 0.9}})
    assert best_of(run, 2) == [A, B, END]


def test_greedy_loses_what_a_beam_of_two_keeps():
    run = chain({START: {A: 0.6, B: 0.4}, A: UNSURE | {END: 0.1}, B: {C: 1.0}, C: {END: 1.0}})
    assert best_of(run, 2)[:3] == [B, C, END]
    assert best_of(run, 1)[0] == A


def test_a_length_penalty_lets_a_longer_translation_win():
    """0.5 at once, or 0.4 after three tokens: −0.69 / 1 against −0.92 / 3."""
    run = chain({START: {END: 0.5, A: 0.5}, A: {B: 0.8}, B: {END: 1.0}})
    assert best_of(run, 2) == [END]
    assert best_of(run, 2, LengthPenalty("length", 1.0)) == [A, B, END]


# --- choosing block by block


def by_numpy(logits, log_probabilities, must_end):
    """All candidates of all hypotheses in one line, sorted: the first of equals comes first."""
    vocabulary, (batch, width) = len(logits), log_probabilities.shape
    highest = logits.max(axis=0)
    normaliser = highest + np.log(np.exp(logits - highest).sum(axis=0))
    gained = np.float32(log_probabilities) - normaliser.reshape(batch, width)
    results = []
    for sentence in range(batch):
        rows = logits.T.reshape(batch, width, vocabulary)[sentence]
        totals = rows + gained[sentence][:, None]
        if must_end[sentence]:
            totals[:, np.arange(vocabulary) != END] = -np.inf
        order = np.argsort(-totals, axis=None, kind="stable")[:width]
        results.append((totals.flat[order], *np.divmod(order, vocabulary)))
    return [np.stack(values) for values in zip(*results, strict=True)]


@st.composite
def beams(draw):
    """Logits and a beam in whole numbers, which no rounding tells apart where they are equal.

    So that the softmax's normaliser is one of them, all but one token of each column are unlikely
    beyond what a float can say: e^−200 is 0.
    """
    vocabulary = draw(st.integers(len(NEVER_CHOSEN) + 1, 30))
    width = draw(st.integers(1, vocabulary) | st.just(vocabulary))
    batch = draw(st.integers(1, 2))
    different = draw(st.sampled_from([1, 4, 10_000]))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    logits = -200.0 - random.integers(0, different, (vocabulary, batch * width))
    likely = random.integers(len(NEVER_CHOSEN), vocabulary, batch * width)
    logits[likely, range(batch * width)] = random.integers(0, different, batch * width) % 50
    logits[[*NEVER_CHOSEN]] = -np.inf
    log_probabilities = -1.0 * random.integers(0, different, (batch, width))
    ended = random.random((batch, width)) < draw(st.sampled_from([0, 0.5, 1]))
    log_probabilities[ended] = -np.inf
    return np.float32(logits), np.float32(log_probabilities), random.random(batch) < 0.3


@pytest.mark.parametrize("compiled", [False, True])
def test_the_likeliest_candidates_are_numpys_and_the_first_of_equals(compiled):
    choose = tf.function(_likeliest_candidates, autograph=False, jit_compile=True)
    choose = choose if compiled else _likeliest_candidates

    @settings(deadline=None, max_examples=25 if compiled else 200)
    @given(beams())
    def check(beam):
        logits, log_probabilities, must_end = beam
        found = [np.array(value) for value in choose(*map(tf.constant, beam))]
        best, hypotheses, tokens = by_numpy(logits, log_probabilities, must_end)
        np.testing.assert_allclose(found[0], best, atol=1e-5)
        possible = np.isfinite(best)
        np.testing.assert_array_equal(found[1][possible], hypotheses[possible])
        np.testing.assert_array_equal(found[2][possible], tokens[possible])
        # What is impossible is never chosen, but the next step reads it all the same.
        assert found[1].min() >= 0 and found[1].max() < log_probabilities.shape[1]
        assert found[2].min() >= 0 and found[2].max() < len(logits)

    check()
