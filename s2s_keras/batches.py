"""From lists of token ids to batches: teacher-forcing shift, reversal, buckets, padding."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from .text import END, PAD, START

# Sentences are batched with others of about their length: buckets end at these many tokens.
BUCKETS = (4, 6, 8, 10, 12, 16, 20, 28, 40, 60, 100)


def teacher_forcing_shift(ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return what the decoder reads and what it must predict, one position apart.

    Args:
        ids: token ids of one target sentence, without START and END.

    Returns:
        `(decoder_inputs, labels)`, both `len(ids) + 1` long: START comes first in the inputs, END
        last in the labels, so that position t reads the true token t − 1 and predicts token t
        (Sutskever et al. 2014, equation 1; "teacher forcing": Williams and Zipser 1989).
    """
    return [START, *ids], [*ids, END]


def pad(sequences: Sequence[Sequence[int]], length: int | None = None) -> np.ndarray:
    """Pad id sequences on the right.

    The right side, because cuDNN's kernels accept padding only there; reverse a source before this.

    Args:
        sequences: one list of ids a sentence.
        length: width of the result; the longest sequence by default. Longer ones lose their end.

    Returns:
        int32 array `(batch, length)`; every row has at least one column.
    """
    length = length or max(1, max(map(len, sequences), default=1))
    return keras.utils.pad_sequences(
        sequences, maxlen=length, dtype="int32", padding="post", truncating="post", value=PAD
    )


def source_order(ids: Sequence[int], reverse_source: bool) -> list[int]:
    """Return the ids in the order in which the encoder reads them (Sutskever et al. 2014, 3.3)."""
    return list(reversed(ids)) if reverse_source else list(ids)


def make_batches(
    source_ids: Sequence[Sequence[int]],
    target_ids: Sequence[Sequence[int]],
    batch_size: int,
    *,
    reverse_source: bool = False,
    shuffle_seed: int | None = None,
) -> tf.data.Dataset:
    """Batch sentence pairs for training or scoring.

    Args:
        source_ids: one list of ids a source sentence.
        target_ids: one list of ids a target sentence, in the same order, without START and END.
        batch_size: sentences in a batch; the last batch of a bucket may be smaller.
        reverse_source: feed the source from its last token to its first.
        shuffle_seed: a new order every epoch, the same in every run that starts with the same
            `keras.utils.set_random_seed`; None keeps the order.

    Returns:
        Batches `({"source": (batch, s), "target": (batch, t)}, labels (batch, t))`, all int32,
        padded on the right. "target" is what the decoder reads: the labels moved by one.
    """
    sources = tf.ragged.constant(
        [source_order(ids, reverse_source) or [PAD] for ids in source_ids], dtype=tf.int32
    )
    shifted = [teacher_forcing_shift(ids) for ids in target_ids]
    inputs = tf.ragged.constant([read for read, _ in shifted], dtype=tf.int32)
    labels = tf.ragged.constant([predicted for _, predicted in shifted], dtype=tf.int32)

    pairs = tf.data.Dataset.from_tensor_slices((sources, inputs, labels))
    pairs = pairs.map(lambda *row: row)  # A row of a ragged tensor becomes a plain tensor.
    if shuffle_seed is not None:
        pairs = pairs.shuffle(len(source_ids), seed=shuffle_seed)
    batches = pairs.bucket_by_sequence_length(
        # The sum of both lengths: a step costs source_length + target_length.
        element_length_func=lambda source, target, _: (tf.size(source) + tf.size(target)) // 2,
        bucket_boundaries=BUCKETS,
        bucket_batch_sizes=[batch_size] * (len(BUCKETS) + 1),
    )
    return batches.map(lambda source, target, label: ({"source": source, "target": target}, label))
