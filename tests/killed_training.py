"""A training in a process of its own, to be killed: see `test_resume.py`."""

import os
import sys

from s2s_keras import cli


def train(*flags: str) -> None:
    """Run `s2s-keras train`, and end the process with its status."""
    os.environ["TF_DETERMINISTIC_OPS"] = "1"
    sys.exit(cli.main(["train", *flags]))
