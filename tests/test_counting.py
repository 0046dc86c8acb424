"""The weights of a model are counted without it: as many as the model has, part by part."""

import pytest
from test_models import CHOICES, spell

from s2s_keras.models import Seq2SeqConfig, config_of, count_parameters

PARTS = {"source_embedding": "source embedding", "target_embedding": "target embedding"}


@pytest.mark.parametrize("choices", CHOICES, ids=spell)
def test_each_part_has_as_many_weights_as_its_layers(build, choices):
    model = build(**choices)
    counted = count_parameters(config_of(model))
    assert sum(counted.values()) == model.count_params()
    found = dict.fromkeys(counted, 0)
    for layer in model.layers:
        part = PARTS.get(layer.name, layer.name.split("_")[0])
        if layer.weights:
            found["attention" if part == "context" else part] += layer.count_params()
    assert found == counted


def test_the_network_of_2014_has_384_million_weights_64_million_of_them_recurrent():
    counted = count_parameters(Seq2SeqConfig.sutskever2014())
    assert counted == {
        "source embedding": 160_000_000,
        "target embedding": 80_000_000,
        "encoder": 32_016_000,
        "decoder": 32_016_000,
        "attention": 0,
        "logits": 80_080_000,
    }
    assert round(sum(counted.values()) / 1e6) == 384
    # The sentence, between encoder and decoder: h and c of every layer.
    config = Seq2SeqConfig.sutskever2014()
    assert 2 * config.layers * config.units == 8_000
