"""A training model's weights as a file that any version of Keras, and any language, can read."""

from itertools import chain, count
from pathlib import Path

import keras
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file


def named_weights(training_model: keras.Model) -> dict[str, keras.Variable]:
    """Return the weights by names that depend on the model's layers alone.

    Returns:
        `"encoder_1/kernel"` and the like; in a bidirectional layer `"encoder_1/forward/kernel"`. In
        a layer that is made of several, such as a `Sequential`, each further weight of one name has
        its number: `"logits/kernel"`, `"logits/kernel_2"`.
    """
    weights = {}
    for layer in training_model.layers:
        for variable in layer.weights:
            ways = [f"{way}/" for way in ("forward", "backward") if f"/{way}_" in variable.path]
            name = f"{layer.name}/{''.join(ways)}{variable.name}"
            names = chain([name], (f"{name}_{n}" for n in count(2)))
            weights[next(free for free in names if free not in weights)] = variable
    return weights


def save_weights(training_model: keras.Model, path: str | Path, half: bool = False) -> None:
    """Write the weights as safetensors: names, shapes and numbers, nothing that could run.

    Args:
        training_model: from `build_training_model`.
        path: of the file.
        half: write floats of 16 bits: half the size, and three decimal digits of each number.
    """
    arrays = {
        name: keras.ops.convert_to_numpy(variable)
        for name, variable in named_weights(training_model).items()
    }
    if half:
        arrays = {name: array.astype("float16") for name, array in arrays.items()}
    save_file(arrays, path)


def load_weights(training_model: keras.Model, path: str | Path) -> None:
    """Read what `save_weights` wrote into a model of the same configuration.

    Raises:
        ValueError: the file is damaged, or its names or shapes are not this model's.
    """
    try:
        arrays = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"damaged ({error})") from error
    weights = named_weights(training_model)
    if missing := sorted(weights.keys() - arrays.keys()):
        raise ValueError(f"not the weights of this configuration: {missing[0]} is missing")
    if unknown := sorted(arrays.keys() - weights.keys()):
        raise ValueError(f"not the weights of this configuration: {unknown[0]} is one too many")
    for name, variable in weights.items():
        if arrays[name].shape != variable.shape:
            raise ValueError(f"{name} has the shape {arrays[name].shape}, not {variable.shape}")
    for name, variable in weights.items():  # now that all fit: a model is never half of two
        variable.assign(arrays[name].astype(variable.dtype))
