"""The tree of a beam search: which beginnings it went on with, and which it gave up."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ..decoding import Node
from .look import BLUE, GREEN, INK, WIDTH, in_style, lay_out, shrink
from .shapes import box, canvas

GREY = "0.7"
COLOURS = {"kept": BLUE, "ended": GREEN, "pruned": GREY}
BOX = (0.8, 0.74)  # of a column's width and a row's height


@in_style
def beam_tree(
    nodes: Sequence[Node], words: Sequence[str], *, steps: int | None = None, title: str = ""
) -> Figure:
    """Draw the candidates of each step of a beam search, and which beginning each one extends.

    Args:
        nodes: of `decoding.beam_tree`.
        words: the target vocabulary; `words[node.token]` is what a node adds.
        steps: draw only so many steps, in a figure of the same size; all by default.
        title: above the figure.

    Returns:
        A figure with a column a step, the likeliest candidate on top, each with the log-probability
        of its sentence so far. Below the dashed line is what had no place in the beam. A branch is
        grey once all that comes from it has been pruned.

    Raises:
        ValueError: there is no node.
    """
    if not nodes:
        raise ValueError("there are no nodes: give those of decoding.beam_tree")
    last = nodes[-1].step + 1
    places = _places(nodes)
    rows = 1 - min(y for _, y in places)
    size = (min(max(1.1 * (last + 1), 5.0), max(WIDTH, 0.8 * last)), 0.62 * rows + 0.9)
    axes = canvas(last + 1, rows, size, title)
    axes.set(xlim=(-0.5, last + 0.5), ylim=(0.5 - rows, 0.5))
    width = max(-y for (_, y), node in zip(places, nodes, strict=True) if node.fate != "pruned") + 1
    if width < rows:
        axes.axhline(0.5 - width, color=INK, ls="--", lw=1, xmin=0.9 / (last + 1))

    shown = [node for node in nodes if steps is None or node.step < steps]
    living = _living(shown)
    box(axes, 0, 0, "START", INK, size=BOX)
    for number, (node, place) in enumerate(zip(shown, places, strict=False)):
        alive = number in living
        _join(axes, places[node.parent] if node.parent >= 0 else (0, 0), place, alive)
        label = f"{words[node.token]}\n{node.log_probability:.2f}"
        ink = {} if alive else {"color": "0.45"}
        box(axes, *place, label, COLOURS[node.fate] if alive else GREY, size=BOX, **ink)
    lay_out(axes)
    shrink(axes.texts, 0.95 * BOX[0] * axes.bbox.width / (last + 1))
    keys = [Line2D([], [], color=colour, lw=5, label=fate) for fate, colour in COLOURS.items()]
    axes.figure.legend(handles=keys, loc="outside lower center", ncols=len(keys))
    return axes.figure


def _places(nodes: Sequence[Node]) -> list[tuple[int, int]]:
    """Return column and row of each node, START's column being 0, rows going down from 0."""
    places, before = [], {}
    for node in nodes:
        places.append((node.step + 1, -before.get(node.step, 0)))
        before[node.step] = before.get(node.step, 0) + 1
    return places


def _living(nodes: Sequence[Node]) -> set[int]:
    """Return the numbers of the nodes from which something has ended or is still in the beam."""
    living, parents = set(), set()
    for number in reversed(range(len(nodes))):
        node = nodes[number]
        newest = node.step == nodes[-1].step
        if node.fate == "ended" or (node.fate == "kept" and (newest or number in parents)):
            living.add(number)
            parents.add(node.parent)
    return living


def _join(axes: Axes, parent: tuple[int, int], child: tuple[int, int], alive: bool) -> None:
    """Draw the line from a node to one that extends it."""
    (x, y), (next_x, next_y) = parent, child
    look = {"color": INK, "lw": 1.8} if alive else {"color": GREY, "lw": 1}
    half = BOX[0] / 2
    axes.plot([x + half, next_x - half], [y, next_y], ls="-", zorder=2, **look)
