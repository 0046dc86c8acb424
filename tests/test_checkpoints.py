"""What `s2s_keras.checkpoints` promises: a whole file at every moment, Ctrl-C between batches."""

import json
import os
import shutil
import signal
import stat
import threading
from collections import namedtuple

import keras
import numpy as np
import pytest

from s2s_keras.checkpoints import Checkpoint, Record, disk, held_back
from s2s_keras.checkpoints.signature import signature
from s2s_keras.errors import InputError

# --- the file of a run


@pytest.fixture
def record(build, tmp_path):
    """Builds a record of a new model and of callbacks that count."""

    def record(*others, minutes=5.0, asked=None, **options):
        model = build()
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9))
        model.optimizer.build(model.trainable_variables)
        checkpoint = Checkpoint(tmp_path / "run", minutes, asked or {})
        return Record(model, others, checkpoint, signature(model, others), **options)

    return record


def nothing(epoch: int) -> None:
    raise AssertionError("no epoch had begun")


class Counter(keras.callbacks.Callback):
    """What callbacks keep: numbers, and things that are none."""

    def __init__(self, patience=3, min_delta=0.0):
        super().__init__()
        self.patience, self.min_delta, self.best_weights = patience, min_delta, None
        self.waited, self.best, self.names = 0, np.float32(0), ()


def test_a_record_goes_on_with_rows_variables_counts_and_best_weights(record):
    counter = Counter(min_delta=-1.0)
    first = record(counter)
    counter.waited, counter.best, counter.names = 2, np.float32(0.5), ["a"]
    for variable in first.variables:
        variable.assign(keras.ops.ones_like(variable) * 7)
    counter.best_weights = [np.full(3, 5.0), np.full(2, 6.0)]
    first.model.stop_training = True
    first.on_epoch_end(0, {"loss": np.float32(2.0), "note": "good"})

    again = Counter(min_delta=1.0)
    second = record(again)
    second.take_up(nothing)
    assert second.rows == first.rows == [{"epoch": 1, "loss": 2.0, "note": "good"}]
    assert second.batches == 0
    assert second.model.stop_training is True
    assert all((variable.numpy() == 7).all() for variable in second.variables)
    assert (again.waited, again.best, again.names) == (2, 0.5, ())
    # Keras makes it negative for a score that should fall: once a run.
    assert again.min_delta == 1.0
    for mine, theirs in zip(again.best_weights, counter.best_weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_within_an_epoch_the_position_and_the_sums_are_kept(record):
    first = record(minutes=0.0)
    first.on_epoch_end(0, {"loss": 2.0})
    for loss in (0.1, 0.2):
        first.mean.add(loss, 3)
        first.on_train_batch_end(0)
    second, begun = record(), []
    second.take_up(begun.append)
    assert (begun, second.batches, second.mean) == ([1], 2, first.mean)
    assert second.mean.total == 0.1 * 3 + 0.2 * 3  # to the last bit


def test_what_a_callback_does_when_an_epoch_begins_is_not_done_twice(record):
    """A scheduler that multiplies the learning rate would multiply it again."""
    first = record(minutes=0.0)
    first.model.optimizer.learning_rate = 0.05
    first.on_train_batch_end(0)
    second = record()

    def halve(epoch):
        second.model.optimizer.learning_rate.assign(0.025)

    second.take_up(halve)
    assert float(second.model.optimizer.learning_rate) == float(np.float32(0.05))


def test_a_batch_is_followed_by_a_file_when_the_minutes_are_over(record, monkeypatch):
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    one, written = record(minutes=2.0), []
    monkeypatch.setattr(disk, "replace", lambda path, write: written.append(now))
    for _ in range(9):
        now += 50.0
        one.on_train_batch_end(0)
    assert written == [1150.0, 1300.0, 1450.0]


def test_an_epoch_that_a_callback_ends_is_ended_before_anything_else(record, tmp_path):
    one = record(minutes=0.0, interrupted=[signal.SIGINT])
    one.model.stop_training = True
    one.on_train_batch_end(0)
    one.on_test_batch_end(0)
    assert not (tmp_path / "run").exists()
    one.on_epoch_end(0, {"loss": 1.0})
    again = record()
    again.take_up(nothing)
    assert len(again.rows) == 1


def test_an_interruption_writes_the_file_and_stops(record):
    one = record(interrupted=[signal.SIGINT])
    with pytest.raises(KeyboardInterrupt):
        one.on_train_batch_end(0)
    again = record()
    again.take_up(lambda epoch: None)
    assert again.batches == 1


def test_a_record_without_a_file_begins_anew(record, tmp_path):
    one = record()
    one.take_up(nothing)
    assert one.rows == [] and not (tmp_path / "run").exists()


def test_a_file_that_is_removed_leaves_nothing_and_other_files_stay(record, tmp_path):
    one = record()
    one.on_epoch_end(0, {"loss": 2.0})
    (tmp_path / "run" / "training.npz.unfinished").write_bytes(b"of a process that was killed")
    one.checkpoint.remove()
    assert [*tmp_path.iterdir()] == []
    one.on_epoch_end(1, {"loss": 2.0})
    (tmp_path / "run" / "notes.txt").write_text("mine")
    one.checkpoint.remove()
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["notes.txt"]
    one.checkpoint.remove()  # a second time


# --- of which run it is


def test_a_callback_with_other_settings_is_another_run(record):
    record(Counter(patience=3)).on_epoch_end(0, {"loss": 2.0})
    record(Counter(patience=3, min_delta=0.5)).take_up(nothing)
    with pytest.raises(InputError, match="whose settings Counter patience was 3 and now is 4; gi"):
        record(Counter(patience=4)).take_up(nothing)


def test_what_the_run_was_asked_for_is_told_first(record):
    record(Counter(), asked={"units": 8, "rate": 0.1, "shares": (1, 0.5)}).on_epoch_end(0, {})
    record(Counter(), asked={"units": 8, "rate": 0.1 + 1e-9, "shares": [1, 0.5]}).take_up(nothing)
    with pytest.raises(InputError, match="whose units was 8 and now is 9; give the same, or ano"):
        record(asked={"units": 9, "rate": 0.1, "shares": (1, 0.5)}).take_up(nothing)


@pytest.mark.parametrize(
    "state", [None, {}, {"asked": {}, "of": {}}], ids=["0.1", "empty", "other"]
)
def test_a_file_of_another_run_is_refused_and_changes_nothing(record, tmp_path, state):
    (tmp_path / "run").mkdir()
    arrays = {} if state is None else {"state": json.dumps(state)}
    np.savez(tmp_path / "run" / "training.npz", rows="[]", **arrays)
    one = record()
    before = one.model.get_weights()
    with pytest.raises(InputError, match="training.npz: (of another training|damaged, or no)"):
        one.take_up(nothing)
    assert one.rows == []
    for mine, old in zip(one.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, old)


def test_one_changed_byte_of_a_weight_is_noticed(record, tmp_path):
    one = record()
    one.on_epoch_end(0, {"loss": 2.0})
    content = bytearray(one.checkpoint.file.read_bytes())
    weight = one.model.get_layer("logits").kernel.numpy().tobytes()
    content[content.index(weight)] ^= 1
    one.checkpoint.file.write_bytes(content)
    with pytest.raises(InputError, match="training.npz: damaged, or no checkpoint of a training"):
        record().take_up(nothing)


# --- whenever the power fails


class Killed(BaseException):
    """The process is at its end."""


MOMENTS = ["within the file", "before it is on disk", "before it has its name", "after that"]


def stop_at(moment: str, patch) -> None:
    """Lets the writing of a file be killed at one moment."""
    fsync, savez = os.fsync, np.savez

    def half(file, **arrays):
        savez(file, **arrays)
        file.truncate(file.tell() // 2)
        raise Killed

    def flush(descriptor):
        of_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        if of_folder == (moment == "after that"):
            raise Killed
        fsync(descriptor)

    def rename(*_):
        raise Killed

    if moment == "within the file":
        patch.setattr(np, "savez", half)
    elif moment == "before it has its name":
        patch.setattr(os, "replace", rename)
    else:
        patch.setattr(os, "fsync", flush)


@pytest.mark.parametrize("moment", MOMENTS)
def test_whenever_a_process_is_killed_a_whole_file_is_there(record, moment):
    one = record()
    one.on_epoch_end(0, {"loss": 2.0})
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        stop_at(moment, patch)
        one.on_epoch_end(1, {"loss": 1.0})
    other = record()
    other.take_up(nothing)
    assert len(other.rows) == (2 if moment == "after that" else 1)
    other.on_epoch_end(2, {"loss": 0.5})  # what the killed process left is in nobody's way
    again = record()
    again.take_up(nothing)
    assert again.rows == other.rows
    assert [path.name for path in one.checkpoint.file.parent.iterdir()] == ["training.npz"]


@pytest.mark.skipif(os.name == "nt", reason="Windows flushes no folders")
def test_a_file_is_on_disk_before_it_takes_the_old_one_s_name(tmp_path, monkeypatch):
    done, fsync, rename = [], os.fsync, os.replace

    def flush(descriptor):
        status = os.fstat(descriptor)
        names = {path.stat().st_ino: path.name for path in [tmp_path, *tmp_path.rglob("*")]}
        done.append(("flush", names[status.st_ino]))
        fsync(descriptor)

    def replace(source, target):
        done.append(("rename", source.name, target.name))
        rename(source, target)

    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(os, "replace", replace)
    disk.replace(tmp_path / "run" / "file", lambda file: file.write(b"whole"))
    expected = [
        ("flush", "file.unfinished"),
        ("rename", "file.unfinished", "file"),
        ("flush", "run"),
        ("flush", tmp_path.name),  # the folder is new
    ]
    assert done == expected
    disk.replace(tmp_path / "run" / "file", lambda file: file.write(b"again"))
    assert done == [*expected, *expected[:3]]
    assert (tmp_path / "run" / "file").read_bytes() == b"again"


# --- room


@pytest.fixture
def limit():
    """Limits the size of every file that this process writes, as a disk that is full."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_cannot_be_written_is_told_and_ends_nothing(record, limit, capsys):
    one = record()
    one.on_epoch_end(0, {"loss": 3.0})
    size = one.checkpoint.file.stat().st_size
    limit(size // 2)
    one.on_epoch_end(1, {"loss": 2.0})
    told = capsys.readouterr().err
    assert told == (
        f"{one.checkpoint.file}: not written (File too large); the one before it is kept\n"
    )
    assert [path.name for path in one.checkpoint.file.parent.iterdir()] == ["training.npz"]
    other = record()
    other.take_up(nothing)
    assert len(other.rows) == 1
    limit(2 * size)
    one.on_epoch_end(2, {"loss": 1.0})  # there is room again
    again = record()
    again.take_up(nothing)
    assert len(again.rows) == 3


Usage = namedtuple("Usage", "total used free")


def test_a_disk_without_room_is_told_before_anything_is_done(record, tmp_path, monkeypatch):
    one = record(Counter())
    needed = 2 * sum(value.nbytes for value in one.values())
    assert needed > 2 * one.model.count_params() * 4
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, needed - 1))
    with pytest.raises(InputError, match="run: 0 MB are free on this disk, and 0 MB are needed; f"):
        one.take_up(nothing)
    assert [*tmp_path.iterdir()] == []
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, needed))
    one.take_up(nothing)


def test_the_weights_that_early_stopping_keeps_need_room_too(record, monkeypatch):
    stopping = keras.callbacks.EarlyStopping(restore_best_weights=True)
    one = record(stopping)
    needed = 2 * sum(value.nbytes for value in [*one.values(), *one.model.get_weights()])
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, needed - 1))
    with pytest.raises(InputError, match="are free on this disk"):
        one.take_up(nothing)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 0, needed))
    one.take_up(nothing)


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_done(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="notes.txt.run: cannot write here .*; name another"):
        disk.check_room(tmp_path / "notes.txt" / "run", 0)


# --- Ctrl-C


@pytest.fixture(autouse=True)
def as_in_a_terminal():
    """A test run in a shell's background inherits a deaf ear for the keyboard."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_waits_and_the_second_one_does_not():
    with held_back() as came:
        assert came == []
        signal.raise_signal(signal.SIGINT)
        assert came == [signal.SIGINT]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_only_what_would_raise_keyboard_interrupt_is_held_back():
    mine = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: mine.append(number))
    try:
        with held_back() as came:
            signal.raise_signal(signal.SIGTERM)
        assert (came, mine) == ([], [signal.SIGTERM])
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with held_back() as came:
            signal.raise_signal(signal.SIGTERM)
        assert came == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_thread_trains_without_ears():
    """Python gives signals to the main thread alone, and refuses to set them elsewhere."""
    came = []

    def listen():
        with held_back() as signals:
            came.append(signals)

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert came == [[]]
