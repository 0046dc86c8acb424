"""From a trained model to target ids, one step at a time: greedy and by sampling, compiled once."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from .loops import CAN_COMPILE, rounded
from .models import (
    build_decoder_step,
    build_encoder,
    first_states,
    has_context_at_every_step,
    recurrent_layers,
    unroll,
)
from .recurrent import is_fast
from .text import END, PAD, START, UNK

# A translation never says these; without UNK the model names the likeliest word that it knows.
NEVER_CHOSEN = (PAD, UNK, START)
LARGEST_TABLE = 2**26  # numbers in the table of `_StepFromTable`: 256 MB


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
        numbers = tf.range(logits.shape[-1])
        best = tf.reduce_max(logits, axis=-1, keepdims=True)
        return tf.reduce_min(tf.where(logits == best, numbers, numbers[-1]), axis=-1)

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
    encoder = build_encoder(training_model)
    from_table = _can_look_up(training_model)
    step = (_StepFromTable if from_table else build_decoder_step)(training_model)
    vocabulary = training_model.output.shape[-1]
    forbidden = np.isin(np.arange(vocabulary), NEVER_CHOSEN)

    # XLA makes one program of the loop: for one sentence, starting operations is most of a step.
    @tf.function(autograph=False, jit_compile=CAN_COMPILE)
    def decode_states(states, columns, max_length, last_steps, seed):
        def next_token(logits, number):
            token = choose(tf.where(forbidden, logits.dtype.min, logits), number, seed)
            return tf.where(number == last_steps, END, token)

        start = tf.fill(tf.shape(last_steps), START)
        return unroll(step, states, start, max_length, next_token, END, tf.size(columns))

    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec([None, None], tf.int32),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([], tf.int32),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([], tf.int32),
        ],
    )
    def compiled(source, columns, max_length, last_steps, seed):
        if from_table:
            step.refresh()
        states = first_states(training_model, encoder(source, training=False))
        return decode_states(states, columns, max_length, last_steps, seed)

    def decode(source, max_length: int | None = None, seed: int = 0) -> np.ndarray:
        source = np.asarray(source, "int32")
        last_steps = longest_target(np.count_nonzero(source != PAD, axis=1)) - 1
        if max_length is None:
            max_length = last_steps.max(initial=0) + 1
        else:
            last_steps = np.full_like(last_steps, -1)  # None is ended by force.
        # XLA compiles for every shape anew: a few sizes serve all. What is added ends at once.
        more = rounded(len(source)) - len(source)
        tokens = compiled(
            np.pad(source, [(0, more), (0, 0)], constant_values=PAD),
            np.zeros(rounded(int(max_length)), "int32"),  # its size is what counts
            max_length,
            np.pad(last_steps, (0, more)),
            seed,
        )
        return tokens.numpy()[: len(source), :max_length]

    return decode


class _StepFromTable:
    """The decoder's step, with the product that begins it looked up.

    A step begins with `x·W + b` of the vector x of the token read. There are only as many such
    products as words: they stand in a table, made anew when the weights behind it have changed.
    """

    def __init__(self, training_model: keras.Model):
        first, *self.others = [decoder for _, decoder in recurrent_layers(training_model)]
        embeddings = training_model.get_layer("target_embedding").embeddings
        self.first, self.logits = first, training_model.get_layer("logits")
        self.weights = [v.value for v in (embeddings, first.cell.kernel, first.cell.bias)]
        # All zeros, as their product is; what a training model begins with is not.
        self.weights_then = [tf.Variable(tf.zeros_like(weight)) for weight in self.weights]
        self.table = tf.Variable(tf.zeros((embeddings.shape[0], first.cell.kernel.shape[1])))

    def refresh(self) -> None:
        """Make the table anew where its weights are not those that it was made of."""
        pairs = list(zip(self.weights_then, self.weights, strict=True))

        def make():
            self.table.assign(self.first.project(self.weights[0]))
            for then, now in pairs:
                then.assign(now)
            return True

        @tf.function(jit_compile=True)
        def changed():
            return tf.reduce_any([tf.reduce_any(tf.not_equal(then, now)) for then, now in pairs])

        tf.cond(changed(), make, lambda: False)

    def __call__(self, inputs: list, training: bool = False) -> list:
        """Do what the model of `build_decoder_step` does."""
        token, *states = inputs
        width = len(states) // (1 + len(self.others))
        projected = tf.gather(self.table, token[:, 0])
        new_states = self.first.step(projected, states[:width])
        x = new_states[0]
        for n, layer in enumerate(self.others, start=1):
            x, more = layer.cell(x, states[n * width : (n + 1) * width])
            new_states = [*new_states, *keras.tree.flatten(more)]
        return [self.logits(x), *new_states]


def _can_look_up(training_model: keras.Model) -> bool:
    """Tell whether `_StepFromTable` serves a model: one whose first layer reads only the token."""
    first = training_model.get_layer("decoder_1")
    embedding = training_model.get_layer("target_embedding")
    return (
        is_fast(first)
        and first.compute_dtype == "float32"
        and not has_context_at_every_step(training_model)
        and embedding.input_dim * first.cell.kernel.shape[1] <= LARGEST_TABLE
    )
