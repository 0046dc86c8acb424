"""The shapes of the corpus's sentences: each function draws a meaning and says it twice.

A pattern takes a `Draw` and returns a `Said`; `PATTERNS` lists them with the weight of each.
"""

# The order in which they are imported is that of PATTERNS: another one would draw another corpus.
# isort: off
from . import being, comparing, having
from . import clauses, long, questions, reasons, statements, talk
from . import some, wishes

# isort: on
from .said import PATTERNS, Said

__all__ = [
    "PATTERNS",
    "Said",
    "being",
    "clauses",
    "comparing",
    "having",
    "long",
    "questions",
    "reasons",
    "some",
    "statements",
    "talk",
    "wishes",
]
