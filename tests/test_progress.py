"""What `s2s_keras.progress` promises: one line that counts batches, also in a notebook."""

import re
import sys
import time
from types import SimpleNamespace

import pytest

from s2s_keras import progress
from s2s_keras.progress import ProgressBar, counted

STEPS = 4


def lines(shown: str) -> list[str]:
    """Every state of the line, which is rewritten in place."""
    return [line.strip() for line in re.split(r"[\r\n]+", shown) if line.strip()]


def train(bar: ProgressBar, epochs: int = 3, first: int = 0, done: int = 0, **scores) -> None:
    """What a training calls of a bar: in every epoch four batches, whose loss falls from 3.

    A run that goes on begins with epoch `first`, of which `done` batches are done.
    """
    bar.set_params({"epochs": epochs, "steps": STEPS})
    bar.on_train_begin()
    for epoch in range(first, epochs):
        bar.on_epoch_begin(epoch)
        for batch in range(done if epoch == first else 0, STEPS):
            bar.on_train_batch_begin(batch)
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
    train(bar, epochs=5, first=3, done=2)
    assert "20/20 [" in lines(capsys.readouterr().err)[-1]
    assert bar.bar.initial == 3 * STEPS + 2


def test_the_speed_is_that_of_all_epochs(capsys):
    bar = ProgressBar()
    train(bar)
    assert bar.bar.initial == 0


def test_the_time_left_leaves_out_what_is_compiled_at_first(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock.now)
    bar, told = ProgressBar(), []
    bar.set_params({"epochs": 3, "steps": STEPS})
    bar.on_train_begin()
    for epoch in range(3):
        bar.on_epoch_begin(epoch)
        for batch in range(STEPS):
            clock.now += 1.0 if epoch or batch else 60.0
            bar.on_train_batch_end(batch, {"loss": 1.0})
        clock.now += 5.0 if epoch else 60.0
        bar.on_epoch_end(epoch, {"loss": 1.0})
        told.append(bar.bar.left)
    bar.on_train_end()
    # Of the ends of epochs only the second tells how long they take.
    assert told == [8.0, 9.0, 0.0]


def test_the_line_moves_while_nothing_is_done_and_stands_still_afterwards(monkeypatch, capsys):
    monkeypatch.setattr(progress, "TICK", 0.01)
    waiting = counted(["one"], "runs")
    next(waiting)
    shown = ""
    for _ in range(1000):
        time.sleep(0.02)
        shown += capsys.readouterr().err
        if len(lines(shown)) >= 5:
            break
    assert len(lines(shown)) >= 5
    assert next(waiting, "done") == "done"
    capsys.readouterr()
    time.sleep(0.1)
    assert capsys.readouterr().err == ""


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
