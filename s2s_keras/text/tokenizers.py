"""Three tokenizers that turn text into integers and back, by words, characters or subwords.

All of them give the specials the ids 0 to 3, and never look for a special inside a text: where a
sentence contains "<pad>", it is text like any other, not padding.
"""

from __future__ import annotations

import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import chain, takewhile
from pathlib import Path
from typing import Any, ClassVar, Self

from ..errors import InputError
from .counting import chunks, count
from .joining import join_words
from .normalisation import graphemes, normalise, words
from .subwords import train_sentencepiece, with_pieces_of

PAD, UNK, START, END = 0, 1, 2, 3
SPECIALS = ("<pad>", "<unk>", "<start>", "<end>")


class Tokenizer(ABC):
    """What every tokenizer does: learn a vocabulary, then turn text into ids and ids into text.

    Attributes:
        kind: The tokenizer's name in `TOKENIZERS`.
        vocabulary: The pieces in the order of their ids; empty before `fit`.
    """

    kind: ClassVar[str]
    vocabulary: tuple[str, ...] = ()

    def __init__(self, **options: Any) -> None:
        """Keep the options; each subclass names and explains its own."""
        self._options = options

    @property
    def vocabulary_size(self) -> int:
        """The number of ids in use, specials included."""
        return len(self.vocabulary)

    def fit(self, texts: Iterable[str]) -> Self:
        """Learn the vocabulary from `texts` and forget an earlier one; return the tokenizer."""
        return self._use(self._learn(self._normalised(texts)))

    def extended(self, texts: Iterable[str], vocabulary_size: int | None = None) -> Self:
        """Return a tokenizer that has learnt the new pieces of more texts, for fine-tuning on them.

        Its vocabulary begins with this one's, so that no piece changes its id. Subwords spell every
        text already: they return themselves.

        Args:
            texts: More texts, any.
            vocabulary_size: The largest number of pieces, old ones included. Without it, the option
                `vocabulary_size` holds, which may leave no room for new pieces.

        Raises:
            InputError: There is no vocabulary yet, or it is larger than `vocabulary_size`.
        """
        self._require_fit()
        return self

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`, which is normalised first, without START and END."""
        return next(self.encode_each([text]))

    def encode_all(self, texts: Iterable[str]) -> list[list[int]]:
        """Encode many texts: the ids are those of `encode`; with subwords this is faster."""
        return list(self.encode_each(texts))

    def encode_each(self, texts: Iterable[str]) -> Iterator[list[int]]:
        """Yield the ids of each text in turn, for more texts than memory has room for."""
        self._require_fit()
        for chunk in chunks(texts):
            yield from self._encode(list(self._normalised(chunk)))

    def decode(self, ids: Iterable[int]) -> str:
        """Return the normalised text of `ids` up to the first END; PAD and START are left out."""
        self._require_fit()
        content = takewhile(lambda index: index != END, map(int, ids))
        # A model may choose pieces that no sentence has, such as the byte of a line break.
        return normalise(self._decode([index for index in content if index not in (PAD, START)]))

    def tokens(self, text: str) -> list[str]:
        """Return the pieces of `text`, written as in the vocabulary."""
        return [self.vocabulary[index] for index in self.encode(text)]

    def state(self) -> dict:
        """Return all that makes the tokenizer, of JSON's types: `kind`, `options` and `learnt`."""
        self._require_fit()
        return {"kind": self.kind, "options": self._options, "learnt": self._learnt}

    def save(self, path: str | Path) -> None:
        """Write the tokenizer into one JSON file."""
        Path(path).write_text(json.dumps(self.state(), ensure_ascii=False, indent=0), "utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Raises:
            InputError: The file cannot be read, is damaged, or holds a tokenizer of another kind.
        """
        try:
            state = json.loads(Path(path).read_text(encoding="utf-8"))
            loaded = tokenizer(state["kind"], **state["options"])._use(state["learnt"])
            if not isinstance(loaded, cls):
                raise InputError(
                    f"holds a {loaded.kind} tokenizer, not a {cls.kind} one; use load_tokenizer"
                )
        except OSError as error:
            why = error.strerror or error
            raise InputError(f"{path}: {why}; name a file that can be read") from error
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise InputError(f"{path}: not a saved tokenizer, or damaged; save it again") from error
        return loaded

    @abstractmethod
    def _learn(self, texts: Iterable[str]) -> Any:
        """Learn from normalised texts; return what was learnt, in a form that JSON can hold."""

    @abstractmethod
    def _prepare(self, learnt: Any) -> Iterable[str]:
        """Prepare to encode with what `_learn` returned; return the vocabulary."""

    @abstractmethod
    def _encode(self, texts: list[str]) -> list[list[int]]: ...

    @abstractmethod
    def _decode(self, ids: list[int]) -> str: ...

    def _use(self, learnt: Any) -> Self:
        self.vocabulary, self._learnt = tuple(map(str, self._prepare(learnt))), learnt
        if self.vocabulary[: len(SPECIALS)] != SPECIALS:
            raise ValueError("not a vocabulary")
        return self

    def _normalised(self, texts: Iterable[str]) -> Iterable[str]:
        return (normalise(text, self._options["lowercase"]) for text in texts)

    def _require_fit(self) -> None:
        if not self.vocabulary:
            raise InputError(f"this {self.kind} tokenizer has no vocabulary; call fit first")


class _LookUpTokenizer(Tokenizer):
    """A tokenizer that gives ids to the most frequent pieces of the texts and looks them up."""

    _always: ClassVar[tuple[str, ...]] = SPECIALS  # the pieces that every vocabulary begins with
    _split: ClassVar[Any]  # the function that splits a text into pieces

    def extended(self, texts: Iterable[str], vocabulary_size: int | None = None) -> Self:
        super().extended(texts, vocabulary_size)
        if vocabulary_size is not None and vocabulary_size < self.vocabulary_size:
            raise InputError(
                f"vocabulary_size {vocabulary_size} is less than the {self.vocabulary_size} pieces "
                "that this tokenizer has; give a larger one"
            )
        larger = {} if vocabulary_size is None else {"vocabulary_size": vocabulary_size}
        other = type(self)(**self._options | larger)
        return other._use(other._learn(other._normalised(texts), self.vocabulary))

    def _learn(self, texts: Iterable[str], known: tuple[str, ...] = ()) -> list[str]:
        known = known or self._always
        counts = count(texts, self._split)
        minimum = self._options.get("minimum_count", 1)
        frequent = [piece for piece in counts.keys() - {*known} if counts[piece] >= minimum]
        frequent.sort(key=lambda piece: (-counts[piece], piece))  # whatever the order of the texts
        return [*known, *frequent[: max(0, self._options["vocabulary_size"] - len(known))]]

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
    sentence comes back exactly, whatever the vocabulary was learnt from. Any other character that
    was not learnt is UNK.
    """

    kind = "char"
    # Without U+0958 to U+095F: NFC writes each of them as two code points.
    _code_points = (*range(0x20, 0x7F), *range(0x900, 0x958), *range(0x960, 0x980), 0x200C, 0x200D)
    _always = (*SPECIALS, *map(chr, _code_points))
    _split = staticmethod(graphemes)

    def __init__(self, vocabulary_size: int = 2000, lowercase: bool = False) -> None:
        """Learn up to `vocabulary_size` pieces; those that are always there count as well."""
        super().__init__(vocabulary_size=vocabulary_size, lowercase=lowercase)

    def _look_up(self, piece: str) -> list[int]:
        return [self._ids.get(part, UNK) for part in ([piece] if piece in self._ids else piece)]

    def _decode(self, ids: list[int]) -> str:
        return "".join(self.vocabulary[index] for index in ids)


class WordTokenizer(_LookUpTokenizer):
    """Pieces are words and punctuation marks; a word without an id comes back as "<unk>"."""

    kind = "word"
    _split = staticmethod(words)

    def __init__(
        self, vocabulary_size: int = 20_000, minimum_count: int = 1, lowercase: bool = False
    ) -> None:
        """Learn up to `vocabulary_size` pieces that occur at least `minimum_count` times."""
        super().__init__(
            vocabulary_size=vocabulary_size, minimum_count=minimum_count, lowercase=lowercase
        )

    def _decode(self, ids: list[int]) -> str:
        return join_words(self.vocabulary[index] for index in ids)


class SubwordTokenizer(Tokenizer):
    """Pieces come from a SentencePiece unigram model, run by tensorflow-text; no text needs UNK.

    A character that is too rare for a piece of its own is spelt with its UTF-8 bytes, so that every
    sentence comes back exactly. Source: Kudo 2018 (arXiv 1804.10959).
    """

    kind = "subword"

    def __init__(self, vocabulary_size: int = 4000, lowercase: bool = False) -> None:
        """Learn up to `vocabulary_size` pieces; raise InputError without tensorflow-text."""
        super().__init__(vocabulary_size=vocabulary_size, lowercase=lowercase)
        try:
            from tensorflow_text import SentencepieceTokenizer
        except ImportError as error:
            raise InputError(
                "subword needs tensorflow-text, which is not installed (on Windows it cannot be); "
                "use word or char"
            ) from error
        self._make_processor = SentencepieceTokenizer

    def _learn(self, texts: Iterable[str]) -> str:
        model = train_sentencepiece(texts, self._options["vocabulary_size"], SPECIALS)
        return base64.b64encode(model).decode()

    def _prepare(self, learnt: str) -> Iterable[str]:
        from sentencepiece import SentencePieceProcessor

        model = with_pieces_of(base64.b64decode(learnt, validate=True), SPECIALS)
        pieces = SentencePieceProcessor(model_proto=model)
        self._processor = self._make_processor(model=model, out_type="int32")
        return map(pieces.id_to_piece, range(pieces.get_piece_size()))

    def _encode(self, texts: list[str]) -> list[list[int]]:
        return self._run("tokenize", texts).to_list() if texts else []

    def _decode(self, ids: list[int]) -> str:
        return self._run("detokenize", ids).numpy().decode() if ids else ""

    def _run(self, method: str, given: list) -> Any:
        from tensorflow.errors import NotFoundError

        try:
            return getattr(self._processor, method)(given)
        except NotFoundError:
            # A new random seed makes TensorFlow delete its operations, and this model with them.
            self._prepare(self._learnt)
            return getattr(self._processor, method)(given)


TOKENIZERS = {each.kind: each for each in (WordTokenizer, CharTokenizer, SubwordTokenizer)}
load_tokenizer = Tokenizer.load


def tokenizer(kind: str, **options: Any) -> Tokenizer:
    """Make a tokenizer of a kind.

    Args:
        kind: "word", "char" or "subword".
        options: What the class of that kind takes, such as `vocabulary_size`.

    Raises:
        InputError: No tokenizer is of that kind.
    """
    if kind not in TOKENIZERS:
        raise InputError(f"no tokenizer is called {kind!r}; use one of {', '.join(TOKENIZERS)}")
    return TOKENIZERS[kind](**options)
