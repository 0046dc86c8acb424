"""Equals the loop of `keras.layers.LSTM` and `GRU` over time, and its gradient, on a CPU.

TensorFlow differentiates a loop operation by operation, and so adds to the weights' gradients at
every timestep. Here backpropagation through time (Werbos 1990) is written out:

1. The input of all steps is projected by one large matrix product, before the loop.
2. The loop keeps, for each gate, the derivative that its own step needs later (`Kept`).
3. The gradient's loop carries only the states' gradients from the last step to the first.
4. The gradients of the weights and of the input are one large product each, after that loop.

The loops themselves are compiled by XLA. It compiles anew for every shape, so time and batch are
padded to a few sizes; how many steps are run is a number, not a shape, and padding costs no step.
"""

import sys
from functools import cache

import tensorflow as tf

from .. import quiet_start
from .equations import EQUATIONS

CAN_COMPILE = sys.platform != "win32"  # TensorFlow's wheels for Windows come without XLA.


@cache
def compile_in_silence() -> None:
    """Let XLA compile something before anything else, where the reader does not see what it says.

    TensorFlow 2.20 writes "Compiled cluster using XLA!" once a process, whatever it may log.
    """
    if CAN_COMPILE and tf.__version__.startswith("2.20."):
        with tf.init_scope(), quiet_start():
            tf.function(lambda: tf.constant(0), jit_compile=True)()


def run(cell: str, sequence, mask, states, weights, keep: bool):
    """Run a recurrent layer over a batch of sequences, inside a `tf.function`.

    Args:
        cell: "lstm" or "gru".
        sequence: float `(batch, time, features)`. The large products run in its dtype, the loop in
            float32.
        mask: boolean `(batch, time)`: where it is False the states stay as they are. None: all run.
        states: the first states, `(batch, units)` each.
        weights: kernel `(features, gates·units)`, recurrent kernel `(units, gates·units)`, bias and
            recurrent bias `(gates·units,)`, in Keras's order of gates.
        keep: whether to keep what a gradient needs; without it, a gradient runs the loop again.

    Returns:
        The hidden state at every step `(batch, time, units)` and the list of the last states. They
        and their gradients are those of Keras's layers, to rounding, but for one case: before a
        sequence's first unmasked step the output is the first hidden state, where Keras has zeros.
    """
    compile_in_silence()
    mask = tf.fill(tf.shape(sequence)[:2], True) if mask is None else mask
    forward, backward = _forward_loop(cell), _backward_loop(cell)

    @tf.custom_gradient
    def recurrent(sequence, kernel, recurrent_kernel, bias, recurrent_bias, *states):
        x = tf.transpose(sequence, [1, 0, 2])  # (time, batch, features): a step is one block
        steps, rows = tf.shape(x)[0], tf.shape(x)[1]
        padding = [[0, rounded(steps) - steps], [0, rounded(rows) - rows]]

        def widen(value):
            return tf.pad(_float(value), [*padding, [0, 0]])

        def widen_state(value):
            return tf.pad(_float(value), [padding[1], [0, 0]])

        padded_mask = tf.pad(tf.transpose(mask), padding)
        loop = [
            widen(_product(x, kernel, bias)),
            padded_mask,
            [widen_state(state) for state in states],
            _float(recurrent_kernel),
            _float(recurrent_bias),
            steps,
        ]
        last, outputs, kept = forward(*loop, keep)
        outputs = outputs[:steps, :rows]

        def gradient(d_outputs, *d_last):
            d_products, d_states = backward(
                kept if keep else forward(*loop, True)[2],
                padded_mask,
                tf.pad(_float(d_outputs), [*padding[::-1], [0, 0]]),
                [widen_state(state) for state in d_last],
                _float(recurrent_kernel),
                steps,
            )
            d_products = [d[:steps, :rows] for d in d_products]
            d_projected, d_recurrent = d_products[0], d_products[-1]  # one and the same in an LSTM
            before = tf.concat([_float(states[0])[None], outputs[:-1]], axis=0)  # each step's old h
            d_x = _product(d_projected, tf.transpose(kernel))
            d_kernel = _product_over_rows(x, d_projected, kernel.dtype)
            d_recurrent_kernel = _product_over_rows(before, d_recurrent, kernel.dtype)
            d_bias = _sum_over_rows(d_projected)
            d_recurrent_bias = _sum_over_rows(d_recurrent)
            d_states = [state[:rows] for state in d_states]
            d_sequence = tf.transpose(d_x, [1, 0, 2])
            gradients = (d_sequence, d_kernel, d_recurrent_kernel, d_bias, d_recurrent_bias)
            inputs = (sequence, kernel, recurrent_kernel, bias, recurrent_bias)
            pairs = zip((*gradients, *d_states), (*inputs, *states), strict=True)
            return [tf.cast(gradient, value.dtype) for gradient, value in pairs]

        results = (tf.transpose(outputs, [1, 0, 2]), *(state[:rows] for state in last))
        return [tf.cast(result, sequence.dtype) for result in results], gradient

    outputs, *last = recurrent(sequence, *weights, *states)
    # The shapes that XLA keeps to itself until it runs.
    outputs.set_shape([*sequence.shape[:2], weights[1].shape[0]])
    for state, first in zip(last, states, strict=True):
        state.set_shape(first.shape)
    return outputs, last


@cache
def _forward_loop(cell: str):
    equations = EQUATIONS[cell]

    @tf.function(jit_compile=True, autograph=False)
    def forward(projected, mask, states, recurrent_kernel, recurrent_bias, steps, keep):
        """Return the last states, the hidden states `(time, batch, units)`, and what was kept."""

        def step(t, states, outputs, kept):
            recurrent = tf.matmul(states[0], recurrent_kernel) + recurrent_bias
            new_states, new_kept = equations.forward(projected[t], recurrent, *states)
            runs = mask[t][:, None]
            states = [tf.where(runs, *both) for both in zip(new_states, states, strict=True)]
            if keep:
                kept = [array.write(t, v) for array, v in zip(kept, new_kept, strict=True)]
            return t + 1, states, outputs.write(t, states[0]), kept

        units = recurrent_kernel.shape[0]
        arrays = [_array(projected, units) for _ in range(1 + keep * len(equations.Kept._fields))]
        _, states, outputs, kept = tf.while_loop(
            lambda t, *_: t < steps, step, (0, states, arrays[0], arrays[1:])
        )
        return states, outputs.stack(), [array.stack() for array in kept]

    return forward


@cache
def _backward_loop(cell: str):
    equations = EQUATIONS[cell]

    @tf.function(jit_compile=True, autograph=False)
    def backward(kept, mask, d_outputs, d_states, recurrent_kernel, steps):
        """Return what the equations' `backward` does, for all steps, and ∂L/∂first states.

        Only `d_outputs (batch, time, units)` has the batch first.
        """
        transposed = tf.transpose(recurrent_kernel)

        def step(t, d_states, d_products):
            d_states = [d_states[0] + d_outputs[:, t], *d_states[1:]]
            runs = tf.cast(mask[t][:, None], tf.float32)
            step_of_kept = equations.Kept(*(values[t] for values in kept))
            new, direct = equations.backward(step_of_kept, *(runs * d for d in d_states))
            direct = [own + (1 - runs) * d for own, d in zip(direct, d_states, strict=True)]
            d_states = [direct[0] + tf.matmul(new[-1], transposed), *direct[1:]]
            return t - 1, d_states, [d.write(t, v) for d, v in zip(d_products, new, strict=True)]

        arrays = [_array(kept[0], transposed.shape[0]) for _ in range(equations.products)]
        _, d_states, d_products = tf.while_loop(
            lambda t, *_: t >= 0, step, (steps - 1, d_states, arrays)
        )
        return [d.stack() for d in d_products], d_states

    return backward


def _array(like, width: int) -> tf.TensorArray:
    """Return room for a `(batch, width)` at every step of a sequence `(time, …)`."""
    return tf.TensorArray(tf.float32, tf.shape(like)[0], element_shape=(None, width))


def rounded(size):
    """Round up to 1, 8, or a multiple of 16: few shapes to compile for, one sentence stays fast.

    Args:
        size: a whole number, or an integer tensor.
    """
    if isinstance(size, int):
        return 1 if size < 2 else 8 if size <= 8 else -(-size // 16) * 16
    return tf.where(size > 8, -(-size // 16) * 16, tf.where(size > 1, 8, 1))


def _float(value):
    return tf.cast(value, tf.float32)


def _product(sequence, matrix, bias=None):
    """Return `(time, batch, n)·(n, m) + bias` as one large product, in the matrix's dtype."""
    rows = tf.matmul(tf.reshape(tf.cast(sequence, matrix.dtype), [-1, matrix.shape[0]]), matrix)
    rows = rows if bias is None else tf.nn.bias_add(rows, bias)
    return tf.reshape(rows, tf.concat([tf.shape(sequence)[:2], [matrix.shape[1]]], 0))


def _product_over_rows(left, right, dtype):
    """Sum `leftᵀ·right` over all steps and sentences: `(time, batch, n)`, `(…, m)` → `(n, m)`."""
    left, right = (tf.reshape(tf.cast(v, dtype), [-1, v.shape[-1]]) for v in (left, right))
    return tf.matmul(left, right, transpose_a=True)


def _sum_over_rows(value):
    """Sum `(time, batch, n)` over all steps and sentences: a product with ones is the quick way."""
    rows = tf.reshape(value, [-1, value.shape[-1]])
    return tf.linalg.matvec(rows, tf.ones(tf.shape(rows)[:1]), transpose_a=True)
