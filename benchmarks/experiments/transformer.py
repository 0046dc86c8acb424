"""A small Transformer in plain Keras, and the greedy decoder that reads everything again."""

from collections.abc import Callable

import keras
import numpy as np
from keras import layers, ops

from s2s_keras import batches
from s2s_keras.decoding.common import allowed, steps_to_take
from s2s_keras.text import END, PAD, START


def position_vectors(length, width: int):
    """Return sines and cosines of short to long waves (Vaswani et al. 2017, section 3.5).

    Args:
        length: number of places.
        width: of a vector, even: half of its numbers are sines, half are cosines.

    Returns:
        float32 `(length, width)`, a row for each place.
    """
    places = ops.cast(ops.arange(length), "float32")[:, None]
    speeds = 10000.0 ** (-np.arange(0, width, 2, dtype="float32") / width)
    return ops.concatenate([ops.sin(places * speeds), ops.cos(places * speeds)], axis=-1)


class PositionVectors(layers.Layer):
    """Adds to each vector one that tells its place; scales it first as in the paper (3.4)."""

    def call(self, x):
        """Return `√width · x + position_vectors`, from x `(batch, time, width)`."""
        return x * x.shape[-1] ** 0.5 + position_vectors(ops.shape(x)[1], x.shape[-1])


def build_transformer(
    source_vocabulary: int,
    target_vocabulary: int,
    *,
    width: int = 128,
    heads: int = 4,
    hidden: int = 256,
    depth: int = 2,
    dropout: float = 0.0,
    positions: bool = True,
) -> keras.Model:
    """Build a Transformer (Vaswani et al. 2017) that normalises before each part, not after it.

    Args:
        source_vocabulary: number of source token ids.
        target_vocabulary: number of target token ids V.
        width: of all vectors; even, and a multiple of `heads`.
        heads: attentions beside each other, each of `width // heads` numbers.
        hidden: width between the two dense layers of a block.
        depth: blocks of the encoder, and as many of the decoder.
        dropout: share of the values dropped before they are added.
        positions: whether the vectors of the tokens tell their places.

    Returns:
        A model from `{"source": (batch, source_length), "target": (batch, target_length)}`, both
        integer and padded on the right, to float logits `(batch, target_length, V)`.
    """
    block = {"width": width, "heads": heads, "dropout": dropout}
    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    real = ops.not_equal(source, PAD)[:, None]  # (batch, 1, source_length)

    x = _embedded(source, source_vocabulary, width, positions, "source_embedding")
    x = layers.Dropout(dropout)(x)
    for _ in range(depth):
        x = _attend(x, None, **block, attention_mask=real)
        x = _dense(x, hidden, dropout)
    read = layers.LayerNormalization(name="encoder_outputs")(x)

    x = _embedded(target, target_vocabulary, width, positions, "target_embedding")
    x = layers.Dropout(dropout)(x)
    for _ in range(depth):
        # Padding stands at the end, so that the causal mask hides it from all real places.
        x = _attend(x, None, **block, use_causal_mask=True)
        x = _attend(x, read, **block, attention_mask=real)
        x = _dense(x, hidden, dropout)
    x = layers.LayerNormalization(name="decoder_outputs")(x)
    logits = layers.Dense(target_vocabulary, name="logits")(x)
    return keras.Model({"source": source, "target": target}, logits, name="transformer")


def _embedded(ids, vocabulary: int, width: int, positions: bool, name: str):
    first = keras.initializers.RandomNormal(stddev=width**-0.5)
    x = layers.Embedding(vocabulary, width, embeddings_initializer=first, name=name)(ids)
    return PositionVectors()(x) if positions else x * width**0.5


def _attend(x, others, *, width: int, heads: int, dropout: float, **masks):
    """Add to each vector what it finds in the others; None: in the vectors that it stands among."""
    query = layers.LayerNormalization()(x)
    found = layers.MultiHeadAttention(heads, width // heads)(
        query, query if others is None else others, **masks
    )
    return x + layers.Dropout(dropout)(found)


def _dense(x, hidden: int, dropout: float):
    inner = layers.Dense(hidden, activation="relu")(layers.LayerNormalization()(x))
    return x + layers.Dropout(dropout)(layers.Dense(x.shape[-1])(inner))


def greedy(model: keras.Model) -> Callable:
    """Build a greedy decoder for a model that has no step: it reads everything again each time.

    Args:
        model: from `{"source", "target"}` to logits, with a layer "source_embedding".

    Returns:
        A function as `decoding.greedy` returns it: from source ids `(batch, source_length)` to the
        chosen ids up to and with END, then PAD.
    """

    def decode(source, max_length: int | None = None) -> np.ndarray:
        source = np.asarray(source, "int32")
        last, most = steps_to_take(
            source, max_length, model.get_layer("source_embedding").input_dim
        )
        written = np.full((len(source), 1), START, "int32")
        finished = np.zeros(len(source), bool)
        for step in range(most):
            inputs = {"source": source, "target": written}
            logits = model({k: ops.convert_to_tensor(v) for k, v in inputs.items()})[:, -1]
            token = ops.convert_to_numpy(ops.argmax(allowed(logits), axis=-1))
            token = np.where(finished, PAD, np.where(step == last, END, token))
            written = np.concatenate([written, token[:, None].astype("int32")], axis=1)
            finished |= token == END
            if finished.all():
                break
        return batches.pad(written[:, 1:], most)

    return decode
