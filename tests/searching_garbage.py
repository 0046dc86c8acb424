"""Python's search for garbage, which is needless work for tests that build many graphs."""

import gc


def search_rarely() -> None:
    """Leave out what is there now, millions of the libraries' objects, and search seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
