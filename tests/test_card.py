"""What a translator's card promises: to tell where the translator is from, and not to be lost."""

import dataclasses
import json
import re
from pathlib import Path

import keras
import pytest
import tensorflow as tf
from test_saving import change_manifest, contents

import s2s_keras
from s2s_keras.corpora import ParallelCorpus, load
from s2s_keras.errors import InputError
from s2s_keras.evaluation import Scores, score
from s2s_keras.translator import About, Translator, train
from s2s_keras.translator.card import about_training

SCORES = score(["बिल्ली खाती है।", "हाँ।"], ["बिल्ली खाती है।", "नहीं।"])


@pytest.fixture
def folder(words, tmp_path):
    words.save(tmp_path / "saved")
    return tmp_path / "saved"


def card_in(folder: Path) -> str:
    return (folder / "README.md").read_text(encoding="utf-8")


def fact(card: str, name: str) -> str:
    return re.search(rf"(?m)^\| {name} \| (.*) \|$", card)[1]


def test_a_card_tells_data_call_epoch_size_seed_and_versions(trained, animals):
    words, history = trained
    splits, best = animals.split(), history.val_chrf.idxmax()
    card = words.card()
    assert fact(card, "data").startswith(f"`animals`: {len(splits.train)} pairs to learn from")
    assert f"{len(splits.dev)} to choose the epoch by" in fact(card, "data")
    assert fact(card, "licence of the data") == "unknown"
    assert fact(card, "best epoch") == (
        f"number {best + 1} of 3, with a chrF of {history.val_chrf[best]:.1f} on "
        f"{len(splits.dev)} sentences that chose it"
    )
    assert fact(card, "weights") == f"{words.training_model.count_params():,}"
    assert fact(card, "seed") == "0"
    assert fact(card, "made with") == (
        f"s2s-keras {s2s_keras.__version__}, Keras {keras.__version__}, TensorFlow {tf.__version__}"
    )
    assert (
        f"{words.source_tokenizer.vocabulary_size} words and marks of the source language" in card
    )


def test_the_call_on_the_card_has_what_differs_from_the_defaults_and_no_more(untrained, animals):
    dev = ParallelCorpus.from_pairs([("A b.", "क ख।")], "eight")
    made = untrained(epochs=10, dev=dev, teacher_forcing=(1.0, 0.5), seed=3, folder=None)
    call = fact(made.card(), "trained by")
    assert call == (
        "`train(animals, teacher_forcing=(1.0, 0.5), batch_size=8, learning_rate=0.01, "
        "schedule='constant', seed=3, units=8, embedding=8, attention='none', "
        "bidirectional=False, dev='eight')`"
    )


def test_a_corpus_that_is_read_from_its_file_is_told_by_its_name(write, tmp_path):
    lines = [f"The cat{n} eats.\tबिल्ली{n} खाती है।" for n in range(30)]
    parts = [load(write(name, "\n".join(some)), stream=True)
             for name, some in (("many.tsv", lines[:24]), ("few.tsv", lines[24:]))]  # fmt: skip
    sizes = {"units": 8, "embedding": 8, "epochs": 0, "progress": False}
    made, _ = train(parts[0], dev=parts[1], test=0.0, **sizes)
    assert fact(made.card(), "data") == (
        "`many.tsv`: 24 pairs to learn from, 6 to choose the epoch by"
    )
    assert "dev='few.tsv'" in fact(made.card(), "trained by")
    assert str(tmp_path) not in made.card()


def test_a_translator_that_was_trained_further_tells_of_both_trainings(words):
    more = ParallelCorpus.from_pairs([("The owl sees.", "उल्लू देखता है।")], "owls", "CC0 1.0")
    further, _ = train(more, init_from=words, dev=0.0, test=0.0, epochs=1, progress=False)
    card = further.card()
    assert fact(card, "data") == "`owls`: 1 pairs to learn from"
    assert fact(card, "licence of the data") == "CC0 1.0"
    assert fact(card, "before that").startswith("`animals`: ")
    assert "train(animals, " in fact(card, "before that")
    bare = dataclasses.replace(words, about=About())
    further, _ = train(more, init_from=bare, dev=0.0, test=0.0, epochs=0, progress=False)
    assert fact(further.card(), "before that") == "not known"


def test_what_a_card_tells_survives_saving_and_loading(words, tmp_path):
    about = dataclasses.replace(
        words.about,
        name="cats",
        description="It knows cats.",
        scores={"`animals`, test": SCORES},
        limits="No dogs | no\nowls.",
    )
    made = dataclasses.replace(words, about=about)
    made.save(tmp_path / "saved")
    loaded = Translator.load(tmp_path / "saved")
    assert loaded.about == about
    assert loaded.card() == made.card() == card_in(tmp_path / "saved")
    title, description, *_ = card_in(tmp_path / "saved").split("\n\n")
    assert (title, description) == ("# cats", "It knows cats.")
    row = f"| `animals`, test | 2 | {SCORES.bleu:.1f} | {SCORES.chrf:.1f} |"
    assert row in loaded.card() and SCORES.chrf_signature in loaded.card()


def test_without_scores_the_card_says_how_to_get_them(words):
    assert "evaluate --model FOLDER --to-card" in words.card()


def test_a_translator_of_which_nothing_is_known_has_a_card_too(words):
    bare = Translator(words.training_model, words.source_tokenizer, words.target_tokenizer)
    assert fact(bare.card(), "data") == fact(bare.card(), "trained by") == "not known"


def test_names_that_would_break_the_table_do_not(untrained, animals):
    made = untrained(dataclasses.replace(animals, name="a | b\nc"))
    rows = [line for line in made.card().splitlines() if line.startswith("| ")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) in (3, 5) for row in rows)


def test_the_same_translator_is_the_same_bytes_in_every_folder(words, tmp_path):
    for name in ("one", "two"):
        words.save(tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_card_may_be_changed_or_missing_and_the_translator_loads(words, folder):
    (folder / "README.md").write_text("mine")
    assert Translator.load(folder).translate(["The cat0 eats."])
    (folder / "README.md").unlink()
    assert Translator.load(folder).about == words.about


def test_a_card_that_somebody_changed_is_not_overwritten(words, folder):
    (folder / "README.md").write_text("mine")
    before = contents(folder.parent)
    for write in (words.save, words.save_card):
        with pytest.raises(InputError, match="holds other files \\(README.md\\)"):
            write(folder)
    assert contents(folder.parent) == before


def test_a_page_of_somebody_else_is_not_overwritten(words, tmp_path):
    (tmp_path / "README.md").write_text("# My project")
    with pytest.raises(InputError, match="holds other files \\(README.md\\)"):
        words.save(tmp_path)
    assert contents(tmp_path) == {"README.md": b"# My project"}


def test_a_new_card_changes_nothing_else(trained, tmp_path):
    words, history = trained
    words.save(tmp_path, history, half=True)
    before = contents(tmp_path)
    loaded = Translator.load(tmp_path)
    loaded.about = dataclasses.replace(loaded.about, scores={"test": SCORES})
    loaded.save_card(tmp_path)
    after = contents(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {
        "README.md",
        "translator.json",
    }
    assert before.keys() == after.keys()
    assert Translator.load(tmp_path).about.scores == {"test": SCORES}


BROKEN = [
    *[[], "x", {"what": 1}, {"facts": []}, {"facts": {"data": 1}}, {"scores": {"a": {}}}],
    {"scores": {"a": dataclasses.asdict(SCORES) | {"bleu": "high"}}},
]


@pytest.mark.parametrize("about", BROKEN, ids=json.dumps)
def test_what_no_card_can_tell_is_damage(folder, about):
    change_manifest(folder, lambda manifest: manifest | {"about": about})
    with pytest.raises(InputError, match=r"translator\.json: damaged"):
        Translator.load(folder)


def test_scores_are_read_as_they_were_written():
    saved = json.loads(json.dumps(dataclasses.asdict(About(scores={"x": SCORES}))))
    assert About.read(saved).scores == {"x": Scores(**vars(SCORES))}


def test_the_name_of_a_file_that_is_not_utf_8_spoils_no_card(animals):
    """On the command line a byte that is not UTF-8 becomes a surrogate."""
    corpus = dataclasses.replace(animals, name="p\udce9.tsv")
    about = about_training(train, corpus, corpus.split(), None, {})
    assert about.facts["trained by"] == "`train(p?.tsv)`"
    json.dumps(about.facts, ensure_ascii=False).encode("utf-8")
