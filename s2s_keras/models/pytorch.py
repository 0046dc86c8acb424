"""The weights of Keras's layers as PyTorch's modules name and order them, and back.

They come and go as NumPy arrays, so that PyTorch itself is not needed here.
"""

from collections.abc import Mapping

import keras
import numpy as np
from keras import layers, ops

# At each of PyTorch's places, where the same gate stands in Keras. An LSTM has i, f, g, o in both;
# a GRU has r, z, n there and z, r, h here. Either order, applied twice, is the old one again.
GATES = {layers.LSTM: (0, 1, 2, 3), layers.GRU: (1, 0, 2), layers.SimpleRNN: (0,)}
BIASES = ("bias_ih_l0", "bias_hh_l0")


def to_pytorch(layer: layers.Layer) -> dict[str, np.ndarray]:
    """Return a layer's weights as the `state_dict` of the PyTorch module of the same kind.

    Args:
        layer: built, of one of these kinds: Dense (`nn.Linear`), Embedding (`nn.Embedding`), LSTM,
            GRU with `reset_after`, SimpleRNN with tanh (`nn.LSTM`, `nn.GRU`, `nn.RNN`), or
            Bidirectional around one of the last three.

    Returns:
        Arrays by PyTorch's names. A matrix is `(out, in)`, in recurrent layers `(gates · units,
        in)`. `nn.LSTM` and `nn.RNN` add two biases; the second is 0 here.

    Raises:
        ValueError: the layer is of another kind, or a GRU that PyTorch does not have.
    """
    if isinstance(layer, layers.Bidirectional):
        backward = to_pytorch(layer.backward_layer)
        return to_pytorch(layer.forward_layer) | {f"{n}_reverse": w for n, w in backward.items()}
    weights = [ops.convert_to_numpy(weight) for weight in layer.weights]
    if isinstance(layer, layers.Embedding):
        return {"weight": weights[0]}
    if isinstance(layer, layers.Dense):
        return dict(zip(("weight", "bias"), (weight.T for weight in weights), strict=False))
    gates = _gates(layer)
    kernel, recurrent_kernel, *bias = (_reordered(weight, gates) for weight in weights)
    matrices = {"weight_ih_l0": kernel.T, "weight_hh_l0": recurrent_kernel.T}
    if not bias:
        return matrices
    both = bias[0] if bias[0].ndim == 2 else (bias[0], np.zeros_like(bias[0]))
    return matrices | dict(zip(BIASES, both, strict=True))


def from_pytorch(layer: layers.Layer, state_dict: Mapping[str, np.ndarray]) -> None:
    """Give a layer the weights of the PyTorch module of the same kind.

    Args:
        layer: built, of one of the kinds of `to_pytorch`.
        state_dict: arrays as `to_pytorch` names them. The two biases of an `nn.LSTM` or `nn.RNN`
            become one, their sum.

    Raises:
        ValueError: as for `to_pytorch`; or names or shapes are not those of the layer.
    """
    needed = {name: weight.shape for name, weight in to_pytorch(layer).items()}
    given = {name: np.shape(weight) for name, weight in state_dict.items()}
    if given != needed:
        raise ValueError(f"{layer.name} needs {needed}, and was given {given}")
    if isinstance(layer, layers.Bidirectional):
        for one_way, end in ((layer.forward_layer, "_l0"), (layer.backward_layer, "_reverse")):
            own = {name: w for name, w in state_dict.items() if name.endswith(end)}
            from_pytorch(one_way, {n.removesuffix("_reverse"): w for n, w in own.items()})
        return
    matrices = [state_dict[name] for name in needed if name not in BIASES]
    if isinstance(layer, layers.Embedding):
        layer.set_weights(matrices)
    elif isinstance(layer, layers.Dense):
        layer.set_weights([matrix.T for matrix in matrices])
    else:
        biases = [state_dict[name] for name in BIASES if name in needed]
        together = np.stack if isinstance(layer, layers.GRU) else sum
        weights = [*(matrix.T for matrix in matrices), *([together(biases)] if biases else [])]
        layer.set_weights([_reordered(weight, _gates(layer)) for weight in weights])


def _gates(layer: keras.Layer) -> tuple[int, ...]:
    gates = next((order for kind, order in GATES.items() if isinstance(layer, kind)), None)
    if gates is None:
        raise ValueError(f"{layer.name}: PyTorch's twin of {type(layer).__name__} is not known")
    if isinstance(layer, layers.GRU) and not layer.reset_after:
        raise ValueError(f"{layer.name}: PyTorch has no GRU without reset_after")
    return gates


def _reordered(weight: np.ndarray, gates: tuple[int, ...]) -> np.ndarray:
    """Return a weight `(…, gates · units)` with its gates in another order."""
    parts = np.split(weight, len(gates), axis=-1)
    return np.concatenate([parts[gate] for gate in gates], axis=-1)
