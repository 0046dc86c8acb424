"""The loss of sequence-to-sequence learning: cross-entropy over the positions that hold a token.

Only `keras` is used here, so that it runs on any Keras backend.
"""

from dataclasses import dataclass

import keras
from keras import ops

from .text import PAD


@keras.saving.register_keras_serializable("s2s_keras")
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
    logits = ops.cast(logits, "float32")  # a sum over many tokens needs more than 16 bits
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    mask = ops.cast(ops.not_equal(labels, PAD), losses.dtype)
    return ops.sum(losses * mask) / ops.maximum(ops.sum(mask), 1)


@keras.saving.register_keras_serializable("s2s_keras")
class TokenCrossEntropy(keras.metrics.Metric):
    """A metric for `compile`: the cross-entropy over all tokens of an epoch, in nats a token.

    Keras's own `loss` is a mean of the batches' means, in which a short sentence's token counts for
    more than a long one's. This sums over tokens first, and divides once.
    """

    def __init__(self, name: str = "cross_entropy", **options):
        """Begin with no token."""
        super().__init__(name=name, **options)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.tokens = self.add_weight(name="tokens", initializer="zeros")

    def update_state(self, labels, logits, sample_weight=None):
        """Add a batch: labels `(batch, time)`, logits `(batch, time, vocabulary)`.

        Keras gives sample weights here; every token counts once, whatever they are.
        """
        tokens = ops.sum(ops.cast(ops.not_equal(labels, PAD), "float32"))
        self.total.assign_add(masked_cross_entropy(labels, logits) * tokens)
        self.tokens.assign_add(tokens)

    def result(self):
        """Return −Σ log p(label) / number of labels."""
        return self.total / ops.maximum(self.tokens, 1)


@keras.saving.register_keras_serializable("s2s_keras")
class Perplexity(TokenCrossEntropy):
    """A metric for `compile`: e to the cross-entropy; as unsure as between so many equal words."""

    def __init__(self, name: str = "perplexity", **options):
        """Begin with no token."""
        super().__init__(name=name, **options)

    def result(self):
        """Return e to the cross-entropy of all tokens so far."""
        return ops.exp(super().result())


@dataclass
class TokenMean:
    """A mean over tokens, batch by batch: a mean of the batches' means weighs short ones too much.

    Attributes:
        total: the sum of the tokens' losses so far, in nats.
        tokens: how many they were.
    """

    total: float = 0.0
    tokens: float = 0.0

    def add(self, loss, count) -> float:
        """Add a batch, and return the mean so far.

        Args:
            loss: scalar, the batch's mean in nats a token.
            count: scalar, its tokens; a batch of padding only has none, and no loss.
        """
        loss, count = float(loss), float(count)
        self.total, self.tokens = self.total + (loss * count if count else 0.0), self.tokens + count
        return self.total / max(self.tokens, 1)

    def value(self) -> float:
        """Return the mean.

        Raises:
            ValueError: there was no token.
        """
        if not self.tokens:
            raise ValueError(
                "the batches hold no token to compute a loss from; give sentences, as batches that "
                "can be read again in every epoch"
            )
        return self.total / self.tokens
