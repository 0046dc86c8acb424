"""Matrices and rows of cells: heatmaps, states through time, masks, and text on its way to ids."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from .look import (
    BLUE,
    FONTS,
    INK,
    PALE,
    SKY,
    VERMILLION,
    WIDTH,
    in_style,
    lay_out,
    name_axes,
    own_axes,
    same_length,
    shrink,
    tinted,
)

PADDING = ("0", "[PAD]", "<pad>")


@in_style
def heatmap(
    matrix: np.ndarray,
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
    *,
    title: str = "",
    xlabel: str = "",
    ylabel: str = "",
    centred: bool = False,
    limit: float | None = None,
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
        limit: the value of the darkest colour, to compare panels; the matrix's largest without.
        axes: draw here instead of in a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: there are not as many labels as rows or columns.
    """
    matrix = np.asarray(matrix)
    rows, columns = matrix.shape
    axes = own_axes(axes, 1.8 + 0.6 * columns, min(1.2 + 0.4 * rows, 7))
    if limit is None:
        limit = np.abs(matrix[np.isfinite(matrix)]).max(initial=0) or 1.0
    colours = {"cmap": "RdBu_r", "vmin": -limit} if centred else {"cmap": "Blues", "vmin": 0}
    image = axes.imshow(matrix, aspect="auto", vmax=limit, interpolation="nearest", **colours)
    axes.figure.colorbar(image, ax=axes)
    for axis, labels, count in (
        (axes.yaxis, row_labels, rows),
        (axes.xaxis, column_labels, columns),
    ):
        if len(labels):
            same_length(labels=labels, cells=range(count))
            axis.set_ticks(range(count), labels, family=FONTS)
        else:
            axis.set_major_locator(MaxNLocator(integer=True))
    name_axes(axes, title, xlabel, ylabel)
    axes.grid(False)
    if len(column_labels):
        _turn_crowded_words(axes)
    return axes


def _turn_crowded_words(axes: Axes) -> None:
    """Turn the words below the columns where they are wider than the columns."""
    lay_out(axes)
    words = axes.get_xticklabels()
    widest = max(word.get_window_extent().width for word in words)
    if widest + 4 > axes.bbox.width / len(words):
        axes.set_xticks(
            axes.get_xticks(), [word.get_text() for word in words],
            family=FONTS, rotation=45, ha="right", rotation_mode="anchor",
        )  # fmt: skip


@in_style
def states(
    tokens: Sequence[str],
    states: np.ndarray,
    *,
    name: str = "h",
    at: int | None = None,
    limit: float | None = None,
    axes: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw one state through time, a column of coloured cells for each token.

    Args:
        tokens: one a timestep.
        states: `(timesteps, units)`, the state after each of these timesteps.
        name: of the state: h or c.
        at: a timestep that gets a frame.
        limit: the value of the darkest colour, to compare states; the largest here without.
        axes: draw here instead of in a new figure.
        title: above the axes.

    Returns:
        The axes. Red cells are above zero, blue ones below.

    Raises:
        ValueError: there are not as many tokens as timesteps, or `at` is not one of them.
    """
    same_length(tokens=tokens, states=states)
    if at is not None and not 0 <= at < len(tokens):
        raise ValueError(f"There is no timestep {at} among {len(tokens)}")
    states = np.asarray(states)
    units = states.shape[1]
    axes = own_axes(axes, 2 + 0.8 * len(tokens), min(1.6 + 0.25 * units, 5))
    heatmap(
        states.T, column_labels=tokens, title=title, ylabel=f"units of {name}",
        centred=True, limit=limit, axes=axes,
    )  # fmt: skip
    for border in range(1, len(tokens)):
        axes.axvline(border - 0.5, color="white", lw=5)
    if at is not None:
        frame = Rectangle((at - 0.5, -0.5), 1, units, fill=False, ec="black", lw=3, zorder=5)
        axes.add_patch(frame).set_clip_on(False)
    return axes


def _bare(columns: float, rows: float, size: tuple[float, float], title: str) -> Axes:
    """Return axes without lines, with one unit a column and a row, the first row at the top."""
    figure, axes = plt.subplots(figsize=size)
    axes.set(xlim=(0, columns), ylim=(rows, 0), title=title)
    axes.axis("off")
    return axes


@in_style
def mask_path(
    tokens: Sequence[str], layers: Sequence[tuple[str, Sequence[bool]]], title: str = ""
) -> Figure:
    """Draw what a mask hides on its way through the layers: hatched where it is False.

    Args:
        tokens: one a timestep.
        layers: from the input on, a layer's name and its mask, one a timestep.
        title: above the figure.

    Returns:
        A figure with a row of cells a layer, below the tokens.

    Raises:
        ValueError: a mask is not as long as the tokens.
    """
    steps = len(tokens)
    size = (min(2.4 + 0.85 * steps, WIDTH), 1.2 + 0.62 * len(layers))
    axes = _bare(steps, 1.4 * len(layers) + 0.1, size, title)
    words = [axes.text(i + 0.5, -0.15, t, ha="center", va="bottom") for i, t in enumerate(tokens)]
    axes.set_ylim(top=-0.8)
    for row, (name, mask) in enumerate(layers):
        same_length(tokens=tokens, mask=mask)
        top = 1.4 * row
        axes.text(-0.2, top + 0.5, name, ha="right", va="center")
        for step, counts in enumerate(mask):
            look = _cell_look(bool(counts))
            axes.add_patch(Rectangle((step + 0.06, top), 0.88, 1, **look))
            if row + 1 < len(layers):
                look = {"arrowstyle": "->", "color": "0.5"}
                axes.annotate(
                    "", (step + 0.5, top + 1.38), (step + 0.5, top + 1.02), arrowprops=look
                )
    legend = [
        Patch(**_cell_look(True), label="counts"),
        Patch(**_cell_look(False), label="masked: mask is False"),
    ]
    axes.figure.legend(handles=legend, loc="outside lower center", ncols=2)
    lay_out(axes)
    shrink(words, axes.bbox.width / steps - 4)
    return axes.figure


def _cell_look(counts: bool) -> dict:
    if counts:
        return {"fc": tinted(SKY, 0.6), "ec": BLUE}
    return {"fc": PALE, "ec": "0.5", "hatch": "////"}


@in_style
def pipeline(stages: Sequence[tuple[str, Sequence[str]]], title: str = "") -> Figure:
    """Draw text on its way to ids: a row of boxes for each stage, an arrow between the rows.

    Args:
        stages: the stage's name and the texts of its cells. A stage of one cell is as wide as the
            widest; cells "0" and "[PAD]" are grey.
        title: above the figure.

    Returns:
        The figure.
    """
    columns = max(len(cells) for _, cells in stages)
    size = (min(2.2 + 0.95 * columns, WIDTH), 0.4 + 0.8 * len(stages))
    axes = _bare(columns, 1.6 * len(stages) - 0.5, size, title)
    words, names = [], []
    for row, (name, cells) in enumerate(stages):
        top = 1.6 * row
        names.append(axes.text(-0.3, top + 0.5, name, ha="right", va="center", color=INK))
        width = columns if len(cells) == 1 else 1
        for column, cell in enumerate(cells):
            grey = cell in PADDING
            look = {"fc": PALE, "ec": "0.7"} if grey else {"fc": tinted(SKY), "ec": BLUE}
            axes.add_patch(Rectangle((column + 0.05, top), width - 0.1, 1, **look))
            word = axes.text(column + width / 2, top + 0.5, cell, ha="center", va="center")
            word.set_color("0.5" if grey else "black")
            if width == 1:
                words.append(word)
        if row:
            look = {"arrowstyle": "-|>", "color": VERMILLION, "lw": 2}
            axes.annotate("", (0.5, top - 0.04), (0.5, top - 0.56), arrowprops=look)
    lay_out(axes)
    shrink(words, 0.86 * axes.bbox.width / columns)
    return axes.figure
