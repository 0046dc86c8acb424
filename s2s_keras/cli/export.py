"""`s2s-keras export`."""

import argparse

from .inputs import import_translator, quiet_start


def export(options: argparse.Namespace) -> int:
    """Write a translator in a format that other programs read."""
    translator = import_translator().Translator.load(options.model)
    with quiet_start():
        from ..export import export as write

    write(translator, options.to, options.out, options.model)
    print(f"{options.out}: {options.model} as {options.to}; README.md tells how to use it")
    return 0
