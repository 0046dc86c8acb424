"""The one look of every figure: colours, line styles, fonts and sizes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import fontpkg.mpl
import matplotlib
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

# Latin letters and formula signs from DejaVu, Devanagari from Noto, which fontpkg ships.
fontpkg.mpl.use("Noto Sans Devanagari")
FONTS = ["DejaVu Sans", "Noto Sans Devanagari"]

# Eight colours that colour-blind readers tell apart (Okabe and Ito 2008), darker ones first.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK, YELLOW = COLOURS
# Beside the colours, for who prints in grey.
LINE_STYLES = [
    *["-", "--", "-.", ":", (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (6, 1, 1, 1))]
]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]
INK, PALE = "0.15", "0.93"  # words and outlines; what does not count

WIDTH = 9.0  # inches; at 100 dots an inch the 900 pixels of a notebook's cell
STYLE = {
    "font.family": FONTS,
    "font.size": 11,
    "figure.dpi": 100,
    "figure.figsize": (7.0, 3.8),
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "axes.prop_cycle": plt.cycler(color=COLOURS, linestyle=LINE_STYLES),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 12,
    "grid.alpha": 0.3,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "hatch.linewidth": 1.0,
}
plt.rcParams.update(STYLE)  # for figures that a notebook draws by itself


@contextmanager
def _styled() -> Iterator[None]:
    """Set the style for a while, also where the user has chosen another since.

    A notebook's backend is loaded with the first figure and then makes matplotlib interactive. That
    has to stay: otherwise no later figure would be shown without `plt.show()`.
    """
    interactive = matplotlib.is_interactive()
    try:
        with plt.style.context(["default", STYLE]):
            try:
                yield
            finally:
                interactive = matplotlib.is_interactive()
    finally:
        matplotlib.interactive(interactive)


in_style = _styled()  # decorates every function that draws


def own_axes(axes: Axes | None, width: float, height: float) -> Axes:
    """Return the given axes, or those of a new figure that is at most a notebook's cell wide."""
    return axes or plt.subplots(figsize=(min(max(width, 3.0), WIDTH), height))[1]


def lay_out(axes: Axes) -> None:
    """Give axes and words the places that they will have, so that they can be measured."""
    axes.get_figure(root=True).draw_without_rendering()


def name_axes(axes: Axes, title: str = "", xlabel: str = "", ylabel: str = "") -> None:
    """Write the title and the axis labels, in the course's fonts also on axes made elsewhere."""
    axes.set_title(title, family=FONTS)
    axes.set_xlabel(xlabel, family=FONTS)
    axes.set_ylabel(ylabel, family=FONTS)


def tinted(colour: str, strength: float = 0.3) -> tuple[float, float, float]:
    """Return a pale shade of a colour, on which dark words can be read."""
    return tuple(1 - strength * (1 - part) for part in to_rgb(colour))


def darkened(colour: str) -> tuple[float, float, float]:
    """Return a shade of a colour in which words on white can be read."""
    red, green, blue = to_rgb(colour)
    dark = min(1.0, 0.45 / (0.3 * red + 0.59 * green + 0.11 * blue + 1e-6))
    return (red * dark, green * dark, blue * dark)


def same_length(**counted: Sequence) -> None:
    """Hold that sequences belong together item by item.

    Raises:
        ValueError: two of them have different lengths; empty ones that may be left out are not
            passed.
    """
    lengths = {name: len(items) for name, items in counted.items()}
    if len({*lengths.values()}) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"These must have one length: {told}")


def shrink(words: Sequence[Text], width: float, smallest: float = 7) -> None:
    """Make words so small that the widest of them fits into a width in pixels."""
    widest = max((text.get_window_extent().width for text in words), default=0)
    if widest > width > 0:
        for text in words:
            text.set_size(max(smallest, text.get_size() * width / widest))


@in_style
def save(figure: Figure, path: str | Path) -> None:
    """Write a figure as PNG and close it."""
    figure.savefig(path, dpi=150)
    plt.close(figure)
