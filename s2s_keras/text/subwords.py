"""Training a SentencePiece model, whose pieces are longer than characters, shorter than words."""

import functools
import io
import math
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import InputError
from .counting import sample

# The unigram model is SentencePiece's default. With byte_fallback, a character that is too rare for
# a piece of its own is spelt with its UTF-8 bytes.
_OPTIONS = {
    "byte_fallback": True,
    "hard_vocab_limit": False,
    "remove_extra_whitespaces": False,
    "input_sentence_size": 1_000_000,
    "max_sentence_length": 1 << 20,
    "minloglevel": 2,
}
# So many texts are enough to learn a few thousand pieces from, and need some 500 MB meanwhile.
MOST_TEXTS = 200_000
_CONTROLS = ("pad", "unk", "bos", "eos")
LONGEST_PIECE = 1_000  # characters; SentencePiece learns none of more than 16


def train_sentencepiece(
    texts: Iterable[str], vocabulary_size: int, specials: Sequence[str]
) -> bytes:
    """Train a unigram model (Kudo 2018, arXiv 1804.10959); the same texts give the same bytes.

    Args:
        texts: Normalised texts; of more than `MOST_TEXTS`, a random choice is learnt from.
        vocabulary_size: The largest number of pieces, with the specials and the 256 bytes.
        specials: The pieces for padding, unknown, start and end, in this order; their ids are 0
            to 3.

    Returns:
        The model as a serialised protocol buffer.

    Raises:
        InputError: `vocabulary_size` is too small for the characters and bytes of the texts.
    """
    from sentencepiece import SentencePieceTrainer, set_random_generator_seed

    texts = sample(texts, MOST_TEXTS)
    set_random_generator_seed(0)
    model = io.BytesIO()
    controls = {f"{name}_id": index for index, name in enumerate(_CONTROLS)}
    controls |= {f"{name}_piece": piece for name, piece in zip(_CONTROLS, specials, strict=True)}
    with tempfile.TemporaryDirectory() as folder:
        # SentencePiece writes a space as U+2581. A U+2581 in the text itself is replaced by U+001A,
        # which no normalised text contains, and decoding puts it back.
        rule_in, rule_out = Path(folder, "in.tsv"), Path(folder, "out.tsv")
        rule_in.write_text("2581\t1A\n")
        rule_out.write_text("1A\t2581\n")
        try:
            SentencePieceTrainer.train(
                sentence_iterator=iter([*texts, *_recurring_words(texts)]),
                model_writer=model,
                vocab_size=vocabulary_size,
                normalization_rule_tsv=rule_in,
                denormalization_rule_tsv=rule_out,
                unk_surface=specials[1],
                **_OPTIONS,
                **controls,
            )
        except RuntimeError as error:
            raise InputError(
                f"{vocabulary_size} subwords are too few for the characters of this text; "
                "give a larger vocabulary_size, or use word or char"
            ) from error
    return _without_paths(model.getvalue())


def with_pieces_of(model: bytes, specials: Sequence[str]) -> bytes:
    """Return a model that has the pieces of a saved one, and all else as it is trained here.

    SentencePiece trusts what it loads: a NUL in a piece, or a byte of the table by which it
    normalises, can end the process. So no more than pieces and their scores comes from a file.

    Args:
        model: Any bytes; of `train_sentencepiece`, or of somebody who means harm.
        specials: As for `train_sentencepiece`.

    Raises:
        ValueError: The pieces are none that training could have found.
    """
    from sentencepiece import sentencepiece_model_pb2

    try:
        pieces = sentencepiece_model_pb2.ModelProto.FromString(model).pieces
    except Exception as error:  # of protobuf, which this package does not import itself
        raise ValueError("not a model of SentencePiece") from error
    ours = sentencepiece_model_pb2.ModelProto.FromString(_smallest_model(tuple(specials)))
    normal = sentencepiece_model_pb2.ModelProto.SentencePiece.NORMAL
    always = [piece for piece in ours.pieces if piece.type != normal]  # the specials, the bytes
    for mine, piece in zip(always, pieces, strict=False):
        if (mine.piece, mine.type) != (piece.piece, piece.type):
            raise ValueError(f"{piece.piece!r} is not {mine.piece}")
    learnt = {piece.piece: piece for piece in pieces[len(always) :]}
    if len(always) + len(learnt) != len(pieces):
        raise ValueError("a piece comes twice, or a byte is missing")
    for text, piece in learnt.items():
        if piece.type != normal or not 0 < len(text) <= LONGEST_PIECE or "\0" in text:
            raise ValueError(f"{text!r} is no piece of a text")
    if not all(math.isfinite(piece.score) for piece in pieces):
        raise ValueError("a score is no number")
    del ours.pieces[:]
    ours.pieces.extend(pieces)
    return ours.SerializeToString(deterministic=True)


@functools.cache
def _smallest_model(specials: tuple[str, ...]) -> bytes:
    return train_sentencepiece(["a"], len(specials) + 256 + 2, specials)


def _recurring_words(texts: Sequence[str]) -> list[str]:
    """Return the words that occur more than once, each as a text of its own.

    SentencePiece only proposes a piece that it has seen with two different continuations. In short
    sentences a common word may be followed by a space and nothing else, and would be cut into many
    small pieces.
    """
    counts = Counter(word for text in texts for word in text.split())
    return sorted(word for word, count in counts.items() if count > 1)


def _without_paths(model: bytes) -> bytes:
    """Remove the paths of the rules: nothing else differs when the same texts are learnt again."""
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    proto.normalizer_spec.ClearField("normalization_rule_tsv")
    proto.denormalizer_spec.ClearField("normalization_rule_tsv")
    return proto.SerializeToString(deterministic=True)
