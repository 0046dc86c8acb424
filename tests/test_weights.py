"""What `s2s_keras.models.weights` promises: a file of names and numbers, and no other taken in."""

import json

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from s2s_keras.batches import pad
from s2s_keras.models.weights import load_weights, named_weights, save_weights

CHOICES = [
    {},
    {"cell": "gru", "layers": 2, "attention": "additive", "bidirectional": True},
    {"cell": "rnn", "context": "every_step", "attention": "dot"},
]
RECURRENT = ("kernel", "recurrent_kernel", "bias")


def spell(choices) -> str:
    return choices.get("cell", "lstm")


@pytest.fixture(scope="module", params=CHOICES, ids=spell)
def choices(request):
    return request.param


@pytest.fixture(scope="module")
def batch(sentences):
    return {"source": pad(sentences(3, seed=1)), "target": pad(sentences(3, seed=2))}


@pytest.fixture
def saved(build, tmp_path):
    """The weights of a plain LSTM model, as a file and as arrays."""
    path = tmp_path / "weights.safetensors"
    save_weights(build(), path)
    return path, load_file(path)


def values(model) -> dict[str, np.ndarray]:
    return {name: variable.numpy() for name, variable in named_weights(model).items()}


def test_what_is_saved_is_loaded_into_another_model_of_the_configuration(
    build, batch, choices, tmp_path
):
    model, other = build(seed=1, **choices), build(seed=2, **choices)
    path = tmp_path / "weights.safetensors"
    save_weights(model, path)
    assert np.abs(other(batch) - model(batch)).max() > 1e-3
    load_weights(other, path)
    np.testing.assert_array_equal(other(batch), model(batch))
    for name, value in values(model).items():
        np.testing.assert_array_equal(values(other)[name], value, name)


def test_every_weight_has_one_name(build, choices):
    model = build(**choices)
    named = named_weights(model)
    assert {id(variable) for variable in named.values()} == {id(v) for v in model.weights}
    assert len(named) == len(model.weights)


def test_the_names_are_layer_and_weight(build):
    assert set(named_weights(build())) == {
        "source_embedding/embeddings",
        "target_embedding/embeddings",
        *(f"encoder_1/{name}" for name in RECURRENT),
        *(f"decoder_1/{name}" for name in RECURRENT),
        "logits/kernel",
        "logits/bias",
    }


def test_two_directions_are_told_apart_and_attention_has_its_layers(build):
    names = set(named_weights(build(cell="gru", attention="additive", bidirectional=True)))
    assert {name for name in names if name.startswith("encoder_1")} == {
        f"encoder_1/{way}/{name}" for way in ("forward", "backward") for name in RECURRENT
    }
    assert {name for name in names if name.startswith("attention")} == {
        f"attention_{layer}/kernel" for layer in ("query", "key", "score", "output")
    }


def test_the_names_do_not_depend_on_what_else_was_built(build, choices):
    """Keras numbers layers of one kind through; these names must not."""
    first, second = named_weights(build(**choices)), named_weights(build(**choices))
    assert list(first) == list(second)


def test_fast_and_plain_cells_read_each_other_s_files(build, batch, choices, tmp_path):
    from s2s_keras import fast

    quick, plain = build(seed=1, cells=fast.CELLS, **choices), build(seed=2, **choices)
    assert list(named_weights(quick)) == list(named_weights(plain))
    save_weights(quick, tmp_path / "weights.safetensors")
    load_weights(plain, tmp_path / "weights.safetensors")
    np.testing.assert_allclose(plain(batch), quick(batch), atol=1e-5)


def test_the_file_is_numbers_and_names_for_any_language(saved, build):
    """Eight bytes of length, a header of JSON, then the numbers: read here without a library."""
    path, _ = saved
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header, numbers = json.loads(content[8 : 8 + size]), content[8 + size :]
    for name, value in values(build()).items():
        start, end = header[name]["data_offsets"]
        assert header[name]["dtype"] == "F32"
        read = np.frombuffer(numbers[start:end], "<f4").reshape(header[name]["shape"])
        np.testing.assert_array_equal(read, value)


# --- files that are refused


def refused(model, path, reason: str) -> None:
    """Loading fails for this reason, and leaves the model as it was."""
    before = values(model)
    with pytest.raises(ValueError, match=reason):
        load_weights(model, path)
    for name, value in values(model).items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:-5],
        lambda content: content[: len(content) // 2],
        lambda content: b"PK\x03\x04" + content,
        lambda content: b"weights: none\n" * 100,
        lambda content: content.replace(b'"F32"', b'"F99"', 1),
    ],
    ids=["empty", "without its end", "half", "an archive", "text", "of an unknown type"],
)
def test_a_damaged_file_is_refused(build, saved, spoil):
    path, _ = saved
    path.write_bytes(spoil(path.read_bytes()))
    refused(build(seed=1), path, "^damaged")


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"cell": "gru"}, r"^encoder_1/kernel has the shape \(6, 24\), not \(6, 32\)"),
        ({"units": 4}, r"^encoder_1/kernel has the shape \(6, 16\), not \(6, 32\)"),
        ({"target_vocabulary": 14}, r"^target_embedding/embeddings has the shape \(14, 6\)"),
        ({"layers": 2}, "^not the weights of this configuration: decoder_2/bias is one too many"),
        ({"attention": "dot"}, "attention_output/kernel is one too many"),
        ({"bidirectional": True}, "configuration: encoder_1/bias is missing"),
    ],
    ids=str,
)
def test_weights_of_another_configuration_are_refused(build, tmp_path, other, reason):
    path = tmp_path / "weights.safetensors"
    save_weights(build(**other), path)
    refused(build(seed=1), path, reason)


def test_a_file_of_something_else_is_refused(build, saved):
    path, _ = saved
    save_file({"model.embed_tokens.weight": np.zeros((3, 2), "float32")}, path)
    refused(build(seed=1), path, "not the weights of this configuration: decoder_1/bias is missing")


def test_a_model_is_never_half_of_two(build, saved):
    """One shape is wrong, and it is the last that would be read."""
    path, arrays = saved
    last = list(named_weights(build()))[-1]
    save_file(arrays | {last: np.zeros(99, "float32")}, path)
    refused(build(seed=1), path, f"^{last} has the shape")


def test_a_missing_file_says_so(build, tmp_path):
    with pytest.raises(FileNotFoundError):
        load_weights(build(), tmp_path / "nothing.safetensors")


def test_what_mixed_precision_trained_is_saved_with_all_its_bits(build, batch, tmp_path):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = build(seed=1, attention="dot")
    finally:
        keras.config.set_dtype_policy(policy)
    save_weights(mixed, tmp_path / "weights.safetensors")
    exact = build(seed=2, attention="dot")
    load_weights(exact, tmp_path / "weights.safetensors")
    np.testing.assert_array_equal(exact(batch), build(seed=1, attention="dot")(batch))
