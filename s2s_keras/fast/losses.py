"""Equals `training.plain_loss`: the masked cross-entropy, computed only where there is a label."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from ..text import PAD
from ..training import plain_loss


def compute_loss(training_model: keras.Model) -> Callable:
    """Return a `compute_loss` for `training.fit`: the loss of `training.plain_loss`, sooner.

    It computes logits only at the positions that have a label: on them most of the time is spent.
    Where the logits are no plain product of the last layer's output, it is `plain_loss` itself.
    """
    logits = training_model.get_layer("logits")
    if not is_plain_product(logits) or training_model.output is not logits.output:
        return plain_loss(training_model)
    last_layers_input = keras.Model(training_model.input, logits.input)

    def loss_and_count(inputs, labels, training):
        if not is_plain_product(logits):  # quantized since then
            return plain_loss(training_model)(inputs, labels, training)
        hidden = last_layers_input(inputs, training=training)  # (batch, time, units)
        labels = tf.reshape(labels, [-1])
        positions = tf.where(labels != PAD)[:, 0]
        hidden = tf.gather(tf.reshape(hidden, [-1, hidden.shape[-1]]), positions)
        weights = [tf.convert_to_tensor(weight) for weight in (logits.kernel, logits.bias)]
        total = projected_cross_entropy(hidden, *weights, tf.gather(labels, positions))
        count = tf.cast(tf.size(positions), tf.float32)
        return total / tf.maximum(count, 1), count

    return loss_and_count


def is_plain_product(layer: keras.layers.Layer) -> bool:
    """Tell whether a layer gives `x·W + b`, with the weights W and b that it has."""
    return (
        type(layer) is keras.layers.Dense
        and layer.use_bias
        and layer.activation is keras.activations.linear
        and layer.activity_regularizer is None
        and not is_adapted(layer)
    )


def is_adapted(layer: keras.layers.Layer) -> bool:
    """Tell whether a layer's matrix is not the one that it was built with: LoRA, quantization."""
    return any(_adaptations_of(layer))


def adaptations(models: Sequence[keras.Model]) -> list[tuple]:
    """Return what has become of each layer, for the layers of several models."""
    return [_adaptations_of(layer) for model in models for layer in model.layers]


def _adaptations_of(layer: keras.layers.Layer) -> tuple:
    return getattr(layer, "lora_enabled", False), layer.quantization_mode


@tf.custom_gradient
def projected_cross_entropy(hidden, kernel, bias, labels):
    """Return the sum of the cross-entropies of an output layer, without a pass to spare.

    The softmax that the loss computes is all that its gradient needs: ∂(−log p_label)/∂logits is p,
    less 1 at the label. The loss itself is log Σ e^z − z_label, and log Σ e^z is
    max z − log max p, which no tiny probability can spoil.

    Args:
        hidden: `(positions, units)` of any float; the products run in its dtype.
        kernel: `(units, vocabulary)` of the output layer.
        bias: `(vocabulary,)`.
        labels: int32 `(positions,)`.

    Returns:
        float32 scalar, in nats.
    """
    logits = tf.cast(tf.matmul(hidden, tf.cast(kernel, hidden.dtype)), tf.float32)
    logits += tf.cast(bias, tf.float32)
    at_label = tf.stack([tf.range(tf.size(labels)), labels], axis=1)
    probabilities = tf.nn.softmax(logits)
    log_sums = tf.reduce_max(logits, axis=1) - tf.math.log(tf.reduce_max(probabilities, axis=1))

    def gradient(d_loss):
        ones = tf.ones_like(labels, tf.float32)
        d_logits = tf.tensor_scatter_nd_sub(probabilities, at_label, ones)
        d_bias = tf.linalg.matvec(d_logits, ones, transpose_a=True)
        d_logits = tf.cast(d_logits, hidden.dtype)
        # d_loss scales what is smaller than the logits.
        d_loss_in = tf.cast(d_loss, hidden.dtype)
        d_hidden = tf.matmul(d_logits, tf.cast(kernel, hidden.dtype), transpose_b=True)
        # One after the other: at once, these two large products slow each other down.
        with tf.control_dependencies([d_hidden]):
            d_kernel = tf.matmul(hidden * d_loss_in, d_logits, transpose_a=True)
        d_bias = tf.cast(d_loss * d_bias, bias.dtype)
        return d_loss_in * d_hidden, tf.cast(d_kernel, kernel.dtype), d_bias, None

    return tf.reduce_sum(log_sums - tf.gather_nd(logits, at_label)), gradient
