"""Statements of one clause."""

from dataclasses import replace

from ..draw import Draw
from ..meaning import YOU, Adverbial, Clause
from .said import STATEMENT, Said, join, pattern, say

TENSES = {
    "habitual": 8, "progressive": 8, "past": 12, "future": 8, "past progressive": 4,
    "past habitual": 2, "perfect": 3, "past perfect": 2, "going to": 2, "can": 4, "could": 2,
    "should": 3, "have to": 3, "had to": 2, "will have to": 2, "want to": 4, "wanted to": 2,
    "like to": 2, "know how to": 2, "begin to": 2, "try to": 1.5,
}  # fmt: skip
NEVER_DENIED = ("past habitual", "perfect", "going to", "begin to", "had to", "will have to")


def any_clause(draw: Draw, tenses: dict[str, float] = TENSES, **given) -> Clause:
    """Draw a clause in one of the tenses, negative now and then."""
    tense = draw.weighted(tenses)
    if tense == "could":
        return draw.clause(tense, negative=True, **given)
    negative = tense not in NEVER_DENIED and draw.chance(0.2)
    return draw.clause(tense, negative=negative, **given)


@pattern(17)
def statement(draw: Draw) -> Said:
    """Ravi is reading a book in the library."""
    what = any_clause(draw)
    while what.subject.noun == YOU and what.tense in ("want to", "wanted to", "like to"):
        what = any_clause(draw)  # one does not tell people what they want
    return join(*STATEMENT, say(what, what.tense + " not" * what.negative))


@pattern(5)
def gift(draw: Draw) -> Said:
    """My mother gave me two mangoes."""
    tenses = {t: w for t, w in TENSES.items() if t not in ("like to", "know how to", "begin to")}
    takes_all = {
        t: w for t, w in tenses.items() if t not in ("should", "have to", "had to", "will have to")
    }
    verb = draw.one(draw.lexicon.ditransitives)
    tense = draw.weighted(takes_all)
    negative = tense == "could" or (tense not in NEVER_DENIED and draw.chance(0.15))
    what = draw.clause(tense, verb=verb, negative=negative, adverbials=int(draw.chance(0.5)))
    return join(*STATEMENT, say(what))


@pattern(2)
def not_yet(draw: Draw) -> Said:
    """I have not read the newspaper yet."""
    verbs = [verb for verb in draw.lexicon.verbs if verb.objects]
    what = draw.clause("experience", negative=True, adverbials=0, verb=draw.verb("perfect", verbs))
    return join(
        "{0} yet.", "{0}।", say(replace(what, adverbials=(Adverbial("", "अभी तक", "time"),)))
    )
