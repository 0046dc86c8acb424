"""One update of the weights, and the same without one: what is compiled for every batch."""

from collections.abc import Callable

import keras
import tensorflow as tf

from .losses import masked_cross_entropy
from .teacher_forcing import mix_in_own_predictions
from .workers.replicas import Workers

# One graph for batches of every size and length: tracing costs more than a hundred updates.
_IDS = tf.TensorSpec([None, None], tf.int32)
_ANY_BATCH = [{"source": _IDS, "target": _IDS}, _IDS]


def train_step(
    training_model: keras.Model,
    compute_loss: Callable,
    teacher_forcing: float | Callable = 1.0,
    seed: int = 0,
    workers: Workers | None = None,
) -> Callable:
    """Compile one update of the weights by the gradient of a batch's loss.

    Args:
        training_model: compiled with an optimizer.
        compute_loss: see `training.fit`.
        teacher_forcing: likewise.
        seed: of the choice between true and own tokens.
        workers: among which a batch is divided; None is this process, with one device.

    Returns:
        Function of a batch of `make_batches`, `(inputs, labels) -> (loss, labels in it)`, two float
        scalars: the loss before the update, in nats a token.
    """
    optimizer, workers = training_model.optimizer, workers or Workers.alone()
    optimizer.build(training_model.trainable_variables)
    mixes = callable(teacher_forcing) or teacher_forcing < 1
    mix = mix_in_own_predictions(training_model) if mixes else None
    variables = training_model.trainable_variables

    def of_share(inputs, labels):
        """Return the share's part of the batch's loss, its labels, and its part of the gradient."""
        with tf.GradientTape() as tape:
            part, count = _part_of_mean(compute_loss(inputs, labels, training=True), workers)
            # Every replica adds the penalties on the same weights.
            penalties = [tf.cast(p, part.dtype) / workers.replicas for p in training_model.losses]
            scaled = optimizer.scale_loss(tf.add_n([part, *penalties]))
        # An embedding's gradient comes as a list of rows, some of them twice. Summed first, their
        # norm and their squares are right: Keras's own `fit` lets Adam square every row by itself.
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(scaled, variables)]
        return [part, count, *gradients]

    @tf.function(input_signature=_ANY_BATCH, autograph=False)
    def train_step(inputs, labels):
        if mixes:
            number = tf.cast(optimizer.iterations, tf.int32)
            share = teacher_forcing(number) if callable(teacher_forcing) else teacher_forcing
            inputs = mix(inputs, share, tf.stack([seed, number]))
        # The optimizer gets the sum, and clips that. Within the strategy, Keras would clip first.
        loss, count, *gradients = workers.sums(of_share, inputs, labels)
        optimizer.apply(gradients, variables)
        return loss, count

    return train_step


def evaluate_step(
    training_model: keras.Model,
    compute_loss: Callable | None = None,
    workers: Workers | None = None,
) -> Callable:
    """Compile the loss alone: `(inputs, labels) -> (loss, labels in it)`, as `train_step`."""
    compute_loss = compute_loss or plain_loss(training_model)
    workers = workers or Workers.alone()

    def of_share(inputs, labels):
        return _part_of_mean(compute_loss(inputs, labels, training=False), workers)

    @tf.function(input_signature=_ANY_BATCH, autograph=False)
    def evaluate_step(inputs, labels):
        loss, count = workers.sums(of_share, inputs, labels)
        return loss, count

    return evaluate_step


def plain_loss(training_model: keras.Model) -> Callable:
    """Return a `compute_loss` for `fit`: `masked_cross_entropy` of the model's logits."""

    def compute_loss(inputs, labels, training):
        logits = training_model(inputs, training=training)
        return masked_cross_entropy(labels, logits), tf.math.count_nonzero(labels, dtype="float32")

    return compute_loss


def _part_of_mean(loss_and_count: tuple, workers: Workers) -> tuple:
    """Return a share's part of the mean over all tokens of a batch, and its own tokens.

    A mean of the shares' means would count the tokens of short sentences for more than others.
    """
    mean, count = loss_and_count
    if workers.replicas == 1:
        return mean, count
    count = tf.cast(count, mean.dtype)
    return mean * (count / tf.maximum(workers.sum(count), 1)), count
