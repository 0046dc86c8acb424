"""Decoders that choose one token after another: the likeliest, or one that is drawn."""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from ..text import END, PAD, START
from .common import Models, allowed, column, first_states, inference_models, steps_to_take


def greedy(training_model: Models) -> Callable:
    """Build a decoder that always takes the likeliest token.

    Args:
        training_model: from `build_training_model`, or a list of such models: an ensemble.

    Returns:
        Function `(source (batch, source_length), max_length=None) -> (batch, max_length)`, both
        int32 arrays: the chosen ids up to and with END, then PAD. By default every sentence ends
        after `longest_target` steps of its own length, without its padding. It raises ValueError
        where a source id is none of the vocabulary's, or `max_length` is below 1.
    """
    decode = _token_by_token(training_model, lambda logits, seeds: ops.argmax(logits, axis=-1))
    return lambda source, max_length=None: decode(source, max_length)


def sampling(training_model: Models, temperature: float = 1.0, top_k: int = 0) -> Callable:
    """Build a decoder that draws every token from the model's distribution.

    Args:
        training_model: as for `greedy`.
        temperature: divides the logits: below 1 the likely tokens gain, above 1 they lose; a finite
            number above 0. PAD, UNK and START are drawn at none.
        top_k: draw from the k likeliest tokens only; 0 draws from all.

    Returns:
        Function `(source, max_length=None, seed=0) -> ids` as `greedy` does; one seed always gives
        the same translations.

    Raises:
        ValueError: `temperature` is not above 0 or not finite, or `top_k` is negative.
    """
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}: give a number above 0, or use greedy")
    if not np.isfinite(temperature):
        # −∞, the logit of what is never chosen, divided by ∞ is no number: PAD would be drawn.
        raise ValueError(f"temperature is {temperature}: give a finite number; 1e6 draws evenly")
    if top_k < 0:
        raise ValueError(f"top_k is {top_k}: give a number of tokens, or 0 for all")

    divisor = np.float32(np.clip(temperature, 1e-30, 1e30))

    def draw(logits, seeds):
        if top_k:
            kept = min(top_k, logits.shape[-1])
            smallest = ops.top_k(logits, kept)[0][:, -1:]
            logits = ops.where(logits < smallest, -np.inf, logits)
        # Less the largest, whose exponent is 0 at any temperature that float32 can hold.
        logits = (logits - ops.max(logits, axis=-1, keepdims=True)) / divisor
        return keras.random.categorical(logits, 1, seed=seeds)[:, 0]

    return _token_by_token(training_model, draw)


def _token_by_token(training_model: Models, choose: Callable) -> Callable:
    """Build a decoder that chooses one token after another by `choose(logits, seeds)`."""
    encoder, decoder_step, vocabulary = inference_models(training_model)

    def decode(source, max_length: int | None = None, seed: int = 0) -> np.ndarray:
        source = np.asarray(source, "int32")
        last, most = steps_to_take(source, max_length, vocabulary)
        states = first_states(encoder, source)
        token = np.full(len(source), START)
        tokens = np.full((len(source), most), PAD, "int32")
        seeds = keras.random.SeedGenerator(seed)  # a new one for every step, from one number
        finished = np.zeros(len(source), bool)
        for step in range(most):
            logits, *states = decoder_step([column(token), *states], training=False)
            token = ops.convert_to_numpy(choose(allowed(logits), seeds))
            token = np.where(step == last, END, token)
            tokens[:, step] = np.where(finished, PAD, token)
            finished |= token == END
            if finished.all():
                break
        return tokens

    return decode
