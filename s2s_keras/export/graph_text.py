r"""Equals `normalise`, `words`, `graphemes` and `join_words` of `text`, as TensorFlow's operations.

TensorFlow's regular expressions (RE2) look at nothing beside a match, and remember nothing in it.
So a match takes its neighbours along and puts them back, and is repeated until nothing changes. A
space that nobody writes is marked first (`_GONE`), and stays a space to the other rules.

Not equal are: addresses of the web and of mail, whose spaces stay; and quotation marks that are odd
in number, or straight ones that nest, which `join_words` reads as a whole. Nothing but spaces
differs. What is a letter may differ in characters that are newer than RE2's Unicode.
"""

import functools
import sys
from collections.abc import Callable, Iterable, Sequence

import regex
import tensorflow as tf

from ..text.joining import REPEATABLE, SHORT, UNWRITTEN
from ..text.normalisation import INVISIBLE

_JOINER = r"\x{200C}\x{200D}"
_LETTER = rf"[\p{{L}}\p{{M}}\p{{N}}{_JOINER}]"
_GONE, _CUT = "\x1e", "\x1d"  # control characters, which no normalised text has
_S = f"[ {_GONE}]"
_END = f"(?:{_S}|$)"  # (?!\S), with the space
_START = f"(?:^|{_S})"

# Letters, with the decimals of a number: 3.5, 1,000.
_SEGMENT = rf"(?:{_LETTER}*\p{{N}}(?:[.,]\p{{N}}+)+|{_LETTER}+)"
_WORD = rf"{_SEGMENT}(?:['’-]{_SEGMENT})*|\S"

# How RE2 says what the rules of `joining` say; those that look around need another wording.
_WORDING = {r"(?<!\S)": _START, r"(?!\S)": _END, r"\p{Join_C}": _JOINER, " ": _S}
_ANOTHER = {
    r"\p{Sc}(?! \p{N})": rf"\p{{Sc}}(?:$|[^ {_GONE}]|{_S}$|{_S}\P{{N}})",
    r"(?<!\p{N} |(?<!\S)\p{L} )(?<!\S)[+−]": (
        rf"(?:^|[^\p{{N}}\p{{L}} {_GONE}]{_S}|[^ {_GONE}]\p{{L}}{_S})[+−]"
    ),
}


def _in_re2(rule: str) -> str:
    if rule in _ANOTHER:
        return _ANOTHER[rule]
    return functools.reduce(lambda said, word: said.replace(*word), _WORDING.items(), rule)


_UNWRITTEN = [(_in_re2(before), _in_re2(after)) for before, after in UNWRITTEN]


@functools.cache
def _every_character() -> str:
    return "".join(map(chr, range(sys.maxunicode + 1)))


def _class(characters: Iterable[str]) -> str:
    """Return characters, which are given in order, as a class of RE2, in ranges."""
    numbers = [*map(ord, characters)]
    firsts = [n for n, before in zip(numbers, [-2, *numbers], strict=False) if n - 1 != before]
    lasts = [n for n, after in zip(numbers, [*numbers[1:], -1], strict=True) if n + 1 != after]
    ranges = zip(firsts, lasts, strict=True)
    return "[" + "".join(rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in ranges) + "]"


def _having(*properties: str) -> str:
    """Return the characters that have one of some properties as a class of RE2."""
    any_of = "".join(rf"\p{{{name}}}" for name in properties)
    return _class(regex.findall(f"[{any_of}]", _every_character()))


@functools.cache
def _grapheme() -> str:
    """Return the pattern of a grapheme cluster: table 1b of Unicode Standard Annex #29."""
    lead, vowel, tail, with_vowel, with_both = (
        _having(f"GCB={name}") for name in ("L", "V", "T", "LV", "LVT")
    )
    flag, picture = _having("GCB=RI"), _having("Extended_Pictographic")
    consonant, between = _having("InCB=Consonant"), _having("InCB=Extend", "InCB=Linker")
    linked = f"{between}*{_having('InCB=Linker')}{between}*{consonant}"
    korean = f"{lead}*(?:{vowel}+|{with_vowel}{vowel}*|{with_both}){tail}*|{lead}+|{tail}+"
    pictures = f"{picture}(?:{_having('GCB=Extend')}*\\x{{200D}}{picture})*"
    control = _having("GCB=Control", "GCB=CR", "GCB=LF")
    core = f"{korean}|{flag}{flag}|{pictures}|{consonant}(?:{linked})+|[^{control[1:]}"
    after = _having("GCB=Extend", "GCB=ZWJ", "GCB=SpacingMark")
    return f"(?:{_having('GCB=Prepend')}*(?:{core}){after}*|(?s:.))"


def normalise(text, lowercase: bool = False):
    """Return what `text.normalise` does, for strings `(n,)`."""
    import tensorflow_text

    invisible = _class(INVISIBLE.findall(_every_character()))
    text = tf.strings.regex_replace(text, r"\x00", "")  # what lowers stops there
    text = tf.strings.lower(text, "utf-8") if lowercase else text
    text = tensorflow_text.normalize_utf8(tf.strings.regex_replace(text, invisible, ""), "NFC")
    # A joiner needs a letter or a mark after it, and a letter with its marks before it.
    text = tf.strings.regex_replace(text, rf"[{_JOINER}]+([^\p{{L}}\p{{M}}{_JOINER}]|$)", r"\1")
    loose = rf"((?:^|[^\p{{L}}\p{{M}}{_JOINER}])\p{{M}}*)[{_JOINER}]+"
    text = _until_same(text, lambda text: tf.strings.regex_replace(text, loose, r"\1"))
    text = tensorflow_text.normalize_utf8(text, "NFC")
    spaces = _class(filter(str.isspace, _every_character()))
    return tf.strings.strip(tf.strings.regex_replace(text, f"{spaces}+", " "))


def words(text):
    """Return what `text.words` does, for normalised strings `(n,)`: ragged `(n, words)`."""
    return tf.strings.split(tf.strings.regex_replace(text, f"({_WORD})", r"\1 "))


def graphemes(text):
    """Return what `text.graphemes` does, for normalised strings `(n,)`: ragged `(n, clusters)`."""
    clusters = tf.strings.split(_cut(text, _grapheme()), _CUT)
    return tf.ragged.boolean_mask(clusters, clusters != "")


def spelt(pieces, whole):
    """Write some pieces as their code points.

    Args:
        pieces: ragged `(n, pieces)`.
        whole: `(all pieces,)`, which of them stay as they are.
    """
    apart = tf.where(whole, pieces.flat_values, _cut(pieces.flat_values, "(?s:.)"))
    points = tf.strings.split(apart, _CUT)
    points = tf.ragged.boolean_mask(points, points != "")
    return pieces.with_flat_values(points).merge_dims(1, 2)


def joiner(vocabulary: Sequence[str]) -> Callable:
    """Return a function that joins as `join_words` does, for pieces with one space between them.

    Args:
        vocabulary: of the target; only its marks can be repeated.
    """
    marks = [regex.escape(piece) for piece in vocabulary if regex.fullmatch(REPEATABLE, piece)]
    repeated = [(rf"{_START}{mark}", rf"{mark}{_END}") for mark in marks]
    abbreviation = rf"{SHORT}(?: \. {SHORT})+ \.( |$)|{SHORT}(?: ॰ {SHORT})+( |$)"

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


def _cut(text, pattern: str):
    """Put a mark behind everything that matches."""
    return tf.strings.regex_replace(text, f"({pattern})", rf"\1{_CUT}")


def _mark(text, spaces: Sequence[tuple[str, str]]):
    """Mark every space between one of the pairs of what stands before and after it."""
    for before, after in spaces:
        text = tf.strings.regex_replace(text, f"({before}) ({after})", rf"\1{_GONE}\2")
    return text


def _without(text):
    return tf.strings.regex_replace(text, _GONE, "")


def _whole(text, pattern: str):
    """Take the spaces out of what matches between spaces, and leave the one after it."""
    apart = tf.strings.regex_replace(text, f"(^| )({pattern})", rf"\1{_CUT}\2{_CUT}")
    parts = tf.strings.split(apart, _CUT)
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
