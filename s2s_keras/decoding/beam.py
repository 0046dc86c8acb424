"""Beam search, with length penalty, n-best list and its tree as data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from keras import ops

from ..text import END, START
from .common import Models, allowed, column, first_states, inference_models, steps_to_take


@dataclass(frozen=True)
class LengthPenalty:
    """What a hypothesis's log-probability is divided by, since every token makes it smaller.

    Attributes:
        form: "none" divides by 1 (Sutskever et al. 2014); "length" by length^α; "gnmt" by
            ((5 + length) / 6)^α (Wu et al. 2016, equation 14). The length counts END.
        alpha: α, 0 or more; 0 is no penalty, more favours longer translations.
    """

    form: str = "none"
    alpha: float = 0.6

    def __post_init__(self):
        """Refuse what is no penalty."""
        if self.form not in ("none", "length", "gnmt"):
            raise ValueError(f"length penalty is {self.form!r}: give none, length or gnmt")
        if not 0 <= self.alpha < np.inf:
            raise ValueError(f"alpha is {self.alpha}: give a number of 0 or more")

    def __call__(self, length):
        """Return the penalty of a length, a number or an array or tensor of float."""
        if self.form == "none":
            return length**0
        return (length if self.form == "length" else (5 + length) / 6) ** self.alpha


NO_PENALTY = LengthPenalty()


class Hypothesis(NamedTuple):
    """A translation, or the part of one that a search has found so far.

    Attributes:
        tokens: the target ids; the last one is END where the translation has ended.
        log_probability: log p(tokens | source), natural.
        score: the log-probability divided by the length penalty.
    """

    tokens: tuple[int, ...]
    log_probability: float
    score: float


class Node(NamedTuple):
    """One candidate of one step of a beam search; a list of them is the search tree.

    Attributes:
        step: timestep, from 0.
        parent: the number in the list of the node that this one extends; -1 at the first step.
        token: the target id that it adds.
        log_probability: of all tokens up to here.
        fate: "kept" in the beam, "ended" with END, or "pruned".
    """

    step: int
    parent: int
    token: int
    log_probability: float
    fate: str


def beam_search(
    training_model: Models,
    width: int,
    length_penalty: LengthPenalty = NO_PENALTY,
    n_best: int = 1,
) -> Callable:
    """Build a decoder that looks for the likeliest translations (Sutskever et al. 2014, 3.2).

    At every step each hypothesis in the beam is extended by every token, and the `width` likeliest
    candidates of all are kept. One that ends leaves the beam. The search is over once no hypothesis
    in the beam can still reach the score of the best that have ended.

    Args:
        training_model: as for `greedy`.
        width: candidates kept at a step; 1 is greedy decoding.
        length_penalty: see `LengthPenalty`.
        n_best: how many translations to return.

    Returns:
        Function `(source (batch, source_length), max_length=None)` to a list for every source: up
        to `n_best` of `Hypothesis`, the best score first.

    Raises:
        ValueError: `width` is not from 1 to the number of tokens, or `n_best` not from 1 to width.
    """
    search = _search(training_model, width, length_penalty, n_best)

    def decode(source, max_length: int | None = None) -> list[list[Hypothesis]]:
        rows = np.asarray(source, "int32")
        return [search(row[None], max_length)[0] for row in rows]

    return decode


def beam_tree(
    training_model: Models,
    source,
    width: int,
    length_penalty: LengthPenalty = NO_PENALTY,
    max_length: int | None = None,
) -> tuple[list[Hypothesis], list[Node]]:
    """Search as `beam_search` does for one source `(source_length,)`, and keep the tree.

    Returns:
        Up to `width` hypotheses, and of every step the `2 · width` likeliest candidates as nodes.
    """
    search = _search(training_model, width, length_penalty, width)
    return search(np.asarray(source, "int32")[None], max_length)


def check_beam(width: int, n_best: int, vocabulary: int) -> None:
    """Raise ValueError for a width that is no number of tokens, or more results than it keeps."""
    if not 1 <= width <= vocabulary:
        raise ValueError(f"width is {width}: give a number from 1 to {vocabulary}, all tokens")
    if not 1 <= n_best <= width:
        raise ValueError(f"n_best is {n_best}: give a number from 1 to {width}, the width")


class _Candidate(NamedTuple):
    """A hypothesis of the beam, by its number there, and one more token."""

    log_probability: float  # of all tokens
    parent: int
    token: int


def _search(training_model: Models, width: int, length_penalty: LengthPenalty, n_best: int):
    """Build the search of `beam_search` for one source `(1, source_length)`, with its tree."""
    encoder, decoder_step, vocabulary = inference_models(training_model)
    check_beam(width, n_best, decoder_step.outputs[0].shape[-1])

    def search(source, max_length):
        (last,), most = steps_to_take(source, max_length, vocabulary)
        states = first_states(encoder, source)
        beam, ended = [Hypothesis((), 0.0, 0.0)], []
        tree, nodes = [], [-1]  # nodes: where in the tree each hypothesis of the beam stands
        for step in range(most):
            tokens = [hypothesis.tokens[-1] if step else START for hypothesis in beam]
            logits, *states = decoder_step([column(tokens), *states], training=False)
            candidates = _candidates(beam, logits, 2 * width, only_end=step == last)
            grown = [_extend(beam, candidate, length_penalty) for candidate in candidates[:width]]
            kept = [n for n, hypothesis in enumerate(grown) if hypothesis.tokens[-1] != END]

            tree_before = len(tree)
            tree += _nodes(step, candidates, width, nodes)
            nodes = [tree_before + n for n in kept]
            beam = [grown[n] for n in kept]
            ended += [hypothesis for hypothesis in grown if hypothesis.tokens[-1] == END]
            ended = _best(ended, n_best)
            if len(ended) == n_best and ended[-1].score >= _hope(beam, most, length_penalty):
                break
            if not beam:
                break
            parents = np.array([candidates[n].parent for n in kept])
            states = [ops.take(state, parents, axis=0) for state in states]
        return _best([*ended, *beam], n_best), tree  # cut off, some have not ended

    return search


def _candidates(beam: list[Hypothesis], logits, number: int, only_end: bool) -> list[_Candidate]:
    """Return the likeliest extensions of a beam in order; logits are `(len(beam), V)`."""
    log_probabilities = ops.convert_to_numpy(ops.log_softmax(allowed(logits)))
    if only_end:
        log_probabilities = np.where(np.arange(logits.shape[-1]) == END, log_probabilities, -np.inf)
    totals = log_probabilities + [[hypothesis.log_probability] for hypothesis in beam]
    likeliest = np.argsort(-totals, axis=None, kind="stable")[:number]
    return [
        _Candidate(float(totals[parent, token]), int(parent), int(token))
        for parent, token in zip(*np.unravel_index(likeliest, totals.shape), strict=True)
        if totals[parent, token] > -np.inf
    ]


def _extend(
    beam: list[Hypothesis], candidate: _Candidate, length_penalty: LengthPenalty
) -> Hypothesis:
    tokens = (*beam[candidate.parent].tokens, candidate.token)
    total = candidate.log_probability
    return Hypothesis(tokens, total, total / length_penalty(len(tokens)))


def _nodes(step: int, candidates: list[_Candidate], width: int, parents: list[int]) -> list[Node]:
    """Return a step's candidates as nodes; `parents` are the nodes of the beam they extend."""
    return [
        Node(
            step,
            parents[candidate.parent],
            candidate.token,
            candidate.log_probability,
            "pruned" if rank >= width else "ended" if candidate.token == END else "kept",
        )
        for rank, candidate in enumerate(candidates)
    ]


def _best(hypotheses: list[Hypothesis], number: int) -> list[Hypothesis]:
    """Return those with the highest scores; of equal ones the first."""
    return sorted(hypotheses, key=lambda hypothesis: -hypothesis.score)[:number]


def _hope(beam: list[Hypothesis], most: int, length_penalty: LengthPenalty) -> float:
    """Return the score that a beam would reach if all that follows were certain, to the end."""
    return max((h.log_probability for h in beam), default=-np.inf) / length_penalty(most)
