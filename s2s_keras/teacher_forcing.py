"""Decoder inputs between the truth and the model's own predictions: scheduled sampling."""

from collections.abc import Callable

import keras
import tensorflow as tf

from .models import build_decoder_step, build_encoder, unroll


def mix_in_own_predictions(training_model: keras.Model) -> Callable:
    """Build a function that replaces true decoder inputs by the model's own predictions.

    Each position after START keeps the true token with probability `teacher_forcing`; elsewhere
    the decoder reads what it predicted itself one step before, having read this same mixture until
    then (scheduled sampling: Bengio et al. 2015, section 2.4). At 0 it sees only its own output.

    Returns:
        Function `(inputs, teacher_forcing, seed) -> inputs` over batches of `make_batches`; `seed`
        is int32 `(2,)`.
    """
    encoder, decoder_step = build_encoder(training_model), build_decoder_step(training_model)

    def mix(inputs, teacher_forcing, seed):
        source, target = inputs["source"], inputs["target"]
        is_true = tf.random.stateless_uniform(tf.shape(target), seed) < teacher_forcing

        def next_input(logits, step):
            # What is chosen at the last step is never read; any column will do for it.
            column = tf.minimum(step + 1, tf.shape(target)[1] - 1)
            predicted = tf.argmax(logits, axis=-1, output_type=tf.int32)
            return tf.where(is_true[:, column], target[:, column], predicted)

        states = keras.tree.flatten(encoder(source, training=False))
        chosen = unroll(decoder_step, states, target[:, 0], tf.shape(target)[1], next_input)
        return {"source": source, "target": tf.concat([target[:, :1], chosen[:, :-1]], axis=1)}

    return mix
