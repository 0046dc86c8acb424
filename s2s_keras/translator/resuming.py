"""The checkpoint of a translator's training: what it was asked for, and by what it is known."""

import hashlib
from pathlib import Path

import numpy as np

from ..checkpoints import Checkpoint
from ..corpora import Corpus, Splits
from .core import Translator


def checkpoint_of(
    folder: str | Path,
    minutes: float,
    splits: Splits,
    init_from: Translator | None,
    is_here: bool = True,
    **asked,
) -> Checkpoint:
    """Return the checkpoint of a training, checked as far as can be before it is prepared.

    Args:
        folder: of the checkpoint.
        minutes: see `Checkpoint`.
        splits: the sentences that are trained on, and by which the epoch is chosen.
        init_from: the translator that is trained further, if it is one.
        is_here: whether the folder is this process's; one of several workers has none.
        **asked: the other arguments that make a difference to the result.

    Raises:
        InputError: the folder holds a checkpoint that is damaged, or of another training.
    """
    asked |= {"training split": _sentences(splits.train), "dev split": _sentences(splits.dev)}
    if init_from is not None:
        digest = hashlib.sha256()
        for model in init_from._models:
            for weight in model.get_weights():
                digest.update(np.ascontiguousarray(weight))
        asked["init_from"] = digest.hexdigest()[:16]
    checkpoint = Checkpoint(folder, minutes, asked)
    if is_here:
        checkpoint.check()
    return checkpoint


def _sentences(split: Corpus) -> str:
    return f"{len(split):,} pairs ({split.digest()})"
