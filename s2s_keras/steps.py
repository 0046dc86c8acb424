"""One step of training, compiled: the loss over the positions that have a label, and its gradient.

Every expression that needs a label is computed where there is one, and nowhere else.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from .models import build_decoder_step, build_encoder, first_states, unroll
from .text import PAD

# One graph for batches of every size and length: tracing costs more than a hundred steps.
_IDS = tf.TensorSpec([None, None], tf.int32)
_ANY_BATCH = [{"source": _IDS, "target": _IDS}, _IDS]


def train_step(
    training_model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    teacher_forcing: float = 1.0,
    seed: int = 0,
) -> Callable:
    """Compile one step of gradient descent.

    Args:
        training_model: from `build_training_model`.
        optimizer: built for the model's trainable variables.
        teacher_forcing: see `mix_in_own_predictions`.
        seed: of the choice between true and own tokens.

    Returns:
        Function of a batch of `make_batches`, `(inputs, labels) -> (loss, labels in it)`, two float
        scalars: `losses.masked_cross_entropy` before the step, in nats a token.
    """
    mix = mix_in_own_predictions(training_model, teacher_forcing)
    loss_and_count = _loss_over_tokens(training_model)

    @tf.function(input_signature=_ANY_BATCH, autograph=False)
    def step(inputs, labels):
        if teacher_forcing < 1:
            inputs = mix(inputs, tf.stack([seed, tf.cast(optimizer.iterations, tf.int32)]))
        with tf.GradientTape() as tape:
            loss, count = loss_and_count(inputs, labels, training=True)
        variables = training_model.trainable_variables
        # An embedding's gradient comes as a list of rows, some of them twice.
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]
        optimizer.apply(gradients, variables)
        return loss, count

    return step


def loss_step(training_model: keras.Model) -> Callable:
    """Compile the loss alone: `(inputs, labels) -> (loss, labels in it)`, as `train_step`."""
    loss_and_count = _loss_over_tokens(training_model)

    @tf.function(input_signature=_ANY_BATCH, autograph=False)
    def step(inputs, labels):
        return loss_and_count(inputs, labels, training=False)

    return step


def _loss_over_tokens(training_model) -> Callable:
    """Build a function that gives `masked_cross_entropy` of a batch and its number of labels.

    It computes logits only at the positions that have a label: on them most of the time is spent.
    """
    logits = training_model.get_layer("logits")
    last_layers_input = keras.Model(training_model.input, logits.input)

    def loss_and_count(inputs, labels, training):
        hidden = last_layers_input(inputs, training=training)  # (batch, time, units)
        labels = tf.reshape(labels, [-1])
        positions = tf.where(labels != PAD)[:, 0]
        hidden = tf.gather(tf.reshape(hidden, [-1, hidden.shape[-1]]), positions)
        weights = [tf.convert_to_tensor(weight) for weight in (logits.kernel, logits.bias)]
        total = projected_cross_entropy(hidden, *weights, tf.gather(labels, positions))
        count = tf.cast(tf.size(positions), tf.float32)
        return total / tf.maximum(count, 1), count

    return loss_and_count


def mix_in_own_predictions(training_model: keras.Model, teacher_forcing: float) -> Callable:
    """Build a function that replaces true decoder inputs by the model's own predictions.

    Each position after START keeps the true token with probability `teacher_forcing`; elsewhere
    the decoder reads what it predicted itself one step before, having read this same mixture until
    then (scheduled sampling: Bengio et al. 2015, section 2.4). At 0 it sees only its own output.

    Returns:
        Function `(inputs, seed) -> inputs` over batches of `make_batches`; `seed` is int32 `(2,)`.
    """
    encoder, decoder_step = build_encoder(training_model), build_decoder_step(training_model)

    def mix(inputs, seed):
        source, target = inputs["source"], inputs["target"]
        is_true = tf.random.stateless_uniform(tf.shape(target), seed) < teacher_forcing

        def next_input(logits, step):
            # What is chosen at the last step is never read; any column will do for it.
            column = tf.minimum(step + 1, tf.shape(target)[1] - 1)
            predicted = tf.argmax(logits, axis=-1, output_type=tf.int32)
            return tf.where(is_true[:, column], target[:, column], predicted)

        states = first_states(training_model, encoder(source, training=False))
        chosen = unroll(decoder_step, states, target[:, 0], tf.shape(target)[1], next_input)
        return {"source": source, "target": tf.concat([target[:, :1], chosen[:, :-1]], axis=1)}

    return mix


@tf.custom_gradient
def projected_cross_entropy(hidden, kernel, bias, labels):
    """Return the sum of the cross-entropies of an output layer, without a pass to spare.

    The softmax that the loss computes is all that its gradient needs: ∂(−log p_label)/∂logits is p,
    less 1 at the label. The loss itself is log Σ e^z − z_label, and log Σ e^z is
    max z − log max p, which no tiny probability can spoil.

    Args:
        hidden: `(positions, units)`, float32 or lower precision; the products run in its dtype.
        kernel: `(units, vocabulary)` of the output layer.
        bias: `(vocabulary,)`.
        labels: int32 `(positions,)`.

    Returns:
        float32 scalar, in nats.
    """
    logits = tf.cast(tf.matmul(hidden, tf.cast(kernel, hidden.dtype)), tf.float32) + bias
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
        return d_loss_in * d_hidden, tf.cast(d_kernel, kernel.dtype), d_loss * d_bias, None

    return tf.reduce_sum(log_sums - tf.gather_nd(logits, at_label)), gradient
