"""What `s2s_keras.progress` promises: one line that counts batches, and a file to go on from."""

import json
import re
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from s2s_keras.progress import ProgressBar, Record, counted

STEPS = 4


def lines(shown: str) -> list[str]:
    """Every state of the line, which is rewritten in place."""
    return [line.strip() for line in re.split(r"[\r\n]+", shown) if line.strip()]


def train(bar: ProgressBar, epochs: int = 3, first: int = 0, **scores) -> None:
    """What a training calls of a bar: in every epoch four batches, whose loss falls from 3."""
    bar.set_params({"epochs": epochs, "steps": STEPS})
    bar.on_train_begin()
    for epoch in range(first, epochs):
        bar.on_epoch_begin(epoch)
        for batch in range(STEPS):
            bar.on_train_batch_end(batch, {"loss": 3 - epoch})
        bar.on_epoch_end(epoch, {"loss": 3 - epoch, **scores})
    bar.on_train_end()


def test_the_line_counts_the_batches_of_all_epochs_and_says_the_loss(capsys):
    train(ProgressBar())
    shown = capsys.readouterr()
    last = lines(shown.err)[-1]
    assert last.startswith("epoch 3/3: 100%|")
    assert "12/12 [" in last and "loss 1.00" in last and re.search(r"batch/s|s/batch", last)
    assert shown.out == ""


def test_the_scores_of_the_last_epoch_stay_in_sight(capsys):
    bar = ProgressBar()
    train(bar, val_loss=2.5, val_chrf=31.25)
    assert "loss 1.00, validation loss 2.50, chrF 31.25" in lines(capsys.readouterr().err)[-1]


def test_a_resumed_run_begins_where_it_is_taken_up_and_counts_its_own_speed(capsys):
    bar = ProgressBar()
    train(bar, epochs=5, first=3)
    assert "20/20 [" in lines(capsys.readouterr().err)[-1]
    assert bar.bar.initial == 3 * STEPS


def test_the_speed_is_that_of_all_epochs(capsys):
    bar = ProgressBar()
    train(bar)
    assert bar.bar.initial == 0


def test_items_are_counted_when_they_are_done(capsys):
    assert [*counted("abc", "seeds")] == ["a", "b", "c"]
    last = lines(capsys.readouterr().err)[-1]
    assert last.startswith("seeds: 100%|") and "3/3 [" in last


def test_the_line_of_a_loop_that_fails_says_how_far_it_came(capsys):
    with pytest.raises(ValueError, match="second"):
        for item in counted([1, 2, 3], "runs"):
            if item == 2:
                raise ValueError("the second")
    assert "1/3 [" in lines(capsys.readouterr().err)[-1]


def test_in_a_notebook_one_output_is_replaced_and_nothing_goes_to_standard_error(
    monkeypatch, capsys
):
    outputs = []

    def display(data, raw, display_id):
        outputs.append([data["text/plain"]])
        return SimpleNamespace(update=lambda data, raw: outputs[-1].append(data["text/plain"]))

    kernel = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=True))
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    train(ProgressBar())
    (states,) = outputs
    assert "12/12" in states[-1] and states[-1] == states[-1].strip()
    assert capsys.readouterr() == ("", "")


# --- the file of a run


@pytest.fixture
def record(build, tmp_path):
    """Builds a record of a new model and of callbacks that count."""

    def record(*others):
        model = build()
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9))
        model.optimizer.build(model.trainable_variables)
        record = Record(model, list(others), tmp_path / "run")
        record.set_model(model)
        return record

    return record


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
    second.take_up()
    assert second.rows == first.rows == [{"epoch": 1, "loss": 2.0, "note": "good"}]
    assert second.model.stop_training is True
    assert all((variable.numpy() == 7).all() for variable in second.variables)
    assert (again.waited, again.best, again.names) == (2, 0.5, ())
    # Keras makes it negative for a score that should fall: once a run.
    assert again.min_delta == 1.0
    for mine, theirs in zip(again.best_weights, counter.best_weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_record_without_a_file_begins_anew(record, tmp_path):
    one = record()
    one.take_up()
    assert one.rows == [] and not (tmp_path / "run").exists()


def test_a_file_is_replaced_as_a_whole(record, tmp_path, monkeypatch):
    one = record()
    one.on_epoch_end(0, {"loss": 2.0})

    def fail(path, **_):
        path.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr(np, "savez", fail)
        one.on_epoch_end(1, {"loss": 1.0})
    other = record()
    other.take_up()
    assert other.rows == [{"epoch": 1, "loss": 2.0}]


def test_a_callback_with_other_settings_is_another_run(record):
    record(Counter(patience=3)).on_epoch_end(0, {"loss": 2.0})
    record(Counter(patience=3, min_delta=0.5)).take_up()
    with pytest.raises(ValueError, match="whose settings Counter patience was 3 and now is 4; gi"):
        record(Counter(patience=4)).take_up()


@pytest.mark.parametrize("state", [None, {}, {"of": {}}], ids=["0.1", "empty", "other model"])
def test_a_file_of_another_run_is_refused_and_changes_nothing(record, tmp_path, state):
    (tmp_path / "run").mkdir()
    arrays = {} if state is None else {"state": json.dumps(state)}
    np.savez(tmp_path / "run" / "training.npz", rows="[]", **arrays)
    one = record()
    before = one.model.get_weights()
    with pytest.raises(ValueError, match="training.npz: (of another training|damaged, or no)"):
        one.take_up()
    assert one.rows == []
    for mine, old in zip(one.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, old)
