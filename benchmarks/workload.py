"""What every contender is given: sizes, and sentences of real lengths made of random tokens."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from s2s_keras import corpora, text
from s2s_keras.text import END, PAD, START

BATCH_SIZE = 64
CORPUS = 40  # batches
SOURCE_LENGTH, TARGET_LENGTH = 10, 20  # tokens, where decoding is measured
CLIP_NORM = 5.0
LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class Size:
    """A one-layer LSTM encoder–decoder; embeddings are as wide as the layers.

    Attributes:
        vocabulary: number of token ids of either language.
        units: width of every layer.
        attention: whether the decoder has dot attention (Luong et al. 2015) over the outputs of a
            bidirectional encoder, which has half of the units for each direction.
    """

    vocabulary: int
    units: int
    attention: bool = False

    def __str__(self) -> str:
        """Describe the size in a few words."""
        extra = ", dot attention, bidirectional encoder" if self.attention else ""
        return f"vocabulary {self.vocabulary:,}, {self.units} units{extra}"

    def multiplications_per_token(self) -> float:
        """Count those of a training step's matrix products, for each target token.

        Each product of the forward pass has two in the gradient's. A source is about as long as its
        target, END included; where every source token counts for every target token, it has
        `SOURCE_LENGTH`.
        """
        # Four gates, each reads an input and a state; a direction's state has half of the units.
        encoder = (6 if self.attention else 8) * self.units**2
        decoder = 8 * self.units**2
        return 3 * (encoder + decoder + self._output_weights() + self._attended())

    def multiplications_per_translation(self, width: int = 1) -> int:
        """Count those of decoding one sentence, with so many hypotheses.

        What depends on a token alone can be looked up; h has to be multiplied at every time step.
        """
        encoder = SOURCE_LENGTH * self._recurrent_weights_of_encoder()
        return encoder + width * TARGET_LENGTH * (self.weights_per_step() + self._attended())

    def bytes_per_translation(self) -> int:
        """Count those of the weights that decoding one sentence reads, in float32."""
        encoder = SOURCE_LENGTH * self._recurrent_weights_of_encoder()
        return 4 * (encoder + TARGET_LENGTH * self.weights_per_step())

    def weights_per_step(self) -> int:
        """Count the weights that one time step of a decoder has to read: all but the vectors."""
        return 4 * self.units**2 + self._output_weights()

    def _output_weights(self) -> int:
        attention = 2 * self.units**2 if self.attention else 0  # tanh(W·[context; h])
        return attention + self.units * self.vocabulary

    def _attended(self) -> int:
        """Count the multiplications of scores and context vector, for each target token."""
        return 2 * self.units * SOURCE_LENGTH if self.attention else 0

    def _recurrent_weights_of_encoder(self) -> int:
        return (2 if self.attention else 4) * self.units**2


SIZES = {
    "small": Size(2_500, 256),
    "large": Size(16_000, 512),
    "attention": Size(2_500, 256, attention=True),
}


def sentences(size: Size, number: int, seed: int = 0) -> tuple[list[list[int]], list[list[int]]]:
    """Return source and target ids: lengths of the course corpus, tokens as frequent as words are.

    Word frequencies follow Zipf's law: the n-th word has a share of about 1/n.
    """
    pairs = corpora.load("course").split().train
    random = np.random.default_rng(seed)
    chosen = random.choice(len(pairs), number, replace=False)
    share = 1 / np.arange(1, size.vocabulary - END)
    share /= share.sum()

    def drawn(texts: tuple[str, ...]) -> list[list[int]]:
        lengths = [len(text.words(texts[n])) for n in chosen]
        ids = random.choice(np.arange(END + 1, size.vocabulary), sum(lengths), p=share)
        return [part.tolist() for part in np.split(ids, np.cumsum(lengths)[:-1])]

    return drawn(pairs.source), drawn(pairs.target)


def arrays(
    source_ids: list[list[int]], target_ids: list[list[int]], members: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return source, decoder input and labels of some pairs, int32, padded to the longest."""
    sides = (
        [source_ids[n] for n in members],
        [[START, *target_ids[n]] for n in members],
        [[*target_ids[n], END] for n in members],
    )
    return tuple(
        np.array([ids + [PAD] * (max(map(len, side)) - len(ids)) for ids in side], "int32")
        for side in sides
    )


def batches(size: Size, number: int, by_length: bool) -> Iterator[tuple[np.ndarray, ...]]:
    """Give batches of the same sentences, of like length each or in any order.

    They stand for a corpus of `CORPUS` batches sorted by length: every so many of those is taken,
    so that a few have the corpus's mixture of lengths, and its padding in any order.
    """
    of = max(CORPUS, number)
    source_ids, target_ids = sentences(size, of * BATCH_SIZE)
    random = np.random.default_rng(1)
    by_lengths = np.lexsort([[len(ids) for ids in side] for side in (source_ids, target_ids)])
    every = ((np.arange(number) + 0.5) * of / number).astype(int)
    groups = random.permutation(by_lengths.reshape(-1, BATCH_SIZE)[every])
    if not by_length:
        groups = random.permutation(groups.reshape(-1)).reshape(groups.shape)
    for members in groups:
        yield arrays(source_ids, target_ids, members)
