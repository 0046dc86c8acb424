"""Every figure of the course in one look, Devanagari rightly shaped. Nothing is computed here.

`look` holds the colours, the line styles and the fonts; importing this package sets them for the
figures that a notebook draws by itself.
"""

from .cell import lstm_cell
from .diagrams import decoder
from .grids import heatmap, mask_path, pipeline, states
from .look import COLOURS, LINE_STYLES, save
from .measures import by_length, curves, loss_curves, spread
from .trees import beam_tree
from .words import choices, crossing, points

__all__ = [
    "COLOURS",
    "LINE_STYLES",
    "beam_tree",
    "by_length",
    "choices",
    "crossing",
    "curves",
    "decoder",
    "heatmap",
    "loss_curves",
    "lstm_cell",
    "mask_path",
    "pipeline",
    "points",
    "save",
    "spread",
    "states",
]
