"""Tiny models and random sentences, shared by the tests of what learns and what translates."""

import math
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from searching_garbage import search_rarely

# Before any test imports TensorFlow: its notes are no part of what a test prints.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Tests compile much and compute little: without LLVM's optimisations, five notebooks in fast mode
# needed 18 to 29 % less processor time.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")
if "PYTEST_XDIST_WORKER" in os.environ:
    # As many tests run at once as there are processors: threads of one would wait for another's.
    for pool in ("OMP_NUM", "OPENBLAS_NUM", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
        os.environ.setdefault(f"{pool}_THREADS", "1")

from s2s_keras.text import PAD  # noqa: E402

VOCABULARY = 13  # of either language, specials included


def pytest_collection_finish(session):
    """All modules of tests are imported now."""
    search_rarely()


@pytest.fixture
def write(tmp_path):
    """Writes a file of the given name and content, and returns its path."""

    def write(name: str, content: str | bytes | bytearray) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture(scope="module")
def eagerly():
    """TensorFlow's functions are not compiled: for a few small batches that is quicker."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="session")
def build():
    """Builds a training model of a few units; the same arguments give the same weights."""

    def build(seed: int = 0, cells=None, **choices):
        # Imported here, so that the tests of plain text need not wait for TensorFlow.
        import keras

        from s2s_keras.models import CELLS, Seq2SeqConfig, build_training_model

        keras.utils.set_random_seed(seed)
        sizes = {"source_vocabulary": VOCABULARY, "target_vocabulary": VOCABULARY}
        sizes |= {"units": 8, "embedding": 6, "dropout": 0.0}
        return build_training_model(Seq2SeqConfig(**sizes | choices), cells or CELLS)

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


@pytest.fixture(scope="session")
def animals():
    """A corpus of 60 pairs: every sentence has a word of its own, which tells where it was met."""
    from s2s_keras.corpora import ParallelCorpus

    nouns = {"cat": "बिल्ली", "dog": "कुत्ता", "cow": "गाय", "bird": "चिड़िया", "fish": "मछली"}
    verbs = {"eats": "खाती", "sleeps": "सोती", "runs": "दौड़ती", "comes": "आती"}
    pairs = [
        (f"The {noun}{n} {verb}.", f"{संज्ञा}{n} {क्रिया} है।")
        for n, (noun, संज्ञा) in enumerate(nouns.items())
        for verb, क्रिया in verbs.items()
    ]
    pairs += [(f"Number{n} is here.", f"संख्या{n} यहाँ है।") for n in range(40)]
    return ParallelCorpus.from_pairs(pairs, "animals")


TINY = {"units": 8, "embedding": 8, "batch_size": 8, "learning_rate": 0.01, "progress": False}
TINY |= {"attention": "none", "bidirectional": False, "schedule": "constant"}


@pytest.fixture(scope="session")
def trained(animals):
    """A tiny translator of words and its history."""
    from s2s_keras.translator import train

    return train(animals, epochs=3, **TINY)


@pytest.fixture(scope="session")
def words(trained):
    """The tiny translator of words."""
    return trained[0]


@pytest.fixture(scope="session")
def untrained(animals):
    """Makes a tiny translator with random weights and the options of `train`."""
    import pandas as pd

    from s2s_keras import training
    from s2s_keras.translator import train

    def untrained(corpus=animals, **options):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(training, "fit", lambda *_, **__: pd.DataFrame())
            return train(corpus, **TINY | options)[0]

    return untrained


@pytest.fixture(scope="session")
def translators(words, untrained):
    """A translator with each tokenizer that this platform has, by name; most say what they like."""
    kinds = ["char"] + ["subword"] * bool(find_spec("tensorflow_text"))
    return {"word": words} | {kind: untrained(tokenizer=kind) for kind in kinds}
