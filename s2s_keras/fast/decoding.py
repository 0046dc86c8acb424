"""Equals `decoding.greedy`: the same tokens, from one program that is compiled once."""

import threading
from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ..decoding.common import NEVER_CHOSEN, Models, inference_models, members, steps_to_take
from ..models import config_of, unroll
from ..models.agreement import logits_agree
from ..text import END, PAD, START
from .inference import PreparedModel, can_prepare
from .loops import CAN_COMPILE, compile_in_silence, rounded
from .losses import adaptations


def greedy(training_model: Models) -> Callable:
    """Compile a decoder that always takes the likeliest token.

    Args and returns are those of `decoding.greedy`.
    """

    def search(run: "Run"):
        def next_token(logits, step):
            return tf.where(step == run.last, END, likeliest(allowed(logits)))

        start = tf.fill(tf.shape(run.last), START)
        return unroll(run.step, run.states, start, run.most, next_token, END, run.columns)

    decode = compile_search(training_model, search, by_columns=True)
    return lambda source, max_length=None: decode(source, max_length)


class Run(NamedTuple):
    """What a search runs: the decoder's step, its first states, and when to stop.

    `step` takes `[token (n, 1), *states]` and returns `[logits (V, n), *states]`. A sentence ends
    at the latest with its `last (batch,)` step, all together after `most`; translations are
    `columns` wide. The last `constants` of the states are only handed through.
    """

    step: Callable
    states: list
    constants: int
    last: tf.Tensor
    most: tf.Tensor
    columns: tf.Tensor


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


def allowed(logits):
    """Return logits `(V, …)` without the tokens that are never chosen."""
    forbidden = np.isin(np.arange(logits.shape[0]), NEVER_CHOSEN)[:, None]
    return tf.where(forbidden, logits.dtype.min, logits)


def compile_search(training_model: Models, search: Callable, by_columns: bool) -> Callable:
    """Compile a decoder from a function of a `Run` to tensors whose first axis is the batch.

    Args:
        training_model: as for `greedy`.
        search: the search, in operations that XLA can compile.
        by_columns: how a prepared model lays out its states, see `PreparedModel`.

    Returns:
        Function `(source, max_length=None)` to the search's results as arrays.
    """
    models, *_ = members(training_model)
    kinds, decode = adaptations(models), _compile(models, search, by_columns)

    def decode_as_it_is_now(source, max_length: int | None = None):
        nonlocal kinds, decode
        if kinds != (now := adaptations(models)):  # what was compiled knows nothing of it
            kinds, decode = now, _compile(models, search, by_columns)
        return decode(source, max_length)

    return decode_as_it_is_now


def _compile(models: list[keras.Model], search: Callable, by_columns: bool) -> Callable:
    """Compile a decoder from a search, for the layers as they are now, whatever their weights."""
    compile_in_silence()
    prepared, encode, step, constants = _ready(models, by_columns)
    vocabulary = config_of(models[0]).source_vocabulary
    masks = all(_masks(model) for model in models)

    # XLA makes one program of the loop: for one sentence, starting operations is most of a step.
    @tf.function(autograph=False, jit_compile=CAN_COMPILE)
    def decode_states(states, columns, most, last):
        return search(Run(step, states, constants, last, most, tf.size(columns)))

    @tf.function(autograph=False)
    def compiled(source, columns, most, last):
        results = decode_states(encode(source), columns, most, last)
        return results, prepared.weights() if prepared else []

    # One graph for all shapes, called without looking for another.
    shapes = ([None, None], [None], [], [None])
    compiled = compiled.get_concrete_function(*(tf.TensorSpec(shape, tf.int32) for shape in shapes))

    one_at_a_time = threading.Lock()  # what is prepared must not change while another reads it

    def decode(source, max_length: int | None = None):
        source = np.asarray(source, "int32")
        last, most = steps_to_take(source, max_length, vocabulary)
        # XLA compiles for every shape anew: a few sizes serve all. What is added ends at once; its
        # one token is for cuDNN, which knows no empty sentence. An encoder without a mask reads
        # padding as a word: it gets no more.
        more, wider = (rounded(size) - size for size in source.shape)
        rows = np.pad(source, [(0, more), (0, wider if masks else 0)], constant_values=PAD)
        rows[len(source) :, :1] = END
        columns = np.zeros(2 ** max(5, (most - 1).bit_length()))  # its size is what counts
        arguments = [rows, columns, most, np.pad(last, (0, more))]
        arguments = [tf.constant(argument, tf.int32) for argument in arguments]
        with one_at_a_time:
            # Whether the weights have changed is known at the end: it seldom happens.
            results, weights = compiled(*arguments)
            if prepared and not prepared.is_current(weights):
                prepared.prepare(weights)
                results, _ = compiled(*arguments)
        return tf.nest.map_structure(
            lambda result: _trimmed(result.numpy(), len(source), most), results
        )

    return decode


def _trimmed(result: np.ndarray, batch: int, most: int) -> np.ndarray:
    """Take away the sentences and, from tokens, the columns that were added."""
    return result[:batch, ..., :most] if result.dtype == np.int32 else result[:batch]


def _ready(models: list[keras.Model], by_columns: bool) -> tuple:
    """Return what is prepared, what gives the first states, the step, the number of constants."""
    prepared = _prepared(models[0], by_columns) if len(models) == 1 else None
    if prepared:
        encode = tf.function(prepared.encode, autograph=False, jit_compile=True)
        return prepared, encode, prepared.step, 0

    encoder, decoder_step, _ = inference_models(models)

    def encode(source):
        return keras.tree.flatten(encoder(source, training=False))

    def step(inputs, training=False):
        logits, *states = decoder_step(inputs, training=training)
        return [tf.transpose(logits), *states]

    return None, encode, step, _constants(decoder_step) if len(models) == 1 else 0


def _prepared(training_model: keras.Model, by_columns: bool) -> PreparedModel | None:
    """Prepare a model; None where a prepared one would not say what the training model says."""
    if not can_prepare(training_model):
        return None
    prepared = PreparedModel(training_model, by_columns)

    def step(inputs):
        logits, *states = prepared.step(inputs)
        return [tf.transpose(logits), *states]

    return prepared if logits_agree(training_model, prepared.encode, step) else None


def _constants(decoder_step: keras.Model) -> int:
    """Count the states that a decoder's step hands through: they are inputs and outputs alike."""
    inputs = {id(tensor) for tensor in decoder_step.inputs}
    return sum(id(tensor) in inputs for tensor in decoder_step.outputs)


def _masks(training_model: keras.Model) -> bool:
    return training_model.get_layer("source_embedding").mask_zero
