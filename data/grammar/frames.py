"""The frame of an English sentence: its small words in order, and gaps for all others.

"My brother is in the garden." and "The book is in that box." have the frame "_ is in _ .", "Is he
at home?" has "is P at _ ?". Two sentences of one frame say different things in one shape.
"""

import re


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


PRONOUNS = _set("i you he she it we they")
# These show no shape: they stand before a noun and go into its gap.
DETERMINERS = _set("a an the my your his her its our their this that these those")
SMALL_WORDS = _set(
    """
    me him us them mine yours hers ours theirs who whom whose which what when where why how if
    because so although though unless until since while before after whenever wherever and or but
    nor not no yes either neither both also only even just too enough than then there here am is are
    was were be been being do does did done have has had having will would shall should can could
    may might must ought used to going of in on at by for from with without about into onto over
    under between behind near up down out off away back again never always often sometimes ever yet
    already still now today tomorrow yesterday please very much many more most some any every each
    all none nobody nothing nowhere somebody someone something anybody anyone anything everybody
    everyone everything one ones let instead except like as once rather better whether
    """
)
CONTRACTED = (
    (r"\bcan't\b|\bcannot\b", "can not"), (r"\bwon't\b", "will not"), (r"n't\b", " not"),
    (r"'m\b", " am"), (r"'re\b", " are"), (r"'ve\b", " have"), (r"'ll\b", " will"),
    (r"'d\b", " would"), (r"\blet's\b", "let us"),
    (r"\b(he|she|it|that|what|where|who|how|there|here)'s\b", r"\1 is"),
)  # fmt: skip


def frame(sentence: str) -> str:
    """Return the frame of a sentence.

    Pronouns that are subjects are P; what is no small word is "_", and neighbouring gaps are one.
    """
    text = sentence.lower()
    for short, full in CONTRACTED:
        text = re.sub(short, full, text)
    said: list[str] = []
    for token in re.findall(r"[a-z]+(?:['-][a-z]+)*|[.,?!]", text):
        gap = token in DETERMINERS or token.isalpha() and token not in SMALL_WORDS | PRONOUNS
        word = "_" if gap or "'" in token or "-" in token else token
        word = "P" if word in PRONOUNS else word
        if word != "_" or said[-1:] != ["_"]:
            said.append(word)
    return " ".join(said)
