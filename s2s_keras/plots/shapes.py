"""What diagrams are made of: an empty canvas, boxes, circles and arrows."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch
from matplotlib.text import Text

from .look import INK, tinted


def canvas(width: float, height: float, size: tuple[float, float], title: str = "") -> Axes:
    """Return axes without lines, `width` by `height` units large, in a new figure."""
    _, axes = plt.subplots(figsize=size)
    axes.set(xlim=(0, width), ylim=(0, height), title=title)
    axes.axis("off")
    return axes


def box(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    colour: str,
    size: tuple[float, float] = (0.76, 0.58),
    **look: object,
) -> Text:
    """Draw a box with rounded corners around a word, centred, and return the word."""
    width, height = size
    corner, rounded = (x - width / 2, y - height / 2), "round,pad=0,rounding_size=0.1"
    patch = FancyBboxPatch(corner, width, height, boxstyle=rounded, ec=colour, lw=1.5, zorder=3)
    axes.add_patch(patch).set_facecolor(tinted(colour))
    return axes.text(x, y, text, **{"ha": "center", "va": "center", "zorder": 4, **look})


def circle(axes: Axes, x: float, y: float, text: str, radius: float = 0.3) -> None:
    """Draw a circle around the sign of an operation."""
    axes.add_patch(Circle((x, y), radius, fc="white", ec=INK, lw=1.5, zorder=3))
    axes.text(x, y, text, ha="center", va="center", zorder=4, size=13)


def arrow(axes: Axes, *corners: tuple[float, float], **look: object) -> None:
    """Draw a line through corners, with an arrow's head at the last."""
    look = {"color": INK, "lw": 1.4, **look}
    if len(corners) > 2:
        axes.plot(*zip(*corners[:-1], strict=True), ls="-", solid_capstyle="butt", zorder=2, **look)
    head = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "zorder": 2, **look}
    axes.annotate("", corners[-1], corners[-2], arrowprops=head)
