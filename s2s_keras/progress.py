"""How far a training is, shown as one line."""

import statistics
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator

import keras
from tqdm import tqdm

RECENT = 200  # so many batches tell how long one takes
TICK = 1.0  # seconds after which a line moves, also where nothing is done yet


class ProgressBar(keras.callbacks.Callback):
    """One line of tqdm that counts batches; in a notebook it is saved as it ended."""

    def on_train_begin(self, logs=None):
        """Open the line."""
        self.summary = ""
        self.batches, self.ends = deque(maxlen=RECENT), deque(maxlen=RECENT)
        self.since = time.monotonic()
        self.bar = _one_line(
            total=self.params["epochs"] * self.params["steps"],
            desc=f"epoch 1/{self.params['epochs']}",
            unit="batch",
        )

    def on_epoch_begin(self, epoch, logs=None):
        """Say which epoch it is."""
        self.bar.set_description_str(f"epoch {epoch + 1}/{self.params['epochs']}", refresh=False)
        self.before = epoch * self.params["steps"]

    def on_train_batch_begin(self, batch, logs=None):
        """Begin where a resumed run is taken up."""
        if (done := self.before + batch) > self.bar.n:
            self.bar.n = self.bar.initial = done

    def on_train_batch_end(self, batch, logs=None):
        """Count a batch."""
        self.batches.append(self._seconds())
        self.bar.left = self._left(self.bar.n + 1)
        self.bar.set_postfix_str(f"loss {logs['loss']:.2f}{self.summary}", refresh=False)
        self.bar.update()

    def on_epoch_end(self, epoch, logs=None):
        """Keep the scores of this epoch in sight."""
        last = {"val_loss": "validation loss", "val_chrf": "chrF"}
        self.summary = "".join(
            f", {label} {logs[name]:.2f}" for name, label in last.items() if name in logs
        )
        self.ends.append(self._seconds())
        self.bar.left = self._left(self.bar.n)
        self.bar.set_postfix_str(f"loss {logs['loss']:.2f}{self.summary}")

    def on_train_end(self, logs=None):
        """Close the line."""
        self.bar.close()

    def _seconds(self) -> float:
        """Return how long it is since this was last asked."""
        before, self.since = self.since, time.monotonic()
        return self.since - before

    def _left(self, done: int) -> float:
        """Return the seconds that are likely left: batches, and what follows each epoch's last.

        Medians, since a batch of a new length and the first end of an epoch are compiled first.
        """
        ends = self.params["epochs"] - done // self.params["steps"]
        an_end = statistics.median([*self.ends][1:] or [0])
        a_batch = statistics.median(self.batches or [0])
        return (self.bar.total - done) * a_batch + ends * an_end


def counted(items: Iterable, description: str = "") -> Iterator:
    """Iterate over items, and show in one line how many of them are done.

    For loops that train a model at each turn and would be silent for minutes.

    Args:
        items: with a length.
        description: stands at the beginning of the line.

    Yields:
        The items.
    """
    with _one_line(total=len(items), desc=description, unit="run") as bar:
        bar.refresh()
        for item in items:
            yield item
            bar.update()


class _Line(tqdm):
    """A bar that moves all the time, whatever is done, and that can be told when it ends."""

    left = None  # seconds, where somebody knows better than the mean of all that is done

    def __init__(self, **options):
        self.closing = threading.Event()
        super().__init__(**options)
        self.clock = threading.Thread(target=self._tick, daemon=True)
        self.clock.start()

    def _tick(self) -> None:
        while not self.closing.wait(TICK):
            self.refresh()

    def close(self) -> None:
        """Stop moving, and leave the line as it is."""
        if not self.closing.is_set():
            self.closing.set()
            self.clock.join()
        super().close()

    @property
    def format_dict(self) -> dict:
        """What the line shows; tqdm computes the time left from the rate."""
        shown = super().format_dict
        if self.left and shown["n"] < shown["total"]:
            shown["rate"] = (shown["total"] - shown["n"]) / self.left
        return shown


def _one_line(**options) -> tqdm:
    """Return a line of tqdm on standard error, or in a notebook as an output of the cell."""
    kernel = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    in_notebook = hasattr(kernel, "kernel")
    return _Line(
        dynamic_ncols=not in_notebook,
        ncols=110 if in_notebook else None,
        ascii=False,
        file=_NotebookLine() if in_notebook else sys.stderr,
        mininterval=0.5,
        miniters=0,
        smoothing=0,
        **options,
    )


class _NotebookLine:
    """A text stream whose every write replaces the last one in a notebook cell's output."""

    def __init__(self):
        self.handle = None

    def write(self, text: str) -> None:
        line = {"text/plain": text.strip()}
        if not line["text/plain"]:
            return
        from IPython.display import display

        if self.handle is None:
            self.handle = display(line, raw=True, display_id=True)
        else:
            self.handle.update(line, raw=True)

    def flush(self) -> None:
        """Nothing is held back."""
