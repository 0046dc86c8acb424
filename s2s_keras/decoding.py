"""From a trained model to target ids, one step at a time: greedy and by sampling, compiled once."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from .models import build_decoder_step, build_encoder, first_states, unroll
from .text import END, PAD, START, UNK

# A translation never says these; without UNK the model names the likeliest word that it knows.
NEVER_CHOSEN = (PAD, UNK, START)


def longest_target(source_length):
    """Return how many steps a decoder may take for a source of so many tokens."""
    return 2 * source_length + 10


def greedy(training_model: keras.Model) -> Callable:
    """Compile a decoder that always takes the likeliest token.

    Returns:
        Function `(source (batch, source_length), max_length=None) -> (batch, max_length)`, both
        int32 arrays: the chosen ids up to and with END, then PAD. By default every sentence ends
        after `longest_target` steps of its own length, without its padding.
    """

    def likeliest(logits, step, seed):
        return tf.argmax(logits, axis=-1, output_type=tf.int32)

    decode = _compile(training_model, likeliest)
    return lambda source, max_length=None: decode(source, max_length, seed=0)


def sampling(training_model: keras.Model, temperature: float = 1.0, top_k: int = 0) -> Callable:
    """Compile a decoder that draws every token from the model's distribution.

    Args:
        training_model: from `build_training_model`.
        temperature: divides the logits: below 1 the likely tokens gain, above 1 they lose.
        top_k: draw from the k likeliest tokens only; 0 draws from all.

    Returns:
        Function `(source, max_length=None, seed=0) -> ids` as `greedy` does; one seed always gives
        the same translations.

    Raises:
        ValueError: `temperature` is not above 0 or `top_k` is negative.
    """
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}: give a number above 0, or use greedy")
    if top_k < 0:
        raise ValueError(f"top_k is {top_k}: give a number of tokens, or 0 for all")

    def draw(logits, step, seed):
        if top_k:
            kept = min(top_k, logits.shape[-1])
            smallest = tf.math.top_k(logits, kept).values[:, -1:]
            logits = tf.where(logits < smallest, logits.dtype.min, logits)
        drawn = tf.random.stateless_categorical(
            logits / temperature, 1, seed=tf.stack([seed, step]), dtype=tf.int32
        )
        return drawn[:, 0]

    return _compile(training_model, draw)


def _compile(training_model: keras.Model, choose: Callable) -> Callable:
    encoder, decoder_step = build_encoder(training_model), build_decoder_step(training_model)
    vocabulary = decoder_step.outputs[0].shape[-1]
    forbidden = np.isin(np.arange(vocabulary), NEVER_CHOSEN)

    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec([None, None], tf.int32),
            tf.TensorSpec([], tf.int32),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([], tf.int32),
        ],
    )
    def compiled(source, max_length, last_steps, seed):
        def next_token(logits, step):
            token = choose(tf.where(forbidden, logits.dtype.min, logits), step, seed)
            return tf.where(step == last_steps, END, token)

        states = first_states(training_model, encoder(source, training=False))
        start = tf.fill([tf.shape(source)[0]], START)
        return unroll(decoder_step, states, start, max_length, next_token, stop=END)

    def decode(source, max_length: int | None = None, seed: int = 0) -> np.ndarray:
        source = np.asarray(source, "int32")
        last_steps = longest_target(np.count_nonzero(source != PAD, axis=1)) - 1
        if max_length is None:
            max_length = last_steps.max(initial=0) + 1
        else:
            last_steps = np.full_like(last_steps, -1)  # None is ended by force.
        return compiled(source, max_length, last_steps, seed).numpy()

    return decode
