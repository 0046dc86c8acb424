"""The loop around the updates of the weights: Keras callbacks, resuming, several workers."""

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
from .updates import evaluate_step, plain_loss, train_step
from .workers.in_step import InStep
from .workers.replicas import Workers

__all__ = [
    "evaluate_step",
    "fit",
    "mix_in_own_predictions",
    "plain_loss",
    "token_cross_entropy",
    "train_step",
]


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
    workers: Workers | None = None,
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
        workers: who computes the updates together: every worker calls this with the same arguments,
            and all end with the same model and history. The chief alone has callbacks, checkpoint
            and bar. None is this process with one device, whatever else there is.
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
            there is no room for it (the last three: InputError); or another worker was given
            something else (InputError).
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
    workers = workers or Workers.alone()
    learn = train_step(training_model, compute_loss, teacher_forcing, seed, workers)
    judge = evaluate_step(training_model, compute_loss, workers)
    given = keras.tree.flatten(callbacks)
    if checkpoint and not isinstance(checkpoint, Checkpoint):
        checkpoint = Checkpoint(checkpoint)
    cluster, of = workers.cluster, None
    if checkpoint or cluster.place:
        of = signature(training_model, given, train, teacher_forcing, seed)
    if cluster.place:
        cluster.check_same((checkpoint.asked_for() if checkpoint else {}) | of)
    if not cluster.is_chief:
        given, checkpoint, progress = [], None, False
    training_model.stop_training = False
    with held_back() as came:
        run = Record(training_model, given, checkpoint, of, [] if cluster.place else came)
        in_step = InStep(cluster, run, came)
        everyone = keras.callbacks.CallbackList(
            [*given, *([ProgressBar()] if progress else []), run, in_step],
            model=training_model, epochs=epochs, steps=len(train), verbose=0,
        )  # fmt: skip
        everyone.on_train_begin()
        try:
            run.take_up(everyone.on_epoch_begin)
            in_step.follow()
            why, place = _run_epochs(epochs, learn, judge, train, validation, everyone, in_step)
        finally:
            everyone.on_train_end(run.logs)
        in_step.follow()
    history = pd.DataFrame(run.rows)
    if why:
        history.attrs["stopped"] = why
    if why and cluster.is_chief:
        print(f"{why} in {place}: whole epochs before it: {len(history)}", file=sys.stderr)
    return history


def _run_epochs(
    epochs: int,
    learn: Callable,
    judge: Callable,
    train: Iterable,
    validation: Iterable | None,
    everyone: keras.callbacks.CallbackList,
    in_step: InStep,
) -> tuple[str, str]:
    """Run the epochs that are left; return why and where they ended early, "" if they did not."""
    run, model = in_step.run, in_step.run.model
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
        return "", ""
    except (FloatingPointError, KeyboardInterrupt) as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        in_step.cluster.parting |= not interrupted  # The loss is the same at all workers.
        run.assign(good)  # the optimizer's too: another training may go on with it
        if interrupted and not (run.rows and in_step.is_agreed()):
            raise
        if not run.rows:
            raise ValueError(
                f"the loss is not a number in {error} of the first epoch; give a smaller "
                "learning_rate, or clip the gradient"
            ) from error
        epoch = f"epoch {len(run.rows) + 1}"
        return ("interrupted", epoch) if interrupted else ("not finite", f"{error} of {epoch}")


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
