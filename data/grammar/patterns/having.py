"""Who has, likes, wants, needs, gets what: in Hindi the thing is the subject."""

from dataclasses import replace

from .. import english, forms, hindi
from ..draw import NUMBERS, Draw
from ..lexicon import Verb
from ..meaning import HE, WE, YOU, Agreement, Clause, I, Phrase
from .being import the
from .said import Said, pattern, tell_or_ask

POSSESSIONS = (
    "text clothing thing device ticket toy vehicle cow horse goat dog cat house money instrument "
    "ring necklace"
)
LIKED = {
    "like": "fruit snack drink dish flower song film game language subject music city animal sky "
    "sari kurta story poem",
    "want": "grocery fruit snack drink text thing ticket clothing toy medicine money dish "
    "instrument",
    "need": "thing grocery clothing money medicine ticket vehicle water device holiday job",
}


@pattern(4)
def has(draw: Draw) -> Said:
    """Anil has two brothers. We did not have a car."""
    tense = draw.weighted({"present": 5, "past": 2, "future": 1})
    kind = draw.weighted({"": 6, "not": 2, "yes-no": 2})
    owner = draw.person()
    if kind == "yes-no" and owner.noun in (I, WE):
        owner = draw.name()
    is_kin = not owner.is_pronoun and owner.noun.kind in ("kin", "spouse")
    has_kin = draw.chance(0.3) and not (is_kin and kind == "not")  # "My brother has no brother."
    if has_kin:
        tense, thing = "present", _brothers(draw, kind)
        if not owner.is_pronoun and (owner.plural or owner.also):
            owner = Phrase(HE)
    else:
        thing = _possession(draw, owner, kind)
    spoken = thing
    if kind in ("not", "yes-no") and thing.determiner == "a":
        spoken = replace(thing, determiner="")
    if has_kin and kind == "not":
        spoken = replace(thing, plural=False, determiner="any")
    holder = (
        hindi.possessive(owner, spoken.agreement) if has_kin else hindi.marked(owner, "ke paas")
    )
    be = hindi.be(tense, replace(spoken.agreement, person="वह"))
    spoken_words = (holder, hindi.phrase(spoken), "नहीं" if kind == "not" else "", be)
    text = _english(draw, HAVE, owner, thing, tense, kind)
    return _tell_or_ask(text, spoken_words, kind, f"{'kin' if has_kin else 'thing'} {tense} {kind}")


def _brothers(draw: Draw, kind: str) -> Phrase:
    """Draw "a sister", "two brothers"; without a number where `kind` is "not"."""
    noun = draw.one(draw.lexicon.chosen("brother sister son daughter"))
    if not draw.chance(0.6):
        return Phrase(noun, determiner="a")
    return Phrase(noun, True, "" if kind == "not" else draw.one(NUMBERS[:5]))


def _possession(draw: Draw, owner: Phrase, kind: str) -> Phrase:
    noun = draw.one(draw.lexicon.chosen(POSSESSIONS))
    thing = draw.thing(noun, owner, plain=kind == "not")
    if thing.is_known or thing.owner or thing.determiner == "all the":
        plural = thing.plural
        thing = Phrase(noun, plural, "a" if noun.is_countable and not plural else "")
    return thing


@pattern(5)
def likes(draw: Draw) -> Said:
    """I like mangoes. Do you want tea? She needs a new pen."""
    feeler = draw.person()
    verb = draw.weighted({"like": 4, "want": 3, "need": 2})
    liked = draw.lexicon.chosen(LIKED[verb])
    noun = draw.one([one for one in liked if one.english != "fish"])  # to eat, or to look at?
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
            thing = the(draw, noun) if noun.note != "name" else thing
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
    be = "" if tense == "present" else " " + forms.past_of_be(agreement)
    no = "नहीं" if kind == "not" else ""
    feeling = {
        "like": (hindi.phrase(plain), "पसंद", no, hindi.be("present", agreement)),
        "want": (hindi.phrase(plain), no, "चाहिए", be.strip()),
        "need": (
            hindi.phrase(plain, oblique=True),
            "की ज़रूरत",
            no,
            hindi.be(tense, Agreement(feminine=True)),
        ),
    }[verb]
    text = _english(draw, FEELING[verb], feeler, thing, tense, kind)
    words = (hindi.marked(feeler, "ko"), *feeling)
    return _tell_or_ask(text, words, kind, f"{verb} {tense} {kind}")


def _english(draw: Draw, verb: Verb, subject: Phrase, thing: Phrase, tense: str, kind: str) -> str:
    """Say in English that somebody has or wants something; the Hindi is another construction."""
    what = Clause(
        subject,
        verb,
        {"present": "habitual"}.get(tense, tense),
        thing,
        negative=kind == "not",
        contracted=draw.chance(0.5),
        question="yes-no" if kind == "yes-no" else "",
    )
    return english.clause(what)


def _tell_or_ask(text: str, words: tuple[str, ...], kind: str, variant: str) -> Said:
    asks = ("क्या",) if kind == "yes-no" else ()
    return tell_or_ask(Said(text, " ".join(filter(None, (*asks, *words))), variant), kind)


HAVE = Verb("have", "had", "had", "having", *[""] * 8)
FEELING = {
    "like": Verb("like", "liked", "liked", "liking", *[""] * 8),
    "want": Verb("want", "wanted", "wanted", "wanting", *[""] * 8),
    "need": Verb("need", "needed", "needed", "needing", *[""] * 8),
}


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
    determiner = "a" if noun.is_countable else "the" if noun.note == "one" else ""
    thing = draw.describe(Phrase(noun, determiner=determiner), 0.2)
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
    got = forms.perfective("मिल", replace(thing.agreement, person="वह"))
    return Said(
        f"{english.phrase(who_)} {word} {english.phrase(thing)}{at}{when}.",
        f"{hindi.marked(who_, 'ko')} {hindi_when}{hindi_at}{hindi.phrase(thing)} {got}।",
        word,
    )
