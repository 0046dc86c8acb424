"""What `s2s_keras.models.growing` promises: a larger model that begins with what is known."""

import numpy as np
import pytest

from s2s_keras.batches import pad
from s2s_keras.models import config_of
from s2s_keras.models.growing import grown
from s2s_keras.models.weights import named_weights

CHOICES = [{}, {"cell": "gru", "layers": 2, "attention": "additive", "bidirectional": True}]
NEW_SOURCE, NEW_TARGET = 3, 2


@pytest.fixture(params=CHOICES, ids=["plain", "attentive"])
def model(request, build):
    return build(seed=1, **request.param)


@pytest.fixture
def larger(model):
    config = config_of(model)
    return grown(
        model, config.source_vocabulary + NEW_SOURCE, config.target_vocabulary + NEW_TARGET
    )


def test_logits_of_known_tokens_stay_what_they_were(model, larger, sentences):
    batch = {"source": pad(sentences(3, seed=1)), "target": pad(sentences(3, seed=2))}
    before, after = model(batch), larger(batch)
    np.testing.assert_allclose(after[..., :-NEW_TARGET], before, atol=1e-6)
    # The logit of a new token is the mean of all others.
    expected = np.mean(before, axis=-1)
    for new in range(-NEW_TARGET, 0):
        np.testing.assert_allclose(after[..., new], expected, atol=1e-5)


def test_a_new_source_token_is_the_mean_of_the_known_ones(model, larger):
    name = "source_embedding/embeddings"
    known, all_rows = named_weights(model)[name].numpy(), named_weights(larger)[name].numpy()
    np.testing.assert_array_equal(all_rows[:-NEW_SOURCE], known)
    mean = np.tile(known.mean(0), (NEW_SOURCE, 1))
    np.testing.assert_allclose(all_rows[-NEW_SOURCE:], mean, rtol=1e-5, atol=1e-7)


def test_the_first_model_is_a_model_of_its_own(model, larger):
    before = model.get_weights()
    for variable in larger.weights:
        variable.assign(variable + 1)
    for value, was in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, was)


def test_a_model_never_shrinks(model):
    config = config_of(model)
    size = config.target_vocabulary - 1
    with pytest.raises(ValueError, match=f"target_vocabulary is {size}: give {size + 1}, the"):
        grown(model, config.source_vocabulary, size)
