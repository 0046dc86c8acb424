"""Ctrl-C at a good moment: between two batches, never in the middle of an update."""

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def held_back() -> Iterator[list[int]]:
    """Let signals that would raise KeyboardInterrupt wait until somebody looks.

    An exception at any moment could leave weights of one update beside counts of another, and
    TensorFlow aborts where it is interrupted while it traces or compiles. Where the same signal
    comes a second time, it does raise KeyboardInterrupt.

    Yields:
        A list to which every such signal is added when it comes. Outside the main thread, where
        Python takes no signals, none is held back.
    """
    came: list[int] = []

    def note(number, frame):
        came.append(number)
        signal.signal(number, signal.default_int_handler)

    in_main_thread = threading.current_thread() is threading.main_thread()
    held = [
        number
        for number in (signal.SIGINT, signal.SIGTERM)
        if in_main_thread and signal.getsignal(number) is signal.default_int_handler
    ]
    for number in held:
        signal.signal(number, note)
    try:
        yield came
    finally:
        for number in held:
            signal.signal(number, signal.default_int_handler)
