"""The command line: corpora, models, train, translate, evaluate, export, page, check."""

import argparse
import os
import sys

from ..corpora import catalogue
from ..errors import InputError
from ..shipped import shipped
from .arguments import parse
from .check import check
from .evaluate import evaluate
from .export import export
from .page import page
from .train import train
from .translate import translate


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status.

    It is 0; or 1 where `check` has found something to mend; or 2 after one line about what to
    mend; or 130 after an interruption.
    """
    for stream in (sys.stdout, sys.stderr):
        # Names of files that are not UTF-8 go out as the bytes that they came in as.
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    options = parse(arguments, COMMANDS)
    status = 0
    try:
        status = options.command(options)
        sys.stdout.flush()
    except InputError as error:
        print(f"s2s-keras: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        _forget_output()  # its reader has left, as `head` does
    except OSError as error:
        _forget_output()
        print(
            f"s2s-keras: error: input or output failed ({error.strerror}); name another one",
            file=sys.stderr,
        )
        return 2
    if status == 130 and arguments is None:  # in a process of its own
        # TensorFlow's threads are still at work: they may crash while Python goes down.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(130)
    return status


def _forget_output() -> None:
    """Drop what waits to be printed: Python would try again at exit, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def corpora(options: argparse.Namespace) -> int:
    """List the corpora that have a name."""
    for source in catalogue():
        print(f"{source.name}: {source.description}")
        print(f"    {source.size}, licence {source.licence}, {source.address or 'built in'}")
    return 0


def models(options: argparse.Namespace) -> int:
    """List the translators that come with the package."""
    if not shipped():
        print("none here: `make models` trains course-attention and course-lstm again")
    for model in shipped():
        print(f"{model.name}: {model.description}")
        print(f"    {model.size / 1e6:.1f} MB, licence CC0 1.0, {model.folder / 'README.md'}")
    return 0


COMMANDS = {
    "corpora": corpora, "models": models, "train": train, "translate": translate,
    "evaluate": evaluate, "export": export, "page": page, "check": check,
}  # fmt: skip
