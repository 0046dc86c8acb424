"""From source ids to target ids, plainly: greedy, by sampling, by beam search with its tree.

Every decoder runs the decoder's one timestep in a loop, and differs in how it chooses the next
token. Each takes one training model, or a list of models that decide together.
"""

from .beam import NO_PENALTY, Hypothesis, LengthPenalty, Node, beam_search, beam_tree
from .common import NEVER_CHOSEN, longest_target
from .token_by_token import greedy, sampling
from .trace import Trace, trace

__all__ = [
    "NEVER_CHOSEN",
    "NO_PENALTY",
    "Hypothesis",
    "LengthPenalty",
    "Node",
    "Trace",
    "beam_search",
    "beam_tree",
    "greedy",
    "longest_target",
    "sampling",
    "trace",
]
