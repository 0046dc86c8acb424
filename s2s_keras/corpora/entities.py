"""HTML entities in text from the web: `&quot;` is a quotation mark."""

import html
import re
from html.entities import html5

# A semicolon must end an entity: without it "AT&T" and "a&b" would change. Corpora whose words are
# already divided by spaces have `& quot ;` and `& # 39 ;`: there only the usual names count, since
# "R & D ;" is text.
_WRITTEN = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_SPACED = re.compile(r"& ?(# ?\d{1,7}|# ?[xX][0-9a-fA-F]{1,6}|(?:quot|amp|apos|lt|gt|nbsp)) ?;")
_MOST_OFTEN_ESCAPED = 3  # times: `&amp;amp;quot;`


def decode_entities(text: str) -> str:
    """Replace HTML entities by their characters, also those that were escaped more than once."""
    for _ in range(_MOST_OFTEN_ESCAPED):
        if "&" not in text:
            break
        before = text
        text = _SPACED.sub(lambda match: f"&{match[1].replace(' ', '')};", text)
        text = _WRITTEN.sub(_character, text)
        if text == before:
            break
    return text


def _character(entity: re.Match) -> str:
    known = entity[0][1] == "#" or entity[0][1:] in html5
    return html.unescape(entity[0]) if known else entity[0]
