"""Equals `keras.layers.LSTM` and `keras.layers.GRU`: the same layers with a faster loop on a CPU.

The weights, arguments, masks and results are Keras's. On a GPU or another backend so is every line
that runs. What is faster and why: see `loops`.
"""

from functools import cache

import keras
from keras import layers, ops

from ..models import CELLS as PLAIN_CELLS


class _Fast:
    """What both layers do with `loops`, which imports TensorFlow, as other backends need not."""

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Return the last output, all outputs and the last states; Keras calls this."""
        if not is_fast(self) or _runs_eagerly():
            return super().inner_loop(sequences, initial_state, mask, training)
        from .loops import run

        mask = keras.tree.flatten(mask)[0] if mask is not None else None
        if self.go_backwards:  # Keras, too, gives the outputs in the order in which it reads
            sequences = ops.flip(sequences, axis=1)
            mask = mask if mask is None else ops.flip(mask, axis=1)
        weights = (self.cell.kernel, self.cell.recurrent_kernel, *self.biases())
        outputs, states = run(
            self.equations,
            sequences,
            mask,
            keras.tree.flatten(initial_state),
            [ops.convert_to_tensor(weight) for weight in weights],
            keep=bool(training),
        )
        if mask is None or not self.zero_output_for_mask:
            return states[0], outputs, states
        # Keras's `Bidirectional` asks this of its layers.
        outputs = ops.where(mask[:, :, None], outputs, ops.zeros_like(outputs))
        return outputs[:, -1], outputs, states

    def biases(self):
        """Return the bias of the input's product and that of the state's, `(gates·units,)` each."""
        bias = ops.convert_to_tensor(self.cell.bias)
        return (bias[0], bias[1]) if len(bias.shape) == 2 else (bias, ops.zeros_like(bias))


@keras.saving.register_keras_serializable("s2s_keras")
class LSTM(_Fast, layers.LSTM):
    """`keras.layers.LSTM`, run by `loops` where that applies."""

    equations = "lstm"


@keras.saving.register_keras_serializable("s2s_keras")
class GRU(_Fast, layers.GRU):
    """`keras.layers.GRU`, run by `loops` where that applies."""

    equations = "gru"


CELLS = {**PLAIN_CELLS, "lstm": LSTM, "gru": GRU}


def is_fast(layer) -> bool:
    """Tell whether `loops` can run a layer: on a CPU, with what cuDNN asks of a layer, too."""
    return (
        isinstance(layer, _Fast)
        and _on_a_cpu_with_tensorflow()
        and keras.activations.serialize(layer.activation) == "tanh"
        and keras.activations.serialize(layer.recurrent_activation) == "sigmoid"
        and layer.use_bias
        and not (layer.dropout or layer.recurrent_dropout)
        and not layer.unroll
        and layer.compute_dtype != "float64"  # the loop is float32
        and getattr(layer, "reset_after", True)
    )


@cache
def _on_a_cpu_with_tensorflow() -> bool:
    if keras.config.backend() != "tensorflow":
        return False
    import tensorflow as tf

    from .loops import CAN_COMPILE

    return CAN_COMPILE and not tf.config.list_physical_devices("GPU")


def _runs_eagerly() -> bool:
    """Tell whether every operation runs at once: then compiling would cost more than it gains."""
    import tensorflow as tf

    return tf.executing_eagerly()
