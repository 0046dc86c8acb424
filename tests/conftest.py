"""Tiny models and random sentences, shared by the tests of what learns and what translates."""

import math

import numpy as np
import pytest

import s2s_keras  # noqa: F401 — before any test imports TensorFlow, which this keeps quiet
from s2s_keras.text import PAD

VOCABULARY = 13  # of either language, specials included


@pytest.fixture(scope="session")
def build():
    """Builds a training model of a few units; the same arguments give the same weights."""

    def build(seed: int = 0, **choices):
        # Imported here, so that the tests of plain text need not wait for TensorFlow.
        import keras

        from s2s_keras.models import Seq2SeqConfig, build_training_model

        keras.utils.set_random_seed(seed)
        sizes = {"source_vocabulary": VOCABULARY, "target_vocabulary": VOCABULARY}
        return build_training_model(
            Seq2SeqConfig(**sizes | {"units": 8, "embedding": 6, "dropout": 0.0} | choices)
        )

    return build


@pytest.fixture(scope="session")
def sentences():
    """Draws sentences of ids, without specials."""

    def sentences(count: int, shortest: int = 1, longest: int = 7, seed: int = 0):
        random = np.random.default_rng(seed)
        lengths = random.integers(shortest, longest + 1, count)
        return [random.integers(4, VOCABULARY, length).tolist() for length in lengths]

    return sentences


@pytest.fixture(scope="session")
def negative_log_likelihoods():
    """By hand, in float64: −log p(label) of every position whose label is a token."""

    def negative_log_likelihoods(labels, logits) -> list[float]:
        losses = []
        for row_labels, row_logits in zip(np.asarray(labels), np.float64(logits), strict=True):
            for label, scores in zip(row_labels, row_logits, strict=True):
                if label != PAD:
                    losses.append(math.log(np.exp(scores).sum()) - scores[label])
        return losses

    return negative_log_likelihoods
