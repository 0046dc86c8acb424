"""`s2s-keras export`."""

import argparse
from pathlib import Path

from ..shipped import DEFAULT
from .inputs import import_translator, quiet_start


def export(options: argparse.Namespace) -> int:
    """Write a translator in a format that other programs read."""
    translator = import_translator().Translator.load(options.model)
    with quiet_start():
        from ..export import export as write

    # Without its path, which is nobody's business who gets the export.
    write(translator, options.to, options.out, Path(options.model).resolve().name)
    print(f"{options.out}: {options.model} as {options.to}; README.md tells how to use it")
    return 0


def add_export_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `s2s-keras export`."""
    flag = parser.add_argument
    flag(
        "--model",
        default=DEFAULT,
        metavar="DIR|NAME",
        help="folder of a translator, or a name from `s2s-keras models`",
    )
    flag(
        "--to",
        required=True,
        choices=("savedmodel", "onnx", "web"),
        help="savedmodel: strings to strings, for TensorFlow and tensorflow-text; onnx: for ONNX "
        "Runtime, with a program; web: weights of 16 bits and JSON",
    )
    flag("--out", required=True, metavar="DIR", help="a new folder")
