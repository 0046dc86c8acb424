"""What `s2s_keras.inference` promises: a model's own numbers, and to see when they change."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from s2s_keras import inference
from s2s_keras.batches import pad
from s2s_keras.decoding import greedy
from s2s_keras.inference import PreparedModel, can_prepare
from s2s_keras.models import build_decoder_step, build_encoder, first_states
from s2s_keras.optimizers import Adam

each_cell = pytest.mark.parametrize("cell", ["lstm", "gru"])


@pytest.fixture(scope="module")
def source(sentences):
    """Ten sentences of 1 to 7 tokens, `(10, 7)`."""
    return pad(sentences(10, seed=5))


@pytest.fixture
def lively(build):
    """Builds a model in which every weight counts, biases too."""

    def lively(**choices):
        model, random = build(units=8, **choices), np.random.default_rng(0)
        for variable in model.trainable_variables:
            variable.assign(random.normal(0, 0.7, variable.shape))
        return model

    return lively


# --- the same numbers


@pytest.mark.parametrize("layers", [1, 2, 3])
@each_cell
def test_states_and_logits_are_those_of_the_encoder_and_the_decoder_step(
    lively, source, cell, layers
):
    model = lively(cell=cell, layers=layers)
    prepared = PreparedModel(model)
    states, expected = prepared.encode(source), first_states(model, build_encoder(model)(source))
    decoder_step = build_decoder_step(model)
    width = len(states) // layers  # a product for the next step comes before a layer's own states
    for token in (2, 5, 9):
        own = [state for n, state in enumerate(states) if n % width]
        for ours, theirs in zip(own, expected, strict=True):
            np.testing.assert_allclose(tf.transpose(ours), theirs, atol=1e-5)
        tokens = np.arange(token, token + len(source), dtype="int32")[:, None] % 13
        logits, *states = prepared.step([tf.constant(tokens), *states])
        expected_logits, *expected = decoder_step([ops.convert_to_tensor(tokens), *expected])
        np.testing.assert_allclose(tf.transpose(logits), expected_logits, atol=1e-4)


def test_what_is_wider_than_a_source_is_not_read(lively, source):
    prepared = PreparedModel(lively())
    for narrow, wide in zip(
        prepared.encode(source), prepared.encode(np.pad(source, [(0, 0), (0, 9)])), strict=True
    ):
        np.testing.assert_array_equal(narrow, wide)


def test_padding_may_stand_anywhere(lively):
    model = lively()
    source = np.array([[0, 0, 5, 6], [0, 7, 0, 4], [0, 0, 0, 0], [9, 8, 7, 6]], "int32")
    own = PreparedModel(model).encode(source)[1:]
    for ours, theirs in zip(own, build_encoder(model)(source), strict=True):
        np.testing.assert_allclose(tf.transpose(ours), theirs, atol=1e-5)


# --- whether they have changed


def change_by_assigning(model, variable):
    variable.assign(variable + 1)


def change_one_number(model, variable):
    value = ops.convert_to_numpy(variable).copy()
    value.flat[-1] += 1e-6
    variable.assign(value)


def change_a_row(model, variable):
    variable.value.scatter_sub(tf.IndexedSlices(tf.ones((1, variable.shape[1])), [0]))


def change_by_training(model, variable):
    optimizer = Adam(1e-3)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step():
        optimizer.apply([tf.ones(v.shape) for v in model.trainable_variables])

    step()


@pytest.mark.parametrize(
    "change", [change_by_assigning, change_one_number, change_a_row, change_by_training]
)
@each_cell
def test_a_change_of_any_matrix_is_seen_and_no_change_is_not(lively, cell, change):
    model = lively(cell=cell, layers=2)
    prepared = PreparedModel(model)
    assert prepared.is_current(prepared.weights())
    matrices = [v for v in model.trainable_variables if len(v.shape) == 2 and v.name != "bias"]
    assert len(matrices) == 2 + 2 * 4 + 1
    for variable in matrices:
        change(model, variable)
        weights = prepared.weights()
        assert not prepared.is_current(weights), variable.path
        prepared.prepare(weights)
        assert prepared.is_current(prepared.weights())


def test_a_decoder_prepares_again_only_after_a_change(lively, source, monkeypatch, tmp_path):
    calls = []
    prepare = PreparedModel.prepare
    monkeypatch.setattr(
        PreparedModel, "prepare", lambda self, weights: (calls.append(1), prepare(self, weights))
    )
    model = lively()
    decode = greedy(model)
    decode(source), decode(source[:1]), decode(source)
    assert len(calls) == 1  # when it was made
    model.get_layer("source_embedding").embeddings.assign_add(1.0)
    decode(source), decode(source)
    assert len(calls) == 2
    change_a_row(model, model.get_layer("target_embedding").embeddings)
    decode(source), decode(source)
    assert len(calls) == 3
    model.save_weights(tmp_path / "same.weights.h5")
    model.load_weights(tmp_path / "same.weights.h5")
    decode(source), decode(source)
    assert len(calls) == 3


# --- which models


def test_layers_that_read_more_than_the_token_are_not_prepared(build):
    assert can_prepare(build(cell="lstm", layers=2))
    assert not can_prepare(build(cell="lstm", context="every_step"))
    assert not can_prepare(build(cell="rnn"))


def test_a_model_of_mixed_precision_is_not_prepared(build):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert not can_prepare(build())
    finally:
        keras.config.set_dtype_policy(policy)


def test_a_table_may_be_too_large(build, monkeypatch):
    monkeypatch.setattr(inference, "LARGEST_TABLE", 13 * 4 * 8 - 1)
    assert not can_prepare(build(cell="lstm"))
    assert can_prepare(build(cell="gru"))
