"""A translator's folder: written whole or not at all, and read with every file checked.

It holds configuration, weights and tokenizers as JSON and safetensors: numbers and text, which any
version of Keras can read and which cannot run.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import keras
import tensorflow as tf
from keras import layers
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from .. import __version__
from ..checkpoints import disk
from ..corpora import Fingerprint
from ..errors import InputError
from ..models import Seq2SeqConfig, build_training_model, config_of
from ..models.weights import load_weights, named_weights, save_weights
from ..shipped import shipped

MANIFEST = "translator.json"
WEIGHTS, SOURCE_TOKENIZER, TARGET_TOKENIZER = "weights.safetensors", "source.json", "target.json"
FINGERPRINTS = "seen.safetensors"  # absent from what version 0.1 wrote
OLD_MODEL = "model.keras"  # what version 0.1 wrote in place of configuration and weights
HISTORY = ("history.csv", "history.png")
FILES = (WEIGHTS, SOURCE_TOKENIZER, TARGET_TOKENIZER)
_ALL_FILES = {*FILES, FINGERPRINTS, MANIFEST, OLD_MODEL, *HISTORY}
_REMEDY = "train it again with `s2s-keras train`"


def write_manifest(
    folder: Path, training_model: keras.Model, half: bool = False, **settings
) -> None:
    """Write the model's weights, and the manifest: configuration, settings, versions, checksums.

    Args:
        folder: holds the tokenizers already, and the fingerprints if there are any.
        training_model: from `build_training_model`.
        half: see `save_weights`.
        **settings: more for `read_manifest` to return, of JSON's types.
    """
    save_weights(training_model, folder / WEIGHTS, half)
    manifest = {
        "config": asdict(config_of(training_model)),
        "own_layers": layers_of_ones_own(training_model),
        **settings,
        "versions": {
            "s2s-keras": __version__,
            "keras": keras.__version__,
            "tensorflow": tf.__version__,
        },
        "files": {
            name: _sha256(folder / name)
            for name in (*FILES, FINGERPRINTS)
            if (folder / name).exists()
        },
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def read_manifest(folder: Path) -> dict:
    """Return the manifest of a folder all of whose files are whole.

    Raises:
        InputError: the folder is missing, is no translator, or is incomplete or damaged.
    """
    if not os.path.isdir(folder):  # unlike folder.is_dir(), no exception for an overlong name
        names = ", ".join(model.name for model in shipped())
        others = f", or give a name: {names}" if names else ""
        raise InputError(
            f"{folder}: no such folder; train a translator with `s2s-keras train`{others}"
        )
    if not (folder / MANIFEST).is_file():
        raise InputError(f"{folder}: not a translator, it has no {MANIFEST}; {_REMEDY}")
    with damaged(folder / MANIFEST):
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        model = WEIGHTS if "config" in manifest else OLD_MODEL
        digests = manifest["files"]
        expected = {name: digests[name] for name in (model, *FILES[1:])}
        expected |= {FINGERPRINTS: digests[FINGERPRINTS]} if FINGERPRINTS in digests else {}
    for name, digest in expected.items():
        if not (folder / name).is_file():
            raise InputError(f"{folder}: half-written, {name} is missing; {_REMEDY}")
        with damaged(folder / name):
            found = _sha256(folder / name)
        if found != digest:
            raise InputError(f"{folder / name}: damaged or half-written; {_REMEDY}")
    return manifest


def layers_of_ones_own(training_model: keras.Model) -> list[str]:
    """Return the names of the layers that only `cells` of `build_training_model` can make again."""
    return [
        layer.name
        for layer in training_model.layers
        if layer.name.startswith("bridge_")
        or layer.name.endswith("_after_embedding")
        or (layer.name == "logits" and type(layer) is not layers.Dense)
    ]


def write_fingerprints(folder: Path, fingerprints: Mapping[str, Fingerprint | None]) -> None:
    """Write the fingerprints that are known, by their names."""
    arrays = {
        f"{name}/{side}": getattr(fingerprint, side)
        for name, fingerprint in fingerprints.items()
        if fingerprint is not None
        for side in ("source", "target")
    }
    if arrays:
        save_file(arrays, folder / FINGERPRINTS)


def read_fingerprints(folder: Path, manifest: Mapping) -> dict[str, Fingerprint]:
    """Return what `write_fingerprints` wrote; nothing for a folder of version 0.1."""
    if FINGERPRINTS not in manifest["files"]:
        return {}
    with damaged(folder / FINGERPRINTS):
        arrays = load_file(folder / FINGERPRINTS)
        return {
            name: Fingerprint(arrays[f"{name}/source"], arrays[f"{name}/target"])
            for name in ("trained_on", "chosen_on")
            if f"{name}/source" in arrays
        }


def read_model(folder: Path, manifest: Mapping, cells: Mapping) -> keras.Model:
    """Build the training model of a folder: Keras layers, whatever layers it was trained with.

    Args:
        folder: of the translator.
        manifest: of `read_manifest`.
        cells: see `build_training_model`.

    Raises:
        InputError: configuration and weights do not fit together, or `cells` lacks layers.
    """
    if "config" not in manifest:
        return _read_old_model(folder / OLD_MODEL, cells)
    with damaged(folder / MANIFEST):
        model = build_training_model(Seq2SeqConfig(**manifest["config"]), cells)
        own = {*manifest.get("own_layers", ())}
    if other := own.symmetric_difference(layers_of_ones_own(model)):
        raise InputError(
            f"{folder}: its model and cells differ in the layer {min(other)}; give "
            "Translator.load the cells that the model was built with"
        )
    with damaged(folder / WEIGHTS):
        load_weights(model, folder / WEIGHTS)
    return model


def _read_old_model(path: Path, cells: Mapping) -> keras.Model:
    """Read a Keras archive of version 0.1, whose recurrent layers were classes of this package."""
    plain = {"s2s_keras>LSTM": layers.LSTM, "s2s_keras>GRU": layers.GRU}
    try:
        saved = keras.models.load_model(path, plain, compile=False, safe_mode=True)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{path}: written by another version of Keras than {keras.__version__}; {_REMEDY}"
        ) from error
    model = build_training_model(config_of(saved), cells)
    weights = named_weights(saved)
    for name, variable in named_weights(model).items():
        variable.assign(weights[name])
    return model


@contextlib.contextmanager
def damaged(path: Path) -> Iterator[None]:
    """Turn what reading a file raises into an InputError that names it."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; check who may read it") from error
    except (ValueError, KeyError, TypeError, OverflowError, SafetensorError) as error:
        raise InputError(f"{path}: damaged; {_REMEDY}") from error


def check_can_save(folder: str | Path, overwrite: bool = True) -> None:
    """Raise InputError where `replacing` would: before hours of training, not after.

    Args:
        folder: where a translator is to be written.
        overwrite: whether an earlier translator there may be replaced.
    """
    folder = Path(folder)
    with _writing(folder):
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: a file has this name; name a folder")
        others = {path.name for path in folder.iterdir()} - _ALL_FILES if folder.exists() else ()
        if not others and not overwrite and (folder / MANIFEST).exists():
            raise InputError(
                f"{folder}: holds a translator already; name another folder, or replace it with "
                "--overwrite"
            )
        if others:
            raise InputError(
                f"{folder}: holds other files ({min(others)}); name a new or empty folder"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder.parent).close()


@contextlib.contextmanager
def replacing(folder: str | Path) -> Iterator[Path]:
    """Yield a folder to fill that takes the place of `folder` only when it is whole.

    Raises:
        InputError: the folder holds other things, or cannot be written.
    """
    check_can_save(folder)
    folder = Path(folder).resolve()
    with _writing(folder):
        workplace = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            (workplace / "new").mkdir()
            yield workplace / "new"
            disk.flush_folder(workplace / "new")
            if folder.exists():
                folder.rename(workplace / "old")
            (workplace / "new").rename(folder)
            disk.flush_names(folder.parent)
        finally:
            # Whatever stopped the new one, the old one is not lost.
            if (workplace / "old").exists() and not folder.exists():
                (workplace / "old").rename(folder)
            shutil.rmtree(workplace)


def put_back(folder: str | Path) -> None:
    """Finish what a process that was killed within `replacing` has left beside a folder.

    Nobody may be writing the folder meanwhile.
    """
    folder = Path(folder).resolve()
    # What `mkdtemp` made, and nothing that somebody else may have called so.
    name = re.compile(rf"\.{re.escape(folder.name)}-[a-z0-9_]{{8}}")
    for workplace in folder.parent.glob(".*-????????"):
        if not name.fullmatch(workplace.name) or not workplace.is_dir():
            continue
        inside = {path.name for path in workplace.iterdir()}
        if not inside <= {"new", "old"}:
            continue
        if "old" in inside and not folder.exists():
            (workplace / "old").rename(folder)
        shutil.rmtree(workplace)


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, SafetensorError) as error:
        problem = getattr(error, "strerror", None) or error
        raise InputError(f"{folder}: cannot write here ({problem}); name another folder") from error


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
