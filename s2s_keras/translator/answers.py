"""What a translator answers besides a translation."""

from typing import NamedTuple

import numpy as np


class Translation(NamedTuple):
    """One translation of an n-best list.

    Attributes:
        text: the translation.
        log_probability: log p(tokens | source), natural.
        score: the log-probability divided by the length penalty.
    """

    text: str
    log_probability: float
    score: float


class Explanation(NamedTuple):
    """What a model saw and considered while it translated one sentence greedily.

    Attributes:
        source_tokens: what was read, in the order of the sentence.
        target_tokens: what was written, with END where the model ended it.
        attention: `(target tokens, source tokens)`, rows sum to 1; None without attention.
        top_tokens: at every step the likeliest tokens, the likeliest first.
        top_probabilities: theirs, `(target tokens, top_k)`.
    """

    source_tokens: list[str]
    target_tokens: list[str]
    attention: np.ndarray | None
    top_tokens: list[list[str]]
    top_probabilities: np.ndarray
