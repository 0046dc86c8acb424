"""The encoder and the decoder's one timestep, cut out of training models whose layers they share.

Only `keras.layers` and `keras.ops` are used here, so that the models run on any Keras backend.
"""

from collections.abc import Callable

import keras
from keras import layers, ops

from ..text import PAD
from .agreement import check_agreement, refusal, unused
from .config import Seq2SeqConfig
from .inspection import config_of, finder, has_attention
from .training_model import STATES, attend, attention_keys

_OWN_CALLS = [kind.call for kind in (layers.RNN, layers.LSTM, layers.GRU, layers.SimpleRNN)]


def build_encoder(*training_models: keras.Model) -> keras.Model:
    """Cut the encoder out of a training model; the layers, and so the weights, are shared.

    Args:
        *training_models: of `build_training_model`; several make one ensemble.

    Returns:
        A model from `source (batch, source_length)` to all that the decoder begins with. First come
        the last states, layer after layer (LSTM: h and c of each), every one `(batch, units)`. Then
        what stays the same at every timestep: where the context is given at every step, the top
        layer's h once more; with attention, the encoder's outputs and their keys, `(batch,
        source_length, units)` (one array where both are the same), and the mask of the source
        `(batch, source_length)`, False on padding. An ensemble has all these model after model.
    """
    if len(training_models) > 1:
        return _ensemble_encoder(training_models)
    return _encoder(*training_models)


def _encoder(training_model: keras.Model, name: str = "encoder") -> keras.Model:
    config = config_of(training_model)
    source = training_model.get_layer("source").output
    states = _first_states(training_model, config)
    outputs = [state for of_layer in states for state in of_layer]
    if config.context == "every_step":
        outputs.append(states[-1][0])
    if config.attention != "none":
        encoder_outputs = training_model.get_layer(f"encoder_{config.layers}").output[0]
        keys = attention_keys(finder(training_model), encoder_outputs)
        mask = ops.not_equal(source, PAD)
        # Zeros where there is no token; and an array without Keras's own mask, which has done its
        # work: the next model would warn of it.
        memory = [encoder_outputs] if keys is encoder_outputs else [encoder_outputs, keys]
        outputs += [ops.where(mask[:, :, None], array, 0.0) for array in memory] + [mask]
    return _model(source, outputs, name)


def build_decoder_step(*training_models: keras.Model, attention: bool = False) -> keras.Model:
    """Build the decoder for one timestep around the layers of a training model.

    Args:
        *training_models: of `build_training_model`; several make one ensemble, whose probabilities
            are the mean of theirs (Sutskever et al. 2014, 3.6). They share their tokenizers.
        attention: whether to give the attention's weights, too.

    Returns:
        A model from `[token (batch, 1), *states]` to `[logits (batch, V), *states]`, or to
        `[logits, attention weights (batch, source_length), *states]`. The states come in the order
        of `build_encoder`; those that stay the same are handed through.

    Raises:
        ValueError: `attention` is asked of a model that has none, or of an ensemble; or for an
            example, encoder and step give other logits than the training model: it has layers that
            they do not know. See `build_training_model` for those that they know.
    """
    if attention and (len(training_models) > 1 or not has_attention(training_models[0])):
        raise ValueError("attention weights: give one model that was built with attention")
    if len(training_models) > 1:
        return _ensemble_step(training_models)
    return _checked_step(*training_models, attention=attention)


def _checked_step(
    training_model: keras.Model, attention: bool = False, name: str = "decoder_step"
) -> keras.Model:
    """Build the decoder's step, and compare what it says with what the training model says."""
    find, encoder = finder(training_model), _encoder(training_model)
    used = {layer.name for layer in encoder.layers}

    def find_and_note(layer_name: str):
        used.add(layer_name)
        return find(layer_name)

    try:
        decoder_step = _decoder_step(config_of(training_model), find_and_note, attention, name)
    except (TypeError, ValueError) as error:  # shapes, where something stands between the layers
        raise refusal(unused(training_model, used)) from error

    def step(inputs):
        logits, *others = decoder_step(inputs, training=False)
        return [logits, *others[attention:]]  # the weights come first

    check_agreement(
        training_model,
        used,
        lambda source: keras.tree.flatten(encoder(source, training=False)),
        step,
    )
    return decoder_step


def _decoder_step(config: Seq2SeqConfig, find: Callable, attention: bool, name: str) -> keras.Model:
    token, states, context, memory = _step_inputs(config, find("decoder_1").compute_dtype)
    x = find("target_embedding")(token)
    if after := find("target_after_embedding"):
        x = after(x)
    x = x[:, 0]  # (batch, embedding)
    if context:
        x = find("token_and_context")([x, *context])

    new_states = []
    for n, state in enumerate(states, start=1):
        x, new_state = _one_step(find(f"decoder_{n}"), x, state)
        new_states += new_state
    weights = []
    if memory:
        encoder_outputs, *keys, source_mask = memory
        keys = keys[0] if keys else encoder_outputs
        x, weights = attend(find, x[:, None], encoder_outputs, keys, source_mask)
        x, weights = x[:, 0], [weights[:, 0]]
    last = find("logits")
    # Others than Keras's own layer, such as a `Sequential`, may insist on the axis of time.
    logits = last(x) if type(last) is layers.Dense else last(x[:, None])[:, 0]
    outputs = [logits, *(weights if attention else []), *new_states, *context, *memory]
    return _model([token, *keras.tree.flatten(states), *context, *memory], outputs, name)


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
        states: what the encoder gives it to begin with.
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


def _first_states(training_model: keras.Model, config: Seq2SeqConfig) -> list[list]:
    """Return what each of the decoder's layers begins with: the encoder's last states."""
    find, names = finder(training_model), STATES[config.cell]
    states = []
    for n in range(1, config.layers + 1):
        last = find(f"encoder_{n}").output[1:]
        if config.bidirectional:
            last = [find(f"encoder_{n}_{name}").output for name in names]
        bridges = [find(f"bridge_{n}_{name}") for name in names]
        states.append([b.output if b else s for b, s in zip(bridges, last, strict=True)])
    return states


def _one_step(layer: layers.RNN, x, states: list) -> tuple:
    """Let a recurrent layer read one vector `(batch, features)`: its output and its new states."""
    if type(layer).call not in _OWN_CALLS:  # it does more than its cell
        outputs, *new_states = layer(x[:, None], initial_state=states)
        return outputs[:, 0], new_states
    # The cell alone: no loop over a sequence of length one. Keras calls all cells alike, and a
    # model wants its layers' names to differ.
    layer.cell.name = f"{layer.name}_cell"
    return layer.cell(x, states)


def _step_inputs(config: Seq2SeqConfig, dtype: str) -> tuple:
    """Return what a decoder step reads: the token, each layer's states, the context, the memory.

    The memory is what attention looks at. Context and memory are empty lists in a model without
    them. The dtype is that of the encoder's outputs: a loop's states must not change theirs.
    """

    def vectors(name: str):
        return keras.Input((config.units,), dtype=dtype, name=name)

    def sequences(name: str):
        return keras.Input((None, config.units), dtype=dtype, name=name)

    token = keras.Input((1,), dtype="int32", name="token")
    states = [
        [vectors(f"decoder_{n}_{name}") for name in STATES[config.cell]]
        for n in range(1, config.layers + 1)
    ]
    context = [vectors("context")] if config.context == "every_step" else []
    memory = []
    if config.attention != "none":
        keys = [sequences("keys")] if config.attention == "additive" else []
        source_mask = keras.Input((None,), dtype="bool", name="source_mask")
        memory = [sequences("encoder_outputs"), *keys, source_mask]
    return token, states, context, memory


def _model(inputs, outputs, name: str) -> keras.Model:
    """Build a model that is ready to be exported: Keras exports only what was called before."""
    model = keras.Model(inputs, outputs, name=name)
    model(model.input)
    return model


def _ensemble_encoder(training_models) -> keras.Model:
    source = keras.Input((None,), dtype="int32", name="source")
    encoders = [_encoder(model, f"encoder_{n}") for n, model in enumerate(training_models, start=1)]
    states = [encoder(source) for encoder in encoders]
    return _model(source, keras.tree.flatten(states), "encoder")


def _ensemble_step(training_models) -> keras.Model:
    token = keras.Input((1,), dtype="int32", name="token")
    inputs, log_probabilities, new_states = [token], [], []
    for n, model in enumerate(training_models, start=1):
        step = _checked_step(model, name=f"decoder_step_{n}")
        states = [
            keras.Input(state.shape[1:], dtype=state.dtype, name=f"model_{n}_{state.name}")
            for state in step.inputs[1:]
        ]
        logits, *new = step([token, *states])
        inputs += states
        log_probabilities.append(ops.log_softmax(ops.cast(logits, "float32")))
        new_states += new
    # log Σ p: the softmax of these logits is the mean of the models' probabilities.
    logits = ops.logsumexp(ops.stack(log_probabilities), axis=0)
    return _model(inputs, [logits, *new_states], "decoder_step")
