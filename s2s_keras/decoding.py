"""From a trained model to target ids: greedy, by sampling, by beam search, each compiled once."""

import threading
from collections.abc import Callable
from typing import NamedTuple

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
        after `longest_target` steps of its own length, without its padding. It raises ValueError
        where a source id is none of the vocabulary's.
    """
    decode = _compile(training_model, _one_by_one(lambda logits, step, seed: likeliest(logits)))
    return lambda source, max_length=None: decode(source, max_length)


def likeliest(logits):
    """Return the argmax over the first axis, the lowest of equals, by comparing whole rows.

    XLA makes fast loops of such comparisons, and not of its own argmax: the logits' four quarters
    are compared first, then the rows that are left.

    Args:
        logits: float `(V, batch)`.

    Returns:
        int32 `(batch,)`.
    """
    rows = -(-logits.shape[0] // 4)
    missing = [(0, 4 * rows - logits.shape[0]), (0, 0)]
    best, *others = tf.split(tf.pad(logits, missing, constant_values=logits.dtype.min), 4)
    first = tf.range(rows)[:, None] + tf.zeros_like(best, tf.int32)  # where in `logits` it stands
    number = first
    for quarter, values in enumerate(others, start=1):
        better = values > best
        best = tf.where(better, values, best)
        number = tf.where(better, first + quarter * rows, number)
    return tf.reduce_min(
        tf.where(best == tf.reduce_max(best, axis=0), number, logits.shape[0] - 1), axis=0
    )


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

    return _compile(training_model, _one_by_one(draw))


def beam_search(training_model: keras.Model, width: int) -> Callable:
    """Compile a decoder that looks for the likeliest translation (Sutskever et al. 2014, 3.2).

    Of all beginnings of a translation it keeps the `width` likeliest, and extends each by every
    token. One that ends leaves the beam, which is narrower from then on; the likeliest of those is
    the translation once no beginning is likelier, for it can only become less likely. Lengths are
    not normalised.

    Args:
        training_model: from `build_training_model`.
        width: beginnings kept; 1 is greedy decoding.

    Returns:
        Function as `greedy` does; the likeliest translation that was found for every source.

    Raises:
        ValueError: `width` is not from 1 to the number of tokens.
    """
    vocabulary = training_model.output.shape[-1]
    if not 1 <= width <= vocabulary:
        raise ValueError(f"width is {width}: give a number from 1 to {vocabulary}, all tokens")
    decode = _compile(training_model, _beam(width))
    return lambda source, max_length=None: decode(source, max_length)


class _Steps(NamedTuple):
    """What a search runs: the decoder's step, its first states, and when to stop.

    `step` takes `[token (n, 1), *states]` and returns `[logits (V, n), *states]`; sentences stand
    along `axis` of the states. A sentence ends at the latest with its `last (batch,)` step, all
    together after `most`; translations are `columns` wide.
    """

    step: Callable
    states: list
    axis: int
    last: tf.Tensor
    most: tf.Tensor
    columns: tf.Tensor


def _one_by_one(choose: Callable) -> Callable:
    """Build a search that chooses token after token: `choose(logits (V, batch), step, seed)`."""

    def search(steps: _Steps, seed):
        def next_token(logits, number):
            token = choose(_allowed(logits), number, seed)
            return tf.where(number == steps.last, END, token)

        start = tf.fill(tf.shape(steps.last), START)
        return unroll(steps.step, steps.states, start, steps.most, next_token, END, steps.columns)

    return search


def _beam(width: int) -> Callable:
    """Build the search of `beam_search`."""

    def search(steps: _Steps, seed):
        batch, never = tf.size(steps.last), -np.inf
        first = tf.range(batch)[:, None] * width  # beginning of each sentence, among all

        def going_on(number, best, best_tokens, scores, *_):
            return (number < steps.most) & tf.reduce_any(tf.reduce_max(scores, axis=1) > best)

        def advance(number, best, best_tokens, scores, token, tokens, *states):
            logits, *states = steps.step([tf.reshape(token, [-1, 1]), *states])
            logits, size = tf.cast(_allowed(logits), tf.float32), logits.shape[0]
            normaliser = tf.reshape(tf.reduce_logsumexp(logits, axis=0), [batch, width])
            # With its last step a sentence can only end.
            goes_on = tf.repeat(number != steps.last, width)
            logits = tf.where(goes_on | (tf.range(size)[:, None] == END), logits, never)
            logits = tf.reshape(tf.transpose(logits), [batch, width, size])
            totals = logits + (scores - normaliser)[:, :, None]

            scores, chosen = tf.math.top_k(tf.reshape(totals, [batch, width * size]), width)
            parents, token = chosen // size, chosen % size  # (batch, width) each
            tokens = tf.gather(tokens, parents, batch_dims=1)
            tokens = tf.where(tf.range(steps.columns) == number, token[:, :, None], tokens)
            kept = tf.reshape(first + parents, [-1])
            states = [tf.gather(state, kept, axis=steps.axis) for state in states]

            ended = tf.where(token == END, scores, never)
            is_better = (tf.reduce_max(ended, axis=1) > best)[:, None]
            best = tf.maximum(best, tf.reduce_max(ended, axis=1))
            best_tokens = tf.where(is_better, _likeliest_row(ended, tokens), best_tokens)
            scores = tf.where(token == END, never, scores)
            return number + 1, best, best_tokens, scores, token, tokens, *states

        # All beginnings are still one: only the first of them may be extended.
        scores = tf.where(tf.range(width) == 0, 0.0, never) + tf.zeros([batch, 1])
        token = tf.fill([batch, width], START)
        tokens = tf.fill([batch, width, steps.columns], PAD)
        states = [tf.repeat(state, width, axis=steps.axis) for state in steps.states]
        start = (0, tf.fill([batch], never), tokens[:, 0], scores, token, tokens, *states)
        _, best, best_tokens, scores, _, tokens, *_ = tf.while_loop(going_on, advance, start)
        # Cut off, a beginning may be likelier than all that have ended.
        is_best = (best >= tf.reduce_max(scores, axis=1))[:, None]
        return tf.where(is_best, best_tokens, _likeliest_row(scores, tokens))

    return search


def _likeliest_row(scores, tokens):
    """Return of `tokens (batch, width, columns)` those with the highest of `scores`."""
    return tf.gather(tokens, tf.argmax(scores, axis=1), batch_dims=1)


def _allowed(logits):
    """Return logits `(V, …)` without the tokens that are never chosen."""
    forbidden = np.isin(np.arange(logits.shape[0]), NEVER_CHOSEN)[:, None]
    return tf.where(forbidden, logits.dtype.min, logits)


def _compile(training_model: keras.Model, search: Callable) -> Callable:
    """Compile a decoder from a function of `_Steps` and a seed to tokens `(batch, columns)`."""
    prepared = PreparedModel(training_model) if can_prepare(training_model) else None
    encode, decoder_step = _two_models(training_model, prepared)
    axis = 1 if prepared else 0
    vocabulary = training_model.get_layer("source_embedding").input_dim

    # XLA makes one program of the loop: for one sentence, starting operations is most of a step.
    @tf.function(autograph=False, jit_compile=CAN_COMPILE)
    def decode_states(states, columns, most, last, seed):
        return search(_Steps(decoder_step, states, axis, last, most, tf.size(columns)), seed)

    @tf.function(autograph=False)
    def compiled(source, columns, most, last, seed):
        tokens = decode_states(encode(source), columns, most, last, seed)
        return tokens, prepared.weights() if prepared else []

    # One graph for all shapes, called without looking for another.
    shapes = ([None, None], [None], [], [None], [])
    compiled = compiled.get_concrete_function(*(tf.TensorSpec(shape, tf.int32) for shape in shapes))

    one_at_a_time = threading.Lock()  # what is prepared must not change while another reads it

    def decode(source, max_length: int | None = None, seed: int = 0) -> np.ndarray:
        source = np.asarray(source, "int32")
        if source.size and not 0 <= source.min() <= source.max() < vocabulary:
            raise ValueError(f"source ids are not from 0 to {vocabulary - 1}, the last word's")
        last = longest_target(np.count_nonzero(source != PAD, axis=1)) - 1
        if max_length is None:
            max_length = last.max(initial=0) + 1
        else:
            last = np.full_like(last, -1)  # no sentence is made to end
        # XLA compiles for every shape anew: a few sizes serve all. What is added ends at once; its
        # one token is for cuDNN, which knows no empty sentence. An encoder that is not prepared may
        # read padding as a word: it gets no more.
        more, wider = (rounded(size) - size for size in source.shape)
        wider = wider if prepared else 0
        rows = np.pad(source, [(0, more), (0, wider)], constant_values=PAD)
        rows[len(source) :, :1] = END
        columns = np.zeros(rounded(int(max_length)))  # its size is what counts
        arguments = [rows, columns, max_length, np.pad(last, (0, more)), seed]
        arguments = [tf.constant(argument, tf.int32) for argument in arguments]
        with one_at_a_time:
            # Whether the weights have changed is known at the end: it seldom happens.
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
