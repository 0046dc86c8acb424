"""The manifest of a translator's folder: its format, and what each of its files must be."""

import contextlib
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from safetensors import SafetensorError

from .. import __version__
from ..errors import InputError
from ..shipped import CARD, shipped

FORMAT = 1  # of the folder; what version 0.1 wrote before formats had numbers is read as well
MANIFEST = "translator.json"
WEIGHTS, SOURCE_TOKENIZER, TARGET_TOKENIZER = "weights.safetensors", "source.json", "target.json"
FINGERPRINTS = "seen.safetensors"  # absent from what version 0.1 wrote
OLD_MODEL = "model.keras"  # what version 0.1 wrote in place of configuration and weights
FILES = (WEIGHTS, SOURCE_TOKENIZER, TARGET_TOKENIZER)
REMEDY = "fetch it again, or train it again with `s2s-keras train`"
# In bytes; what is read at once as JSON must fit into memory several times.
LARGEST = {MANIFEST: 1 << 20, SOURCE_TOKENIZER: 1 << 28, TARGET_TOKENIZER: 1 << 28}


def seal(folder: Path, manifest: dict) -> None:
    """Write the manifest, with the format, and checksums of the folder's files and of itself.

    Args:
        folder: holds all its other files already.
        manifest: what else it says, of JSON's types.
    """
    known = (*FILES, FINGERPRINTS, OLD_MODEL, CARD)
    names = [name for name in known if (folder / name).exists()]
    files = {name: _sha256(folder / name) for name in names}
    manifest = {"format": FORMAT, **manifest, "files": files}
    manifest["checksum"] = _checksum(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def read_manifest(folder: Path) -> dict:
    """Return the manifest of a folder all of whose files are whole.

    Raises:
        InputError: the folder is missing, is no translator, is incomplete or damaged, or was
            written by a newer version of this package.
    """
    if not os.path.isdir(folder):  # unlike folder.is_dir(), no exception for an overlong name
        names = ", ".join(model.name for model in shipped())
        others = f", or give a name: {names}" if names else ""
        raise InputError(
            f"{folder}: no such folder; train a translator with `s2s-keras train`{others}"
        )
    if not (folder / MANIFEST).is_file():
        raise InputError(f"{folder}: not a translator, it has no {MANIFEST}; {REMEDY}")
    with damaged(folder / MANIFEST):
        manifest = _whole(json.loads(_read(folder / MANIFEST)))
        _refuse_newer(folder, manifest)
        model = WEIGHTS if "config" in manifest else OLD_MODEL
        digests = manifest["files"]
        expected = {name: digests[name] for name in (model, *FILES[1:])}
        expected |= {FINGERPRINTS: digests[FINGERPRINTS]} if FINGERPRINTS in digests else {}
    for name, digest in expected.items():
        if not (folder / name).is_file():
            raise InputError(f"{folder}: half-written, {name} is missing; {REMEDY}")
        with damaged(folder / name):
            _check_size(folder / name)
            found = _sha256(folder / name)
        if found != digest:
            raise InputError(
                f"{folder / name}: damaged, half-written or of another translator; {REMEDY}"
            )
    return manifest


def has_its_card(folder: Path) -> bool:
    """Tell whether the card is still the one that was written with the manifest.

    It may be changed: no translator needs it. But then it is somebody's own, and not to be lost.
    """
    try:
        with damaged(folder / MANIFEST):
            return json.loads(_read(folder / MANIFEST))["files"][CARD] == _sha256(folder / CARD)
    except InputError:
        return False


@contextlib.contextmanager
def damaged(path: Path) -> Iterator[None]:
    """Turn what reading a file raises into an InputError that names it."""
    try:
        yield
    except InputError:
        raise
    except OSError as error:
        if error.errno is None:  # HDF5 says so that the file is none of its own
            raise InputError(f"{path}: damaged; {REMEDY}") from error
        raise InputError(f"{path}: {error.strerror}; check who may read it") from error
    except (
        *(ArithmeticError, AttributeError, EOFError, LookupError, TypeError, ValueError),
        *(MemoryError, RuntimeError),  # where it is nested too deeply, or encrypted
        *(SafetensorError, zipfile.BadZipFile, zlib.error),
    ) as error:
        raise InputError(f"{path}: damaged; {REMEDY}") from error


def _whole(manifest: dict) -> dict:
    """Return a manifest that has the checksum it tells; version 0.1 told none."""
    if {"format", "checksum"} & manifest.keys() and manifest["checksum"] != _checksum(manifest):
        raise ValueError("the checksum is that of another manifest")
    return manifest


def _refuse_newer(folder: Path, manifest: dict) -> None:
    number = manifest.get("format", FORMAT)
    if type(number) is not int or number < 1:
        raise ValueError(f"the format is {number!r}")
    if number > FORMAT:
        writer = manifest["versions"]["s2s-keras"]
        raise InputError(
            f"{folder}: written by version {writer} of s2s-keras in format {number}, and this is "
            f"version {__version__}, which knows formats up to {FORMAT}; upgrade s2s-keras"
        )


def _checksum(manifest: dict) -> str:
    """Return the checksum of all that a manifest says, in whatever order and layout."""
    rest = {name: value for name, value in manifest.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _check_size(path: Path) -> None:
    if path.stat().st_size > (most := LARGEST.get(path.name, float("inf"))):
        raise InputError(f"{path}: over {most:,} bytes, so it is none of a translator; {REMEDY}")


def _read(path: Path) -> str:
    _check_size(path)
    return path.read_text(encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
