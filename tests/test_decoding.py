"""What `s2s_keras.decoding` promises: whole translations, the same for everyone who asks."""

from itertools import product

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from s2s_keras import decoding, models, recurrent
from s2s_keras.batches import pad
from s2s_keras.decoding import beam_search, greedy, likeliest, longest_target, sampling
from s2s_keras.inference import can_prepare
from s2s_keras.models import build_decoder_step, build_encoder, first_states
from s2s_keras.text import END, PAD, START, UNK

NEVER = [PAD, UNK, START]
CHOICES = [
    {"cell": "lstm", "layers": 2, "context": "start"},
    {"cell": "gru", "layers": 1, "context": "every_step"},
    {"cell": "rnn", "layers": 1, "context": "start"},
]


def speak_up(model, never: float = 0.0, end: float = 0.0):
    """Gives an untrained model firm opinions, and biases on the ids never said and on END."""
    logits = model.get_layer("logits")
    logits.kernel.assign(logits.kernel * 5)
    bias = ops.convert_to_numpy(logits.bias).copy()
    bias[NEVER], bias[END] = never, end
    logits.bias.assign(bias)
    return model


@pytest.fixture(scope="module")
def source(sentences):
    """30 sentences of 1 to 7 tokens, `(30, 7)`."""
    return pad(sentences(30, seed=5))


@pytest.fixture(scope="module", params=CHOICES, ids=lambda choices: choices["cell"])
def translator(build, request):
    """A model of each cell, and its greedy decoder."""
    model = speak_up(build(seed=1, **request.param))
    return model, greedy(model)


@pytest.fixture(scope="module")
def model(build):
    return speak_up(build(units=16, seed=1))


@pytest.fixture(scope="module")
def draw(model):
    """Samples at temperature 1 from all tokens."""
    return sampling(model)


def ended(translations) -> np.ndarray:
    """Which rows have an END, `(batch,)`."""
    return (translations == END).any(axis=1)


def first_distribution(model, source, temperature: float = 1.0) -> np.ndarray:
    """By hand: the probabilities of the first target token of one source, `(vocabulary,)`."""
    states = first_states(model, build_encoder(model)(source))
    logits, *_ = build_decoder_step(model)([ops.full((1, 1), START, dtype="int32"), *states])
    scores = np.float64(logits[0]) / temperature
    scores[NEVER] = -np.inf
    probabilities = np.exp(scores - scores.max())
    return probabilities / probabilities.sum()


# --- greedy


def test_greedy_equals_a_slow_loop_over_the_likeliest_token(translator, source):
    model, decode = translator
    encoder, decoder_step = build_encoder(model), build_decoder_step(model)
    translations = decode(source, max_length=12)
    for row, translation in zip(source[:8], translations, strict=False):
        states = first_states(model, encoder(row[None]))
        expected = [START]
        while expected[-1] != END and len(expected) <= 12:
            token = ops.convert_to_tensor([[expected[-1]]])
            logits, *states = decoder_step([token, *states])
            scores = np.array(logits[0])
            scores[NEVER] = -np.inf
            expected.append(int(scores.argmax()))
        assert translation.tolist() == expected[1:] + [PAD] * (13 - len(expected))


def test_translations_are_int32_and_as_wide_as_asked(translator, source):
    _, decode = translator
    translations = decode(source, max_length=12)
    assert translations.shape == (30, 12)
    assert translations.dtype == np.int32
    assert decode(source).shape == (30, longest_target(7))


def test_a_sentence_is_translated_alone_as_in_a_batch(translator, source):
    _, decode = translator
    together = decode(source, max_length=12)
    for row in range(5):
        np.testing.assert_array_equal(
            decode(source[row : row + 1], max_length=12)[0], together[row]
        )


@pytest.mark.parametrize("more", [5, 20])
def test_padding_never_changes_a_translation(translator, source, more):
    _, decode = translator
    padded = np.pad(source, [(0, 0), (0, more)])
    np.testing.assert_array_equal(decode(padded, max_length=12), decode(source, max_length=12))


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_a_model_without_a_mask_reads_all_the_padding_it_is_given_and_no_more(
    build, source, cell, monkeypatch
):
    with_mask = models._embedding
    monkeypatch.setattr(models, "_embedding", lambda config, side, **_: with_mask(config, side))
    model = speak_up(build(seed=1, units=16, cell=cell))
    assert not can_prepare(model)
    decode, seen = greedy(model), set()
    for width in (7, 8, 12):
        padded = np.pad(source[:5], [(0, 0), (0, width - 7)])
        states = first_states(model, build_encoder(model)(padded))
        first, *_ = build_decoder_step(model)([ops.full((5, 1), START, dtype="int32"), *states])
        logits = np.array(first)
        logits[:, NEVER] = -np.inf
        np.testing.assert_array_equal(decode(padded, max_length=3)[:, 0], logits.argmax(axis=1))
        seen.add(logits.tobytes())
    assert len(seen) == 3


def test_padding_does_not_let_a_translation_run_on(build, source):
    """Without END in sight, the own length of a source is what limits its translation."""
    decode = greedy(speak_up(build(), end=-100))
    padded = decode(np.pad(source, [(0, 0), (0, 5)]))
    lengths = np.count_nonzero(padded, axis=1)
    np.testing.assert_array_equal(lengths, longest_target(np.count_nonzero(source, axis=1)))


@pytest.mark.parametrize("choose", ["greedy", "sampling"])
def test_padding_unknown_and_start_are_never_said_and_nothing_follows_end(build, source, choose):
    # Left to itself, this model would say nothing but PAD, UNK and START.
    model = speak_up(build(units=16, seed=1), never=100)
    decode = {"greedy": greedy, "sampling": sampling}[choose](model)
    translations = decode(source, max_length=12)
    assert ended(translations).any() and len(np.unique(translations)) > 4
    for translation in translations.tolist():
        said, _, after = np.split(translation, [i := (translation + [END]).index(END), i + 1])
        assert not np.isin(said, NEVER).any()
        assert (after == PAD).all()


@pytest.fixture(scope="module")
def endless(build):
    """A decoder that never comes to END."""
    return greedy(speak_up(build(), end=-100))


@pytest.mark.parametrize("max_length", [1, 5, 13, 17])
def test_any_max_length_is_kept_and_what_it_cuts_off_is_the_end(endless, source, max_length):
    translations = endless(source, max_length=max_length)
    assert translations.shape == (30, max_length)
    assert (translations != PAD).all()
    np.testing.assert_array_equal(translations, endless(source, max_length=32)[:, :max_length])


def test_three_sentences_are_translated_as_among_forty(translator, sentences):
    _, decode = translator
    forty = pad(sentences(40, seed=6))
    np.testing.assert_array_equal(
        decode(forty[:3], max_length=12), decode(forty, max_length=12)[:3]
    )


@given(st.integers(1, 9), st.integers(1, 3), st.data())
def test_the_likeliest_is_numpy_s_argmax_and_the_first_of_equals(size, batch, data):
    numbers = st.lists(st.integers(-2, 2), min_size=size * batch, max_size=size * batch)
    logits = np.float32(data.draw(numbers)).reshape(size, batch)
    np.testing.assert_array_equal(likeliest(ops.convert_to_tensor(logits)), logits.argmax(axis=0))


# --- beam search


@pytest.fixture(scope="module")
def beam(translator):
    """A beam of 4, for a model of each cell."""
    model, _ = translator
    return beam_search(model, 4)


def log_probability(model, row, translation) -> float:
    """By hand: Σ log p(token) of one translation, up to and with END."""
    states = first_states(model, build_encoder(model)(row[None]))
    decoder_step, last, total = build_decoder_step(model), START, 0.0
    for token in translation:
        if token == PAD:
            break
        logits, *states = decoder_step([ops.convert_to_tensor([[last]]), *states])
        scores = np.float64(logits[0])
        scores[NEVER] = -np.inf
        total += scores[token] - scores.max() - np.log(np.exp(scores - scores.max()).sum())
        last = token
    return total


def test_a_beam_of_one_is_greedy(translator, source):
    model, decode = translator
    narrow = beam_search(model, 1)
    np.testing.assert_array_equal(narrow(source, max_length=12), decode(source, max_length=12))
    np.testing.assert_array_equal(narrow(source), decode(source))


def test_a_beam_as_wide_as_the_vocabulary_finds_the_best_of_all(translator, source):
    """Two steps, all of whose beginnings fit into the beam: every translation by hand."""
    model, _ = translator
    tokens = [token for token in range(13) if token not in (*NEVER, END)]
    every = [(END, PAD), *product(tokens, [*tokens, END])]
    found = beam_search(model, 13)(source[:6], max_length=2)
    for row, translation in zip(source[:6], found, strict=True):
        best = max(every, key=lambda candidate: log_probability(model, row, candidate))
        assert tuple(translation) == best


def chain(probabilities: dict) -> decoding._Steps:
    """A search over one sentence whose every token depends on the last one alone."""
    table = np.full((13, 13), 1e-9, "float32")
    for token, following in probabilities.items():
        for next_token, probability in following.items():
            table[token, next_token] = probability

    def step(inputs):
        token, *states = inputs
        return [tf.transpose(tf.math.log(tf.gather(table, token[:, 0]))), *states]

    last = tf.constant([9])
    return decoding._Steps(step, [], axis=0, last=last, most=tf.constant(10), columns=10)


A, B, C, MANY = 4, 5, 6, range(7, 13)
UNSURE = {token: 1 / 6 for token in MANY}


def test_a_translation_that_ended_is_kept_although_others_were_likelier_for_a_while():
    """END has 0.30; A → B and A → C have 0.31 each, and then fall to pieces."""
    steps = chain({START: {A: 0.62, END: 0.30}, A: {B: 0.5, C: 0.5}, B: UNSURE, C: UNSURE})
    assert decoding._beam(2)(steps, seed=0)[0].numpy().tolist() == [END] + [PAD] * 9


def test_a_translation_that_ended_gives_way_to_a_likelier_one():
    steps = chain({START: {A: 0.6, END: 0.35}, A: {B: 0.9}, B: {END: 0.9}})
    assert decoding._beam(2)(steps, seed=0)[0].numpy().tolist() == [A, B, END] + [PAD] * 7


def test_greedy_loses_what_a_beam_of_two_keeps():
    steps = chain({START: {A: 0.6, B: 0.4}, A: UNSURE | {END: 0.1}, B: {C: 1.0}, C: {END: 1.0}})
    assert decoding._beam(2)(steps, seed=0)[0].numpy().tolist()[:3] == [B, C, END]
    assert decoding._beam(1)(steps, seed=0)[0].numpy()[0] == A


def test_a_beam_ends_every_sentence_after_its_own_length(build, source):
    translations = beam_search(speak_up(build(), end=-100), 3)(np.pad(source, [(0, 0), (0, 5)]))
    lengths = np.count_nonzero(translations, axis=1)
    np.testing.assert_array_equal(lengths, longest_target(np.count_nonzero(source, axis=1)))


def test_a_beam_finds_likelier_translations_than_greedy(translator, beam, source):
    model, decode = translator
    gains = [
        log_probability(model, row, wide) - log_probability(model, row, narrow)
        for row, wide, narrow in zip(source, beam(source), decode(source), strict=True)
    ]
    assert np.mean(gains) > 0
    assert np.mean(np.array(gains) > -1e-4) > 0.9  # a beam can lose what greedy keeps, but seldom


def test_a_beam_translates_alone_as_in_a_batch_and_whatever_the_padding(beam, source):
    together = beam(np.pad(source, [(0, 0), (0, 5)]))
    for row, translation in zip(source[:6], together, strict=False):
        alone = beam(row[None])[0]
        np.testing.assert_array_equal(alone, translation[: len(alone)])


def test_what_a_beam_finds_has_one_end_and_nothing_after_it_or_never_said(beam, source):
    for translation in beam(source).tolist():
        said = translation[: translation.index(END)]
        assert not np.isin(said, [*NEVER, END]).any()
        assert set(translation[len(said) + 1 :]) <= {PAD}


@pytest.mark.parametrize("width", [0, -1, 14])
def test_impossible_widths_are_refused(model, width):
    with pytest.raises(ValueError, match=f"width is {width}: give a number from 1 to 13"):
        beam_search(model, width)


# --- what is prepared


def unprepared(model):
    """A greedy decoder that computes every product where it needs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "can_prepare", lambda model: False)
        return greedy(model)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_what_is_prepared_translates_as_what_is_computed(build, source, cell, layers):
    model = speak_up(build(units=16, cell=cell, layers=layers), end=-100)
    assert can_prepare(model)
    random = np.random.default_rng(0)
    for variable in model.trainable_variables:  # lively, and no bias zero
        if variable is not model.get_layer("logits").bias:
            variable.assign(random.normal(0, 1, variable.shape))
    translations = greedy(model)(source, max_length=12)
    assert len(np.unique(translations)) > 5
    np.testing.assert_array_equal(translations, unprepared(model)(source, max_length=12))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_decoder_follows_the_weights(build, source, cell):
    """Whichever of them changes after the first translation, and be it a third of its numbers."""
    model, random = speak_up(build(seed=1, units=16, cell=cell)), np.random.default_rng(0)
    decode, computed = greedy(model), unprepared(model)
    last = decode(source, max_length=12)
    for variable in model.trainable_variables:
        value = ops.convert_to_numpy(variable).copy()
        value[..., ::3] += random.normal(0, 3, value[..., ::3].shape)
        variable.assign(value)
        now = decode(source, max_length=12)
        np.testing.assert_array_equal(now, computed(source, max_length=12), variable.path)
        assert (now != last).any(), variable.path
        last = now
    np.testing.assert_array_equal(greedy(model)(source, max_length=12), last)


def test_a_decoder_follows_the_weights_back_to_where_they_were(build, source):
    model = speak_up(build(seed=2))
    embeddings = model.get_layer("target_embedding").embeddings
    before = ops.convert_to_numpy(embeddings).copy()
    decode = greedy(model)
    translations = []
    for value in (before, -before, before):
        embeddings.assign(value)
        translations.append(decode(source, max_length=12))
    there, away, back = translations
    assert (away != there).any()
    np.testing.assert_array_equal(back, there)


@pytest.mark.parametrize("decoder", [greedy, lambda model: beam_search(model, 3)])
def test_a_model_of_mixed_precision_translates(build, source, decoder):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = speak_up(build(seed=1, units=16))
    finally:
        keras.config.set_dtype_policy(policy)
    exact = speak_up(build(seed=1, units=16))
    agreement = decoder(mixed)(source)[:, :3] == decoder(exact)(source)[:, :3]
    assert agreement.mean() > 0.8  # rounding may tip a balance


@pytest.mark.parametrize("decoder", [greedy, lambda model: beam_search(model, 3)])
def test_without_xla_translations_are_the_same(model, source, decoder, monkeypatch):
    """As on Windows."""
    compiled = decoder(model)(source)
    monkeypatch.setattr(decoding, "CAN_COMPILE", False)
    monkeypatch.setattr(recurrent, "_on_a_cpu_with_tensorflow", lambda: False)
    assert not can_prepare(model)
    np.testing.assert_array_equal(decoder(model)(source), compiled)


@pytest.mark.parametrize("ids", [[[5, 13]], [[-1, 5]]])
def test_an_id_that_is_no_word_is_refused(translator, ids):
    _, decode = translator
    with pytest.raises(ValueError, match="source ids are not from 0 to 12"):
        decode(ids)


# --- sampling


@pytest.mark.parametrize("options", [{"temperature": 1e-4}, {"top_k": 1}], ids=str)
def test_sampling_only_the_likeliest_is_greedy(model, source, options):
    np.testing.assert_array_equal(
        sampling(model, **options)(source, max_length=12), greedy(model)(source, max_length=12)
    )


def test_one_seed_gives_one_sample_and_another_gives_another(draw, source):
    first, again, other = (draw(source, max_length=12, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=1).mean() > 0.5


def test_copies_of_a_sentence_are_drawn_independently(draw, source):
    copies = np.repeat(source[:1], 50, axis=0)
    assert len(np.unique(draw(copies, max_length=12), axis=0)) > 25


@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
def test_tokens_are_drawn_as_often_as_the_softmax_says(model, source, temperature):
    draws = 4000
    copies = np.repeat(source[:1], draws, axis=0)
    drawn = sampling(model, temperature)(copies, max_length=1, seed=1)[:, 0]
    expected = draws * first_distribution(model, source[:1], temperature)
    observed = np.bincount(drawn, minlength=len(expected))
    assert observed[NEVER].sum() == 0
    likely = expected > 5  # As the chi-square approximation asks.
    assert likely.sum() > 3
    chi_square = ((observed - expected)[likely] ** 2 / expected[likely]).sum()
    # Mean plus five standard deviations of chi-square with so many degrees of freedom.
    freedom = likely.sum() - 1
    assert chi_square < freedom + 5 * np.sqrt(2 * freedom)


@pytest.mark.parametrize("top_k", [3, 100])
def test_top_k_draws_from_the_k_likeliest_and_from_all_of_them(model, source, top_k):
    probabilities = first_distribution(model, source[:1], temperature=3.0)
    likeliest = np.argsort(-probabilities)[: min(top_k, len(probabilities) - len(NEVER))]
    copies = np.repeat(source[:1], 4000, axis=0)
    drawn = sampling(model, temperature=3.0, top_k=top_k)(copies, max_length=1)
    assert set(drawn.ravel()) == set(likeliest)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"temperature": 0}, "temperature is 0: give"),
        ({"temperature": -0.5}, "temperature is -0.5: give"),
        ({"top_k": -1}, "top_k is -1: give"),
    ],
)
def test_impossible_ways_to_draw_are_refused(model, options, complaint):
    with pytest.raises(ValueError, match=complaint):
        sampling(model, **options)
