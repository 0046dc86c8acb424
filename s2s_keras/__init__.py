"""Sequence-to-sequence learning with recurrent networks: English to Hindi, one idea at a time."""

import contextlib
import os

__version__ = "0.1.0"


@contextlib.contextmanager
def quiet_start():
    """Import TensorFlow inside this context, and its start-up notes do not reach the reader.

    The C++ libraries write some of them before they look at any setting, so the process's
    standard error itself points elsewhere meanwhile. Exceptions still come through.
    """
    # TensorFlow reads this once, when it is first imported. Level 3, because on a machine without a
    # GPU it calls the missing GPU an error; what goes wrong still arrives as an exception.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    standard_error = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)
