"""Keras's LSTM and GRU layers, with a faster loop on a CPU under TensorFlow.

The weights, arguments, masks and results are Keras's; elsewhere, on a GPU or another backend, so is
every line that runs. What is faster and why: see `loops`.
"""

import sys
from functools import cache

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("s2s_keras")
class LSTM(layers.LSTM):
    """`keras.layers.LSTM` with the loop of `loops.run` where that applies."""

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Return the last output, all outputs and the last states; Keras calls this."""
        return _fast("lstm", self, sequences, initial_state, mask, training) or super().inner_loop(
            sequences, initial_state, mask, training
        )


@keras.saving.register_keras_serializable("s2s_keras")
class GRU(layers.GRU):
    """`keras.layers.GRU` with the loop of `loops.run` where that applies."""

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Return the last output, all outputs and the last states; Keras calls this."""
        return _fast("gru", self, sequences, initial_state, mask, training) or super().inner_loop(
            sequences, initial_state, mask, training
        )


def _fast(cell, layer, sequences, initial_state, mask, training):
    """Return what `inner_loop` must, or None where the loop is Keras's to run."""
    if not (_on_a_cpu_with_tensorflow() and _is_plain(layer)) or _runs_eagerly():
        return None
    from . import loops  # imports TensorFlow, which other backends can do without

    bias, recurrent_bias = _biases(layer)
    weights = (layer.cell.kernel, layer.cell.recurrent_kernel, bias, recurrent_bias)
    outputs, states = loops.run(
        cell,
        sequences,
        keras.tree.flatten(mask)[0] if mask is not None else None,
        keras.tree.flatten(initial_state),
        [ops.convert_to_tensor(weight) for weight in weights],
        keep=bool(training),
    )
    return states[0], outputs, states


def _biases(layer):
    """Return the bias of the input's product and that of the state's, `(gates·units,)` each."""
    bias = ops.convert_to_tensor(layer.cell.bias)
    return (bias[0], bias[1]) if len(bias.shape) == 2 else (bias, ops.zeros_like(bias))


def _is_plain(layer) -> bool:
    """Tell whether the layer asks only for what `loops` can do: the conditions of cuDNN."""
    return (
        keras.activations.serialize(layer.activation) == "tanh"
        and keras.activations.serialize(layer.recurrent_activation) == "sigmoid"
        and layer.use_bias
        and not (layer.dropout or layer.recurrent_dropout)
        and not (layer.unroll or layer.go_backwards)
        and getattr(layer, "reset_after", True)
    )


@cache
def _on_a_cpu_with_tensorflow() -> bool:
    # TensorFlow's wheels for Windows come without XLA.
    if keras.config.backend() != "tensorflow" or sys.platform == "win32":
        return False
    import tensorflow as tf

    return not tf.config.list_physical_devices("GPU")


def _runs_eagerly() -> bool:
    """Tell whether every operation runs at once: then compiling would cost more than it gains."""
    import tensorflow as tf

    return tf.executing_eagerly()
