"""The recurrent equations a second time, plainly: NumPy, float64, no gradients, no padding.

The tests of `s2s_keras.fast` compare with these. They are written from the papers, not from the
package, and know no derivative but the quotient of differences.
"""

import numpy as np

GATES = {"lstm": 4, "gru": 3}
STATES = {"lstm": 2, "gru": 1}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step(projected, recurrent, hidden, cell):
    """Gers et al. 2000: a forget gate beside the input and the output gate."""
    i, f, g, o = np.split(projected + recurrent, 4, axis=1)
    cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(cell), cell


def gru_step(projected, recurrent, hidden):
    """Cho et al. 2014, with the reset gate on the product, as cuDNN has it."""
    x_z, x_r, x_g = np.split(projected, 3, axis=1)
    h_z, h_r, h_g = np.split(recurrent, 3, axis=1)
    z = sigmoid(x_z + h_z)
    return (z * hidden + (1 - z) * np.tanh(x_g + sigmoid(x_r + h_r) * h_g),)


STEP = {"lstm": lstm_step, "gru": gru_step}


def layer(cell, mask, x, kernel, recurrent_kernel, bias, recurrent_bias, *states):
    """All hidden states `(rows, steps, units)` and the last states, one step after the other."""
    outputs = []
    for t in range(x.shape[1]):
        products = x[:, t] @ kernel + bias, states[0] @ recurrent_kernel + recurrent_bias
        new = STEP[cell](*products, *states)
        states = [np.where(mask[:, t, None], *both) for both in zip(new, states, strict=True)]
        outputs.append(states[0])
    return [np.stack(outputs, axis=1), *states]


def differences(function, arrays, step=1e-5) -> list[np.ndarray]:
    """∂function/∂each number of some arrays, as the quotient of differences."""
    gradients = []
    for array in arrays:
        gradient = np.empty_like(array)
        for index in np.ndindex(array.shape):
            value = array[index]
            around = []
            for array[index] in (value + step, value - step):
                around.append(function(*arrays))
            array[index] = value
            gradient[index] = (around[0] - around[1]) / (2 * step)
        gradients.append(gradient)
    return gradients
