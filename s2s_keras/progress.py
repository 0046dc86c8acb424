"""How far a training is: shown as one line, and kept in a file from which it can go on."""

import hashlib
import inspect
import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from textwrap import shorten

import keras
import numpy as np
from tqdm import tqdm


class ProgressBar(keras.callbacks.Callback):
    """One line of tqdm that counts batches; in a notebook it is saved as it ended."""

    def on_train_begin(self, logs=None):
        """Open the line."""
        self.summary = ""
        self.bar = _one_line(
            total=self.params["epochs"] * self.params["steps"],
            desc=f"epoch 1/{self.params['epochs']}",
            unit="batch",
        )

    def on_epoch_begin(self, epoch, logs=None):
        """Say which epoch it is; a resumed run begins where it is taken up."""
        self.bar.set_description_str(f"epoch {epoch + 1}/{self.params['epochs']}", refresh=False)
        if (done := epoch * self.params["steps"]) > self.bar.n:
            self.bar.n = self.bar.initial = done

    def on_train_batch_end(self, batch, logs=None):
        """Count a batch."""
        self.bar.set_postfix_str(f"loss {logs['loss']:.2f}{self.summary}", refresh=False)
        self.bar.update()

    def on_epoch_end(self, epoch, logs=None):
        """Keep the scores of this epoch in sight."""
        last = {"val_loss": "validation loss", "val_chrf": "chrF"}
        self.summary = "".join(
            f", {label} {logs[name]:.2f}" for name, label in last.items() if name in logs
        )
        self.bar.set_postfix_str(f"loss {logs['loss']:.2f}{self.summary}")

    def on_train_end(self, logs=None):
        """Close the line."""
        self.bar.close()


def counted(items: Iterable, description: str = "") -> Iterator:
    """Iterate over items, and show in one line how many of them are done.

    For loops that train a model at each turn and would be silent for minutes.

    Args:
        items: with a length.
        description: stands at the beginning of the line.

    Yields:
        The items.
    """
    with _one_line(total=len(items), desc=description, unit="run") as bar:
        bar.refresh()
        for item in items:
            yield item
            bar.update()


def _one_line(**options) -> tqdm:
    """Return a line of tqdm on standard error, or in a notebook as an output of the cell."""
    kernel = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    in_notebook = hasattr(kernel, "kernel")
    return tqdm(
        dynamic_ncols=not in_notebook,
        ncols=110 if in_notebook else None,
        ascii=False,
        file=_NotebookLine() if in_notebook else sys.stderr,
        mininterval=0.5,
        miniters=0,
        smoothing=0,
        **options,
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


class Record(keras.callbacks.Callback):
    """The last callback: the rows of the history, and the file from which a run goes on."""

    def __init__(
        self,
        training_model: keras.Model,
        others: list,
        folder: str | Path | None,
        batches: Iterable = (),
        teacher_forcing: float | Callable = 1.0,
        seed: int = 0,
    ):
        """Keep what belongs to the run's state: the variables, and what other callbacks count.

        Args:
            training_model: compiled with its optimizer.
            others: the callbacks whose counters belong to the run.
            folder: for the file; None writes none.
            batches: what the run is trained on, to know it again.
            teacher_forcing: of `training.fit`, for the same reason.
            seed: likewise.
        """
        super().__init__()
        if any(isinstance(other, keras.callbacks.BackupAndRestore) for other in others):
            # It asks Keras's own loop to begin at a later epoch, and deletes its file at the end.
            raise ValueError("callbacks has BackupAndRestore; give a folder as checkpoint instead")
        self.set_model(training_model)
        self.variables = [*training_model.variables, *training_model.optimizer.variables]
        self.others, self.file = others, Path(folder) / "training.npz" if folder else None
        self.rows: list[dict] = []
        self.logs: dict = {}
        self.signature = _signature(training_model, others, batches) if folder else {}
        if folder and (callable(teacher_forcing) or teacher_forcing < 1):
            self.signature |= {"teacher forcing": _share(teacher_forcing), "seed": seed}

    def on_epoch_end(self, epoch, logs=None):
        """Add a row of all that is in the logs now."""
        self.logs = {k: v if isinstance(v, str) else float(v) for k, v in logs.items()}
        self.rows.append({"epoch": epoch + 1} | self.logs)
        if self.file:
            self._write()

    def take_up(self) -> None:
        """Go on where the file was written, if there is one.

        Raises:
            ValueError: the file is damaged, or of another run; nothing has changed then.
        """
        if not self.file or not self.file.exists():
            return
        try:
            with np.load(self.file, allow_pickle=False) as saved:
                arrays = {name: saved[name] for name in saved.files}
            state = json.loads(str(arrays.pop("state")))
            before = state["of"]
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(
                f"{self.file}: damaged, or no checkpoint of a training; delete it to begin again"
            ) from error
        if before != self.signature:
            raise ValueError(
                f"{self.file}: of another training, {_difference(before, self.signature)}; give "
                "the same, or another folder"
            )
        self.assign([arrays[f"variable_{n}"] for n in range(len(self.variables))])
        for n, callback in enumerate(self.others):
            vars(callback).update(state["counters"][n])
            if count := state["best"][n]:
                callback.best_weights = [arrays[f"best_{n}_{m}"] for m in range(count)]
        self.rows, self.model.stop_training = state["rows"], state["stop"]

    def values(self) -> list[np.ndarray]:
        """Return what the model and its optimizer hold now."""
        return [keras.ops.convert_to_numpy(variable) for variable in self.variables]

    def assign(self, values: list[np.ndarray]) -> None:
        """Give model and optimizer what `values` returned."""
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)

    def _write(self) -> None:
        arrays = {f"variable_{n}": value for n, value in enumerate(self.values())}
        # The weights that EarlyStopping would restore.
        best = [getattr(callback, "best_weights", None) or [] for callback in self.others]
        for n, weights in enumerate(best):
            arrays |= {f"best_{n}_{m}": value for m, value in enumerate(weights)}
        state = {
            "of": self.signature,
            "rows": self.rows,
            "stop": bool(self.model.stop_training),
            "counters": [_counters(callback) for callback in self.others],
            "best": [*map(len, best)],
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.file.with_suffix(".unfinished.npz")
        np.savez(unfinished, state=json.dumps(state), **arrays)
        os.replace(unfinished, self.file)  # Whenever the power fails, one whole file is there.


def _signature(training_model: keras.Model, callbacks: list, batches: Iterable) -> dict:
    """Return what a checkpoint must fit, as JSON holds it: model, optimizer, data, callbacks."""
    optimizer = training_model.optimizer
    signature = {
        "layers": {layer.name: type(layer).__name__ for layer in training_model.layers},
        "shapes": [list(variable.shape) for variable in training_model.variables],
        "dropout": {
            part.name: part.rate for part in training_model.layers if hasattr(part, "rate")
        },
        "optimizer": {**optimizer.get_config(), "name": type(optimizer).__name__},
        "callbacks": [type(callback).__name__ for callback in callbacks],
        "settings": {type(callback).__name__: _settings(callback) for callback in callbacks},
        "batches": len(batches),
        "first batch": _digest(batches),
    }
    # A learning rate is a float32: 0.01 comes back as 0.009999999776.
    rounded = keras.tree.map_structure(
        lambda value: float(f"{value:.6g}") if isinstance(value, float) else value, signature
    )
    return json.loads(json.dumps(rounded, default=str))


def _share(teacher_forcing: float | Callable) -> float | dict | str:
    """Return what a share or a schedule of shares is known by, as JSON holds it."""
    if not callable(teacher_forcing):
        return teacher_forcing
    if isinstance(teacher_forcing, keras.optimizers.schedules.LearningRateSchedule):
        return json.loads(json.dumps(teacher_forcing.get_config()))
    return getattr(teacher_forcing, "__qualname__", type(teacher_forcing).__name__)


def _digest(batches: Iterable) -> str:
    """Return a digest of the first batch of the first epoch, where that is always the same."""
    if not hasattr(batches, "set_epoch") and not isinstance(batches, Sequence):
        return ""
    getattr(batches, "set_epoch", lambda number: None)(0)
    digest = hashlib.sha256()
    for array in keras.tree.flatten(next(iter(batches), ())):
        digest.update(np.asarray(array).tobytes())
    return digest.hexdigest()[:16]


def _difference(before, now, name: str = "") -> str:
    """Name one thing that differs, with both values."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in {**before, **now}:
            if before.get(key) != now.get(key):
                return _difference(before.get(key), now.get(key), f"{name} {key}".strip())
    before, now = (shorten(str(value), 60, placeholder=" …") for value in (before, now))
    return f"whose {name or 'kind'} was {before} and now is {now}"


def _settings(callback: keras.callbacks.Callback) -> dict:
    """Return the numbers and names that a callback was made with, such as its patience."""
    taken = inspect.signature(type(callback).__init__).parameters
    settings = {name: vars(callback).get(name) for name in taken}
    # Where it writes is no matter, and Keras changes the sign of `min_delta`.
    for name in ("filepath", "filename", "log_dir", "verbose", "min_delta"):
        settings.pop(name, None)
    return {k: v for k, v in settings.items() if isinstance(v, bool | int | float | str)}


def _counters(callback: keras.callbacks.Callback) -> dict[str, float]:
    """Return a callback's numbers, such as for how many epochs it has waited, and the best value.

    Not `min_delta`: it is no count, and Keras changes its sign in the first epoch of every run.
    """
    counters = {k: v for k, v in vars(callback).items() if isinstance(v, int | float | np.number)}
    counters.pop("min_delta", None)
    return {k: v.item() if isinstance(v, np.number) else v for k, v in counters.items()}
