"""The encoder–decoder as it is trained, with the true target as the decoder's input.

Only `keras.layers` and `keras.ops` are used here, so that the model runs on any Keras backend.
"""

from collections.abc import Callable, Mapping

import keras
from keras import layers, ops

from ..text import PAD
from .config import Seq2SeqConfig

CELLS = {"lstm": layers.LSTM, "gru": layers.GRU, "rnn": layers.SimpleRNN}
# What `cells` of `build_training_model` may hold.
PLACES = (*CELLS, "logits", "after_embedding", "bridge")
# What a cell hands from one timestep to the next, in Keras's order.
STATES = {
    "lstm": ("hidden_state", "cell_state"),
    "gru": ("hidden_state",),
    "rnn": ("hidden_state",),
}


def build_training_model(
    config: Seq2SeqConfig, cells: Mapping[str, Callable[..., layers.Layer]] = CELLS
) -> keras.Model:
    """Build the encoder–decoder as it is trained, with the true target as the decoder's input.

    To extend the architecture, give `cells` more entries, or other ones. Each makes a layer; the
    encoder, the decoders and the files of weights then know it:

    - The recurrent layer of each cell's name, called `(units, return_sequences=True,
      return_state=True, name=…)`: a subclass of Keras's layer, say one that adds its input to its
      output; or `keras.layers.RNN` around a subclass of Keras's cell.
    - "logits", called `(target_vocabulary, name=…)`: from `(…, units)` to `(…, target_vocabulary)`.
    - "after_embedding", called `(embedding, name=…)`, once for each language: what the token
      vectors go through. It passes Keras's mask on.
    - "bridge", called `(units, name=…)` for each of the encoder's last states: from that state to
      the decoder's first one, both `(batch, units)`. A context is what has crossed the bridge.

    For example, a bridge and a hidden layer before the logits::

        def two_layers(vocabulary, name):
            hidden = keras.layers.Dense(64, "tanh")
            return keras.Sequential([hidden, keras.layers.Dense(vocabulary)], name=name)

        cells = {**CELLS, "bridge": keras.layers.Dense, "logits": two_layers}

    A layer of another kind or in another place is refused by `build_decoder_step`: a decoder would
    translate without it.

    Args:
        config: sizes and choices.
        cells: the recurrent layer of each cell's name, and what is listed above. Layers that take
            the arguments and have the weights of Keras's give the same model.

    Returns:
        A model that takes integers,
        `{"source": (batch, source_length), "target": (batch, target_length)}`, and gives float
        logits `(batch, target_length, target_vocabulary)`. Before Keras's `load_model` reads such a
        model from a file, `import s2s_keras.fast`: it tells Keras of the package's layers, loss and
        optimizer.

    Raises:
        ValueError: `cells` has an entry of another name, a layer after the source's embedding loses
            the mask, or the policy is bfloat16, in which Keras cannot draw a first matrix.
    """
    if keras.config.dtype_policy().variable_dtype == "bfloat16":
        raise ValueError("the policy is bfloat16; set mixed_bfloat16 before the model is built")
    if unknown := sorted(cells.keys() - PLACES):
        raise ValueError(f"cells has {unknown[0]!r}: give layers for {', '.join(PLACES)}")
    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    encoder_outputs, states = _encoder(config, cells, source)

    # No mask in the decoder: its padding is on the right, after every position that has a label.
    x = _embedded(config, cells, "target")(target)
    if config.context == "every_step":
        x = layers.Concatenate(name="token_and_context")([x, _at_every_step(states[-1][0], x)])
    for depth, state in enumerate(states, start=1):
        x = layers.Dropout(config.dropout, name=f"decoder_dropout_{depth}")(x)
        x, *_ = _recurrent(config, cells, f"decoder_{depth}")(x, initial_state=state)
    if config.attention != "none":
        made = {layer.name: layer for layer in _attention_layers(config)}
        keys = attention_keys(made.get, encoder_outputs)
        x, _ = attend(made.get, x, encoder_outputs, keys, ops.not_equal(source, PAD))
    x = layers.Dropout(config.dropout, name="output_dropout")(x)
    logits = cells.get("logits", layers.Dense)(config.target_vocabulary, name="logits")(x)
    return keras.Model({"source": source, "target": target}, logits, name="training_model")


def _encoder(config: Seq2SeqConfig, cells: Mapping, source) -> tuple:
    """Return the top layer's outputs `(batch, time, units)` and every layer's last states."""
    # mask_zero makes every recurrent layer of the encoder pass its state unchanged over padding.
    x = _embedded(config, cells, "source", mask_zero=True)(source)
    states = []
    for depth in range(1, config.layers + 1):
        x = layers.Dropout(config.dropout, name=f"encoder_dropout_{depth}")(x)
        x, *state = _encoder_layer(config, cells, f"encoder_{depth}")(x)
        if config.bidirectional:
            half = len(state) // 2  # the forward layer's states come first
            state = [
                layers.Concatenate(name=f"encoder_{depth}_{name}")(both)
                for name, *both in zip(STATES[config.cell], state[:half], state[half:], strict=True)
            ]
        states.append(_bridged(config, cells, depth, state))
    return x, states


def _bridged(config: Seq2SeqConfig, cells: Mapping, depth: int, states: list) -> list:
    """Return what the decoder's layer of this depth begins with."""
    if "bridge" not in cells:
        return states
    return [
        cells["bridge"](config.units, name=f"bridge_{depth}_{name}")(state)
        for name, state in zip(STATES[config.cell], states, strict=True)
    ]


def _encoder_layer(config: Seq2SeqConfig, cells: Mapping, name: str) -> layers.Layer:
    if not config.bidirectional:
        return _recurrent(config, cells, name)
    one_way = cells[config.cell](
        config.units // 2, return_sequences=True, return_state=True, name=config.cell
    )
    return layers.Bidirectional(one_way, name=name)


def _recurrent(config: Seq2SeqConfig, cells: Mapping, name: str) -> layers.Layer:
    cell = cells[config.cell]
    return cell(config.units, return_sequences=True, return_state=True, name=name)


def _embedded(
    config: Seq2SeqConfig, cells: Mapping, side: str, mask_zero: bool = False
) -> Callable:
    """Return what makes vectors of ids: the embedding, and what follows it."""
    embedding = _embedding(config, side, mask_zero=mask_zero)
    if "after_embedding" not in cells:
        return embedding
    after = cells["after_embedding"](config.embedding, name=f"{side}_after_embedding")
    if mask_zero and not after.supports_masking:
        raise ValueError(
            f"after_embedding: {type(after).__name__} loses the mask of padding; give a layer that "
            "passes it on, such as Dense, or whose class sets supports_masking to True"
        )
    return lambda ids: after(embedding(ids))


def _embedding(config: Seq2SeqConfig, side: str, mask_zero: bool = False) -> layers.Layer:
    # Words that are used alike become alike only as far as training moves them, and from far apart
    # it moves them too little: on `course`, with attention and dropout, six epochs from 0.1 reach a
    # chrF of 88.7 on dev, and ten epochs from 1.0 reach 82.4.
    return layers.Embedding(
        getattr(config, f"{side}_vocabulary"),
        config.embedding,
        embeddings_initializer=keras.initializers.RandomNormal(stddev=0.1),
        mask_zero=mask_zero,
        name=f"{side}_embedding",
    )


def _at_every_step(vector, sequence):
    """Repeat `vector (batch, units)` along time: `(batch, time, units)`, time as in `sequence`."""
    return ops.expand_dims(vector, 1) * ops.ones_like(sequence[:, :, :1])


def _attention_layers(config: Seq2SeqConfig) -> list[layers.Layer]:
    """Return the layers of an attention; a score that is a product has no weights."""
    names = {"attention_query": config.units, "attention_key": config.units, "attention_score": 1}
    score = [layers.Dense(units, use_bias=False, name=name) for name, units in names.items()]
    joined = layers.Concatenate(name="context_and_state")
    combined = layers.Dense(
        config.units, activation="tanh", use_bias=False, name="attention_output"
    )
    return [*(score if config.attention == "additive" else []), joined, combined]


def attention_keys(find: Callable, encoder_outputs):
    """Return what the decoder's states are compared with: computed once a sentence.

    Args:
        find: gives a layer of the attention by its name, None where there is none.
        encoder_outputs: `(batch, source_length, units)`.

    Returns:
        `(batch, source_length, units)`.
    """
    project = find("attention_key")
    return project(encoder_outputs) if project else encoder_outputs


def attend(find: Callable, hidden_states, encoder_outputs, keys, source_mask) -> tuple:
    """Let decoder states look at the encoder's outputs (Luong et al. 2015, section 3.1).

    Args:
        find: gives a layer of the attention by its name, None where there is none.
        hidden_states: of the decoder, `(batch, target_length, units)`.
        encoder_outputs: `(batch, source_length, units)`; their weighted mean is the context vector.
        keys: of `attention_keys`.
        source_mask: boolean `(batch, source_length)`, False on padding.

    Returns:
        tanh(W·[context; hidden state]) `(batch, target_length, units)`, equation 5, and the weights
        `(batch, target_length, source_length)`: they sum to 1 and are 0 on padding.
    """
    if find("attention_score"):  # Bahdanau et al. 2015: v·tanh(W·state + U·output)
        query = find("attention_query")(hidden_states)
        scores = find("attention_score")(ops.tanh(query[:, :, None] + keys[:, None]))[..., 0]
    else:
        scores = ops.matmul(hidden_states, ops.transpose(keys, (0, 2, 1)))
    # e^−10⁴ is 0, and unlike −∞ it is a number even where a source has no token at all.
    weights = ops.softmax(ops.where(source_mask[:, None], scores, -1e4))
    context = ops.matmul(weights, encoder_outputs)
    return find("attention_output")(find("context_and_state")([context, hidden_states])), weights
