"""One folder for one format, written whole or not at all."""

import contextlib
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from ..translator import Translator
from ..translator.saving import replacing
from .card import write_card
from .onnx import write_onnx
from .savedmodel import write_savedmodel
from .web import write_web

FORMATS = {"savedmodel": write_savedmodel, "onnx": write_onnx, "web": write_web}


def export(translator: Translator, to: str, folder: str | Path, origin: str = "") -> None:
    """Write a translator in a format that other programs read.

    Args:
        translator: one model, of the layers of `build_training_model`.
        to: "savedmodel", "onnx" or "web".
        folder: a new one.
        origin: what the card calls the translator, such as the name of its folder.

    Raises:
        InputError: the folder exists or cannot be written, a library is missing, or the translator
            cannot be exported exactly.
    """
    if to not in FORMATS:
        raise InputError(f"export: no format is called {to!r}; use one of {', '.join(FORMATS)}")
    if Path(folder).exists():
        raise InputError(f"{folder}: exists already; name a new folder")
    with replacing(folder) as unfinished, _quiet():
        FORMATS[to](translator, unfinished)
        write_card(translator, to, unfinished, origin)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what TensorFlow and tf2onnx note about themselves, and no user can mend."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
