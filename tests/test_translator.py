"""What `s2s_keras.translator` promises: text in, text out; saved whole, loaded the same."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from s2s_keras import batches, decoding, evaluation, training
from s2s_keras.corpus import InputError, ParallelCorpus
from s2s_keras.text import END, PAD
from s2s_keras.text import words as text_words
from s2s_keras.translator import Translator, check_can_save, train

ANIMALS = {"cat": "बिल्ली", "dog": "कुत्ता", "cow": "गाय", "bird": "चिड़िया", "fish": "मछली"}
ACTIONS = {"eats": "खाती", "sleeps": "सोती", "runs": "दौड़ती", "comes": "आती"}
# Every sentence has a word of its own, so that a vocabulary tells which sentences it was made from.
CORPUS = ParallelCorpus(
    *zip(
        *(
            (f"The {animal}{n} {action}.", f"{पशु}{n} {क्रिया} है।")
            for n, (animal, पशु) in enumerate(ANIMALS.items())
            for action, क्रिया in ACTIONS.items()
        ),
        *((f"Number{n} is here.", f"संख्या{n} यहाँ है।") for n in range(20)),
        strict=True,
    ),
    name="animals",
)
TINY = {"units": 8, "embedding": 8, "batch_size": 8, "learning_rate": 0.01, "progress": False}
SENTENCES = ["The cat0 eats.", "", "Here is number7!", "Zebras xylophone क्ष 🙂", "The dog1 sleeps."]
FILES = {"translator.json", "model.keras", "source.json", "target.json"}
HISTORY = {"history.csv", "history.png"}


@pytest.fixture(scope="module")
def trained():
    """A tiny translator of words and its history."""
    return train(CORPUS, epochs=3, **TINY)


@pytest.fixture(scope="module")
def words(trained):
    return trained[0]


@contextlib.contextmanager
def without_training():
    """In here `train` makes everything and trains nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "fit", lambda *_, **__: pd.DataFrame())
        yield


@pytest.fixture
def no_training():
    """For what is decided before the first step of training."""
    with without_training():
        yield


@pytest.fixture(scope="module")
def translators(words):
    """A translator with each tokenizer that this platform has, by name; most say what they like."""
    kinds = ["char"] + ["subword"] * bool(importlib.util.find_spec("tensorflow_text"))
    with without_training():
        return {"word": words} | {kind: train(CORPUS, tokenizer=kind, **TINY)[0] for kind in kinds}


@pytest.fixture(params=["word", "char", "subword"])
def any_tokenizer(request, translators):
    """A tiny translator with each tokenizer in turn."""
    if request.param not in translators:
        pytest.skip("tensorflow-text has no wheel for this platform")
    return translators[request.param]


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


# Translating


def test_there_is_one_translation_for_each_sentence_in_order(words):
    together = words.translate(SENTENCES)
    assert len(together) == len(SENTENCES)
    assert together == [words.translate([sentence])[0] for sentence in SENTENCES]


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_the_size_of_the_batches_changes_no_translation(words, batch_size):
    sentences = [*CORPUS.source, *SENTENCES]
    assert words.translate(sentences, batch_size=batch_size) == words.translate(sentences)


def test_a_beam_translates_as_beam_search_does(words):
    ids = words.target_tokenizer.encode_all(words.translate(["The cat eats."], beam_width=3))
    source = batches.pad(words.source_tokenizer.encode_all(["The cat eats."]))
    found = decoding.beam_search(words.training_model, 3)(source)[0]
    assert [*ids[0], END] == [token for token in found.tolist() if token != PAD]


def test_no_sentences_have_no_translations(words):
    assert words.translate([]) == []


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u200b"])
def test_a_blank_sentence_stays_empty(any_tokenizer, blank):
    assert any_tokenizer.translate([blank, "The cat0 eats.", blank])[::2] == ["", ""]


@pytest.mark.parametrize(
    "sentence", ["zzz", "Привет", "🙂", "\u0301", "<start> <end>", "word " * 200, "a" * 1000]
)
def test_words_never_seen_are_no_error(any_tokenizer, sentence):
    (translation,) = any_tokenizer.translate([sentence])
    assert isinstance(translation, str) and "\n" not in translation


def test_a_translation_is_one_line_of_clean_text(any_tokenizer):
    for translation in any_tokenizer.translate(CORPUS.source):
        assert translation == " ".join(translation.split())
        assert not any(special in translation for special in ("<pad>", "<start>", "<end>"))


def test_capitals_of_the_source_do_not_matter(words):
    assert words.translate(["THE CAT0 EATS."]) == words.translate(["the cat0 eats."])


def test_a_new_random_seed_changes_no_translation(any_tokenizer):
    before = any_tokenizer.translate(SENTENCES)
    keras.utils.set_random_seed(1)  # TensorFlow forgets its operations and what they hold.
    assert any_tokenizer.translate(SENTENCES) == before


# Training


def test_history_has_a_row_an_epoch_and_the_quality_on_the_dev_side(trained):
    _, history = trained
    assert list(history.epoch) == [1, 2, 3]
    assert set(history) == {
        "epoch",
        "loss",
        "perplexity",
        "validation_loss",
        "validation_perplexity",
        "validation_chrf",
    }
    assert np.isfinite(history.to_numpy()).all()
    assert history.loss.is_monotonic_decreasing


def test_the_translator_is_that_of_the_best_epoch_on_the_dev_side(trained):
    words, history = trained
    dev = CORPUS.split(seed=0).dev
    chrf = evaluation.score(words.translate(dev.source), dev.target).chrf
    assert chrf == pytest.approx(history.validation_chrf.max())


def test_vocabularies_know_the_training_side_and_nothing_of_the_others(words):
    splits = CORPUS.split(seed=words.seed)
    assert not any(1 in words.target_tokenizer.encode(text) for text in splits.train.target)
    # Source words that training meets once are unknown on purpose, so that UNK means something.
    counts = Counter(word for text in splits.train.source for word in text_words(text.lower()))
    for text in splits.train.source:
        ids = words.source_tokenizer.encode(text)
        assert [i == 1 for i in ids] == [counts[word] < 2 for word in text_words(text.lower())]
    held_out = [*splits.dev.source, *splits.test.source]
    numbers = [text for text in held_out if text.startswith("Number")]
    assert numbers and all(1 in words.source_tokenizer.encode(text) for text in numbers)


def test_the_same_seed_trains_the_same_translator(trained):
    words, history = trained
    again, same_history = train(CORPUS, epochs=3, seed=0, **TINY)
    assert same_history.equals(history)
    assert again.translate(CORPUS.source) == words.translate(CORPUS.source)


def test_another_seed_splits_and_starts_otherwise(no_training):
    (one, _), (same, _), (other, _) = (train(CORPUS, seed=seed, **TINY) for seed in (3, 3, 4))
    kernels = [made.training_model.get_layer("logits").kernel[:, :4] for made in (one, same, other)]
    np.testing.assert_array_equal(kernels[0], kernels[1])
    assert not np.allclose(kernels[0], kernels[2])
    assert one.source_tokenizer.vocabulary == same.source_tokenizer.vocabulary
    assert one.source_tokenizer.vocabulary != other.source_tokenizer.vocabulary
    assert [made.seed for made in (one, same, other)] == [3, 3, 4]


def test_sizes_reach_the_model(no_training):
    sizes = {"cell": "gru", "units": 5, "embedding": 7, "layers": 2, "dropout": 0.5}
    model = train(CORPUS, **sizes)[0].training_model
    assert [model.get_layer(f"decoder_{n}").units for n in (1, 2)] == [5, 5]
    assert type(model.get_layer("encoder_1")).__name__ == "GRU"
    assert model.get_layer("source_embedding").output_dim == 7
    assert model.get_layer("encoder_dropout_1").rate == 0.5


def test_a_corpus_too_small_for_a_dev_side_is_trained_on_all_the_same(tmp_path):
    trained, history = train(CORPUS[:2], epochs=1, **TINY)
    assert list(history) == ["epoch", "loss", "perplexity"] and len(history) == 1
    trained.save(tmp_path / "small", history)
    assert Translator.load(tmp_path / "small").translate(["", "Hello."])[0] == ""


def test_an_empty_corpus_is_refused():
    with pytest.raises(InputError, match="nothing: 0 pairs"):
        train(ParallelCorpus((), (), "nothing"), **TINY)


def test_an_unknown_tokenizer_is_refused():
    with pytest.raises(InputError, match="'letters'.*word, char, subword"):
        train(CORPUS, tokenizer="letters", **TINY)


def test_a_reversed_source_is_reversed_whenever_it_is_translated(words, tmp_path):
    backwards = Translator(
        words.training_model, words.source_tokenizer, words.target_tokenizer, reverse_source=True
    )
    sentences = ["The cat0 eats .", "Here is number7 !"]
    turned_round = [" ".join(reversed(sentence.split())) for sentence in sentences]
    assert backwards.translate(sentences) == words.translate(turned_round)
    backwards.save(tmp_path / "backwards")
    loaded = Translator.load(tmp_path / "backwards")
    assert loaded.reverse_source and loaded.translate(sentences) == backwards.translate(sentences)


# Saving and loading


def test_saved_translators_translate_the_same_in_a_new_process(translators, tmp_path):
    for name, made in translators.items():
        made.save(tmp_path / name)
    program = (
        "import json, sys\n"
        "from s2s_keras.translator import Translator\n"
        "sentences, *folders = sys.argv[1:]\n"
        "for folder in folders:\n"
        "    print(json.dumps(Translator.load(folder).translate(json.loads(sentences))))"
    )
    sentences = [*SENTENCES, *CORPUS.source]
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
    assert {path.name for path in (tmp_path / "saved").iterdir()} == FILES
    assert Translator.load(tmp_path / "saved").seed == 5
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_a_translator_can_be_saved_where_it_was_loaded(words, folder):
    Translator.load(folder).save(folder)
    assert Translator.load(folder).translate(SENTENCES) == words.translate(SENTENCES)


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


# Where a translator cannot be saved: `check_can_save` says it before training, `save` in any case


@pytest.fixture(params=["check_can_save", "save"])
def try_to_save(request, words):
    return check_can_save if request.param == "check_can_save" else words.save


def refusal(function, path) -> str:
    """The message with which a path is refused: one line that begins with the path."""
    with pytest.raises(InputError) as caught:
        function(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_file_is_no_folder(try_to_save, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    message = refusal(try_to_save, tmp_path / "notes.txt")
    assert message.startswith(f"{tmp_path / 'notes.txt'}: ") and "name a folder" in message
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
    assert "x" * 300 in refusal(try_to_save, tmp_path / ("x" * 300))
    assert contents(tmp_path) == {}


def test_a_folder_that_may_not_be_written_is_refused(try_to_save, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    if os.access(tmp_path / "locked", os.W_OK):
        pytest.skip("this user may write everywhere")
    assert "cannot write here" in refusal(try_to_save, tmp_path / "locked" / "model")


# What is no translator


def test_a_missing_folder_is_told_with_the_remedy(tmp_path):
    message = refusal(Translator.load, tmp_path / "nowhere")
    assert message.startswith(f"{tmp_path / 'nowhere'}: no such folder")
    assert "s2s-keras train" in message


def test_an_overlong_name_is_no_folder(tmp_path):
    assert "x" * 300 in refusal(Translator.load, tmp_path / ("x" * 300))


@pytest.mark.parametrize("kind", ["file", "empty folder", "folder of other files"])
def test_what_is_no_translator_is_told_with_the_remedy(tmp_path, kind):
    path = tmp_path / "thing"
    if kind == "file":
        path.write_text("text")
    else:
        path.mkdir()
    if kind == "folder of other files":
        (path / "model.keras").write_text("text")
    message = refusal(Translator.load, path)
    assert message.startswith(f"{path}: ") and "s2s-keras train" in message


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_translator_without_one_of_its_files_is_refused(folder, name):
    (folder / name).unlink()
    message = refusal(Translator.load, folder)
    assert str(folder) in message and name in message and "s2s-keras train" in message


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
    ],
)
def test_a_damaged_manifest_is_refused(folder, damage):
    path = folder / "translator.json"
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    message = refusal(Translator.load, folder)
    assert message.startswith(f"{path}: damaged") and "s2s-keras train" in message


@pytest.mark.parametrize("content", [b"", b"text", b"\xff\xfe", b"\0" * 100])
def test_a_manifest_that_is_no_json_is_refused(folder, content):
    (folder / "translator.json").write_bytes(content)
    assert "translator.json: damaged" in refusal(Translator.load, folder)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_translator_that_may_not_be_read_is_refused(folder, name):
    (folder / name).chmod(0)
    if os.access(folder / name, os.R_OK):
        pytest.skip("this user may read everything")
    assert str(folder / name) in refusal(Translator.load, folder)
