"""What `s2s_keras.decoding` promises: whole translations, the same for everyone who asks."""

import math
from itertools import product

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lively_models import enliven, speak_up

from s2s_keras.batches import pad
from s2s_keras.decoding import (
    NO_PENALTY,
    LengthPenalty,
    beam_search,
    beam_tree,
    greedy,
    longest_target,
    sampling,
    trace,
)
from s2s_keras.models import has_attention
from s2s_keras.text import END, PAD, START, UNK

NEVER = [PAD, UNK, START]
CHOICES = [
    {"cell": "lstm", "layers": 2},
    {"cell": "gru", "context": "every_step", "attention": "additive"},
    {"cell": "rnn", "attention": "dot", "bidirectional": True},
]


@pytest.fixture(scope="module")
def source(sentences):
    """30 sentences of 1 to 7 tokens, `(30, 7)`."""
    return pad(sentences(30, seed=5))


@pytest.fixture(scope="module", params=CHOICES, ids=lambda choices: choices["cell"])
def model(build, request):
    """A model of each cell, without and with attention."""
    return speak_up(build(seed=1, units=16, **request.param))


@pytest.fixture(scope="module")
def one_model(build):
    return speak_up(build(seed=1, units=16))


@pytest.fixture(scope="module")
def endless(build):
    """A model that never comes to END by itself."""
    return speak_up(build(), end=-1000)


def log_softmax(scores) -> np.ndarray:
    scores = scores - scores.max(axis=-1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))


def next_log_probabilities(model, source, written) -> np.ndarray:
    """By hand, by the training model: log p of every next token, `(batch, written + 1, V)`.

    Args:
        model: or a list of them, whose probabilities are averaged.
        source: `(batch, source_length)`.
        written: the tokens so far, `(batch, time)`.
    """
    target = np.insert(written, 0, START, axis=1).astype("int32")
    models = model if isinstance(model, list) else [model]
    probabilities = [
        np.exp(log_softmax(np.float64(model({"source": source, "target": target}))))
        for model in models
    ]
    mean = np.mean(probabilities, axis=0)
    mean[..., NEVER] = 0
    with np.errstate(divide="ignore"):
        return np.log(mean / mean.sum(axis=-1, keepdims=True))


def log_probabilities(model, row, translations) -> list[float]:
    """By hand: Σ log p(token) of each of some translations of one source."""
    tokens = pad(translations)
    source = np.repeat(row[None], len(tokens), axis=0)
    following = next_log_probabilities(model, source, tokens[:, :-1])
    of_tokens = np.take_along_axis(following, tokens[:, :, None], axis=2)[:, :, 0]
    return np.where(tokens == PAD, 0, of_tokens).sum(axis=1).tolist()


def greedily(model, source, length: int) -> np.ndarray:
    """A slow loop that computes the whole translation anew for every token."""
    written = np.zeros((len(source), 0), "int32")
    for _ in range(length):
        token = next_log_probabilities(model, source, written)[:, -1].argmax(axis=-1)
        token[(written == END).any(axis=1)] = PAD
        written = np.append(written, token[:, None], axis=1)
    return written


def lengths(translations) -> np.ndarray:
    return np.count_nonzero(translations, axis=1)


# --- greedy


def test_greedy_equals_a_slow_loop_over_the_likeliest_token(model, source):
    np.testing.assert_array_equal(greedy(model)(source, 8), greedily(model, source, 8))


def test_translations_are_int32_and_as_wide_as_asked(one_model, source):
    decode = greedy(one_model)
    translations = decode(source, max_length=12)
    assert translations.shape == (30, 12)
    assert translations.dtype == np.int32
    assert decode(source).shape == (30, longest_target(7))


def test_a_sentence_is_translated_alone_as_in_a_batch(model, source):
    decode = greedy(model)
    together = decode(source, max_length=12)
    for row in range(3):
        alone = decode(source[row : row + 1], max_length=12)
        np.testing.assert_array_equal(alone[0], together[row])


@pytest.mark.parametrize("more", [5, 20])
def test_padding_never_changes_a_translation(model, source, more):
    decode, padded = greedy(model), np.pad(source, [(0, 0), (0, more)])
    np.testing.assert_array_equal(decode(padded, max_length=12), decode(source, max_length=12))


@pytest.mark.parametrize("decoder", [greedy, sampling])
def test_padding_does_not_let_a_translation_run_on(endless, source, decoder):
    """Without END in sight, the own length of a source is what limits its translation."""
    translations = decoder(endless)(np.pad(source, [(0, 0), (0, 5)]))
    longest = longest_target(lengths(source))
    np.testing.assert_array_equal(lengths(translations), longest)
    assert (translations[np.arange(30), longest - 1] == END).all()


@pytest.mark.parametrize("decoder", [greedy, sampling])
def test_padding_unknown_and_start_are_never_said_and_nothing_follows_end(build, source, decoder):
    # Left to itself, this model would say nothing but PAD, UNK and START.
    # `enliven`: the same weights whatever the backend, which draws its own from a seed.
    model = speak_up(enliven(build(units=16)), never=100, end=4)
    translations = decoder(model)(source, max_length=12)
    assert (translations == END).any() and len(np.unique(translations)) > 4
    for translation in translations.tolist():
        said, _, after = np.split(translation, [i := (translation + [END]).index(END), i + 1])
        assert not np.isin(said, NEVER).any()
        assert (after == PAD).all()


@pytest.mark.parametrize("max_length", [1, 5, 13])
def test_any_max_length_is_kept_and_what_it_cuts_off_is_the_end(endless, source, max_length):
    decode = greedy(endless)
    translations = decode(source, max_length=max_length)
    assert translations.shape == (30, max_length)
    assert (translations != PAD).all()
    np.testing.assert_array_equal(translations, decode(source, max_length=32)[:, :max_length])


DECODERS = {
    "greedy": greedy,
    "sampling": sampling,
    "beam search": lambda model: beam_search(model, 2),
}


@pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)
def test_what_cannot_be_decoded_is_refused(one_model, decoder):
    decode = decoder(one_model)
    for ids in ([[5, 13]], [[-1, 5]]):
        with pytest.raises(ValueError, match="source ids are not from 0 to 12"):
            decode(ids)
    for max_length in (0, -3):
        with pytest.raises(ValueError, match=f"max_length is {max_length}: give a number of 1"):
            decode([[5]], max_length)


def test_a_decoder_follows_the_weights(build, source):
    model = speak_up(build(seed=2, attention="dot"))
    decode = greedy(model)
    before = decode(source, 6)
    other = speak_up(build(seed=3, attention="dot"))
    model.set_weights(other.get_weights())
    assert (decode(source, 6) != before).any()
    np.testing.assert_array_equal(decode(source, 6), greedy(other)(source, 6))


# --- sampling


@pytest.mark.parametrize("options", [{"temperature": 1e-4}, {"top_k": 1}], ids=str)
def test_sampling_only_the_likeliest_is_greedy(model, source, options):
    np.testing.assert_array_equal(
        sampling(model, **options)(source, max_length=12), greedy(model)(source, max_length=12)
    )


def test_one_seed_gives_one_sample_and_another_gives_another(one_model, source):
    draw = sampling(one_model)
    first, again, other = (draw(source, max_length=12, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=1).mean() > 0.5
    assert draw(source[:2], max_length=3, seed=2**31).shape == (2, 3)  # any seed will do


def test_copies_of_a_sentence_and_its_steps_are_drawn_independently(endless, source):
    copies = np.repeat(source[:1], 50, axis=0)
    drawn = sampling(endless, temperature=100.0)(copies, max_length=12)
    assert len(np.unique(drawn, axis=0)) == 50
    assert len(np.unique(drawn.T, axis=0)) == 12


@pytest.mark.parametrize(
    ("temperature", "top_k"), [(1.0, 0), (0.5, 0), (3.0, 0), (1.0, 5), (3.0, 100)]
)
def test_tokens_are_drawn_as_often_as_the_softmax_says(one_model, source, temperature, top_k):
    draws = 4000
    copies = np.repeat(source[:1], draws, axis=0)
    drawn = sampling(one_model, temperature, top_k)(copies, max_length=1, seed=1)[:, 0]

    scores = next_log_probabilities(one_model, source[:1], np.zeros((1, 0)))[0, 0] / temperature
    if top_k:
        scores[np.argsort(-scores)[top_k:]] = -np.inf
    expected = draws * np.exp(log_softmax(scores))
    observed = np.bincount(drawn, minlength=len(expected))
    assert observed[expected == 0].sum() == 0
    likely = expected > 5  # As the chi-square approximation asks.
    assert likely.sum() > 3
    chi_square = ((observed - expected)[likely] ** 2 / expected[likely]).sum()
    # Mean plus five standard deviations of chi-square with so many degrees of freedom.
    freedom = likely.sum() - 1
    assert chi_square < freedom + 5 * np.sqrt(2 * freedom)


@pytest.mark.parametrize("temperature", [1e-200, 1e6, 1e200])
def test_no_temperature_draws_what_is_never_said(one_model, source, temperature):
    drawn = sampling(one_model, temperature)(np.repeat(source, 10, axis=0), 1)[:, 0]
    assert not np.isin(drawn, NEVER).any()
    likeliest = greedy(one_model)(np.repeat(source, 10, axis=0), 1)[:, 0]
    assert (drawn == likeliest).all() == (temperature < 1)
    assert temperature < 1 or len(np.unique(drawn)) == 10  # 13 tokens, without three


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"temperature": 0}, "temperature is 0: give"),
        ({"temperature": -0.5}, "temperature is -0.5: give"),
        ({"temperature": math.nan}, "temperature is nan: give"),
        ({"temperature": math.inf}, "temperature is inf: give a finite number; 1e6 draws evenly"),
        ({"top_k": -1}, "top_k is -1: give"),
    ],
)
def test_impossible_ways_to_draw_are_refused(one_model, options, complaint):
    with pytest.raises(ValueError, match=complaint):
        sampling(one_model, **options)


# --- length penalty


def test_no_penalty_divides_by_one():
    assert [NO_PENALTY(length) for length in (1, 7, 50)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("form", "alpha", "length", "expected"),
    [
        ("length", 1.0, 7, 7),
        ("length", 0.5, 9, 3),
        ("gnmt", 1.0, 1, 1),  # Wu et al. 2016, equation 14: (5 + length)^α / (5 + 1)^α
        ("gnmt", 1.0, 7, 2),
        ("gnmt", 0.6, 10, 15**0.6 / 6**0.6),
        ("gnmt", 0.6, 10, 1.7329),
        ("none", 3.0, 9, 1),
    ],
)
def test_a_penalty_equals_its_formula(form, alpha, length, expected):
    assert LengthPenalty(form, alpha)(length) == pytest.approx(expected, rel=1e-4)


@given(st.sampled_from(["length", "gnmt"]), st.floats(0, 3), st.integers(1, 200))
def test_a_penalty_grows_with_the_length_and_is_none_without_alpha(form, alpha, length):
    penalty = LengthPenalty(form, alpha)
    assert 1 <= penalty(length) <= penalty(length + 1)
    assert LengthPenalty(form, 0)(length) == 1


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"form": "google"}, "length penalty is 'google': give none, length or gnmt"),
        ({"form": None}, "length penalty is None: give"),
        ({"form": "gnmt", "alpha": -0.1}, "alpha is -0.1: give a number of 0 or more"),
        ({"form": "gnmt", "alpha": math.nan}, "alpha is nan: give"),
        ({"form": "gnmt", "alpha": math.inf}, "alpha is inf: give"),
    ],
)
def test_what_is_no_penalty_is_refused(options, complaint):
    with pytest.raises(ValueError, match=complaint):
        LengthPenalty(**options)


# --- beam search: what it finds

PENALTIES = [NO_PENALTY, LengthPenalty("length", 1.0), LengthPenalty("gnmt", 2.0)]


def by_form(penalty: LengthPenalty) -> str:
    return penalty.form


def test_a_beam_of_one_is_greedy(model, source):
    decode, narrow, rows = greedy(model), beam_search(model, 1), source[:6]
    for options in ({}, {"max_length": 5}):
        for translation, ((tokens, *_),) in zip(
            decode(rows, **options), narrow(rows, **options), strict=True
        ):
            assert list(tokens) == translation[translation != PAD].tolist()
    for row, ((tokens, total, _),) in zip(rows, narrow(rows, 5), strict=True):
        assert [total] == pytest.approx(log_probabilities(model, row, [tokens]), abs=1e-4)


def exhaustively(model, row, steps: int, penalty: LengthPenalty) -> list[tuple]:
    """By hand: all translations of so many steps at most, the best first: (score, tokens)."""
    words = [token for token in range(model.output.shape[-1]) if token not in (*NEVER, END)]
    every = [
        (*start, END) for length in range(steps) for start in product(words, repeat=length)
    ] + [*product(words, repeat=steps)]
    divisors = {"none": lambda n: 1, "length": lambda n: n, "gnmt": lambda n: ((5 + n) / 6) ** 2}
    divisor = divisors[penalty.form]
    totals = zip(log_probabilities(model, row, every), every, strict=True)
    return sorted([(total / divisor(len(tokens)), tokens) for total, tokens in totals])[::-1]


@pytest.mark.parametrize("penalty", PENALTIES, ids=by_form)
@pytest.mark.parametrize("choices", CHOICES, ids=lambda choices: choices["cell"])
def test_a_beam_as_wide_as_the_space_finds_the_best_of_all(build, source, choices, penalty):
    """Two words and END: after two steps all six candidates fit, after three all that matter."""
    model = speak_up(build(seed=4, target_vocabulary=6, **choices))
    search = beam_search(model, 6, penalty, n_best=6)
    for row, found in zip(source[:2], search(source[:2], max_length=3), strict=True):
        expected = exhaustively(model, row, 3, penalty)
        assert len(expected) == 1 + 2 + 4 + 8
        assert [hypothesis.tokens for hypothesis in found] == [t for _, t in expected[:6]]
        scores = [hypothesis.score for hypothesis in found]
        np.testing.assert_allclose(scores, [score for score, _ in expected[:6]], atol=1e-4)


@pytest.mark.parametrize("penalty", PENALTIES, ids=by_form)
def test_hypotheses_have_the_log_probabilities_and_scores_of_their_tokens(model, source, penalty):
    rows = source[:4]
    for row, found in zip(rows, beam_search(model, 4, penalty, n_best=4)(rows, 9), strict=True):
        assert len({hypothesis.tokens for hypothesis in found}) == 4
        assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
        expected = log_probabilities(model, row, [hypothesis.tokens for hypothesis in found])
        assert [h.log_probability for h in found] == pytest.approx(expected, abs=1e-4)
        for tokens, total, score in found:
            assert score == pytest.approx(total / penalty(len(tokens)), abs=1e-9)
            assert END not in tokens[:-1] and not {*NEVER} & {*tokens}
            assert tokens[-1] == END or len(tokens) == 9


def test_the_best_does_not_depend_on_how_many_are_asked_for(model, source):
    many, one = (beam_search(model, 4, n_best=number)(source[:4], 9) for number in (4, 1))
    assert [found[:1] for found in many] == one


def test_a_beam_finds_likelier_translations_than_greedy(model, source):
    decoders = [beam_search(model, width) for width in (5, 1)]
    gains = [
        wide.log_probability - narrow.log_probability
        for (wide,), (narrow,) in zip(*(decode(source[:8], 9) for decode in decoders), strict=True)
    ]
    assert np.mean(gains) > 0
    assert np.mean(np.array(gains) > -1e-4) > 0.8  # a beam can lose what greedy keeps, but seldom


def test_a_beam_translates_alone_as_in_a_batch_and_whatever_the_padding(model, source):
    decode = beam_search(model, 3)
    together = decode(np.pad(source[:3], [(0, 0), (0, 5)]))
    for row, (expected,) in zip(source, together, strict=False):
        ((found,),) = decode(np.trim_zeros(row)[None])
        assert found.tokens == expected.tokens
        assert found.log_probability == pytest.approx(expected.log_probability, abs=1e-5)


def test_a_beam_ends_every_sentence_after_its_own_length(endless, source):
    rows = np.pad(source[:3], [(0, 0), (0, 5)])
    found = beam_search(endless, 3, n_best=3)(rows)
    for row, hypotheses in zip(rows, found, strict=True):
        longest = longest_target(np.count_nonzero(row))
        for tokens, *_ in hypotheses:
            assert len(tokens) == longest and tokens[-1] == END


@pytest.mark.parametrize(
    ("width", "n_best", "complaint"),
    [
        (0, 1, "width is 0: give a number from 1 to 13"),
        (-1, 1, "width is -1: give"),
        (14, 1, "width is 14: give"),
        (3, 0, "n_best is 0: give a number from 1 to 3, the width"),
        (3, 4, "n_best is 4: give"),
    ],
)
def test_impossible_widths_are_refused(one_model, width, n_best, complaint):
    with pytest.raises(ValueError, match=complaint):
        beam_search(one_model, width, n_best=n_best)


# --- beam search: what it keeps and what it lets go

A, B, C, MANY = 4, 5, 6, range(7, 13)
UNSURE = {token: 1 / 6 for token in MANY}


@pytest.fixture(scope="module")
def chain(build):
    """Weighs a model by hand, so that every token depends on the last one alone."""
    model = build(cell="rnn", units=13, embedding=13)
    one_hot = np.eye(13)
    model.get_layer("target_embedding").set_weights([20 * one_hot])  # whose tanh is 1, and 0
    model.get_layer("decoder_1").set_weights([one_hot, 0 * one_hot, np.zeros(13)])

    def chain(probabilities: dict):
        table = np.full((13, 13), 1e-9)
        for token, following in probabilities.items():
            for next_token, probability in following.items():
                table[token, next_token] = probability
        model.get_layer("logits").set_weights([np.log(table), np.zeros(13)])
        return model

    return chain


def found(model, width: int, penalty=NO_PENALTY) -> tuple:
    """The tokens and the probability of the best hypothesis, for a source that says nothing."""
    (((tokens, log_probability, _),),) = beam_search(model, width, penalty)([[4]], max_length=10)
    return tokens, pytest.approx(math.exp(log_probability), rel=1e-4)


def test_a_translation_that_ended_is_kept_although_others_were_likelier_for_a_while(chain):
    """END has 0.38; A → B and A → C have 0.31 each, C → MANY little, but A had 0.62."""
    model = chain({START: {A: 0.62, END: 0.38}, A: {B: 0.5, C: 0.5}, B: UNSURE, C: UNSURE})
    assert found(model, 2) == ((END,), 0.38)


def test_a_translation_that_ended_gives_way_to_a_likelier_one(chain):
    model = chain({START: {A: 0.65, END: 0.35}, A: {B: 0.9, C: 0.1}, B: {END: 0.9, C: 0.1}})
    assert found(model, 2) == ((A, B, END), 0.65 * 0.9 * 0.9)


def test_greedy_loses_what_a_beam_of_two_keeps(chain):
    after_a = {token: 0.15 for token in MANY} | {END: 0.1}
    model = chain({START: {A: 0.6, B: 0.4}, A: after_a, B: {C: 1.0}, C: {END: 1.0}})
    assert greedy(model)([[4]], 10)[0, 0] == A
    assert found(model, 1)[0][0] == A
    assert found(model, 2) == ((B, C, END), 0.4)


def test_a_beam_loses_what_a_wider_one_keeps(chain):
    """The best begins with the third token: a beam of two never sees how it goes on."""
    start = {A: 0.35, B: 0.33, C: 0.32}
    model = chain({START: start, A: UNSURE, B: UNSURE, C: {END: 1.0}})
    assert found(model, 2)[0][0] in (A, B)
    assert found(model, 3) == ((C, END), 0.32)


def test_a_length_penalty_lets_the_longer_translation_win(chain):
    model = chain({START: {END: 0.4, A: 0.6}, A: {B: 0.7, C: 0.3}, B: {END: 0.9, C: 0.1}})
    assert found(model, 2) == ((END,), 0.4)
    for form in ("length", "gnmt"):
        assert found(model, 2, LengthPenalty(form, 1.0)) == ((A, B, END), 0.6 * 0.7 * 0.9)


CERTAINTIES = st.lists(st.floats(0.01, 1), min_size=9, max_size=9)


@settings(max_examples=15, deadline=None)
@given(CERTAINTIES, st.sampled_from(PENALTIES))
def test_whatever_the_probabilities_a_wide_beam_finds_the_best(chain, certainties, penalty):
    """Of all translations into two words that three steps can say."""
    rows = np.reshape(certainties, (3, 3))
    rows /= rows.sum(axis=1, keepdims=True)
    states, choices = (START, A, B), (A, B, END)
    probability = {
        state: dict(zip(choices, row, strict=True)) for state, row in zip(states, rows, strict=True)
    }
    every = [(END,), *((w, END) for w in (A, B)), *product((A, B), (A, B), (A, B, END))]
    best = max(
        sum(math.log(probability[s][t]) for s, t in zip((START, *tokens), tokens, strict=False))
        / penalty(len(tokens))
        for tokens in every
    )
    ((hypothesis,),) = beam_search(chain(probability), 13, penalty)([[4]], max_length=3)
    assert hypothesis.score == pytest.approx(best, abs=1e-4)


# --- the tree


@pytest.fixture(scope="module")
def tree(model, source):
    """A search for one sentence, five steps deep at most: its source, hypotheses, and nodes."""
    row = source[2]
    return row, *beam_tree(model, row, 3, max_length=5)


def path(nodes, number: int) -> tuple[int, ...]:
    """The tokens from the root to a node."""
    node = nodes[number]
    return (*(path(nodes, node.parent) if node.parent >= 0 else ()), node.token)


def test_every_node_extends_one_that_was_kept_a_step_before(tree):
    _, _, nodes = tree
    assert nodes[0].step == 0 and nodes[-1].step >= 2
    for number, node in enumerate(nodes):
        if node.step == 0:
            assert node.parent == -1
        else:
            parent = nodes[node.parent]
            assert node.parent < number
            assert (parent.step, parent.fate) == (node.step - 1, "kept")


def test_a_node_has_its_parent_s_log_probability_and_that_of_its_token(model, tree):
    row, _, nodes = tree
    paths = [path(nodes, number) for number in range(len(nodes))]
    totals = log_probabilities(model, row, paths)
    for node, total in zip(nodes, totals, strict=True):
        assert node.log_probability == pytest.approx(total, abs=1e-4)
        if node.parent >= 0:
            gained = total - totals[node.parent]
            before = nodes[node.parent].log_probability
            assert node.log_probability - before == pytest.approx(gained, abs=1e-4)


def test_of_every_step_the_width_likeliest_are_kept_and_as_many_more_are_shown(model, tree):
    row, _, nodes = tree
    for step in range(nodes[-1].step + 1):
        of_step = [number for number, node in enumerate(nodes) if node.step == step]
        for rank, number in enumerate(of_step):
            fate = "kept" if nodes[number].token != END else "ended"
            assert nodes[number].fate == (fate if rank < 3 else "pruned")
        # By hand: all extensions of what was kept.
        beam = [n for n, node in enumerate(nodes) if (node.step, node.fate) == (step - 1, "kept")]
        starts = [path(nodes, number) for number in beam] or [()]
        every = [(*start, token) for start in starts for token in range(13) if token not in NEVER]
        ranked = sorted(zip(log_probabilities(model, row, every), every, strict=True))[::-1]
        assert [path(nodes, number) for number in of_step] == [tokens for _, tokens in ranked[:6]]


def test_hypotheses_are_paths_of_the_tree(tree):
    _, hypotheses, nodes = tree
    leaves = {
        path(nodes, number): node.log_probability
        for number, node in enumerate(nodes)
        if node.fate == "ended" or (node.fate, node.step) == ("kept", nodes[-1].step)
    }
    assert len(hypotheses) == 3
    for tokens, total, score in hypotheses:
        assert total == score == leaves[tokens]
    assert hypotheses[0].log_probability == max(leaves.values())


@pytest.mark.parametrize("penalty", PENALTIES, ids=by_form)
def test_the_tree_is_that_of_the_search(model, source, penalty):
    hypotheses, _ = beam_tree(model, source[1], 3, penalty, max_length=9)
    assert [hypotheses] == beam_search(model, 3, penalty, n_best=3)(source[1:2], 9)


def test_a_tree_ends_with_its_search(chain):
    """END is likelier than all that could follow: nothing is searched after the first step."""
    model = chain({START: {A: 0.3, END: 0.7}})
    hypotheses, nodes = beam_tree(model, [4], 1)
    assert [h.tokens for h in hypotheses] == [(END,)]
    assert [(node.token, node.fate) for node in nodes] == [(END, "ended"), (A, "pruned")]


# --- ensembles


@pytest.fixture(scope="module")
def members(build):
    return [speak_up(build(seed=n, **choices)) for n, choices in enumerate(CHOICES)]


def test_an_ensemble_chooses_by_the_mean_of_the_probabilities(members, source):
    translations = greedy(members)(source[:8], 6)
    np.testing.assert_array_equal(translations, greedily(members, source[:8], 6))
    for member in members:
        assert (greedy(member)(source[:8], 6) != translations).any()


def test_an_ensemble_s_beam_has_the_mean_s_log_probabilities(members, source):
    rows = source[:2]
    for row, found in zip(rows, beam_search(members, 3, n_best=3)(rows, 6), strict=True):
        expected = log_probabilities(members, row, [hypothesis.tokens for hypothesis in found])
        assert [h.log_probability for h in found] == pytest.approx(expected, abs=1e-4)


def test_an_ensemble_of_one_is_that_model(one_model, source):
    np.testing.assert_array_equal(greedy([one_model])(source, 6), greedy(one_model)(source, 6))
    assert sampling([one_model] * 2, top_k=1)(source, 6).tolist() == (
        greedy(one_model)(source, 6).tolist()
    )


@pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)
def test_models_that_cannot_decide_together_are_refused(build, decoder):
    model, *others = build(), build(target_vocabulary=9), build(source_vocabulary=9)
    for models in ([], *([model, other] for other in others)):
        with pytest.raises(ValueError, match="an ensemble: give one or more models with the same"):
            decoder(models)


# --- traces


def test_a_trace_is_greedy_decoding_that_kept_what_it_saw(model, source):
    translations = greedy(model)(source[:4])
    for row, translation in zip(source, translations, strict=False):
        words = np.trim_zeros(row)
        tokens, probabilities, attention = trace(model, words.tolist())
        assert tokens == translation[translation != PAD].tolist()
        written = np.array([tokens[:-1]], "int32")
        expected = np.exp(next_log_probabilities(model, words[None], written)[0])
        np.testing.assert_allclose(probabilities, expected, atol=1e-5)
        assert (probabilities[:, NEVER] == 0).all()
        if has_attention(model):
            assert attention.shape == (len(tokens), len(words))
            np.testing.assert_allclose(attention.sum(axis=1), 1, atol=1e-5)
        else:
            assert attention is None


def test_a_trace_that_is_cut_off_ends_as_greedy_decoding_does(endless):
    tokens, probabilities, _ = trace(endless, [5, 6])
    assert tokens == greedy(endless)([[5, 6]])[0].tolist()
    assert len(tokens) == len(probabilities) == longest_target(2)
    assert tokens[-1] == END and probabilities[-1].argmax() != END


def test_a_trace_refuses_an_id_that_is_no_word(one_model):
    with pytest.raises(ValueError, match="source ids are not from 0 to 12"):
        trace(one_model, [5, 13])


# --- precision


def test_a_model_of_mixed_precision_translates_and_its_probabilities_have_32_bits(build, source):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = speak_up(build(seed=1, units=16, attention="dot"))
    finally:
        keras.config.set_dtype_policy(policy)
    exact = speak_up(build(seed=1, units=16, attention="dot"))
    agreement = greedy(mixed)(source, 3) == greedy(exact)(source, 3)
    assert agreement.mean() > 0.8  # rounding may tip a balance
    _, probabilities, _ = trace(mixed, [5, 6, 7])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    (found,) = beam_search(mixed, 3, n_best=3)([[5, 6, 7]], 4)
    assert all(math.isfinite(hypothesis.score) for hypothesis in found)
