"""A translator as one HTML file that shows how it translates: no network, no server."""

from .build import EXAMPLES, LARGEST, write_page
from .notebook import show_page

__all__ = ["EXAMPLES", "LARGEST", "show_page", "write_page"]
