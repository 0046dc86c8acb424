"""What was measured: losses by epoch, curves with their names at their ends, seeds, lengths."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from .look import (
    COLOURS,
    FONTS,
    INK,
    LINE_STYLES,
    MARKERS,
    WIDTH,
    darkened,
    in_style,
    lay_out,
    name_axes,
    own_axes,
)
from .placing import as_boxes, path_of, place, spread_out

TRAINING, VALIDATION = COLOURS[:2]
LABELS = {
    "loss": "loss (mean over tokens)",
    "perplexity": "perplexity (log scale)",
    "chrf": "chrF (0 to 100)",
    "bleu": "BLEU (0 to 100)",
}
LESS_IS_BETTER = ("loss", "perplexity", "error", "mse", "mae")


class _ReadableLogLocator(LogLocator):
    """Ticks at 1, 2, 5, 10, 20, 50, …, and at round numbers where the axis is short."""

    def tick_values(self, vmin: float, vmax: float) -> np.ndarray:
        low, high = sorted((vmin, vmax))
        if high < 5 * low:
            ticks = MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
            return ticks[ticks > 0]
        self.set_params(subs=(1, 2, 5) if high < 2000 * low else (1,))
        return super().tick_values(vmin, vmax)


def _readable(value: float, _: int | None = None) -> str:
    """Return 20 and 5,000 as they are spoken, and what is very large or small as a power of ten."""
    if 1e-4 <= value < 1e7:
        return f"{value:,.10g}"
    digit, power = f"{value:e}".split("e")
    return rf"${float(digit):g}\times10^{{{int(power)}}}$".replace(r"$1\times", "$")


def _readable_log(axis: Axis) -> None:
    axis.set_major_locator(_ReadableLogLocator())
    axis.set_major_formatter(FuncFormatter(_readable))
    axis.set_minor_locator(NullLocator())


@in_style
def loss_curves(history: pd.DataFrame | Mapping[str, Sequence[float]], title: str = "") -> Figure:
    """Draw loss and every other measure of a training by epoch, a panel each.

    Args:
        history: of `training.fit`, or Keras's `history.history`: loss, other measures, and with
            `val_` before the name what they are on validation data. Columns of text are left out.
        title: above the figure.

    Returns:
        A figure with the best validation epoch marked in each panel; it is the lowest of losses,
        perplexities and errors, and the highest of everything else.

    Raises:
        ValueError: the history has no measure.
    """
    table = pd.DataFrame(history).select_dtypes("number")
    epochs = table["epoch"].to_numpy() if "epoch" in table else np.arange(1, len(table) + 1)
    names = list(dict.fromkeys(name.removeprefix("val_") for name in table if name != "epoch"))
    if not names:
        raise ValueError("The history has no column of numbers but the epoch")
    columns = len(names) if len(names) <= 3 else 2 + (len(names) > 4)
    rows = -(-len(names) // columns)
    size = (min(4.8 * columns, WIDTH) if columns > 1 else 6.0, 3.3 * rows)
    figure, panels = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for axes in panels.flat[len(names) :]:
        axes.remove()
    drawn = zip(panels.flat, names, strict=False)
    best = [_panel(axes, table, epochs, name) for axes, name in drawn]
    if panels.flat[0].get_legend_handles_labels()[0]:
        panels.flat[0].legend()
    figure.suptitle(title)
    figure.draw_without_rendering()
    for label in filter(None, best):
        legend = label.axes.get_legend()
        taken = as_boxes(label.axes.transData.transform([label.xy]), 6)  # the point's marker
        if legend:
            taken = np.vstack([taken, legend.get_window_extent().extents])
        curves, _ = label.axes.get_legend_handles_labels()
        place(label, taken, [path_of(curve) for curve in curves])
    return figure


def _panel(axes: Axes, table: pd.DataFrame, epochs: np.ndarray, name: str) -> Annotation | None:
    """Draw one measure, and return the label of its best validation epoch, not yet in place."""
    if name in table:
        axes.plot(epochs, table[name], color=TRAINING, ls="-", label="training")
    known = name.lower()
    if known == "perplexity":
        axes.set_yscale("log")
        _readable_log(axes.yaxis)
    axes.set(xlabel="epoch", ylabel=LABELS.get(known, name))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.08, y=0.2)
    values = table.get(f"val_{name}")
    if values is None:
        return None
    axes.plot(epochs, values, color=VALIDATION, ls="--", label="validation")
    values = values.to_numpy(float)
    finite = np.isfinite(values)
    if not finite.any():  # The training diverged before its first epoch was over.
        return None
    less = any(word in known for word in LESS_IS_BETTER)
    ranked = np.where(finite, values if less else -values, np.inf)
    best = ranked.argmin()
    point = (epochs[best], values[best])
    axes.plot(*point, "o", color=VALIDATION)
    label = f"best: {values[best]:.2f}"
    return axes.annotate(
        label, point, xytext=(0, 12), textcoords="offset points", ha="center", va="center"
    )


def _name_the_ends(axes: Axes, lines: dict[str, Line2D]) -> None:
    """Write each curve's name to the right of the axes, as high as the curve's end.

    A curve that ends long before has its name near its end: a line to the border would look like a
    piece of the curve.
    """
    lay_out(axes)
    ends = {}
    for name, line in lines.items():
        points = line.get_xydata()
        points = points[np.isfinite(axes.transData.transform(points)).all(1)]
        if len(points):
            ends[name] = points[-1]
    border = axes.bbox.x0 + 0.8 * axes.bbox.width
    early = [name for name, end in ends.items() if axes.transData.transform(end)[0] < border]
    paths, taken = [path_of(line) for line in lines.values()], np.empty((0, 4))
    for name in early:
        label = axes.annotate(
            name, ends.pop(name), xytext=(0, 12), textcoords="offset points", ha="center",
            va="center", color=darkened(lines[name].get_color()),
        )  # fmt: skip
        taken, paths = place(label, taken, paths)
    (low, high), size = axes.bbox.intervaly, plt.rcParams["font.size"]
    gap = 1.35 * size * axes.figure.dpi / 72
    heights = [axes.transData.transform(end)[1] for end in ends.values()]
    places = spread_out(heights, gap, low, high)
    for (name, end), place_of in zip(ends.items(), places, strict=True):
        colour = lines[name].get_color()
        axes.annotate(
            name,
            end,
            xytext=(1.04, (place_of - low) / (high - low)),
            textcoords="axes fraction",
            va="center",
            color=darkened(colour),
            arrowprops={"arrowstyle": "-", "color": colour, "alpha": 0.5, "shrinkB": 2},
        )


@in_style
def curves(
    named: Mapping[str, Sequence[float] | tuple[Sequence[float], Sequence[float]]],
    *,
    xlabel: str = "",
    ylabel: str = "",
    log: bool = False,
    axes: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw curves that differ in colour and line style, with their names at their right ends.

    Args:
        named: a curve's name to its values, then numbered from 1, or to the pair (x, values).
        xlabel: what x is.
        ylabel: what the values are.
        log: a logarithmic vertical axis.
        axes: draw here instead of in a new figure.
        title: above the axes.

    Returns:
        The axes.

    Raises:
        ValueError: x and values of a curve have different lengths.
    """
    axes = own_axes(axes, 7.5, 3.8)
    lines = {}
    for number, (name, values) in enumerate(named.items()):
        pair = isinstance(values, tuple) and len(values) == 2 and np.ndim(values[0]) == 1
        x, y = values if pair else (range(1, len(values) + 1), values)
        look = {"color": COLOURS[number % 8], "ls": LINE_STYLES[number % 8]}
        (lines[name],) = axes.plot(x, y, **look, label=name)
    dtypes = [np.asarray(line.get_xdata()).dtype for line in lines.values()]
    if all(np.issubdtype(dtype, np.integer) for dtype in dtypes):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if log:
        axes.set_yscale("log")
        _readable_log(axes.yaxis)
    name_axes(axes, title, xlabel, ylabel)
    _name_the_ends(axes, lines)
    return axes


@in_style
def spread(
    named: Mapping[str, Sequence[float]],
    *,
    ylabel: str = "",
    axes: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw what several seeds gave: a point a seed, a bar and a number for their mean.

    Args:
        named: a model's name to one value a seed.
        ylabel: what the values are.
        axes: draw here instead of in a new figure.
        title: above the axes.

    Returns:
        The axes.
    """
    axes = own_axes(axes, 1.2 + 1.5 * len(named), 3.6)
    for place_of, (name, values) in enumerate(named.items()):
        values, colour = np.asarray(values, float), COLOURS[place_of % 8]
        beside = np.linspace(-0.12, 0.12, len(values)) if len(values) > 1 else [0]
        axes.plot(place_of + np.array(beside), values, MARKERS[place_of % 8], color=colour, ms=7,
                  alpha=0.75, label=name)  # fmt: skip
        mean = values.mean()
        axes.hlines(mean, place_of - 0.27, place_of + 0.27, color=INK, lw=2.5)
        axes.annotate(f"{mean:.3g}", (place_of + 0.27, mean), xytext=(4, 0), va="center",
                      textcoords="offset points")  # fmt: skip
    axes.set_xticks(range(len(named)), [fill(name, 16) for name in named], family=FONTS)
    axes.set_xlim(-0.6, len(named) - 0.25)
    axes.margins(y=0.15)
    axes.grid(False, axis="x")
    name_axes(axes, title, "", ylabel)
    return axes


@in_style
def by_length(
    table: pd.DataFrame, *, ylabel: str = "chrF", axes: Axes | None = None, title: str = ""
) -> Axes:
    """Draw how good each system is on short and on long sentences.

    Args:
        table: a row a length band, named by the index; a column a system.
        ylabel: what the values are.
        axes: draw here instead of in a new figure.
        title: above the axes.

    Returns:
        The axes.
    """
    axes = own_axes(axes, 7.5, 3.6)
    lines = {}
    for number, system in enumerate(table):
        look = {"color": COLOURS[number % 8], "ls": LINE_STYLES[number % 8]}
        (lines[str(system)],) = axes.plot(
            range(len(table)), table[system], marker=MARKERS[number % 8], **look, label=str(system)
        )
    axes.set_xticks(range(len(table)), [str(band) for band in table.index], family=FONTS)
    axes.margins(x=0.05, y=0.15)
    name_axes(axes, title, str(table.index.name or "words in the source"), ylabel)
    _name_the_ends(axes, lines)
    return axes
