"""One update of the weights, and the loop around it: Keras callbacks, teacher forcing, resuming."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from pathlib import Path

import keras
import pandas as pd
import tensorflow as tf

from .losses import masked_cross_entropy
from .models import build_decoder_step, build_encoder, unroll
from .progress import ProgressBar, Record

# One graph for batches of every size and length: tracing costs more than a hundred updates.
_IDS = tf.TensorSpec([None, None], tf.int32)
_ANY_BATCH = [{"source": _IDS, "target": _IDS}, _IDS]


def fit(
    training_model: keras.Model,
    train: tf.data.Dataset,
    validation: tf.data.Dataset | None = None,
    *,
    epochs: int = 10,
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule | None = None,
    optimizer: keras.optimizers.Optimizer | None = None,
    teacher_forcing: float | Callable = 1.0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    compute_loss: Callable | None = None,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Train a model as `training_model.fit` does, and do what that cannot.

    It gives the same losses as `compile` and `fit`, and takes the same callbacks. It adds losses
    that are means over tokens, teacher forcing by a ratio, and runs that can be resumed exactly.

    Args:
        training_model: from `build_training_model`; its weights are changed in place.
        train: batches of `make_batches`.
        validation: the same, unshuffled.
        epochs: passes over `train`.
        learning_rate: of a new Adam, with the gradient's global norm clipped at 5 (Sutskever et al.
            2014, 3.4). Where neither this nor `optimizer` is given, a compiled model's own
            optimizer is used, and for another model it is 0.001.
        optimizer: used instead of Adam where given.
        teacher_forcing: share of decoder inputs that are the true token, 0 to 1; or a schedule of
            `keras.optimizers.schedules` that gives it for the number of updates so far. See
            `mix_in_own_predictions`.
        callbacks: Keras's, or your own. `model.stop_training` ends the training.
        compute_loss: function `(inputs, labels, training) -> (loss, labels)`, both scalars: the
            mean over a batch in nats a token, and of how many tokens. By default `plain_loss`.
        seed: of the choice between true and own tokens.
        checkpoint: a folder that is written after every epoch and from which an interrupted call
            with the same arguments and `keras.utils.set_random_seed` goes on, with the same result
            as if it had not been interrupted. Of a callback it holds the numbers among its
            attributes, and the weights that `EarlyStopping` would restore.
        progress: show a bar.

    Returns:
        A row an epoch: epoch (from 1), loss and val_loss in nats a token, perplexity and
        val_perplexity = e to the loss, and the numbers and strings that callbacks add to the logs.

    Raises:
        ValueError: `teacher_forcing` is a number and not a share; or the checkpoint is of another
            model, optimizer or list of callbacks.
    """
    if not callable(teacher_forcing) and not 0 <= teacher_forcing <= 1:
        raise ValueError(f"teacher_forcing is {teacher_forcing}: give a share from 0 to 1")
    _compile(training_model, optimizer, learning_rate)
    compute_loss = compute_loss or plain_loss(training_model)
    learn = train_step(training_model, compute_loss, teacher_forcing, seed)
    judge = evaluate_step(training_model, compute_loss)
    given = keras.tree.flatten(callbacks)
    run = Record(training_model, given, checkpoint)
    everyone = keras.callbacks.CallbackList(
        [*given, *([ProgressBar()] if progress else []), run],
        model=training_model, epochs=epochs, steps=len(train), verbose=0,
    )  # fmt: skip
    training_model.stop_training = False
    everyone.on_train_begin()
    try:
        run.take_up()
        for _ in run.rows:  # Orders are drawn one after another: skip those of the epochs done.
            next(iter(train))
        while len(run.rows) < epochs and not training_model.stop_training:
            everyone.on_epoch_begin(len(run.rows))
            logs = _train_epoch(learn, train, training_model, everyone)
            if validation is not None:
                logs |= _validate(judge, validation, everyone)
            everyone.on_epoch_end(len(run.rows), logs)  # The last callback is `run`: it adds a row.
        training_model.optimizer.finalize_variable_values(training_model.trainable_variables)
    finally:
        everyone.on_train_end(run.logs)
    return pd.DataFrame(run.rows)


def train_step(
    training_model: keras.Model,
    compute_loss: Callable,
    teacher_forcing: float | Callable = 1.0,
    seed: int = 0,
) -> Callable:
    """Compile one update of the weights by the gradient of a batch's loss.

    Args:
        training_model: compiled with an optimizer.
        compute_loss: see `fit`.
        teacher_forcing: see `fit`.
        seed: of the choice between true and own tokens.

    Returns:
        Function of a batch of `make_batches`, `(inputs, labels) -> (loss, labels in it)`, two float
        scalars: the loss before the update, in nats a token.
    """
    optimizer = training_model.optimizer
    optimizer.build(training_model.trainable_variables)
    mixes = callable(teacher_forcing) or teacher_forcing < 1
    mix = mix_in_own_predictions(training_model) if mixes else None

    @tf.function(input_signature=_ANY_BATCH, autograph=False)
    def train_step(inputs, labels):
        if mixes:
            number = tf.cast(optimizer.iterations, tf.int32)
            share = teacher_forcing(number) if callable(teacher_forcing) else teacher_forcing
            inputs = mix(inputs, share, tf.stack([seed, number]))
        with tf.GradientTape() as tape:
            loss, count = compute_loss(inputs, labels, training=True)
            scaled = optimizer.scale_loss(tf.add_n([loss, *training_model.losses]))
        variables = training_model.trainable_variables
        # An embedding's gradient comes as a list of rows, some of them twice. Summed first, their
        # norm and their squares are right: Keras's own `fit` lets Adam square every row by itself.
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(scaled, variables)]
        optimizer.apply(gradients, variables)
        return loss, count

    return train_step


def evaluate_step(training_model: keras.Model, compute_loss: Callable | None = None) -> Callable:
    """Compile the loss alone: `(inputs, labels) -> (loss, labels in it)`, as `train_step`."""
    compute_loss = compute_loss or plain_loss(training_model)

    @tf.function(input_signature=_ANY_BATCH, autograph=False)
    def evaluate_step(inputs, labels):
        return compute_loss(inputs, labels, training=False)

    return evaluate_step


def plain_loss(training_model: keras.Model) -> Callable:
    """Return a `compute_loss` for `fit`: `masked_cross_entropy` of the model's logits."""

    def compute_loss(inputs, labels, training):
        logits = training_model(inputs, training=training)
        return masked_cross_entropy(labels, logits), tf.math.count_nonzero(labels, dtype="float32")

    return compute_loss


def token_cross_entropy(training_model: keras.Model, batches: tf.data.Dataset) -> float:
    """Return the cross-entropy in nats a token over a whole dataset; e to this is the perplexity.

    Args:
        training_model: from `build_training_model`.
        batches: of `make_batches`.
    """
    return _mean_over_tokens(evaluate_step(training_model), batches)


def mix_in_own_predictions(training_model: keras.Model) -> Callable:
    """Build a function that replaces true decoder inputs by the model's own predictions.

    Each position after START keeps the true token with probability `teacher_forcing`; elsewhere
    the decoder reads what it predicted itself one step before, having read this same mixture until
    then (scheduled sampling: Bengio et al. 2015, section 2.4). At 0 it sees only its own output.

    Returns:
        Function `(inputs, teacher_forcing, seed) -> inputs` over batches of `make_batches`; `seed`
        is int32 `(2,)`.
    """
    encoder, decoder_step = build_encoder(training_model), build_decoder_step(training_model)

    def mix(inputs, teacher_forcing, seed):
        source, target = inputs["source"], inputs["target"]
        is_true = tf.random.stateless_uniform(tf.shape(target), seed) < teacher_forcing

        def next_input(logits, step):
            # What is chosen at the last step is never read; any column will do for it.
            column = tf.minimum(step + 1, tf.shape(target)[1] - 1)
            predicted = tf.argmax(logits, axis=-1, output_type=tf.int32)
            return tf.where(is_true[:, column], target[:, column], predicted)

        states = keras.tree.flatten(encoder(source, training=False))
        chosen = unroll(decoder_step, states, target[:, 0], tf.shape(target)[1], next_input)
        return {"source": source, "target": tf.concat([target[:, :1], chosen[:, :-1]], axis=1)}

    return mix


def _compile(training_model: keras.Model, optimizer, learning_rate) -> None:
    """Give the model its optimizer, which Keras's callbacks look for there."""
    if optimizer is None and learning_rate is None and training_model.compiled:
        return
    if optimizer is None:
        rate = 1e-3 if learning_rate is None else learning_rate
        optimizer = keras.optimizers.Adam(rate, global_clipnorm=5.0)
    training_model.compile(optimizer, masked_cross_entropy)


def _train_epoch(
    learn: Callable,
    batches: tf.data.Dataset,
    training_model: keras.Model,
    everyone: keras.callbacks.CallbackList,
) -> dict[str, float]:
    """Update the weights by every batch, or until a callback stops the training."""
    going_on = takewhile(lambda _: not training_model.stop_training, batches)
    begin, end = everyone.on_train_batch_begin, everyone.on_train_batch_end
    return _with_perplexity(_mean_over_tokens(learn, going_on, begin, end))


def _validate(
    judge: Callable, batches: tf.data.Dataset, everyone: keras.callbacks.CallbackList
) -> dict[str, float]:
    everyone.on_test_begin()
    begin, end = everyone.on_test_batch_begin, everyone.on_test_batch_end
    logs = _with_perplexity(_mean_over_tokens(judge, batches, begin, end))
    everyone.on_test_end(logs)
    return {f"val_{name}": value for name, value in logs.items()}


def _mean_over_tokens(
    step: Callable,
    batches: Iterable,
    on_begin: Callable = lambda number: None,
    on_end: Callable = lambda number, logs: None,
) -> float:
    """Sum over tokens, then divide: a mean of batch means would weigh short batches too much."""
    total = tokens = 0.0
    for number, (inputs, labels) in enumerate(batches):
        on_begin(number)
        loss, count = (float(value) for value in step(inputs, labels))
        total, tokens = total + loss * count, tokens + count
        on_end(number, {"loss": total / max(tokens, 1)})
    return total / max(tokens, 1)


def _with_perplexity(loss: float) -> dict[str, float]:
    return {"loss": loss, "perplexity": math.exp(min(loss, 700))}  # Beyond that a float overflows.
