"""Every figure of the course, with Devanagari rightly shaped. Nothing is computed here."""

from collections.abc import Sequence
from pathlib import Path

import fontpkg.mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Latin letters and formula signs from DejaVu, Devanagari from Noto, which fontpkg ships.
fontpkg.mpl.use("Noto Sans Devanagari")
plt.rcParams.update(
    {
        "font.family": ["DejaVu Sans", "Noto Sans Devanagari"],
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
    }
)

TRAINING, VALIDATION = "C0", "C1"


def loss_curves(history: pd.DataFrame, title: str = "") -> Figure:
    """Draw loss and perplexity by epoch, training beside validation.

    Args:
        history: of `training.fit`: epoch, loss, perplexity and, where there was validation data,
            validation_loss and validation_perplexity.
        title: above the figure.

    Returns:
        A figure of two panels; the best validation epoch is marked.
    """
    units = {"loss": "nats a token", "perplexity": "log scale"}
    figure, panels = plt.subplots(1, 2, figsize=(10, 3.4))
    for axes, (name, unit) in zip(panels, units.items(), strict=True):
        axes.plot(history.epoch, history[name], color=TRAINING, label="training")
        validation = f"validation_{name}"
        if validation in history:
            best = history[validation].idxmin()
            axes.plot(history.epoch, history[validation], color=VALIDATION, label="validation")
            axes.plot(history.epoch[best], history[validation][best], "o", color=VALIDATION)
            axes.annotate(
                f"best: {history[validation][best]:.2f}",
                (history.epoch[best], history[validation][best]),
                xytext=(0, 8),
                textcoords="offset points",
                ha="center",
            )
        axes.set(xlabel="epoch", ylabel=f"{name} ({unit})")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    panels[0].legend()
    panels[1].set_yscale("log")
    figure.suptitle(title)
    return figure


def heatmap(
    matrix: np.ndarray,
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    centred: bool = False,
    axes: Axes | None = None,
) -> Axes:
    """Draw a matrix as coloured cells, with words beside its rows and columns.

    Args:
        matrix: `(rows, columns)`.
        row_labels: one a row, from the top; none leaves numbers.
        column_labels: one a column; none leaves numbers.
        title: above the axes.
        xlabel: what the columns are.
        ylabel: what the rows are.
        centred: colour by sign, white at zero (states), instead of by size from zero (weights).
        axes: draw here instead of in a new figure.
    """
    if axes is None:
        _, axes = plt.subplots(figsize=(1.5 + 0.6 * matrix.shape[1], 1 + 0.4 * matrix.shape[0]))
    limit = np.abs(matrix).max() or 1.0
    colours = {"cmap": "RdBu_r", "vmin": -limit} if centred else {"cmap": "viridis", "vmin": 0}
    image = axes.imshow(matrix, aspect="auto", vmax=limit, interpolation="nearest", **colours)
    axes.figure.colorbar(image, ax=axes)
    if len(row_labels):
        axes.set_yticks(range(len(row_labels)), row_labels)
    if len(column_labels):
        axes.set_xticks(range(len(column_labels)), column_labels)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axes.grid(False)
    return axes


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure as PNG and close it."""
    figure.savefig(path, dpi=150)
    plt.close(figure)
