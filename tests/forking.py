"""Processes that begin as copies of one which has imported TensorFlow, and so begin at once.

A copy by `fork` is safe because that one has computed nothing: TensorFlow starts no thread until
then. Its environment is that of the moment when the first copy was made.
"""

import multiprocessing
import sys

FORKING = sys.platform == "linux"  # Windows has no fork, and the libraries of macOS bear none
forks = multiprocessing.get_context("forkserver" if FORKING else None)
if FORKING:
    forks.set_forkserver_preload(["s2s_keras.translator", "s2s_keras.cli", "warm"])
