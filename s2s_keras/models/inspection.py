"""What a training model tells of itself: its layers by name, and its configuration."""

from collections.abc import Callable

import keras
from keras import layers

from .config import Seq2SeqConfig

_CELLS = {"lstm": layers.LSTMCell, "gru": layers.GRUCell, "rnn": layers.SimpleRNNCell}


def config_of(training_model: keras.Model) -> Seq2SeqConfig:
    """Return the configuration from which `build_training_model` builds such a model again."""
    names = {layer.name for layer in training_model.layers}
    depth = sum(f"decoder_{n}" in names for n in range(1, len(names)))
    find, decoder = training_model.get_layer, training_model.get_layer("decoder_1")
    return Seq2SeqConfig(
        source_vocabulary=find("source_embedding").input_dim,
        target_vocabulary=find("target_embedding").input_dim,
        cell=_cell_of(decoder),
        units=getattr(decoder, "units", None) or decoder.cell.units,
        embedding=find("target_embedding").output_dim,
        layers=depth,
        dropout=find("output_dropout").rate if "output_dropout" in names else 0.0,
        context="every_step" if "token_and_context" in names else "start",
        attention=_attention_of(training_model),
        bidirectional=isinstance(find("encoder_1"), layers.Bidirectional),
    )


def _cell_of(layer: layers.RNN) -> str:
    for name, cell in _CELLS.items():
        if isinstance(layer.cell, cell):
            return name
    raise ValueError(
        f"{layer.name}: {type(layer.cell).__name__} is no cell that a decoder knows; give a "
        "subclass of Keras's LSTMCell, GRUCell or SimpleRNNCell"
    )


def has_attention(training_model: keras.Model) -> bool:
    """Tell whether the decoder looks at all of the encoder's outputs."""
    return _attention_of(training_model) != "none"


def _attention_of(training_model: keras.Model) -> str:
    find = finder(training_model)
    if not find("attention_output"):
        return "none"
    return "additive" if find("attention_score") else "dot"


def finder(training_model: keras.Model) -> Callable:
    """Return what gives a layer by its name, and None where there is none."""
    return {layer.name: layer for layer in training_model.layers}.get
