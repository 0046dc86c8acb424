"""What exists only for speed: the same results as the plain modules, sooner.

Each file says in its first line what it equals, and `tests/test_fast_equals_plain.py` holds it.
Importing this tells Keras of the package's layers, losses and optimizer: `keras.models.load_model`
needs that to read a model from a file.
"""

from .beam import beam_search
from .decoding import greedy
from .losses import compute_loss
from .memory import keep_freed_memory
from .optimizers import Adam
from .recurrent import CELLS

__all__ = ["CELLS", "Adam", "beam_search", "compute_loss", "greedy", "keep_freed_memory"]
