"""What a translator's folder promises: written whole, checked when read, and good for years."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file

import s2s_keras
from s2s_keras import batches
from s2s_keras.errors import InputError
from s2s_keras.models import CELLS, Seq2SeqConfig, build_training_model, config_of
from s2s_keras.translator import Translator, check_can_save
from s2s_keras.translator.saving import read_manifest, read_model

SENTENCES = ["The cat0 eats.", "", "Here is number7!", "Zebras xylophone क्ष 🙂", "The dog1 sleeps."]
FILES = {"translator.json", "weights.safetensors", "source.json", "target.json"}
FILES |= {"seen.safetensors"}
HISTORY = {"history.csv", "history.png"}
OLD = Path(__file__).parent / "old_translators"


@pytest.fixture
def folder(words, tmp_path):
    """A folder in which a translator has been saved."""
    words.save(tmp_path / "saved")
    return tmp_path / "saved"


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder, hidden files too: its path, and its bytes if it is a file."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def change_manifest(folder: Path, change) -> None:
    """Replace the manifest by what `change` makes of it."""
    path = folder / "translator.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


def logits(translator: Translator, sentences: list[str]) -> np.ndarray:
    """What the training model says of some sentences."""
    source = batches.pad(translator.source_tokenizer.encode_all(sentences))
    model = translator.training_model
    return np.array(model({"source": source, "target": source % 5}, training=False))


# --- what is saved is what is loaded


def test_saved_translators_translate_the_same_in_a_new_process(translators, animals, tmp_path):
    for name, made in translators.items():
        made.save(tmp_path / name)
    program = (
        "import json, sys\n"
        "from s2s_keras.translator import Translator\n"
        "sentences, *folders = sys.argv[1:]\n"
        "for folder in folders:\n"
        "    print(json.dumps(Translator.load(folder).translate(json.loads(sentences))))"
    )
    sentences = [*SENTENCES, *animals.source]
    folders = [str(tmp_path / name) for name in translators]
    answer = subprocess.run(
        [sys.executable, "-c", program, json.dumps(sentences), *folders],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    translations = dict(zip(translators, map(json.loads, answer.stdout.splitlines()), strict=True))
    assert translations == {name: made.translate(sentences) for name, made in translators.items()}


def test_what_is_loaded_is_what_was_saved(words, folder):
    loaded = Translator.load(folder)
    for mine, theirs in zip(
        words.training_model.get_weights(), loaded.training_model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)
    assert loaded.source_tokenizer.vocabulary == words.source_tokenizer.vocabulary
    assert loaded.target_tokenizer.vocabulary == words.target_tokenizer.vocabulary
    assert (loaded.reverse_source, loaded.seed) == (words.reverse_source, words.seed)


@pytest.mark.parametrize(
    "choices",
    [
        {"cell": "lstm", "layers": 2, "attention": "dot", "bidirectional": True},
        {"cell": "gru", "attention": "additive", "context": "every_step", "dropout": 0.5},
        {"cell": "rnn", "layers": 3, "bidirectional": True},
    ],
    ids=lambda choices: choices["cell"],
)
def test_every_kind_of_model_is_built_again_fast_or_plain(untrained, tmp_path, choices):
    made = untrained(**choices, reverse_source=True, seed=4)
    made.save(tmp_path / "saved")
    loaded = Translator.load(tmp_path / "saved")
    assert (loaded.reverse_source, loaded.seed) == (True, 4)
    assert config_of(loaded.training_model) == config_of(made.training_model)
    expected = logits(made, SENTENCES)
    np.testing.assert_allclose(logits(loaded, SENTENCES), expected, atol=1e-5)

    model = read_model(tmp_path / "saved", read_manifest(tmp_path / "saved"), CELLS)
    assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}
    loaded.training_model = model
    np.testing.assert_allclose(logits(loaded, SENTENCES), expected, atol=1e-5)


def test_the_folder_holds_numbers_and_text_by_names_that_anyone_can_read(words, folder):
    manifest = json.loads((folder / "translator.json").read_text())
    assert Seq2SeqConfig(**manifest["config"]) == config_of(words.training_model)
    assert manifest["versions"]["s2s-keras"] == s2s_keras.__version__
    assert manifest["versions"]["keras"] == keras.__version__
    weights = load_file(folder / "weights.safetensors")
    assert {*weights} == {
        "source_embedding/embeddings",
        "target_embedding/embeddings",
        *(
            f"{layer}/{name}"
            for layer in ("encoder_1", "decoder_1")
            for name in ("kernel", "recurrent_kernel", "bias")
        ),
        "logits/kernel",
        "logits/bias",
    }
    kernel = words.training_model.get_layer("logits").kernel
    np.testing.assert_array_equal(weights["logits/kernel"], kernel)


@pytest.mark.parametrize("versions", [{"keras": "9.0.0", "s2s-keras": "7.1"}, {}, None])
def test_the_versions_that_wrote_a_folder_do_not_matter(words, folder, versions):
    change_manifest(folder, lambda manifest: manifest | {"versions": versions})
    assert Translator.load(folder).translate(SENTENCES) == words.translate(SENTENCES)


def test_a_saved_translator_may_be_moved(words, folder):
    elsewhere = folder.rename(folder.parent / "हिंदी अनुवादक")
    assert Translator.load(elsewhere).translate(SENTENCES) == words.translate(SENTENCES)


def test_a_saved_translator_does_not_tell_where_it_was_made(folder):
    for name, content in contents(folder).items():
        assert str(folder.parent).encode() not in content, name


@pytest.mark.parametrize("name", ["new", "new/in/new/folders", "empty"])
def test_a_new_or_empty_folder_is_filled(trained, tmp_path, name):
    words, history = trained
    (tmp_path / "empty").mkdir()
    words.save(tmp_path / name, history)
    assert {path.name for path in (tmp_path / name).iterdir()} == FILES | HISTORY
    assert (tmp_path / name / "history.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    rows = (tmp_path / name / "history.csv").read_text().splitlines()
    assert rows[0].split(",") == list(history) and len(rows) == 1 + len(history)


def test_a_folder_in_the_working_directory_is_filled(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words.save("here")
    assert Translator.load("here").seed == words.seed


def test_an_earlier_translator_is_replaced_as_a_whole(trained, tmp_path):
    words, history = trained
    words.save(tmp_path / "saved", history)
    Translator(words.training_model, words.source_tokenizer, words.target_tokenizer, seed=5).save(
        tmp_path / "saved"
    )
    assert {path.name for path in (tmp_path / "saved").iterdir()} == FILES - {"seen.safetensors"}
    assert Translator.load(tmp_path / "saved").seed == 5
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_a_translator_can_be_saved_where_it_was_loaded(words, folder):
    Translator.load(folder).save(folder)
    assert Translator.load(folder).translate(SENTENCES) == words.translate(SENTENCES)


def test_an_ensemble_is_not_saved(words, tmp_path):
    together = Translator.ensemble([words, words])
    message = refusal(together.save, tmp_path / "saved")
    assert "an ensemble is not saved; save each of its models" in message
    assert contents(tmp_path) == {}


# --- folders of version 0.1, which held a Keras archive with classes of this package


@pytest.fixture(params=["lstm", "gru"])
def old(request):
    """A folder that version 0.1 wrote, and what it translated: text, greedily, by a beam of 3."""
    lines = (OLD / f"{request.param}.tsv").read_text(encoding="utf-8").splitlines()
    return OLD / request.param, [line.split("\t") for line in lines]


def test_a_folder_of_version_0_1_translates_as_it_did(old):
    folder, rows = old
    sentences, greedily, by_beam = zip(*rows, strict=True)
    loaded = Translator.load(folder)
    assert loaded.translate(sentences) == [*greedily]
    assert loaded.translate(sentences, beam_width=3) == [*by_beam]
    assert loaded.seed == 5
    assert len({*greedily}) > 3


def test_a_folder_of_version_0_1_loads_as_plain_keras_layers(old):
    folder, rows = old
    plain = read_model(folder, read_manifest(folder), CELLS)
    assert {type(layer).__module__.split(".")[0] for layer in plain.layers} == {"keras"}
    loaded = Translator.load(folder)
    expected = logits(loaded, [row[0] for row in rows])
    loaded.training_model = plain
    np.testing.assert_allclose(logits(loaded, [row[0] for row in rows]), expected, atol=1e-5)


def test_a_folder_of_version_0_1_is_saved_anew_in_its_place(old, tmp_path):
    folder, rows = old
    (tmp_path / "old").mkdir()
    for name, content in contents(folder).items():
        (tmp_path / "old" / name).write_bytes(content)
    Translator.load(tmp_path / "old").save(tmp_path / "old")
    assert {path.name for path in (tmp_path / "old").iterdir()} == FILES - {
        "seen.safetensors"  # An old translator does not know what it was trained on.
    }
    translations = Translator.load(tmp_path / "old").translate([row[0] for row in rows])
    assert translations == [row[1] for row in rows]


def test_an_archive_that_this_version_of_keras_cannot_read_is_told_in_one_line(old, monkeypatch):
    def fail(*_, **__):
        raise TypeError("<class 'LSTM'> could not be deserialized properly.\nPlease ensure that")

    monkeypatch.setattr(keras.models, "load_model", fail)
    message = refusal(Translator.load, old[0])
    assert "model.keras: written by another version of Keras than" in message
    assert "s2s-keras train" in message


# --- when saving breaks off


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
def test_an_earlier_translator_survives_when_saving_breaks_off(words, folder, monkeypatch, error):
    def break_off(path):
        Path(path).write_text("half of")
        raise error

    before = contents(folder.parent)
    monkeypatch.setattr(words.target_tokenizer, "save", break_off)
    with pytest.raises((type(error), InputError)):
        words.save(folder)
    assert contents(folder.parent) == before


def test_an_earlier_translator_survives_when_the_new_one_cannot_take_its_place(
    words, folder, monkeypatch
):
    rename = Path.rename

    def refuse_the_last_step(path, target):
        if path.name == "new":
            raise OSError(16, "Device or resource busy")
        return rename(path, target)

    before = contents(folder.parent)
    monkeypatch.setattr(Path, "rename", refuse_the_last_step)
    with pytest.raises((OSError, InputError)):
        words.save(folder)
    assert contents(folder.parent) == before


def test_a_full_disk_is_told_in_one_line(words, tmp_path, monkeypatch):
    def fill_up(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(words.target_tokenizer, "save", fill_up)
    with pytest.raises(InputError, match="saved.*No space left on device"):
        words.save(tmp_path / "saved")
    assert contents(tmp_path) == {}


# --- where a translator cannot be saved: `check_can_save` says it before training, `save` anyway


@pytest.fixture(params=["check_can_save", "save"])
def try_to_save(request, words):
    return check_can_save if request.param == "check_can_save" else words.save


def refusal(function, path) -> str:
    """The message with which a path is refused: one line that begins with the path."""
    with pytest.raises(InputError) as caught:
        function(path)
    message = str(caught.value)
    assert "\n" not in message and message.startswith(str(path))
    return message


def test_a_file_is_no_folder(try_to_save, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    assert "name a folder" in refusal(try_to_save, tmp_path / "notes.txt")
    assert contents(tmp_path) == {"notes.txt": b"mine"}


@pytest.mark.parametrize("name", ["notes.txt", ".hidden", "folder/inside.txt"])
def test_a_folder_of_other_files_is_left_alone(try_to_save, tmp_path, name):
    (tmp_path / "mine" / name).parent.mkdir(parents=True)
    (tmp_path / "mine" / name).write_text("mine")
    before = contents(tmp_path)
    message = refusal(try_to_save, tmp_path / "mine")
    assert "holds other files" in message and "name a new or empty folder" in message
    assert contents(tmp_path) == before


def test_what_someone_put_beside_an_earlier_translator_is_not_deleted(try_to_save, folder):
    (folder / "notes.txt").write_text("mine")
    before = contents(folder.parent)
    assert "holds other files" in refusal(try_to_save, folder)
    assert contents(folder.parent) == before


def test_a_folder_below_a_file_is_refused(try_to_save, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    assert "cannot write here" in refusal(try_to_save, tmp_path / "notes.txt" / "model")
    assert contents(tmp_path) == {"notes.txt": b"mine"}


def test_an_overlong_name_is_refused(try_to_save, tmp_path):
    refusal(try_to_save, tmp_path / ("x" * 300))
    assert contents(tmp_path) == {}


def test_a_folder_that_may_not_be_written_is_refused(try_to_save, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    if os.access(tmp_path / "locked", os.W_OK):
        pytest.skip("this user may write everywhere")
    assert "cannot write here" in refusal(try_to_save, tmp_path / "locked" / "model")


# --- what is no translator


def test_a_missing_folder_is_told_with_the_remedy(tmp_path):
    message = refusal(Translator.load, tmp_path / "nowhere")
    assert ": no such folder" in message and "s2s-keras train" in message


def test_an_overlong_name_is_no_folder(tmp_path):
    refusal(Translator.load, tmp_path / ("x" * 300))


@pytest.mark.parametrize("kind", ["file", "empty folder", "folder of other files"])
def test_what_is_no_translator_is_told_with_the_remedy(tmp_path, kind):
    path = tmp_path / "thing"
    if kind == "file":
        path.write_text("text")
    else:
        path.mkdir()
    if kind == "folder of other files":
        (path / "weights.safetensors").write_text("text")
    assert "s2s-keras train" in refusal(Translator.load, path)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_translator_without_one_of_its_files_is_refused(folder, name):
    (folder / name).unlink()
    message = refusal(Translator.load, folder)
    assert name in message and "s2s-keras train" in message


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
@pytest.mark.parametrize("name", sorted(FILES))
def test_a_translator_with_a_truncated_file_is_refused(folder, name, share):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(share * len(content))])
    message = refusal(Translator.load, folder)
    assert str(folder / name) in message and "damaged" in message and "s2s-keras train" in message


@pytest.mark.parametrize("name", sorted(FILES - {"translator.json"}))
def test_a_translator_with_one_changed_byte_is_refused(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    assert str(folder / name) in refusal(Translator.load, folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda manifest: {},
        lambda manifest: [],
        lambda manifest: None,
        lambda manifest: manifest | {"files": None},
        lambda manifest: manifest | {"files": {}},
        lambda manifest: manifest | {"files": ["model.keras"]},
        lambda manifest: manifest | {"seed": "zero"},
        lambda manifest: manifest | {"seed": None},
        lambda manifest: manifest | {"seed": float("inf")},
        lambda manifest: {key: manifest[key] for key in manifest if key != "seed"},
        lambda manifest: {key: manifest[key] for key in manifest if key != "reverse_source"},
        lambda manifest: {key: manifest[key] for key in manifest if key != "config"},
        lambda manifest: manifest | {"config": None},
        lambda manifest: manifest | {"config": {}},
        lambda manifest: manifest | {"config": manifest["config"] | {"cell": "transformer"}},
        lambda manifest: manifest | {"config": manifest["config"] | {"units": "8"}},
        lambda manifest: manifest | {"config": manifest["config"] | {"heads": 8}},
    ],
)
def test_a_damaged_manifest_is_refused(folder, damage):
    change_manifest(folder, damage)
    message = refusal(Translator.load, folder)
    assert "translator.json: damaged" in message and "s2s-keras train" in message


@pytest.mark.parametrize("other", [{"units": 9}, {"layers": 2}, {"attention": "additive"}])
def test_weights_of_another_configuration_are_refused(folder, other):
    change_manifest(folder, lambda manifest: manifest | {"config": manifest["config"] | other})
    assert "weights.safetensors: damaged" in refusal(Translator.load, folder)


@pytest.mark.parametrize("content", [b"", b"text", b"\xff\xfe", b"\0" * 100])
def test_a_manifest_that_is_no_json_is_refused(folder, content):
    (folder / "translator.json").write_bytes(content)
    assert "translator.json: damaged" in refusal(Translator.load, folder)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_translator_that_may_not_be_read_is_refused(folder, name, monkeypatch):
    opened = Path.open

    def refuse(path, *given, **how):
        if path.name == name:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *given, **how)

    monkeypatch.setattr(Path, "open", refuse)
    message = refusal(Translator.load, folder)
    assert message == f"{folder / name}: Permission denied; check who may read it"


@pytest.mark.parametrize("place", ["bridge", "after_embedding", "logits"])
def test_a_model_with_layers_of_one_s_own_comes_back_with_the_cells_it_was_built_with(
    words, tmp_path, place
):
    def layer(units, name):
        return keras.Sequential([keras.layers.Dense(units)], name=name)

    cells = {**CELLS, place: keras.layers.Dense if place != "logits" else layer}
    model = build_training_model(config_of(words.training_model), cells)
    extended = Translator(model, words.source_tokenizer, words.target_tokenizer)
    extended.save(tmp_path / "extended")
    assert Translator.load(tmp_path / "extended", cells).translate(SENTENCES) == (
        extended.translate(SENTENCES)
    )
    message = refusal(Translator.load, tmp_path / "extended")
    assert re.search(f"differ in the layer .*{place}.*; give Translator.load the cells", message)
    words.save(tmp_path / "plain")
    message = refusal(lambda folder: Translator.load(folder, cells), tmp_path / "plain")
    assert f"{tmp_path / 'plain'}: its model and cells differ" in message
