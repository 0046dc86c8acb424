"""What `s2s_keras.fast.decoding` promises: the plain decoder's tokens, for everyone who asks."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops
from lively_models import enliven, speak_up

from s2s_keras import decoding, fast
from s2s_keras.batches import pad
from s2s_keras.decoding import NEVER_CHOSEN, longest_target
from s2s_keras.fast import recurrent
from s2s_keras.fast.decoding import likeliest
from s2s_keras.fast.inference import can_prepare
from s2s_keras.models import training_model
from s2s_keras.text import END, PAD

CHOICES = {
    "prepared": {"cell": "lstm", "layers": 2},
    "context": {"cell": "gru", "context": "every_step"},
    "simple": {"cell": "rnn"},
    "attention": {"cell": "lstm", "attention": "additive", "bidirectional": True},
}


@pytest.fixture(scope="module")
def source(sentences):
    """30 sentences of 1 to 7 tokens, `(30, 7)`."""
    return pad(sentences(30, seed=5))


@pytest.fixture(scope="module")
def build_fast(build):
    """Builds a model of the fast layers."""
    return lambda **choices: build(cells=fast.CELLS, **choices)


@pytest.fixture(scope="module", params=CHOICES.values(), ids=CHOICES)
def translator(build_fast, request):
    """A model of each kind, and its compiled greedy decoder."""
    model = speak_up(build_fast(seed=1, **request.param))
    return model, fast.greedy(model)


@pytest.fixture(scope="module")
def endless(build_fast):
    """A compiled decoder that never comes to END."""
    return fast.greedy(speak_up(build_fast(), end=-100))


def unprepared(model):
    """A compiled decoder that computes every product where it needs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast.decoding, "can_prepare", lambda model: False)
        return fast.greedy(model)


# --- the plain decoder's tokens


@pytest.mark.parametrize("max_length", [None, 12])
def test_the_tokens_are_those_of_the_plain_decoder(translator, source, max_length):
    model, decode = translator
    expected = decoding.greedy(model)(source, max_length)
    assert len(np.unique(expected)) > 3
    found = decode(source, max_length)
    assert found.dtype == expected.dtype == np.int32
    np.testing.assert_array_equal(found, expected)


def test_several_models_decide_together_as_the_plain_decoder_lets_them(build_fast, source):
    models = [
        speak_up(build_fast(seed=1)),
        speak_up(build_fast(seed=2, cell="gru", units=6, attention="dot")),
    ]
    found = fast.greedy(models)(source)
    np.testing.assert_array_equal(found, decoding.greedy(models)(source))
    assert (found != fast.greedy(models[0])(source)).any()


@given(st.integers(1, 9), st.integers(1, 3), st.data())
def test_the_likeliest_is_numpy_s_argmax_and_the_first_of_equals(size, batch, data):
    numbers = st.lists(st.integers(-2, 2), min_size=size * batch, max_size=size * batch)
    logits = np.float32(data.draw(numbers)).reshape(size, batch)
    np.testing.assert_array_equal(likeliest(ops.convert_to_tensor(logits)), logits.argmax(axis=0))


def test_padding_unknown_and_start_are_never_said_and_nothing_follows_end(build_fast, source):
    # Left to itself, this model would say nothing but PAD, UNK and START.
    decode = fast.greedy(speak_up(build_fast(units=16, seed=1), never=100))
    translations = decode(source, max_length=12)
    assert (translations == END).any() and len(np.unique(translations)) > 4
    for translation in translations.tolist():
        said, _, after = np.split(translation, [i := (translation + [END]).index(END), i + 1])
        assert not np.isin(said, NEVER_CHOSEN).any()
        assert (after == PAD).all()


@pytest.mark.parametrize("ids", [[[5, 13]], [[-1, 5]]])
def test_an_id_that_is_no_word_is_refused(endless, ids):
    with pytest.raises(ValueError, match="source ids are not from 0 to 12"):
        endless(ids)


# --- sizes: what is added for the compiler is never seen


def test_a_sentence_is_translated_alone_as_in_a_batch(translator, source):
    _, decode = translator
    together = decode(source, max_length=12)
    for row in range(5):
        np.testing.assert_array_equal(
            decode(source[row : row + 1], max_length=12)[0], together[row]
        )


def test_padding_never_changes_a_translation(translator, source):
    _, decode = translator
    padded = np.pad(source, [(0, 0), (0, 5)])  # beyond the size to which 7 is rounded
    np.testing.assert_array_equal(decode(padded, max_length=12), decode(source, max_length=12))


def test_padding_does_not_let_a_translation_run_on(endless, source):
    """Without END in sight, the own length of a source is what limits its translation."""
    padded = endless(np.pad(source, [(0, 0), (0, 5)]))
    lengths = np.count_nonzero(padded, axis=1)
    np.testing.assert_array_equal(lengths, longest_target(np.count_nonzero(source, axis=1)))


@pytest.mark.parametrize("max_length", [1, 5, 13, 17, 40])
def test_any_max_length_is_kept_and_what_it_cuts_off_is_the_end(endless, source, max_length):
    translations = endless(source, max_length=max_length)
    assert translations.shape == (30, max_length)
    assert (translations != PAD).all()
    np.testing.assert_array_equal(translations, endless(source, max_length=70)[:, :max_length])


def test_three_sentences_are_translated_as_among_forty(translator, sentences):
    _, decode = translator
    forty = pad(sentences(40, seed=6))
    np.testing.assert_array_equal(
        decode(forty[:3], max_length=12), decode(forty, max_length=12)[:3]
    )


@pytest.mark.parametrize("shape", [(0, 7), (2, 0)])
def test_no_sentence_and_an_empty_one_are_no_trouble(endless, shape):
    assert endless(np.zeros(shape, "int32"), max_length=4).shape == (shape[0], 4)


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_a_model_without_a_mask_reads_all_the_padding_it_is_given_and_no_more(
    build_fast, source, cell, monkeypatch
):
    with_mask = training_model._embedding
    monkeypatch.setattr(
        training_model, "_embedding", lambda config, side, **_: with_mask(config, side)
    )
    model = speak_up(build_fast(seed=1, units=16, cell=cell))
    assert not can_prepare(model)
    decode, plain, seen = fast.greedy(model), decoding.greedy(model), set()
    for width in (7, 8, 12):
        padded = np.pad(source, [(0, 0), (0, width - 7)])
        translations = decode(padded, max_length=3)
        np.testing.assert_array_equal(translations, plain(padded, max_length=3))
        seen.add(translations.tobytes())
    assert len(seen) == 3


# --- what is prepared


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_what_is_prepared_translates_as_what_is_computed(build_fast, source, cell, layers):
    model = speak_up(enliven(build_fast(units=16, cell=cell, layers=layers)), end=-100)
    assert can_prepare(model)
    translations = fast.greedy(model)(source, max_length=12)
    assert len(np.unique(translations)) > 5
    np.testing.assert_array_equal(translations, unprepared(model)(source, max_length=12))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_decoder_follows_the_weights(build_fast, source, cell):
    """Whichever of them changes after the first translation, and be it a third of its numbers."""
    model, random = speak_up(build_fast(seed=1, units=16, cell=cell)), np.random.default_rng(0)
    decode, computed = fast.greedy(model), unprepared(model)
    last = decode(source, max_length=12)
    for variable in model.trainable_variables:
        value = ops.convert_to_numpy(variable).copy()
        value[..., ::3] += random.normal(0, 3, value[..., ::3].shape)
        variable.assign(value)
        now = decode(source, max_length=12)
        np.testing.assert_array_equal(now, computed(source, max_length=12), variable.path)
        assert (now != last).any(), variable.path
        last = now
    np.testing.assert_array_equal(fast.greedy(model)(source, max_length=12), last)


def test_a_decoder_follows_the_weights_back_to_where_they_were(build_fast, source):
    model = speak_up(build_fast(seed=2))
    embeddings = model.get_layer("target_embedding").embeddings
    before = ops.convert_to_numpy(embeddings).copy()
    decode = fast.greedy(model)
    translations = []
    for value in (before, -before, before):
        embeddings.assign(value)
        translations.append(decode(source, max_length=12))
    there, away, back = translations
    assert (away != there).any()
    np.testing.assert_array_equal(back, there)


def test_several_threads_may_translate_at_once(endless, source):
    alone = endless(source)
    with ThreadPoolExecutor(4) as pool:
        for translations in pool.map(endless, [source] * 8):
            np.testing.assert_array_equal(translations, alone)


# --- other precision, other systems


def test_a_model_of_mixed_precision_translates(build_fast, source):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = speak_up(build_fast(seed=1, units=16))
    finally:
        keras.config.set_dtype_policy(policy)
    exact = speak_up(build_fast(seed=1, units=16))
    agreement = fast.greedy(mixed)(source)[:, :3] == fast.greedy(exact)(source)[:, :3]
    assert agreement.mean() > 0.8  # rounding may tip a balance


def test_without_xla_translations_are_the_same(build_fast, source, monkeypatch):
    """As on Windows."""
    model = speak_up(build_fast(seed=1, units=16))
    compiled = fast.greedy(model)(source)
    monkeypatch.setattr(fast.decoding, "CAN_COMPILE", False)
    monkeypatch.setattr(recurrent, "_on_a_cpu_with_tensorflow", lambda: False)
    assert not can_prepare(model)
    np.testing.assert_array_equal(fast.greedy(model)(source), compiled)


def test_a_decoder_of_several_models_asks_that_they_share_their_tokenizers(build):
    with pytest.raises(ValueError, match="the same vocabularies"):
        fast.greedy([build(), build(target_vocabulary=14)])
