"""From lists of token ids to padded batches of sentence pairs that are about equally long."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import keras
import numpy as np

from .text import END, PAD, START

if TYPE_CHECKING:  # padding and the shift are of use where only another backend is installed
    import tensorflow as tf

# The sentences of so many batches are drawn together and then sorted by length. With more of them
# there is less padding; with fewer, the batches differ more from epoch to epoch.
POOL = 100


def teacher_forcing_shift(ids: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return what the decoder reads and what it must predict: the same ids, one position apart.

    Args:
        ids: token ids of one target sentence, without START and END.

    Returns:
        `(decoder_inputs, labels)`, both of length `len(ids) + 1`. The inputs begin with START and
        the labels end with END, so that position t reads the true token t − 1 and predicts token t
        (Sutskever et al. 2014, equation 1; "teacher forcing": Williams and Zipser 1989).
    """
    return [START, *ids], [*ids, END]


def pad(sequences: Sequence[Sequence[int]], length: int | None = None) -> np.ndarray:
    """Pad id sequences on the right, the only side where cuDNN's kernels accept padding.

    A source that is to be reversed is reversed before this.

    Args:
        sequences: one list of ids per sentence.
        length: width of the result; that of the longest sequence by default. A longer sequence
            loses its end.

    Returns:
        int32 array `(batch, length)` with at least one column.
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
) -> "tf.data.Dataset":
    """Batch sentence pairs for training or scoring, each pair with others of about its length.

    A batch is as wide as its longest sentence. All shorter sentences are padded, and the padding
    is computed for nothing; sentences of one length need almost none. In Sutskever et al. (2014,
    section 3.4) this made training twice as fast.

    Args:
        source_ids: one list of ids per source sentence; an iterator will do.
        target_ids: one list of ids per target sentence, in the same order, without START and END.
        batch_size: sentences in a batch; the last batch may be smaller.
        reverse_source: feed the source from its last token to its first.
        shuffle_seed: gives each epoch a new order, and the same orders in every run. With None the
            shortest targets come first, and pairs of equal lengths keep their order.

    Returns:
        A dataset of batches,
        `({"source": (batch, source_length), "target": (batch, target_length)}, labels)`, the
        labels `(batch, target_length)`, all int32, padded on the right. "target" is what the
        decoder reads: the labels moved by one position. `len` gives the number of batches. Each
        pass over them is an epoch with its own order; `set_epoch(number)` (an attribute, named as
        in PyTorch's DistributedSampler) says which one the next pass is, from 0. `after(number)`
        gives an epoch without its first batches, for which nothing is read.

    Raises:
        ValueError: There are more sentences in one language than in the other.
    """
    ids = PairIds.of(zip(source_ids, target_ids, strict=True))
    return batches_of(ids, batch_size, reverse_source=reverse_source, shuffle_seed=shuffle_seed)


class PairIds:
    """The token ids of sentence pairs, end to end: no Python object for each sentence.

    Attributes:
        tokens: int32 `(tokens,)`, the source and then the target of each pair, pair by pair. An
            array, or whatever else gives a slice as an array, such as a file.
        lengths: int32 `(2, pairs)`: how many tokens the targets have, and the sources.
        starts: int64 `(pairs,)`: where each pair begins.
    """

    def __init__(self, tokens: np.ndarray, lengths: np.ndarray):
        """Take tokens, and the lengths of the targets and of the sources."""
        self.tokens, self.lengths = tokens, lengths
        of_pairs = lengths.sum(axis=0, dtype="int64")
        self.starts = np.cumsum(of_pairs) - of_pairs

    @classmethod
    def of(cls, pairs: Iterable[tuple[Sequence[int], Sequence[int]]]) -> "PairIds":
        """Collect pairs (source, target) in memory: four bytes a token, sixteen a pair."""
        tokens, lengths = end_to_end(pairs)
        return cls(tokens, np.ascontiguousarray(lengths.T))

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.starts)

    def padded(self, members: np.ndarray, reverse_source: bool) -> tuple[np.ndarray, ...]:
        """Return some of the pairs as a batch: source, decoder inputs and labels, as `pad` does.

        Args:
            members: int64 `(batch,)`, the numbers of the pairs.
            reverse_source: whether the source is read from its last token to its first.
        """
        targets, sources = self.lengths[:, members]
        starts = self.starts[members]
        ends = starts + sources + targets
        flat = [self.tokens[start:end] for start, end in np.stack([starts, ends], 1).tolist()]
        both = _rows(np.concatenate(flat), np.stack([sources, targets], axis=1).ravel())
        source, target = both[::2, : max(1, sources.max())], both[1::2, : targets.max()]
        if reverse_source:
            places = sources[:, None] - 1 - np.arange(source.shape[1])
            backwards = np.take_along_axis(source, np.maximum(places, 0), axis=1)
            source = np.where(places < 0, PAD, backwards)
        # `teacher_forcing_shift` for all rows at once.
        inputs = np.pad(target, ((0, 0), (1, 0)), constant_values=START)
        labels = np.pad(target, ((0, 0), (0, 1)), constant_values=PAD)
        labels[np.arange(len(members)), targets] = END
        return source, inputs, labels


def _rows(tokens: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Cut tokens into rows of these lengths, and pad them on the right."""
    columns = np.arange(max(1, lengths.max()))
    rows = np.full((len(lengths), len(columns)), PAD, "int32")
    rows[columns < lengths[:, None]] = tokens  # row by row
    return rows


def end_to_end(pairs: Iterable[tuple[Sequence[int], Sequence[int]]]) -> tuple[np.ndarray, ...]:
    """Return the tokens of pairs, int32, and `(pairs, 2)` lengths: of the target, of the source."""
    tokens, lengths = array("i"), array("i")
    for source, target in pairs:
        tokens.extend(source)
        tokens.extend(target)
        lengths.extend((len(target), len(source)))
    return np.asarray(tokens), np.asarray(lengths).reshape(-1, 2)


def batches_of(
    ids: PairIds, batch_size: int, *, reverse_source: bool = False, shuffle_seed: int | None = None
) -> "tf.data.Dataset":
    """Batch sentence pairs whose ids are end to end, as `make_batches` does with lists."""
    import tensorflow as tf

    lengths = ids.lengths
    if not lengths[1].all():  # an empty source is one column of padding
        lengths = np.maximum(lengths, [[0], [1]])
    next_epoch = 0
    # tf.data has nothing to tune here, and on a busy machine its tuner may sleep for a second and
    # more at the end of an epoch, which would wait for it.
    options = tf.data.Options()
    options.autotune.enabled = False

    def set_epoch(number: int) -> None:
        nonlocal next_epoch
        next_epoch = number

    def epoch(first: int) -> Iterator[tuple]:
        # A generator for each epoch: its order does not depend on how far another epoch was read.
        nonlocal next_epoch
        number, next_epoch = next_epoch, next_epoch + 1
        random = None if shuffle_seed is None else np.random.default_rng((shuffle_seed, number))
        for members in islice(members_of_batches(lengths, batch_size, random), first, None):
            source, inputs, labels = ids.padded(members, reverse_source)
            yield {"source": source, "target": inputs}, labels

    def after(first: int) -> "tf.data.Dataset":
        form = tf.TensorSpec([None, None], tf.int32)
        form = {"source": form, "target": form}, form
        left = tf.data.Dataset.from_generator(lambda: epoch(first), output_signature=form)
        return left.with_options(options)

    number = tf.data.experimental.assert_cardinality(-(-len(ids) // batch_size))
    batches = after(0).apply(number).prefetch(2)
    batches.set_epoch, batches.after = set_epoch, after
    return batches


def check_form(name: str, batches: Iterable) -> None:
    """Raise ValueError unless batches can be trained on: of `make_batches`, or a list of such.

    Args:
        name: what messages call them.
        batches: a dataset that knows how many batches it has, or a list; only the first is looked
            at.
    """
    form = 'make_batches gives: ({"source": (batch, time), "target": (batch, time)}, labels), int32'
    if hasattr(batches, "__next__"):
        kind = type(batches).__name__
        raise ValueError(f"{name} is a {kind}, which can be read only once; give what {form}")
    try:
        if hasattr(batches, "__len__") and not len(batches):
            raise ValueError(f"{name} has no batch; give at least one sentence")
    except TypeError as error:  # a dataset that does not know how many batches it has
        raise ValueError(
            f"{name} does not know its number of batches; tell it by "
            "tf.data.experimental.assert_cardinality"
        ) from error
    if not hasattr(batches, "element_spec") and not hasattr(batches, "__getitem__"):
        return  # something of one's own, which is not to be begun here
    spec = batches.element_spec if hasattr(batches, "element_spec") else batches[0]
    try:
        inputs, labels = spec
        arrays = [inputs["source"], inputs["target"], labels]
        right = {*inputs} == {"source", "target"} and all(
            keras.backend.standardize_dtype(array.dtype) == "int32" and len(array.shape) == 2
            for array in arrays
        )
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        right = False
    if not right:
        given = keras.tree.map_structure(_described, spec)
        raise ValueError(f"{name} gives batches of {given}; give what {form}")


def _described(array) -> str:
    shape = "×".join("?" if size is None else str(size) for size in getattr(array, "shape", ()))
    kind = getattr(array, "dtype", type(array).__name__)
    return f"{getattr(kind, 'name', kind)} {shape}".strip()


def members_of_batches(
    lengths: np.ndarray, batch_size: int, random: np.random.Generator | None
) -> Iterator[np.ndarray]:
    """Draw the batches of one epoch.

    The sentences are drawn in pools. A pool is sorted by the length of the target, then of the
    source, and cut into batches, which are given in random order.

    Args:
        lengths: `(2, sentences)`, of the targets in the first row, of the sources in the second.
        batch_size: sentences in a batch; the last batch of a pool may be smaller.
        random: draws the order. With None all sentences are one pool, and its batches stay sorted.

    Yields:
        For each batch the int64 indices of its sentences, `(batch,)`.
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
