"""A training in a process of its own, to be killed: see `test_resume.py`."""

import sys

from s2s_keras import cli


def train(*flags: str) -> None:
    """Run `s2s-keras train`, and end the process with its status."""
    sys.exit(cli.main(["train", *flags]))
