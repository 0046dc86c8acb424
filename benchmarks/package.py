"""Contender: this project."""

import time

import keras
import numpy as np
import tensorflow as tf

from s2s_keras import fast, models, training
from s2s_keras.text import END

from . import workload


def build(size: workload.Size, dtype: str = "float32") -> keras.Model:
    """Build the model of a size, without dropout."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("mixed_bfloat16" if dtype == "bfloat16" else "float32")
    config = models.Seq2SeqConfig(
        size.vocabulary,
        size.vocabulary,
        units=size.units,
        embedding=size.units,
        dropout=0.0,
        attention="dot" if size.attention else "none",
        bidirectional=size.attention,
    )
    return models.build_training_model(config, cells=fast.CELLS)


def train_step(model: keras.Model, learning_rate: float):
    """Compile a training step as the translator does; the memory that it frees is kept.

    Returns:
        Function of a batch, `(inputs, labels) -> (loss, count)`.
    """
    fast.keep_freed_memory()
    model.compile(fast.Adam(learning_rate, global_clipnorm=workload.CLIP_NORM))
    return training.train_step(model, fast.compute_loss(model))


def train(size_name: str, dtype: str, number: int):
    """Prepare rounds of `number` training steps."""
    size = workload.SIZES[size_name]
    step = train_step(build(size, dtype), workload.LEARNING_RATE)
    data = [
        ({"source": tf.constant(source), "target": tf.constant(target)}, tf.constant(labels))
        for source, target, labels in workload.batches(size, number, by_length=True)
    ]
    tokens = sum(int(np.count_nonzero(labels)) for _, labels in data)

    def run_round() -> dict[str, float]:
        start = time.perf_counter()
        for inputs, labels in data:
            loss, _ = step(inputs, labels)
        loss = float(loss)
        return {"speed": tokens / (time.perf_counter() - start), "loss": loss}

    return run_round


def decode(size_name: str, batch_size: int, length: int, number: int, width: int = 1):
    """Prepare rounds of `number` batches decoded, each `length` time steps long.

    Greedily where `width` is 1, else by a beam of that many hypotheses.
    """
    size = workload.SIZES[size_name]
    model = build(size)
    never_end(model)
    decoder = fast.greedy(model) if width == 1 else fast.beam_search(model, width)
    source = random_source(size, batch_size)

    def run_round() -> dict[str, float]:
        start = time.perf_counter()
        for _ in range(number):
            decoder(source, length)
        return {"speed": number * batch_size / (time.perf_counter() - start)}

    return run_round


def never_end(model: keras.Model) -> None:
    """Make END so unlikely that every sentence runs to its full length."""
    bias = np.zeros(model.output.shape[-1], "float32")
    bias[END] = -1e4
    model.get_layer("logits").bias.assign(bias)


def random_source(size: workload.Size, batch_size: int) -> np.ndarray:
    """Return sources of ten tokens, int32 `(batch_size, 10)`."""
    random = np.random.default_rng(0)
    shape = batch_size, workload.SOURCE_LENGTH
    return random.integers(END + 1, size.vocabulary, shape).astype("int32")
