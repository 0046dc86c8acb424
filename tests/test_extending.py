"""How an architecture is extended by `cells`, and that a decoder refuses what it does not know."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops
from lively_models import enliven, speak_up

from s2s_keras import decoding, fast, training
from s2s_keras.batches import make_batches, pad
from s2s_keras.losses import masked_cross_entropy
from s2s_keras.models import (
    CELLS,
    Seq2SeqConfig,
    build_decoder_step,
    build_encoder,
    build_training_model,
    config_of,
)
from s2s_keras.models.growing import grown
from s2s_keras.models.weights import load_weights, named_weights, save_weights
from s2s_keras.text import END, PAD, START

VOCABULARY = 13


def two_layers(vocabulary: int, name: str) -> keras.Sequential:
    """A hidden layer and the output layer."""
    return keras.Sequential([layers.Dense(12, "tanh"), layers.Dense(vocabulary)], name=name)


@keras.saving.register_keras_serializable("test_extending")
class ResidualLSTM(layers.LSTM):
    """An LSTM whose output is added to its input."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        outputs, *states = super().call(sequences, initial_state, mask, training)
        return outputs + sequences, *states


class FastResidualLSTM(fast.CELLS["lstm"]):
    """The same, of the fast layer."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        outputs, *states = super().call(sequences, initial_state, mask, training)
        return outputs + sequences, *states


@keras.saving.register_keras_serializable("test_extending")
class ResidualCell(layers.GRUCell):
    """A GRU's step whose output is added to its input; the state is not."""

    def call(self, inputs, states, training=False):
        output, states = super().call(inputs, states, training=training)
        return output + inputs, states


def residual_gru(units: int, name: str, **options) -> layers.RNN:
    return layers.RNN(ResidualCell(units), name=name, **options)


# What `cells` has more, and the sizes of a model in which it can stand.
EXTENSIONS = {
    "logits": ({"logits": two_layers}, {"attention": "dot"}),
    "after embedding": (
        {"after_embedding": layers.Dense},
        {"cell": "gru", "context": "every_step", "bidirectional": True},
    ),
    "bridge": (
        {"bridge": layers.Dense},
        {"layers": 2, "context": "every_step", "bidirectional": True},
    ),
    "residual layer": ({"lstm": ResidualLSTM}, {"layers": 2}),
    "residual cell": ({"gru": residual_gru}, {"cell": "gru", "layers": 2, "attention": "additive"}),
    "all": (
        {
            "lstm": ResidualLSTM,
            "logits": two_layers,
            "after_embedding": layers.Dense,
            "bridge": layers.Dense,
        },
        {"attention": "additive"},
    ),
}
SIZES = {"units": 8, "embedding": 8, "dropout": 0.0}


@pytest.fixture(params=EXTENSIONS)
def extended(build, request):
    """Builds a model of one extension: `extended(seed) -> model`."""
    cells, choices = EXTENSIONS[request.param]
    return lambda seed=0: build(seed, {**CELLS, **cells}, **SIZES | choices)


@pytest.fixture(scope="module")
def batch(sentences):
    """Four pairs of different lengths, as the training model reads them."""
    return {"source": pad(sentences(4, seed=1)), "target": pad(sentences(4, seed=2))}


def spoken(model, source, steps: int) -> np.ndarray:
    """By the training model alone, anew for every token: the likeliest that may be said."""
    target = np.full((len(source), 1), START, "int32")
    for _ in range(steps):
        logits = np.array(model({"source": source, "target": target}))[:, -1]
        logits[:, [*decoding.NEVER_CHOSEN]] = -np.inf
        token = np.where((target == END).any(axis=1), PAD, logits.argmax(axis=1))
        target = np.concatenate([target, token[:, None].astype("int32")], axis=1)
    return target[:, 1:]


# --- what `cells` takes


def test_step_logits_of_an_extended_model_are_its_teacher_forced_logits(extended, batch):
    model = enliven(extended())
    decoder_step = build_decoder_step(model)
    states = keras.tree.flatten(build_encoder(model)(batch["source"]))
    forced = np.array(model(batch))
    for t, column in enumerate(batch["target"].T):
        logits, *states = decoder_step([ops.convert_to_tensor(column[:, None]), *states])
        np.testing.assert_allclose(logits, forced[:, t], atol=1e-4)
    assert np.ptp(forced) > 1


def test_every_decoder_says_what_an_extended_model_has_learnt(extended, sentences):
    """Four pairs by heart: right 4 of 4 by its own logits, and so by every decoder."""
    model, pairs = extended(), (sentences(4, 3, 3, seed=1), sentences(4, 2, 3, seed=2))
    training.fit(model, make_batches(*pairs, 4), epochs=60, learning_rate=0.05, progress=False)
    source, right = pad(pairs[0]), pad([[*ids, END] for ids in pairs[1]], 4)
    assert spoken(model, source, 4).tolist() == right.tolist()

    assert decoding.greedy(model)(source, 4).tolist() == right.tolist()
    assert decoding.sampling(model, temperature=1e-3)(source, 4).tolist() == right.tolist()
    assert fast.greedy(model)(source, 4).tolist() == right.tolist()
    said = [list(row[row != PAD]) for row in right]
    assert [list(best.tokens) for best, *_ in decoding.beam_search(model, 3)(source, 4)] == said
    assert [decoding.trace(model, ids).tokens for ids in pairs[0]] == said


def test_the_fast_beam_search_follows_every_extension_at_once(build, batch):
    cells, choices = EXTENSIONS["all"]
    model = enliven(build(1, {**fast.CELLS, **cells}, **SIZES | choices))
    plain, quick = (
        [[h.tokens for h in best] for best in search(model, 3, n_best=3)(batch["source"], 5)]
        for search in (decoding.beam_search, fast.beam_search)
    )
    assert plain == quick and len({tokens for best in plain for tokens in best}) > 6


def test_the_weights_of_an_extended_model_are_saved_and_loaded(extended, batch, tmp_path):
    model, other = extended(1), extended(2)
    save_weights(model, tmp_path / "weights.safetensors")
    assert np.abs(other(batch) - model(batch)).max() > 1e-3
    load_weights(other, tmp_path / "weights.safetensors")
    np.testing.assert_array_equal(other(batch), model(batch))
    assert len(named_weights(model)) == len(model.weights)
    assert [*named_weights(model)] == [*named_weights(other)]


def test_an_extended_model_is_saved_by_keras_and_tells_its_configuration(extended, batch, tmp_path):
    model = extended()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(batch), model(batch))
    assert config_of(loaded) == config_of(model)
    found, expected = (decoding.greedy(one)(batch["source"], 5) for one in (loaded, model))
    np.testing.assert_array_equal(found, expected)


def test_padding_never_changes_what_an_extended_model_says(extended, batch):
    model = enliven(extended())
    padded = batch | {"source": np.pad(batch["source"], [(0, 0), (0, 9)])}
    np.testing.assert_allclose(model(padded), model(batch), atol=1e-4)


@pytest.mark.parametrize("name", ["logits", "bridge"])
def test_an_extended_model_grows(build, batch, name):
    cells, choices = EXTENSIONS[name]
    cells = {**CELLS, **cells}
    model = build(1, cells, **SIZES | choices)
    larger = grown(model, VOCABULARY + 2, VOCABULARY + 3, cells)
    np.testing.assert_allclose(larger(batch)[..., :VOCABULARY], model(batch), atol=1e-5)
    assert larger(batch).shape[-1] == VOCABULARY + 3


def test_further_weights_of_one_name_are_numbered(build):
    names = {name for name in named_weights(build(cells={**CELLS, "logits": two_layers}))}
    assert {name for name in names if name.startswith("logits")} == {
        *("logits/kernel", "logits/bias", "logits/kernel_2", "logits/bias_2")
    }


def test_cells_of_an_unknown_name_are_refused(build):
    with pytest.raises(ValueError, match="^cells has 'bridges': give layers for lstm, "):
        build(cells={**CELLS, "bridges": layers.Dense})


def test_a_layer_that_loses_the_mask_of_padding_is_refused(build):
    def deep(width, name):
        return keras.Sequential([layers.Dense(width), layers.Dense(width)], name=name)

    with pytest.raises(ValueError, match="^after_embedding: Sequential loses the mask of "):
        build(cells={**CELLS, "after_embedding": deep})


def test_a_recurrent_layer_of_a_kind_of_its_own_is_refused(build):
    class Other(layers.Layer):
        state_size = output_size = 8

        def call(self, inputs, states):
            return inputs, states

    model = build(
        cells={**CELLS, "gru": lambda units, name, **o: layers.RNN(Other(), name=name, **o)},
        **SIZES | {"cell": "gru"},
    )
    with pytest.raises(ValueError, match="^decoder_1: Other is no cell that a decoder knows; give"):
        decoding.greedy(model)


# --- what a decoder does not know


def built_by_hand(place: str, cells=CELLS) -> keras.Model:
    """A model with the package's names, and something more in one place."""
    keras.utils.set_random_seed(1)
    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    options = {"return_sequences": True, "return_state": True}
    x = layers.Embedding(VOCABULARY, 8, mask_zero=True, name="source_embedding")(source)
    _, *states = cells["lstm"](8, name="encoder_1", **options)(x)
    if place == "bridge":
        states = [layers.Dense(8, name="bridge")(states[0]), states[1]]
    y = layers.Embedding(VOCABULARY, 8, name="target_embedding")(target)
    if place == "after the embedding":
        y = layers.Dense(8, name="projection")(y)
    if place == "wider":
        y = layers.Dense(10, name="projection")(y)
    z, *_ = cells["lstm"](8, name="decoder_1", **options)(y, initial_state=states)
    if place == "before the logits":
        z = layers.Dense(8, "tanh", name="hidden")(z)
    if place == "residual":
        z = layers.Add(name="residual")([y, z])
    if place == "an operation":
        z = 2.0 * z + y
    if place == "activation":
        z = layers.Activation("tanh", name="squashed")(z)
    if place == "over time":
        z = layers.LayerNormalization(axis=1, name="over_time", scale=False, center=False)(z)
    logits = layers.Dense(VOCABULARY, name="logits")(z)
    if place == "after the logits":
        logits = layers.Rescaling(0.5, name="cooler")(logits)
    return keras.Model({"source": source, "target": target}, logits)


MORE = {
    "bridge": "bridge",
    "after the embedding": "projection",
    "wider": "projection",
    "before the logits": "hidden",
    "residual": "residual",
    "activation": "squashed",
    "after the logits": "cooler",
}
each_cells = pytest.mark.parametrize("cells", [CELLS, fast.CELLS], ids=["plain", "fast"])


def test_a_model_built_by_hand_with_the_package_s_names_is_decoded(batch):
    model = speak_up(built_by_hand("nothing more"))
    expected = spoken(model, batch["source"], 5)
    np.testing.assert_array_equal(decoding.greedy(model)(batch["source"], 5), expected)


@each_cells
@pytest.mark.parametrize("place", MORE)
def test_a_layer_that_a_decoder_does_not_know_is_refused_by_its_name(place, cells):
    model = built_by_hand(place, cells)
    with pytest.raises(ValueError) as refused:
        build_decoder_step(model)
    assert str(refused.value) == (
        "the decoder step gives other logits than the training model: it has layers, such as "
        f"'{MORE[place]}', that the decoder does not know; build it by build_training_model, "
        "whose `cells` take such layers"
    )
    with pytest.raises(ValueError, match=f"such as '{MORE[place]}'"):
        fast.greedy(model)


@each_cells
def test_an_operation_that_is_no_layer_is_refused_too(cells):
    with pytest.raises(ValueError, match="it has something between its layers that the decoder"):
        fast.greedy(built_by_hand("an operation", cells))
    with pytest.raises(ValueError, match="it has something between its layers that the decoder"):
        decoding.greedy(built_by_hand("an operation", cells))


def test_every_decoder_refuses(batch):
    model, good = built_by_hand("bridge"), built_by_hand("nothing more")
    for make in (
        decoding.greedy,
        decoding.sampling,
        lambda model: decoding.beam_search(model, 2),
        lambda model: decoding.beam_tree(model, [4, 5], 2),
        lambda model: decoding.trace(model, [4, 5]),
        lambda model: decoding.greedy([good, model]),
        fast.greedy,
        lambda model: fast.beam_search(model, 2),
        lambda model: fast.greedy([good, model]),
        training.mix_in_own_predictions,
    ):
        with pytest.raises(ValueError, match="such as 'bridge', that the decoder does not know"):
            make(model)


def test_what_looks_over_all_time_steps_is_refused():
    with pytest.raises(ValueError, match="such as 'over_time', that the decoder does not know"):
        build_decoder_step(built_by_hand("over time"))


def test_a_layer_without_effect_so_far_is_refused_all_the_same():
    """Untrained, it changes nothing; a decoder made now would miss it later."""
    model = built_by_hand("bridge")
    model.get_layer("bridge").set_weights([np.eye(8), np.zeros(8)])
    with pytest.raises(ValueError, match="such as 'bridge'"):
        build_decoder_step(model)


def test_a_fast_layer_with_a_call_of_its_own_is_not_prepared(build, batch):
    cells = {**fast.CELLS, "lstm": FastResidualLSTM}
    model = speak_up(enliven(build(cells=cells, **SIZES)))
    expected = spoken(model, batch["source"], 6)
    assert len(np.unique(expected)) > 3
    np.testing.assert_array_equal(fast.greedy(model)(batch["source"], 6), expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
@each_cells
def test_weights_that_are_no_numbers_are_no_reason_to_refuse(build, cells, value):
    model = build(cells=cells)
    for variable in model.trainable_variables:
        variable.assign(np.full(variable.shape, value))
    build_decoder_step(model)
    fast.greedy(model)


@pytest.mark.parametrize("name", ["encoder_1", "decoder_1", "logits", "target_embedding"])
def test_one_number_that_is_none_is_no_reason_to_refuse(build, name):
    model = build(attention="dot", bidirectional=True)
    kernel = model.get_layer(name).weights[0]
    value = ops.convert_to_numpy(kernel).copy()
    value.flat[3] = np.nan
    kernel.assign(value)
    build_decoder_step(model)


def test_a_vocabulary_of_one_token_is_enough_to_compare(build):
    build_decoder_step(build(source_vocabulary=1, target_vocabulary=1))


def test_inside_a_graph_too_a_decoder_is_compared(build):
    good, bad = build(), built_by_hand("bridge")

    @tf.function(autograph=False)
    def decode(model):
        states = keras.tree.flatten(build_encoder(model)(tf.constant([[4, 5]])))
        return build_decoder_step(model)([tf.constant([[START]]), *states])[0]

    logits = good({"source": np.array([[4, 5]]), "target": np.array([[START]])})[:, 0]
    np.testing.assert_allclose(decode(good), logits, atol=1e-5)
    with pytest.raises(ValueError, match="such as 'bridge'"):
        decode(bad)


# --- layers that have become others


def add_lora(name: str):
    """Gives a layer a change of its matrix of rank 2, which is not zero."""

    def change(model):
        layer = model.get_layer(name)
        layer.enable_lora(2)
        random = np.random.default_rng(0)
        for variable in layer.weights:
            if "lora" in variable.name:
                variable.assign(random.normal(0, 1, variable.shape))

    return change


@pytest.mark.filterwarnings("ignore:.*does not have a `quantize` method")
@pytest.mark.parametrize(
    "change",
    [add_lora("logits"), add_lora("source_embedding"), lambda model: model.quantize("int8")],
    ids=["LoRA of the logits", "LoRA of an embedding", "int8"],
)
@each_cells
def test_lora_and_quantized_layers_are_followed_also_by_a_decoder_made_before(
    build, batch, cells, change
):
    model = speak_up(enliven(build(cells=cells)))
    source = batch["source"]
    before = [decoding.greedy(model), fast.greedy(model)]
    searches = [decoding.beam_search(model, 3), fast.beam_search(model, 3)]
    for decode in before:
        np.testing.assert_array_equal(decode(source, 6), spoken(model, source, 6))
    change(model)
    expected = spoken(model, source, 6)
    for decode in [*before, decoding.greedy(model), fast.greedy(model)]:
        np.testing.assert_array_equal(decode(source, 6), expected)
    plain, quick = ([best.tokens for best, *_ in search(source, 6)] for search in searches)
    assert plain == quick


@pytest.mark.filterwarnings("ignore:.*does not have a `quantize` method")
@pytest.mark.parametrize(
    "change",
    [add_lora("logits"), lambda model: model.quantize("int8"), lambda model: None],
    ids=["LoRA", "int8", "neither"],
)
def test_the_fast_loss_follows_lora_and_quantized_layers(build, batch, change):
    model = enliven(build(cells=fast.CELLS))
    early = fast.compute_loss(model)
    before = float(early(batch, batch["target"], training=False)[0])
    change(model)
    expected, _ = training.plain_loss(model)(batch, batch["target"], training=False)
    for compute_loss in (early, fast.compute_loss(model)):
        loss, _ = compute_loss(batch, batch["target"], training=False)
        assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    assert abs(before - float(expected)) < 5


@pytest.mark.parametrize("logits", [two_layers, lambda n, name: layers.Dense(n, "tanh", name=name)])
def test_the_fast_loss_of_other_logits_is_the_plain_one(build, batch, logits):
    model = build(cells={**fast.CELLS, "logits": logits})
    ours, theirs = (
        float(make(model)(batch, batch["target"], training=True)[0])
        for make in (fast.compute_loss, training.plain_loss)
    )
    assert ours == pytest.approx(theirs, rel=1e-6)


# --- files of Keras in another process

LOAD = """
import s2s_keras
{line}
import keras, numpy as np
model = keras.models.load_model({path!r}, safe_mode=True, {options})
print(float(np.abs(model({{"source": np.array([[4, 5]]), "target": np.array([[2]])}})).sum()))
"""


@pytest.mark.parametrize(
    ("cells", "line", "options"),
    [
        (CELLS, "", "compile=False"),
        (CELLS, "import s2s_keras.fast", ""),
        (fast.CELLS, "import s2s_keras.fast", ""),
    ],
    ids=["plain, not compiled", "plain", "fast"],
)
def test_a_file_of_keras_is_read_where_the_package_s_layers_are_imported(
    build, tmp_path, cells, line, options
):
    """`import s2s_keras` alone imports no Keras, so it cannot tell Keras of layers and losses."""
    model, path = build(cells=cells), str(tmp_path / "model.keras")
    model.compile(fast.Adam(0.01), masked_cross_entropy)
    model.save(path)
    program = LOAD.format(line=line, path=path, options=options)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    logits = model({"source": np.array([[4, 5]]), "target": np.array([[2]])})
    assert float(done.stdout) == pytest.approx(float(np.abs(logits).sum()), rel=1e-5)


def test_an_example_in_the_docstring_runs():
    config = Seq2SeqConfig(VOCABULARY, VOCABULARY, units=8, embedding=6)
    cells = {**CELLS, "bridge": keras.layers.Dense, "logits": two_layers}
    model = build_training_model(config, cells)
    names = {layer.name for layer in model.layers}
    assert {"bridge_1_hidden_state", "bridge_1_cell_state", "logits"} <= names
