"""The one kind of error that the user's input can cause."""

import re

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


def one_line(text: str) -> str:
    """Return a text to show in a message: what ends a line or steers a terminal is written out."""
    text = _LINE_END.sub(" ", text)
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
