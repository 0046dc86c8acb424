"""Python's search for garbage, which takes a tenth of the time of tests that build graphs."""

import gc


def search_rarely() -> None:
    """Leave out what is there now, millions of the libraries' objects, and search seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
