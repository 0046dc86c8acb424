"""What `s2s_keras.steps` promises: plain Keras's loss and gradients, and inputs well mixed."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops

from s2s_keras import models
from s2s_keras.batches import make_batches
from s2s_keras.losses import masked_cross_entropy
from s2s_keras.models import build_decoder_step, build_encoder, first_states
from s2s_keras.steps import (
    loss_step,
    mix_in_own_predictions,
    projected_cross_entropy,
    train_step,
)
from s2s_keras.text import START

KERAS = {"lstm": layers.LSTM, "gru": layers.GRU, "rnn": layers.SimpleRNN}
CHOICES = [
    {"cell": "lstm", "layers": 1, "context": "start"},
    {"cell": "lstm", "layers": 2, "context": "every_step"},
    {"cell": "gru", "layers": 2, "context": "start"},
    {"cell": "gru", "layers": 1, "context": "every_step"},
    {"cell": "rnn", "layers": 1, "context": "start"},
]


@pytest.fixture(scope="module")
def batch(sentences):
    """One batch of five pairs, of different lengths on both sides."""
    pairs = sentences(5, seed=1), sentences(5, seed=2)
    (batch,) = make_batches(*pairs, 5)
    return batch


def plain_loss_and_gradients(build, inputs, labels, choices):
    """Keras's own layers, every logit, and no gradient but TensorFlow's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "CELLS", KERAS)
        model = build(**choices)
    assert type(model.get_layer("encoder_1")) is KERAS[choices["cell"]]
    with tf.GradientTape() as tape:
        loss = masked_cross_entropy(labels, model(inputs, training=True))
    variables = model.trainable_variables
    return float(loss), [tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]


def fall(model, step, inputs, labels) -> tuple[float, float, list[np.ndarray]]:
    """The loss, the number of labels and what one step of plain descent takes from the weights."""
    before = model.get_weights()
    loss, count = step(inputs, labels)
    steps = zip(before, model.get_weights(), strict=True)
    return float(loss), float(count), [old - new for old, new in steps]


def descent(model):
    """Plain gradient descent: what it takes from a weight is the gradient."""
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(model.trainable_variables)
    return optimizer


# --- the step


@pytest.mark.parametrize("choices", CHOICES, ids=lambda c: "-".join(map(str, c.values())))
def test_loss_and_gradients_are_those_of_plain_keras(build, batch, choices):
    inputs, labels = batch
    model = build(**choices)
    expected, gradients = plain_loss_and_gradients(build, inputs, labels, choices)
    assert float(loss_step(model)(inputs, labels)[0]) == pytest.approx(expected, abs=1e-5)

    loss, count, steps = fall(model, train_step(model, descent(model)), inputs, labels)
    assert loss == pytest.approx(expected, abs=1e-5)
    assert count == np.count_nonzero(labels)
    for step, gradient in zip(steps, gradients, strict=True):
        assert np.abs(gradient).max() > 0
        np.testing.assert_allclose(step, gradient, atol=2e-6)


def test_a_step_lowers_the_loss_that_the_loss_step_gives(build, batch):
    model = build()
    learn, judge = train_step(model, descent(model)), loss_step(model)
    losses = [float(learn(*batch)[0]) for _ in range(5)]
    assert losses == sorted(losses, reverse=True) and losses[0] - losses[-1] > 0.01
    assert float(judge(*batch)[0]) < losses[-1]


def test_judging_changes_nothing(build, batch):
    model = build(dropout=0.5)
    before = model.get_weights()
    first, again = (float(loss_step(model)(*batch)[0]) for _ in range(2))
    assert first == again
    assert first == pytest.approx(
        float(masked_cross_entropy(batch[1], model(batch[0], training=False))), abs=1e-5
    )
    for some, others in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(some, others)


def test_dropout_acts_in_the_training_step(build, batch):
    model = build(dropout=0.5)
    standstill = keras.optimizers.SGD(0.0)
    standstill.build(model.trainable_variables)
    step = train_step(model, standstill)
    assert abs(float(step(*batch)[0]) - float(step(*batch)[0])) > 1e-4


def test_a_batch_of_padding_only_has_no_loss_and_changes_nothing(build, batch):
    model = build()
    inputs, labels = batch
    nothing = tf.zeros_like(labels)
    assert [float(value) for value in loss_step(model)(inputs, nothing)] == [0, 0]
    loss, count, steps = fall(model, train_step(model, descent(model)), inputs, nothing)
    assert (loss, count) == (0, 0)
    for step in steps:
        np.testing.assert_array_equal(step, 0)


def test_padding_changes_neither_loss_nor_gradient(build, batch):
    inputs, labels = batch
    padded = {side: tf.pad(ids, [[0, 0], [0, 3]]) for side, ids in inputs.items()}
    some, others = build(), build()
    loss, count, steps = fall(some, train_step(some, descent(some)), inputs, labels)
    padded_loss, padded_count, padded_steps = fall(
        others, train_step(others, descent(others)), padded, tf.pad(labels, [[0, 0], [0, 3]])
    )
    assert (padded_loss, padded_count) == (pytest.approx(loss, abs=1e-6), count)
    for step, other in zip(steps, padded_steps, strict=True):
        np.testing.assert_allclose(step, other, atol=1e-6)


def test_without_teacher_forcing_a_step_learns_from_its_own_predictions(build, batch):
    inputs, labels = batch
    own, told = build(seed=3), build(seed=3)
    mixed = mix_in_own_predictions(told, 0.0)(inputs, tf.constant([0, 0]))
    assert (mixed["target"].numpy() != inputs["target"].numpy()).any()
    loss, _, steps = fall(own, train_step(own, descent(own), 0.0), inputs, labels)
    expected, _, told_steps = fall(told, train_step(told, descent(told)), mixed, labels)
    assert loss == pytest.approx(expected, abs=1e-6)
    for step, other in zip(steps, told_steps, strict=True):
        np.testing.assert_allclose(step, other, atol=1e-6)


# --- the loss of an output layer


def by_hand(hidden, kernel, bias, labels):
    """In float64: the loss, and its gradients by hidden, kernel and bias."""
    hidden, kernel, bias = (np.float64(value) for value in (hidden, kernel, bias))
    logits = hidden @ kernel + bias
    logits -= logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(logits).sum(axis=1))
    loss = (log_sums - logits[np.arange(len(labels)), labels]).sum()
    d_logits = np.exp(logits - log_sums[:, None])
    d_logits[np.arange(len(labels)), labels] -= 1
    return loss, [d_logits @ kernel.T, hidden.T @ d_logits, d_logits.sum(axis=0)]


def assert_loss_is_as_by_hand(hidden, kernel, bias, labels, times=3.0):
    floats = [tf.constant(value, tf.float32) for value in (hidden, kernel, bias)]
    with tf.GradientTape() as tape:
        tape.watch(floats)
        loss = projected_cross_entropy(*floats, tf.constant(labels, tf.int32))
        scaled = times * loss
    expected, expected_gradients = by_hand(*floats, labels)
    assert float(loss) == pytest.approx(expected, rel=1e-5, abs=1e-5)
    for some, others in zip(tape.gradient(scaled, floats), expected_gradients, strict=True):
        size = max(1, np.abs(others).max(initial=0))
        np.testing.assert_allclose(some, times * others, atol=1e-5 * times * size)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(2, 9), st.floats(0.1, 10))
def test_the_loss_of_a_layer_and_its_gradients_are_as_by_hand(seed, positions, words, scale):
    random = np.random.default_rng(seed)
    assert_loss_is_as_by_hand(
        random.normal(0, scale, (positions, 4)),
        random.normal(0, 1, (4, words)),
        random.normal(0, 1, words),
        random.integers(0, words, positions),
    )


@pytest.mark.parametrize("scale", [1e4, -1e4])
def test_huge_logits_are_no_trouble(scale):
    """Each label once the likeliest, once the least likely, once between: p = 1, 0 and 0."""
    hidden = np.float32([[1, 0], [1, 0], [1, 0], [0, 1], [0, 0]])
    kernel = np.float32([[1, -1, 0], [0, 1, 1]]) * scale
    assert_loss_is_as_by_hand(hidden, kernel, np.zeros(3), np.array([0, 1, 2, 0, 1]))


def test_the_loss_of_a_label_whose_probability_is_zero_in_float32_is_right():
    # Softmax gives exactly 0 for it; the logarithm of that would be no loss to learn from.
    bias = np.float32([0, 200, 0])
    assert float(tf.nn.softmax(bias)[0]) == 0
    assert_loss_is_as_by_hand(np.zeros((1, 2)), np.zeros((2, 3)), bias, np.array([0]))


def test_no_position_has_no_loss_and_no_gradient():
    assert_loss_is_as_by_hand(np.zeros((0, 2)), np.ones((2, 3)), np.ones(3), np.zeros(0, "int32"))


def test_half_precision_comes_near_and_gives_gradients_in_the_dtypes_it_was_given():
    random = np.random.default_rng(0)
    arrays = random.normal(0, 1, (6, 4)), random.normal(0, 1, (4, 5)), random.normal(0, 1, 5)
    labels = np.arange(6) % 5
    inputs = [tf.constant(array, tf.float32) for array in arrays]
    inputs[0] = tf.cast(inputs[0], "bfloat16")
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = projected_cross_entropy(*inputs, tf.constant(labels, tf.int32))
    gradients = tape.gradient(loss, inputs)
    expected, expected_gradients = by_hand(*arrays, labels)
    assert loss.dtype == tf.float32
    assert float(loss) == pytest.approx(expected, rel=0.02)
    for value, gradient, other in zip(inputs, gradients, expected_gradients, strict=True):
        assert gradient.dtype == value.dtype
        np.testing.assert_allclose(tf.cast(gradient, "float32"), other, atol=0.05)


# --- teacher forcing and its absence


@pytest.fixture(scope="module")
def talker(build):
    """A model with firm opinions, so that its own predictions vary."""
    model = build(units=16, context="every_step", seed=1)
    kernel = model.get_layer("logits").kernel
    kernel.assign(kernel * 5)
    return model


@pytest.fixture(scope="module")
def inputs(sentences):
    """One batch of 64 pairs, as the training model reads it."""
    (batch,) = make_batches(*(sentences(64, 7, 7, seed) for seed in (1, 2)), 64)
    return batch[0]


def own_predictions(training_model, source, steps: int) -> np.ndarray:
    """Slowly, by the decoder step: what the model says when it hears only itself."""
    decoder_step = build_decoder_step(training_model)
    states = first_states(training_model, build_encoder(training_model)(source))
    read = [np.full(len(source), START)]
    for _ in range(steps - 1):
        logits, *states = decoder_step([ops.convert_to_tensor(read[-1][:, None]), *states])
        read.append(np.argmax(logits, axis=-1))
    return np.stack(read, axis=1)


def test_full_teacher_forcing_feeds_only_the_truth(talker, inputs):
    mixed = mix_in_own_predictions(talker, 1.0)(inputs, tf.constant([0, 0]))
    np.testing.assert_array_equal(mixed["source"], inputs["source"])
    np.testing.assert_array_equal(mixed["target"], inputs["target"])


def test_no_teacher_forcing_feeds_only_own_predictions(talker, inputs):
    mixed = mix_in_own_predictions(talker, 0.0)(inputs, tf.constant([0, 0]))
    expected = own_predictions(talker, inputs["source"], inputs["target"].shape[1])
    assert len(np.unique(expected)) > 5
    np.testing.assert_array_equal(mixed["source"], inputs["source"])
    np.testing.assert_array_equal(mixed["target"], expected)


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_ratio_mixes_truth_and_predictions_in_that_share(talker, inputs, share):
    mix = mix_in_own_predictions(talker, share)
    mixed = np.array(mix(inputs, tf.constant([0, 0]))["target"])
    truth = np.array(inputs["target"])[:, 1:]
    # What the model predicts after it has read this very mixture.
    logits = talker({"source": inputs["source"], "target": ops.convert_to_tensor(mixed)})
    predicted = np.argmax(logits, axis=-1)[:, :-1]
    is_truth, is_predicted = mixed[:, 1:] == truth, mixed[:, 1:] == predicted
    assert (mixed[:, 0] == START).all()
    assert (is_truth | is_predicted).all()
    differ = truth != predicted
    deviation = math.sqrt(share * (1 - share) / differ.sum())
    assert is_truth[differ].mean() == pytest.approx(share, abs=3 * deviation)


def test_the_mixture_is_chosen_by_the_seed_alone(talker, inputs):
    mix = mix_in_own_predictions(talker, 0.5)
    first, again, other = (
        np.array(mix(inputs, tf.constant([0, step]))["target"]) for step in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
