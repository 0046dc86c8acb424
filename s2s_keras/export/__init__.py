"""A translator for programs that know nothing of this package: SavedModel, ONNX, a web page."""

from .folders import FORMATS, export

__all__ = ["FORMATS", "export"]
