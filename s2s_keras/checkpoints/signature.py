"""What a run is known by: a checkpoint of another run must not be taken for its own."""

import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Sequence

import keras
import numpy as np

from ..errors import first_difference


def signature(
    training_model: keras.Model,
    callbacks: Sequence[keras.callbacks.Callback],
    batches: Iterable = (),
    teacher_forcing: float | Callable = 1.0,
    seed: int = 0,
) -> dict:
    """Return what a checkpoint must fit, as JSON holds it: model, optimizer, data, callbacks.

    Args:
        training_model: compiled with its optimizer.
        callbacks: those whose counters belong to the run.
        batches: what the run is trained on.
        teacher_forcing: of `training.fit`.
        seed: likewise.
    """
    optimizer = training_model.optimizer
    known_by = {
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
    if callable(teacher_forcing) or teacher_forcing < 1:
        known_by |= {"teacher forcing": _share(teacher_forcing), "seed": seed}
    return as_json(known_by)


def as_json(known_by: dict) -> dict:
    """Return what is compared with what a file held: numbers, names, lists and dictionaries."""
    # A learning rate is a float32: 0.01 comes back as 0.009999999776.
    rounded = keras.tree.map_structure(
        lambda value: float(f"{value:.6g}") if isinstance(value, float) else value, known_by
    )
    return json.loads(json.dumps(rounded, default=str))


def difference(before, now) -> str:
    """Name one thing that differs, with both values."""
    name, before, now = first_difference(before, now)
    return f"whose {name} was {before} and now is {now}"


def _share(teacher_forcing: float | Callable) -> float | dict | str:
    """Return what a share or a schedule of shares is known by, as JSON holds it."""
    if not callable(teacher_forcing):
        return teacher_forcing
    if isinstance(teacher_forcing, keras.optimizers.schedules.LearningRateSchedule):
        return teacher_forcing.get_config()
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


def _settings(callback: keras.callbacks.Callback) -> dict:
    """Return the numbers and names that a callback was made with, such as its patience."""
    taken = inspect.signature(type(callback).__init__).parameters
    settings = {name: vars(callback).get(name) for name in taken}
    # Where it writes is no matter, and Keras changes the sign of `min_delta`.
    for name in ("filepath", "filename", "log_dir", "folder", "verbose", "min_delta"):
        settings.pop(name, None)
    return {k: v for k, v in settings.items() if isinstance(v, bool | int | float | str)}
