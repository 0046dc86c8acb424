"""Equal `encode_all` and `decode` of every tokenizer, in operations of TensorFlow."""

import base64
import hashlib

import numpy as np
import tensorflow as tf

from ..text import SPECIALS, UNK, Tokenizer
from ..text.subwords import with_pieces_of
from . import graph_text


class Reader(tf.Module):
    """Strings `(batch,)` to ragged ids `(batch, tokens)`, without START and END."""

    def __init__(self, tokenizer: Tokenizer):
        """Take the tables that the graph looks up, from a tokenizer of any kind."""
        super().__init__()
        self._kind = tokenizer.kind
        self._lowercase = tokenizer.state()["options"]["lowercase"]
        if self._kind == "subword":
            self._pieces = _sentencepiece(tokenizer)
        else:
            ids = np.arange(tokenizer.vocabulary_size, dtype="int32")
            table = tf.lookup.KeyValueTensorInitializer(tokenizer.vocabulary, ids)
            self._ids = tf.lookup.StaticHashTable(table, UNK)

    def __call__(self, texts):
        """Return the ids of any texts."""
        texts = graph_text.normalise(texts, self._lowercase)
        if self._kind == "subword":
            return self._pieces.tokenize(texts)
        if self._kind == "word":
            return self._ids.lookup(graph_text.words(texts))
        clusters = graph_text.graphemes(texts)
        known = self._ids.lookup(clusters.flat_values) != UNK
        return self._ids.lookup(graph_text.spelt(clusters, known))


class Writer(tf.Module):
    """Ragged ids `(batch, tokens)`, without PAD, START and END, to strings `(batch,)`."""

    def __init__(self, tokenizer: Tokenizer):
        """Take the pieces that the graph joins, from a tokenizer of any kind."""
        super().__init__()
        self._kind = tokenizer.kind
        if self._kind == "subword":
            self._pieces = _sentencepiece(tokenizer)
        else:
            self._pieces = tf.Variable(tokenizer.vocabulary, trainable=False)
        if self._kind == "word":
            self._join = graph_text.joiner(tokenizer.vocabulary)

    def __call__(self, ids):
        """Return the normalised texts of ids."""
        if self._kind == "subword":
            texts = self._pieces.detokenize(ids)
        else:
            pieces = ids.with_flat_values(tf.gather(self._pieces, ids.flat_values))
            between = " " if self._kind == "word" else ""
            texts = tf.strings.reduce_join(pieces, axis=1, separator=between)
        return graph_text.normalise(self._join(texts) if self._kind == "word" else texts)


def _sentencepiece(tokenizer: Tokenizer):
    from tensorflow_text import SentencepieceTokenizer

    model = with_pieces_of(base64.b64decode(tokenizer.state()["learnt"]), SPECIALS)
    # Where a process has loaded a model of this name already, it takes that one: a name of its own.
    name = f"pieces_{hashlib.sha256(model).hexdigest()}"
    return SentencepieceTokenizer(model=model, out_type=tf.int32, name=name)
