"""Processes that begin as copies of one which has imported TensorFlow, and so begin at once.

A copy by `fork` is safe because that one has computed nothing: TensorFlow starts no thread until
then. Its environment is that of the moment when the first copy was made.
"""

import multiprocessing
import os
import sys
from multiprocessing import forkserver
from pathlib import Path

import pytest

FORKING = sys.platform == "linux"  # Windows has no fork, and the libraries of macOS bear none
_forks = multiprocessing.get_context("forkserver" if FORKING else None)
if FORKING:
    _forks.set_forkserver_preload(["warm"])


def process(target, args=(), **options) -> multiprocessing.Process:
    """Return a process that is not yet started; options are those of `multiprocessing.Process`."""
    if FORKING:
        # The server does not get our path; where it does not find `warm`, it says nothing.
        places = [str(Path(__file__).parent), os.environ.get("PYTHONPATH")]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, places)))
            forkserver.ensure_running()
    return _forks.Process(target=target, args=args, **options)
