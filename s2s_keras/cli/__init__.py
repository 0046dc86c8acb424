"""The command line: `s2s-keras corpora · train · translate · evaluate`."""

import os
import sys

from ..errors import InputError
from . import commands
from .arguments import parse

COMMANDS = {
    "corpora": commands.corpora,
    "train": commands.train,
    "translate": commands.translate,
    "evaluate": commands.evaluate,
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status: 0, or 2 after one line about what to mend."""
    for stream in (sys.stdout, sys.stderr):
        # Names of files that are not UTF-8 go out as the bytes that they came in as.
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    options = parse(arguments, COMMANDS)
    try:
        options.command(options)
        sys.stdout.flush()
    except InputError as error:
        print("s2s-keras: error:", " ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        if arguments is None:  # in a process of its own
            # TensorFlow's threads are still at work: they may crash while Python goes down.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(130)
        return 130
    except BrokenPipeError:
        # The reader of our output has left, as `head` does; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
