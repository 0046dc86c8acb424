"""Joining words and marks to a sentence again: which spaces between them does nobody write?

Most marks are always written in one way: a comma follows its word, a bracket precedes it. A few
depend on their neighbours: "5:30" has no space after the colon, "see: 30" has one. And a straight
quotation mark opens or closes, which only the whole sentence tells.

Where people write both, the more frequent way was chosen by counting English and Hindi text: a dash
between words has spaces ("a — b"), and so has what follows an ellipsis ("a... b").
"""

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

import regex

_WORD = r"[\p{L}\p{M}\p{N}\p{Join_C}]"
# Parts of an abbreviation, as in "e.g.", "U.S.", "यू.एस.", "कि.मी.", "सी॰ई॰आर॰एन". The Hindi ones
# are the names of the Latin letters, and the first syllables of units of measure.
SHORT = (
    r"(?:\p{Latin}|Ph|ए|बी|सी|डी|ई|एफ|एफ़|जी|एच|आई|जे|के|एल|एम|एन|ओ|पी|क्यू|आर|एस|टी|यू|वी"
    r"|डब्ल्यू|एक्स|वाई|ज़ेड|जेड|कि|मि|से|मी|ली|ग्रा|पू)"
)
# Parts of an address. ".in" makes one in Hindi only: "at 5 p.m. in Delhi".
_PART, _SMALL = r"[A-Za-z0-9]\S*", r"[a-z]\S*"
_DOMAIN = rf"(?:{_SMALL} \. ){{1,9}}(?:com|edu|gov|info|net|org|in(?= \p{{Devanagari}}))(?!\S)"
_MAILBOX = rf"{_PART}(?: [._] {_PART}){{,9}} @ {_PART}"
_ADDRESS = (
    rf"(?:(?:https?|ftp) : // {_PART}|www \. {_PART}|{_MAILBOX}|{_DOMAIN})"
    rf"(?: \. {_SMALL}| [/_~\#@=]++ {_WORD}\S*| [?&] {_PART}(?= =)| : \d++)*+(?: /)?"
)

# These have no spaces inside. A look at the second piece rules most words out.
_WHOLE = regex.compile(
    r"(?<!\S)(?=\S++ [._@:॰])"
    rf"(?:{SHORT}(?: \. {SHORT})+ \.(?!\S)|{SHORT}(?: ॰ {SHORT}(?!\S))+|{_ADDRESS})"
)
# What stands before and after a space that nobody writes. The general categories of Unicode tell
# what belongs to a kind in every script: L letters, M marks such as vowel signs, N numbers, Sc
# currency signs, Ps and Pe opening and closing brackets.
UNWRITTEN = [
    # marks that follow a word, and marks that precede one
    ("", r"[,.?!।॥॰:;…%‰′″»›\p{Pe}]"),
    (r"[«‹\p{Ps}]", ""),
    # 5:30, 1000–1300
    (r"\p{N}", r"[:–] \p{N}"),
    (r"\p{N} [:–]", r"\p{N}"),
    # और/या, 1/2, C:\a
    ("", r"[/\\] "),
    (r" [/\\]", ""),
    # snake_case
    (_WORD, rf"_ {_WORD}"),
    (rf"{_WORD} _", _WORD),
    # ₹500, $5, ~5; but 5€
    (r"(?<!\S)[\p{Sc}~]", r"\p{N}"),
    (r"\p{N}", r"\p{Sc}(?! \p{N})"),
    # #5, #word, @name
    (r"(?<!\S)[\#@]", _WORD),
    # +5, but 2 + 3 and x + 3; -5 where a text or a bracket begins
    (r"(?<!\p{N} |(?<!\S)\p{L} )(?<!\S)[+−]", r"\p{N}"),
    (r"(?:^|[(\[] )-", r"\p{N}"),
    # 30°C
    (r"\p{N}", "°"),
    (r"\p{N} °", r"[CF](?!\S)"),
    # ":-" before a list, "..." at the beginning of a text or a quotation
    (":", r"-(?!\S)"),
    (r"(?:^(?:[\"'] )?|[“‘] )(?:\.\.+|…)", ""),
]
_SPACES = regex.compile(
    " (?:" + "|".join(f"(?<={before} )(?={after})" for before, after in UNWRITTEN) + ")"
)
# A mark that is repeated is written as one: "...", "--", "!!". Two quotation marks are two. Po is
# other punctuation, Pd dashes, Pc low lines, S symbols.
REPEATABLE = r"(?![\"'])[\p{Po}\p{Pd}\p{Pc}\p{S}]"
_REPEATED = regex.compile(rf"(?<!\S)({REPEATABLE})(?: \1(?!\S))++")
# Double and single quotation marks that touch no word; others are apostrophes ("don't", 5'9").
_QUOTES = [
    regex.compile(rf" ?(?<!{_WORD})(?P<mark>[{marks}])(?!{_WORD}) ?") for marks in ("'‘’", '"“”')
]
_OPENS = {"‘": True, "“": True, "’": False, "”": False}  # which side these marks show
# How odd a reading of the marks is: by each thing that must be assumed, and that cannot be right.
_ASSUMED, _WRONG = 2, 6
_SPACES_AND_QUOTES = " '\"‘’“”"
_CLOSED = regex.compile(r"$|[,.?!।](?!\.)")  # what stands after a quotation, not "...", begins so
# What stands before a straight mark that does not quote: 6' tall, 17" wide, the books' covers.
_MAY_BE_NO_QUOTE = {"'": regex.compile(r"(?:\p{N}|\p{Latin}{3}s)$"), '"': regex.compile(r"\p{N}$")}


class _Quote(NamedTuple):
    """A quotation mark among the rest of a sentence, which is without spaces and other quotes.

    Attributes:
        mark: The mark.
        length_before: How much of the rest stands before it.
        before: The few characters before it.
        after: The few characters after it.
    """

    mark: str
    length_before: int
    before: str
    after: str


def join_words(words: Iterable[str]) -> str:
    """Join what `words` split, with the spaces that people write.

    What comes back is a good guess: sentences that differ in their spaces alone may have the same
    words. Nothing but spaces is added.

    Args:
        words: Words and marks, none with a space in it.
    """
    text = _REPEATED.sub(_without_spaces, " ".join(words))
    text = _SPACES.sub("", _WHOLE.sub(_without_spaces, text))
    for quotes in _QUOTES:
        text = _join_quotes(text, quotes)
    return text


def _without_spaces(match: regex.Match) -> str:
    return match[0].replace(" ", "")


def _join_quotes(text: str, pattern: regex.Pattern) -> str:
    """Join each opening mark to what follows it, and each closing one to what precedes it."""
    quotes = []
    for match in pattern.finditer(text):
        before = text[: match.start()].rstrip(_SPACES_AND_QUOTES)
        after = text[match.end() :].lstrip(_SPACES_AND_QUOTES)
        quotes.append(_Quote(match["mark"], len(before), before[-4:], after[:2]))
    if not quotes:
        return text
    readings = [_read(quotes, *how) for how in product((False, True), repeat=3)]
    opens = iter(min(readings, key=lambda reading: reading[0])[1])
    return pattern.sub(lambda m: m[0].rstrip() if next(opens) else m[0].lstrip(), text)


def _read(
    quotes: list[_Quote], inside: bool, in_turn: bool, apostrophes: bool
) -> tuple[int, list[bool]]:
    """Read the marks of a sentence in one of eight ways, of which the least odd is the best.

    Args:
        quotes: The marks, of which the straight ones open and close in turn.
        inside: Whether the sentence begins inside a quotation.
        in_turn: Whether the others do so too, whatever side they show: many write “a“ and ”a“.
        apostrophes: Whether a straight mark is an apostrophe or a sign where it may be one.

    Returns:
        How odd the sentence is when read so, and which of the marks open.
    """
    odd = _ASSUMED * inside + _ASSUMED * in_turn + apostrophes
    opens, enclosing = [], None
    for mark, length_before, before, after in quotes:
        straight = mark not in _OPENS
        may_be_none = straight and bool(_MAY_BE_NO_QUOTE[mark].search(before))
        if apostrophes and may_be_none:
            opens.append(False)
            continue
        opens.append(not inside if straight or in_turn else _OPENS[mark])
        if opens[-1]:
            odd += _ASSUMED * may_be_none + _WRONG * bool(_CLOSED.match(after))
            # Another quotation may begin inside one, but after a word: after a mark, one ends.
            odd += inside * (_WRONG if before[-1:] in ",.?!।…" else 1)
        else:
            odd += _WRONG * (not before or inside and length_before == enclosing)
        inside, enclosing = opens[-1], length_before
    # A sentence may well end inside a quotation, but a mark that shows no side is better closed.
    return odd + _ASSUMED * (inside and (in_turn or quotes[-1].mark not in _OPENS)), opens
