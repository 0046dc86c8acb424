"""The loss of sequence-to-sequence learning: cross-entropy over the positions that hold a token.

Only `keras.losses` and `keras.ops` are used here, so that it runs on any Keras backend.
"""

import keras
from keras import ops

from .text import PAD


def masked_cross_entropy(labels, logits):
    """Return the mean cross-entropy over the positions that hold a token.

    The mask comes from the labels. A mask of the decoder's inputs would let one padded position of
    every shorter sentence through: where the label is already padding, the input is still END.

    Args:
        labels: integer `(batch, time)`; PAD where there is nothing to predict.
        logits: float `(batch, time, vocabulary)`.

    Returns:
        Scalar, in nats a token: −Σ log p(label) / number of labels (Sutskever et al. 2014, 3.2).
    """
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    mask = ops.cast(ops.not_equal(labels, PAD), losses.dtype)
    return ops.sum(losses * mask) / ops.maximum(ops.sum(mask), 1)
