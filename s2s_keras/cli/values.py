"""The values that flags take: what is read from a word, and what is refused."""

import argparse


def length_penalty(given: str) -> tuple[str, float]:
    """Return form and α of a length penalty, such as ("gnmt", 0.6) for "gnmt:0.6"."""
    form, _, alpha = given.partition(":")
    try:
        alpha = float(alpha or 0.6)
    except ValueError:
        alpha = -1.0
    if form not in ("none", "length", "gnmt") or not 0 <= alpha <= 10:
        raise argparse.ArgumentTypeError(
            f"{given} is not none, length:ALPHA or gnmt:ALPHA with an ALPHA from 0 to 10"
        )
    return form, alpha


def _number(kind: type, low: float, high: float, wanted: str, *, above: bool = False):
    """Return an argparse type that takes low ≤ value ≤ high (`above`: low < value)."""

    def convert(given: str):
        try:
            value = kind(given)
        except ValueError:
            value = None
        if value is None or not low <= value <= high or (above and value == low):
            raise argparse.ArgumentTypeError(f"{given} is not {wanted}")
        return value

    return convert


_INFINITY = float("inf")
count = _number(int, 1, _INFINITY, "a whole number of 1 or more")
beam_width = _number(int, 1, 100, "a whole number from 1 to 100")  # more only fill the memory
seed = _number(int, 0, 2**31 - 1, "a whole number from 0 to 2147483647")
share = _number(float, 0, 1, "a number from 0 to 1")
share_below_1 = _number(float, 0, 1 - 1e-9, "a number from 0 to below 1")
positive = _number(float, 0, 1e9, "a number above 0", above=True)
