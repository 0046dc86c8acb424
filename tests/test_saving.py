"""What a translator's folder promises: written whole, checked when read, and good for years."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from safetensors.numpy import load_file

import s2s_keras
from s2s_keras import batches
from s2s_keras.errors import InputError
from s2s_keras.models import CELLS, Seq2SeqConfig, build_training_model, config_of
from s2s_keras.translator import Translator, check_can_save, manifest, old_format, saving
from s2s_keras.translator.manifest import read_manifest
from s2s_keras.translator.saving import read_model

SENTENCES = ["The cat0 eats.", "", "Here is number7!", "Zebras xylophone क्ष 🙂", "The dog1 sleeps."]
FILES = {"translator.json", "weights.safetensors", "source.json", "target.json"}
FILES |= {"seen.safetensors"}
CARD = {"README.md"}  # which no translator needs
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


def change_manifest(folder: Path, change, sealed: bool = True) -> None:
    """Replace the manifest by what `change` makes of it, with a checksum that is right again."""
    path = folder / "translator.json"
    manifest = change(json.loads(path.read_text()))
    if sealed and isinstance(manifest, dict) and "checksum" in manifest:
        del manifest["checksum"]
        text = json.dumps(manifest, sort_keys=True)
        manifest["checksum"] = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(json.dumps(manifest))


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
    assert {path.name for path in (tmp_path / name).iterdir()} == FILES | CARD | HISTORY
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
    assert {path.name for path in (tmp_path / "saved").iterdir()} == (FILES | CARD) - {
        "seen.safetensors"
    }
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
    assert {path.name for path in (tmp_path / "old").iterdir()} == (FILES | CARD) - {
        "seen.safetensors"  # An old translator does not know what it was trained on.
    }
    translations = Translator.load(tmp_path / "old").translate([row[0] for row in rows])
    assert translations == [row[1] for row in rows]


# --- what an archive of version 0.1 may ask for: nothing but sizes and numbers


@pytest.fixture(params=["lstm", "gru"])
def old_copy(request, tmp_path, monkeypatch):
    """A folder of version 0.1 to change, in a world where Keras may not build what is saved."""

    def fail(*_, **__):
        raise AssertionError("something of the archive was built")

    for name in ("models.load_model", "saving.load_model", "saving.deserialize_keras_object"):
        monkeypatch.setattr(f"keras.{name}", fail)
    monkeypatch.setattr(keras.Layer, "from_config", fail)
    return shutil.copytree(OLD / request.param, tmp_path / request.param)


def change_archive(folder: Path, packing: int = zipfile.ZIP_STORED, **changes) -> None:
    """Replace members of the archive by what functions make of them; all checksums are right."""
    path = folder / "model.keras"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in members.items():
            change = changes.get(name.split(".")[0], lambda same: same)
            archive.writestr(name, change(content))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change_manifest(folder, lambda old: old | {"files": old["files"] | {"model.keras": digest}})


def with_layer(**layer):
    """What makes a configuration in which the last layer is another one."""

    def change(content: bytes) -> str:
        config = json.loads(content)
        config["config"]["layers"][-1] |= layer
        return json.dumps(config)

    return change


CODE = {"__lambda__": {"code": "4wEAAAAAAAAA", "defaults": None, "closure": None}}


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        ({"module": "keras.layers", "class_name": "Lambda", "config": CODE}, "Lambda"),
        (
            {"module": "mine", "class_name": "Evil", "registered_name": "mine>Evil"},
            "mine.mine>Evil",
        ),
        ({"module": "keras.layers", "class_name": "TFSMLayer", "config": {}}, "TFSMLayer"),
        ({"module": "os", "class_name": "Dense", "registered_name": None}, "os.Dense"),
        ({"class_name": "Dense", "registered_name": "mine>Dense"}, "keras.layers.mine>Dense"),
        ({"config": {"x": [{"class_name": "function", "config": "system"}]}}, "function"),
    ],
    ids=["Lambda", "custom", "SavedModel", "module", "registered", "function"],
)
def test_an_archive_that_asks_for_anything_else_is_refused_before_it_is_built(
    old_copy, layer, told
):
    change_archive(old_copy, config=with_layer(**layer))
    assert refusal(Translator.load, old_copy / "model.keras", old_copy) == (
        f"{old_copy / 'model.keras'}: asks for the class {told}, which no translator of version "
        "0.1 has; nothing of it was built; fetch it again, or train it again with `s2s-keras "
        "train`"
    )


def test_an_archive_that_asks_for_no_more_than_version_0_1_is_built_from_its_numbers(old_copy):
    change_archive(old_copy)
    rows = (OLD / f"{old_copy.name}.tsv").read_text(encoding="utf-8").splitlines()
    sentences, greedily, _ = zip(*(row.split("\t") for row in rows), strict=True)
    assert Translator.load(old_copy).translate(sentences) == [*greedily]


@pytest.mark.parametrize("name", ["config", "model"])
def test_an_archive_that_is_a_bomb_is_refused_by_its_size(old_copy, name):
    change_archive(old_copy, zipfile.ZIP_DEFLATED, **{name: lambda _: b" " * 50_000_000})
    message = refusal(Translator.load, old_copy / "model.keras", old_copy)
    assert "in it unpacks to 50,000,000 bytes, more than the" in message


@pytest.mark.parametrize("units", [10**9, 10**30, -1, None, "8", [8], 1e400])
def test_an_archive_of_impossible_sizes_is_refused_before_it_is_built(old_copy, monkeypatch, units):
    def change(content: bytes) -> str:
        config = json.loads(content)
        for layer in config["config"]["layers"]:
            if "units" in layer["config"]:
                layer["config"]["units"] = units
        return json.dumps(config)

    monkeypatch.setattr(old_format, "build_training_model", None)
    change_archive(old_copy, config=change)
    assert "damaged" in refusal(Translator.load, old_copy / "model.keras", old_copy)


@pytest.mark.parametrize(
    "trap", ["link", "link to a group", "external data", "virtual", "packed", "empty"]
)
def test_weights_that_lie_elsewhere_or_are_packed_are_not_read(old_copy, tmp_path, trap):
    """HDF5 can name other files on the disk, and hold terabytes of zeros in a few bytes."""

    def change(content: bytes) -> bytes:
        file = io.BytesIO(content)
        with h5py.File(file, "r+") as weights:
            holder = weights["layers/dense/vars"]
            shape, array = holder["0"].shape, holder["0"][...]
            with h5py.File(tmp_path / "secret.h5", "w") as secret:
                secret["mine"], secret["0"], secret["1"] = array, array, holder["1"][...]
            del holder["0"]
            if trap == "link":
                holder["0"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/mine")
            elif trap == "link to a group":
                weights.move("layers/dense/vars", "kept")
                weights["layers/dense/vars"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/")
                weights["layers/dense/vars"].attrs["name"] = "logits"
            elif trap == "external data":
                there = [(str(tmp_path / "secret.h5"), 0, array.nbytes)]
                holder.create_dataset("0", shape, "float32", external=there)
            elif trap == "virtual":
                layout = h5py.VirtualLayout(shape, "float32")
                source = h5py.VirtualSource(str(tmp_path / "secret.h5"), "mine", shape)
                layout[...] = source
                holder.create_virtual_dataset("0", layout)
            elif trap == "packed":
                holder.create_dataset("0", data=array, compression="gzip")
            else:
                holder.create_dataset("0", (1 << 20, 1 << 20), "float32")
        return file.getvalue()

    change_archive(old_copy, model=change)
    assert "model.keras: damaged" in refusal(Translator.load, old_copy / "model.keras", old_copy)


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


def refusal(function, path, *arguments) -> str:
    """The message with which arguments are refused: one line that begins with the path.

    The path is the argument, where no other is given.
    """
    with pytest.raises(InputError) as caught:
        function(*arguments or [path])
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


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_of_another_translator_is_refused(folder, untrained, name):
    other = untrained(seed=3)
    other.save(folder.parent / "other")
    shutil.copy(folder.parent / "other" / name, folder / name)
    if name == "translator.json":  # it tells of other files
        assert "of another translator" in refusal(Translator.load, folder)
        return
    if (folder / name).read_bytes() == contents(folder.parent / "other")[name]:
        (folder / name).write_bytes(contents(folder.parent / "other")["weights.safetensors"])
    assert refusal(Translator.load, folder) == (
        f"{folder / name}: damaged, half-written or of another translator; fetch it again, or "
        "train it again with `s2s-keras train`"
    )


def test_one_bit_anywhere_in_the_manifest_is_noticed(folder):
    path = folder / "translator.json"
    content = path.read_bytes()
    for place in range(len(content)):
        bit = 1 << place % 8
        path.write_bytes(content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :])
        message = refusal(read_manifest, folder)
        assert "translator.json: damaged" in message, (place, content[place])
    path.write_bytes(content)
    assert read_manifest(folder)["format"] == 1


def test_a_folder_of_a_newer_version_says_so(folder):
    newer = {"format": 2, "versions": {"s2s-keras": "3.1"}}
    change_manifest(folder, lambda manifest: manifest | newer)
    assert refusal(Translator.load, folder) == (
        f"{folder}: written by version 3.1 of s2s-keras in format 2, and this is version "
        f"{s2s_keras.__version__}, which knows formats up to 1; upgrade s2s-keras"
    )


def test_a_folder_from_before_formats_had_numbers_is_read(words, folder):
    def older(manifest):
        return {key: manifest[key] for key in manifest if key not in ("format", "checksum")}

    change_manifest(folder, older)
    assert Translator.load(folder).translate(SENTENCES) == words.translate(SENTENCES)


@pytest.mark.parametrize("number", [0, -1, 1.0, "1", True, None, [1]])
def test_a_format_that_is_no_number_is_damage(folder, number):
    change_manifest(folder, lambda manifest: manifest | {"format": number})
    assert "translator.json: damaged" in refusal(Translator.load, folder)


@pytest.mark.parametrize("sizes", [{"units": 10**9}, {"layers": 10**9}, {"embedding": 10**30}])
def test_a_model_larger_than_its_weights_is_refused_before_it_is_built(folder, monkeypatch, sizes):
    monkeypatch.setattr(saving, "build_training_model", None)
    change_manifest(folder, lambda manifest: manifest | {"config": manifest["config"] | sizes})
    assert "weights.safetensors: damaged" in refusal(Translator.load, folder)


@pytest.mark.parametrize("name", ["source.json", "target.json"])
def test_a_tokenizer_of_other_words_than_the_model_s_is_refused(words, folder, animals, name):
    larger = words.source_tokenizer.extended(["Xylophone zebra."] * 9)
    larger.save(folder / name)
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    change_manifest(folder, lambda old: old | {"files": old["files"] | {name: digest}})
    message = refusal(Translator.load, folder)
    assert f"{name}: {larger.vocabulary_size} tokens, but the model has " in message


@pytest.mark.parametrize("name", ["translator.json", "source.json", "target.json"])
def test_text_too_large_for_a_translator_is_not_read(folder, monkeypatch, name):
    monkeypatch.setitem(manifest.LARGEST, name, 10)
    assert f"{name}: over 10 bytes" in refusal(Translator.load, folder)


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000, b"1" * 100_000])
def test_a_manifest_that_is_deep_or_long_is_damage(folder, content):
    (folder / "translator.json").write_bytes(content)
    assert "translator.json: damaged" in refusal(Translator.load, folder)


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
