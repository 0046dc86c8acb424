"""The first weights and the optimizer of the 2014 paper, at any size."""

import numpy as np
import pytest
from keras import ops

from s2s_keras.losses import masked_cross_entropy
from s2s_keras.models import sutskever2014


def test_every_weight_is_drawn_uniformly_between_its_two_bounds(build):
    model = build(units=64, layers=2)
    sutskever2014.initialise(model, seed=1)
    for variable in model.trainable_variables:
        values = ops.convert_to_numpy(variable)
        assert np.abs(values).max() <= 0.08 and len(np.unique(values)) > values.size / 2
    every = np.concatenate([np.ravel(variable) for variable in model.trainable_variables])
    assert every.std() == pytest.approx(0.16 / 12**0.5, rel=0.01)
    first = model.get_layer("logits").get_weights()[0]
    sutskever2014.initialise(model, seed=1)
    assert (model.get_layer("logits").get_weights()[0] == first).all()
    sutskever2014.initialise(model, seed=2)
    assert (model.get_layer("logits").get_weights()[0] != first).all()


@pytest.mark.parametrize(
    ("epoch", "rate"), [(0, 0.7), (4.9, 0.7), (5.1, 0.35), (5.6, 0.175), (7.4, 0.7 / 32)]
)
def test_the_rate_is_halved_every_half_epoch_after_the_fifth(epoch, rate):
    optimizer = sutskever2014.optimizer(updates_per_epoch=100)
    optimizer.iterations.assign(round(100 * epoch))
    assert float(optimizer.learning_rate) == pytest.approx(rate)


def test_a_gradient_longer_than_five_is_shortened_to_five(build):
    model = build()
    sutskever2014.initialise(model)
    optimizer = sutskever2014.optimizer(updates_per_epoch=1)
    model.compile(optimizer, masked_cross_entropy)
    before = [ops.convert_to_numpy(v) for v in model.trainable_variables]
    optimizer.apply([ops.ones_like(v) for v in before], model.trainable_variables)
    after = [ops.convert_to_numpy(v) for v in model.trainable_variables]
    changes = [new - old for new, old in zip(after, before, strict=True)]
    length = np.sqrt(sum((change**2).sum() for change in changes))
    assert length == pytest.approx(0.7 * 5, rel=1e-3)
