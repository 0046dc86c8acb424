"""What is so, who is what, what is where, who has what."""

from dataclasses import replace

from .. import english, hindi
from ..draw import NUMBERS, Draw, own
from ..lexicon import Noun, State
from ..meaning import HE, SHE, THEY, WE, YOU, Adverbial, Agreement, Being, I, Phrase, Pronoun
from .said import QUESTION, STATEMENT, Said, join, pattern, say


def _the(draw: Draw, noun: Noun) -> Phrase:
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


def _described(draw: Draw) -> tuple[Phrase, object]:
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
        return _the(draw, noun), adjective


@pattern(6)
def is_so(draw: Draw) -> Said:
    """This mango is very sweet."""
    subject, adjective = _described(draw)
    tense = draw.weighted({"present": 6, "past": 3})
    kind = draw.weighted({"": 6, "not": 2, "yes-no": 2})
    degree = (
        draw.weighted({"": 2, "very": 1})
        if not kind and adjective.comparative and adjective.note != "colour"
        else ""
    )
    what = Being(
        subject,
        adjective,
        tense,
        kind == "not",
        draw.chance(0.5),
        degree,
        question=kind.replace("not", ""),
    )
    return join(*(QUESTION if kind == "yes-no" else STATEMENT), say(what, f"{tense} {kind}"))


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
    kind = draw.weighted({"": 5, "not": 1, "yes-no": 2})
    if kind == "yes-no" or state.english == "be dark":
        front = None
    can_be_very = kind == "" and state.verb == "adjective" and state.english != "be fine"
    degree = "very" if can_be_very and draw.chance(0.3) else ""
    who_ = draw.person()
    if kind == "yes-no" and who_.noun in (I, WE):
        who_ = draw.name()
    what = Being(
        who_,
        state,
        tense,
        kind == "not",
        draw.chance(0.5),
        degree,
        front=front,
        question=kind.replace("not", ""),
    )
    return join(*(QUESTION if kind == "yes-no" else STATEMENT), say(what, f"{tense} {kind}"))


PROFESSIONS = "doctor teacher farmer driver student writer singer player shopkeeper gardener worker"


@pattern(3)
def is_a(draw: Draw) -> Said:
    """His uncle is a doctor. This is Sita's book."""
    if draw.chance(0.5):
        subject = draw.person()
        if not subject.is_pronoun and subject.noun.kind == "person":
            subject = draw.relative()
        kind = draw.weighted({"": 5, "not": 2, "yes-no": 2})
        about_me = subject.noun in (I, WE) or (subject.owner and subject.owner.noun in (I, WE))
        if kind == "yes-no" and about_me:
            subject = Phrase(YOU)
        a_woman = subject.agreement.feminine
        noun = draw.one(
            draw.lexicon.chosen("profession") + draw.lexicon.chosen("doctor nurse")
            if a_woman
            else [
                n
                for n in draw.lexicon.chosen(PROFESSIONS)
                if n.kind == "person" and n.gender == "m"
            ]
        )
        plural = bool(subject.also or subject.plural or subject.noun in (WE, THEY))
        predicate = Phrase(noun, plural, "" if plural else "a")
        tense = draw.weighted({"present": 5, "past": 2})
        what = Being(
            subject,
            predicate,
            tense,
            kind == "not",
            draw.chance(0.5),
            question=kind.replace("not", ""),
        )
    else:
        noun = draw.one(
            draw.lexicon.chosen(
                "text clothing thing device dishware gift toy vehicle instrument room house ring school ticket"
            )
        )
        plural = draw.chance(0.3)
        owner = draw.one(
            (
                Phrase(I),
                Phrase(YOU),
                Phrase(HE),
                Phrase(SHE),
                Phrase(WE),
                draw.name(),
                draw.relative(),
            )
        )
        predicate = Phrase(noun, plural, owner=replace(owner, also=()))
        this = draw.one(("this", "that"))
        pointed = Pronoun({"this": "these", "that": "those"}[this] if plural else this, "", "",
                          {"this": "ये", "that": "वे"}[this] if plural else {"this": "यह", "that": "वह"}[this],
                          replace(predicate.agreement, plural=plural))  # fmt: skip
        kind = draw.weighted({"": 5, "not": 2, "yes-no": 2})
        subject = Phrase(pointed, plural)
        what = Being(
            subject,
            predicate,
            "present",
            kind == "not",
            draw.chance(0.5),
            question=kind.replace("not", ""),
        )
    return join(*(QUESTION if kind == "yes-no" else STATEMENT), say(what, kind))


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
    at = Adverbial(f"{row.preposition} {english.phrase(place)}", hindi.marked(place, row.case), "place")
    return draw.one([noun for noun in draw.lexicon.chosen(row.things) if noun != place.noun]), at


@pattern(3)
def is_there(draw: Draw) -> Said:
    """The keys are on the table."""
    noun, at = _where(draw)
    subject = _the(draw, noun) if noun.note != "honorific" else Phrase(noun, determiner="the")
    tense = draw.weighted({"present": 5, "past": 3})
    kind = draw.weighted({"": 6, "not": 2, "yes-no": 2})
    what = Being(
        subject, at, tense, kind == "not", draw.chance(0.5), question=kind.replace("not", "")
    )
    return join(*(QUESTION if kind == "yes-no" else STATEMENT), say(what, f"{tense} {kind}"))


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
    what = Being(
        who_,
        at,
        tense,
        kind == "not",
        draw.chance(0.5),
        front=front,
        question=kind.replace("not", ""),
    )
    return join(*(QUESTION if kind == "yes-no" else STATEMENT), say(what, f"{tense} {kind}"))


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
    verb = {
        ("present", False): "is",
        ("present", True): "are",
        ("past", False): "was",
        ("past", True): "were",
    }[tense, plural]
    no = " not" if negative else ""
    if negative:
        verb, no = (english.contract(verb) + " any", "") if draw.chance(0.6) else (verb, " no")
    be = hindi.be(tense, subject.agreement)
    return Said(
        f"there {verb}{no} {english.phrase(subject)} {at.english}.",
        f"{at.hindi} {hindi.phrase(subject)} {'नहीं ' if negative else ''}{be}।",
        tense + " not" * negative,
    )


@pattern(4)
def compared(draw: Draw) -> Said:
    """This mango is sweeter than that banana. Ravi is the tallest boy in our village."""
    subject, adjective = _described(draw)
    while (
        not adjective.comparative
        or adjective.note
        or not (subject.is_pronoun or subject.noun.note != "mass")
    ):
        subject, adjective = _described(draw)
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
        as_many = hindi.agree("जितना", subject.agreement)
        be = hindi.be(tense, subject.agreement)
        auxiliary = english.form_of_be(tense, english.person_of(subject))[0]
        return Said(
            f"{english.phrase(subject)} {auxiliary} as {adjective.english} as {english.phrase(other, object=True)}.",
            f"{hindi.phrase(subject)} {hindi.phrase(other, oblique=True, subject=subject)} {as_many} {hindi.agree(adjective.hindi, subject.agreement)} {be}।",
            "as",
        )
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
    return Said(
        f"{this[0]} {english.form_of_be(tense, 1)[0]} the {adjective.superlative} {noun.english} {among.english}.",
        f"{this[1]} {hindi.agree(among.hindi, agreement)} सबसे {hindi.agree(adjective.hindi, agreement)} {noun.hindi} {hindi.be(tense, agreement)}।",
        tense,
    )


@pattern(4)
def has(draw: Draw) -> Said:
    """Anil has two brothers. We did not have a car."""
    tense = draw.weighted({"present": 5, "past": 2, "future": 1})
    kind = draw.weighted({"": 6, "not": 2, "yes-no": 2})
    owner = draw.person()
    if kind == "yes-no" and owner.noun in (I, WE):
        owner = draw.name()
    kin = draw.chance(0.3)
    if kin:
        noun = draw.one(draw.lexicon.chosen("brother sister son daughter"))
        tense = "present"
        plural = draw.chance(0.6)
        thing = Phrase(
            noun,
            plural,
            draw.one(NUMBERS[:5]) if plural and kind != "not" else "" if plural else "a",
        )
        if owner.is_pronoun is False and (owner.plural or owner.also):
            owner = Phrase(HE)
        holder = hindi.possessive(owner, thing.agreement)
    else:
        noun = draw.one(
            draw.lexicon.chosen(
                "text clothing thing device ticket toy vehicle cow horse goat dog cat house money instrument ring necklace"
            )
        )
        thing = draw.thing(noun, owner, plain=kind == "not")
        if thing.is_known or thing.owner or thing.determiner == "all the":
            plural = thing.plural
            thing = Phrase(noun, plural, "a" if noun.is_countable and not plural else "")
        holder = hindi.marked(owner, "ke paas")
    spoken = thing
    if kind in ("not", "yes-no") and thing.determiner == "a":
        spoken = replace(thing, determiner="")
    said = Being(
        owner,
        STATE_OF_HAVING,
        tense,
        kind == "not",
        draw.chance(0.5),
        question=kind.replace("not", ""),
    )
    text = english.being(said).replace("IT", english.phrase(thing))
    no, asks = ("नहीं " if kind == "not" else ""), ("क्या " if kind == "yes-no" else "")
    be = hindi.be(tense, replace(thing.agreement, person="वह"))
    mark, danda = ("?", "?") if asks else (".", "।")
    return Said(
        f"{text}{mark}",
        f"{asks}{holder} {hindi.phrase(spoken)} {no}{be}{danda}",
        f"{'kin' if kin else 'thing'} {tense} {kind}",
    )


STATE_OF_HAVING = State("have IT", "", "होना", "m", "")


@pattern(5)
def likes(draw: Draw) -> Said:
    """I like mangoes. Do you want tea? She needs a new pen."""
    feeler = draw.person()
    verb = draw.weighted({"like": 4, "want": 3, "need": 2})
    kinds = {
        "like": "fruit snack drink dish flower song film game language subject music city animal sky sari kurta story poem",
        "want": "grocery fruit snack drink text thing ticket clothing toy medicine money dish instrument",
        "need": "thing grocery clothing money medicine ticket vehicle water device holiday job",
    }[verb]
    noun = draw.one(draw.lexicon.chosen(kinds))
    countable = noun.is_countable
    kind = draw.weighted({"": 5, "not": 2, "yes-no": 2})
    if kind == "yes-no" and feeler.noun in (I, WE):
        feeler = Phrase(YOU)
    if verb == "like":
        thing = Phrase(
            noun,
            countable and (noun.kind != "city"),
            "" if countable and noun.kind != "city" else "the" if countable else "",
        )
        if draw.chance(0.35) and noun.kind != "animal":
            thing = _the(draw, noun) if noun.note != "name" else thing
    elif countable:
        plural = draw.chance(0.4)
        thing = Phrase(
            noun, plural, draw.one(NUMBERS[:5]) if plural and not kind else "" if plural else "a"
        )
    else:
        thing = Phrase(noun)
    if noun.note == "one":
        thing = Phrase(noun, determiner="the")
    thing = draw.describe(thing, 0.15)
    plain = replace(thing, determiner="") if kind and thing.determiner == "a" else thing
    tense = draw.weighted({"present": 6, "past": 2}) if verb != "like" else "present"
    agreement = replace(thing.agreement, person="वह")
    be = "" if tense == "present" else " " + hindi.past_of_be(agreement)
    no, asks = ("नहीं " if kind == "not" else ""), ("क्या " if kind == "yes-no" else "")
    said = {
        "like": lambda: f"{hindi.phrase(plain)} पसंद {no}{hindi.be('present', agreement)}",
        "want": lambda: f"{hindi.phrase(plain)} {no}चाहिए{be}",
        "need": lambda: (
            f"{hindi.phrase(plain, oblique=True)} की ज़रूरत {no}{hindi.be(tense, Agreement(feminine=True))}"
        ),
    }[verb]()
    state = State("have IT", "", "होना", "m", "")
    text = english.being(
        Being(
            feeler, state, tense, kind == "not", draw.chance(0.5), question=kind.replace("not", "")
        )
    )
    forms = {
        "has ": english.third(verb) + " ",
        "had ": verb + ("d " if verb == "like" else "ed "),
        "have ": verb + " ",
    }
    for old, new in forms.items():
        text = text.replace(old + "IT", new + english.phrase(thing))
    mark, danda = ("?", "?") if asks else (".", "।")
    return Said(
        f"{text}{mark}",
        f"{asks}{hindi.marked(feeler, 'ko')} {said}{danda}",
        f"{verb} {tense} {kind}",
    )


@pattern(3)
def gets(draw: Draw) -> Said:
    """I found a key on the road. Meena got a letter yesterday."""
    who_ = draw.person()
    found = draw.chance(0.5)
    noun = draw.one(
        draw.lexicon.chosen(
            "key ring ticket ball pen bag money phone"
            if found
            else "letter message gift report job news ticket money holiday"
        )
    )
    thing = draw.describe(Phrase(noun, determiner="a" if noun.is_countable else "the" if noun.note == "one" else ""), 0.2)
    time = draw.time("past", "end") if draw.chance(0.6) else None
    if time and time.hindi.endswith(" पहले"):  # which would want मिला था
        time = None
    place = (
        draw.places[draw.one(("road", "market", "park", "garden", "station"))]
        if found and draw.chance(0.6)
        else None
    )
    when, hindi_when = (f" {time.english}", f"{time.hindi} ") if time else ("", "")
    at, hindi_at = (f" {place.at}", f"{place.hindi_at} ") if place else ("", "")
    word = "found" if found else "got"
    return Said(
        f"{english.phrase(who_)} {word} {english.phrase(thing)}{at}{when}.",
        f"{hindi.marked(who_, 'ko')} {hindi_when}{hindi_at}{hindi.phrase(thing)} {hindi.perfective('मिल', replace(thing.agreement, person='वह'))}।",
        word,
    )
