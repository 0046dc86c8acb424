"""What `s2s_keras.models` promises: three models that are one, and padding that changes nothing."""

import json
from dataclasses import FrozenInstanceError, asdict, fields
from itertools import combinations, product

import keras
import numpy as np
import pytest
from keras import ops
from lively_models import tell_words_apart

from s2s_keras.batches import pad, teacher_forcing_shift
from s2s_keras.models import (
    Seq2SeqConfig,
    build_decoder_step,
    build_encoder,
    build_training_model,
    config_of,
    has_attention,
    unroll,
)
from s2s_keras.text import END, PAD, START

FIELDS = ("cell", "layers", "context", "attention", "bidirectional")
# Every cell with every depth and context; and of any two fields, every pair of their values.
CHOICES = [
    dict(zip(FIELDS, values, strict=True))
    for values in [
        ("lstm", 1, "start", "none", False),
        ("lstm", 1, "every_step", "dot", True),
        ("lstm", 2, "start", "dot", True),
        ("lstm", 2, "every_step", "additive", False),
        ("gru", 1, "start", "dot", False),
        ("gru", 1, "every_step", "additive", True),
        ("gru", 2, "start", "additive", True),
        ("gru", 2, "every_step", "none", False),
        ("rnn", 1, "start", "additive", False),
        ("rnn", 1, "every_step", "none", True),
        ("rnn", 2, "start", "none", True),
        ("rnn", 2, "every_step", "dot", False),
    ]
]
A_FEW = [CHOICES[n] for n in (0, 1, 6, 11)]


def spell(choices) -> str:
    return "-".join(map(str, choices.values()))


@pytest.fixture(scope="module", params=CHOICES, ids=spell)
def any_model(build, request):
    """A model of each cell, depth and context, with every attention and direction somewhere."""
    return build(**request.param)


@pytest.fixture(params=A_FEW, ids=spell)
def fresh_model(build, request):
    """A model of a few kinds, for a test that changes it or takes its time."""
    return build(**request.param)


@pytest.fixture(scope="module")
def batch(sentences):
    """Four sentence pairs of different lengths, as the training model reads them."""
    read = [teacher_forcing_shift(ids)[0] for ids in sentences(4, longest=5, seed=2)]
    return {"source": pad(sentences(4, longest=5, seed=1)), "target": pad(read)}


@pytest.fixture
def mixed_precision():
    """The policy in which layers compute with 16 bits."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(policy)


def first_states(encoder, source) -> list:
    """What the decoder's first step reads."""
    return keras.tree.flatten(encoder(source))


def step_by_step(batch, *training_models, attention=False) -> list[np.ndarray]:
    """What encoder and decoder step give, one true target token after the other.

    Logits `(batch, time, V)`; with attention its weights `(batch, time, source_length)`, too.
    """
    decoder_step = build_decoder_step(*training_models, attention=attention)
    states = first_states(build_encoder(*training_models), batch["source"])
    steps = []
    for column in batch["target"].T:
        results = decoder_step([ops.convert_to_tensor(column[:, None]), *states])
        steps.append(results[: -len(states)])
        states = results[-len(states) :]
    return [np.stack(results, axis=1) for results in zip(*steps, strict=True)]


def softmax(scores) -> np.ndarray:
    exponents = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponents / exponents.sum(axis=-1, keepdims=True)


def test_of_any_two_fields_every_pair_of_values_is_tried():
    for one, other in combinations(FIELDS, 2):
        values = [{choices[field] for choices in CHOICES} for field in (one, other)]
        assert {(choices[one], choices[other]) for choices in CHOICES} == set(product(*values))


# --- one model in three parts


def test_step_logits_equal_teacher_forced_logits(any_model, batch):
    (logits,) = step_by_step(batch, any_model)
    np.testing.assert_allclose(logits, any_model(batch), atol=1e-5)


def test_encoder_and_decoder_step_follow_what_the_training_model_learns(fresh_model, batch):
    model = fresh_model
    encoder, decoder_step = build_encoder(model), build_decoder_step(model)
    token = ops.convert_to_tensor(batch["target"][:, :1])

    def first_logits():
        return np.array(decoder_step([token, *first_states(encoder, batch["source"])])[0])

    before = first_logits()
    model.compile(
        keras.optimizers.SGD(0.5),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    model.train_on_batch(batch, batch["target"])
    assert np.abs(first_logits() - before).max() > 1e-3
    np.testing.assert_allclose(first_logits(), model(batch)[:, 0], atol=1e-5)


def test_a_saved_model_gives_the_same_logits_whole_and_in_parts(fresh_model, batch, tmp_path):
    fresh_model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(loaded(batch), fresh_model(batch))
    (logits,) = step_by_step(batch, loaded)
    np.testing.assert_allclose(logits, fresh_model(batch), atol=1e-5)


def test_logits_have_a_column_for_every_target_id(build, batch):
    model = build(source_vocabulary=20, target_vocabulary=17)
    assert model(batch).shape == (*batch["target"].shape, 17)


def test_layers_are_found_by_name(build):
    names = {layer.name for layer in build(layers=2, context="every_step").layers}
    assert names >= {
        "source_embedding", "encoder_1", "encoder_2",
        "target_embedding", "decoder_1", "decoder_2", "logits",
    }  # fmt: skip


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("cell", "states"), [("lstm", 2), ("gru", 1), ("rnn", 1)])
def test_the_encoder_hands_over_the_last_states_of_every_layer(
    build, batch, cell, states, bidirectional
):
    model = build(cell=cell, layers=2, units=6, bidirectional=bidirectional)
    handed_over = build_encoder(model)(batch["source"])
    assert [state.shape for state in handed_over] == [(4, 6)] * states * 2


def test_context_at_every_step_reaches_the_decoder_beside_its_states(build, batch):
    model = build(context="every_step")
    states = first_states(build_encoder(model), batch["source"])
    hidden_state, _, context = states
    np.testing.assert_array_equal(context, hidden_state)
    token = ops.convert_to_tensor(batch["target"][:, :1])
    decoder_step = build_decoder_step(model)
    logits, *_, passed_on = decoder_step([token, *states])
    without, *_ = decoder_step([token, *states[:-1], ops.zeros_like(context)])
    assert np.abs(without - logits).max() > 1e-3
    np.testing.assert_array_equal(passed_on, context)


def test_dropout_acts_in_training_only(build, batch):
    model = build(dropout=0.5)
    trained = [np.array(model(batch, training=True)) for _ in range(2)]
    used = [np.array(model(batch, training=False)) for _ in range(2)]
    assert np.abs(trained[0] - trained[1]).max() > 1e-3
    np.testing.assert_array_equal(used[0], used[1])


def test_a_loop_in_a_graph_runs_in_mixed_precision(mixed_precision, build, batch):
    """There no state may change its dtype from step to step, nor what is handed through."""
    tf = pytest.importorskip("tensorflow")
    model = build(cell="gru", context="every_step", attention="additive", bidirectional=True)
    encoder, decoder_step = build_encoder(model, model), build_decoder_step(model, model)
    first = ops.full((4,), START, dtype="int32")

    @tf.function(autograph=False)
    def run():
        states = first_states(encoder, batch["source"])
        return unroll(decoder_step, states, first, 3, likeliest)

    tokens = run()
    assert tokens.shape == (4, 3)
    logits, *_ = decoder_step([first[:, None], *first_states(encoder, batch["source"])])
    np.testing.assert_array_equal(tokens[:, 0], ops.argmax(logits, axis=-1))


# --- padding and embeddings


def test_padding_never_changes_logits_at_real_positions(any_model, batch):
    expected = any_model(batch)
    length = batch["target"].shape[1]
    for more in (5, 20):
        padded = {side: np.pad(ids, [(0, 0), (0, more)]) for side, ids in batch.items()}
        logits = any_model(padded)
        assert logits.shape[1] == length + more
        np.testing.assert_allclose(logits[:, :length], expected, atol=1e-6)


def test_padding_never_changes_what_the_decoder_step_says(fresh_model, batch):
    padded = batch | {"source": np.pad(batch["source"], [(0, 0), (0, 9)])}
    (logits,) = step_by_step(padded, fresh_model)
    np.testing.assert_allclose(logits, fresh_model(batch), atol=1e-5)


def test_a_sentence_has_the_same_logits_alone_and_in_a_batch(fresh_model, batch):
    together = fresh_model(batch)
    for row, (source, target) in enumerate(zip(batch["source"], batch["target"], strict=True)):
        alone = {
            "source": np.trim_zeros(source, "b")[None],
            "target": np.trim_zeros(target, "b")[None],
        }
        logits = fresh_model(alone)[0]
        np.testing.assert_allclose(logits, together[row, : len(logits)], atol=1e-6)


def test_a_source_without_a_token_has_logits_too(fresh_model, batch):
    """Attention finds nothing there to look at, whatever the precision."""
    for width in (1, 4):
        empty = batch | {"source": np.full((4, width), PAD, "int32")}
        logits = np.array(fresh_model(empty))
        assert np.isfinite(logits).all()
        np.testing.assert_allclose(step_by_step(empty, fresh_model)[0], logits, atol=1e-5)


@pytest.mark.parametrize("side", ["source", "target"])
def test_an_embedding_is_a_one_hot_vector_times_its_kernel(build, batch, side):
    embedding = build().get_layer(f"{side}_embedding")
    kernel = embedding.embeddings
    one_hot = ops.one_hot(batch[side], kernel.shape[0])
    np.testing.assert_allclose(one_hot @ kernel, embedding(batch[side]), atol=1e-6)


# --- attention


@pytest.fixture(scope="module", params=[c for c in CHOICES if c["attention"] != "none"], ids=spell)
def attentive(build, request):
    """A model with attention, whose scores are far from equal."""
    model = tell_words_apart(build(seed=3, **request.param))
    for layer in model.layers:
        if layer.name.startswith(("encoder_", "decoder_", "attention_")) and layer.weights:
            layer.set_weights([3 * weight for weight in layer.get_weights()])
    return model


def test_attention_weights_sum_to_one_and_are_zero_on_padding(attentive, batch):
    padded = batch | {"source": np.pad(batch["source"], [(0, 0), (0, 3)])}
    _, weights = step_by_step(padded, attentive, attention=True)
    assert weights.shape == (*batch["target"].shape, padded["source"].shape[1])
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-6)
    for of_sentence, source in zip(weights, padded["source"], strict=True):
        assert (of_sentence[:, source == PAD] == 0).all()
        assert (of_sentence[:, source != PAD] > 0).all()


def test_attention_equals_its_equations(attentive, batch):
    """Luong et al. 2015, equations 5 and 7 (dot); Bahdanau et al. 2015, appendix A.1.2."""
    decoder_step = build_decoder_step(attentive, attention=True)
    token = ops.convert_to_tensor(batch["target"][:, :1])
    before = first_states(build_encoder(attentive), batch["source"])
    logits, weights, *after = decoder_step([token, *before])
    names = [tensor.name for tensor in decoder_step.inputs[1:]]
    states = {name: np.float64(state) for name, state in zip(names, after, strict=True)}
    config, kernel = config_of(attentive), lambda name: np.float64(attentive.get_layer(name).kernel)
    hidden_state = states[f"decoder_{config.layers}_hidden_state"]  # (batch, units)
    encoder_outputs, mask = states["encoder_outputs"], states["source_mask"]

    if config.attention == "dot":
        scores = np.einsum("bu,bsu->bs", hidden_state, encoder_outputs)
    else:
        query, keys = hidden_state @ kernel("attention_query"), states["keys"]
        np.testing.assert_allclose(keys, encoder_outputs @ kernel("attention_key"), atol=1e-5)
        scores = (np.tanh(query[:, None] + keys) @ kernel("attention_score"))[:, :, 0]
    expected = softmax(np.where(mask, scores, -np.inf))
    assert np.ptp(expected[mask.sum(axis=1).argmax()]) > 0.02  # far from a plain mean
    np.testing.assert_allclose(weights, expected, atol=1e-5)

    context = np.einsum("bs,bsu->bu", expected, encoder_outputs)
    combined = np.tanh(np.concatenate([context, hidden_state], axis=1) @ kernel("attention_output"))
    bias = np.float64(attentive.get_layer("logits").bias)
    np.testing.assert_allclose(logits, combined @ kernel("logits") + bias, atol=1e-5)
    np.testing.assert_allclose(logits, attentive(batch)[:, 0], atol=1e-5)


def test_attention_weights_are_refused_where_there_are_none(build):
    for models in ([build()], [build(attention="dot")] * 2):
        with pytest.raises(ValueError, match="attention weights: give one model that was built"):
            build_decoder_step(*models, attention=True)


# --- both directions


def alone(cell: str, weights, embedded) -> tuple[np.ndarray, list[np.ndarray]]:
    """What one Keras layer with these weights gives for one sentence: outputs and last states."""
    kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "rnn": keras.layers.SimpleRNN}[cell]
    layer = kind(4, return_sequences=True, return_state=True)
    layer.build((None, *embedded.shape))
    layer.set_weights(weights)
    outputs, *states = layer(embedded[None])
    return np.array(outputs[0]), [np.array(state[0]) for state in states]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_bidirectional_is_one_layer_forwards_and_one_backwards(build, batch, cell):
    """Row by row, without any padding, by two layers of Keras that know nothing of each other."""
    model = build(cell=cell, attention="dot", bidirectional=True)
    *states, encoder_outputs, mask = build_encoder(model)(batch["source"])
    weights = model.get_layer("encoder_1").get_weights()
    half = len(weights) // 2
    for row, source in enumerate(batch["source"]):
        words = source[source != PAD]
        embedded = np.array(model.get_layer("source_embedding")(words))
        forwards, forwards_states = alone(cell, weights[:half], embedded)
        backwards, backwards_states = alone(cell, weights[half:], embedded[::-1].copy())
        outputs = np.concatenate([forwards, backwards[::-1]], axis=1)
        np.testing.assert_allclose(encoder_outputs[row, : len(words)], outputs, atol=1e-6)
        assert (np.array(encoder_outputs[row, len(words) :]) == 0).all()
        for state, *both in zip(states, forwards_states, backwards_states, strict=True):
            np.testing.assert_allclose(state[row], np.concatenate(both), atol=1e-6)


def test_where_padding_stands_changes_no_state_of_either_direction(build):
    """Keras issue 4192: once the backward layer began with the padding."""
    for cell in ("lstm", "gru", "rnn"):
        encoder = build_encoder(build(cell=cell, bidirectional=True))
        right, left, between = (
            first_states(encoder, np.array([source], "int32"))
            for source in ([5, 6, 7, 0, 0], [0, 0, 5, 6, 7], [5, 0, 6, 0, 7])
        )
        for states in (left, between):
            for state, expected in zip(states, right, strict=True):
                np.testing.assert_allclose(state, expected, atol=1e-6)


# --- ensembles


MEMBERS = [
    {"cell": "lstm", "layers": 2, "attention": "additive"},
    {"cell": "gru", "units": 6, "context": "every_step"},
    {"cell": "rnn", "embedding": 5, "attention": "dot", "bidirectional": True},
]


def test_an_ensemble_says_the_mean_of_its_members_probabilities(build, batch):
    members = [build(seed=n, **choices) for n, choices in enumerate(MEMBERS)]
    alone = [softmax(np.float64(member(batch))) for member in members]
    for chosen in ([0, 1, 2], [2, 0, 0]):
        (logits,) = step_by_step(batch, *(members[n] for n in chosen))
        mean = np.mean([alone[n] for n in chosen], axis=0)
        np.testing.assert_allclose(softmax(logits), mean, atol=1e-6)


def test_an_ensemble_of_one_model_twice_is_that_model(build, batch):
    model = build(cell="gru", attention="dot")
    (logits,) = step_by_step(batch, model, model)
    np.testing.assert_allclose(softmax(logits), softmax(np.array(model(batch))), atol=1e-6)


def test_an_ensemble_follows_what_its_members_learn(build, batch):
    members = [build(seed=n) for n in range(2)]
    encoder, decoder_step = build_encoder(*members), build_decoder_step(*members)
    token = ops.convert_to_tensor(batch["target"][:, :1])
    members[1].set_weights(members[0].get_weights())
    logits, *_ = decoder_step([token, *first_states(encoder, batch["source"])])
    expected = softmax(np.array(members[0](batch)[:, 0]))
    np.testing.assert_allclose(softmax(np.array(logits)), expected, atol=1e-6)


# --- the configuration


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("source_vocabulary", [0, -1, 2.5]),
        ("target_vocabulary", [0, -1]),
        ("units", [0, -8]),
        ("embedding", [0]),
        ("layers", [0, -1]),
        ("dropout", [-0.1, 1.0, 2, float("nan")]),
        ("cell", ["LSTM", "transformer", ""]),
        ("context", ["never", "", None]),
        ("attention", ["luong", "Dot", "", None]),
        ("bidirectional", ["no", None, 2]),
    ],
)
def test_values_that_cannot_be_built_are_refused_by_name(field, values):
    good = {"source_vocabulary": 9, "target_vocabulary": 9}
    Seq2SeqConfig(**good)
    for value in values:
        with pytest.raises(ValueError, match=f"^{field} is .*: give "):
            Seq2SeqConfig(**good | {field: value})


def test_numbers_of_numpy_are_as_good(batch):
    ours = Seq2SeqConfig(9, 9, units=8, embedding=6, dropout=0.25, bidirectional=True)
    numpys = Seq2SeqConfig(
        np.int64(9), np.int32(9), units=np.int64(8), embedding=np.uint8(6),
        dropout=np.float32(0.25), bidirectional=np.bool_(True),
    )  # fmt: skip
    assert numpys == ours
    assert json.loads(json.dumps(asdict(numpys))) == asdict(ours)
    assert config_of(build_training_model(numpys)) == ours


def test_two_directions_need_an_even_number_of_units():
    Seq2SeqConfig(9, 9, units=7)
    with pytest.raises(ValueError, match="^units is 7: give an even number, half for each"):
        Seq2SeqConfig(9, 9, units=7, bidirectional=True)


def test_a_configuration_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Seq2SeqConfig(9, 9).units = 3


def test_every_size_of_the_configuration_reaches_its_layer():
    model = build_training_model(Seq2SeqConfig(11, 12, "gru", 5, 6, 2, 0.3, "every_step"))
    assert model.get_layer("source_embedding").embeddings.shape == (11, 6)
    assert model.get_layer("target_embedding").embeddings.shape == (12, 6)
    assert model.get_layer("encoder_2").cell.kernel.shape == (5, 3 * 5)
    assert model.get_layer("decoder_1").cell.kernel.shape == (6 + 5, 3 * 5)
    assert model.get_layer("logits").kernel.shape == (5, 12)
    rates = {layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)}
    assert rates == {0.3}


@pytest.mark.parametrize("choices", CHOICES, ids=spell)
def test_a_model_tells_its_configuration(choices):
    config = Seq2SeqConfig(11, 12, units=6, embedding=5, dropout=0.3, **choices)
    model = build_training_model(config)
    build_decoder_step(model)  # which shares the layers, and must not change what they tell
    assert config_of(model) == config
    assert has_attention(model) == (config.attention != "none")


def test_no_field_is_left_untried():
    assert {field.name for field in fields(Seq2SeqConfig)} == {
        "source_vocabulary", "target_vocabulary", "units", "embedding", "dropout", *FIELDS,
    }  # fmt: skip


# --- unrolling


@pytest.fixture
def counting_step():
    """A decoder step that always predicts the token after the one it reads, and counts calls."""

    def step(inputs, training):
        step.calls += 1
        token, state = inputs
        return [ops.one_hot(token[:, 0] + 1, 30), state]

    step.calls = 0
    return step


def likeliest(logits, step):
    return ops.cast(ops.argmax(logits, axis=-1), "int32")


def test_every_step_reads_the_token_chosen_last(counting_step):
    first = ops.convert_to_tensor([START, 10])
    tokens = unroll(counting_step, [ops.zeros((2, 1))], first, 4, likeliest)
    assert np.array(tokens).tolist() == [[3, 4, 5, 6], [11, 12, 13, 14]]


def test_after_its_stop_a_sentence_is_padding_and_the_others_go_on(counting_step):
    first = ops.convert_to_tensor([4, 6])
    tokens = unroll(counting_step, [ops.zeros((2, 1))], first, 6, likeliest, stop=8)
    assert np.array(tokens).tolist() == [[5, 6, 7, 8, PAD, PAD], [7, 8, PAD, PAD, PAD, PAD]]


def test_unrolling_ends_once_every_sentence_has_stopped(counting_step):
    first = ops.convert_to_tensor([START, START])
    tokens = unroll(counting_step, [ops.zeros((2, 1))], first, 20, likeliest, stop=END)
    assert np.array(tokens).tolist() == [[END] + [PAD] * 19] * 2
    assert counting_step.calls == 1


def test_the_result_can_be_wider_than_the_steps_taken(counting_step):
    first = ops.convert_to_tensor([START])
    tokens = unroll(counting_step, [ops.zeros((1, 1))], first, 2, likeliest, columns=5)
    assert np.array(tokens).tolist() == [[3, 4, PAD, PAD, PAD]]
