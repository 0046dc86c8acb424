"""Perplexity, and training with early stopping, checkpoints and resumption."""

import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from tqdm import tqdm

from .optimizers import Adam
from .steps import loss_step, train_step


def token_cross_entropy(training_model: keras.Model, batches: tf.data.Dataset) -> float:
    """Return the cross-entropy in nats a token over a whole dataset; e to this is the perplexity.

    Args:
        training_model: from `build_training_model`.
        batches: of `make_batches`.
    """
    return _mean_over_tokens(loss_step(training_model), batches)


def fit(
    training_model: keras.Model,
    train: tf.data.Dataset,
    validation: tf.data.Dataset | None = None,
    *,
    validation_chrf: Callable[[], float] | None = None,
    epochs: int = 10,
    learning_rate: float = 1e-3,
    teacher_forcing: float = 1.0,
    patience: int | None = None,
    optimizer: keras.optimizers.Optimizer | None = None,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Train a model; with validation data, end on the weights that were best there.

    Args:
        training_model: from `build_training_model`; its weights are changed in place.
        train: batches of `make_batches`.
        validation: the same, unshuffled.
        validation_chrf: called after every epoch; the chrF of what the model translates now. Where
            it is given it chooses the best epoch, because translations go on getting better long
            after the loss on unseen text has turned; otherwise validation_loss chooses.
        epochs: passes over `train`.
        learning_rate: of Adam, with the gradient's global norm clipped at 5 (Sutskever et al. 2014,
            3.4).
        teacher_forcing: share of decoder inputs that are the true token, 0 to 1; see
            `steps.mix_in_own_predictions`.
        patience: stop after so many epochs without a better one; None never stops.
        optimizer: used instead of Adam where given.
        seed: of the choice between true and own tokens.
        checkpoint: a folder that is written after every epoch and from which an interrupted call
            with the same arguments and `keras.utils.set_random_seed` goes on, with the same result
            as if it had not been interrupted.
        progress: show a bar.

    Returns:
        A row an epoch: epoch (from 1), loss and validation_loss in nats a token, and perplexity and
        validation_perplexity = e to the loss, and validation_chrf.

    Raises:
        ValueError: `teacher_forcing` is not a share.
    """
    if not 0 <= teacher_forcing <= 1:
        raise ValueError(f"teacher_forcing is {teacher_forcing}: give a share from 0 to 1")
    optimizer = optimizer or Adam(learning_rate, global_clipnorm=5.0)
    optimizer.build(training_model.trainable_variables)
    learn = train_step(training_model, optimizer, teacher_forcing, seed)
    judge = loss_step(training_model)
    run = _Run([*training_model.variables, *optimizer.variables], checkpoint)
    for _ in run.rows:  # Orders are drawn one after another: take those of the epochs done before.
        next(iter(train))

    with _progress_bar(epochs, len(run.rows), progress) as bar:
        while len(run.rows) < epochs and not run.has_lost_patience(patience):
            loss = _mean_over_tokens(learn, train, bar)
            row = {"epoch": len(run.rows) + 1, "loss": loss, "perplexity": _perplexity(loss)}
            if validation is not None:
                loss = _mean_over_tokens(judge, validation)
                row |= {"validation_loss": loss, "validation_perplexity": _perplexity(loss)}
            if validation_chrf is not None:
                row["validation_chrf"] = validation_chrf()
            run.add(row)
            bar.set_postfix_str(_summary(row), refresh=False)
            bar.update()
    run.restore_best()
    return pd.DataFrame(run.rows)


class _Run:
    """The rows of a history and the best values so far of all variables, with a copy on disk."""

    def __init__(self, variables: list, folder: str | Path | None):
        self.variables = variables
        self.file = Path(folder) / "training.npz" if folder else None
        self.rows: list[dict[str, float]] = []
        self.best: list[np.ndarray] = []
        if self.file and self.file.exists():
            with np.load(self.file, allow_pickle=False) as saved:
                self.rows = json.loads(str(saved["rows"]))
                self.best = [saved[f"best_{n}"] for n in range(int(saved["best"]))]
                self._assign([saved[f"last_{n}"] for n in range(len(variables))])

    def add(self, row: dict[str, float]) -> None:
        self.rows.append(row)
        if self._epochs_since_best() == 0:
            self.best = self._values()
        if self.file:
            self._write()

    def has_lost_patience(self, patience: int | None) -> bool:
        return patience is not None and self._epochs_since_best() >= patience

    def restore_best(self) -> None:
        if self.best:
            self._assign(self.best)

    def _epochs_since_best(self) -> int:
        """Count the epochs after the best; −1 where nothing tells which one that is."""
        for name, best_of in (("validation_chrf", max), ("validation_loss", min)):
            values = [row[name] for row in self.rows if name in row]
            if values:
                return len(values) - 1 - values.index(best_of(values))
        return -1

    def _values(self) -> list[np.ndarray]:
        return [variable.value.numpy() for variable in self.variables]

    def _assign(self, values: list[np.ndarray]) -> None:
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)

    def _write(self) -> None:
        arrays = {f"last_{n}": value for n, value in enumerate(self._values())}
        arrays |= {f"best_{n}": value for n, value in enumerate(self.best)}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.file.with_suffix(".unfinished.npz")
        np.savez(unfinished, rows=json.dumps(self.rows), best=len(self.best), **arrays)
        os.replace(unfinished, self.file)  # Whenever the power fails, one whole file is there.


def _mean_over_tokens(step: Callable, batches: tf.data.Dataset, bar: tqdm | None = None) -> float:
    """Sum over tokens, then divide: a mean of batch means would weigh short batches too much."""
    total = tokens = 0.0
    for inputs, labels in batches:
        loss, count = (float(value) for value in step(inputs, labels))
        total, tokens = total + loss * count, tokens + count
        if bar is not None:
            bar.set_postfix_str(f"loss {total / tokens:.2f}", refresh=False)
            bar.update(0)
    return total / max(tokens, 1)


def _summary(row: dict[str, float]) -> str:
    shown = {"loss": "loss", "perplexity": "perplexity"}
    shown |= {"validation_perplexity": "validation perplexity", "validation_chrf": "chrF"}
    return ", ".join(f"{shown[name]} {row[name]:.2f}" for name in shown if name in row)


def _perplexity(loss: float) -> float:
    return math.exp(min(loss, 700))  # Beyond that a float overflows.


def _progress_bar(epochs: int, done: int, show: bool) -> tqdm:
    """Return a tqdm bar; in a notebook one line replaced in place, which is saved as it ended."""
    kernel = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    in_notebook = hasattr(kernel, "kernel")
    return tqdm(
        total=epochs,
        initial=done,
        unit="epoch",
        disable=not show,
        dynamic_ncols=not in_notebook,
        ncols=110 if in_notebook else None,
        ascii=False,
        file=_NotebookLine() if in_notebook else sys.stderr,
        mininterval=0.5,
    )


class _NotebookLine:
    """A text stream whose every write replaces the last one in a notebook cell's output."""

    def __init__(self):
        self.handle = None

    def write(self, text: str) -> None:
        line = {"text/plain": text.strip()}
        if not line["text/plain"]:
            return
        from IPython.display import display

        if self.handle is None:
            self.handle = display(line, raw=True, display_id=True)
        else:
            self.handle.update(line, raw=True)

    def flush(self) -> None:
        """Nothing is held back."""
