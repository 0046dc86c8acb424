"""A SavedModel from strings to strings: TensorFlow and tensorflow-text serve it, nothing else."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ..decoding.common import NEVER_CHOSEN, longest_target
from ..errors import InputError
from ..models import build_decoder_step, build_encoder, unroll
from ..text import END, PAD, START, Tokenizer
from ..translator import Translator
from .graph_tokenizers import Reader, Writer
from .plain import plain_model


def write_savedmodel(translator: Translator, folder: Path) -> None:
    """Write a SavedModel whose signature takes `sentences` and returns `translations`.

    Raises:
        InputError: tensorflow-text is missing.
    """
    try:
        import tensorflow_text  # noqa: F401
    except ImportError as error:
        raise InputError(
            "export: savedmodel needs tensorflow-text, which is not installed (on Windows it "
            "cannot be); use onnx or web"
        ) from error
    tokenizers = (translator.source_tokenizer, translator.target_tokenizer)
    module = _Served(plain_model(translator), *tokenizers, translator.reverse_source)
    tf.saved_model.save(module, folder, {"serving_default": module.translate})


class _Served(tf.Module):
    """Everything between a string and its translation, as TensorFlow's operations."""

    def __init__(self, model: keras.Model, source: Tokenizer, target: Tokenizer, reverse: bool):
        super().__init__()
        self._encoder, self._step = build_encoder(model), build_decoder_step(model)
        self._weights = [variable.value for variable in model.variables]
        self._read, self._write, self._reverse = Reader(source), Writer(target), reverse

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "sentences")], autograph=False)
    def translate(self, sentences):
        """Translate strings `(batch,)` greedily."""
        rows = self._read(sentences)
        lengths = tf.cast(rows.row_lengths(), tf.int32)
        rows = tf.reverse(rows, [1]) if self._reverse else rows
        # A sentence of no word ends at once; its one token stands for it in the encoder.
        ids = rows.to_tensor(PAD)
        ids = tf.pad(ids, [(0, 0), (0, 1)])[:, : tf.reduce_max(tf.concat([lengths, [1]], 0))]
        ids = tf.where((lengths[:, None] == 0) & (tf.range(tf.shape(ids)[1]) == 0), END, ids)
        last = tf.where(lengths == 0, 0, longest_target(lengths) - 1)
        states = keras.tree.flatten(self._encoder(ids, training=False))

        def choose(logits, step):
            never = np.isin(np.arange(logits.shape[-1]), NEVER_CHOSEN)
            logits = tf.where(never, -np.inf, tf.cast(logits, tf.float32))
            return tf.where(step == last, END, tf.argmax(logits, axis=-1, output_type=tf.int32))

        most = tf.reduce_max(tf.concat([last, [-1]], 0)) + 1
        chosen = unroll(self._step, states, tf.fill(tf.shape(last), START), most, choose, END)
        written = (chosen != PAD) & (chosen != END)
        return {"translations": self._write(tf.ragged.boolean_mask(chosen, written))}
