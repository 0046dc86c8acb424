"""Text to integers and back: normalisation, characters, words and their joining, tokenizers."""

from .joining import join_words
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
    "join_words",
    "load_tokenizer",
    "normalise",
    "tokenizer",
    "words",
]
