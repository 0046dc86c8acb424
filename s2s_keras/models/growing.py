"""A model for larger vocabularies that begins with what a trained model knows."""

from collections.abc import Mapping
from dataclasses import replace

import keras
import numpy as np

from .inspection import config_of
from .training_model import CELLS, build_training_model
from .weights import named_weights


def grown(
    training_model: keras.Model,
    source_vocabulary: int,
    target_vocabulary: int,
    cells: Mapping = CELLS,
) -> keras.Model:
    """Build a model with the weights of another one, and room for more tokens.

    What belongs to a new token, its row of an embedding and its column of the logits, begins as the
    mean of those of the known tokens. So a new word is at first as likely as an average word; from
    a random start it would push aside what was learned (Hewitt 2021, "Initializing new word
    embeddings for pretrained language models").

    Args:
        training_model: from `build_training_model`; it is not changed.
        source_vocabulary: number of source ids, as many as the model has or more.
        target_vocabulary: the same for the target.
        cells: see `build_training_model`.

    Raises:
        ValueError: A vocabulary is smaller than the model's.
    """
    config = config_of(training_model)
    for side, size in (("source", source_vocabulary), ("target", target_vocabulary)):
        if size < (known := getattr(config, f"{side}_vocabulary")):
            raise ValueError(f"{side}_vocabulary is {size}: give {known}, the model's, or more")
    larger = build_training_model(
        replace(config, source_vocabulary=source_vocabulary, target_vocabulary=target_vocabulary),
        cells,
    )
    known = named_weights(training_model)
    for name, variable in named_weights(larger).items():
        variable.assign(_extended(keras.ops.convert_to_numpy(known[name]), variable.shape))
    return larger


def _extended(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array of a shape, larger along one axis at most; what is new is the mean there."""
    for axis, size in enumerate(shape):
        if new := size - array.shape[axis]:
            mean = array.mean(axis, keepdims=True)
            array = np.concatenate([array, np.repeat(mean, new, axis)], axis)
    return array
