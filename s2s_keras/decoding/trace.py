"""Greedy decoding of one sentence that keeps all it saw: probabilities and attention weights."""

from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from ..models import build_decoder_step, build_encoder, config_of, has_attention
from ..text import END, START
from .common import allowed, column, first_states, steps_to_take


class Trace(NamedTuple):
    """What a model wrote, step by step, and what it saw and considered.

    Attributes:
        tokens: the ids that greedy decoding chose, END included.
        probabilities: of all target tokens at every step, `(steps, V)`; 0 for those never chosen.
        attention: the weights of the source's tokens at every step, `(steps, source_length)`; None
            where the model has no attention.
    """

    tokens: list[int]
    probabilities: np.ndarray
    attention: np.ndarray | None


def trace(training_model: keras.Model, source: Sequence[int]) -> Trace:
    """Decode the ids of one source sentence as `greedy` does, and keep what every step gave.

    Raises:
        ValueError: a source id is none of the vocabulary's.
    """
    attends = has_attention(training_model)
    decoder_step = build_decoder_step(training_model, attention=attends)
    row = np.array([source], "int32")
    (last,), most = steps_to_take(row, None, config_of(training_model).source_vocabulary)
    states = first_states(build_encoder(training_model), row)
    tokens, probabilities, attention = [START], [], []
    for step in range(most):
        logits, *states = decoder_step([column(tokens[-1:]), *states], training=False)
        if attends:
            weights, *states = states
            attention.append(ops.convert_to_numpy(weights[0]))
        logits = allowed(logits)[0]
        probabilities.append(ops.convert_to_numpy(ops.softmax(logits)))
        tokens.append(END if step == last else int(ops.argmax(logits)))
        if tokens[-1] == END:
            break
    return Trace(tokens[1:], np.array(probabilities), np.array(attention) if attends else None)
