"""`s2s-keras page`."""

import argparse
from pathlib import Path

from ..shipped import DEFAULT
from .inputs import import_translator, quiet_start

# What answers when attention is hidden, beside the translator that comes with the package.
WITHOUT_ATTENTION = "course-lstm"


def page(options: argparse.Namespace) -> int:
    """Write a page that translates as a translator does, and shows how."""
    load = import_translator().Translator.load
    beside = options.beside or (WITHOUT_ATTENTION if options.model == DEFAULT else "none")
    names = [options.model, *([beside] if beside != "none" else [])]
    with quiet_start():
        from ..page import EXAMPLES, write_page

    translator, other = [load(name) for name in names] + [None] * (2 - len(names))
    # A page travels: it tells a folder's name, not where the folder lies.
    titles = [Path(name).resolve().name for name in names]
    write_page(translator, options.out, other, titles, options.example or EXAMPLES)
    print(f"{options.out}: {' and '.join(names)}; open it in a browser")
    return 0


def add_page_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of `s2s-keras page`."""
    flag = parser.add_argument
    flag(
        "--model",
        default=DEFAULT,
        metavar="DIR|NAME",
        help="folder of a translator of words, or a name from `s2s-keras models`",
    )
    flag("--out", required=True, metavar="FILE", help="a new file, or an earlier page to replace")
    flag(
        "--beside",
        default=None,
        metavar="DIR|NAME|none",
        help="a translator without attention and with the same words, to compare with (default: "
        f"{WITHOUT_ATTENTION} beside {DEFAULT}, otherwise none)",
    )
    flag(
        "--example",
        action="append",
        default=None,
        metavar="TEXT",
        help="a sentence that the page offers; give the flag several times (default: sentences of "
        "everyday English)",
    )
