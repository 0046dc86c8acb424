"""More, as much, most."""

from .. import english, forms, hindi
from ..draw import Draw, own
from ..meaning import WE, Agreement, Being, I, Phrase
from .being import described
from .said import STATEMENT, Said, join, pattern, say


@pattern(4)
def compared(draw: Draw) -> Said:
    """This mango is sweeter than that banana. Ravi is as tall as Anil."""
    subject, adjective = described(draw)
    while (
        not adjective.comparative
        or adjective.note
        or not (subject.is_pronoun or subject.noun.note != "mass")
    ):
        subject, adjective = described(draw)
    negative = draw.chance(0.15)
    tense = draw.weighted({"present": 5, "past": 1})
    person = subject.is_pronoun or subject.noun.is_human
    if person:
        other = draw.person()
        while (
            other.noun == subject.noun
            or own(other) == own(subject)
            or {other.noun, subject.noun} <= {I, WE}
            or other.determiner not in ("", "the", "this", "that")
        ):
            other = draw.person()
    else:
        others = [
            n
            for n in draw.lexicon.chosen(adjective.kinds)
            if n.kind == subject.noun.kind and n != subject.noun and n.note != "mass"
        ]
        if not others:
            return compared(draw)
        noun = draw.one(others)
        other = Phrase(
            noun,
            subject.plural and noun.is_countable,
            draw.one(("the", "that")) if noun.is_countable else "",
        )
    if draw.chance(0.25) and not negative:
        be = english.form_of_be(tense, english.person_of(subject))[0]
        than = english.phrase(other, object=True)
        hindi_words = (
            hindi.phrase(subject),
            hindi.phrase(other, oblique=True, subject=subject),
            forms.agree(f"जितना {adjective.hindi}", subject.agreement),
            hindi.be(tense, subject.agreement),
        )
        text = f"{english.phrase(subject)} {be} as {adjective.english} as {than}."
        return Said(text, " ".join(hindi_words) + "।", "as")
    what = Being(subject, adjective, tense, negative, draw.chance(0.5), "more", other)
    return join(*STATEMENT, say(what, "more " + tense))


@pattern(1.5)
def superlative(draw: Draw) -> Said:
    """This is the oldest temple in the city."""
    among = draw.one(draw.lexicon.settings)
    noun = draw.one(draw.lexicon.chosen(among.nouns))
    suiting = [
        a
        for a in draw.adjectives(noun)
        if a.superlative and a.note != "colour" and a.english not in ("dirty", "clean", "ripe")
    ]
    if not suiting or noun.english == "village":
        return superlative(draw)
    adjective = draw.one(suiting)
    agreement = Agreement(feminine=noun.gender == "f")
    this = draw.one((("this", "यह"), ("that", "वह")))
    tense = draw.weighted({"present": 5, "past": 1})
    be = english.form_of_be(tense, 1)[0]
    hindi_words = (
        this[1],
        forms.agree(among.hindi, agreement),
        "सबसे",
        forms.agree(adjective.hindi, agreement),
        noun.hindi,
        hindi.be(tense, agreement),
    )
    text = f"{this[0]} {be} the {adjective.superlative} {noun.english} {among.english}."
    return Said(text, " ".join(hindi_words) + "।", tense)
