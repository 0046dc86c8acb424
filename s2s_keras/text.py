"""Text to integers and back: normalisation, grapheme clusters, words and three tokenizers.

The tokenizers differ in what a piece is: a grapheme cluster, a word or a subword. All start their
vocabulary with the same four specials and never look for those inside a text: a sentence that
contains "<pad>" is a sentence about padding.
"""

from __future__ import annotations

import base64
import io
import json
import tempfile
import unicodedata
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from itertools import chain, takewhile
from pathlib import Path
from typing import Any, ClassVar, Self

import regex

from .corpus import InputError

PAD, UNK, START, END = 0, 1, 2, 3
SPECIALS = ("<pad>", "<unk>", "<start>", "<end>")

# Control and format characters and halves of surrogate pairs: nothing that a reader sees. Not among
# them: white space, which becomes a space, and the two joiners, which are spelling.
_INVISIBLE = regex.compile(
    r"(?V1)[[\p{Cc}\p{Cs}[\p{Cf}&&\p{Default_Ignorable_Code_Point}]]--[\s\u200C\u200D]]"
)
# A joiner shapes the letters around it; without one on each side it does nothing.
_LOOSE_JOINER = regex.compile(
    r"[\u200C\u200D]++(?![\p{L}\p{M}])|(?<!\p{L}[\p{M}\u200C\u200D]*)[\u200C\u200D]++"
)
_GRAPHEME = regex.compile(r"\X")
# Not \w of the standard library: vowel signs are marks, and it would cut हिन्दी at each of them.
_LETTERS = r"[\p{L}\p{M}\p{N}\u200C\u200D]+"
_WORD = regex.compile(rf"{_LETTERS}(?:['’]{_LETTERS})*|\S")
_UNWRITTEN_SPACE = regex.compile(r" (?=[,.?!।॥:;…%)\]}”])|(?<=[(\[{“]) ")


def normalise(text: str, lowercase: bool = False) -> str:
    """Returns the one spelling in which equal sentences are equal strings; idempotent.

    The result is NFC (U+0958 to U+095F become a consonant and a nukta), has single spaces only, and
    no invisible characters but ZWJ and ZWNJ inside a word, where they are spelling.

    Source: Unicode Standard Annex #15.
    """
    text = _INVISIBLE.sub("", text.lower() if lowercase else text)
    text = _LOOSE_JOINER.sub("", unicodedata.normalize("NFC", text))
    # Characters that have become neighbours may compose.
    return " ".join(unicodedata.normalize("NFC", text).split())


def graphemes(text: str) -> list[str]:
    """Splits text into what a reader calls characters: किताब into कि, ता, ब.

    Source: Unicode Standard Annex #29, extended grapheme clusters.
    """
    return _GRAPHEME.findall(text)


def words(text: str) -> list[str]:
    """Splits text into words and, one by one, the characters between them, such as "।"."""
    return _WORD.findall(text)


class Tokenizer(ABC):
    """What every tokenizer does: learn a vocabulary, then turn text into ids and ids into text.

    Attributes:
        kind: Its name in `TOKENIZERS`.
        vocabulary: The pieces in the order of their ids; empty before `fit`.
    """

    kind: ClassVar[str]

    def __init__(self, **options: Any) -> None:
        """Keeps the options of a subclass, which names and explains them."""
        self.vocabulary: tuple[str, ...] = ()
        self._options = options

    @property
    def vocabulary_size(self) -> int:
        """The number of ids in use, specials included."""
        return len(self.vocabulary)

    def fit(self, texts: Iterable[str]) -> Self:
        """Learns the vocabulary from `texts`, in place of any earlier one; returns itself."""
        return self._use(self._learn(self._normalised(texts)))

    def encode(self, text: str) -> list[int]:
        """Returns the ids of `text`, normalised first, without START and END."""
        return self.encode_all([text])[0]

    def encode_all(self, texts: Iterable[str]) -> list[list[int]]:
        """Encodes many texts: the same ids as one by one, and sooner for subwords."""
        self._require_fit()
        return self._encode(list(self._normalised(texts)))

    def decode(self, ids: Iterable[int]) -> str:
        """Returns the normalised text of `ids` up to the first END, without PAD and START."""
        self._require_fit()
        content = takewhile(lambda index: index != END, map(int, ids))
        text = self._decode([index for index in content if index not in (PAD, START)])
        # A model may put together what no sentence holds, such as a line break made of bytes.
        return normalise(text)

    def tokens(self, text: str) -> list[str]:
        """Returns the pieces that `text` is cut into, as they stand in the vocabulary."""
        return [self.vocabulary[index] for index in self.encode(text)]

    def save(self, path: str | Path) -> None:
        """Writes the tokenizer into one JSON file."""
        self._require_fit()
        state = {"kind": self.kind, "options": self._options, "learnt": self._learnt}
        Path(path).write_text(json.dumps(state, ensure_ascii=False, indent=0), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads what `save` wrote; raises InputError where that is no tokenizer of this kind."""
        loaded = load_tokenizer(path)
        if not isinstance(loaded, cls):
            raise InputError(f"{path}: holds a {loaded.kind} tokenizer, not a {cls.kind} one")
        return loaded

    @abstractmethod
    def _learn(self, texts: Iterable[str]) -> Any:
        """Returns what is to be known of the normalised texts, in a form that JSON can hold."""

    @abstractmethod
    def _prepare(self, learnt: Any) -> list[str]:
        """Makes ready to encode with what `_learn` returned; returns the vocabulary."""

    @abstractmethod
    def _encode(self, texts: list[str]) -> list[list[int]]: ...

    @abstractmethod
    def _decode(self, ids: list[int]) -> str: ...

    def _use(self, learnt: Any) -> Self:
        vocabulary = tuple(self._prepare(learnt))
        if vocabulary[:4] != SPECIALS or not all(isinstance(piece, str) for piece in vocabulary):
            raise ValueError("not a vocabulary")
        self.vocabulary, self._learnt = vocabulary, learnt
        return self

    def _normalised(self, texts: Iterable[str]) -> Iterable[str]:
        return (normalise(text, self._options["lowercase"]) for text in texts)

    def _require_fit(self) -> None:
        if not self.vocabulary:
            raise InputError(f"this {self.kind} tokenizer has no vocabulary: call fit first")


class _LookUpTokenizer(Tokenizer):
    """Keeps the most frequent pieces of the texts and looks them up."""

    _always: ClassVar[tuple[str, ...]] = SPECIALS
    _split: ClassVar[Any]

    def _learn(self, texts: Iterable[str]) -> list[str]:
        counts = Counter(chain.from_iterable(map(self._split, texts)))
        minimum = self._options.get("minimum_count", 1)
        frequent = [piece for piece in counts.keys() - {*self._always} if counts[piece] >= minimum]
        # Ties in the order of code points: the order of the texts makes no difference.
        frequent.sort(key=lambda piece: (-counts[piece], piece))
        room = max(0, self._options["vocabulary_size"] - len(self._always))
        return [*self._always, *frequent[:room]]

    def _prepare(self, learnt: list[str]) -> list[str]:
        self._ids = {piece: index for index, piece in enumerate(learnt)}
        return learnt

    def _encode(self, texts: list[str]) -> list[list[int]]:
        return [[*chain.from_iterable(map(self._look_up, self._split(text)))] for text in texts]

    def _look_up(self, piece: str) -> list[int]:
        return [self._ids.get(piece, UNK)]


class CharTokenizer(_LookUpTokenizer):
    """Pieces are grapheme clusters; a cluster without an id is spelt with its code points.

    The Devanagari block, ASCII and the joiners always have ids, so that every Hindi or English
    sentence comes back exactly, whatever the vocabulary was learnt from. UNK is left for the rest.
    """

    kind = "char"
    # Without U+0958 to U+095F, which NFC takes apart.
    _code_points = (*range(0x20, 0x7F), *range(0x900, 0x958), *range(0x960, 0x980), 0x200C, 0x200D)
    _always = (*SPECIALS, *map(chr, _code_points))
    _split = staticmethod(graphemes)

    def __init__(self, vocabulary_size: int = 2000, lowercase: bool = False) -> None:
        """Learns up to `vocabulary_size` pieces, counting those that are always there."""
        super().__init__(vocabulary_size=vocabulary_size, lowercase=lowercase)

    def _look_up(self, piece: str) -> list[int]:
        parts = [piece] if piece in self._ids else piece
        return [self._ids.get(part, UNK) for part in parts]

    def _decode(self, ids: list[int]) -> str:
        return "".join(self.vocabulary[index] for index in ids)


class WordTokenizer(_LookUpTokenizer):
    """Pieces are words and marks; text comes back with the usual spacing and UNK for new words."""

    kind = "word"
    _split = staticmethod(words)

    def __init__(
        self, vocabulary_size: int = 20_000, minimum_count: int = 1, lowercase: bool = False
    ) -> None:
        """Learns up to `vocabulary_size` pieces, of those seen at least `minimum_count` times."""
        super().__init__(
            vocabulary_size=vocabulary_size, minimum_count=minimum_count, lowercase=lowercase
        )

    def _decode(self, ids: list[int]) -> str:
        return _UNWRITTEN_SPACE.sub("", " ".join(self.vocabulary[index] for index in ids))


class SubwordTokenizer(Tokenizer):
    """Pieces come from a SentencePiece unigram model, run by tensorflow-text; nothing is UNK.

    Characters too rare for a piece of their own are spelt with their UTF-8 bytes, so that every
    sentence comes back exactly.

    Source: Kudo 2018 (arXiv 1804.10959), Kudo and Richardson 2018 (arXiv 1808.06226).
    """

    kind = "subword"

    def __init__(self, vocabulary_size: int = 4000, lowercase: bool = False) -> None:
        """Learns up to `vocabulary_size` pieces; raises InputError without tensorflow-text."""
        super().__init__(vocabulary_size=vocabulary_size, lowercase=lowercase)
        try:
            from tensorflow_text import SentencepieceTokenizer
        except ImportError as error:
            raise InputError(
                "the subword tokenizer needs tensorflow-text, which is not installed (Windows has"
                " none): use the word or char tokenizer"
            ) from error
        self._make_processor = SentencepieceTokenizer

    def _learn(self, texts: Iterable[str]) -> str:
        model = _train_sentencepiece(texts, self._options["vocabulary_size"])
        return base64.b64encode(model).decode()

    def _prepare(self, learnt: str) -> list[str]:
        from sentencepiece import SentencePieceProcessor

        model = base64.b64decode(learnt, validate=True)
        pieces = SentencePieceProcessor(model_proto=model)
        self._processor = self._make_processor(model=model, out_type="int32")
        return [pieces.id_to_piece(index) for index in range(pieces.get_piece_size())]

    def _encode(self, texts: list[str]) -> list[list[int]]:
        return self._processor.tokenize(texts).to_list()

    def _decode(self, ids: list[int]) -> str:
        # An empty list would have no integer type; PAD is silent.
        return self._processor.detokenize(ids or [PAD]).numpy().decode()


def _train_sentencepiece(texts: Iterable[str], vocabulary_size: int) -> bytes:
    """Trains a unigram model, quietly and with the same result each time."""
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.set_random_generator_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        # SentencePiece writes a space as U+2581. A U+2581 of the text itself goes in as U+001A,
        # which no normalised text contains, and comes out as what it was.
        going_in, coming_out = Path(folder, "in.tsv"), Path(folder, "out.tsv")
        going_in.write_text("2581\t1A\n")
        coming_out.write_text("1A\t2581\n")
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(texts), model_writer=model, minloglevel=2,
                input_sentence_size=1_000_000, max_sentence_length=1 << 20,
                normalization_rule_tsv=going_in, denormalization_rule_tsv=coming_out,
                remove_extra_whitespaces=False, byte_fallback=True,
                vocab_size=vocabulary_size, hard_vocab_limit=False,
                pad_id=PAD, unk_id=UNK, bos_id=START, eos_id=END, unk_surface=SPECIALS[UNK],
                bos_piece=SPECIALS[START], eos_piece=SPECIALS[END],
            )  # fmt: skip
        except RuntimeError as error:
            raise InputError(
                f"no vocabulary of {vocabulary_size} subwords fits this text: give more text, a"
                " vocabulary_size of 1000 or more, or use the word or char tokenizer"
            ) from error
    return model.getvalue()


TOKENIZERS = {made.kind: made for made in (WordTokenizer, CharTokenizer, SubwordTokenizer)}


def tokenizer(kind: str, **options: Any) -> Tokenizer:
    """Makes a tokenizer of a kind from `TOKENIZERS`; raises InputError for any other."""
    if kind not in TOKENIZERS:
        raise InputError(f"no tokenizer is called {kind!r}: use one of {', '.join(TOKENIZERS)}")
    return TOKENIZERS[kind](**options)


def load_tokenizer(path: str | Path) -> Tokenizer:
    """Reads a tokenizer of any kind; raises InputError where the file is missing or damaged."""
    try:
        state = json.loads(Path(path).read_text(encoding="utf-8"))
        return tokenizer(state["kind"], **state["options"])._use(state["learnt"])
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}: give a file that `save` wrote") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not a saved tokenizer, or damaged: save it again") from error
