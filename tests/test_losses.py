"""What `s2s_keras.losses` promises: a mean over real tokens only, whatever the padding holds."""

import numpy as np
import pytest
import tensorflow as tf

from s2s_keras.batches import pad
from s2s_keras.losses import masked_cross_entropy
from s2s_keras.text import END, PAD


@pytest.fixture(scope="module")
def scored():
    """Labels with padding, and logits for them: `(3, 5)` and `(3, 5, 11)`."""
    labels = pad([[4, 9, 5, 10, END], [7, END], [8, 8, END]])
    return labels, np.random.default_rng(0).normal(0, 2, (3, 5, 11)).astype("float32")


def test_the_loss_is_the_mean_over_tokens_as_computed_by_hand(scored, negative_log_likelihoods):
    expected = np.mean(negative_log_likelihoods(*scored))
    assert float(masked_cross_entropy(*scored)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("more", [5, 20])
def test_padding_never_changes_the_loss(scored, more):
    labels, logits = scored
    random = np.random.default_rng(1).normal(0, 9, (3, more, 11)).astype("float32")
    padded = np.pad(labels, [(0, 0), (0, more)]), np.concatenate([logits, random], axis=1)
    assert float(masked_cross_entropy(*padded)) == pytest.approx(
        float(masked_cross_entropy(labels, logits)), rel=1e-6
    )


def test_padding_gives_no_gradient_and_every_token_does(scored):
    labels, logits = scored
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = masked_cross_entropy(labels, variable)
    gradient = tape.gradient(loss, variable).numpy()
    assert (gradient[labels == PAD] == 0).all()
    assert np.abs(gradient[labels != PAD]).max(axis=-1).min() > 0


def test_a_batch_of_padding_only_has_no_loss_and_no_nan():
    assert float(masked_cross_entropy(np.zeros((2, 3), "int32"), np.ones((2, 3, 11)))) == 0
