"""The inside of an LSTM cell: its gates by name, and the way of its two states."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .look import BLUE, GREEN, INK, ORANGE, VERMILLION, WIDTH, darkened, in_style
from .shapes import arrow, box, canvas, circle

# The gates from left to right: x, sign of the activation, name, letter, colour.
GATES = (
    (3.0, "σ", "forget gate", "f", VERMILLION),
    (5.1, "σ", "input gate", "i", GREEN),
    (7.2, "tanh", "candidate", "g", BLUE),
    (9.3, "σ", "output gate", "o", ORANGE),
)
FORGET, INPUT, CANDIDATE, OUTPUT = (gate[0] for gate in GATES)
LAST = 11.0  # x of tanh and of the product that makes h
INPUTS, GATE, H, INNER, C = 1.3, 2.5, 3.5, 4.1, 5.6  # heights


@in_style
def lstm_cell() -> Figure:
    """Draw the LSTM cell: what comes in, its four gates by name, and what goes out.

    Returns:
        A figure after Hochreiter and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber
        and Cummins (2000): c_t = f × c_(t-1) + i × g and h_t = o × tanh(c_t).
    """
    axes = canvas(14, 7.2, (WIDTH, 4.9))
    box(axes, 7.05, 3.5, "", "0.6", size=(10.6, 5.6)).axes.patches[-1].set(zorder=0, alpha=0.35)
    _inputs(axes)
    _cell_state(axes)
    _hidden_state(axes)
    for x, sign, name, letter, colour in GATES:
        box(axes, x, GATE, f"{name}\n{sign}", colour, size=(1.75, 1.0))
        axes.text(x + 0.12, GATE + 0.75, f"${letter}_t$", color=darkened(colour), size=13)
    formulas = r"$c_t = f_t \times c_{t-1} + i_t \times g_t$" + " " * 12
    formulas += r"$h_t = o_t \times \tanh(c_t)$"
    axes.text(7.05, 0.2, formulas, ha="center", va="center", size=13)
    return axes.figure


def _inputs(axes: Axes) -> None:
    """Draw x and h on their way into every gate."""
    axes.text(0.9, INPUTS, "$h_{t-1}$", ha="right", va="center", size=14)
    axes.text(1.0, 0.2, "$x_t$", ha="right", va="center", size=14)
    for x, note in ((1.8, "c: cell state, the long memory"), (12.3, "σ: 0 to 1    tanh: −1 to 1")):
        axes.text(x, 6.8, note, ha="left" if x < 7 else "right", va="center", color="0.35", size=10)
    axes.text(
        12.2, INPUTS - 0.45, "h: hidden state", ha="right", va="center", color="0.35", size=10
    )
    axes.plot([1.0, OUTPUT], [INPUTS, INPUTS], color=INK, lw=1.4, ls="-", zorder=2)
    axes.plot([1.1, 2.0, 2.0], [0.2, 0.2, INPUTS], color=INK, lw=1.4, ls="-", zorder=2)
    axes.plot([2.0], [INPUTS], "o", color=INK, ms=5)
    for x in (FORGET, INPUT, CANDIDATE, OUTPUT):
        arrow(axes, (x, INPUTS), (x, GATE - 0.5))


def _cell_state(axes: Axes) -> None:
    """Draw c from the left, × f, + i × g, to the right."""
    thick = {"lw": 2.6}
    axes.text(0.9, C, "$c_{t-1}$", ha="right", va="center", size=14)
    arrow(axes, (1.0, C), (FORGET - 0.3, C), **thick)
    arrow(axes, (FORGET + 0.3, C), (CANDIDATE - 0.3, C), **thick)
    arrow(axes, (CANDIDATE + 0.3, C), (13.0, C), **thick)
    axes.text(13.1, C, "$c_t$", va="center", size=14)
    circle(axes, FORGET, C, "×")
    circle(axes, CANDIDATE, C, "+")
    circle(axes, CANDIDATE, INNER, "×")
    arrow(axes, (FORGET, GATE + 0.5), (FORGET, C - 0.3))
    arrow(axes, (INPUT, GATE + 0.5), (INPUT, INNER), (CANDIDATE - 0.3, INNER))
    arrow(axes, (CANDIDATE, GATE + 0.5), (CANDIDATE, INNER - 0.3))
    arrow(axes, (CANDIDATE, INNER + 0.3), (CANDIDATE, C - 0.3))


def _hidden_state(axes: Axes) -> None:
    """Draw h: tanh of the new c, × o, to the right."""
    axes.plot([LAST], [C], "o", color=INK, ms=5)
    arrow(axes, (LAST, C), (LAST, INNER + 0.8))
    box(axes, LAST, INNER + 0.5, "tanh", "0.4", size=(1.0, 0.6))
    arrow(axes, (LAST, INNER + 0.2), (LAST, H + 0.3))
    circle(axes, LAST, H, "×")
    arrow(axes, (OUTPUT, GATE + 0.5), (OUTPUT, H), (LAST - 0.3, H))
    arrow(axes, (LAST, H - 0.3), (LAST, INPUTS), (13.0, INPUTS))
    axes.text(13.1, INPUTS, "$h_t$", va="center", size=14)
