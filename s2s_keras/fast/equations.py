"""Equals one step of `keras.layers.LSTMCell` and `GRUCell`, with the derivatives written out."""

from typing import NamedTuple

import tensorflow as tf


class LSTMKept(NamedTuple):
    """What the gradient of one LSTM step needs; i, f, g, o stand for the gates' sums."""

    dc_di: tf.Tensor
    dc_df: tf.Tensor
    dc_dg: tf.Tensor
    dh_do: tf.Tensor
    dh_dc: tf.Tensor
    dc_dc: tf.Tensor  # the new cell state by the old one


class LSTMEquations:
    """One step of an LSTM, forwards and backwards (Hochreiter and Schmidhuber 1997; Gers 2000)."""

    Kept = LSTMKept
    products = 1  # how many gradients of products `backward` gives

    @staticmethod
    def forward(projected, recurrent, hidden, cell, axis=1):
        """Return the new states, and what `backward` needs of this step.

        Args:
            projected: `x·W + b (batch, 4 units)`, gates in Keras's order: i, f, g, o.
            recurrent: `h·U`, of the same shape.
            hidden: h `(batch, units)`.
            cell: c `(batch, units)`.
            axis: of gates and units; 0 where all these have the batch last.
        """
        i, f, g, o = tf.split(projected + recurrent, 4, axis=axis)
        i, f, g, o = _sigmoid(i), _sigmoid(f), tf.tanh(g), _sigmoid(o)
        new_cell = f * cell + i * g
        squashed = tf.tanh(new_cell)
        new_hidden = o * squashed
        kept = LSTMKept(
            dc_di=g * i * (1 - i),
            dc_df=cell * f * (1 - f),
            dc_dg=i * (1 - g * g),
            dh_do=squashed * o * (1 - o),
            dh_dc=o * (1 - squashed * squashed),
            dc_dc=f,
        )
        return (new_hidden, new_cell), kept

    @staticmethod
    def backward(kept: LSTMKept, d_hidden, d_cell):
        """Return ∂L/∂(projected + recurrent), and ∂L/∂(h, c) but for the way through `h·U`.

        Args:
            kept: what `forward` kept.
            d_hidden: ∂L/∂h of the new hidden state, `(batch, units)`.
            d_cell: ∂L/∂c of the new cell state, but for the way through the new h.
        """
        d_cell = d_cell + d_hidden * kept.dh_dc
        d_i = d_cell * kept.dc_di
        d_f = d_cell * kept.dc_df
        d_g = d_cell * kept.dc_dg
        d_o = d_hidden * kept.dh_do
        d_old_cell = d_cell * kept.dc_dc
        return [tf.concat([d_i, d_f, d_g, d_o], axis=1)], (tf.zeros_like(d_hidden), d_old_cell)


class GRUKept(NamedTuple):
    """What the gradient of one GRU step needs; z, r, g stand for the gates' sums."""

    dh_dz: tf.Tensor
    dh_dr: tf.Tensor
    dh_dg: tf.Tensor
    dg_dproduct: tf.Tensor  # the candidate's sum by its part of h·U: the reset gate
    dh_dh: tf.Tensor  # the new hidden state by the old one, but for the way through h·U


class GRUEquations:
    """One step of a GRU, forwards and backwards (Cho et al. 2014; reset after the product)."""

    Kept = GRUKept
    products = 2

    @staticmethod
    def forward(projected, recurrent, hidden, axis=1):
        """Return the new state, and what `backward` needs; gates: z, r, candidate.

        Arguments are those of an LSTM, `(batch, 3 units)` and h, but without c.
        """
        x_z, x_r, x_g = tf.split(projected, 3, axis=axis)
        h_z, h_r, h_g = tf.split(recurrent, 3, axis=axis)
        z, r = _sigmoid(x_z + h_z), _sigmoid(x_r + h_r)
        g = tf.tanh(x_g + r * h_g)
        new_hidden = z * hidden + (1 - z) * g
        dh_dg = (1 - z) * (1 - g * g)
        dg_dr = h_g * r * (1 - r)
        kept = GRUKept(
            dh_dz=(hidden - g) * z * (1 - z),
            dh_dr=dh_dg * dg_dr,
            dh_dg=dh_dg,
            dg_dproduct=r,
            dh_dh=z,
        )
        return (new_hidden,), kept

    @staticmethod
    def backward(kept: GRUKept, d_hidden):
        """Return ∂L/∂projected and ∂L/∂recurrent, and ∂L/∂h but for the way through `h·U`."""
        d_z = d_hidden * kept.dh_dz
        d_r = d_hidden * kept.dh_dr
        d_g = d_hidden * kept.dh_dg
        d_projected = tf.concat([d_z, d_r, d_g], axis=1)
        d_recurrent = tf.concat([d_z, d_r, d_g * kept.dg_dproduct], axis=1)
        return [d_projected, d_recurrent], (d_hidden * kept.dh_dh,)


EQUATIONS = {"lstm": LSTMEquations, "gru": GRUEquations}


def _sigmoid(x):
    return 0.5 + 0.5 * tf.tanh(0.5 * x)  # tanh is one vectorised polynomial, exp and ÷ are not
