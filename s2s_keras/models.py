"""Three Keras models that share their layers: the training model, the encoder, the decoder step.

Only `keras.layers` and `keras.ops` are used here, so that the models run on any Keras backend.
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import layers, ops

from .recurrent import GRU, LSTM

CELLS = {"lstm": LSTM, "gru": GRU, "rnn": layers.SimpleRNN}
CONTEXTS = ("start", "every_step")


@dataclass(frozen=True)
class Seq2SeqConfig:
    """What an encoder–decoder is built from.

    Attributes:
        source_vocabulary: number of source token ids.
        target_vocabulary: number of target token ids V.
        cell: "lstm", "gru" or "rnn".
        units: width of every recurrent layer.
        embedding: width of the token vectors.
        layers: recurrent layers in the encoder, and as many in the decoder.
        dropout: share of the values dropped between layers in training (Zaremba et al. 2014).
        context: where the decoder sees the encoder's last state: as its own first state only
            ("start", Sutskever et al. 2014) or also beside every token ("every_step", Cho et al.
            2014).
    """

    source_vocabulary: int
    target_vocabulary: int
    cell: str = "lstm"
    units: int = 256
    embedding: int = 256
    layers: int = 1
    dropout: float = 0.2
    context: str = "start"

    def __post_init__(self):
        """Refuse values that cannot be built, with the field's name."""
        for name in ("source_vocabulary", "target_vocabulary", "units", "embedding", "layers"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is {value}: give a whole number of 1 or more")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout}: give a share from 0 to below 1")
        if self.cell not in CELLS:
            raise ValueError(f"cell is {self.cell!r}: give one of {', '.join(CELLS)}")
        if self.context not in CONTEXTS:
            raise ValueError(f"context is {self.context!r}: give one of {', '.join(CONTEXTS)}")


def build_training_model(config: Seq2SeqConfig) -> keras.Model:
    """Build the encoder–decoder as it is trained, with the true target as the decoder's input.

    Args:
        config: sizes and choices.

    Returns:
        A model from `{"source": (batch, source_length), "target": (batch, target_length)}`, both
        integer, to float logits `(batch, target_length, target_vocabulary)`.
    """
    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")

    # mask_zero makes every recurrent layer of the encoder pass its state unchanged over padding.
    x = _embedding(config, "source", mask_zero=True)(source)
    states = []
    for depth in range(1, config.layers + 1):
        x = layers.Dropout(config.dropout, name=f"encoder_dropout_{depth}")(x)
        x, *state = _recurrent(config, f"encoder_{depth}")(x)
        states.append(state)

    # No mask in the decoder: its padding is on the right, after every position that has a label.
    x = _embedding(config, "target")(target)
    if config.context == "every_step":
        x = layers.Concatenate(name="token_and_context")([x, _at_every_step(states[-1][0], x)])
    for depth, state in enumerate(states, start=1):
        x = layers.Dropout(config.dropout, name=f"decoder_dropout_{depth}")(x)
        x, *_ = _recurrent(config, f"decoder_{depth}")(x, initial_state=state)
    x = layers.Dropout(config.dropout, name="output_dropout")(x)
    logits = layers.Dense(config.target_vocabulary, name="logits")(x)
    return keras.Model({"source": source, "target": target}, logits, name="training_model")


def build_encoder(training_model: keras.Model) -> keras.Model:
    """Cut the encoder out of a training model; the layers, and so the weights, are shared.

    Returns:
        A model from `source (batch, source_length)` to the list of the last states, layer after
        layer (LSTM: h and c of each), every one `(batch, units)`.
    """
    states = [
        state for encoder, _ in recurrent_layers(training_model) for state in encoder.output[1:]
    ]
    return keras.Model(training_model.get_layer("source").output, states, name="encoder")


def build_decoder_step(training_model: keras.Model) -> keras.Model:
    """Build the decoder for one time step around the layers of a training model.

    Returns:
        A model from `[token (batch, 1), *states]` to `[logits (batch, V), *states]`. The states
        come in the order of `build_encoder`; where the context is given at every step, the
        encoder's last hidden state is handed through as one state more (see `first_states`).
    """
    pairs = recurrent_layers(training_model)
    token = keras.Input((1,), dtype="int32", name="token")
    states = [
        [keras.Input((decoder.units,), name=f"{decoder.name}_state_{i}") for i in range(width)]
        for decoder, width in ((decoder, len(encoder.output) - 1) for encoder, decoder in pairs)
    ]
    x = training_model.get_layer("target_embedding")(token)[:, 0]
    context = []
    if has_context_at_every_step(training_model):
        context = [keras.Input((pairs[-1][0].units,), name="context")]
        x = training_model.get_layer("token_and_context")([x, context[0]])

    new_states = []
    for (_, decoder), state in zip(pairs, states, strict=True):
        # The cell is the layer's one step: no loop over a sequence of length one. Keras calls all
        # cells alike, and a model wants its layers' names to differ.
        decoder.cell.name = f"{decoder.name}_cell"
        x, new_state = decoder.cell(x, state)
        new_states += new_state
    logits = training_model.get_layer("logits")(x)
    inputs = [token, *(s for state in states for s in state), *context]
    return keras.Model(inputs, [logits, *new_states, *context], name="decoder_step")


def first_states(training_model: keras.Model, encoder_states: list) -> list:
    """Return the decoder step's first states, from those with which the encoder ends."""
    encoder_states = keras.tree.flatten(encoder_states)  # Keras returns a single state bare.
    if not has_context_at_every_step(training_model):
        return encoder_states
    widths = [len(encoder.output) - 1 for encoder, _ in recurrent_layers(training_model)]
    top_hidden_state = encoder_states[-widths[-1]]
    return [*encoder_states, top_hidden_state]


def has_context_at_every_step(training_model: keras.Model) -> bool:
    """Tell whether the decoder reads the encoder's last hidden state beside every token."""
    return any(layer.name == "token_and_context" for layer in training_model.layers)


def unroll(
    decoder_step: keras.Model,
    states: list,
    first_token,
    length: int,
    choose: Callable,
    stop: int | None = None,
    columns: int | None = None,
):
    """Run the decoder step by step, each step reading the token that the last one chose.

    Args:
        decoder_step: the model of `build_decoder_step`, or what is called alike.
        states: its first states, see `first_states`.
        first_token: int32 `(batch,)`: START for every sentence.
        length: number of steps at most.
        choose: function `(logits of decoder_step, step) -> token (batch,)`, int32.
        stop: end early once every sentence has chosen this id; None runs all steps.
        columns: width of the result, `length` or more; a compiler wants it fixed.

    Returns:
        int32 `(batch, columns)`: the chosen tokens; 0 (padding) after a sentence has stopped.
    """
    batch = ops.shape(first_token)[0]
    columns = length if columns is None else columns
    tokens = ops.zeros((batch, columns), dtype="int32")
    finished = ops.zeros((batch,), dtype="bool")

    def going_on(step, token, tokens, finished, *states):
        return ops.logical_and(step < length, ops.logical_not(ops.all(finished)))

    def advance(step, token, tokens, finished, *states):
        logits, *states = decoder_step([token[:, None], *states], training=False)
        token = ops.where(finished, 0, choose(logits, step))
        tokens = ops.where(ops.arange(columns) == step, token[:, None], tokens)
        if stop is not None:
            finished = ops.logical_or(finished, token == stop)
        return step + 1, token, tokens, finished, *states

    start = (ops.convert_to_tensor(0), first_token, tokens, finished, *states)
    return ops.while_loop(going_on, advance, start)[2]


def _embedding(config: Seq2SeqConfig, side: str, mask_zero: bool = False) -> layers.Layer:
    # Keras's default, ±0.05, whispers: the LSTM hears its own bias first and learns words late.
    return layers.Embedding(
        getattr(config, f"{side}_vocabulary"),
        config.embedding,
        embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0),
        mask_zero=mask_zero,
        name=f"{side}_embedding",
    )


def _recurrent(config: Seq2SeqConfig, name: str) -> layers.Layer:
    return CELLS[config.cell](config.units, return_sequences=True, return_state=True, name=name)


def recurrent_layers(training_model: keras.Model) -> list[tuple[layers.Layer, layers.Layer]]:
    """Return the (encoder, decoder) layers of every depth, found by name."""
    names = {layer.name for layer in training_model.layers}
    depths = range(1, 1 + sum(f"encoder_{n}" in names for n in range(1, len(names))))
    return [
        (training_model.get_layer(f"encoder_{n}"), training_model.get_layer(f"decoder_{n}"))
        for n in depths
    ]


def _at_every_step(vector, sequence):
    """Repeat `vector (batch, units)` along time: `(batch, time, units)`, time as in `sequence`."""
    return ops.expand_dims(vector, 1) * ops.ones_like(sequence[:, :, :1])
