"""What is so, who is what, what is where."""

from dataclasses import replace

from .. import english, hindi
from ..draw import NUMBERS, Draw
from ..lexicon import Adjective, Noun, State
from ..meaning import HE, SHE, THEY, WE, YOU, Adverbial, Being, I, Phrase, Pronoun
from .said import Said, pattern, say, tell_or_ask


def the(draw: Draw, noun: Noun) -> Phrase:
    """Draw "the book", "these books", "my book"."""
    plural = noun.is_countable and draw.chance(0.3)
    weights = {"the": 5, "this": 3, "that": 1.5}
    if noun.kind not in ("transport", "scenery", "sky", "building", "animal", "flower", "plant"):
        weights["owner"] = 2
    determiner = draw.weighted(weights if noun.kind != "sky" else {"the": 1})
    if determiner == "owner":
        owner = draw.one((Phrase(I), Phrase(YOU), Phrase(HE), Phrase(SHE), draw.name()))
        return Phrase(noun, plural, owner=replace(owner, also=()))
    return Phrase(noun, plural, determiner)


def described(draw: Draw) -> tuple[Phrase, object]:
    """Draw a subject and an adjective that suits it."""
    while True:
        adjective = draw.one(draw.lexicon.adjectives)
        noun = draw.one(draw.lexicon.chosen(adjective.kinds))
        if noun.note == "name":
            return Phrase(noun), adjective
        if noun.kind in ("person", "kin", "spouse") or noun.note == "honorific":
            somebody = draw.person()
            if somebody.noun in (THEY, WE) or adjective.english in ("bad", "beautiful"):
                continue
            return somebody, adjective
        if noun.kind == "idea":
            continue
        return the(draw, noun), adjective


def _say_it_is(
    draw: Draw,
    subject: Phrase,
    predicate: Adjective | State | Phrase | Adverbial,
    tense: str,
    kind: str,
    *,
    variant: str | None = None,
    **more,
) -> Said:
    """Say that it is so; that it is not, where `kind` is "not"; or ask, where it is "yes-no"."""
    contracted = draw.chance(0.5)
    question = "yes-no" if kind == "yes-no" else ""
    what = Being(subject, predicate, tense, kind == "not", contracted, question=question, **more)
    return tell_or_ask(say(what, f"{tense} {kind}" if variant is None else variant), kind)


@pattern(6)
def is_so(draw: Draw) -> Said:
    """This mango is very sweet."""
    subject, adjective = described(draw)
    tense = draw.weighted({"present": 6, "past": 3})
    kind = draw.weighted({"": 6, "not": 2, "yes-no": 2})
    if kind == "yes-no" and subject.noun in (I, WE):
        subject = draw.name()
    degree = (
        draw.weighted({"": 2, "very": 1})
        if not kind and adjective.comparative and adjective.note != "colour"
        else ""
    )
    return _say_it_is(draw, subject, adjective, tense, kind, degree=degree)


@pattern(4)
def feels(draw: Draw) -> Said:
    """I was very tired yesterday."""
    state = draw.one(draw.lexicon.states)
    tense = draw.weighted({"present": 4, "past": 3, "future": 1})
    if tense == "future" and state.english in ("be raining", "be snowing"):
        tense = "past"
    front = (
        draw.time({"past": "past", "future": "future"}.get(tense, ""), "front")
        if draw.chance(0.5)
        else None
    )
    kind = draw.weighted({"": 5, "not": 2, "yes-no": 2 * (state.english != "be fine")})
    if kind == "yes-no" or state.english == "be dark":
        front = None
    can_be_very = kind == "" and state.verb == "adjective" and state.english != "be fine"
    degree = "very" if can_be_very and draw.chance(0.3) else ""
    who_ = draw.person()
    if kind == "yes-no" and who_.noun in (I, WE):
        who_ = draw.name()
    return _say_it_is(draw, who_, state, tense, kind, degree=degree, front=front)


PROFESSIONS = "doctor teacher farmer driver student writer singer player shopkeeper gardener worker"


@pattern(3)
def is_a(draw: Draw) -> Said:
    """His uncle is a doctor. This is Sita's book."""
    return _profession(draw) if draw.chance(0.5) else _belonging(draw)


def _profession(draw: Draw) -> Said:
    subject = draw.person()
    if not subject.is_pronoun and subject.noun.kind == "person":
        subject = draw.relative()
    kind = draw.weighted({"": 5, "not": 2, "yes-no": 2})
    about_me = subject.noun in (I, WE) or (subject.owner and subject.owner.noun in (I, WE))
    if kind == "yes-no" and about_me:
        subject = Phrase(YOU)
    if subject.agreement.feminine:
        professions = draw.lexicon.chosen("profession") + draw.lexicon.chosen("doctor nurse")
    else:
        professions = [noun for noun in draw.lexicon.chosen(PROFESSIONS) if noun.gender == "m"]
    noun = draw.one(professions)
    plural = bool(subject.also or subject.plural or subject.noun in (WE, THEY))
    predicate = Phrase(noun, plural, "" if plural else "a")
    tense = draw.weighted({"present": 5, "past": 2})
    return _say_it_is(draw, subject, predicate, tense, kind, variant=kind)


def _belonging(draw: Draw) -> Said:
    noun = draw.one(draw.lexicon.chosen(BELONGINGS))
    plural = draw.chance(0.3)
    somebody = (Phrase(one) for one in (I, YOU, HE, SHE, WE))
    owner = draw.one((*somebody, draw.name(), draw.relative()))
    predicate = Phrase(noun, plural, owner=replace(owner, also=()))
    this = draw.one(POINTING)[plural]
    agreement = replace(predicate.agreement, plural=plural)
    kind = draw.weighted({"": 5, "not": 2, "yes-no": 2})
    subject = Phrase(Pronoun(this[0], "", "", this[1], agreement), plural)
    return _say_it_is(draw, subject, predicate, "present", kind, variant=kind)


# Singular and plural of each.
POINTING = ((("this", "यह"), ("these", "ये")), (("that", "वह"), ("those", "वे")))
BELONGINGS = (
    "text clothing thing device dishware gift toy vehicle instrument room house ring school ticket"
)
NEARBY = (("near", "के पास"), ("behind", "के पीछे"), ("in front of", "के सामने"))


def _where(draw: Draw) -> tuple[Noun, Adverbial]:
    """Draw something and where it is: a book, "on the table"."""
    if draw.chance(0.25):
        place = Phrase(draw.one(draw.lexicon.chosen("building park river")), determiner="the")
        word, postposition = draw.one(NEARBY[:1] if place.noun.kind == "scenery" else NEARBY)
        noun = draw.one(
            draw.lexicon.chosen("tree shop school bank hospital temple hotel car taxi park person")
        )
        if noun != place.noun:
            at = Adverbial(
                f"{word} {english.phrase(place)}",
                f"{hindi.phrase(place, True)} {postposition}",
                "place",
            )
            return noun, at
    row = draw.one(draw.lexicon.holders)
    place = Phrase(draw.lexicon.chosen(row.holder)[0], determiner="the")
    is_thing = place.noun.kind in ("furniture", "thing", "room")
    if is_thing and place.noun.note != "one" and draw.chance(0.3):
        place = replace(place, determiner=draw.one(("this", "that")))
    at = Adverbial(
        f"{row.preposition} {english.phrase(place)}", hindi.marked(place, row.case), "place"
    )
    return draw.one([noun for noun in draw.lexicon.chosen(row.things) if noun != place.noun]), at


@pattern(3)
def is_there(draw: Draw) -> Said:
    """The keys are on the table."""
    noun, at = _where(draw)
    subject = the(draw, noun) if noun.note != "honorific" else Phrase(noun, determiner="the")
    tense = draw.weighted({"present": 5, "past": 3})
    kind = draw.weighted({"": 6, "not": 2, "yes-no": 2})
    return _say_it_is(draw, subject, at, tense, kind)


@pattern(2)
def somebody_is_there(draw: Draw) -> Said:
    """My sister is in Delhi. Was Anil at home yesterday?"""
    places = [
        p
        for p in draw.lexicon.places
        if p.hindi_at and p.english not in ("lake", "river", "bus", "India", "road")
    ]
    place = draw.one(places)
    tense = draw.weighted({"present": 4, "past": 3, "future": 2})
    kind = draw.weighted({"": 6, "not": 2, "yes-no": 2})
    front = draw.time(tense, "front") if kind == "" and draw.chance(0.4) else None
    at = Adverbial(place.at, place.hindi_at, "place")
    who_ = draw.person()
    if kind == "yes-no" and who_.noun in (I, WE):
        who_ = draw.name()
    return _say_it_is(draw, who_, at, tense, kind, front=front)


@pattern(3)
def there_is(draw: Draw) -> Said:
    """There are five mangoes in the basket."""
    noun, at = _where(draw)
    while noun.note == "honorific":
        noun, at = _where(draw)
    tense = draw.weighted({"present": 5, "past": 2})
    negative = draw.chance(0.2)
    plural = noun.is_countable and (negative or draw.chance(0.7))
    determiner = (
        ""
        if negative or not noun.is_countable
        else draw.one((*NUMBERS[:9], "many", "some"))
        if plural
        else "a"
    )
    subject = draw.describe(Phrase(noun, plural, determiner), 0.15)
    verb = {"present": ("is", "are"), "past": ("was", "were")}[tense][plural]
    no = " not" if negative else ""
    if negative:
        verb, no = (english.contract(verb) + " any", "") if draw.chance(0.6) else (verb, " no")
    spoken = subject
    if negative and noun.is_human:  # कोई लेखक नहीं था
        spoken = replace(subject, plural=False, determiner="any")
    be = hindi.be(tense, spoken.agreement)
    return Said(
        f"there {verb}{no} {english.phrase(subject)} {at.english}.",
        f"{at.hindi} {hindi.phrase(spoken)} {'नहीं ' if negative else ''}{be}।",
        tense + " not" * negative,
    )
