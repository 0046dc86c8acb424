"""Unicode: one spelling for equal sentences, and where characters and words begin and end."""

import unicodedata

import regex

# Characters that no reader sees. White space is not among them, as it becomes a space, nor are the
# joiners, which belong to the spelling.
INVISIBLE = regex.compile(r"(?V1)[[\p{Cc}\p{Cs}[\p{Cf}&&\p{DI}]]--[\s\p{Join_C}]]")
# A joiner (ZWJ, ZWNJ) changes the shape of the letters before and after it. Without a letter on
# each side it has no effect.
_NOT_AFTER_LETTER = r"(?<!\p{L}[\p{M}\p{Join_C}]*)"
_LOOSE_JOINER = regex.compile(
    rf"\p{{Join_C}}++(?![\p{{L}}\p{{M}}])|{_NOT_AFTER_LETTER}\p{{Join_C}}++"
)
# The standard library's \w has no vowel signs, because they are marks: it would cut हिन्दी at each.
_LETTERS = r"[\p{L}\p{M}\p{N}\p{Join_C}]+"
_WORD = regex.compile(rf"{_LETTERS}(?:['’-]{_LETTERS}|(?<=\p{{N}})[.,]\p{{N}}+)*|\S")


def normalise(text: str, lowercase: bool = False) -> str:
    """Return the one spelling that equal sentences share; to normalise it again changes nothing.

    It is in NFC (Unicode Standard Annex #15: U+0958 to U+095F become a consonant and a nukta). It
    has single spaces, and no invisible characters but the joiners inside a word, which belong to
    the spelling.

    Args:
        text: Any text.
        lowercase: Whether capital letters become small ones.
    """
    text = INVISIBLE.sub("", text.lower() if lowercase else text)
    text = _LOOSE_JOINER.sub("", unicodedata.normalize("NFC", text))
    # Characters that are neighbours only now may compose, so NFC is applied again.
    return " ".join(unicodedata.normalize("NFC", text).split())


def graphemes(text: str) -> list[str]:
    """Split text into grapheme clusters, a reader's characters (Unicode Annex #29): कि, ता, ब."""
    return regex.findall(r"\X", text)


def words(text: str) -> list[str]:
    """Split text into words and punctuation marks such as "।"; each mark is a piece of its own."""
    return _WORD.findall(text)
