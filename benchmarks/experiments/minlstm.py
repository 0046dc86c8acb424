"""The minLSTM: an LSTM whose gates do not look at the state, so that a scan computes it at once."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("s2s_keras")
class MinLSTMCell(layers.SimpleRNNCell):
    """One time step of a minLSTM (Feng et al. 2024, arXiv 2410.01201).

    The gates look at the new vector x alone, never at the state h: f = σ(W_f x + b_f),
    i = σ(W_i x + b_i), candidate = W_h x + b_h, and the new h is (f h + i candidate) / (f + i).
    Like a `SimpleRNNCell` it has one state, `(batch, units)`; `keras.layers.RNN` makes a layer of
    it.
    """

    def build(self, input_shape):
        """Make W_f, W_i, W_h side by side, `(features, 3 · units)`; b_f is 1 at first."""
        shape = (input_shape[-1], 3 * self.units)
        self.kernel = self.add_weight(shape, "glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape[1:], _first_bias, name="bias")
        self.built = True

    def gates(self, x):
        """Return what h is multiplied by and what is then added, from x `(…, features)`.

        Returns:
            f / (f + i) and i / (f + i) · candidate, both `(…, units)`.
        """
        f, i, candidate = ops.split(ops.matmul(x, self.kernel) + self.bias, 3, axis=-1)
        f, i = ops.sigmoid(f), ops.sigmoid(i)
        kept = f / (f + i)
        return kept, (1 - kept) * candidate

    def call(self, x, states, training=False):
        """Read x `(batch, features)`; return the new state as output and in a list."""
        kept, added = self.gates(x)
        h = kept * states[0] + added
        return h, [h]


def _first_bias(shape, dtype=None):
    """Return 1 for the forget gates and 0 for the others, as in Keras's LSTM."""
    return ops.cast(ops.arange(shape[0]) < shape[0] // 3, dtype)


def min_lstm(units: int, **options) -> layers.RNN:
    """Make a layer of `MinLSTMCell`, for "rnn" in the `cells` of `build_training_model`.

    Args:
        units: width of the state.
        **options: of `keras.layers.RNN`.
    """
    return layers.RNN(MinLSTMCell(units), **options)


def scan(kept, added):
    """Compute h_t = kept_t · h_{t−1} + added_t for all t from h_0 = 0, not one after the other.

    Two steps in a row are one step of the same form. So neighbours are joined to pairs, pairs to
    fours and so on (Blelloch 1990): about log2(time) rounds, each for all places at once.

    Args:
        kept: float `(batch, time, units)`, of a fixed shape.
        added: likewise.

    Returns:
        h, `(batch, time, units)`.
    """

    def join(earlier, later):
        return earlier[0] * later[0], later[0] * earlier[1] + later[1]

    _, h = ops.associative_scan(join, (kept, added), axis=1)
    return ops.reshape(h, kept.shape)  # TensorFlow's scan forgets the shape
