"""Equals the models of `build_encoder` and `build_decoder_step`, prepared for one token at a time.

Training knows all tokens of a sentence and multiplies them at once; a decoder meets one at a time.
So it pays to prepare what stays the same from step to step:

1. The first layer begins with `x·W` of the token's vector x. There are only as many such products
   as tokens: they are looked up in a table, `E·W` for the vectors E of all tokens.
2. By columns, states are `(units, batch)`: a gate, or the likeliest of all tokens, is found row by
   row, for the whole batch at once. A layer's hidden state h is multiplied twice, for its own next
   step, and for what stands above, the next layer or the output: both matrices side by side make it
   one product.
3. By rows, states are `(batch, units)`: a beam search puts them in another order at every step, and
   moves whole rows. It moves h, and multiplies it afterwards.
"""

import functools

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from ..models import config_of
from ..text import PAD
from .equations import EQUATIONS
from .losses import is_adapted, is_plain_product
from .recurrent import GRU, LSTM, is_fast

LARGEST_TABLE = 2**26  # numbers in the table of one language: 256 MB


def can_prepare(training_model: keras.Model) -> bool:
    """Tell whether `PreparedModel` serves a model: one of layers that it knows, and no others.

    Layers of other classes, subclasses too, and such as have changed what their weights mean (LoRA,
    quantization) are left to the decoder's step, which calls the layers themselves.
    """
    others = (layers.InputLayer, layers.Embedding, layers.Dropout)
    recurrent = [
        part for part in training_model.layers if type(part) not in others and part.name != "logits"
    ]
    if not all(
        type(layer) in (LSTM, GRU) and is_fast(layer) and layer.compute_dtype == "float32"
        for layer in recurrent
    ):
        return False
    if not is_plain_product(training_model.get_layer("logits")):
        return False
    if any(is_adapted(_embedding(training_model, side)) for side in ("source", "target")):
        return False
    if not _embedding(training_model, "source").mask_zero:
        return False  # it reads padding as a word
    words = max(_embedding(training_model, side).input_dim for side in ("source", "target"))
    return words * recurrent[0].cell.kernel.shape[1] <= LARGEST_TABLE


class PreparedModel:
    """The encoder and the decoder's step of a training model, for translation.

    What it prepares it keeps until `prepare` is called again; `is_current` tells when to. Biases
    are not prepared: what they are now is added at every step.
    """

    def __init__(self, training_model: keras.Model, by_columns: bool = True):
        """Share the layers of a model for which `can_prepare` holds.

        Args:
            training_model: from `build_training_model`.
            by_columns: whether the decoder's states are `(units, batch)`, or `(batch, units)`.
        """
        depths, find = range(1, config_of(training_model).layers + 1), training_model.get_layer
        encoders, decoders = (
            [find(f"{side}_{n}") for n in depths] for side in ("encoder", "decoder")
        )
        self._encoder = _ColumnStack(find("source_embedding"), encoders)
        stack = _ColumnStack if by_columns else _RowStack
        self._decoder = stack(find("target_embedding"), decoders, find("logits"))
        # A partial, which is new for each model: TensorFlow counts how often a function is traced,
        # and warns who decodes with a fifth model.
        self._prepare = tf.function(functools.partial(self._prepare_both), autograph=False)
        self.prepare(self.weights())

    def weights(self) -> list[tf.Tensor]:
        """Return the weights as they are now, from which something is prepared."""
        return [*self._encoder.weights(), *self._decoder.weights()]

    def is_current(self, weights: list[tf.Tensor]) -> bool:
        """Tell whether weights are those that were prepared, most often without reading them.

        No tensor ever changes: a variable that does gets another place in memory while anybody
        holds the tensor of its last values. We do, so the same place means the same values. Only
        where places differ the numbers are compared: some variables are copied when they are read.
        """
        pairs = list(zip(self._weights, weights, strict=True))
        return all(_lie_together(*pair) for pair in pairs) or all(
            bool(tf.reduce_all(one == other)) for one, other in pairs
        )

    def prepare(self, weights: list[tf.Tensor]) -> None:
        """Prepare what the weights are now: what `weights` has returned."""
        self._prepare()
        self._weights = weights

    def _prepare_both(self):
        self._encoder.prepare()
        self._decoder.prepare()

    def encode(self, source) -> list:
        """Return the decoder's first states, after every source's own last token.

        Args:
            source: int32 `(batch, source_length)`.

        Returns:
            For each layer, by columns, `h·U (gates·units, batch)`, for its first step, and the
            layer's states `(units, batch)`, h first; by rows the states `(batch, units)`.
        """
        columns = tf.range(1, tf.shape(source)[1] + 1)
        last = tf.reduce_max(tf.where(source != PAD, columns, 0))

        def advance(t, *states):
            tokens = source[:, t]
            _, states = self._encoder.step(tokens, states, runs=tokens != PAD)
            return t + 1, *states

        start = self._encoder.empty(tf.shape(source)[0])
        _, *states = tf.while_loop(lambda t, *_: t < last, advance, (0, *start))
        return self._decoder.follow(states)

    def step(self, inputs: list, training: bool = False) -> list:
        """Do what the model of `build_decoder_step` does, with the logits by columns.

        Args:
            inputs: `[token (batch, 1), *states]`, the states of `encode` or of the last step.
            training: for models alike; there is no other behaviour.

        Returns:
            `[logits (vocabulary, batch), *states]`.
        """
        token, *states = inputs
        logits, states = self._decoder.step(token[:, 0], states)
        return [logits, *states]


class _ColumnStack:
    """A stack of recurrent layers that reads tokens, its states by columns.

    Its states are one flat list, as `PreparedModel.encode` returns it: `per_layer` for each layer.
    `sizes` are the rows of each product that h is in: for the own next step, and for what is above.
    """

    def __init__(self, embedding, stack, output=None):
        self.embedding, self.stack, self.output = embedding, stack, output
        self.per_layer = 1 + len(keras.tree.flatten(stack[0].cell.state_size))
        self.sizes = [[kernel.shape[1] for kernel, _ in reads] for reads in self._readers()]
        width = stack[0].cell.kernel.shape[1]
        self.table = _room_for(embedding.input_dim, width)
        self.joined = [
            _room_for(sum(sizes), layer.units)
            for sizes, layer in zip(self.sizes, stack, strict=True)
        ]

    def weights(self) -> list:
        kernels = [kernel for reads in self._readers() for kernel, _ in reads]
        weights = [self.embedding.embeddings, self.stack[0].cell.kernel, *kernels]
        return [weight.value.read_value() for weight in weights]

    def prepare(self) -> None:
        self.table.assign(self._make_table())
        for kept, matrix in zip(self.joined, self._join(), strict=True):
            kept.assign(matrix)

    def empty(self, batch) -> list:
        """Return the states before the first token: h is zero, and so is its product."""
        states = []
        for layer in self.stack:
            bias = layer.biases()[1][:, None]
            zeros = [tf.zeros((layer.units, batch))] * (self.per_layer - 1)
            states += [bias + tf.zeros((1, batch)), *zeros]
        return states

    def follow(self, states: list) -> list:
        """Return the states that go on from another stack's, with the products of this one."""
        states = list(states)
        for n, (sizes, joined) in enumerate(zip(self.sizes, self.joined, strict=True)):
            hidden, bias = states[n * self.per_layer + 1], self.stack[n].biases()[1]
            states[n * self.per_layer] = tf.matmul(joined[: sizes[0]], hidden) + bias[:, None]
        return states

    def step(self, tokens, states, runs=None) -> tuple:
        """Read one token of every sentence.

        Args:
            tokens: int32 `(batch,)`.
            states: of the last step, or to begin with.
            runs: boolean `(batch,)`: where it is False the states stay as they are. None: all run.

        Returns:
            The output's logits `(vocabulary, batch)`, None without one, and the new states.
        """
        below = tf.transpose(tf.gather(self.table, tokens)) + self.stack[0].biases()[0][:, None]
        new_states = []
        for n, reads in enumerate(self._readers()):
            recurrent, *own = states[n * self.per_layer : (n + 1) * self.per_layer]
            forward = EQUATIONS[self.stack[n].equations].forward
            new, _ = forward(below, recurrent, *own, axis=0)
            if runs is not None:
                new = [tf.where(runs, *both) for both in zip(new, own, strict=True)]
            products = tf.split(tf.matmul(self.joined[n], new[0]), self.sizes[n])
            # Only then the biases: XLA would melt one sum into the product, and lose its fast loop.
            recurrent, *below = [
                product + bias[:, None] for product, (_, bias) in zip(products, reads, strict=True)
            ]
            new_states += [recurrent, *new]
            below = below[0] if below else None  # nothing stands above an encoder's last layer
        return below, new_states

    def _readers(self) -> list:
        """Return for each layer the (kernel, bias) pairs that its h is multiplied with."""
        readers = [[(layer.cell.recurrent_kernel, layer.biases()[1])] for layer in self.stack]
        for reads, layer in zip(readers, self.stack[1:], strict=False):
            reads.append((layer.cell.kernel, layer.biases()[0]))
        if self.output is not None:
            readers[-1].append((self.output.kernel, tf.convert_to_tensor(self.output.bias)))
        return readers

    def _join(self) -> list:
        kernels = [[kernel for kernel, _ in reads] for reads in self._readers()]
        return [tf.transpose(tf.concat(several, axis=1)) for several in kernels]

    def _make_table(self):
        return tf.matmul(self.embedding.embeddings, self.stack[0].cell.kernel)


class _RowStack:
    """A decoder's recurrent layers that read tokens, their states by rows; only a table is made."""

    def __init__(self, embedding, stack, output):
        self.embedding, self.stack, self.output = embedding, stack, output
        self.per_layer = len(keras.tree.flatten(stack[0].cell.state_size))
        self.table = _room_for(embedding.input_dim, stack[0].cell.kernel.shape[1])

    def weights(self) -> list:
        weights = [self.embedding.embeddings, self.stack[0].cell.kernel]
        return [weight.value.read_value() for weight in weights]

    def prepare(self) -> None:
        self.table.assign(tf.matmul(self.embedding.embeddings, self.stack[0].cell.kernel))

    def follow(self, states: list) -> list:
        """Return the states by rows that go on from a `_ColumnStack`'s."""
        width = self.per_layer + 1  # there a product comes before a layer's own states
        return [tf.transpose(state) for n, state in enumerate(states) if n % width]

    def step(self, tokens, states) -> tuple:
        """Read one token of every sentence, as `_ColumnStack.step` does."""
        below = tf.gather(self.table, tokens) + self.stack[0].biases()[0]
        new_states = []
        for n, layer in enumerate(self.stack):
            own = states[n * self.per_layer : (n + 1) * self.per_layer]
            if n:
                below = tf.matmul(below, layer.cell.kernel) + layer.biases()[0]
            recurrent = tf.matmul(own[0], layer.cell.recurrent_kernel) + layer.biases()[1]
            new, _ = EQUATIONS[layer.equations].forward(below, recurrent, *own)
            below, new_states = new[0], [*new_states, *new]
        logits = tf.matmul(self.output.kernel, below, transpose_a=True, transpose_b=True)
        return logits + tf.convert_to_tensor(self.output.bias)[:, None], new_states


def _lie_together(one: tf.Tensor, other: tf.Tensor) -> bool:
    """Tell whether two tensors are the same place in memory."""
    return np.may_share_memory(memoryview(one), memoryview(other))


def _embedding(training_model: keras.Model, side: str):
    return training_model.get_layer(f"{side}_embedding")


def _room_for(*shape: int) -> tf.Variable:
    return tf.Variable(tf.zeros(shape), trainable=False)
