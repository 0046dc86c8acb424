"""What all decoders share: the two models they run, which tokens they may choose, how long."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from ..models import build_decoder_step, build_encoder, config_of
from ..text import PAD, START, UNK

# A translation never says these; without UNK the model names the likeliest word that it knows.
NEVER_CHOSEN = (PAD, UNK, START)

Models = keras.Model | Sequence[keras.Model]


def longest_target(source_length):
    """Return how many steps a decoder may take for a source of so many tokens."""
    return 2 * source_length + 10


def members(training_model: Models) -> tuple[list[keras.Model], int, int]:
    """Return the models of an ensemble, or the only one, and how many ids each language has.

    Raises:
        ValueError: no model, or models that cannot decide together.
    """
    models = [training_model] if isinstance(training_model, keras.Model) else [*training_model]
    configs = [config_of(model) for model in models]
    sizes = {(config.source_vocabulary, config.target_vocabulary) for config in configs}
    if len(sizes) != 1:
        raise ValueError("an ensemble: give one or more models with the same vocabularies")
    return models, *sizes.pop()


def inference_models(training_model: Models) -> tuple[keras.Model, keras.Model, int]:
    """Return the encoder, the decoder's step, and the number of source ids that they know.

    Raises:
        ValueError: no model, models that cannot decide together, or one of which a decoder would
            leave out a part, see `build_decoder_step`.
    """
    models, source_vocabulary, _ = members(training_model)
    return build_encoder(*models), build_decoder_step(*models), source_vocabulary


def steps_to_take(source: np.ndarray, max_length: int | None, vocabulary: int) -> tuple:
    """Return the step with which each sentence ends at the latest, `(batch,)`, and their number.

    Where `max_length` is given no sentence is made to end: that step is -1.

    Raises:
        ValueError: a source id is none of the vocabulary's, or `max_length` is below 1.
    """
    if max_length is not None and max_length < 1:
        raise ValueError(f"max_length is {max_length}: give a number of 1 or more steps")
    if source.size and not 0 <= source.min() <= source.max() < vocabulary:
        raise ValueError(f"source ids are not from 0 to {vocabulary - 1}, the last word's")
    last = longest_target(np.count_nonzero(source != PAD, axis=1)) - 1
    if max_length is None:
        return last, int(last.max(initial=0)) + 1
    return np.full_like(last, -1), int(max_length)


def allowed(logits):
    """Return logits `(batch, V)` in float32, −∞ for the tokens that are never chosen."""
    never = np.isin(np.arange(logits.shape[-1]), NEVER_CHOSEN)
    return ops.where(never, -np.inf, ops.cast(logits, "float32"))


def first_states(encoder: keras.Model, source: np.ndarray) -> list:
    """Return what the decoder's first step reads, for a source `(batch, source_length)`."""
    return keras.tree.flatten(encoder(ops.convert_to_tensor(source), training=False))


def column(tokens):
    """Return tokens `(batch,)` as the decoder's step reads them, `(batch, 1)`."""
    return ops.convert_to_tensor(np.asarray(tokens, "int32")[:, None])
