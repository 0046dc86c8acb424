"""The decoder unfolded through time, with its layers and what it reads next."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .look import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    WIDTH,
    in_style,
    lay_out,
    same_length,
    shrink,
)
from .shapes import arrow, box, canvas

# The decoder's layers from below, and the heights of what is around them.
LAYERS = {"Embedding": SKY, "LSTM": BLUE, "Dense": ORANGE, "softmax": PURPLE}
READ, LSTM, WRITTEN, TRUE = 0.5, 2.5, 5.5, 6.5
TOKEN = (0.76, 0.5)  # the size of a token's box


@in_style
def decoder(
    tokens_in: Sequence[str],
    tokens_out: Sequence[str],
    *,
    teacher_forcing: bool = True,
    context: str = "context",
    title: str = "",
) -> Figure:
    """Draw the decoder's layers at each timestep, and where its next input comes from.

    Args:
        tokens_in: one a timestep, what the decoder reads.
        tokens_out: one a timestep, what it predicts.
        teacher_forcing: dashed lines bring the true token into the next timestep, whatever was
            predicted; without it solid arrows bring the decoder's own prediction.
        context: what the box says through which the encoder's last states come.
        title: above the figure.

    Returns:
        A figure with a column a timestep: token in, Embedding, LSTM, Dense, softmax, token out.

    Raises:
        ValueError: there are not as many tokens out as in.
    """
    same_length(tokens_in=tokens_in, tokens_out=tokens_out)
    steps, rows = len(tokens_in), 6 + teacher_forcing
    size = (min(max(1.35 * (steps + 1), 5.5), max(WIDTH, 0.8 * steps)), 0.66 * rows + 0.7)
    axes = canvas(steps + 1, rows, size, title)
    box(axes, 0.4, LSTM, context, VERMILLION)
    for name, y in [("reads", READ), ("predicts", WRITTEN), ("true token", TRUE)][: rows - 4]:
        axes.text(0.4, y, name, ha="center", va="center", color="0.4")
    for step, (token_in, token_out) in enumerate(zip(tokens_in, tokens_out, strict=True)):
        _column(axes, step + 1.4, token_in, token_out)
        arrow(axes, (step + 0.78, LSTM), (step + 1.02, LSTM))
    for step, token in enumerate(tokens_in[1:]):
        start = TRUE if teacher_forcing else WRITTEN
        if teacher_forcing:
            box(axes, step + 1.4, TRUE, token, GREEN, size=TOKEN)
        _feed(axes, step + 1.4, start, teacher_forcing)
    lay_out(axes)
    layers = [word for word in axes.texts if word.get_text() in LAYERS]
    for words in (layers, [word for word in axes.texts if word not in layers]):
        shrink(words, 0.72 * axes.bbox.width / (steps + 1))
    told = "the true token, whatever was predicted" if teacher_forcing else "its own prediction"
    key = Line2D([], [], label=f"read next: {told}", **_feed_look(teacher_forcing))
    axes.figure.legend(handles=[key], loc="outside lower center", handlelength=3.5)
    return axes.figure


def _column(axes: Axes, x: float, token_in: str, token_out: str) -> None:
    """Draw one timestep of the decoder."""
    for token, y in ((token_in, READ), (token_out, WRITTEN)):
        box(axes, x, y, token, "0.5", size=TOKEN)
    for row, (name, colour) in enumerate(LAYERS.items(), start=1):
        box(axes, x, row + 0.5, name, colour)
        arrow(axes, (x, row - 0.24), (x, row + 0.21))
    arrow(axes, (x, 4.79), (x, 5.24))


def _feed_look(teacher_forcing: bool) -> dict:
    return {"color": GREEN, "ls": "--"} if teacher_forcing else {"color": VERMILLION, "ls": "-"}


def _feed(axes: Axes, x: float, start: float, teacher_forcing: bool) -> None:
    """Draw the line from a token down between two columns and into the next timestep."""
    look = _feed_look(teacher_forcing)
    path = ([x + 0.38, x + 0.5, x + 0.5, x + 0.56], [start, start, READ, READ])
    axes.plot(*path, lw=2, zorder=2.5, **look)
    arrow(axes, (x + 0.55, READ), (x + 0.63, READ), color=look["color"], lw=2)
