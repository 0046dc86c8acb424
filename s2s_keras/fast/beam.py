"""Equals `decoding.beam_search`: the same hypotheses for a whole batch, compiled once."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ..decoding import NO_PENALTY, Hypothesis, LengthPenalty
from ..decoding.beam import check_beam
from ..decoding.common import NEVER_CHOSEN, Models, members
from ..text import END, PAD, START
from .decoding import Run, compile_search

NEVER = -np.inf


def beam_search(
    training_model: Models,
    width: int,
    length_penalty: LengthPenalty = NO_PENALTY,
    n_best: int = 1,
) -> Callable:
    """Compile a decoder that looks for the likeliest translations of a batch.

    Args, returns and what is raised are those of `decoding.beam_search`.
    """
    check_beam(width, n_best, members(training_model)[2])
    search = _search(width, length_penalty, n_best)
    decode = compile_search(training_model, search, by_columns=False)

    def hypotheses(source, max_length: int | None = None) -> list[list[Hypothesis]]:
        tokens, log_probabilities, scores = decode(source, max_length)
        return [
            [
                Hypothesis(tuple(row[row != PAD].tolist()), float(log_probability), float(score))
                for row, log_probability, score in zip(*of_sentence, strict=True)
                if score > NEVER
            ]
            for of_sentence in zip(tokens, log_probabilities, scores, strict=True)
        ]

    return hypotheses


def _search(width: int, length_penalty: LengthPenalty, n_best: int) -> Callable:
    """Build the search: a function of a `Run` to tokens, log-probabilities and scores."""

    def search(run: Run):
        batch = tf.size(run.last)
        first = tf.range(batch)[:, None] * width  # row of each sentence's first hypothesis
        moving = len(run.states) - run.constants
        longest = length_penalty(tf.cast(run.most, tf.float32))

        def going_on(step, best, log_probabilities, *_):
            possible = tf.reduce_max(log_probabilities, axis=1) / longest
            return (step < run.most) & tf.reduce_any(possible > best.scores[:, -1])

        def advance(step, best, log_probabilities, token, tokens, *states):
            logits, *states = run.step([tf.reshape(token, [-1, 1]), *states])
            log_probabilities, parents, token = _likeliest_candidates(
                _allowed(tf.cast(logits, tf.float32)), log_probabilities, must_end=step == run.last
            )
            tokens = tf.gather(tokens, parents, batch_dims=1)
            tokens = tf.where(tf.range(run.columns) == step, token[:, :, None], tokens)
            rows = tf.reshape(first + parents, [-1])
            states = [tf.gather(state, rows) for state in states[:moving]] + states[moving:]

            ended = tf.where(token == END, log_probabilities, NEVER)
            scores = ended / length_penalty(tf.cast(step + 1, tf.float32))
            best = best.merged(_Found(tokens, ended, scores))
            log_probabilities = tf.where(token == END, NEVER, log_probabilities)
            return step + 1, best, log_probabilities, token, tokens, *states

        # All hypotheses are still one: only the first of them may be extended.
        log_probabilities = tf.where(tf.range(width) == 0, 0.0, NEVER) + tf.zeros([batch, 1])
        token = tf.fill([batch, width], START)
        tokens = tf.fill([batch, width, run.columns], PAD)
        states = [tf.repeat(state, width, axis=0) for state in run.states]
        nothing = tf.fill([batch, n_best], NEVER)
        best = _Found(tokens[:, :n_best], nothing, nothing)
        start = (0, best, log_probabilities, token, tokens, *states)
        steps, best, log_probabilities, _, tokens, *_ = tf.while_loop(going_on, advance, start)
        # Cut off, a hypothesis may be better than all that have ended.
        scores = log_probabilities / length_penalty(tf.cast(steps, tf.float32))
        return tuple(best.merged(_Found(tokens, log_probabilities, scores)))

    return search


class _Found(NamedTuple):
    """The best hypotheses so far: `(batch, number, columns)`, and `(batch, number)` twice."""

    tokens: tf.Tensor
    log_probabilities: tf.Tensor
    scores: tf.Tensor

    def merged(self, others: "_Found") -> "_Found":
        """Return the best of these and of others, as many as these; of equals these come first."""
        both = [tf.concat(pair, axis=1) for pair in zip(self, others, strict=True)]
        _, order = tf.math.top_k(both[-1], self.scores.shape[1])
        return _Found(*(tf.gather(values, order, batch_dims=1) for values in both))


def _allowed(logits):
    """Return logits `(V, n)` without what is never chosen."""
    return tf.where(np.isin(np.arange(logits.shape[0]), NEVER_CHOSEN)[:, None], NEVER, logits)


def _likeliest_candidates(logits, log_probabilities, must_end) -> tuple:
    """Choose among all extensions of all hypotheses of a sentence, block by block.

    The likeliest candidates lie in the blocks of tokens with the highest peaks: as many blocks as
    candidates are enough. XLA finds peaks by comparing whole rows; its own `top_k` is slow on the
    tens of thousands of all candidates, and quick on the few hundred of these blocks.

    Args:
        logits: float `(V, batch · width)`.
        log_probabilities: of the hypotheses, `(batch, width)`.
        must_end: boolean `(batch,)`: whether a sentence can only end now.

    Returns:
        The `width` highest log-probabilities, their hypotheses and tokens, `(batch, width)` each.
    """
    vocabulary, width = logits.shape[0], log_probabilities.shape[1]
    size = math.isqrt(vocabulary - 1) + 1  # tokens in a block, and about as many blocks
    count = -(-vocabulary // size)
    logits = tf.pad(logits, [(0, size * count - vocabulary), (0, 0)], constant_values=NEVER)
    rows = tf.shape(logits)[1]
    peaks = tf.reduce_max(tf.reshape(logits, [count, size, rows]), axis=1)  # (count, rows)
    highest = tf.reduce_max(peaks, axis=0)
    normaliser = highest + tf.math.log(tf.reduce_sum(tf.exp(logits - highest), axis=0))
    gained = log_probabilities - tf.reshape(normaliser, [-1, width])

    totals = tf.reshape(tf.transpose(peaks), [-1, width, count]) + gained[:, :, None]
    _, blocks = tf.math.top_k(tf.reshape(totals, [-1, width * count]), width)
    blocks = tf.sort(blocks)  # of equal candidates the first is taken
    hypotheses, blocks = blocks // count, blocks % count  # (batch, width)
    columns = tf.range(tf.shape(blocks)[0])[:, None] * width + hypotheses
    tokens = blocks[:, :, None] * size + tf.range(size)  # (batch, width, size)
    candidates = tf.gather(tf.reshape(logits, [-1]), tokens * rows + columns[:, :, None])
    candidates += tf.gather(gained, hypotheses, batch_dims=1)[:, :, None]

    flat = [-1, width * size]
    best, chosen = tf.math.top_k(tf.reshape(candidates, flat), width)
    hypotheses = tf.gather(tf.repeat(hypotheses, size, axis=1), chosen, batch_dims=1)
    tokens = tf.gather(tf.reshape(tokens, flat), chosen, batch_dims=1)

    ends, ending = tf.math.top_k(gained + tf.reshape(logits[END], [-1, width]), width)
    must_end = must_end[:, None]
    return (
        tf.where(must_end, ends, best),
        tf.where(must_end, ending, hypotheses),
        tf.where(must_end, END, tokens),
    )
