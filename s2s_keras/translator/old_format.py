"""Folders of version 0.1: a Keras archive, of which sizes and numbers are read, nothing is built.

Keras's own `load_model` imports and calls what an archive names. A translator of version 0.1 has a
dozen kinds of layers: their sizes and weights are read here, and an archive that asks for anything
else is refused before anything is made of it.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import h5py
import keras
import numpy as np

from ..errors import InputError
from ..models import Seq2SeqConfig, build_training_model
from ..models.counting import count_parameters
from .manifest import REMEDY, damaged

CONFIG, NUMBERS = "config.json", "model.weights.h5"
CELLS = {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "rnn"}
CLASSES = {
    *("Functional", "InputLayer", "Embedding", "Dropout", "Concatenate", "Dense", *CELLS),
    *("NotEqual", "GetItem", "ExpandDims", "OnesLike", "Multiply"),
    *("DTypePolicy", "RandomNormal", "GlorotUniform", "Orthogonal", "Zeros"),
    *("__keras_tensor__", "__slice__"),
}
PACKAGES = ("keras", "s2s_keras")


def read_old_model(path: Path, cells: Mapping) -> keras.Model:
    """Build the model of a Keras archive anew, with its weights.

    Args:
        path: of the archive.
        cells: see `build_training_model`.

    Raises:
        InputError: the archive is damaged, asks for other classes than version 0.1 used, or unpacks
            to more than it can hold.
    """
    with damaged(path), zipfile.ZipFile(path) as archive:
        whole = path.stat().st_size
        for name in (CONFIG, NUMBERS):  # Keras stores them as they are
            if (size := archive.getinfo(name).file_size) > whole:
                raise InputError(
                    f"{path}: {name} in it unpacks to {size:,} bytes, more than the {whole:,} of "
                    f"the whole; {REMEDY}"
                )
        described = json.loads(archive.read(CONFIG))
        for name in _classes(described):
            if name not in CLASSES:
                raise InputError(
                    f"{path}: asks for the class {name}, which no translator of version 0.1 has; "
                    f"nothing of it was built; {REMEDY}"
                )
        config = _config_of(described)
        if config.layers > whole or 4 * sum(count_parameters(config).values()) > whole:
            raise ValueError("its weights are not those of its configuration")
        with h5py.File(io.BytesIO(archive.read(NUMBERS)), "r") as file:
            if elsewhere := file.visititems_links(_leads_elsewhere):
                raise ValueError(f"{elsewhere} does not lie in this file")
            weights = dict(map(_weights, file["layers"].values()))
        model = build_training_model(config, cells)
        for layer in model.layers:
            if layer.weights:
                _assign(layer.weights, weights[layer.name])
    return model


def _classes(described: object) -> Iterator[str]:
    """Yield what a configuration asks for, as it would be looked up, wherever it stands."""
    if isinstance(described, dict):
        if "class_name" in described:
            name = described["class_name"]
            module = described.get("module") or PACKAGES[0]
            registered = described.get("registered_name") or name
            known = registered.removeprefix("s2s_keras>") == name
            yield name if known and module.split(".")[0] in PACKAGES else f"{module}.{registered}"
        described = list(described.values())
    if isinstance(described, list):
        for part in described:
            yield from _classes(part)


def _config_of(described: dict) -> Seq2SeqConfig:
    found = {layer["name"]: layer for layer in described["config"]["layers"]}
    sizes = {name: layer["config"] for name, layer in found.items()}
    return Seq2SeqConfig(
        source_vocabulary=sizes["source_embedding"]["input_dim"],
        target_vocabulary=sizes["target_embedding"]["input_dim"],
        cell=CELLS[found["decoder_1"]["class_name"]],
        units=sizes["decoder_1"]["units"],
        embedding=sizes["target_embedding"]["output_dim"],
        layers=sum(f"decoder_{n}" in found for n in range(1, len(found))),
        dropout=sizes["output_dropout"]["rate"] if "output_dropout" in found else 0.0,
        context="every_step" if "token_and_context" in found else "start",
    )


def _leads_elsewhere(name: str, link: object) -> str | None:
    return None if isinstance(link, h5py.HardLink) else name


def _weights(layer: h5py.Group) -> tuple[str, list[np.ndarray]]:
    """Return a layer's name and its weights in Keras's order."""
    holder = layer["cell/vars"] if "cell" in layer else layer["vars"]
    arrays = [_array(holder[str(n)]) for n in range(len(holder))]
    return layer["vars"].attrs["name"], arrays


def _array(array: h5py.Dataset) -> np.ndarray:
    """Return an array that lies in this file, in one piece: neither elsewhere nor packed."""
    if array.external or array.is_virtual or array.chunks:
        raise ValueError(f"{array.name} does not lie in this file")
    if array.nbytes > array.id.get_storage_size():
        raise ValueError(f"{array.name} is larger than what is stored")
    return array[...]


def _assign(variables: list, arrays: list[np.ndarray]) -> None:
    for variable, array in zip(variables, arrays, strict=True):
        if array.shape != tuple(variable.shape):
            raise ValueError(f"{variable.path} has the shape {array.shape}")
        variable.assign(array.astype(variable.dtype))
