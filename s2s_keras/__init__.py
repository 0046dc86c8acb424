"""Sequence-to-sequence learning with recurrent networks: English to Hindi, one idea at a time."""

import contextlib
import ctypes
import os

__version__ = "0.1.0"

# TensorFlow reads this once, when it is first imported. Level 3, because on a machine without a
# GPU it calls the missing GPU an error; what goes wrong still arrives as an exception.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# What a training step frees, glibc gives back to the system, which hands it out again page by page
# in the next step: a third of the time. With this much more asked for at once, it keeps it.
# (M_TOP_PAD is -2 in malloc.h; other systems have no mallopt, or no such library.)
with contextlib.suppress(AttributeError, OSError, TypeError):
    ctypes.CDLL(None).mallopt(-2, 2**26)


@contextlib.contextmanager
def quiet_start():
    """Import TensorFlow inside this context, and its start-up notes do not reach the reader.

    The C++ libraries write some of them before they look at any setting, so the process's
    standard error itself points elsewhere meanwhile. Exceptions still come through.
    """
    standard_error = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)
