"""Text in, text out: a model and its tokenizers, trained, saved and loaded as one thing."""

from .answers import Explanation, Translation
from .card import About
from .core import Translator
from .saving import check_can_save, put_back
from .train import SCHEDULES, TranslationScore, train

__all__ = [
    "SCHEDULES",
    "About",
    "Explanation",
    "Translation",
    "TranslationScore",
    "Translator",
    "check_can_save",
    "put_back",
    "train",
]
