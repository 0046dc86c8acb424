"""Training a SentencePiece model: the pieces that lie between characters and words."""

import io
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .corpus import InputError

# Unigram is SentencePiece's default. A character too rare for a piece is spelt with its bytes.
_OPTIONS = {
    "byte_fallback": True,
    "hard_vocab_limit": False,
    "remove_extra_whitespaces": False,
    "input_sentence_size": 1_000_000,
    "max_sentence_length": 1 << 20,
    "minloglevel": 2,
}
_CONTROLS = ("pad", "unk", "bos", "eos")


def train_sentencepiece(
    texts: Sequence[str], vocabulary_size: int, specials: Sequence[str]
) -> bytes:
    """Train a unigram model (Kudo 2018, arXiv 1804.10959); the same texts give the same bytes.

    Args:
        texts: Normalised texts.
        vocabulary_size: Pieces at the most, specials and 256 bytes included.
        specials: How padding, the unknown, start and end are written; their ids are 0 to 3.

    Returns:
        The model as a serialised protocol buffer.

    Raises:
        InputError: `vocabulary_size` is less than the characters and bytes of the texts need.
    """
    from sentencepiece import SentencePieceTrainer, set_random_generator_seed

    set_random_generator_seed(0)
    model = io.BytesIO()
    controls = {f"{name}_id": index for index, name in enumerate(_CONTROLS)}
    controls |= {f"{name}_piece": piece for name, piece in zip(_CONTROLS, specials, strict=True)}
    with tempfile.TemporaryDirectory() as folder:
        # SentencePiece writes a space as U+2581. One in the text itself goes in as U+001A, which no
        # normalised text contains, and comes out again.
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
                f"{vocabulary_size} subwords are too few for the characters of this text: "
                "give a larger vocabulary_size, or use word or char"
            ) from error
    return _without_paths(model.getvalue())


def _recurring_words(texts: Sequence[str]) -> list[str]:
    """Return the words that occur more than once, each as a text of its own.

    SentencePiece proposes only what goes on in two different ways. In short sentences a common
    word is followed by a space and nothing else, and would be left in crumbs.
    """
    counts = Counter(word for text in texts for word in text.split())
    return sorted(word for word, count in counts.items() if count > 1)


def _without_paths(model: bytes) -> bytes:
    """Remove what differs between two trainings on the same text: the rules' folder."""
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    proto.normalizer_spec.ClearField("normalization_rule_tsv")
    proto.denormalizer_spec.ClearField("normalization_rule_tsv")
    return proto.SerializeToString(deterministic=True)
