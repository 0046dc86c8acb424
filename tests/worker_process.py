"""One worker of a training in a process of its own: see `test_workers.py`."""

import json
import os
import sys

from s2s_keras import cli


def train(log: str, addresses: list[str], index: int, *flags: str) -> None:
    """Run `s2s-keras train` as a worker, and end the process with its status.

    Args:
        log: a file for what it prints.
        addresses: of all workers.
        index: its own.
        flags: of the command.
    """
    task = {"type": "worker", "index": index}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": addresses}, "task": task})
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), sys.stderr.fileno())
    status = cli.main(["train", *flags])
    sys.stderr.flush()
    os._exit(status)  # TensorFlow's threads may be at work still: see `cli.main`
