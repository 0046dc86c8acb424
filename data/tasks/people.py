"""The people of the short texts, and which of their doings training never shows together."""

import zlib

MEN = ["Ravi", "Mohan", "Rahul", "Amit"]
WOMEN = ["Sita", "Meena", "Anita", "Neha"]
PEOPLE = MEN + WOMEN
HELD_OUT = 6  # one combination in so many


def is_held_out(person: str, told: str) -> bool:
    """Tell whether training never shows this person with this place, thing or doing."""
    return zlib.crc32(f"{person} {told}".encode()) % HELD_OUT == 0
