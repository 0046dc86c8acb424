"""Whether a decoder says what its training model says: one example is run through both."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
from keras import layers, ops

from ..text import PAD, START

# How far the logits may lie apart, as a share of the largest. The parts compute the same in another
# order; a GPU rounds the factors of a product of float32 to 10 bits (TF32), bfloat16 has 7.
TOLERANCES = {"float16": 0.05, "bfloat16": 0.2}
TOLERANCE = 5e-3
# Outside of training they do nothing.
_IDLE = (
    *(layers.InputLayer, layers.Identity, layers.Dropout, layers.SpatialDropout1D),
    *(layers.GaussianNoise, layers.GaussianDropout, layers.ActivityRegularization),
)


def check_agreement(
    training_model: keras.Model, used: set[str], encode: Callable, step: Callable
) -> None:
    """Refuse a decoder that is not all of its training model.

    Args:
        training_model: whose logits are the right ones.
        used: names of the layers that the decoder has.
        encode: see `logits_agree`.
        step: see `logits_agree`.

    Raises:
        ValueError: the decoder leaves out a layer, or its logits are others.
    """
    if unknown := unused(training_model, used):
        raise refusal(unknown)
    if not logits_agree(training_model, encode, step):
        raise refusal([])


def unused(training_model: keras.Model, used: set[str]) -> list[str]:
    """Return the names of the layers that a decoder would need and does not have."""
    names = [layer.name for layer in training_model.layers if not isinstance(layer, _IDLE)]
    return [name for name in names if name not in used]


def refusal(unknown: list[str]) -> ValueError:
    """Return the error that names the layers which the decoder does not know."""
    names = f"layers, such as {unknown[0]!r}," if unknown else "something between its layers"
    return ValueError(
        f"the decoder step gives other logits than the training model: it has {names} that the "
        "decoder does not know; build it by build_training_model, whose `cells` take such layers"
    )


def logits_agree(training_model: keras.Model, encode: Callable, step: Callable) -> bool:
    """Tell whether a decoder's logits, for an example, are those of teacher forcing.

    What is no number, in a model that has diverged, is not compared.

    Args:
        training_model: from `build_training_model`.
        encode: from the source `(2, 3)` to the list of the first states.
        step: from `[token (2, 1), *states]` to `[logits (2, V), *states]`.
    """

    def both():
        source, target = _example(training_model)
        forced = training_model({"source": source, "target": target}, training=False)
        states, stepwise = encode(source), []
        for t in range(target.shape[1]):
            logits, *states = step([target[:, t : t + 1], *states])
            stepwise.append(_numbers(logits))
        return _numbers(forced), np.stack(stepwise, axis=1)

    # A thread of its own: a graph that is being traced belongs to the thread that traces it, so
    # that here every backend computes at once.
    with ThreadPoolExecutor(1) as elsewhere:
        expected, found = elsewhere.submit(both).result()
    if found.shape != expected.shape:
        return False
    known = np.isfinite(expected) & np.isfinite(found)
    largest = np.abs(expected[known]).max(initial=0)
    tolerance = TOLERANCES.get(training_model.get_layer("decoder_1").compute_dtype, TOLERANCE)
    return bool((np.abs(found - expected)[known] <= tolerance * largest).all())


def _example(training_model: keras.Model) -> list:
    """Return two sources, one of them with padding, and two targets: int32 tensors."""
    source, target = [[4, 5, PAD], [7, 8, 9]], [[START, 6], [START, 5]]
    return [
        ops.convert_to_tensor(np.array(ids, "int32") % _words(training_model, side))
        for ids, side in ((source, "source"), (target, "target"))
    ]


def _words(training_model: keras.Model, side: str) -> int:
    """Return how many ids there are."""
    return training_model.get_layer(f"{side}_embedding").input_dim


def _numbers(logits) -> np.ndarray:
    return ops.convert_to_numpy(ops.cast(logits, "float32"))
