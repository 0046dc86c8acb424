"""What `s2s_keras.fast.inference` promises: a model's own numbers, and to see when they change."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from lively_models import enliven

from s2s_keras.batches import pad
from s2s_keras.decoding.common import first_states
from s2s_keras.fast import CELLS, Adam, greedy, inference
from s2s_keras.fast.inference import PreparedModel, can_prepare
from s2s_keras.models import build_decoder_step, build_encoder

each_cell = pytest.mark.parametrize("cell", ["lstm", "gru"])


@pytest.fixture(scope="module")
def source(sentences):
    """Ten sentences of 1 to 7 tokens, `(10, 7)`."""
    return pad(sentences(10, seed=5))


@pytest.fixture
def lively(build):
    """Builds a model of the fast layers in which every weight counts."""
    return lambda **choices: enliven(build(cells=CELLS, **choices))


def as_encoded(states, expected) -> list[np.ndarray]:
    """The states that a prepared decoder holds, in the order and form of `build_encoder`."""
    if len(states) == len(expected):
        return states
    # By columns a product for the next step comes before each layer's own states.
    layers = len(states) - len(expected)
    width = len(states) // layers
    return [tf.transpose(state) for n, state in enumerate(states) if n % width]


# --- the same numbers


@pytest.mark.parametrize("by_columns", [True, False])
@pytest.mark.parametrize("layers", [1, 2, 3])
@each_cell
def test_states_and_logits_are_those_of_the_encoder_and_the_decoder_step(
    lively, source, cell, layers, by_columns
):
    model = lively(cell=cell, layers=layers)
    prepared, decoder_step = PreparedModel(model, by_columns), build_decoder_step(model)
    states, expected = prepared.encode(source), first_states(build_encoder(model), source)
    for token in (2, 5, 9):
        for ours, theirs in zip(as_encoded(states, expected), expected, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
        tokens = np.arange(token, token + len(source), dtype="int32")[:, None] % 13
        logits, *states = prepared.step([tf.constant(tokens), *states])
        expected_logits, *expected = decoder_step([ops.convert_to_tensor(tokens), *expected])
        np.testing.assert_allclose(tf.transpose(logits), expected_logits, atol=1e-4)


@pytest.mark.parametrize("by_columns", [True, False])
def test_what_is_wider_than_a_source_is_not_read(lively, source, by_columns):
    prepared = PreparedModel(lively(), by_columns)
    for narrow, wide in zip(
        prepared.encode(source), prepared.encode(np.pad(source, [(0, 0), (0, 9)])), strict=True
    ):
        np.testing.assert_array_equal(narrow, wide)


@pytest.mark.parametrize("by_columns", [True, False])
def test_padding_may_stand_anywhere(lively, by_columns):
    model = lively()
    source = np.array([[0, 0, 5, 6], [0, 7, 0, 4], [0, 0, 0, 0], [9, 8, 7, 6]], "int32")
    own = PreparedModel(model, by_columns).encode(source)
    expected = first_states(build_encoder(model), source)
    for ours, theirs in zip(as_encoded(own, expected), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


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

    optimizer.apply([tf.ones(v.shape) for v in model.trainable_variables])


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


@pytest.mark.parametrize("change", [change_one_number, change_by_training])
def test_by_rows_too_a_change_of_what_is_prepared_is_seen(lively, change):
    """The matrices from which nothing is prepared are read at every step."""
    model = lively(layers=2)
    prepared = PreparedModel(model, by_columns=False)
    assert prepared.is_current(prepared.weights())
    for layer in ("source_embedding", "encoder_1", "target_embedding", "decoder_1"):
        change(model, model.get_layer(layer).weights[0])
        weights = prepared.weights()
        assert not prepared.is_current(weights), layer
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


@pytest.mark.parametrize(
    "choices",
    [
        {"context": "every_step"},
        {"cell": "rnn"},
        {"attention": "dot"},
        {"attention": "additive"},
        {"bidirectional": True},
    ],
    ids=str,
)
def test_layers_that_read_more_than_the_token_are_not_prepared(build, choices):
    assert can_prepare(build(cells=CELLS, layers=2))
    assert not can_prepare(build(cells=CELLS, layers=2, **choices))


@each_cell
def test_kerass_own_layers_are_not_prepared(build, cell):
    assert not can_prepare(build(cell=cell))


def test_a_model_of_mixed_precision_is_not_prepared(build):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        assert not can_prepare(build(cells=CELLS))
    finally:
        keras.config.set_dtype_policy(policy)


def test_a_table_may_be_too_large(build, monkeypatch):
    monkeypatch.setattr(inference, "LARGEST_TABLE", 13 * 4 * 8 - 1)
    assert not can_prepare(build(cells=CELLS, cell="lstm"))
    assert can_prepare(build(cells=CELLS, cell="gru"))


def test_many_models_one_after_the_other_are_prepared_without_a_warning(lively, caplog):
    tf.get_logger().addHandler(caplog.handler)
    try:
        for _ in range(6):
            PreparedModel(lively())
    finally:
        tf.get_logger().removeHandler(caplog.handler)
    assert [record.getMessage() for record in caplog.records] == []
