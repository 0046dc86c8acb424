"""What the command line promises: its flags, its output, and one line about what to mend."""

import dataclasses
import functools
import importlib.metadata
import inspect
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from animals import TABLE
from tensorflow.errors import ResourceExhaustedError

from s2s_keras import cli, defaults, evaluation, machine, translator
from s2s_keras.__main__ import run as run_command_line
from s2s_keras.cli.arguments import build_parser
from s2s_keras.cli.inputs import Lines
from s2s_keras.cli.translate import _chunks
from s2s_keras.corpora import InputError, ParallelCorpus, catalogue, load
from s2s_keras.decoding import LengthPenalty
from s2s_keras.machine import Finding
from s2s_keras.models import Seq2SeqConfig

TINY = ["--units", "8", "--embedding", "8", "--batch-size", "8", "--learning-rate", "0.01"]
SEED = 4
SENTENCES = ["The cat eats.", "", "Unheard-of words: zebra, क्ष, 🙂", "The dog eats number11."]
NEEDED = [
    "seen.safetensors",
    "source.json",
    "target.json",
    "translator.json",
    "weights.safetensors",
]
FILES = ["README.md", "history.csv", "history.png", *NEEDED]
# What `train` hands on where no flag is given, and what the package's own defaults say in help.
PASSED_ON = {
    "teacher_forcing": 1.0,
    "epochs": 10,
    "batch_size": 64,
    "learning_rate": 0.004,
    "schedule": "cosine",
    "seed": 0,
    "checkpoint_minutes": 5.0,
    "dev": None,
    "test": None,
}
SAID = {
    "tokenizer": "word",
    "cell": "lstm",
    "units": 256,
    "embedding": 256,
    "layers": 1,
    "dropout": 0.0,
    "attention": "dot",
    "bidirectional": "yes",
    "context": "start",
    "reverse_source": "no",
    "swap": "no",
    "strict": "no",
    "stream": "no",
    "overwrite": "no",
    "resume": "no",
    "init-from": "a new translator",
    "vocabulary-size": "words 20000, subwords 4000, characters 2000",
    "part": "all",
    **{name: value for name, value in PASSED_ON.items() if name not in ("dev", "test")},
}
# A terminal that knows ASCII and nothing more.
PLAIN_TERMINAL = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
# What `train` says on standard error while all goes well; the bar rewrites its line.
TRAINING_NOTES = re.compile(
    r"pairs\.tsv: 50 pairs, licence unknown"
    r"|training on \d+ pairs, choosing the best epoch on \d+, holding out \d+ for "
    r"`s2s-keras evaluate`"
    r"|\d+ CPU cores, no GPU; [\d,]+ weights, \d+ MB in training of \d+ GB"
    r"|epoch \d/\d: *\d+%\|.*batch.*"
    r"|.*: translator of epoch \d, the best by dev chrF \(\d+\.\d\), history\.csv, history\.png"
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A small corpus in a file."""
    path = tmp_path_factory.mktemp("corpus") / "pairs.tsv"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def training(table, tmp_path_factory):
    """A real `python -m s2s_keras train`, and what it printed. Nothing below changes its folder."""
    out = tmp_path_factory.mktemp("trained") / "in" / "model"
    flags = [*TINY, "--epochs", "6", "--seed", str(SEED), "--reverse-source"]
    return out, run("train", "--corpus", table, "--out", out, *flags)


@pytest.fixture(scope="module")
def model(training):
    return training[0]


@pytest.fixture
def model_copy(model, tmp_path):
    """A translator to damage."""
    return shutil.copytree(model, tmp_path / "copy")


def command(*arguments) -> list[str]:
    return [sys.executable, "-m", "s2s_keras", *map(str, arguments)]


def run(*arguments, **options) -> subprocess.CompletedProcess:
    """Runs a command as a process of its own, with bytes in and out."""
    return subprocess.run(command(*arguments), capture_output=True, timeout=300, **options)


@pytest.fixture
def say(capsys, monkeypatch):
    """Runs a command in this process, checks that it ends well, and returns what it printed."""

    def say(*arguments, stdin: bytes = b"") -> str:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        assert cli.main([str(argument) for argument in arguments]) == 0
        return capsys.readouterr().out

    return say


@pytest.fixture
def refused(capsys, monkeypatch, tmp_path):
    """Runs a command that cannot be carried out and returns its one line about why.

    Whatever the reason: the status is 2, nothing is printed but this line, no file has changed.
    """

    def refused(*arguments, stdin: bytes = b"") -> str:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        before = contents(tmp_path)
        try:
            status = cli.main([str(argument) for argument in arguments])
        except SystemExit as stop:  # argparse's way out
            status = stop.code
        output, errors = capsys.readouterr()
        assert (status, output) == (2, "")
        assert re.fullmatch(r"s2s-keras[a-z ]*: error: [^\n]+\n", errors), errors
        assert contents(tmp_path) == before
        return errors

    return refused


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder, hidden files too: its path, and its bytes if it is a file."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


# corpora


def test_corpora_lists_every_name_with_licence_size_and_address(say):
    output = say("corpora")
    for source in catalogue():
        entry = output[output.index(f"{source.name}: {source.description}\n") :]
        facts = entry.splitlines()[1]
        assert source.licence in facts and source.size in facts and source.address in facts


def test_corpora_and_help_need_no_tensorflow():
    program = (
        "import contextlib, sys\n"
        "from s2s_keras import cli\n"
        "cli.main(['corpora'])\n"
        "with contextlib.suppress(SystemExit): cli.main(['train', '--help'])\n"
        "sys.exit(len({'tensorflow', 'keras', 'pandas', 'matplotlib'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 0


def test_the_installed_command_is_the_same_program():
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="s2s-keras")
    assert script.load() is run_command_line
    assert b"phrasebook" in run("corpora").stdout


# The flags


@pytest.fixture
def trained_with(monkeypatch, table, tmp_path, capsys):
    """Runs `train` without training, and returns what it would have trained with."""

    class Untrained:
        def save(self, folder, history):
            self.folder = folder

    def trained_with(*flags) -> dict:
        calls = []

        def train(corpus, **options):
            calls.append({"corpus": corpus, **options})
            return Untrained(), pd.DataFrame({"epoch": [1], "loss": [0.0]})

        monkeypatch.setattr(translator, "train", train)
        assert (
            cli.main(["train", "--corpus", str(table), "--out", str(tmp_path / "m"), *flags]) == 0
        )
        return calls[0]

    return trained_with


def test_defaults_of_train(trained_with, table):
    options = trained_with()
    assert list(options.pop("corpus")) == list(load(table))
    assert options.pop("folder").endswith("/m") and len(options.pop("callbacks")) == 1
    assert str(options.pop("checkpoint")).endswith("/m.checkpoint")
    assert options.pop("workers").replicas == 1
    assert options == PASSED_ON


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        *(("--tokenizer", kind) for kind in ("word", "char", "subword")),
        *(("--cell", cell) for cell in ("lstm", "gru", "rnn")),
        *((flag, 3) for flag in ("--units", "--embedding", "--layers", "--epochs", "--batch-size")),
        *(("--dropout", share) for share in (0.0, 0.5, 0.99)),
        *(("--teacher-forcing", share) for share in (0.0, 0.5, 1.0)),
        *(("--attention", score) for score in ("none", "dot", "additive")),
        *(("--schedule", schedule) for schedule in ("constant", "cosine")),
        *(("--learning-rate", rate) for rate in (1e-9, 0.7, 10.0)),
        *(("--seed", seed) for seed in (0, 2**31 - 1)),
        ("--checkpoint-minutes", 0.5),
    ],
)
def test_every_flag_of_train_arrives(trained_with, flag, value):
    options = trained_with(flag, str(value))
    name = flag.removeprefix("--").replace("-", "_")
    assert options[name] == value and type(options[name]) is type(value)
    added = {"corpus", "folder", "checkpoint", "callbacks", "workers", name}
    assert options.keys() == added | {*PASSED_ON}
    others = PASSED_ON.keys() - {name}
    assert {other: options[other] for other in others} == {n: PASSED_ON[n] for n in others}


def test_switches(trained_with):
    assert trained_with("--reverse-source")["reverse_source"] is True
    assert trained_with("--no-bidirectional")["bidirectional"] is False
    assert trained_with("--bidirectional")["bidirectional"] is True


@pytest.mark.parametrize("flag", ["--patience", "--vocabulary-size"])
def test_what_has_no_default_arrives_where_it_is_given(trained_with, flag):
    name = flag.removeprefix("--").replace("-", "_")
    assert name not in trained_with()
    assert trained_with(flag, "3")[name] == 3


def test_the_context_may_be_given_at_every_step(trained_with):
    assert trained_with("--context", "every-step")["context"] == "every_step"


def test_the_share_of_true_tokens_may_fall(trained_with):
    assert trained_with("--teacher-forcing", "1", "0.5")["teacher_forcing"] == (1.0, 0.5)


def test_the_command_line_and_the_package_have_the_same_defaults():
    parameters = inspect.signature(translator.train).parameters
    assert {name: parameters[name].default for name in PASSED_ON} == PASSED_ON
    built = {field.name: field.default for field in dataclasses.fields(Seq2SeqConfig)}
    built |= defaults.MODEL
    for name in ("cell", "units", "embedding", "layers", "dropout", "attention", "context"):
        assert built[name] == SAID[name]
    assert built["bidirectional"] is True


def test_two_aligned_files_are_one_corpus(write, monkeypatch, tmp_path):
    english, hindi = write("a.en", "One.\nTwo.\n"), write("a.hi", "एक।\nदो।\n")
    seen = []

    def train(corpus, **_):
        seen.append(corpus)
        raise InputError("seen enough")

    monkeypatch.setattr(translator, "train", train)
    cli.main(["train", "--corpus", str(english), str(hindi), "--out", str(tmp_path / "m")])
    assert list(seen[0]) == [("One.", "एक।"), ("Two.", "दो।")]


@pytest.mark.parametrize("rest", [["train", "--out", "m"], ["evaluate", "--model", "m"]])
def test_the_corpus_is_the_course_s_own_unless_another_is_named(rest):
    parser = build_parser(cli.COMMANDS)
    assert parser.parse_args(rest).corpus == ["course"]
    assert parser.parse_args([*rest, "--corpus", "phrasebook"]).corpus == ["phrasebook"]


@pytest.mark.parametrize(
    "name", ["corpora", "train", "translate", "evaluate", "export", "page", "check"]
)
def test_help_describes_each_command_and_each_flag_with_its_default(name, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([name, "--help"])
    output = " ".join(capsys.readouterr().out.split())
    assert stop.value.code == 0
    flags = {
        "corpora": [],
        "train": [
            "--corpus",
            "--out",
            "--patience",
            "--vocabulary-size",
            *(f"--{flag.replace('_', '-')}" for flag in SAID),
        ],
        "translate": ["--model", "TEXT", "--beam-width", "--length-penalty", "--n-best"],
        "evaluate": ["--model", "--corpus", "--split", "--json", "--by-length", "--to-card"],
        "export": ["--model", "--to", "--out"],
        "page": ["--model", "--out", "--beside", "--example"],
        "check": [],
    }
    assert all(flag in output for flag in flags[name])
    if name == "train":  # argparse has no way to say that there are two at most
        for flag, default in SAID.items():
            of_flag = re.split(rf" --{flag.replace('_', '-')}[ ,]", output)[-1]
            assert of_flag.partition("(default: ")[2].startswith(f"{default})"), flag
        assert "chrF on the dev split (default: never)" in output
        assert "--corpus NAME|PATH [PATH2" in output


def test_help_of_the_whole_names_the_commands(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    output = capsys.readouterr().out
    assert stop.value.code == 0
    assert all(name in output for name in ("corpora", "models", "train", "translate", "evaluate"))


def test_version_is_the_package_s(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"s2s-keras {importlib.metadata.version('s2s-keras')}\n"


# train


def test_train_fills_a_folder_and_leaves_nothing_beside_it(training):
    out, process = training
    assert (process.returncode, process.stdout) == (0, b"")
    assert sorted(path.name for path in out.iterdir()) == FILES
    assert list(out.parent.parent.rglob("*")) == [out.parent, out, *out.iterdir()]
    assert (out / "history.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    history = pd.read_csv(out / "history.csv")
    assert list(history.epoch) == [1, 2, 3, 4, 5, 6]
    assert history.loss.is_monotonic_decreasing


def test_train_prints_its_own_notes_and_none_of_tensorflow_s(training):
    lines = [line for line in re.split(r"[\r\n]+", training[1].stderr.decode()) if line.strip()]
    assert [line for line in lines if not TRAINING_NOTES.fullmatch(line)] == []
    assert len(lines) >= 4


def test_train_says_how_it_split_the_corpus_and_which_epoch_it_kept(training, table):
    notes = training[1].stderr.decode()
    splits = load(table).split(seed=SEED)
    assert f"training on {len(splits.train)} pairs" in notes
    assert f"best epoch on {len(splits.dev)}, holding out {len(splits.test)} for" in notes
    history = pd.read_csv(training[0] / "history.csv")
    best = history.val_chrf.idxmax()
    chosen = f"epoch {best + 1}, the best by dev chrF ({history.val_chrf[best]:.1f})"
    assert chosen in notes


def test_train_saves_the_flags_that_translating_and_scoring_need(model):
    saved = translator.Translator.load(model)
    assert (saved.seed, saved.reverse_source) == (SEED, True)
    assert saved.training_model.get_layer("decoder_1").units == 8


def test_a_translator_survives_a_training_that_fails(model_copy, table, monkeypatch, capsys):
    def fail(*_, **__):
        raise InputError("no 4000 subwords here: use more text")

    before = contents(model_copy.parent)
    monkeypatch.setattr(translator, "train", fail)
    flags = ["--corpus", str(table), "--out", str(model_copy), "--overwrite"]
    assert cli.main(["train", *flags]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("s2s-keras: error: no 4000 subwords")
    assert contents(model_copy.parent) == before


@pytest.mark.parametrize(
    ("error", "complaint"),
    [
        (MemoryError(), "the model does not fit into memory; give smaller --units"),
        (ResourceExhaustedError(None, None, "OOM"), "the model does not fit into memory; give"),
        (ValueError("units is 7:\ngive an even number"), "units is 7: give an even number"),
    ],
    ids=["memory", "TensorFlow's memory", "a value"],
)
def test_a_training_that_fails_says_why_in_its_last_line(
    error, complaint, tmp_path, table, monkeypatch, capsys
):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(translator, "train", fail)
    assert cli.main(["train", "--corpus", str(table), "--out", str(tmp_path / "new")]) == 2
    notes = capsys.readouterr().err.splitlines()
    assert notes[0] == "pairs.tsv: 50 pairs, licence unknown"
    assert notes[-1].startswith(f"s2s-keras: error: {complaint}") and len(notes) == 3
    assert contents(tmp_path) == {}


def test_an_odd_width_for_two_directions_is_refused(table, tmp_path, capsys):
    flags = ["--corpus", str(table), "--out", str(tmp_path / "new"), "--units", "7"]
    assert cli.main(["train", *flags]) == 2
    assert "units is 7: give an even number" in capsys.readouterr().err.splitlines()[-1]


def test_a_training_that_is_broken_off_leaves_nothing(tmp_path, table, monkeypatch, capsys):
    def break_off(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(translator, "train", break_off)
    assert cli.main(["train", "--corpus", str(table), "--out", str(tmp_path / "new")]) == 130
    assert contents(tmp_path) == {}
    assert "Traceback" not in capsys.readouterr().err


def test_a_successful_training_replaces_a_translator_as_a_whole(model_copy, table, capsys):
    (model_copy / "history.csv").write_text("of the earlier translator")
    flags = [*TINY, "--epochs", "1", "--units", "6", "--overwrite"]
    assert cli.main(["train", "--corpus", str(table), "--out", str(model_copy), *flags]) == 0
    assert sorted(path.name for path in model_copy.iterdir()) == FILES
    assert len(pd.read_csv(model_copy / "history.csv")) == 1
    replaced = translator.Translator.load(model_copy)
    assert (replaced.seed, replaced.training_model.get_layer("decoder_1").units) == (0, 6)
    assert list(model_copy.parent.iterdir()) == [model_copy]


def test_a_translator_is_replaced_only_where_it_is_asked(refused, model_copy, table):
    message = refused("train", "--corpus", table, "--out", model_copy, *TINY)
    assert f"{model_copy}: holds a translator already" in message and "--overwrite" in message


def test_other_files_are_dev_and_test(trained_with, write):
    dev = write("dev.tsv", "The cow eats number11.\tगाय\nNew.\tनया\n")
    options = trained_with("--dev", str(dev), "--test", "none")
    assert list(options["dev"]) == list(load(dev))
    assert options["test"] == 0.0


def test_another_share_is_held_out(trained_with):
    options = trained_with("--dev", "0.2", "--test", "0")
    assert (options["dev"], options["test"]) == (0.2, 0.0)


def test_a_translator_is_trained_further_on_new_text_with_new_words(model, write, tmp_path, capsys):
    before = contents(model)
    rows = "".join(f"The zebra{n % 3} eats.\tज़ेबरा{n % 3} खाता है {n}।\n" for n in range(12))
    flags = ["--corpus", str(write("new.tsv", rows)), "--dev", "none", "--test", "none"]
    flags += ["--init-from", str(model), "--epochs", "100", "--learning-rate", "0.02"]
    flags += ["--batch-size", "4"]
    assert cli.main(["train", "--out", str(tmp_path / "further"), *flags]) == 0
    old, new = map(translator.Translator.load, (model, tmp_path / "further"))
    for side in ("source_tokenizer", "target_tokenizer"):
        words = getattr(old, side).vocabulary
        assert getattr(new, side).vocabulary[: len(words)] == words
    assert "ज़ेबरा2" not in old.target_tokenizer.vocabulary
    assert "ज़ेबरा" in new.translate(["The zebra2 eats."])[0]
    assert new.reverse_source is True  # as the first was
    assert contents(model) == before
    # It remembers what the first was trained on, too.
    assert new.trained_on.shares(["The zebra1 eats."], [""]).all()
    assert {*old.trained_on.source} < {*new.trained_on.source}


def test_a_translator_that_is_trained_further_keeps_its_sizes(refused, model, table, tmp_path):
    flags = ["--corpus", table, "--out", tmp_path / "new", "--init-from", model]
    assert "--units: a translator that is trained further keeps its own" in refused(
        "train", *flags, "--units", 16
    )


def test_a_full_disk_at_the_end_loses_nothing(table, tmp_path, monkeypatch, capsys):
    save = translator.Translator.save

    def full(self, folder, history=None):
        if history is not None and folder == str(tmp_path / "new"):
            raise InputError(f"{folder}: cannot write here (No space left on device)")
        save(self, folder, history)

    monkeypatch.setattr(translator.Translator, "save", full)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    flags = ["--corpus", str(table), "--out", str(tmp_path / "new"), *TINY, "--epochs", "2"]
    assert cli.main(["train", *flags]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    (rescued,) = tmp_path.glob("s2s-keras-*")
    assert "No space left" in last and last.endswith(f"the translator is kept in {rescued}")
    assert translator.Translator.load(rescued).trained_on is not None
    assert translator.Translator.load(tmp_path / "new")  # of the best epoch, written on the way


def test_a_loss_that_is_not_a_number_keeps_what_was_learned_before(table, tmp_path, capsys):
    out = tmp_path / "new"
    flags = ["--corpus", str(table), "--out", str(out), *TINY, "--epochs", "2"]

    def train(*arguments, **options):
        trained, history = real(*arguments, **options)
        history.attrs["stopped"] = "not finite"
        return trained, history

    real = translator.train
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translator, "train", train)
        assert cli.main(["train", *flags]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert "the loss is not a number in epoch 3" in last and "smaller --learning-rate" in last
    assert translator.Translator.load(out)


def test_training_says_on_what_and_how_large_the_model_is(training, model):
    weights = translator.Translator.load(model).training_model.count_params()
    notes = training[1].stderr.decode()
    assert f"{os.cpu_count()} CPU cores, no GPU; {weights:,} weights" in notes


# translate


@pytest.fixture(scope="module")
def translations(model):
    return translator.Translator.load(model).translate(SENTENCES)


def test_translate_prints_a_line_for_each_text_in_order(say, model, translations):
    output = say("translate", "--model", model, *SENTENCES)
    assert output == "".join(f"{translation}\n" for translation in translations)
    assert translations[1] == ""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_translate_prints_a_line_for_each_line_of_standard_input(
    say, model, translations, line_end
):
    stdin = line_end.join(SENTENCES).encode()  # the last line has no end
    assert say("translate", "--model", model, stdin=stdin).splitlines() == translations


def test_translate_reads_more_lines_than_it_holds_at_once(say, model, translations):
    stdin = "".join(f"{sentence}\n" for sentence in SENTENCES * 300).encode()
    assert say("translate", "--model", model, stdin=stdin).splitlines() == translations * 300


def test_translate_searches_with_the_beam_asked_for(say, model, translations):
    by_beam = translator.Translator.load(model).translate(SENTENCES, beam_width=5)
    assert by_beam != translations
    output = say("translate", "--model", model, "--beam-width", 5, *SENTENCES)
    assert output.splitlines() == by_beam


@pytest.mark.parametrize("how", ["none", "length:1.5", "gnmt", "gnmt:2"])
def test_translate_prints_the_best_n_with_their_scores(say, model, how):
    form, _, alpha = how.partition(":")
    penalty = LengthPenalty(form, float(alpha or 0.6))
    found = translator.Translator.load(model).n_best(
        SENTENCES, 2, beam_width=3, length_penalty=penalty
    )
    flags = ["--beam-width", 3, "--n-best", 2, "--length-penalty", how]
    rows = [
        line.split("\t")
        for line in say("translate", "--model", model, *flags, *SENTENCES).splitlines()
    ]
    expected = [
        [str(number), f"{best.score:.4f}", best.text]
        for number, translations in enumerate(found, start=1)
        for best in translations or [SimpleNamespace(score=0.0, text="")]
    ]
    assert rows == expected
    assert [row[0] for row in rows] == ["1", "1", "2", "3", "3", "4", "4"]


def test_more_best_translations_than_the_beam_holds_are_refused(refused, model):
    message = refused("translate", "--model", model, "--n-best", 3, "--beam-width", 2, "Hello.")
    assert "--n-best is 3, but --beam-width is 2" in message


def test_the_best_n_of_standard_input_are_numbered_by_its_lines(say, model):
    stdin = "".join(f"{sentence}\n" for sentence in SENTENCES * 300).encode()
    flags = ["--beam-width", 2, "--n-best", 1]
    rows = [
        line.split("\t")
        for line in say("translate", "--model", model, *flags, stdin=stdin).splitlines()
    ]
    assert [int(number) for number, _, _ in rows] == list(range(1, 1201))
    assert rows[1] == ["2", "0.0000", ""]
    assert [row[1:] for row in rows[:4]] * 300 == [row[1:] for row in rows]


@pytest.mark.parametrize("given", ["wu", "gnmt:x", "length:-1", "length:11", "length:nan", ":1"])
def test_a_length_penalty_that_is_none(refused, model, given):
    flags = ["--beam-width", 2, "--length-penalty", given, "Hello."]
    message = refused("translate", "--model", model, *flags)
    assert f"{given} is not none, length:ALPHA or gnmt:ALPHA" in message


# Several models


@pytest.fixture
def second(model, tmp_path):
    """Saves a translator with the words of the first and other weights; any field may differ."""

    def second(**fields) -> Path:
        other = dataclasses.replace(translator.Translator.load(model), **fields)
        for weight in other.training_model.weights:
            weight.assign(weight[::-1] * 3)
        other.save(tmp_path / "second")
        return tmp_path / "second"

    return second


def test_several_models_translate_as_an_ensemble(say, model, second):
    folders = [model, second()]
    together = [translator.Translator.load(folder) for folder in folders]
    expected = translator.Translator.ensemble(together).translate(SENTENCES)
    assert expected != together[0].translate(SENTENCES) != together[1].translate(SENTENCES)
    flags = [word for folder in folders for word in ("--model", folder)]
    assert say("translate", *flags, *SENTENCES).splitlines() == expected


def test_several_models_are_scored_as_an_ensemble(say, model, table, second):
    folders = [model, second()]
    together = translator.Translator.ensemble([*map(translator.Translator.load, folders)])
    test = load(table).split(seed=SEED).test
    expected = evaluation.score(together.translate(test.source), test.target)
    flags = [word for folder in folders for word in ("--model", folder)]
    report = json.loads(say("evaluate", *flags, "--corpus", table, "--json"))
    assert report["chrf"] == pytest.approx(expected.chrf)


def test_models_of_different_words_are_no_ensemble(refused, model, second):
    known = translator.Translator.load(model).source_tokenizer
    other = second(source_tokenizer=type(known)()._use([*known.vocabulary[:-1], "xylophone"]))
    message = refused("translate", "--model", model, "--model", other, "Hello.")
    assert "different vocabularies" in message


def test_an_ensemble_is_scored_on_what_none_of_its_models_has_seen(
    say, model, table, second, capsys
):
    corpus = load(table)
    test = corpus.split(seed=SEED).test
    other = second(trained_on=test[:2].fingerprint())
    flags = ["evaluate", "--model", model, "--model", other, "--corpus", table, "--json"]
    assert json.loads(say(*flags))["sentences"] == len(test) - 2


def test_translate_of_nothing_prints_nothing(say, model):
    assert say("translate", "--model", model) == ""


def test_translate_keeps_blank_lines(say, model):
    assert say("translate", "--model", model, stdin=b"\n \n\t\n") == "\n\n\n"
    assert say("translate", "--model", model, "") == "\n"


def test_translate_ignores_a_byte_order_mark(say, model, translations):
    output = say("translate", "--model", model, stdin=b"\xef\xbb\xbf" + SENTENCES[0].encode())
    assert output.splitlines() == translations[:1]


def test_a_text_of_two_lines_is_one_text(say, model, translations):
    output = say("translate", "--model", model, SENTENCES[0].replace(" ", "\n"), "x")
    assert output.splitlines()[0] == translations[0] and len(output.splitlines()) == 2


def test_translate_prints_hindi_whatever_the_terminal_s_encoding(model, translations):
    process = run("translate", "--model", model, *SENTENCES, env=PLAIN_TERMINAL)
    assert process.stderr == b""
    assert process.stdout.decode("utf-8").splitlines() == translations
    assert process.returncode == 0


# evaluate


def test_evaluate_scores_what_training_held_out(say, model, table, monkeypatch):
    seen = []
    translate = translator.Translator.translate
    monkeypatch.setattr(
        translator.Translator,
        "translate",
        lambda self, sentences, **how: seen.extend(sentences) or translate(self, sentences, **how),
    )
    report = json.loads(say("evaluate", "--model", model, "--corpus", table, "--json"))
    known = set(translator.Translator.load(model).source_tokenizer.vocabulary)
    own_words = {word for text in seen for word in re.findall(r"number\d+", text)}
    assert report["sentences"] == len(seen) == len(own_words) > 1
    assert not own_words & known


def test_evaluate_reports_the_scores_of_the_split_as_json(say, model, table):
    report = json.loads(say("evaluate", "--model", model, "--corpus", table, "--json"))
    assert report.pop("seconds") >= 0
    test = load(table).split(seed=SEED).test
    saved = translator.Translator.load(model)
    expected = evaluation.score(saved.translate(test.source), test.target)
    about = {"corpus": "pairs.tsv", "split": "test", "beam_width": 1, "length_penalty": "none"}
    assert report == about | vars(expected)
    assert "|tok:intl|" in report["bleu_signature"] and "version:" in report["chrf_signature"]


def test_evaluate_reports_the_same_to_people(say, model, table):
    report = json.loads(say("evaluate", "--model", model, "--corpus", table, "--json"))
    output = say("evaluate", "--model", model, "--corpus", table)
    assert f"chrF {report['chrf']:6.2f}   {report['chrf_signature']}\n" in output
    assert f"BLEU {report['bleu']:6.2f}   {report['bleu_signature']}\n" in output
    number = len(load(table).split(seed=SEED).test)
    assert re.search(rf"^{number} sentences \(test\) in \d+\.\d+ seconds$", output, re.MULTILINE)


def test_evaluate_writes_its_scores_into_the_card_where_it_is_asked(say, model_copy, table):
    asked = ["evaluate", "--model", model_copy, "--corpus", table, "--json"]
    report = json.loads(say(*asked, "--to-card"))
    say(*asked, "--to-card", "--split", "all", "--beam-width", 2)
    card = (model_copy / "README.md").read_text(encoding="utf-8")
    name, number = "`pairs.tsv`, test", report["sentences"]
    assert f"| {name} | {number} | {report['bleu']:.1f} | {report['chrf']:.1f} |\n" in card
    assert "| `pairs.tsv`, all, beam of 2 | 50 |" in card and report["chrf_signature"] in card
    saved = translator.Translator.load(model_copy)
    assert saved.about.scores[name].chrf == report["chrf"]


@pytest.mark.parametrize("which", ["an ensemble", "one with a name", "none"])
def test_evaluate_writes_into_the_card_of_one_folder_only(refused, model, table, which):
    models = {"an ensemble": [model, model], "one with a name": ["course-lstm"], "none": []}[which]
    named = [flag for name in models for flag in ("--model", name)]
    message = refused("evaluate", *named, "--corpus", table, "--to-card")
    assert "--to-card: give one --model, the folder of a translator of your own" in message


def test_evaluate_scores_by_length_where_it_is_asked(say, model, table):
    asked = ["evaluate", "--model", model, "--corpus", table, "--split", "all", "--by-length"]
    report = json.loads(say(*asked, "--json"))
    assert {band: part["sentences"] for band, part in report["by_length"].items()} == {"1–4": 50}
    assert report["by_length"]["1–4"]["chrf"] == pytest.approx(report["chrf"])
    output = say(*asked)
    assert re.search(r"^  1–4 words: chrF \d+\.\d\d, BLEU \d+\.\d\d, 50 sentences$", output, re.M)


def test_evaluate_searches_with_the_penalty_asked_for_and_says_so(say, model, table):
    flags = ["--beam-width", 3, "--length-penalty", "gnmt"]
    report = json.loads(say("evaluate", "--model", model, "--corpus", table, *flags, "--json"))
    test = load(table).split(seed=SEED).test
    translations = translator.Translator.load(model).translate(
        test.source, beam_width=3, length_penalty=LengthPenalty("gnmt", 0.6)
    )
    assert report["chrf"] == pytest.approx(evaluation.score(translations, test.target).chrf)
    assert (report["beam_width"], report["length_penalty"]) == (3, "gnmt:0.6")


@pytest.mark.parametrize("width", [0, 101, "x"])
def test_a_beam_of_an_impossible_width(refused, model, width):
    message = refused("translate", "--model", model, "--beam-width", width)
    assert f"{width} is not a whole number from 1 to 100" in message


@pytest.mark.parametrize("command", ["translate", "evaluate"])
def test_a_beam_wider_than_the_vocabulary(refused, model, command):
    message = refused(command, "--model", model, "--beam-width", 100)
    assert "--beam-width is 100" in message and "knows only" in message


@pytest.mark.parametrize("split", ["train", "dev", "test", "all"])
def test_evaluate_scores_the_split_asked_for(say, model, table, split):
    report = json.loads(
        say("evaluate", "--model", model, "--corpus", table, "--split", split, "--json")
    )
    corpus = load(table)
    wanted = corpus if split == "all" else getattr(corpus.split(seed=SEED), split)
    assert (report["split"], report["sentences"]) == (split, len(wanted))


@pytest.mark.parametrize("change", ["first line deleted", "reordered", "grown"])
def test_the_test_split_survives_a_change_of_its_file(say, model, table, write, change):
    lines = TABLE.splitlines(keepends=True)
    changed = {
        "first line deleted": lines[1:],
        "reordered": lines[::-1],
        "grown": [*lines, "One.\tएक।\n", "Two.\tदो।\n"],
    }[change]
    test = load(table).split(seed=SEED).test
    expected = {*test} - ({*load(table)[:1]} if change == "first line deleted" else set())
    expected |= {("One.", "एक।"), ("Two.", "दो।")} if change == "grown" else set()
    path = write("changed.tsv", "".join(changed))
    report = json.loads(say("evaluate", "--model", model, "--corpus", path, "--json"))
    sources, targets = zip(*sorted(expected), strict=True)
    translations = translator.Translator.load(model).translate(sources)
    assert report["sentences"] == len(expected)
    assert report["chrf"] == pytest.approx(evaluation.score(translations, targets).chrf)


def test_a_foreign_test_set_is_scored_whole_but_for_what_was_trained_on(model, table, write):
    train = load(table).split(seed=SEED).train
    rows = [f"Foreign {n}.\tविदेशी {n}।\n" for n in range(8)] + [f"{train.source[0]}\tकुछ और\n"]
    process = run("evaluate", "--model", model, "--corpus", write("f.tsv", "".join(rows)), "--json")
    assert json.loads(process.stdout)["sentences"] == 8
    assert "f.tsv: 1 of 9 pairs are left out: the translator was trained on" in (
        process.stderr.decode()
    )


def test_an_old_translator_says_that_it_does_not_know_what_it_was_trained_on(table, say, capsys):
    folder = Path(__file__).parent / "old_translators"
    old = sorted(path for path in folder.iterdir() if path.is_dir())[0]
    assert cli.main(["evaluate", "--model", str(old), "--corpus", str(table), "--json"]) == 0
    output, errors = capsys.readouterr()
    assert "does not know what it was trained on" in errors
    assert json.loads(output)["sentences"] == 50


def test_evaluate_takes_two_aligned_files(say, model, write):
    english, hindi = write("a.en", "One.\nTwo.\n"), write("a.hi", "एक।\nदो।\n")
    files = ["--corpus", english, hindi]
    report = json.loads(say("evaluate", "--model", model, *files, "--split", "all", "--json"))
    assert (report["corpus"], report["sentences"]) == ("a.en + a.hi", 2)


def test_evaluate_prints_its_own_note_and_none_of_tensorflow_s(model, table):
    process = run("evaluate", "--model", model, "--corpus", table, "--split", "all", "--json")
    assert process.stderr.decode() == "pairs.tsv: 50 pairs, licence unknown\n"
    assert json.loads(process.stdout)["sentences"] == 50


@pytest.fixture
def with_kinds(write, tmp_path):
    """A corpus with its own splits; its test split has two kinds, a source has two references."""
    header = "english\thindi\tkind\n"
    write("train.tsv", f"{header}A.\tक।\tseen\n")
    write("dev.tsv", f"{header}B.\tख।\tseen\n")
    rows = [("One.", "एक।", "seen"), ("Two.", "दो।", "new"), ("Two.", "दोनों।", "new")]
    write("test.tsv", header + "".join("\t".join(row) + "\n" for row in rows))
    return tmp_path


@pytest.fixture
def translated(monkeypatch):
    """What was translated by a translator that knows one reference of each sentence by heart."""

    class ByHeart:
        sentences = []
        trained_on = chosen_on = ParallelCorpus.from_pairs([], "nothing").fingerprint()
        target_tokenizer = SimpleNamespace(vocabulary_size=9)

        def translate(self, sentences, beam_width, length_penalty):
            self.sentences += sentences
            return [{"One.": "एक।", "Two.": "दोनों।"}[sentence] for sentence in sentences]

    known = ByHeart()
    monkeypatch.setattr(translator.Translator, "load", lambda _: known)
    return known.sentences


def test_evaluate_translates_and_scores_a_source_of_two_references_once(
    say, with_kinds, translated
):
    report = json.loads(say("evaluate", "--model", "m", "--corpus", with_kinds, "--json"))
    assert translated == ["One.", "Two."]
    assert (report["sentences"], report["chrf"]) == (2, pytest.approx(100))


def test_evaluate_scores_each_kind_by_itself_too(say, with_kinds, translated):
    report = json.loads(say("evaluate", "--model", "m", "--corpus", with_kinds, "--json"))
    assert {kind: part["sentences"] for kind, part in report["kinds"].items()} == {
        "seen": 1,
        "new": 1,
    }
    assert all(part["chrf"] == pytest.approx(100) for part in report["kinds"].values())


def test_evaluate_prints_a_line_for_each_kind(say, with_kinds, translated):
    output = say("evaluate", "--model", "m", "--corpus", with_kinds)
    kinds = re.findall(
        r"^  (\w+): chrF 100\.00, BLEU \d+\.\d\d, (\d) sentences$", output, re.MULTILINE
    )
    assert kinds == [("seen", "1"), ("new", "1")]


@pytest.mark.parametrize("split", ["train", "dev"])
def test_evaluate_prints_no_kinds_where_there_is_one(say, with_kinds, translated, split):
    row = "english\thindi\tkind\nOne.\tएक।\tseen\n"
    (with_kinds / f"{split}.tsv").write_text(row, encoding="utf-8")
    arguments = ["evaluate", "--model", "m", "--corpus", with_kinds, "--split", split]
    assert "seen" not in say(*arguments)
    assert "kinds" not in json.loads(say(*arguments, "--json"))


# Bad input: one line that says what and where, status 2, and nothing has changed

LONG = "a" * 100_000


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "bad.tsv: empty"),
        (b"\n\n", "bad.tsv: no usable pair"),
        ("Hello.\tनमस्ते।\nBye.\n", "bad.tsv:2: no column 2"),
        (b"Hello.\t\xe0\xa4\xa8\nCaf\xe9.\t\xe0\xa4\xa8\n", "bad.tsv:2: not UTF-8"),
        ("Hello.\tनमस्ते।\nGood\rbye.\tविदा।\n", "bad.tsv:2: a carriage return"),
        (f"Hello.\tनमस्ते।\n{LONG}\tविदा।\n", "bad.tsv:2: over 10,000 characters"),
    ],
    ids=["empty", "blank", "missing column", "Latin-1", "lone CR", "long line"],
)
@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_a_corpus_that_cannot_be_read(refused, write, model, tmp_path, name, content, complaint):
    folder = ["--out", tmp_path / "new"] if name == "train" else ["--model", model]
    message = refused(name, "--strict", "--corpus", write("bad.tsv", content), *folder)
    assert f"{tmp_path}{os.sep}{complaint}" in message or complaint in message
    assert "; " in message  # what is wrong; what to do


def test_bad_rows_are_counted_and_the_first_ones_shown(model, write):
    rows = TABLE.encode() + b"Caf\xe9.\t\xe0\xa4\xa8\nBye.\n"
    process = run("evaluate", "--model", model, "--corpus", write("bad.tsv", rows), "--json")
    errors = process.stderr.decode()
    assert "50 pairs, skipped 1 not UTF-8, 1 no column 2" in errors
    assert "bad.tsv:51: not UTF-8" in errors and "bad.tsv:52: no column 2" in errors
    assert process.returncode == 0


def test_two_files_that_are_not_aligned(refused, write, tmp_path):
    english, hindi = write("a.en", "One.\nTwo.\n"), write("a.hi", "एक।\n")
    message = refused("train", "--corpus", english, hindi, "--out", tmp_path / "new")
    assert "2 lines" in message and "a.hi has 1" in message


def test_a_folder_is_no_corpus(refused, tmp_path):
    assert str(tmp_path) in refused("train", "--corpus", tmp_path, "--out", tmp_path / "new")


@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_an_unknown_corpus_is_told_the_names(refused, model, tmp_path, name):
    folder = ["--out", tmp_path / "new"] if name == "train" else ["--model", model]
    message = refused(name, "--corpus", "phrasebok", *folder)
    assert "phrasebok: no such file and no corpus of that name" in message
    assert all(source.name in message for source in catalogue())


def test_a_name_with_a_line_break_is_still_told_in_one_line(refused, tmp_path):
    refused("train", "--corpus", "two\nlines", "--out", tmp_path / "new")


@pytest.mark.parametrize(
    ("stdin", "complaint"),
    [
        (LONG.encode(), "standard input:2: over 10,000 characters"),
        (b"Caf\xe9.", "standard input:2: not UTF-8"),
        (b"Good\rbye.", "standard input:2: a carriage return"),
    ],
    ids=["long line", "Latin-1", "lone CR"],
)
def test_a_line_that_cannot_be_read_costs_only_its_own_translation(
    model, translations, stdin, complaint
):
    good = [SENTENCES[0].encode(), SENTENCES[3].encode()]
    process = run("translate", "--model", model, input=b"\n".join([good[0], stdin, good[1]]))
    assert process.stdout.decode().splitlines() == [translations[0], "", translations[3]]
    errors = process.stderr.decode().splitlines()
    assert complaint in errors[0] and len(errors) == 2
    assert "1 of 3 lines could not be read; their translations are empty" in errors[1]
    assert process.returncode == 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (LONG, "TEXT:2: over 10,000 characters"),
        ("Caf\udce9", "TEXT:2: not UTF-8"),
        ("Good\rbye.", "TEXT:2: a carriage return"),
    ],
    ids=["long", "Latin-1", "lone CR"],
)
def test_a_text_that_cannot_be_read(model, translations, text, complaint, capsys):
    texts = [SENTENCES[0], text, SENTENCES[3]]
    assert cli.main(["translate", "--model", str(model), *texts]) == 2
    output, errors = capsys.readouterr()
    assert output.splitlines() == [translations[0], "", translations[3]]
    assert complaint in errors and "1 of 3 lines" in errors


CONTROLS = ("\0", "\x07", "\x0b", "\x0c", "\x1b[2J", "\x1c", "\x85", "\u2028", "\u2029", "\u202e")
RIGHT_TO_LEFT = ("שלום", "مرحبا بالعالم", "\u202bThe cat\u202c eats.")


def test_every_line_has_one_line_out_whatever_it_holds(say, model):
    """What ends a line for some programs, and for Unicode, ends none here."""
    strange = [f"The cat{control} eats." for control in CONTROLS]
    strange += [*CONTROLS, *RIGHT_TO_LEFT, "", " ", "\t", "\ufeff", "\u200d", "𐍈🙂"]
    output = say("translate", "--model", model, stdin="\n".join(strange).encode())
    assert len(output.splitlines()) == output.count("\n") == len(strange)
    alone = translator.Translator.load(model).translate(strange)
    assert output.splitlines() == alone


def test_what_is_no_line_costs_itself_alone_and_its_number_is_told(model, translations):
    bad = {2: b"Caf\xe9.", 4: b"x" * 10_000_000, 5: b"a\rb", 7: b"\xff\xfe\0", 8: b"\xed\xa0\x80"}
    lines = [bad.get(number, SENTENCES[0].encode()) for number in range(1, 10)]
    process = run("translate", "--model", model, input=b"\n".join(lines))
    expected = ["" if number in bad else translations[0] for number in range(1, 10)]
    assert process.stdout.decode().splitlines() == expected
    *told, last = process.stderr.decode().splitlines()
    assert [int(line.split(":")[3]) for line in told] == [*bad]
    assert "5 of 9 lines could not be read" in last and process.returncode == 2


class Endless(io.RawIOBase):
    """A stream of one line, in pieces that are made when they are asked for."""

    def __init__(self, size: int):
        self.left = size

    def readline(self, size: int) -> bytes:
        piece = b"x" * min(size, self.left)
        self.left -= len(piece)
        return piece


def test_a_line_without_an_end_is_never_in_memory_as_a_whole(capsys):
    tracemalloc.start()
    assert [*Lines(Endless(200_000_000), "here")] == [""]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert "here:1: over 10,000 characters" in capsys.readouterr().err


def test_few_long_lines_are_translated_at_once():
    lines = ["x" * 10_000] * 25 + ["y"] * 2_000
    chunks = [*_chunks(lines, 1_024)]
    assert [(first, len(chunk)) for first, chunk in chunks] == [
        *((1, 10), (11, 10), (21, 1_024)),
        *((1_045, 981),),
    ]
    assert [line for _, chunk in chunks for line in chunk] == lines


def test_a_paragraph_is_told_once_to_be_taken_for_one_sentence(model, capsys):
    paragraph = "Mr. Rao eats. The cat eats. The dog eats."
    cli.main(["translate", "--model", str(model), "The cat eats.", paragraph, paragraph])
    output, errors = capsys.readouterr()
    assert len(output.splitlines()) == 3
    assert errors.count("several sentences") == 1 and errors.startswith("TEXT:2: ")


def test_translations_go_into_a_file_where_it_is_asked(say, model, translations, tmp_path):
    path = tmp_path / "out.txt"
    assert say("translate", "--model", model, "--output", path, *SENTENCES) == ""
    assert path.read_text(encoding="utf-8").splitlines() == translations


def test_a_file_for_translations_that_cannot_be_written(refused, model, tmp_path):
    message = refused("translate", "--model", model, "--output", tmp_path / "no" / "out", "Hello.")
    assert f"{tmp_path / 'no' / 'out'}: No such file or directory; name a file" in message


def test_at_the_keyboard_every_line_is_answered_after_a_prompt(
    model, translations, monkeypatch, capsys
):
    stdin = io.TextIOWrapper(io.BytesIO(f"{SENTENCES[0]}\n{SENTENCES[3]}\n".encode()))
    monkeypatch.setattr(stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", stdin)
    assert cli.main(["translate", "--model", str(model)]) == 0
    output, errors = capsys.readouterr()
    assert output.splitlines() == [translations[0], translations[3]]
    assert "Ctrl-D" in errors and errors.count("> ") == 3


@pytest.mark.parametrize("command", ["translate", "evaluate", "train"])
def test_another_backend_is_told_in_one_line(command, model, table, tmp_path):
    options = ["--out", tmp_path / "new"] if command == "train" else ["--model", model]
    process = run(command, *options, env={**os.environ, "KERAS_BACKEND": "torch"})
    assert process.stderr.decode() == (
        "s2s-keras: error: KERAS_BACKEND is torch, and this command needs TensorFlow; unset "
        "KERAS_BACKEND\n"
    )
    assert (process.returncode, process.stdout) == (2, b"")


@pytest.fixture(params=["translate", "evaluate"])
def refused_with_model(request, refused, table):
    """Runs each command that needs a translator with one that is none."""
    rest = ["--corpus", table] if request.param == "evaluate" else ["Hello."]
    return lambda folder: refused(request.param, "--model", folder, *rest)


def test_a_missing_model(refused_with_model, tmp_path):
    message = refused_with_model(tmp_path / "nowhere")
    assert f"{tmp_path / 'nowhere'}: no such folder" in message and "s2s-keras train" in message


@pytest.mark.parametrize("kind", ["file", "empty folder", "other folder"])
def test_a_model_that_is_none(refused_with_model, write, tmp_path, kind):
    folder = tmp_path / "other"
    folder.mkdir()
    if kind == "other folder":
        write("other/notes.txt", "mine")
    path = write("notes.txt", "mine") if kind == "file" else folder
    message = refused_with_model(path)
    assert str(path) in message and "s2s-keras train" in message


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("damage", ["removed", "truncated"])
def test_a_model_half_written(refused, model_copy, name, damage):
    if damage == "removed":
        (model_copy / name).unlink()
    else:
        content = (model_copy / name).read_bytes()
        (model_copy / name).write_bytes(content[: len(content) // 2])
    message = refused("translate", "--model", model_copy, "Hello.")
    assert str(model_copy) in message and name in message and "s2s-keras train" in message


def test_a_model_with_a_damaged_manifest(refused_with_model, model_copy):
    (model_copy / "translator.json").write_text('{"files": []}')
    assert "translator.json: damaged" in refused_with_model(model_copy)


@pytest.mark.parametrize(
    "flags",
    [
        *(f"--{name} {value}" for name in ("units", "embedding", "layers") for value in (0, -1)),
        *(f"--{name} {value}" for name in ("epochs", "batch-size") for value in (0, "x", 1.5)),
        *(f"--dropout {value}" for value in (1, -0.1, "nan", "x")),
        *(f"--teacher-forcing {value}" for value in (1.5, -0.1, "nan", "x")),
        *(f"--learning-rate {value}" for value in (0, -1, "nan", "inf", "x")),
        *(f"--checkpoint-minutes {value}" for value in (0, -1, "nan", "x")),
        *(f"--wait-minutes {value}" for value in (0, -1, "nan", "x")),
        *(f"--seed {value}" for value in (-1, 2**31, 0.5, "x")),
        *(f"--{name} transformer" for name in ("tokenizer", "cell", "attention", "schedule")),
        *(f"--{name} {value}" for name in ("patience", "vocabulary-size") for value in (0, "x")),
    ],
)
def test_a_value_that_a_flag_does_not_take(refused, table, tmp_path, flags):
    flag, value = flags.split()
    message = refused("train", "--corpus", table, "--out", tmp_path / "new", flag, value)
    assert message.startswith("s2s-keras train: error: ") and flag in message and value in message
    assert "see `s2s-keras train --help`" in message


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("", "COMMAND"),
        ("transmogrify", "transmogrify"),
        ("train --corpus phrasebook", "--out"),
        ("evaluate --model m --corpus phrasebook --split most", "most"),
        ("train --corpus", "--corpus"),
        ("train --corpus a b c --out new", "3 paths"),
        ("train --out new --teacher-forcing 1 0.5 0", "3 shares"),
        ("train --corpus phrasebook --out new --unit-tests 3", "--unit-tests"),
        ("train --corpus phrasebook --out new --units", "--units"),
        ("corpora all", "all"),
    ],
)
def test_a_command_line_that_is_incomplete_or_wrong(refused, arguments, complaint):
    message = refused(*arguments.split())
    assert complaint in message and "--help`" in message


def test_a_corpus_that_was_all_seen_in_training(refused, model, table, write):
    train = load(table).split(seed=SEED).train
    path = write("seen.tsv", "".join(f"{source}\t{target}\n" for source, target in train))
    message = refused("evaluate", "--model", model, "--corpus", path)
    assert "seen.tsv: no pair to score in test; use --split all" in message


def test_out_that_is_a_file(refused, write, table):
    path = write("notes.txt", "mine")
    assert f"{path}: a file" in refused("train", "--corpus", table, "--out", path)


@pytest.mark.parametrize("beside", ["nothing", "a translator"])
def test_out_that_holds_other_files(refused, write, table, model_copy, monkeypatch, beside):
    monkeypatch.setattr(translator, "train", lambda *_, **__: pytest.fail("trained in vain"))
    if beside == "nothing":
        shutil.rmtree(model_copy)
        model_copy.mkdir()
    write("copy/notes.txt", "mine")
    message = refused("train", "--corpus", table, "--out", model_copy)
    assert f"{model_copy}: holds other files" in message


def test_out_below_a_file(refused, write, table):
    path = write("notes.txt", "mine")
    assert "cannot write" in refused("train", "--corpus", table, "--out", path / "new")


def test_out_that_may_not_be_written(refused, table, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    if os.access(tmp_path / "locked", os.W_OK):
        pytest.skip("this user may write everywhere")
    assert "cannot write" in refused("train", "--corpus", table, "--out", tmp_path / "locked/new")


@pytest.mark.parametrize("flag", ["--out", "--model"])
def test_an_overlong_name_of_a_folder(refused, table, tmp_path, flag):
    name = "train" if flag == "--out" else "evaluate"
    assert "x" * 300 in refused(name, "--corpus", table, flag, tmp_path / ("x" * 300))


@pytest.mark.parametrize("name", ["मॉडल".encode(), b"mod\xe8le"], ids=["UTF-8", "Latin-1"])
def test_a_file_s_name_in_any_encoding_is_told_as_it_is(name, tmp_path):
    process = subprocess.run(
        [*map(os.fsencode, command("train", "--out", "new", "--corpus")), name],
        capture_output=True,
        cwd=tmp_path,
        env=PLAIN_TERMINAL,
    )
    assert process.returncode == 2
    assert process.stderr.startswith(b"s2s-keras: error: " + name + b": no such file")
    assert process.stderr.count(b"\n") == 1


def test_bad_input_of_a_real_process(model_copy):
    (model_copy / "weights.safetensors").write_bytes(b"PK")
    process = run("translate", "--model", model_copy, "Hello.")
    assert (process.returncode, process.stdout) == (2, b"")
    assert process.stderr.decode() == (
        f"s2s-keras: error: {model_copy / 'weights.safetensors'}: damaged, half-written or of "
        "another translator; fetch it again, or train it again with `s2s-keras train`\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux alone has a disk that is full")
def test_a_full_disk_behind_standard_output(model):
    with open("/dev/full", "w") as full:
        process = subprocess.run(
            command("translate", "--model", model, "Hello."), stdout=full, stderr=subprocess.PIPE
        )
    assert process.returncode == 2
    assert process.stderr.decode() == (
        "s2s-keras: error: input or output failed (No space left on device); name another one\n"
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such shell")
def test_a_standard_input_that_is_closed(model):
    line = f"{shlex.join(command('translate', '--model', model))} <&-"
    process = subprocess.run(["sh", "-c", line], capture_output=True)
    assert (process.returncode, process.stdout) == (2, b"")
    assert re.fullmatch(rb"s2s-keras: error: [^\n]+\n", process.stderr), process.stderr


# The other end of the pipe, and the keyboard


def test_a_reader_that_has_left_is_no_error(model):
    process = subprocess.Popen(
        command("translate", "--model", model),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    _, errors = process.communicate(b"The cat eats.\n" * 3000, timeout=120)
    assert (process.returncode, errors) == (0, b"")


def test_a_listing_may_be_cut_short():
    process = subprocess.Popen(command("corpora"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert (process.stderr.read(), process.wait(60)) == (b"", 0)
    process.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to one process")
def test_an_interrupted_training_keeps_its_best_epoch(table, tmp_path):
    flags = [*TINY, "--epochs", "100000"]
    process = subprocess.Popen(
        command("train", "--corpus", table, "--out", tmp_path / "new", *flags),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A test run in a shell's background inherits a deaf ear for the keyboard.
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.default_int_handler),
    )
    errors = b""
    while not re.search(rb"epoch \d\d+/100000", errors):
        errors += (read := process.stderr.read1())
        assert read, errors.decode()  # it has ended
    process.send_signal(signal.SIGINT)
    errors += process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert b"Traceback" not in errors and b"KeyboardInterrupt" not in errors
    kept = translator.Translator.load(tmp_path / "new")
    history = pd.read_csv(tmp_path / "new" / "history.csv")
    assert len(history) >= 9
    assert f"translator of epoch {history.val_chrf.idxmax() + 1}, the best" in errors.decode()
    assert kept.translate(["The cat eats."]) != [""]


# check


@pytest.fixture
def machine_of(monkeypatch):
    """Makes every finding of `check` a good one, and the last one what is given."""

    def machine_of(last):
        for name in ("python", "devanagari", "memory", "cores", "disk", "kernel"):
            monkeypatch.setattr(machine, name, lambda: Finding("thing", "as it must be"))
        monkeypatch.setattr(machine, "packages", lambda: [])
        monkeypatch.setattr(machine, "training", lambda: last)

    return machine_of


def test_check_prints_a_line_for_each_thing_and_ends_well(machine_of, say):
    machine_of(Finding("training", "fast"))
    lines = say("check").splitlines()
    assert len(lines) == 7 and all(line.endswith("  OK") for line in lines)


def test_check_ends_with_1_where_there_is_something_to_do(machine_of, capsys):
    machine_of(Finding("training", "slow", "buy\nnothing"))
    assert cli.main(["check"]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("training") and last.endswith("slow  TO DO  buy nothing")


def test_check_says_why_it_could_not_train(machine_of, monkeypatch, capsys):
    machine_of(None)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert cli.main(["check"]) == 1
    assert "not tried  TO DO  KERAS_BACKEND is jax" in capsys.readouterr().out
