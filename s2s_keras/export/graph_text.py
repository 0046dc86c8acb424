r"""Equals `text.normalise`, `text.words` and `join_words`, in operations of TensorFlow.

TensorFlow's regular expressions (RE2) look at nothing beside a match, and remember nothing in it.
So a match takes its neighbours along and puts them back, and is repeated until nothing changes. A
space that nobody writes is marked first (`_GONE`), and stays a space to the other rules.

Not equal are: addresses of the web and of mail, whose spaces stay; and quotation marks that are odd
in number, or straight ones that nest, which `join_words` reads as a whole. Nothing but spaces
differs. What is a letter may differ in characters that are newer than RE2's Unicode.
"""

import sys
from collections.abc import Callable, Sequence

import regex
import tensorflow as tf

from ..text import joining, normalisation

_JOINER = r"\x{200C}\x{200D}"
_LETTER = rf"[\p{{L}}\p{{M}}\p{{N}}{_JOINER}]"
_GONE = "\x1e"
_S = f"[ {_GONE}]"
_END = f"(?:{_S}|$)"  # (?!\S), with the space
_START = f"(?:^|{_S})"

# Letters, with the decimals of a number: 3.5, 1,000.
_SEGMENT = rf"(?:{_LETTER}*\p{{N}}(?:[.,]\p{{N}}+)+|{_LETTER}+)"
_WORD = rf"{_SEGMENT}(?:['’-]{_SEGMENT})*|\S"

# The spaces of `joining._UNWRITTEN`, in its order: what stands before and after.
_UNWRITTEN = [
    ("", r"[,.?!।॥॰:;…%‰′″»›\p{Pe}]"),
    (r"[«‹\p{Ps}]", ""),
    (r"\p{N}", rf"[:–]{_S}\p{{N}}"),
    (rf"\p{{N}}{_S}[:–]", r"\p{N}"),
    ("", rf"[/\\]{_S}"),
    (rf"{_S}[/\\]", ""),
    (_LETTER, rf"_{_S}{_LETTER}"),
    (rf"{_LETTER}{_S}_", _LETTER),
    (rf"{_START}[\p{{Sc}}~]", r"\p{N}"),
    (r"\p{N}", rf"\p{{Sc}}(?:$|[^ {_GONE}]|{_S}$|{_S}\P{{N}})"),
    (rf"{_START}[#@]", _LETTER),
    (rf"(?:^|[^\p{{N}}\p{{L}} {_GONE}]{_S}|[^ {_GONE}]\p{{L}}{_S})[+−]", r"\p{N}"),
    (rf"(?:^|[(\[]{_S})-", r"\p{N}"),
    (r"\p{N}", "°"),
    (rf"\p{{N}}{_S}°", rf"[CF]{_END}"),
    (":", rf"-{_END}"),
    (rf"(?:^(?:[\"']{_S})?|[“‘]{_S})(?:\.\.+|…)", ""),
]


def _class(matches: Callable[[str], bool]) -> str:
    """Return the characters for which something holds as a class of RE2, in ranges."""
    numbers = [n for n in range(sys.maxunicode + 1) if matches(chr(n))]
    firsts = [n for n, before in zip(numbers, [-2, *numbers], strict=False) if n - 1 != before]
    lasts = [n for n, after in zip(numbers, [*numbers[1:], -1], strict=True) if n + 1 != after]
    ranges = zip(firsts, lasts, strict=True)
    return "[" + "".join(rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in ranges) + "]"


def normalise(text, lowercase: bool = False):
    """Return what `text.normalise` does, for strings `(n,)`."""
    import tensorflow_text

    invisible = _class(lambda character: bool(normalisation._INVISIBLE.match(character)))
    text = tf.strings.regex_replace(text, r"\x00", "")  # what lowers stops there
    text = tf.strings.lower(text, "utf-8") if lowercase else text
    text = tensorflow_text.normalize_utf8(tf.strings.regex_replace(text, invisible, ""), "NFC")
    # A joiner needs a letter or a mark after it, and a letter with its marks before it.
    text = tf.strings.regex_replace(text, rf"[{_JOINER}]+([^\p{{L}}\p{{M}}{_JOINER}]|$)", r"\1")
    loose = rf"((?:^|[^\p{{L}}\p{{M}}{_JOINER}])\p{{M}}*)[{_JOINER}]+"
    text = _until_same(text, lambda text: tf.strings.regex_replace(text, loose, r"\1"))
    text = tensorflow_text.normalize_utf8(text, "NFC")
    return tf.strings.strip(tf.strings.regex_replace(text, _class(str.isspace) + "+", " "))


def words(text):
    """Return what `text.words` does, for normalised strings `(n,)`: ragged `(n, words)`."""
    return tf.strings.split(tf.strings.regex_replace(text, f"({_WORD})", r"\1 "))


def joiner(vocabulary: Sequence[str]) -> Callable:
    """Return a function that joins as `join_words` does, for pieces with one space between them.

    Args:
        vocabulary: of the target; only its marks can be repeated.
    """
    kinds = regex.compile(r"(?![\"'])[\p{Po}\p{Pd}\p{Pc}\p{S}]")
    marks = [regex.escape(piece) for piece in vocabulary if kinds.fullmatch(piece)]
    repeated = [(rf"{_START}{mark}", rf"{mark}{_END}") for mark in marks]
    short = joining._SHORT
    abbreviation = rf"{short}(?: \. {short})+ \.( |$)|{short}(?: ॰ {short})+( |$)"

    def join(text):
        text = _without(_until_same(text, lambda text: _mark(text, repeated)))
        text = _until_same(text, lambda text: _whole(text, abbreviation))
        text = _without(_until_same(text, lambda text: _mark(text, _UNWRITTEN)))
        for opening, closing in ("''", "‘’", '""', "“”"):
            inside = f" ?([^{opening}{closing}]*[^{opening}{closing} ]) ?"
            text = tf.strings.regex_replace(
                text, f"(^|[ (]){opening}{inside}{closing}( ?)", rf"\1{opening}\2{closing}\3"
            )
        return text

    return join


def _mark(text, spaces: Sequence[tuple[str, str]]):
    """Mark every space between one of the pairs of what stands before and after it."""
    for before, after in spaces:
        text = tf.strings.regex_replace(text, f"({before}) ({after})", rf"\1{_GONE}\2")
    return text


def _without(text):
    return tf.strings.regex_replace(text, _GONE, "")


def _whole(text, pattern: str):
    """Take the spaces out of what matches between spaces, and leave the one after it."""
    apart = tf.strings.regex_replace(text, f"(^| )({pattern})", "\\1\x1d\\2\x1d")
    parts = tf.strings.split(apart, "\x1d")
    odd = tf.ragged.range(parts.row_lengths()).flat_values % 2 == 1
    inside = tf.strings.regex_replace(parts.flat_values, " (.)", r"\1")
    flat = tf.where(odd, inside, parts.flat_values)
    return tf.strings.reduce_join(parts.with_flat_values(flat), axis=1)


def _until_same(text, change: Callable):
    """Change strings until they stay as they are."""
    shape = (tf.TensorShape([]), tf.TensorShape([None]))
    return tf.while_loop(
        lambda going, _: going,
        lambda _, text: (lambda new: (tf.reduce_any(new != text), new))(change(text)),
        (tf.constant(True), text),
        shape_invariants=shape,
    )[1]
