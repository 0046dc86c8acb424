"""From a trained model to target ids, one step at a time: greedy and by sampling, compiled once."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from .inference import PreparedModel, can_prepare
from .loops import CAN_COMPILE, rounded
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
        # argmax as two plain reductions: XLA makes fast loops of them, and of its own not.
        numbers = tf.range(logits.shape[0])[:, None]
        best = tf.reduce_max(logits, axis=0)
        return tf.reduce_min(tf.where(logits == best, numbers, numbers[-1]), axis=0)

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
        logits = tf.transpose(logits)  # (batch, V)
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
    """Compile a decoder; `choose` gets logits `(V, batch)`, the step's number, and a seed."""
    vocabulary = training_model.output.shape[-1]
    forbidden = np.isin(np.arange(vocabulary), NEVER_CHOSEN)[:, None]
    prepared = PreparedModel(training_model) if can_prepare(training_model) else None
    encode, decoder_step = _two_models(training_model, prepared)

    # XLA makes one program of the loop: for one sentence, starting operations is most of a step.
    @tf.function(autograph=False, jit_compile=CAN_COMPILE)
    def decode_states(states, columns, max_length, last_steps, seed):
        def next_token(logits, number):
            token = choose(tf.where(forbidden, logits.dtype.min, logits), number, seed)
            return tf.where(number == last_steps, END, token)

        start = tf.fill(tf.shape(last_steps), START)
        return unroll(decoder_step, states, start, max_length, next_token, END, tf.size(columns))

    @tf.function(autograph=False)
    def compiled(source, columns, max_length, last_steps, seed):
        tokens = decode_states(encode(source), columns, max_length, last_steps, seed)
        return tokens, prepared.weights() if prepared else []

    # One graph for all shapes, called without looking for another.
    shapes = ([None, None], [None], [], [None], [])
    compiled = compiled.get_concrete_function(*(tf.TensorSpec(shape, tf.int32) for shape in shapes))

    def decode(source, max_length: int | None = None, seed: int = 0) -> np.ndarray:
        source = np.asarray(source, "int32")
        last_steps = longest_target(np.count_nonzero(source != PAD, axis=1)) - 1
        if max_length is None:
            max_length = last_steps.max(initial=0) + 1
        else:
            last_steps = np.full_like(last_steps, -1)  # None is ended by force.
        # XLA compiles for every shape anew: a few sizes serve all. What is added ends at once.
        more, wider = (rounded(size) - size for size in source.shape)
        arguments = (
            np.pad(source, [(0, more), (0, wider)], constant_values=PAD),
            np.zeros(rounded(int(max_length))),  # its size is what counts
            max_length,
            np.pad(last_steps, (0, more)),
            seed,
        )
        arguments = [tf.constant(argument, tf.int32) for argument in arguments]
        tokens, weights = compiled(*arguments)
        if prepared and not prepared.is_current(weights):
            prepared.prepare(weights)
            tokens, _ = compiled(*arguments)
        return tokens.numpy()[: len(source), :max_length]

    return decode


def _two_models(training_model: keras.Model, prepared: PreparedModel | None) -> tuple:
    """Return what gives the decoder's first states for a source, and the decoder's step."""
    if prepared:
        return tf.function(prepared.encode, autograph=False, jit_compile=True), prepared.step

    encoder, decoder_step = build_encoder(training_model), build_decoder_step(training_model)

    def encode(source):
        return first_states(training_model, encoder(source, training=False))

    def step(inputs, training=False):
        logits, *states = decoder_step(inputs, training=training)
        return [tf.transpose(logits), *states]

    return encode, step
