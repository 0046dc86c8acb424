"""The tree of a beam search: which beginnings it went on with, and which it gave up."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .look import BLUE, GREEN, INK, WIDTH, in_style, lay_out, shrink
from .shapes import box, canvas

if TYPE_CHECKING:
    from ..decoding import Node  # a figure needs no Keras

FATES = {"kept": BLUE, "ended": GREEN, "pruned": "0.7"}
BOX = (0.8, 0.74)  # of a column's width and a row's height


@in_style
def beam_tree(
    nodes: Sequence["Node"], words: Sequence[str], *, steps: int | None = None, title: str = ""
) -> Figure:
    """Draw the candidates of each step of a beam search, and which beginning each one extends.

    Args:
        nodes: of `decoding.beam_tree`.
        words: the target vocabulary; `words[node.token]` is what a node adds.
        steps: draw only the first steps, in a figure of the same size; by default all.
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
    places = _places(nodes)
    columns, rows = places[-1][0] + 1, 1 - min(y for _, y in places)
    size = (min(max(1.1 * columns, 5.0), max(WIDTH, 0.8 * columns)), 0.62 * rows + 0.9)
    axes = canvas(columns, rows, size, title)
    axes.set(xlim=(-0.5, columns - 0.5), ylim=(0.5 - rows, 0.5))
    lowest = min(y for (_, y), node in zip(places, nodes, strict=True) if node.fate != "pruned")
    axes.axhline(lowest - 0.5, xmin=0.9 / columns, color=INK, ls="--", lw=1)

    shown = [node for node in nodes if steps is None or node.step < steps]
    living = _living(shown)
    box(axes, 0, 0, "START", INK, size=BOX)
    for number, node in enumerate(shown):
        parent = places[node.parent] if node.parent >= 0 else (0, 0)
        _draw(axes, node, parent, places[number], words[node.token], number in living)
    lay_out(axes)
    shrink(axes.texts, 0.95 * BOX[0] * axes.bbox.width / columns)
    keys = [
        Line2D([], [], color=colour, ls="-", lw=5, label=fate) for fate, colour in FATES.items()
    ]
    axes.figure.legend(handles=keys, loc="outside lower center", ncols=len(keys))
    return axes.figure


def _places(nodes: Sequence["Node"]) -> list[tuple[int, int]]:
    """Return each node's column, where 0 is START's, and row, which go down from 0."""
    steps = [node.step for node in nodes]
    return [(step + 1, -steps[:number].count(step)) for number, step in enumerate(steps)]


def _living(nodes: Sequence["Node"]) -> set[int]:
    """Return the numbers of the nodes from which something has ended or is still in the beam."""
    living, parents = set(), set()
    for number, node in reversed([*enumerate(nodes)]):
        newest = node.step == nodes[-1].step
        if node.fate == "ended" or (node.fate == "kept" and (newest or number in parents)):
            living.add(number)
            parents.add(node.parent)
    return living


def _draw(
    axes: Axes,
    node: "Node",
    parent: tuple[int, int],
    place: tuple[int, int],
    word: str,
    alive: bool,
) -> None:
    """Draw a node, and the line from the one that it extends."""
    colour, ink = (FATES[node.fate], INK) if alive else (FATES["pruned"], "0.45")
    (x, y), (next_x, next_y), half = parent, place, BOX[0] / 2
    line = {"color": INK, "lw": 1.8} if alive else {"color": colour, "lw": 1}
    axes.plot([x + half, next_x - half], [y, next_y], ls="-", zorder=2, **line)
    number = f"{round(node.log_probability, 2) + 0:.2f}".replace("-", "−")  # + 0: no −0.00
    box(axes, *place, f"{word}\n{number}", colour, size=BOX, color=ink)
