"""One update of the weights, and the loop around it: Keras callbacks, teacher forcing, resuming."""

import itertools
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from .batches import check_form
from .checkpoints import Checkpoint, Record, held_back
from .checkpoints.signature import signature
from .losses import TokenMean, masked_cross_entropy
from .progress import ProgressBar
from .teacher_forcing import mix_in_own_predictions

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
    checkpoint: str | Path | Checkpoint | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Train a model as `training_model.fit` does, and do what that cannot.

    It gives the same losses as `compile` and `fit`, and takes the same callbacks. It adds losses
    that are means over tokens, teacher forcing by a ratio, and runs that can be resumed exactly.

    Args:
        training_model: from `build_training_model`; its weights are changed in place.
        train: batches of `make_batches`, or a list of such batches.
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
        checkpoint: a folder, or a `Checkpoint`, which says more. It is written after every epoch,
            every few minutes, and at Ctrl-C; from it a call with the same arguments and
            `keras.utils.set_random_seed` goes on, and ends with the same numbers as if nothing had
            happened: on a CPU to the last bit, where TensorFlow computes the same twice at all
            (`tf.config.experimental.enable_op_determinism`). `train` must give the same batches for
            the same epoch. Of a callback it holds the numbers among its attributes, and the weights
            that `EarlyStopping` would restore.
        progress: show a bar.

    Returns:
        A row an epoch: epoch (from 1), loss and val_loss in nats a token, perplexity and
        val_perplexity = e to the loss, and the numbers and strings that callbacks add to the logs.
        A training that ends early, by Ctrl-C ("interrupted") or because its loss is no number any
        more ("not finite"), has the reason in `attrs["stopped"]`; the model then has the weights of
        the last whole epoch (or with which it was taken up since), or of the best one where
        `EarlyStopping` restores it.

    Raises:
        ValueError: `teacher_forcing` is a number and not a share; the weights are of 16 bits (the
            policies mixed_float16 and mixed_bfloat16 keep theirs in 32); the batches are not of the
            form of `make_batches`, or hold no token; the loss is no number in the first epoch; or
            the checkpoint is damaged, or of another model, optimizer, data or list of callbacks, or
            there is no room for it (the last three: InputError).
        KeyboardInterrupt: interrupted before the end of the first epoch.
    """
    if not callable(teacher_forcing) and not 0 <= teacher_forcing <= 1:
        raise ValueError(f"teacher_forcing is {teacher_forcing}: give a share from 0 to 1")
    for name, batches in (("train", train), ("validation", validation)):
        if batches is not None:
            check_form(name, batches)
    _check_precision(training_model)
    _compile(training_model, optimizer, learning_rate)
    compute_loss = compute_loss or plain_loss(training_model)
    learn = train_step(training_model, compute_loss, teacher_forcing, seed)
    judge = evaluate_step(training_model, compute_loss)
    given = keras.tree.flatten(callbacks)
    if checkpoint and not isinstance(checkpoint, Checkpoint):
        checkpoint = Checkpoint(checkpoint)
    of = signature(training_model, given, train, teacher_forcing, seed) if checkpoint else None
    training_model.stop_training = False
    with held_back() as interrupted:
        run = Record(training_model, given, checkpoint, of, interrupted)
        everyone = keras.callbacks.CallbackList(
            [*given, *([ProgressBar()] if progress else []), run],
            model=training_model, epochs=epochs, steps=len(train), verbose=0,
        )  # fmt: skip
        everyone.on_train_begin()
        try:
            run.take_up(everyone.on_epoch_begin)
            why = _run_epochs(epochs, learn, judge, train, validation, everyone, run)
        finally:
            everyone.on_train_end(run.logs)
    history = pd.DataFrame(run.rows)
    if why:
        history.attrs["stopped"] = why
    return history


def _run_epochs(
    epochs: int,
    learn: Callable,
    judge: Callable,
    train: Iterable,
    validation: Iterable | None,
    everyone: keras.callbacks.CallbackList,
    run: Record,
) -> str:
    """Run the epochs that are left; return why they ended early, "" where they did not."""
    model = run.model
    good = run.values()
    try:
        while (epoch := len(run.rows)) < epochs and not model.stop_training:
            run.stop_if_interrupted()
            if not run.batches:  # otherwise the epoch has begun already
                everyone.on_epoch_begin(epoch)
            # The same orders, whatever read the batches before.
            getattr(train, "set_epoch", lambda number: None)(epoch)
            logs = _train_epoch(learn, train, everyone, run)
            if validation is not None:
                logs |= _validate(judge, validation, everyone)
            everyone.on_epoch_end(epoch, logs)  # The last callback is `run`: it adds a row.
            values = run.values()
            if all(np.isfinite(value).all() for value in values):
                good = values
        model.optimizer.finalize_variable_values(model.trainable_variables)
        return ""
    except (FloatingPointError, KeyboardInterrupt) as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        run.assign(good)  # the optimizer's too: another training may go on with it
        if not run.rows and interrupted:
            raise
        if not run.rows:
            raise ValueError(
                f"the loss is not a number in {error} of the first epoch; give a smaller "
                "learning_rate, or clip the gradient"
            ) from error
        why, done = "interrupted" if interrupted else "not finite", len(run.rows)
        place = f"epoch {done + 1}" if interrupted else f"{error} of epoch {done + 1}"
        print(f"{why} in {place}: whole epochs before it: {done}", file=sys.stderr)
        return why


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
            penalties = [tf.cast(penalty, loss.dtype) for penalty in training_model.losses]
            scaled = optimizer.scale_loss(tf.add_n([loss, *penalties]))
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
    mean, judge = TokenMean(), evaluate_step(training_model)
    for inputs, labels in batches:
        mean.add(*judge(inputs, labels))
    return mean.value()


def _check_precision(training_model: keras.Model) -> None:
    """Raise ValueError where the weights themselves have too few bits for small updates."""
    coarse = {v.dtype for v in training_model.trainable_variables} & {"float16", "bfloat16"}
    if coarse:
        kind = coarse.pop()
        raise ValueError(
            f"the weights are {kind}, in which small updates are lost; build the model under the "
            f"policy mixed_{kind}"
        )


def _compile(training_model: keras.Model, optimizer, learning_rate) -> None:
    """Give the model its optimizer, which Keras's callbacks look for there."""
    if optimizer is None and learning_rate is None and training_model.compiled:
        return
    if optimizer is None:
        rate = 1e-3 if learning_rate is None else learning_rate
        optimizer = keras.optimizers.Adam(rate, global_clipnorm=5.0)
    training_model.compile(optimizer, masked_cross_entropy)


def _train_epoch(
    learn: Callable, batches: Iterable, everyone: keras.callbacks.CallbackList, run: Record
) -> dict[str, float]:
    """Update the weights by every batch that is left, or until a callback stops the training."""
    # What was done before an interruption is passed over; it is read again where it has to be.
    skip = getattr(batches, "after", lambda done: itertools.islice(batches, done, None))
    left = skip(run.batches) if run.batches else batches
    for number, (inputs, labels) in enumerate(left, run.batches):
        everyone.on_train_batch_begin(number)
        loss = run.mean.add(*learn(inputs, labels))
        if not math.isfinite(loss):
            raise FloatingPointError(f"batch {number + 1}")
        everyone.on_train_batch_end(number, {"loss": loss})
        if run.model.stop_training:
            break
    return _with_perplexity(run.mean.value())


def _validate(
    judge: Callable, batches: Iterable, everyone: keras.callbacks.CallbackList
) -> dict[str, float]:
    everyone.on_test_begin()
    mean = TokenMean()
    for number, (inputs, labels) in enumerate(batches):
        everyone.on_test_batch_begin(number)
        everyone.on_test_batch_end(number, {"loss": mean.add(*judge(inputs, labels))})
    logs = _with_perplexity(mean.value())
    everyone.on_test_end(logs)
    return {f"val_{name}": value for name, value in logs.items()}


def _with_perplexity(loss: float) -> dict[str, float]:
    return {"loss": loss, "perplexity": math.exp(min(loss, 700))}  # Beyond that a float overflows.
