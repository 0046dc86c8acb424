"""The shapes of the corpus's sentences: each function draws a meaning and says it twice.

A pattern takes a `Draw` and returns a `Said`; `PATTERNS` lists them with the weight of each.
"""

from . import being, clauses, long, questions, reasons, statements, talk
from .said import PATTERNS, Said

__all__ = [
    "PATTERNS",
    "Said",
    "being",
    "clauses",
    "long",
    "questions",
    "reasons",
    "statements",
    "talk",
]
