"""What `s2s_keras.models.pytorch` promises: the same numbers in both libraries, there and back."""

from importlib.util import find_spec

import keras
import numpy as np
import pytest
from keras import layers

from s2s_keras import fast
from s2s_keras.models import from_pytorch, to_pytorch

needs_torch = pytest.mark.skipif(not find_spec("torch"), reason="needs PyTorch: extra bench")
FEATURES, UNITS = 5, 4
WHOLE = {"return_sequences": True, "return_state": True}
RECURRENT = {
    "LSTM": lambda: layers.LSTM(UNITS, **WHOLE),
    "GRU": lambda: layers.GRU(UNITS, **WHOLE),
    "RNN": lambda: layers.SimpleRNN(UNITS, **WHOLE),
    "LSTM both ways": lambda: layers.Bidirectional(layers.LSTM(UNITS, **WHOLE)),
    "GRU both ways": lambda: layers.Bidirectional(layers.GRU(UNITS, **WHOLE)),
    "LSTM without bias": lambda: layers.LSTM(UNITS, use_bias=False, **WHOLE),
    "LSTM of the fast floor": lambda: fast.CELLS["lstm"](UNITS, **WHOLE),
}
OTHERS = {
    "Dense": lambda: layers.Dense(UNITS),
    "Dense without bias": lambda: layers.Dense(UNITS, use_bias=False),
    "Embedding": lambda: layers.Embedding(FEATURES, UNITS),
}
each_layer = pytest.mark.parametrize(
    "build", [*RECURRENT.values(), *OTHERS.values()], ids=[*RECURRENT, *OTHERS]
)


def built(build, seed: int = 0) -> keras.Layer:
    """A layer all of whose weights, biases too, are drawn at random."""
    layer, rng = build(), np.random.default_rng(seed)
    layer.build((None,) if isinstance(layer, layers.Embedding) else (None, 3, FEATURES))
    layer.set_weights([rng.standard_normal(w.shape, "float32") for w in layer.weights])
    return layer


@each_layer
def test_weights_that_go_to_pytorch_and_back_are_the_same(build):
    one, other = built(build, seed=1), built(build, seed=2)
    from_pytorch(other, to_pytorch(one))
    for before, after in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("kind", ["LSTM", "RNN"])
def test_two_biases_become_their_sum(kind):
    layer = built(RECURRENT[kind])
    weights = to_pytorch(layer)
    before = weights["bias_ih_l0"] + weights["bias_hh_l0"]
    from_pytorch(layer, weights | {"bias_hh_l0": np.ones_like(before)})
    np.testing.assert_allclose(layer.get_weights()[2], before + 1)


def test_what_pytorch_does_not_have_is_refused():
    for layer in (layers.GRU(UNITS, reset_after=False), layers.Conv1D(UNITS, 3)):
        layer.build((None, 3, FEATURES))
        with pytest.raises(ValueError, match=layer.name):
            to_pytorch(layer)


def test_weights_of_another_size_are_refused_and_change_nothing():
    layer, larger = built(RECURRENT["LSTM"]), layers.LSTM(UNITS + 1)
    larger.build((None, 3, FEATURES))
    before = layer.get_weights()
    with pytest.raises(ValueError, match="needs"):
        from_pytorch(layer, to_pytorch(larger))
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


def twin(layer: keras.Layer):
    """The PyTorch module of a layer's kind, with random weights of its own."""
    from torch import nn

    both = isinstance(layer, layers.Bidirectional)
    one_way = layer.forward_layer if both else layer
    if isinstance(one_way, layers.Embedding):
        return nn.Embedding(FEATURES, UNITS)
    if isinstance(one_way, layers.Dense):
        return nn.Linear(FEATURES, UNITS, bias=one_way.use_bias)
    kinds = {layers.LSTM: nn.LSTM, layers.GRU: nn.GRU, layers.SimpleRNN: nn.RNN}
    module = next(kind for ours, kind in kinds.items() if isinstance(one_way, ours))
    options = {"bidirectional": both, "bias": one_way.use_bias, "batch_first": True}
    return module(FEATURES, UNITS, **options)


def outputs(layer: keras.Layer, module) -> tuple[np.ndarray, np.ndarray]:
    """What both give for the same input; of recurrent ones, all that has the axis of time."""
    import torch

    rng = np.random.default_rng(3)
    if isinstance(layer, layers.Embedding):
        x = np.arange(FEATURES)[None]
    else:
        x = rng.standard_normal((2, 3, FEATURES), "float32")
    ours, theirs = layer(x), module(torch.tensor(x))
    if isinstance(ours, list | tuple):
        ours, theirs = ours[0], theirs[0]
    return keras.ops.convert_to_numpy(ours), theirs.detach().numpy()


@needs_torch
@each_layer
def test_pytorch_computes_with_our_weights_what_our_layer_computes(build):
    import torch

    layer = built(build)
    module = twin(layer)
    module.load_state_dict({name: torch.tensor(w) for name, w in to_pytorch(layer).items()})
    np.testing.assert_allclose(*outputs(layer, module), atol=1e-6)


@needs_torch
@each_layer
def test_our_layer_computes_with_pytorch_s_weights_what_pytorch_computes(build):
    layer = built(build)
    module = twin(layer)
    from_pytorch(layer, {name: w.numpy() for name, w in module.state_dict().items()})
    np.testing.assert_allclose(*outputs(layer, module), atol=1e-6)
