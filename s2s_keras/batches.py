"""From lists of token ids to batches: teacher-forcing shift, reversal, like lengths, padding."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

import keras
import numpy as np
import tensorflow as tf

from .text import END, PAD, START

# So many batches are drawn at a time and filled anew by length: more of them leave less padding,
# fewer mix the sentences better from epoch to epoch.
POOL = 100


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
    source_ids: Iterable[Sequence[int]],
    target_ids: Iterable[Sequence[int]],
    batch_size: int,
    *,
    reverse_source: bool = False,
    shuffle_seed: int | None = None,
) -> tf.data.Dataset:
    """Batch sentence pairs for training or scoring, each with others of its length.

    A batch is as wide as its longest sentence, and what the others lack is padding: computed for
    nothing. Sentences of one length leave next to none (Sutskever et al. 2014, 3.4: twice as fast).

    Args:
        source_ids: one list of ids a source sentence; an iterator will do.
        target_ids: one list of ids a target sentence, in the same order, without START and END.
        batch_size: sentences in a batch; the last batch may be smaller.
        reverse_source: feed the source from its last token to its first.
        shuffle_seed: a new order every epoch, the same in every run; None gives the shortest
            targets first, and keeps the order among equal lengths.

    Returns:
        Batches `({"source": (batch, s), "target": (batch, t)}, labels (batch, t))`, all int32,
        padded on the right. "target" is what the decoder reads: the labels moved by one. `len`
        gives their number.
    """
    sources = _ragged(source_order(ids, reverse_source) or [PAD] for ids in source_ids)
    targets = _ragged([START, *ids, END] for ids in target_ids)
    # Raises where they differ in number.
    lengths = np.stack([side.row_lengths().numpy().astype("int32") for side in (targets, sources)])
    epochs = count()

    def members_of_next_epoch():
        # Its own generator: an epoch's order does not hang on how far another one was read.
        number = next(epochs)
        random = None if shuffle_seed is None else np.random.default_rng((shuffle_seed, number))
        return members_of_batches(lengths, batch_size, random)

    def assemble(members):
        source, target = (tf.gather(side, members).to_tensor(PAD) for side in (sources, targets))
        # `teacher_forcing_shift` of all rows: a shorter row's END would still be among the inputs.
        inputs, labels = target[:, :-1], target[:, 1:]
        return {"source": source, "target": tf.where(labels == PAD, PAD, inputs)}, labels

    members = tf.data.Dataset.from_generator(
        members_of_next_epoch,
        output_signature=tf.TensorSpec([None], tf.int64),
    )
    number = tf.data.experimental.assert_cardinality(-(-lengths.shape[1] // batch_size))
    return members.apply(number).map(assemble).prefetch(2)


def members_of_batches(
    lengths: np.ndarray, batch_size: int, random: np.random.Generator | None
) -> Iterator[np.ndarray]:
    """Draw one epoch: for each batch the indices of its sentences, from `lengths (2, sentences)`.

    Sentences are drawn a pool at a time, sorted within it by the length of the target, then of the
    source, and cut into batches, which leave the pool in any order.
    """
    sentences = lengths.shape[1]
    order = np.arange(sentences) if random is None else random.permutation(sentences)
    pool_size = max(1, sentences) if random is None else POOL * batch_size
    for start in range(0, sentences, pool_size):
        pool = order[start : start + pool_size]
        pool = pool[np.lexsort(lengths[::-1, pool])]
        cuts = np.arange(batch_size, len(pool), batch_size)
        batches = np.split(pool, cuts)
        yield from (
            batches
            if random is None
            else map(batches.__getitem__, random.permutation(len(batches)))
        )


def _ragged(sentences: Iterable[Sequence[int]]) -> tf.RaggedTensor:
    """Keep sentences end to end: four bytes a token, and no object a sentence."""
    tokens, lengths = array("i"), array("q")
    for ids in sentences:
        tokens.extend(ids)
        lengths.append(len(ids))
    return tf.RaggedTensor.from_row_lengths(np.asarray(tokens), np.asarray(lengths), validate=False)
