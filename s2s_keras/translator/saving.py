"""A translator's folder: written whole or not at all, and read with every file checked.

It holds configuration, weights and tokenizers as JSON and safetensors: numbers and text, which any
version of Keras can read and which cannot run.
"""

import contextlib
import math
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import keras
from keras import layers
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from ..checkpoints import disk
from ..corpora import Fingerprint
from ..errors import InputError
from ..models import Seq2SeqConfig, build_training_model, config_of
from ..models.counting import count_parameters
from ..models.weights import load_weights, save_weights
from ..shipped import CARD
from ..text import Tokenizer, load_tokenizer
from .card import versions
from .manifest import (
    FILES,
    FINGERPRINTS,
    MANIFEST,
    OLD_MODEL,
    REMEDY,
    SOURCE_TOKENIZER,
    TARGET_TOKENIZER,
    WEIGHTS,
    damaged,
    has_its_card,
    read_manifest,
    seal,
)
from .old_format import read_old_model

HISTORY = ("history.csv", "history.png")
_ALL_FILES = {*FILES, FINGERPRINTS, MANIFEST, OLD_MODEL, CARD, *HISTORY}


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
        "versions": versions(),
    }
    seal(folder, manifest)


def write_text(path: Path, text: str) -> None:
    """Write a text with the same bytes on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


def replace_card(folder: Path, card: str, about: Mapping) -> None:
    """Replace a translator's card, and what the manifest has for it; all else stays as it is.

    Raises:
        InputError: the folder holds no whole translator, or cannot be written.
    """
    manifest = read_manifest(folder)
    with replacing(folder) as unfinished:
        for path in folder.iterdir():
            shutil.copy(path, unfinished)
        write_text(unfinished / CARD, card)
        seal(unfinished, manifest | {"about": about})


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
        if any(hashes.dtype != "uint64" or hashes.ndim != 1 for hashes in arrays.values()):
            raise ValueError("these are no hashes")
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
        return read_old_model(folder / OLD_MODEL, cells)
    with damaged(folder / MANIFEST):
        config, own = (
            Seq2SeqConfig(**manifest["config"]),
            {*map(str, manifest.get("own_layers", ()))},
        )
    with damaged(folder / WEIGHTS):
        _refuse_others(config, folder / WEIGHTS)
    model = build_training_model(config, cells)
    if other := own.symmetric_difference(layers_of_ones_own(model)):
        raise InputError(
            f"{folder}: its model and cells differ in the layer {min(other)}; give "
            "Translator.load the cells that the model was built with"
        )
    with damaged(folder / WEIGHTS):
        load_weights(model, folder / WEIGHTS)
    return model


def read_tokenizers(folder: Path, training_model: keras.Model) -> tuple[Tokenizer, Tokenizer]:
    """Read the tokenizers of source and target.

    Raises:
        InputError: they cannot be read, or have other numbers of tokens than the model.
    """
    tokenizers, config = [], config_of(training_model)
    for name, known in (
        (SOURCE_TOKENIZER, config.source_vocabulary),
        (TARGET_TOKENIZER, config.target_vocabulary),
    ):
        tokenizers.append(load_tokenizer(folder / name))
        if (size := tokenizers[-1].vocabulary_size) != known:
            raise InputError(
                f"{folder / name}: {size:,} tokens, but the model has {known:,}, so it is another "
                f"translator's; {REMEDY}"
            )
    return tuple(tokenizers)


def _refuse_others(config: Seq2SeqConfig, path: Path) -> None:
    """Refuse weights that cannot be this configuration's: before a model of its size is built."""
    with safe_open(path, "numpy") as file:
        shapes = [file.get_slice(name).get_shape() for name in file.keys()]  # noqa: SIM118
    numbers = sum(map(math.prod, shapes))
    # A model with layers of one's own may have fewer weights than the plain one, but not so few.
    if config.layers > len(shapes) or sum(count_parameters(config).values()) > 16 * numbers:
        raise ValueError("too few for the configuration")


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
        names = {path.name for path in folder.iterdir()} if folder.exists() else set()
        others = names - _ALL_FILES
        if CARD in names and not has_its_card(folder):
            others.add(CARD)
        if not others and not overwrite and MANIFEST in names:
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
