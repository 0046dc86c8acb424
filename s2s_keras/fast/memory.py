"""Equals the same work without it: memory that is freed is kept for the next update."""

import contextlib
import ctypes


def keep_freed_memory() -> None:
    """Tell the C library to keep what an update of the weights frees, for the next one.

    glibc gives it back to the system, which hands it out again page by page: a third of the time of
    an update. With this much more asked for at once, it keeps it. Other systems have no `mallopt`,
    and nothing happens.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(-2, 2**26)  # M_TOP_PAD is -2 in malloc.h
