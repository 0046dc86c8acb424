"""The one kind of error that the user's input can cause, and what its messages are made of."""

import re
from textwrap import shorten

# What moves the cursor, turns the order of letters or is half a character: names and texts may hold
# it. U+DC80 to U+DCFF stand for the bytes of names that are not UTF-8.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udc7f\udd00-\udfff]"
)
_LINE_END = re.compile(r"\s*[\r\n]\s*")


class InputError(ValueError):
    """Input that cannot be used; one line names the file, the line if any, and a remedy."""

    def __init__(self, message: str):
        """Take the message, which becomes one line."""
        super().__init__(one_line(message))


class MissingPackage(InputError):
    """A package that is not installed: a notebook shows this one line, no traceback, and ends."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback."""
        return [str(self)]


def one_line(text: str) -> str:
    """Return a text to show in a message: what ends a line or steers a terminal is written out."""
    text = _LINE_END.sub(" ", text)
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def first_difference(one, other, name: str = "") -> tuple[str, str, str]:
    """Return the name of one thing that differs, and both values, as messages show them."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            if one.get(key) != other.get(key):
                return first_difference(one.get(key), other.get(key), f"{name} {key}".strip())
    one, other = (shorten(str(value), 60, placeholder=" …") for value in (one, other))
    return name or "kind", one, other
