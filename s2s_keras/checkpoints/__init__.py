"""What survives an interruption: the file from which a training goes on, exactly where it was."""

from .interruptions import held_back
from .record import Checkpoint, Record

__all__ = ["Checkpoint", "Record", "held_back"]
