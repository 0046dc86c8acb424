"""What `s2s_keras.models` promises: three models that are one, and padding that changes nothing."""

from dataclasses import FrozenInstanceError
from itertools import product

import keras
import numpy as np
import pytest
from keras import ops

from s2s_keras.batches import pad, teacher_forcing_shift
from s2s_keras.models import (
    CELLS,
    CONTEXTS,
    Seq2SeqConfig,
    build_decoder_step,
    build_encoder,
    build_training_model,
    first_states,
    unroll,
)
from s2s_keras.text import END, PAD, START

ALL_CHOICES = [
    {"cell": cell, "layers": layers, "context": context}
    for cell, layers, context in product(CELLS, (1, 2), CONTEXTS)
]
EACH_CELL_AND_CONTEXT = ALL_CHOICES[::5]


def spell(choices) -> str:
    return "-".join(map(str, choices.values()))


@pytest.fixture(scope="module", params=ALL_CHOICES, ids=spell)
def any_model(build, request):
    """A model of each cell, depth and context."""
    return build(**request.param)


@pytest.fixture(params=EACH_CELL_AND_CONTEXT, ids=spell)
def fresh_model(build, request):
    """A model of a few kinds, for a test that changes it or takes its time."""
    return build(**request.param)


@pytest.fixture(scope="module")
def batch(sentences):
    """Four sentence pairs of different lengths, as the training model reads them."""
    read = [teacher_forcing_shift(ids)[0] for ids in sentences(4, longest=5, seed=2)]
    return {"source": pad(sentences(4, longest=5, seed=1)), "target": pad(read)}


def step_by_step(training_model, source, target) -> np.ndarray:
    """The logits of the encoder and the decoder step, one true target token after the other."""
    decoder_step = build_decoder_step(training_model)
    states = first_states(training_model, build_encoder(training_model)(source))
    logits = []
    for time in range(target.shape[1]):
        step_logits, *states = decoder_step(
            [ops.convert_to_tensor(target[:, time : time + 1]), *states]
        )
        logits.append(step_logits)
    return np.stack(logits, axis=1)


# --- one model in three parts


def test_step_logits_equal_teacher_forced_logits(any_model, batch):
    np.testing.assert_allclose(step_by_step(any_model, **batch), any_model(batch), atol=1e-5)


def test_encoder_and_decoder_step_follow_what_the_training_model_learns(fresh_model, batch):
    model = fresh_model
    encoder, decoder_step = build_encoder(model), build_decoder_step(model)
    token = ops.convert_to_tensor(batch["target"][:, :1])

    def first_logits():
        states = first_states(model, encoder(batch["source"]))
        return np.array(decoder_step([token, *states])[0])

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
    np.testing.assert_allclose(step_by_step(loaded, **batch), fresh_model(batch), atol=1e-5)


def test_logits_have_a_column_for_every_target_id(build, batch):
    model = build(source_vocabulary=20, target_vocabulary=17)
    assert model(batch).shape == (*batch["target"].shape, 17)


def test_layers_are_found_by_name(build):
    names = {layer.name for layer in build(layers=2, context="every_step").layers}
    assert names >= {
        "source_embedding", "encoder_1", "encoder_2",
        "target_embedding", "decoder_1", "decoder_2", "logits",
    }  # fmt: skip


@pytest.mark.parametrize(("cell", "states"), [("lstm", 2), ("gru", 1), ("rnn", 1)])
def test_the_encoder_hands_over_the_last_states_of_every_layer(build, batch, cell, states):
    model = build(cell=cell, layers=2, units=5)
    handed_over = build_encoder(model)(batch["source"])
    assert [state.shape for state in handed_over] == [(4, 5)] * states * 2


def test_context_at_every_step_reaches_the_decoder_beside_its_states(build, batch):
    model = build(context="every_step")
    states = first_states(model, build_encoder(model)(batch["source"]))
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


# --- padding and embeddings


def test_padding_never_changes_logits_at_real_positions(any_model, batch):
    expected = any_model(batch)
    length = batch["target"].shape[1]
    for more in (5, 20):
        padded = {side: np.pad(ids, [(0, 0), (0, more)]) for side, ids in batch.items()}
        logits = any_model(padded)
        assert logits.shape[1] == length + more
        np.testing.assert_allclose(logits[:, :length], expected, atol=1e-6)


def test_a_sentence_has_the_same_logits_alone_and_in_a_batch(fresh_model, batch):
    together = fresh_model(batch)
    for row, (source, target) in enumerate(zip(batch["source"], batch["target"], strict=True)):
        alone = {
            "source": np.trim_zeros(source, "b")[None],
            "target": np.trim_zeros(target, "b")[None],
        }
        logits = fresh_model(alone)[0]
        np.testing.assert_allclose(logits, together[row, : len(logits)], atol=1e-6)


@pytest.mark.parametrize("side", ["source", "target"])
def test_an_embedding_is_a_one_hot_vector_times_its_kernel(build, batch, side):
    embedding = build().get_layer(f"{side}_embedding")
    kernel = embedding.embeddings
    one_hot = ops.one_hot(batch[side], kernel.shape[0])
    np.testing.assert_allclose(one_hot @ kernel, embedding(batch[side]), atol=1e-6)


# --- the configuration


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("source_vocabulary", [0, -1]),
        ("target_vocabulary", [0, -1]),
        ("units", [0, -8]),
        ("embedding", [0]),
        ("layers", [0, -1]),
        ("dropout", [-0.1, 1.0, 2, float("nan")]),
        ("cell", ["LSTM", "transformer", ""]),
        ("context", ["never", "", None]),
    ],
)
def test_values_that_cannot_be_built_are_refused_by_name(field, values):
    good = {"source_vocabulary": 9, "target_vocabulary": 9}
    Seq2SeqConfig(**good)
    for value in values:
        with pytest.raises(ValueError, match=f"^{field} is .*: give "):
            Seq2SeqConfig(**good | {field: value})


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
    return ops.argmax(logits, axis=-1)


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
