"""Encoder and decoder step as ONNX: the same numbers from another program's arithmetic."""

import keras
import numpy as np
import pytest
from keras import ops

from s2s_keras.batches import pad
from s2s_keras.decoding import greedy
from s2s_keras.models import build_decoder_step, build_encoder
from s2s_keras.text import END, PAD, START, UNK

pytest.importorskip("tf2onnx", reason="needs the extra `onnx`")
onnxruntime = pytest.importorskip("onnxruntime", reason="needs the extra `onnx`")

CHOICES = {
    "lstm": {},
    "lstm, both ways, dot": {"bidirectional": True, "attention": "dot"},
    "gru, additive": {"cell": "gru", "attention": "additive"},
    "rnn, context at every step": {"cell": "rnn", "context": "every_step"},
}


@pytest.fixture(scope="module", params=CHOICES)
def model(build, request):
    return build(seed=1, **CHOICES[request.param])


@pytest.fixture(scope="module")
def exported(model, tmp_path_factory):
    """Encoder and decoder step, exported as they are built, and opened by ONNX Runtime."""
    folder = tmp_path_factory.mktemp("onnx")

    def export(part, name: str):
        path = folder / f"{name}.onnx"
        part.export(path, format="onnx", verbose=False)
        return onnxruntime.InferenceSession(path)

    return export(build_encoder(model), "encoder"), export(build_decoder_step(model), "step")


@pytest.fixture(params=[(4, 7), (1, 1), (3, 12)], ids=str)
def source(request, sentences):
    """Batches of several sizes and widths, with padding; one file serves them all."""
    batch, longest = request.param
    return np.pad(pad(sentences(batch, longest=longest, seed=8)), [(0, 0), (0, 2)])


def feed(session, arrays) -> dict[str, np.ndarray]:
    """Arrays by the names of a session's inputs, which come in Keras's order."""
    return dict(zip([entry.name for entry in session.get_inputs()], arrays, strict=True))


def test_the_encoder_gives_the_same_states(model, exported, source):
    encoder, _ = exported
    expected = keras.tree.flatten(build_encoder(model)(source))
    states = encoder.run(None, {"source": source})
    for state, value in zip(states, expected, strict=True):
        assert state.shape == value.shape
        np.testing.assert_allclose(state, value, atol=1e-4)


def test_the_decoder_step_gives_the_same_logits_and_states(model, exported, source):
    _, step = exported
    states = keras.tree.flatten(build_encoder(model)(source))
    token = ops.full((len(source), 1), START, dtype="int32")
    expected = build_decoder_step(model)([token, *states])
    results = step.run(None, feed(step, [np.array(array) for array in (token, *states)]))
    for result, value in zip(results, expected, strict=True):
        assert result.shape == value.shape
        np.testing.assert_allclose(result, value, atol=1e-4)


def test_a_loop_over_the_exported_step_translates_as_greedy_does(model, exported, source):
    """What a program without Keras does: the step's states go back into it, in their order."""
    encoder, step = exported
    states = encoder.run(None, {"source": source})
    token, translations = np.full((len(source), 1), START, "int32"), []
    for _ in range(6):
        logits, *states = step.run(None, feed(step, [token, *states]))
        logits[:, [PAD, UNK, START]] = -np.inf
        token = logits.argmax(axis=1).astype("int32")[:, None]
        translations.append(token[:, 0])
    for written, expected in zip(np.transpose(translations), greedy(model)(source, 6), strict=True):
        length = expected.tolist().index(END) + 1 if END in expected else 6
        np.testing.assert_array_equal(written[:length], expected[:length])


@pytest.mark.parametrize("model", ["gru, additive"], indirect=True)
def test_inputs_have_the_names_of_what_they_take(model, exported):
    names = [[entry.name for entry in session.get_inputs()] for session in exported]
    assert names == [
        ["source"],
        ["token", "decoder_1_hidden_state", "encoder_outputs", "keys", "source_mask"],
    ]


def test_the_step_with_attention_weights_is_exported_too(build, source, tmp_path):
    model = build(seed=2, attention="dot")
    step = build_decoder_step(model, attention=True)
    step.export(tmp_path / "step.onnx", format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "step.onnx")
    states = keras.tree.flatten(build_encoder(model)(source))
    token = ops.full((len(source), 1), START, dtype="int32")
    _, weights, *_ = session.run(None, feed(session, [np.array(a) for a in (token, *states)]))
    np.testing.assert_allclose(weights, step([token, *states])[1], atol=1e-4)
    assert (weights[source == PAD] == 0).all()
