"""Inputs that are whole, or nearly so: a fuzzer begins with them and changes them bit by bit."""

import json
from itertools import product

from .targets import ENGLISH, HINDI, NAMES, PACKERS

PAIRS = list(zip(ENGLISH[:4], HINDI[:4], strict=True))
TABLES = (
    "".join(f"{english}\t{hindi}\n" for english, hindi in PAIRS),
    "english,hindi\n" + "".join(f'"{english}","{hindi}"\n' for english, hindi in PAIRS),
    "".join(json.dumps({"translation": {"en": e, "hi": h}}) + "\n" for e, h in PAIRS),
    json.dumps([{"en": e, "hi": h} for e, h in PAIRS]),
    '<?xml version="1.0"?><tmx version="1.4"><body>'
    + "".join(
        f'<tu><tuv xml:lang="en"><seg>{e}</seg></tuv><tuv xml:lang="hi"><seg>{h}</seg></tuv></tu>'
        for e, h in PAIRS
    )
    + "</body></tmx>",
    "\n".join(ENGLISH[:4]) + "\n\0\0" + "\n".join(HINDI[:4]) + "\n",
)
LINES = (
    "The cat eats.\nHow are you?\n",
    "\n\n\0\n",
    "a\u2028b\nc\x85d\ne\x0bf\x0cg\n",
    "\u202eThe cat\u202c\n\ufeff\nשלום\n",
    "The cat\reats.\nLast line without an end",
    "x" * 10_001 + "\nThe dog sleeps.\n",
    "The cat eats. The dog sleeps. How are you? Good.\n",
)


def seeds(target: str) -> list[bytes]:
    """Return inputs for a target; the first bytes are what it reads choices from."""
    if target == "corpora":
        heads = product(range(len(NAMES)), range(len(PACKERS)), (0, 3))
        return [
            bytes([name, pack, broken, 0, 0, 0]) + table.encode()
            for name, pack, broken in heads
            for table in TABLES
        ]
    if target == "translate":
        return [*(line.encode() for line in LINES), "नमस्ते\n".encode("utf-16"), b"Caf\xe9\nHi\n"]
    values = (b"null", b"[]", b'{"a": 1}', b"3", b'"<pad>"', b"\x01\x02\x03\x04\x05\x06\x07\x08")
    heads = product(range(3), range(6), range(6))
    return [bytes(head) + value for head in heads for value in values]
