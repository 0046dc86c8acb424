"""Every figure of the course, with Devanagari rightly shaped. Nothing is computed here."""

from collections.abc import Sequence
from pathlib import Path

import fontpkg.mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, MaxNLocator

# Latin letters and formula signs from DejaVu, Devanagari from Noto, which fontpkg ships.
fontpkg.mpl.use("Noto Sans Devanagari")
STYLE = {
    "font.family": ["DejaVu Sans", "Noto Sans Devanagari"],
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
}
plt.rcParams.update(STYLE)  # for figures that a notebook draws by itself
# The figures of this module have the style also where the user has chosen another since.
_in_style = plt.rc_context(STYLE)

TRAINING, VALIDATION = "C0", "C1"


@_in_style
def loss_curves(history: pd.DataFrame, title: str = "") -> Figure:
    """Draw loss, perplexity and, where it was measured, chrF by epoch.

    Args:
        history: of `training.fit`: epoch, loss, perplexity and, where there was validation data,
            val_loss and val_perplexity; with val_chrf a third panel.
        title: above the figure.

    Returns:
        A figure of two or three panels, the best validation epoch marked in each.
    """
    units = {"loss": "nats a token", "perplexity": "log scale"}
    count = 2 + ("val_chrf" in history)
    figure, panels = plt.subplots(1, count, figsize=(4.8 * count, 3.4))
    for axes, (name, unit) in zip(panels, units.items(), strict=False):
        axes.plot(history.epoch, history[name], color=TRAINING, label="training")
        validation = f"val_{name}"
        if validation in history:
            _validation_curve(axes, history, validation, "idxmin")
        axes.set(ylabel=f"{name} ({unit})")
    panels[1].set_yscale("log")
    for set_formatter in (panels[1].yaxis.set_major_formatter, panels[1].yaxis.set_minor_formatter):
        set_formatter(LogFormatter(labelOnlyBase=False))  # 6, not 6 × 10⁰
    if "val_chrf" in history:
        _validation_curve(panels[2], history, "val_chrf", "idxmax")
        panels[2].set(ylabel="chrF (0 to 100)")
    for axes in panels:
        axes.set(xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.margins(x=0.08, y=0.12)
    panels[0].legend()
    figure.suptitle(title)
    return figure


def _validation_curve(axes: Axes, history: pd.DataFrame, name: str, of_best: str) -> None:
    axes.plot(history.epoch, history[name], color=VALIDATION, label="validation")
    if history[name].isna().all():  # The training diverged before its first epoch was over.
        return
    best = getattr(history[name], of_best)()
    point = (history.epoch[best], history[name][best])
    axes.plot(*point, "o", color=VALIDATION)
    label = f"best: {point[1]:.2f}"
    axes.annotate(label, point, xytext=(0, 8), textcoords="offset points", ha="center")


@_in_style
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


@_in_style
def unfolded(
    tokens_read: Sequence[str],
    hidden_states: np.ndarray,
    cell_states: np.ndarray,
    tokens_predicted: Sequence[str],
    title: str = "",
) -> Figure:
    """Draw an LSTM encoder–decoder unfolded through time, its states as colour strips.

    Args:
        tokens_read: one a timestep: the encoder's, then the decoder's.
        hidden_states: `(timesteps, units)`, h after each of these timesteps.
        cell_states: `(timesteps, units)`, c after each of them.
        tokens_predicted: one a timestep of the decoder.
        title: above the figure.

    Returns:
        A figure with a box a timestep; the red arrows are what the encoder hands over. Red cells
        are above zero, blue ones below; the number beside c and h is their darkest colour.
    """
    steps = len(tokens_read)
    first = steps - len(tokens_predicted)  # The decoder's first timestep.
    figure, axes = plt.subplots(figsize=(1.15 * steps, 3.4))
    for name, y, states in (("c", 0.72, cell_states), ("h", 0.28, hidden_states)):
        limit = np.abs(states).max()
        axes.text(-0.48, y, f"{name}  ±{limit:.2g}", ha="right", va="center")
        for step in range(steps):
            axes.imshow(
                states[step : step + 1],
                extent=(step - 0.32, step + 0.32, y - 0.16, y + 0.16),
                aspect="auto", cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest",
            )  # fmt: skip
            if step + 1 < steps:
                handed_over = {"color": "C3", "lw": 3} if step + 1 == first else {"color": "0.3"}
                arrow = {"arrowstyle": "->", **handed_over}
                axes.annotate("", (step + 0.62, y), (step + 0.38, y), arrowprops=arrow)
    for step, token in enumerate(tokens_read):
        colour = "C0" if step < first else "C2"
        axes.add_patch(plt.Rectangle((step - 0.38, 0), 0.76, 1, fill=False, ec=colour, lw=2))
        axes.annotate(token, (step, 0), (step, -0.6), arrowprops={"arrowstyle": "->"}, ha="center")
    for step, token in enumerate(tokens_predicted, start=first):
        axes.annotate("", (step, 1.35), (step, 1), arrowprops={"arrowstyle": "->"})
        axes.text(step, 1.4, token, ha="center", va="bottom")
    axes.text(first - 0.5, 1.1, "context", color="C3", ha="center", size=12)
    axes.text((first - 1) / 2, 1.1, "encoder", color="C0", ha="center", size=12)
    axes.text(steps - 0.55, 0.5, "decoder", color="C2", rotation=90, va="center", size=12)
    axes.set(xlim=(-1.3, steps - 0.3), ylim=(-0.75, 2), title=title)
    axes.axis("off")
    return figure


@_in_style
def save(figure: Figure, path: str | Path) -> None:
    """Write a figure as PNG and close it."""
    figure.savefig(path, dpi=150)
    plt.close(figure)
