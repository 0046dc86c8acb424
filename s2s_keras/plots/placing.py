"""Where a label can stand without touching a curve, a point or another label."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

# Above, below, right and left first, then between them.
ANGLES = np.pi * np.array([0.5, 1.5, 0, 1, 0.25, 0.75, 1.75, 1.25, 0.1, 0.9, 0.4, 0.6, 1.1, 1.9])
DISTANCES = (6, 10, 16, 24, 34, 46, 60, 80, 105, 135, 170, 210, 260, 320)  # pixels
FAR = 16  # pixels; from here on a thin line joins a label to its point
OUTSIDE = 3  # as bad as lying on so many things


def as_boxes(points: np.ndarray, radius: float) -> np.ndarray:
    """Return `(n, 4)` boxes x0, y0, x1, y1 around points `(n, 2)` in pixels."""
    return np.concatenate([points - radius, points + radius], axis=1)


def path_of(line: Line2D) -> Path:
    """Return the path of a curve in pixels."""
    return line.get_transform().transform_path(line.get_path())


def place(label: Annotation, taken: np.ndarray, paths: list[Path]) -> tuple[np.ndarray, list[Path]]:
    """Move a label to the nearest place around its point where it touches nothing.

    Args:
        label: an annotation whose text coordinates are offset points; it is centred on its place.
        taken: `(n, 4)`, boxes in pixels that it must not touch.
        paths: curves in pixels that it must not cross.

    Returns:
        The taken boxes and the paths, with the label's own. Where no place is free, the label is
        where it touches least.
    """
    point = label.axes.transData.transform(label.xy)
    boxes = _candidates(point, np.array(label.get_window_extent().size) + 4)
    faults = _faults(boxes, taken, label.axes.bbox.extents)
    # What the line to the point must not cross: all but what lies at the point itself.
    apart = (taken[:, :2] > point + 1) | (taken[:, 2:] < point - 1)
    others = [Bbox.from_extents(*box) for box in taken[apart.any(1)]]
    best, fewest = 0, np.inf
    for index in np.argsort(faults, kind="stable"):
        if faults[index] >= fewest:
            break
        box, leader = Bbox.from_extents(*boxes[index]), _leader(point, boxes[index])
        count = faults[index] + sum(path.intersects_bbox(box, filled=False) for path in paths)
        if leader is not None:
            count += sum(leader.intersects_bbox(other, filled=False) for other in others)
        if count < fewest:
            best, fewest = index, count
    label.set_position((boxes[best].reshape(2, 2).mean(0) - point) * 72 / label.figure.dpi)
    leader = _leader(point, boxes[best])
    if leader is not None:
        _join(label.axes, label.xy, (leader.vertices[1] - point) * 72 / label.figure.dpi)
    return np.vstack([taken, boxes[best]]), paths + ([] if leader is None else [leader])


def _candidates(point: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return `(places, 4)` boxes of a size around a point, the nearest first."""
    distances, angles = np.repeat(DISTANCES, len(ANGLES)), np.tile(ANGLES, len(DISTANCES))
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    centres = point + directions * (distances[:, None] + size / 2)
    return np.concatenate([centres - size / 2, centres + size / 2], axis=1)


def _faults(boxes: np.ndarray, taken: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Return for each box how many taken ones it touches, and more if it leaves the room."""
    outside = (boxes[:, :2] < room[:2]) | (boxes[:, 2:] > room[2:])
    first, second = boxes[:, None], taken[None]
    apart = (first[..., :2] >= second[..., 2:]) | (first[..., 2:] <= second[..., :2])
    return OUTSIDE * outside.any(1) + (~apart.any(2)).sum(1)


def _leader(point: np.ndarray, box: np.ndarray) -> Path | None:
    """Return the line from a point to a box's edge, or None where the box is near."""
    edge = np.clip(point, box[:2] + 2, box[2:] - 2)
    return Path([point, edge]) if np.hypot(*(edge - point)) > FAR else None


def _join(axes: Axes, point: tuple[float, float], offset: np.ndarray) -> None:
    look = {"arrowstyle": "-", "color": "0.5", "lw": 0.7, "shrinkA": 0, "shrinkB": 3}
    end = {"xytext": offset, "textcoords": "offset points"}
    axes.annotate("", point, **end, arrowprops=look, zorder=1.5)


def spread_out(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return places on a line, in the same order, that keep a gap and stay between two bounds.

    Where they are too many for that, they leave the upper bound.
    """
    order = np.argsort(places, kind="stable")
    moved = np.clip(np.array(places, float)[order], low, high)
    for _ in range(100):  # neighbours push one another apart, the bounds push back
        for index in range(1, len(moved)):
            lacking = max(0.0, gap - (moved[index] - moved[index - 1]))
            moved[index - 1 : index + 1] += -lacking / 2, lacking / 2
        moved = np.clip(moved, low, high)
    for index in range(len(moved) - 1, 0, -1):  # what is left after so many rounds
        moved[index - 1] = min(moved[index - 1], moved[index] - gap)
    moved += max(0.0, low - moved[0]) if len(moved) else 0
    back = np.empty(len(moved))
    back[order] = moved
    return back.tolist()
