"""What `s2s_keras.fast.losses` promises: the masked cross-entropy, with its gradient by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_keras import fast, training
from s2s_keras.batches import make_batches
from s2s_keras.fast.losses import projected_cross_entropy
from s2s_keras.losses import masked_cross_entropy

CHOICES = [
    {"cell": "lstm", "layers": 1, "context": "start"},
    {"cell": "lstm", "layers": 2, "context": "every_step"},
    {"cell": "gru", "layers": 2, "context": "start"},
    {"cell": "gru", "attention": "additive", "context": "every_step"},
    {"cell": "lstm", "attention": "dot", "bidirectional": True},
    {"cell": "rnn", "layers": 1, "context": "start"},
]


@pytest.fixture(scope="module")
def batch(sentences):
    """One batch of five pairs, of different lengths in both languages."""
    pairs = sentences(5, seed=1), sentences(5, seed=2)
    (batch,) = make_batches(*pairs, 5)
    return batch


def plain_loss_and_gradients(model, inputs, labels):
    """Keras's own layers, every logit, and no gradient but TensorFlow's."""
    with tf.GradientTape() as tape:
        loss = masked_cross_entropy(labels, model(inputs, training=True))
    variables = model.trainable_variables
    return float(loss), [tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]


def descend(model, inputs, labels, rate=1.0) -> tuple[float, float, list[np.ndarray]]:
    """The loss, the number of labels, and what plain gradient descent takes from the weights.

    At a rate of 1 that is the gradient.
    """
    model.compile(keras.optimizers.SGD(rate))
    before = model.get_weights()
    loss, count = training.train_step(model, fast.compute_loss(model))(inputs, labels)
    pairs = zip(before, model.get_weights(), strict=True)
    return float(loss), float(count), [old - new for old, new in pairs]


def judge(model, inputs, labels) -> list[float]:
    """The loss and the number of labels, without learning from them."""
    step = training.evaluate_step(model, fast.compute_loss(model))
    return [float(value) for value in step(inputs, labels)]


# --- the loss of a model


@pytest.mark.parametrize("choices", CHOICES, ids=lambda c: "-".join(map(str, c.values())))
def test_loss_and_gradients_are_those_of_plain_keras(build, batch, choices):
    inputs, labels = batch
    expected, gradients = plain_loss_and_gradients(build(**choices), inputs, labels)
    model = build(cells=fast.CELLS, **choices)
    assert judge(model, inputs, labels)[0] == pytest.approx(expected, abs=1e-5)
    loss, count, taken = descend(model, inputs, labels)
    assert loss == pytest.approx(expected, abs=1e-5)
    assert count == np.count_nonzero(labels)
    for own, gradient in zip(taken, gradients, strict=True):
        assert np.abs(gradient).max() > 0
        np.testing.assert_allclose(own, gradient, atol=2e-6)


def test_dropout_acts_in_training_and_not_in_judging(build, batch):
    model = build(cells=fast.CELLS, dropout=0.5)
    expected = float(masked_cross_entropy(batch[1], model(batch[0], training=False)))
    assert judge(model, *batch)[0] == pytest.approx(expected, abs=1e-5)
    model.compile(keras.optimizers.SGD(0.0))
    step = training.train_step(model, fast.compute_loss(model))
    first, again = (float(step(*batch)[0]) for _ in range(2))
    assert abs(first - again) > 1e-4 and abs(first - expected) > 1e-4


def test_a_batch_of_padding_only_has_no_loss_and_changes_nothing(build, batch):
    model, (inputs, labels) = build(cells=fast.CELLS), batch
    nothing = tf.zeros_like(labels)
    assert judge(model, inputs, nothing) == [0, 0]
    loss, count, taken = descend(model, inputs, nothing)
    assert (loss, count) == (0, 0)
    for own in taken:
        np.testing.assert_array_equal(own, 0)


def test_padding_changes_neither_loss_nor_gradient(build, batch):
    inputs, labels = batch
    padded = {language: tf.pad(ids, [[0, 0], [0, 3]]) for language, ids in inputs.items()}
    loss, count, taken = descend(build(cells=fast.CELLS), inputs, labels)
    padded_loss, padded_count, padded_taken = descend(
        build(cells=fast.CELLS), padded, tf.pad(labels, [[0, 0], [0, 3]])
    )
    assert (padded_loss, padded_count) == (pytest.approx(loss, abs=1e-6), count)
    for own, other in zip(taken, padded_taken, strict=True):
        np.testing.assert_allclose(own, other, atol=1e-6)


def test_a_penalty_of_the_model_itself_is_learnt_from_too(build, batch):
    """Keras collects what `kernel_regularizer` and the like add in `model.losses`."""
    inputs, labels = batch
    free, _, taken = descend(build(cells=fast.CELLS), inputs, labels)
    model = build(cells=fast.CELLS)
    kernel = model.get_layer("encoder_1").cell.kernel
    kernel.regularizer = keras.regularizers.L2(0.5)  # its gradient is the weight itself
    weights = keras.ops.convert_to_numpy(kernel).copy()
    loss, _, more_taken = descend(model, inputs, labels)
    assert loss == pytest.approx(free, abs=1e-6)
    index = [v.path for v in model.weights].index(kernel.path)
    np.testing.assert_allclose(more_taken[index] - taken[index], weights, atol=1e-6)


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
