"""What resuming promises: whatever stops a training, it ends with the same numbers, bit for bit."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import forking
import keras
import killed_training
import numpy as np
import pandas as pd
import pytest
from animals import TABLE
from keras.callbacks import EarlyStopping, LambdaCallback, LearningRateScheduler, ReduceLROnPlateau
from keras.optimizers import SGD, Adam, schedules

from s2s_keras import cli, fast
from s2s_keras.batches import make_batches
from s2s_keras.checkpoints import Checkpoint
from s2s_keras.training import fit
from s2s_keras.translator import Translator, put_back

KILLS = 20


@pytest.fixture(autouse=True, scope="module")
def as_in_a_terminal():
    """A test run in a shell's background inherits a deaf ear for the keyboard."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class At(keras.callbacks.Callback):
    """Does something at the end of the first batch that is one of some (epoch, batch), from 0.

    "validation" in place of a batch's number is the end of the first one that is validated.
    """

    def __init__(self, moments=(), action=None):
        super().__init__()
        self.moments, self.action = [*moments], action

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch) in self.moments:
            self.action()

    def on_test_batch_end(self, batch, logs=None):
        if (self.epoch, "validation") in self.moments and batch == 0:
            self.action()


def ctrl_c():
    signal.raise_signal(signal.SIGINT)


class PowerFails(Exception):
    """Nothing is written any more."""


def power_fails():
    raise PowerFails


class Stream:
    """Batches that can only be read one after the other, in an order that hangs on the epoch."""

    def __init__(self, batches):
        self.batches, self.epoch, self.read = [*batches], None, 0

    def __len__(self):
        return len(self.batches)

    def set_epoch(self, number):
        self.epoch = number

    def __iter__(self):
        for number in np.random.default_rng(self.epoch).permutation(len(self)):
            self.read += 1
            yield self.batches[number]


# Each of these has something that must not be lost, and that the others have not.
RUNS = {
    "momentum, and own predictions by a schedule": {
        "optimizer": lambda: SGD(0.3, momentum=0.9),
        "teacher_forcing": schedules.PolynomialDecay(1.0, 16, 0.0),
    },
    "Adam by a cosine, with averaged weights": {
        "optimizer": lambda: Adam(schedules.CosineDecay(0.05, 16), use_ema=True),
        "teacher_forcing": 0.5,
    },
    "callbacks that count": {
        "optimizer": lambda: SGD(1.0),
        "callbacks": lambda: [
            LearningRateScheduler(lambda epoch, rate: rate * 0.95),
            ReduceLROnPlateau(factor=0.5, patience=0, min_delta=0.05),
            EarlyStopping(patience=1, min_delta=0.02, restore_best_weights=True),
        ],
    },
    "the fast floor": {"optimizer": lambda: fast.Adam(0.02, global_clipnorm=1.0), "fast": True},
}


@pytest.fixture(scope="module")
def run(build, sentences):
    """Trains a small model with dropout, four batches an epoch: `run(name) -> (model, history)`."""

    def run(name, at=None, stream=False, **options):
        chosen = dict(RUNS[name])
        quick = chosen.pop("fast", False)
        model = build(dropout=0.3, **{"cells": fast.CELLS} if quick else {"cell": "rnn"})
        pairs = sentences(30, seed=1), sentences(30, seed=2)
        train = make_batches(*pairs, 8, shuffle_seed=None if stream else 3)
        callbacks = [*chosen.pop("callbacks", list)(), at or At()]
        if quick:
            options["compute_loss"] = fast.compute_loss(model)
        history = fit(
            model, Stream(train) if stream else train, make_batches(*pairs, 16), epochs=4,
            optimizer=chosen.pop("optimizer")(), callbacks=callbacks, progress=False,
            **chosen, **options,
        )  # fmt: skip
        return model, history

    return run


def assert_the_same_to_the_last_bit(run, other):
    (model, history), (other_model, other_history) = run, other
    pd.testing.assert_frame_equal(history, other_history, check_exact=True)
    variables = [*model.variables, *model.optimizer.variables]
    others = [*other_model.variables, *other_model.optimizer.variables]
    for variable, other in zip(variables, others, strict=True):
        np.testing.assert_array_equal(variable, other, err_msg=variable.path)


def stopped_at(run, name, moments, action, **options):
    """Trains until something happens; a training that is interrupted later returns its history."""
    try:
        _, history = run(name, At(moments, action), **options)
    except (KeyboardInterrupt, PowerFails):
        return
    assert history.attrs["stopped"] == "interrupted"


@pytest.mark.parametrize("name", RUNS)
def test_interrupted_at_any_batch_a_run_ends_as_if_nothing_had_happened(run, name, tmp_path):
    """The first batch of all, while validating, and the last batch of an epoch."""
    expected = run(name)
    assert len(expected[1]) > 2
    for moment in ((0, 0), (1, "validation"), (2, 3)):
        stopped_at(run, name, [moment], ctrl_c, checkpoint=tmp_path)
    assert_the_same_to_the_last_bit(run(name, checkpoint=tmp_path), expected)


def test_when_the_power_fails_a_run_goes_on_from_the_last_file(run, tmp_path):
    """It was written after every batch: the last one is done again."""
    name, frequent = next(iter(RUNS)), Checkpoint(tmp_path, minutes=0)
    expected = run(name)
    for moment in ((0, 2), (2, 1), (3, "validation")):
        stopped_at(run, name, [moment], power_fails, checkpoint=frequent)
    assert_the_same_to_the_last_bit(run(name, checkpoint=frequent), expected)


def test_what_can_only_be_read_in_order_is_read_up_to_where_the_run_was(run, tmp_path):
    name = next(iter(RUNS))
    expected = run(name, stream=True)
    for moment in ((1, 2), (3, 0)):
        stopped_at(run, name, [moment], ctrl_c, checkpoint=tmp_path, stream=True)
    assert_the_same_to_the_last_bit(run(name, checkpoint=tmp_path, stream=True), expected)


def test_an_interruption_at_the_very_end_comes_too_late(run, tmp_path):
    """All epochs are done."""
    late = LambdaCallback(on_epoch_end=lambda epoch, logs: ctrl_c() if epoch == 3 else None)
    _, history = run(next(iter(RUNS)), late, checkpoint=tmp_path)
    assert len(history) == 4 and "stopped" not in history.attrs


# --- the command line

TINY = ["--units", "8", "--embedding", "8", "--batch-size", "8", "--learning-rate", "0.01"]
TINY += ["--dropout", "0.2", "--teacher-forcing", "1", "0.5", "--epochs", "4"]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A small corpus in a file."""
    path = tmp_path_factory.mktemp("corpus") / "pairs.tsv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything below a folder, hidden files too: its path, and its bytes if it is a file."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def train_command(table, out, *flags, at=None, action=ctrl_c) -> int:
    """Runs `s2s-keras train`, lets something happen after a number of batches; the status."""
    count = iter(range(10**6))

    def after_batch(batch, logs):
        if next(count) == at:
            action()

    watcher = LambdaCallback(on_batch_end=after_batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["s2s_keras.cli.train"], "_announcement", lambda: watcher)
        return cli.main(["train", "--corpus", str(table), "--out", str(out), *TINY, *flags])


@pytest.fixture
def train(table, tmp_path, capsys):
    """Runs `s2s-keras train --out new`: its status, and what it said, the bar left out."""

    def train(*flags, corpus=table, **options):
        status = train_command(corpus, tmp_path / "new", *flags, **options)
        errors = re.split(r"[\r\n]+", capsys.readouterr().err)
        return status, [line for line in errors if line.strip() and "batch/s" not in line]

    return train


@pytest.fixture(scope="module")
def uninterrupted(table, tmp_path_factory):
    """The folder of a training that nothing stopped."""
    out = tmp_path_factory.mktemp("uninterrupted") / "new"
    assert train_command(table, out) == 0
    return contents(out.parent)


@pytest.fixture(scope="module")
def stopped_early(table, tmp_path_factory):
    """The folder of a training that was interrupted in its first epoch."""
    out = tmp_path_factory.mktemp("stopped") / "new"
    assert train_command(table, out, at=2) == 130
    return out.parent


@pytest.fixture
def interrupted(stopped_early, tmp_path):
    """The same as the `new` of this test; what is in it."""
    shutil.copytree(stopped_early, tmp_path, dirs_exist_ok=True)
    return contents(tmp_path)


TO_GO_ON = "to go on, give the same command with --resume: {} has what was done so far"


def test_an_interrupted_training_says_how_to_go_on_and_ends_with_the_same_folder(
    train, uninterrupted, tmp_path
):
    checkpoint = tmp_path / "new.checkpoint"
    for flags, at, number in (((), 2, signal.SIGINT), (("--resume",), 8, signal.SIGTERM)):
        status, lines = train(*flags, at=at, action=lambda n=number: signal.raise_signal(n))
        assert status == 130
        assert lines[-1] == TO_GO_ON.format(checkpoint)
    assert Translator.load(tmp_path / "new")  # the best one so far
    assert [path.name for path in checkpoint.iterdir()] == ["training.npz"]
    status, lines = train("--resume")
    assert (status, contents(tmp_path)) == (0, uninterrupted)
    assert lines[-1].startswith(f"{tmp_path / 'new'}: translator of epoch ")


def test_an_interrupted_training_is_not_forgotten_unasked(
    train, interrupted, uninterrupted, tmp_path
):
    status, lines = train()
    assert status == 2
    assert lines[-1] == (
        f"s2s-keras: error: {tmp_path / 'new.checkpoint'}: has a training that was interrupted; go "
        "on with --resume, or begin anew with --overwrite"
    )
    assert contents(tmp_path) == interrupted
    status, _ = train("--overwrite")
    assert (status, contents(tmp_path)) == (0, uninterrupted)


def test_where_there_is_nothing_to_go_on_from_a_training_begins(train, uninterrupted, tmp_path):
    """So that one command serves in a script that is started again and again."""
    status, lines = train("--resume")
    assert f"{tmp_path / 'new.checkpoint'}: nothing to go on from; beginning with the" in lines[0]
    assert (status, contents(tmp_path)) == (0, uninterrupted)
    status, lines = train("--resume")
    assert status == 2 and "holds a translator already" in lines[-1]
    assert contents(tmp_path) == uninterrupted


@pytest.mark.parametrize(
    ("flags", "difference"),
    [
        ("--units 6", "whose units was 8 and now is 6; give the same, or another folder"),
        ("--learning-rate 0.02", "whose learning_rate was 0.01 and now is 0.02"),
        ("--epochs 5", "whose epochs was 4 and now is 5"),
        ("--teacher-forcing 1 0", "whose teacher_forcing was [1.0, 0.5] and now is [1.0, 0.0]"),
        ("--seed 1", "whose seed was 0 and now is 1"),
        ("--attention none", "whose attention was None and now is none"),
        ("--dev none", "whose training split was"),
    ],
)
def test_another_training_does_not_go_on_from_this_one(
    train, interrupted, tmp_path, flags, difference
):
    status, lines = train("--resume", *flags.split())
    assert status == 2 and difference in lines[-1]
    assert contents(tmp_path) == interrupted


def test_a_corpus_that_has_changed_is_another_training(train, interrupted, tmp_path, write):
    changed = write("pairs.tsv", TABLE.replace("cat eats number00", "cat ate number00"))
    status, lines = train("--resume", corpus=changed)
    assert status == 2 and re.search(r"whose (train|dev).*split was \d+ pairs \(\w+\)", lines[-1])
    changed.unlink()
    assert contents(tmp_path) == interrupted


def test_a_damaged_checkpoint_is_told(train, interrupted, tmp_path):
    file = tmp_path / "new.checkpoint" / "training.npz"
    file.write_bytes(file.read_bytes()[:-100])
    status, lines = train("--resume")
    assert status == 2 and f"{file}: damaged, or no checkpoint of a training; delete" in lines[-1]


def test_what_a_process_left_that_was_killed_while_it_saved_is_put_back(words, tmp_path):
    """It had taken the old translator away, and not yet given its name to the new one."""
    words.save(tmp_path / "new")
    old = contents(tmp_path / "new")
    (tmp_path / ".new-ab12_xyz" / "new").mkdir(parents=True)
    (tmp_path / "new").rename(tmp_path / ".new-ab12_xyz" / "old")
    (tmp_path / ".new-settings").mkdir()
    (tmp_path / ".new-settings" / "mine").write_text("of somebody else")
    put_back(tmp_path / "new")
    assert contents(tmp_path / "new") == old
    assert {path.name for path in tmp_path.iterdir()} == {"new", ".new-settings"}


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="needs Linux's /proc")
def test_interrupted_before_it_begins_a_training_ends_quietly(table, tmp_path):
    """While TensorFlow is loaded."""
    arguments = ["train", "--corpus", table, "--out", tmp_path / "new", *TINY]
    process = subprocess.Popen(
        [sys.executable, "-m", "s2s_keras", *map(str, arguments)],
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while "tensorflow" not in Path(f"/proc/{process.pid}/maps").read_text():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 130
    assert errors == "interrupted before anything was learned: there is nothing to go on from\n"
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(
    not forking.FORKING, reason="needs Linux: elsewhere TensorFlow cannot be forked"
)
def test_killed_at_twenty_random_moments_a_training_ends_with_the_same_folder(table, tmp_path):
    """It writes after every batch, so that it is killed while it writes, too."""
    flags = ["--corpus", str(table), *TINY, "--epochs", "30", "--schedule", "cosine"]

    def start(folder, *more):
        out = str(tmp_path / folder / "new")
        process = forking.process(target=killed_training.train, args=(*flags, "--out", out, *more))
        process.start()
        return process

    whole = start("whole")
    chance = random.Random(0)
    killed = tmp_path / "killed"
    file = killed / "new.checkpoint" / "training.npz"
    # Half of the processes are killed at any moment, the others as soon as they write a file.
    writes = [lambda: True, file.with_name("training.npz.unfinished").exists]
    writes += [lambda: True, lambda: any(killed.glob(".new-*"))]
    kills = half_written = 0
    whole.join()
    assert whole.exitcode == 0
    expected = contents(tmp_path / "whole")
    while kills < KILLS:
        before, begins_to_write = written(file), writes[kills % len(writes)]
        process = start("killed", "--resume", "--checkpoint-minutes", "1e-6")
        while process.is_alive() and written(file) == before:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.3))
        while process.is_alive() and not begins_to_write():
            pass
        process.kill()
        process.join()
        if process.exitcode == 0:  # It was quicker than its killer: the next one begins anew.
            assert contents(killed) == expected
            shutil.rmtree(killed)
        else:
            assert process.exitcode == -signal.SIGKILL
            kills += 1
            half_written += writes[1]() or writes[3]()
    print(f"{half_written} of {kills} processes left something half-written")
    last = start("killed", "--resume")
    last.join()
    assert last.exitcode == 0
    assert contents(killed) == expected


def written(file: Path) -> int:
    """When a file was written, in nanoseconds; 0 where there is none."""
    return file.stat().st_mtime_ns if file.exists() else 0
