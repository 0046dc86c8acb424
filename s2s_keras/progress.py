"""How far a training is, shown as one line."""

import sys
from collections.abc import Iterable, Iterator

import keras
from tqdm import tqdm


class ProgressBar(keras.callbacks.Callback):
    """One line of tqdm that counts batches; in a notebook it is saved as it ended."""

    def on_train_begin(self, logs=None):
        """Open the line."""
        self.summary = ""
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
        self.bar.set_postfix_str(f"loss {logs['loss']:.2f}{self.summary}", refresh=False)
        self.bar.update()

    def on_epoch_end(self, epoch, logs=None):
        """Keep the scores of this epoch in sight."""
        last = {"val_loss": "validation loss", "val_chrf": "chrF"}
        self.summary = "".join(
            f", {label} {logs[name]:.2f}" for name, label in last.items() if name in logs
        )
        self.bar.set_postfix_str(f"loss {logs['loss']:.2f}{self.summary}")

    def on_train_end(self, logs=None):
        """Close the line."""
        self.bar.close()


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


def _one_line(**options) -> tqdm:
    """Return a line of tqdm on standard error, or in a notebook as an output of the cell."""
    kernel = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    in_notebook = hasattr(kernel, "kernel")
    return tqdm(
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
