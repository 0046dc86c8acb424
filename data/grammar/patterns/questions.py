"""Questions."""

from dataclasses import replace

from .. import hindi
from ..draw import NUMBERS, Draw
from ..lexicon import Noun, Verb
from ..meaning import WE, WHAT, WHO, Adverbial, Clause, I, Phrase
from .said import QUESTION, Said, join, pattern, say
from .statements import TENSES


def asked_about(draw: Draw, verb: Verb, tense: str) -> Phrase:
    """Draw whom a question is about: nobody asks what he himself did, but "Can I", "Should we"."""
    while True:
        subject = draw.subject(verb)
        if subject.determiner == "some":
            continue
        if subject.noun not in (I, WE) or tense in ("can", "should", "have to"):
            return subject


@pattern(5)
def yes_no(draw: Draw) -> Said:
    """Are you going to the market tomorrow?"""
    tenses = {
        t: w
        for t, w in TENSES.items()
        if t not in ("past habitual", "begin to", "past perfect", "perfect", "could")
    }
    tense = draw.weighted(tenses)
    adverbials = draw.weighted({0: 5, 1: 4})
    verb = draw.verb(tense)
    subject = asked_about(draw, verb, tense)
    what = draw.clause(
        tense, subject=subject, verb=verb, question="yes-no", adverbials=adverbials, front=False
    )
    return join(*QUESTION, say(what))


@pattern(1.5)
def have_you_ever(draw: Draw) -> Said:
    """Have you ever seen an elephant?"""
    row = draw.one(draw.lexicon.experiences)
    noun = draw.one(draw.lexicon.chosen(row.objects))
    verb = draw.one([v for v in draw.verbs_called(row.verb) if draw.suits(v, noun)])
    who_ = draw.person()
    if who_.determiner in ("some", "many", *NUMBERS):
        who_ = replace(who_, determiner="this")
    thing = Phrase(noun, determiner="a" if noun.is_countable else "")
    what = Clause(
        draw.name() if who_.noun in (I, WE) else who_,
        verb,
        "experience",
        thing,
        adverbials=(Adverbial("ever", "कभी", "middle"),),
        question="yes-no",
    )
    if noun.kind == "instrument":
        what = replace(what, object=replace(what.object, determiner="the"))
    bare = replace(what, object=replace(what.object, determiner=""))
    said = say(what)
    return join(*QUESTION, replace(said, hindi=hindi.clause(bare)))


ASKED = {
    "habitual": 3,
    "progressive": 4,
    "past": 6,
    "future": 4,
    "past progressive": 2,
    "can": 1,
    "want to": 2,
}


@pattern(3)
def who(draw: Draw) -> Said:
    """Who broke the window?"""
    tense = draw.weighted(ASKED)
    return join(*QUESTION, say(draw.clause(tense, subject=Phrase(WHO), plain=True, front=False)))


@pattern(3)
def what_or_whom(draw: Draw) -> Said:
    """What are you reading in the library?"""
    tense = draw.weighted(ASKED)
    verb = draw.verb(
        tense,
        [
            v
            for v in draw.lexicon.verbs
            if v.case in ("direct", "ko", "se", "ka") and v.english not in ("thank",)
        ],
    )
    kinds = {noun.kind for noun in draw.lexicon.chosen(verb.objects)}
    people = kinds <= {"person", "kin", "spouse"}
    if not people:
        open_ = [v for v in draw.lexicon.verbs if v.english in WHAT_CAN_BE]
        verb = draw.verb(tense, [v for v in open_ if v.objects != "breakfast"])
    asked = Phrase(WHO if people else WHAT)
    what = draw.clause(
        tense,
        subject=asked_about(draw, verb, tense),
        verb=verb,
        front=False,
        adverbials=draw.weighted({0: 3, 1: 4, 2: 1}),
    )
    how = tuple(a for a in what.adverbials if a.slot != "adverb")  # फिर से क्या, not क्या फिर से
    return join(*QUESTION, say(replace(what, object=asked, adverbials=how)))


WHAT_CAN_BE = (
    "eat",
    "drink",
    "buy",
    "sell",
    "read",
    "write",
    "watch",
    "make",
    "bring",
    "learn",
    "choose",
    "cook",
    "wear",
)


def _countable_objects(draw: Draw, verb: Verb, without: tuple[str, ...]) -> list[Noun]:
    nouns = draw.lexicon.chosen(verb.objects)
    return [noun for noun in nouns if noun.is_countable and noun.kind not in without]


@pattern(3)
def which_or_how_many(draw: Draw) -> Said:
    """How many books did you buy?"""
    tense = draw.weighted(ASKED)
    countable = [
        verb
        for verb in draw.lexicon.verbs
        if verb.case == "direct" and _countable_objects(draw, verb, ("person",))
    ]
    verb = draw.verb(tense, countable)
    noun = draw.one(_countable_objects(draw, verb, ("person", "kin")))
    determiner = draw.weighted({"how many": 3, "which": 3, "whose": 1})
    plural = determiner == "how many" or draw.chance(0.2)
    what = draw.clause(
        tense,
        subject=asked_about(draw, verb, tense),
        verb=verb,
        front=False,
        adverbials=draw.weighted({0: 4, 1: 3}),
    )
    return join(*QUESTION, say(replace(what, object=Phrase(noun, plural, determiner)), determiner))


@pattern(5)
def where_when_why(draw: Draw) -> Said:
    """Why did Ravi not come to school yesterday?"""
    question = draw.weighted({"where": 3, "when": 3, "why": 3, "how": 0.7})
    tenses = {
        "when": {"habitual": 3, "past": 6, "future": 4, "want to": 2},
        "how": {"past": 3, "future": 3, "can": 2},
    }
    tense = draw.weighted(tenses.get(question, ASKED))
    negative = question == "why" and (tense == "can" or draw.chance(0.35))
    verb = draw.verb(tense, negative=negative)
    if question == "when":
        passing = [v for v in draw.lexicon.verbs if v.english not in draw.groups["habit"]]
        verb = draw.verb(tense, passing)
    if question == "where":
        verb = draw.verb(tense, [v for v in draw.lexicon.verbs if v.places and not v.is_motion])
    if question == "how":
        verb = draw.verb(tense, [v for v in draw.lexicon.verbs if v.english in HOW_CAN_BE])
    what = draw.clause(
        tense,
        subject=asked_about(draw, verb, tense),
        verb=verb,
        question=question,
        negative=negative,
        front=False,
        adverbials=0,
    )
    if question == "where":
        what = replace(what, adverbials=())
        if what.object and what.object.noun in (I, WE):  # "Where is he helping me?"
            what = replace(what, object=draw.name())
    if question in ("where", "why") and draw.chance(0.5) and (time := draw.time(tense, "end")):
        what = replace(what, adverbials=(*what.adverbials, time))
    if question == "where" and verb.english in ("go", "come"):
        what = replace(what, goal=None)
    return join(*QUESTION, say(what, f"{question} {tense}{' not' * negative}"))


HOW_CAN_BE = ("go", "come", "return", "repair", "open", "learn", "make", "cook", "break")


@pattern(1)
def where_to(draw: Draw) -> Said:
    """Where are your brothers going?"""
    tense = draw.weighted(ASKED)
    what = draw.clause(tense, verb=draw.verbs["go"], question="where", front=False, adverbials=0)
    what = replace(what, goal=None)
    if draw.chance(0.5) and (time := draw.time(tense, "end")):
        what = replace(what, adverbials=(time,))
    said = say(what)
    if tense == "past":  # आप कहाँ गए थे: who is asked is back
        said = replace(said, hindi=hindi.clause(replace(what, tense="past perfect")))
    return join(*QUESTION, said)
