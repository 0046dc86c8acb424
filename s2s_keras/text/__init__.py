"""Text to integers and back: normalisation, grapheme clusters, words and three tokenizers."""

from .normalisation import graphemes, normalise, words
from .tokenizers import (
    END,
    PAD,
    SPECIALS,
    START,
    TOKENIZERS,
    UNK,
    CharTokenizer,
    SubwordTokenizer,
    Tokenizer,
    WordTokenizer,
    load_tokenizer,
    tokenizer,
)

__all__ = [
    "END",
    "PAD",
    "SPECIALS",
    "START",
    "TOKENIZERS",
    "UNK",
    "CharTokenizer",
    "SubwordTokenizer",
    "Tokenizer",
    "WordTokenizer",
    "graphemes",
    "load_tokenizer",
    "normalise",
    "tokenizer",
    "words",
]
