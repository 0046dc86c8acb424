"""Parallel text: the corpora that have a name, reading files, and splits without leaks."""

from ..errors import InputError
from .corpus import Corpus, Splits
from .downloads import CorpusSource, catalogue
from .lines import LONGEST_LINE, read_lines
from .loading import load
from .parallel import ParallelCorpus
from .references import read_references
from .splits import Fingerprint, leak_key

__all__ = [
    "LONGEST_LINE",
    "Corpus",
    "CorpusSource",
    "Fingerprint",
    "InputError",
    "ParallelCorpus",
    "Splits",
    "catalogue",
    "leak_key",
    "load",
    "read_lines",
    "read_references",
]
