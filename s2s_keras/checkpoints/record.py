"""Where a run is: its history so far, and the file from which it goes on."""

import contextlib
import io
import json
import os
import shutil
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from ..errors import InputError
from ..losses import TokenMean
from . import disk
from .signature import as_json, difference


@dataclass(frozen=True)
class Checkpoint:
    """Where a run is kept while it lasts, and how often.

    Attributes:
        folder: holds a file, training.npz: numbers and JSON, without pickle. What takes long to
            prepare may lie beside it, in `prepared`, for the run that goes on.
        minutes: from one writing to the next within an epoch; every epoch's end is written anyway.
        asked: what the run was asked for, of JSON's types; another run's file is refused by it,
            before anything that `training.fit` itself can compare.
        beside: how many bytes others will write on the same disk during the run.
    """

    folder: str | Path
    minutes: float = 5.0
    asked: Mapping = field(default_factory=dict)
    beside: int = 0

    @property
    def file(self) -> Path:
        """The file."""
        return Path(self.folder) / "training.npz"

    @property
    def prepared(self) -> Path:
        """The folder, which may be missing, for what others prepare."""
        return Path(self.folder) / "prepared"

    def exists(self) -> bool:
        """Tell whether there is something to go on from."""
        return os.path.exists(self.file)  # unlike Path.exists, no exception for an overlong name

    def asked_for(self) -> dict:
        """Return what the run was asked for, as JSON holds it."""
        return as_json(dict(self.asked))

    def check(self, of: Mapping | None = None) -> None:
        """Raise InputError where the file is damaged, or of another run.

        Args:
            of: the signature of the run; None compares only what it was asked for.
        """
        if not self.exists():
            return
        with self.opened() as saved:
            state = json.loads(str(saved["state"]))
            pairs = [(state["asked"], self.asked_for())]
            pairs += [] if of is None else [(state["of"], of)]
        for before, now in pairs:
            if before != now:
                raise InputError(
                    f"{self.file}: of another training, {difference(before, now)}; give the same, "
                    "or another folder"
                )

    @contextlib.contextmanager
    def opened(self) -> Iterator[Mapping[str, np.ndarray]]:
        """Open the file; what reading it raises becomes an InputError."""
        try:
            with np.load(self.file, allow_pickle=False) as saved:
                yield saved
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{self.file}: damaged, or no checkpoint of a training; delete it to begin again"
            ) from error

    def remove(self) -> None:
        """Delete the file and what was prepared, and the folder if there is nothing else in it."""
        for path in Path(self.folder).glob(f"{self.prepared.name}*"):  # half-written ones, too
            shutil.rmtree(path, ignore_errors=True)
        for path in (self.file, self.file.with_name(self.file.name + disk.UNFINISHED)):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            Path(self.folder).rmdir()


class Record(keras.callbacks.Callback):
    """The last callback: it counts what is done, writes the file, and stops where it is asked to.

    Attributes:
        rows: of the history, one for each whole epoch.
        batches: how many are done of the epoch at hand.
        mean: of their losses.
        logs: of the last whole epoch.
    """

    def __init__(
        self,
        training_model: keras.Model,
        others: Sequence[keras.callbacks.Callback],
        checkpoint: Checkpoint | None = None,
        of: Mapping | None = None,
        interrupted: Sequence = (),
    ):
        """Keep what belongs to the run's state: the variables, and what other callbacks count.

        Args:
            training_model: compiled with its optimizer, whose variables are built.
            others: the callbacks whose counters belong to the run.
            checkpoint: None writes no file.
            of: the run's signature.
            interrupted: as soon as it holds something, the run is to stop; see `held_back`.
        """
        super().__init__()
        if any(isinstance(other, keras.callbacks.BackupAndRestore) for other in others):
            # It asks Keras's own loop to begin at a later epoch, and deletes its file at the end.
            raise ValueError("callbacks has BackupAndRestore; give a folder as checkpoint instead")
        self.set_model(training_model)
        self.variables = [*training_model.variables, *training_model.optimizer.variables]
        self.others, self.checkpoint, self.of = others, checkpoint, of or {}
        self.interrupted, self.written = interrupted, time.monotonic()
        self.rows: list[dict] = []
        self.logs: dict = {}
        self.batches, self.mean = 0, TokenMean()

    def on_train_batch_end(self, batch, logs=None):
        """Count the batch; write and stop if it is time to."""
        self.batches += 1
        self.between_batches()

    def on_test_batch_end(self, batch, logs=None):
        """Write and stop if it is time to; a run that goes on validates from the beginning."""
        self.between_batches()

    def on_epoch_end(self, epoch, logs=None):
        """Add a row of all that is in the logs now."""
        self.logs = {k: v if isinstance(v, str) else float(v) for k, v in logs.items()}
        self.rows.append({"epoch": epoch + 1} | self.logs)
        self.batches, self.mean = 0, TokenMean()
        self._write()

    def stop_if_interrupted(self) -> None:
        """Raise KeyboardInterrupt if the run is to stop."""
        if self.interrupted:
            raise KeyboardInterrupt

    def take_up(self, begin_epoch: Callable[[int], None]) -> None:
        """Go on where the file was written, if there is one; see first whether there is room.

        Args:
            begin_epoch: tells the callbacks that an epoch begins, counted from 0. It is called
                where the run was within one, before anything is as it was: a callback may change
                the learning rate then, and did so once already.

        Raises:
            InputError: the file is damaged, or of another run; or there is no room for the next.
                Nothing has changed then.
        """
        if not self.checkpoint:
            return
        self.checkpoint.check(self.of)
        self._check_room()
        if not self.checkpoint.exists():
            return
        with self.checkpoint.opened() as saved:
            arrays = {name: saved[name] for name in saved.files}
            state = json.loads(str(arrays.pop("state")))
            position = {name: state[name] for name in self._position()}
        if position["batches"]:
            begin_epoch(len(position["rows"]))
        self._stand(position, arrays)
        for n, callback in enumerate(self.others):
            vars(callback).update(state["counters"][n])
            if count := state["best"][n]:
                callback.best_weights = [arrays[f"best_{n}_{m}"] for m in range(count)]

    def packed(self) -> bytes:
        """Return where the run is, model and optimizer included, for another process."""
        target = io.BytesIO()
        np.savez(target, state=json.dumps(self._position()), **self._arrays())
        return target.getvalue()

    def unpack(self, packed: bytes) -> None:
        """Go to where another process is."""
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            self._stand(json.loads(str(arrays["state"])), arrays)

    def values(self) -> list[np.ndarray]:
        """Return what the model and its optimizer hold now."""
        return [keras.ops.convert_to_numpy(variable) for variable in self.variables]

    def assign(self, values: list[np.ndarray]) -> None:
        """Give model and optimizer what `values` returned."""
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)

    def between_batches(self) -> None:
        """Write and stop if it is time to."""
        if self.model.stop_training:
            return  # A callback has ended this epoch early: what is left of it comes first.
        minutes = (time.monotonic() - self.written) / 60
        if self.interrupted or (self.checkpoint and minutes >= self.checkpoint.minutes):
            self._write()
        self.stop_if_interrupted()

    def _position(self) -> dict:
        return {
            "rows": self.rows,
            "batches": self.batches,
            "sums": [self.mean.total, self.mean.tokens],
            "stop": bool(self.model.stop_training),
        }

    def _arrays(self) -> dict[str, np.ndarray]:
        return {f"variable_{n}": value for n, value in enumerate(self.values())}

    def _stand(self, position: Mapping, arrays: Mapping[str, np.ndarray]) -> None:
        """Be at a position; the arrays are what `_arrays` returned there."""
        self.assign([arrays[f"variable_{n}"] for n in range(len(self.variables))])
        self.rows, self.batches = position["rows"], position["batches"]
        self.mean = TokenMean(*position["sums"])
        self.model.stop_training = position["stop"]

    def _write(self) -> None:
        """Write the file; where that fails, say so, keep the earlier one, and let the run go on."""
        if not self.checkpoint:
            return
        arrays = self._arrays()
        # The weights that EarlyStopping would restore.
        best = [getattr(callback, "best_weights", None) or [] for callback in self.others]
        for n, weights in enumerate(best):
            arrays |= {f"best_{n}_{m}": value for m, value in enumerate(weights)}
        state = {
            "asked": self.checkpoint.asked_for(),
            "of": self.of,
            **self._position(),
            "counters": [_counters(callback) for callback in self.others],
            "best": [*map(len, best)],
        }
        file = self.checkpoint.file
        try:
            disk.replace(file, lambda target: np.savez(target, state=json.dumps(state), **arrays))
        except OSError as error:
            kept = "the one before it is kept" if self.checkpoint.exists() else "there is none yet"
            # Not into the line of the progress bar.
            tqdm.write(f"{file}: not written ({error.strerror or error}); {kept}", sys.stderr)
        self.written = time.monotonic()

    def _check_room(self) -> None:
        """Raise InputError unless the disk can hold the next file beside the one before it."""
        size = sum(value.nbytes for value in self.values())
        weights = sum(value.nbytes for value in self.model.get_weights())
        keeps_best = [getattr(other, "restore_best_weights", False) for other in self.others]
        needed = 2 * (size + weights * sum(keeps_best)) + self.checkpoint.beside
        is_there = self.checkpoint.file.stat().st_size if self.checkpoint.exists() else 0
        disk.check_room(Path(self.checkpoint.folder), needed - is_there)


def _counters(callback: keras.callbacks.Callback) -> dict[str, float]:
    """Return a callback's numbers, such as for how many epochs it has waited, and the best value.

    Not `min_delta`: it is no count, and Keras changes its sign in the first epoch of every run.
    """
    counters = {k: v for k, v in vars(callback).items() if isinstance(v, int | float | np.number)}
    counters.pop("min_delta", None)
    return {k: v.item() if isinstance(v, np.number) else v for k, v in counters.items()}
