"""Contender: Keras as the best-known tutorials use it.

A functional model of embedding, LSTM and dense layers, sentences as they come, padded, a softmax at
every position, `fit`; and two inference models of which `predict` is called for every token.
"""

import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from s2s_keras.text import END, PAD, START

from . import workload
from .package import random_source


def build(size: workload.Size) -> tuple[keras.Model, keras.Model, keras.Model]:
    """Build the training model, the encoder and the one-step decoder."""
    keras.utils.set_random_seed(0)
    units = size.units
    source = keras.Input((None,), dtype="int32")
    target = keras.Input((None,), dtype="int32")
    vectors = layers.Embedding(size.vocabulary, units, mask_zero=True)(source)
    _, *states = layers.LSTM(units, return_state=True)(vectors)

    embedding = layers.Embedding(size.vocabulary, units, mask_zero=True)
    decoder = layers.LSTM(units, return_sequences=True, return_state=True)
    dense = layers.Dense(size.vocabulary)
    outputs, *_ = decoder(embedding(target), initial_state=states)
    training_model = keras.Model([source, target], dense(outputs))

    encoder = keras.Model(source, states)
    inputs = [keras.Input((units,)), keras.Input((units,))]
    output, *new_states = decoder(embedding(target), initial_state=inputs)
    decoder_model = keras.Model([target, *inputs], [dense(output), *new_states])
    return training_model, encoder, decoder_model


def train(size_name: str, number: int):
    """Prepare rounds of `fit` over `number` batches."""
    size = workload.SIZES[size_name]
    model, *_ = build(size)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=PAD)
    optimizer = keras.optimizers.Adam(workload.LEARNING_RATE, global_clipnorm=workload.CLIP_NORM)
    model.compile(optimizer, loss)
    made = list(workload.batches(size, number, by_length=False))
    tokens = sum(int(np.count_nonzero(labels)) for *_, labels in made)
    ids = tf.TensorSpec([None, None], tf.int32)
    data = tf.data.Dataset.from_generator(
        lambda: (((source, target), labels) for source, target, labels in made),
        output_signature=((ids, ids), ids),
    ).cache()

    def run_round() -> dict[str, float]:
        start = time.perf_counter()
        model.fit(data, verbose=0)
        return {"speed": tokens / (time.perf_counter() - start)}

    return run_round


def decode(batch_size: int, length: int, number: int):
    """Prepare rounds of `number` batches decoded by `predict`, each `length` time steps long."""
    size = workload.SIZES["small"]
    _, encoder, decoder = build(size)
    source = random_source(size, batch_size)

    def run_round() -> dict[str, float]:
        start = time.perf_counter()
        for _ in range(number):
            states = encoder.predict(source, verbose=0)
            token = np.full((batch_size, 1), START)
            for _ in range(length):
                logits, *states = decoder.predict([token, *states], verbose=0)
                logits[:, :, END] = -1e4
                token = np.argmax(logits, axis=-1)
        return {"speed": number * batch_size / (time.perf_counter() - start)}

    return run_round
