"""Words and what connects them: crossing order, the likeliest next words, places in a plane."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text

from .look import (
    BLUE,
    COLOURS,
    FONTS,
    INK,
    MARKERS,
    ORANGE,
    VERMILLION,
    darkened,
    in_style,
    lay_out,
    name_axes,
    own_axes,
    same_length,
)
from .placing import as_boxes, place

GAP = 22  # pixels between words


def _write(axes: Axes, words: Sequence[str], y: float, **look: object) -> list[Text]:
    look = {"ha": "center", "va": "center", **look}
    return [axes.text(0, y, word, **look) for word in words]


def _widths(*rows: Sequence[Text]) -> np.ndarray:
    """Return how many pixels each column needs of rows of words that stand below one another."""
    columns = zip(*rows, strict=True)
    return np.array([GAP + max(t.get_window_extent().width for t in column) for column in columns])


def _centres(widths: np.ndarray, width: float) -> np.ndarray:
    """Return the middles of columns that are spread over a width, but not too far apart."""
    wider = widths + min((width - widths.sum()) / len(widths), 3 * GAP)
    return np.cumsum(wider) - wider / 2 + (width - wider.sum()) / 2


@in_style
def crossing(
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    links: Sequence[tuple[int, int]],
    *,
    glosses: Sequence[str] = (),
    axes: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw two rows of words and which translates which; lines that cross another are marked.

    Args:
        source_tokens: the upper row.
        target_tokens: the lower row.
        links: pairs (place in the upper row, place in the lower row).
        glosses: one a target token, what it means, below it.
        axes: draw here instead of in a new figure.
        title: above the axes.

    Returns:
        The axes. A line that crosses no other is blue and solid, one that does is orange-red and
        dashed.

    Raises:
        ValueError: there are not as many glosses as target tokens.
        IndexError: a link leads to a token that is not there.
    """
    if len(glosses):
        same_length(target_tokens=target_tokens, glosses=glosses)
    axes = own_axes(axes, 0.95 * max(len(source_tokens), len(target_tokens)) + 1, 2.8)
    axes.axis("off")
    name_axes(axes, title)
    upper = _write(axes, source_tokens, 1.0)
    lower = [_write(axes, target_tokens, 0.0)]
    if len(glosses):
        lower.append(_write(axes, glosses, -0.22, color="0.4", style="italic", size=9))
    lay_out(axes)
    needed = [_widths(upper), _widths(*lower)]
    width = max(widths.sum() for widths in needed)
    above, below = (_centres(widths, width) for widths in needed)
    for row, centres in ((upper, above), *((row, below) for row in lower)):
        for text, x in zip(row, centres, strict=True):
            text.set_x(x)
            text.set_size(text.get_size() * min(1, axes.bbox.width / width))
    for i, j in links:
        crosses = any((i - other_i) * (j - other_j) < 0 for other_i, other_j in links)
        look = {"color": VERMILLION, "ls": "--"} if crosses else {"color": BLUE, "ls": "-"}
        axes.plot([above[i], below[j]], [0.88, 0.12], **look)
    axes.set(xlim=(0, width), ylim=(-0.35 if len(glosses) else -0.12, 1.12))
    return axes


@in_style
def choices(
    tokens: Sequence[str],
    probabilities: Sequence[float],
    *,
    chosen: int | str | None = None,
    axes: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw the likeliest next tokens as bars, with their probabilities as text; or scores of names.

    Args:
        tokens: from the top.
        probabilities: one a token, between 0 and 1; scores above 1 are written with one decimal.
        chosen: the token that was chosen, or its place among these.
        axes: draw here instead of in a new figure.
        title: above the axes.

    Returns:
        The axes.

    Raises:
        ValueError: there are not as many probabilities as tokens.
    """
    same_length(tokens=tokens, probabilities=probabilities)
    axes = own_axes(axes, 5.5, 0.9 + 0.38 * len(tokens))
    places = range(len(tokens))
    bars = axes.barh(places, probabilities, color=BLUE, height=0.7)
    bars = zip(tokens, probabilities, bars, strict=True)
    for place_of, (token, probability, bar) in enumerate(bars):
        mine = chosen is not None and chosen in (place_of, token)
        if mine:
            bar.set(facecolor=ORANGE, hatch="//", edgecolor=INK)
        written = f"{probability:.{1 if probability > 1 else 3}f}"
        axes.annotate(
            written + ("  ← chosen" if mine else ""),
            (probability, place_of), xytext=(5, 0), textcoords="offset points", va="center",
        )  # fmt: skip
    axes.set_yticks(places, tokens, family=FONTS)
    axes.set(xlim=(0, 1.3 * max([*probabilities, 1e-6])), ylim=(len(tokens) - 0.4, -0.6))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.grid(False)
    name_axes(axes, title, "probability")
    return axes


@in_style
def points(
    xy: np.ndarray,
    labels: Sequence[str],
    *,
    groups: Sequence[str] | None = None,
    glosses: Sequence[str] = (),
    axes: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw words at their places in a plane, so that no label lies on another.

    Args:
        xy: `(n, 2)`.
        labels: one a point.
        groups: one a point; colour and marker, with a legend.
        glosses: one a point, what the word means, in brackets after it; "" for none.
        axes: draw here instead of in a new figure.
        title: above the axes.

    Returns:
        The axes. A thin line joins a label to its point where it had to move away.

    Raises:
        ValueError: there are not as many labels, groups or glosses as points.
    """
    xy = np.asarray(xy, float)
    groups = [""] * len(xy) if groups is None else list(groups)
    glosses = list(glosses) or [""] * len(xy)
    same_length(xy=xy, labels=labels, groups=groups, glosses=glosses)
    axes = own_axes(axes, 9, 5.5 if len(xy) < 40 else 7.5)
    names = list(dict.fromkeys(groups))
    for number, name in enumerate(names):
        members = xy[[group == name for group in groups]]
        axes.plot(*members.T, MARKERS[number % 8], color=COLOURS[number % 8], ms=6, label=name)
    axes.margins(0.08)
    name_axes(axes, title)
    if len(names) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    lay_out(axes)
    texts = []
    for point, label, gloss, group in zip(xy, labels, glosses, groups, strict=True):
        colour = COLOURS[names.index(group) % 8]
        text = axes.annotate(
            f"{label} ({gloss})" if gloss else label, point, xytext=(0, 12), size=10,
            textcoords="offset points", ha="center", va="center", color=darkened(colour),
        )  # fmt: skip
        texts.append(text)
    _place_all(axes, xy, texts)
    return axes


def _place_all(axes: Axes, xy: np.ndarray, labels: Sequence[Annotation]) -> None:
    """Move the labels of points to free places, those of the most crowded points first."""
    points = axes.transData.transform(xy)
    taken, paths = as_boxes(points, 5), []
    crowded = (np.linalg.norm(points[:, None] - points[None], axis=2) < 60).sum(1)
    for index in np.argsort(-crowded, kind="stable"):
        taken, paths = place(labels[index], taken, paths)
