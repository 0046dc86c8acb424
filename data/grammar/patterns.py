"""The shapes of the corpus's sentences: each function draws a meaning and says it twice.

A pattern takes a `Draw` and returns a `Said`; `PATTERNS` lists them with the weight of each.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from . import english, hindi
from .draw import NUMBERS, Draw, own
from .lexicon import Noun, Verb
from .meaning import (
    HE,
    SHE,
    THEY,
    WE,
    WHAT,
    WHO,
    YOU,
    YOU_CHILD,
    YOU_FRIEND,
    Adverbial,
    Agreement,
    Being,
    Clause,
    I,
    Phrase,
    Pronoun,
)


@dataclass(frozen=True)
class Said:
    """A sentence, or a part of one, in both languages.

    Attributes:
        english: What is said.
        hindi: The same.
        variant: Its tense or the like.
        pairings: The verb and noun, "read book", of each object in it.
        inside: The patterns of the sentences inside it.
    """

    english: str
    hindi: str
    variant: str = ""
    pairings: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()

    def name(self, pattern: "Pattern") -> str:
        """Return the name of its pattern, "because past/present"."""
        return f"{pattern.__name__.strip('_')} {self.variant}".strip()


Pattern = Callable[[Draw], Said]
PATTERNS: dict[Pattern, float] = {}


def pattern(weight: float) -> Callable[[Pattern], Pattern]:
    """Enter a function in PATTERNS."""

    def enter(function: Pattern) -> Pattern:
        PATTERNS[function] = weight
        return function

    return enter


def say(what: Clause | Being, variant: str = "") -> Said:
    """Say a clause in both languages."""
    if isinstance(what, Being):
        return Said(english.being(what), hindi.being(what), variant or what.tense)
    pairings = frozenset()
    if what.object and not what.object.is_pronoun and what.verb.case != "to":
        pairings = frozenset([f"{what.verb.english} {what.object.noun.english}"])
    return Said(english.clause(what), hindi.clause(what), variant or what.tense, pairings)


def join(template: str, hindi_template: str, *parts: Said, variant: str = "") -> Said:
    """Put parts into "{0} because {1}" and "{0} क्योंकि {1}"."""
    return Said(
        template.format(*(part.english for part in parts)),
        hindi_template.format(*(part.hindi for part in parts)),
        variant or "/".join(part.variant for part in parts if part.variant),
        frozenset().union(*(part.pairings for part in parts)),
        frozenset().union(*(part.inside for part in parts)),
    )


STATEMENT = ("{0}.", "{0}।")
QUESTION = ("{0}?", "{0}?")


# One clause

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
    return join(*STATEMENT, say(what, what.tense + " not" * what.negative))


@pattern(5)
def gift(draw: Draw) -> Said:
    """My mother gave me two mangoes."""
    tenses = {t: w for t, w in TENSES.items() if t not in ("like to", "know how to", "begin to")}
    takes_all = {t: w for t, w in tenses.items() if t not in ("should", "have to", "had to", "will have to")}
    verb = draw.one(draw.lexicon.ditransitives)
    tense = draw.weighted(takes_all)
    negative = tense == "could" or (tense not in NEVER_DENIED and draw.chance(0.15))
    what = draw.clause(tense, verb=verb, negative=negative, adverbials=int(draw.chance(0.5)))
    return join(*STATEMENT, say(what))


@pattern(2)
def not_yet(draw: Draw) -> Said:
    """I have not read the newspaper yet."""
    what = draw.clause("experience", negative=True, adverbials=0, verb=draw.verb("perfect"))
    if what.verb.english in ("stay",):
        what = replace(what, adverbials=())
    return join("{0} yet.", "{0}।", say(replace(what, adverbials=(Adverbial("", "अभी तक", "time"),))))


def _asked_about(draw: Draw, verb: Verb, tense: str) -> Phrase:
    """Draw whom a question is about: nobody asks what he himself did, but "Can I", "Should we"."""
    while True:
        subject = draw.subject(verb)
        if subject.noun not in (I, WE) or tense in ("can", "should", "have to"):
            return subject


@pattern(5)
def yes_no(draw: Draw) -> Said:
    """Are you going to the market tomorrow?"""
    tenses = {t: w for t, w in TENSES.items() if t not in ("past habitual", "begin to", "past perfect", "perfect", "could")}
    tense = draw.weighted(tenses)
    adverbials = draw.weighted({0: 5, 1: 4})
    verb = draw.verb(tense)
    subject = _asked_about(draw, verb, tense)
    what = draw.clause(tense, subject=subject, verb=verb, question="yes-no", adverbials=adverbials, front=False)
    return join(*QUESTION, say(what))


@pattern(1.5)
def have_you_ever(draw: Draw) -> Said:
    """Have you ever seen an elephant?"""
    choices = (("see", "elephant lion camel river mountain"), ("eat", "guava samosa mango"), ("play", "game instrument"),
               ("read", "text"), ("ride", "horse elephant camel"), ("write", "poem story"), ("drive", "car boat"),
               ("learn", "language"), ("watch", "film"), ("fly", "kite"), ("wear", "sari kurta"))  # fmt: skip
    verb_name, nouns = draw.one(choices)
    noun = draw.one(draw.lexicon.chosen(nouns))
    verb = draw.one([v for v in draw.lexicon.verbs if v.english == verb_name and {noun.kind, noun.english} & set(v.objects.split())])
    what = Clause(draw.person(), verb, "experience", Phrase(noun, determiner="a" if noun.is_countable else ""),
                  adverbials=(Adverbial("ever", "कभी", "middle"),), question="yes-no")  # fmt: skip
    bare = replace(what, object=replace(what.object, determiner=""))
    said = say(what)
    return join(*QUESTION, replace(said, hindi=hindi.clause(bare)))


ASKED = {"habitual": 3, "progressive": 4, "past": 6, "future": 4, "past progressive": 2, "can": 1, "want to": 2}  # fmt: skip


@pattern(3)
def who(draw: Draw) -> Said:
    """Who broke the window?"""
    tense = draw.weighted(ASKED)
    return join(*QUESTION, say(draw.clause(tense, subject=Phrase(WHO), plain=True, front=False)))


@pattern(3)
def what_or_whom(draw: Draw) -> Said:
    """What are you reading in the library?"""
    tense = draw.weighted(ASKED)
    verb = draw.verb(tense, [v for v in draw.lexicon.verbs if v.case in ("direct", "ko", "se", "ka") and v.english not in ("thank",)])
    kinds = {noun.kind for noun in draw.lexicon.chosen(verb.objects)}
    people = kinds <= {"person", "kin", "spouse"}
    if not people and verb.case in ("ko", "se", "ka"):
        verb, people = draw.verb(tense, [v for v in draw.lexicon.verbs if v.english in WHAT_CAN_BE]), False
    asked = Phrase(WHO if people else WHAT)
    what = draw.clause(tense, subject=_asked_about(draw, verb, tense), verb=verb, front=False, adverbials=draw.weighted({0: 3, 1: 4, 2: 1}))
    return join(*QUESTION, say(replace(what, object=asked)))


WHAT_CAN_BE = ("eat", "drink", "buy", "sell", "read", "write", "watch", "make", "bring", "learn", "choose", "cook", "wear")


@pattern(3)
def which_or_how_many(draw: Draw) -> Said:
    """How many books did you buy?"""
    tense = draw.weighted(ASKED)
    countable = [
        v for v in draw.lexicon.verbs
        if v.case == "direct" and any(n.is_countable and n.kind != "person" for n in draw.lexicon.chosen(v.objects))
    ]  # fmt: skip
    verb = draw.verb(tense, countable)
    noun = draw.one([n for n in draw.lexicon.chosen(verb.objects) if n.is_countable and n.kind not in ("person", "kin")])
    determiner = draw.weighted({"how many": 3, "which": 3, "whose": 1})
    plural = determiner == "how many" or draw.chance(0.2)
    what = draw.clause(tense, subject=_asked_about(draw, verb, tense), verb=verb, front=False, adverbials=draw.weighted({0: 4, 1: 3}))
    return join(*QUESTION, say(replace(what, object=Phrase(noun, plural, determiner)), determiner))


@pattern(5)
def where_when_why(draw: Draw) -> Said:
    """Why did Ravi not come to school yesterday?"""
    question = draw.weighted({"where": 3, "when": 3, "why": 3, "how": 0.7})
    tense = draw.weighted(ASKED if question != "how" else {"past": 3, "future": 3, "can": 2})
    negative = question == "why" and draw.chance(0.35)
    verb = draw.verb(tense, negative=negative)
    if question == "where":
        verb = draw.verb(tense, [v for v in draw.lexicon.verbs if v.places and not v.is_motion])
    if question == "how":
        verb = draw.verb(tense, [v for v in draw.lexicon.verbs if v.english in HOW_CAN_BE])
    what = draw.clause(tense, subject=_asked_about(draw, verb, tense), verb=verb, question=question, negative=negative, front=False, adverbials=0)
    what = replace(what, adverbials=())
    if question in ("where", "why") and draw.chance(0.5) and (time := draw.time(tense, "end")):
        what = replace(what, adverbials=(time,))
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
    return join(*QUESTION, say(what))


# Talking to somebody: a name or a friend is तुम, a child तू, all others आप.


@pattern(5)
def command(draw: Draw) -> Said:
    """Wash these plates. Please don't open the window."""
    level = draw.weighted({"bare": 4, "please": 4, "child": 1.5})
    you = {"bare": YOU_FRIEND, "please": YOU, "child": YOU_CHILD}[level]
    negative = draw.chance(0.25)
    what = draw.clause(
        "imperative", subject=Phrase(you), negative=negative, verb=draw.verb("imperative", negative=negative),
        adverbials=draw.weighted({0: 5, 1: 2}), front=False, plain=True,
    )  # fmt: skip
    templates = {
        "bare": ("{0}.", "{0}।"),
        "please": ("please {0}.", "कृपया {0}।"),
        "child": ("my child, {0}.", "मेरे बच्चे, {0}।"),
    }
    return join(*templates[level], say(what, level + " not" * negative))


@pattern(1.5)
def let_us(draw: Draw) -> Said:
    """Let's go to the park."""
    what = draw.clause("let us", subject=Phrase(WE), adverbials=draw.weighted({0: 4, 1: 2}), front=False)
    return join("{0}.", "चलो, {0}।", say(what))


@pattern(5)
def addressed(draw: Draw) -> Said:
    """Sita, where are you going?"""
    called = draw.weighted({"name": 5, "friend": 2, "child": 2, "sir": 2, "doctor": 1, "grandmother": 1})
    you, name = _addressee(draw, called)
    tense = draw.weighted({t: w for t, w in TENSES.items() if t not in ("past habitual", "begin to", "try to", "perfect", "could")})
    kind = draw.weighted({"yes-no": 3, "": 3, "why": 1.5, "when": 1})
    if kind in ("why", "when") and tense not in ASKED:
        tense = draw.weighted(ASKED)
    verb = draw.verb(tense)
    count = draw.weighted({0: 3, 1: 3, 2: 1}) if kind in ("", "yes-no") else 0
    what = draw.clause(tense, verb=verb, subject=Phrase(you), question=kind, adverbials=count, front=False)
    if kind == "when":
        what = replace(what, adverbials=tuple(a for a in what.adverbials if a.slot != "time"))
    template = QUESTION if kind else STATEMENT
    return join("{0}, " + template[0].replace("0", "1"), "{0}, " + template[1].replace("0", "1"), name, say(what), variant=f"{called} {kind}")


def _addressee(draw: Draw, called: str) -> tuple[Pronoun, Said]:
    if called == "name":
        name = draw.one(draw.lexicon.names)
        you = replace(YOU_FRIEND, agreement=Agreement("तुम", True, name.gender == "f"))
        return you, Said(name.english, name.hindi)
    lady = replace(YOU, agreement=Agreement(plural=True, feminine=True))
    return {
        "friend": (YOU_FRIEND, Said("my friend", "मेरे दोस्त")),
        "child": (YOU_CHILD, Said("my child", "मेरे बच्चे")),
        "sir": (YOU, Said("sir", "सर")),
        "doctor": (YOU, Said("doctor", "डॉक्टर साहब")),
        "grandmother": (lady, Said("grandmother", "दादी जी")),
    }[called]


# Being and having


def _the(draw: Draw, noun: Noun) -> Phrase:
    """Draw "the book", "these books", "my book"."""
    plural = noun.is_countable and draw.chance(0.3)
    weights = {"the": 5, "this": 3, "that": 1.5}
    if noun.kind not in ("scenery", "sky", "building", "animal", "flower", "plant"):
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
    degree = draw.weighted({"": 2, "very": 1}) if not kind and adjective.comparative and adjective.note != "colour" else ""
    what = Being(subject, adjective, tense, kind == "not", draw.chance(0.5), degree, question=kind.replace("not", ""))
    return join(*(QUESTION if kind == "yes-no" else STATEMENT), say(what, f"{tense} {kind}"))


@pattern(4)
def feels(draw: Draw) -> Said:
    """I was very tired yesterday."""
    state = draw.one(draw.lexicon.states)
    tense = draw.weighted({"present": 4, "past": 3, "future": 1})
    if tense == "future" and state.english in ("be raining", "be snowing"):
        tense = "past"
    front = draw.time({"past": "past", "future": "future"}.get(tense, ""), "front") if draw.chance(0.5) else None
    kind = draw.weighted({"": 5, "not": 1, "yes-no": 2})
    if kind == "yes-no":
        front = None
    degree = "very" if kind == "" and state.verb == "adjective" and draw.chance(0.3) else ""
    what = Being(draw.person(), state, tense, kind == "not", draw.chance(0.5), degree, front=front, question=kind.replace("not", ""))
    said = say(what, f"{tense} {kind}")
    if degree:
        said = replace(said, hindi=said.hindi.replace(hindi.agree(state.hindi, what.subject.agreement), "बहुत " + hindi.agree(state.hindi, what.subject.agreement)))
    return join(*(QUESTION if kind == "yes-no" else STATEMENT), said)


PROFESSIONS = ("doctor", "teacher", "farmer", "driver", "student", "nurse", "writer", "singer", "player", "shopkeeper", "gardener", "worker")


@pattern(3)
def is_a(draw: Draw) -> Said:
    """His uncle is a doctor. This is Sita's book."""
    if draw.chance(0.5):
        subject = draw.person()
        noun = draw.one(draw.lexicon.chosen(" ".join(PROFESSIONS)))
        plural = bool(subject.also or subject.plural or subject.noun in (WE, THEY))
        if noun.gender == "f" and not subject.agreement.feminine:
            noun = draw.one(draw.lexicon.chosen("farmer writer"))
        if subject.noun == noun or (not subject.is_pronoun and subject.noun.english in PROFESSIONS):
            subject = Phrase(HE)
            plural = False
        predicate = Phrase(noun, plural, "" if plural else "a")
        tense = draw.weighted({"present": 5, "past": 2})
        kind = draw.weighted({"": 5, "not": 2, "yes-no": 2})
        what = Being(subject, predicate, tense, kind == "not", draw.chance(0.5), question=kind.replace("not", ""))
    else:
        noun = draw.one(draw.lexicon.chosen("text clothing thing device dishware gift toy vehicle instrument room house ring school ticket"))
        plural = draw.chance(0.3)
        owner = draw.one((Phrase(I), Phrase(YOU), Phrase(HE), Phrase(SHE), Phrase(WE), draw.name(), draw.relative()))
        predicate = Phrase(noun, plural, owner=replace(owner, also=()))
        this = draw.one(("this", "that"))
        pointed = Pronoun({"this": "these", "that": "those"}[this] if plural else this, "", "",
                          {"this": "ये", "that": "वे"}[this] if plural else {"this": "यह", "that": "वह"}[this],
                          replace(predicate.agreement, plural=plural))  # fmt: skip
        kind = draw.weighted({"": 5, "not": 2, "yes-no": 2})
        subject = Phrase(pointed, plural)
        what = Being(subject, predicate, "present", kind == "not", draw.chance(0.5), question=kind.replace("not", ""))
    return join(*(QUESTION if kind == "yes-no" else STATEMENT), say(what, kind))


SUPPORTS = (
    ("table", "par", "on", "text thing dishware fruit gift ticket device letter ring toy"),
    ("bed", "par", "on", "shirt sari coat book doll blanket bag"),
    ("chair", "par", "on", "bag book coat shirt sweater"),
    ("cupboard", "mein", "in", "clothing dishware text jewel medicine blanket"),
    ("box", "mein", "in", "toy thing jewel biscuit sweet letter fruit"),
    ("bag", "mein", "in", "text thing ticket fruit bottle camera money"),
    ("basket", "mein", "in", "fruit vegetable flower egg ball"),
    ("tree", "par", "on", "bird parrot monkey mango apple orange kite"),
    ("garden", "mein", "in", "tree flower bird child rabbit bicycle"),
    ("room", "mein", "in", "furniture fan mirror lamp clock radio guest child"),
    ("road", "par", "on", "bus car taxi cow dog bicycle"),
    ("river", "mein", "in", "fish boat"),
    ("forest", "mein", "in", "lion elephant monkey bird tree"),
    ("village", "mein", "in", "school temple farmer shop cow"),
    ("city", "mein", "in", "hotel hospital park library bank"),
)
NEARBY = (("ke paas", "near", "के पास"), ("ke peechhe", "behind", "के पीछे"), ("ke saamne", "in front of", "के सामने"))


def _where(draw: Draw) -> tuple[Noun, Adverbial]:
    """Draw something and where it is: a book, "on the table"."""
    if draw.chance(0.25):
        place = Phrase(draw.one(draw.lexicon.chosen("building park river house")), determiner="the")
        _, word, postposition = draw.one(NEARBY)
        noun = draw.one(draw.lexicon.chosen("tree shop school bank hospital temple hotel car taxi park person"))
        if noun != place.noun:
            at = Adverbial(f"{word} {english.phrase(place)}", f"{hindi.phrase(place, True)} {postposition}", "place")
            return noun, at
    holder, case, word, kinds = draw.one(SUPPORTS)
    place = Phrase(draw.lexicon.chosen(holder)[0], determiner="the")
    if holder in ("table", "chair", "box", "bag", "basket", "room", "garden") and draw.chance(0.3):
        place = replace(place, determiner=draw.one(("this", "that")))
    at = Adverbial(f"{word} {english.phrase(place)}", hindi.marked(place, case), "place")
    nouns = [noun for noun in draw.lexicon.chosen(kinds) if noun.english != holder]
    return draw.one(nouns), at


@pattern(3)
def is_there(draw: Draw) -> Said:
    """The keys are on the table."""
    noun, at = _where(draw)
    subject = _the(draw, noun) if noun.note != "honorific" else Phrase(noun, determiner="the")
    tense = draw.weighted({"present": 5, "past": 3})
    kind = draw.weighted({"": 6, "not": 2, "yes-no": 2})
    what = Being(subject, at, tense, kind == "not", draw.chance(0.5), question=kind.replace("not", ""))
    return join(*(QUESTION if kind == "yes-no" else STATEMENT), say(what, f"{tense} {kind}"))


@pattern(2)
def somebody_is_there(draw: Draw) -> Said:
    """My sister is in Delhi. Was Anil at home yesterday?"""
    places = [p for p in draw.lexicon.places if p.hindi_at and p.english not in ("lake", "river", "bus", "India", "road")]
    place = draw.one(places)
    tense = draw.weighted({"present": 4, "past": 3, "future": 2})
    kind = draw.weighted({"": 6, "not": 2, "yes-no": 2})
    front = draw.time(tense, "front") if kind == "" and draw.chance(0.4) else None
    at = Adverbial(place.at, place.hindi_at, "place")
    what = Being(draw.person(), at, tense, kind == "not", draw.chance(0.5), front=front, question=kind.replace("not", ""))
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
    determiner = "" if negative or not noun.is_countable else draw.one((*NUMBERS[:9], "many", "some")) if plural else "a"
    subject = draw._described(Phrase(noun, plural, determiner), 0.15)
    verb = {("present", False): "is", ("present", True): "are", ("past", False): "was", ("past", True): "were"}[tense, plural]
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
    while not adjective.comparative or adjective.note or not (subject.is_pronoun or subject.noun.note != "mass"):
        subject, adjective = _described(draw)
    negative = draw.chance(0.15)
    tense = draw.weighted({"present": 5, "past": 1})
    person = subject.is_pronoun or subject.noun.is_human
    if person:
        other = draw.person()
        while other.noun == subject.noun or own(other) == own(subject) or {other.noun, subject.noun} <= {I, WE}:
            other = draw.person()
    else:
        others = [n for n in draw.lexicon.chosen(adjective.kinds) if n.kind == subject.noun.kind and n != subject.noun and n.note != "mass"]
        if not others:
            return compared(draw)
        noun = draw.one(others)
        other = Phrase(noun, subject.plural and noun.is_countable, draw.one(("the", "that")) if noun.is_countable else "")
    if draw.chance(0.25) and not negative:
        as_many = hindi.agree("जितना", subject.agreement)
        be = hindi.be(tense, subject.agreement)
        auxiliary = english._be(tense, english._person(subject))[0]
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
    among = (("building hotel shop temple", "in this city", "इस शहर का"), ("house building scenery", "in our village", "हमारे गाँव का"),
             ("room", "in the house", "घर का"), ("text writing", "in the library", "पुस्तकालय का"), ("tree flower plant", "in the garden", "बगीचे का"),
             ("clothing jewel toy fruit device", "in the shop", "दुकान का"), ("river mountain city lake", "in India", "भारत का"))  # fmt: skip
    kinds, where, hindi_where = draw.one(among)
    noun = draw.one(draw.lexicon.chosen(kinds))
    suiting = [a for a in draw.adjectives(noun) if a.superlative and a.note != "colour"]
    if not suiting or noun.english == "village":
        return superlative(draw)
    adjective = draw.one(suiting)
    agreement = Agreement(feminine=noun.gender == "f")
    this = draw.one((("this", "यह"), ("that", "वह")))
    tense = draw.weighted({"present": 5, "past": 1})
    return Said(
        f"{this[0]} {english._be(tense, 1)[0]} the {adjective.superlative} {noun.english} {where}.",
        f"{this[1]} {hindi.agree(hindi_where, agreement)} सबसे {hindi.agree(adjective.hindi, agreement)} {noun.hindi} {hindi.be(tense, agreement)}।",
        tense,
    )


@pattern(4)
def has(draw: Draw) -> Said:
    """Anil has two brothers. We did not have a car."""
    owner = draw.person()
    tense = draw.weighted({"present": 5, "past": 2, "future": 1})
    kind = draw.weighted({"": 6, "not": 2, "yes-no": 2})
    kin = draw.chance(0.3)
    if kin:
        noun = draw.one(draw.lexicon.chosen("brother sister son daughter"))
        tense = "present"
        plural = draw.chance(0.6)
        thing = Phrase(noun, plural, draw.one(NUMBERS[:5]) if plural and kind != "not" else "" if plural else "a")
        if owner.is_pronoun is False and (owner.plural or owner.also):
            owner = Phrase(HE)
        holder = hindi.possessive(owner, thing.agreement)
    else:
        noun = draw.one(draw.lexicon.chosen("text clothing thing device ticket toy vehicle cow horse goat dog cat house money instrument ring necklace"))
        thing = draw.thing(noun, owner, plain=kind == "not")
        if thing.is_known or thing.owner or thing.determiner == "all the":
            plural = thing.plural
            thing = Phrase(noun, plural, "a" if noun.is_countable and not plural else "")
        holder = hindi.marked(owner, "ke paas")
    spoken = thing
    if kind in ("not", "yes-no") and thing.determiner == "a":
        spoken = replace(thing, determiner="")
    said = Being(owner, STATE_OF_HAVING, tense, kind == "not", draw.chance(0.5), question=kind.replace("not", ""))
    text = english.being(said).replace("IT", english.phrase(thing))
    no, asks = ("नहीं " if kind == "not" else ""), ("क्या " if kind == "yes-no" else "")
    be = hindi.be(tense, replace(thing.agreement, person="वह"))
    mark, danda = ("?", "?") if asks else (".", "।")
    return Said(f"{text}{mark}", f"{asks}{holder} {hindi.phrase(spoken)} {no}{be}{danda}", f"{'kin' if kin else 'thing'} {tense} {kind}")


from .lexicon import State  # noqa: E402

STATE_OF_HAVING = State("have IT", "", "होना", "m", "")


@pattern(5)
def likes(draw: Draw) -> Said:
    """I like mangoes. Do you want tea? She needs a new pen."""
    feeler = draw.person()
    verb = draw.weighted({"like": 4, "want": 3, "need": 2})
    kinds = {"like": "fruit snack drink dish flower song film game language subject city animal sari kurta story poem",
             "want": "fruit snack drink text thing ticket clothing toy medicine money dish instrument",
             "need": "thing clothing money medicine ticket vehicle water device holiday job"}[verb]
    noun = draw.one(draw.lexicon.chosen(kinds))
    countable = noun.is_countable
    kind = draw.weighted({"": 5, "not": 2, "yes-no": 2})
    if verb == "like":
        thing = Phrase(noun, countable and (noun.kind != "city"), "" if countable and noun.kind != "city" else "the" if countable else "")
        if draw.chance(0.35) and noun.kind != "animal":
            thing = _the(draw, noun) if noun.note != "name" else thing
    elif countable:
        plural = draw.chance(0.4)
        thing = Phrase(noun, plural, draw.one(NUMBERS[:5]) if plural and not kind else "" if plural else "a")
    else:
        thing = Phrase(noun)
    thing = draw._described(thing, 0.15)
    plain = replace(thing, determiner="") if kind and thing.determiner == "a" else thing
    tense = draw.weighted({"present": 6, "past": 2}) if verb != "like" else "present"
    agreement = replace(thing.agreement, person="वह")
    be = "" if tense == "present" else " " + hindi.past_of_be(agreement)
    no, asks = ("नहीं " if kind == "not" else ""), ("क्या " if kind == "yes-no" else "")
    said = {
        "like": lambda: f"{hindi.phrase(plain)} पसंद {no}{hindi.be('present', agreement)}",
        "want": lambda: f"{hindi.phrase(plain)} {no}चाहिए{be}",
        "need": lambda: f"{hindi.phrase(plain, oblique=True)} की ज़रूरत {no}{hindi.be(tense, Agreement(feminine=True))}",
    }[verb]()
    state = State("have IT", "", "होना", "m", "")
    text = english.being(Being(feeler, state, tense, kind == "not", draw.chance(0.5), question=kind.replace("not", "")))
    forms = {"has ": english.third(verb) + " ", "had ": verb + ("d " if verb == "like" else "ed "), "have ": verb + " "}
    for old, new in forms.items():
        text = text.replace(old + "IT", new + english.phrase(thing))
    mark, danda = ("?", "?") if asks else (".", "।")
    return Said(f"{text}{mark}", f"{asks}{hindi.marked(feeler, 'ko')} {said}{danda}", f"{verb} {tense} {kind}")


@pattern(3)
def gets(draw: Draw) -> Said:
    """I found a key on the road. Meena got a letter yesterday."""
    who_ = draw.person()
    found = draw.chance(0.5)
    noun = draw.one(draw.lexicon.chosen("key ring ticket ball pen bag money phone" if found else "letter message gift report job news ticket money holiday"))
    thing = draw._described(Phrase(noun, determiner="a" if noun.is_countable else ""), 0.2)
    time = draw.time("past", "end") if draw.chance(0.6) else None
    place = draw.places[draw.one(("road", "market", "park", "garden", "station"))] if found and draw.chance(0.6) else None
    when, hindi_when = (f" {time.english}", f"{time.hindi} ") if time else ("", "")
    at, hindi_at = (f" {place.at}", f"{place.hindi_at} ") if place else ("", "")
    word = "found" if found else "got"
    return Said(
        f"{english.phrase(who_)} {word} {english.phrase(thing)}{at}{when}.",
        f"{hindi.marked(who_, 'ko')} {hindi_when}{hindi_at}{hindi.phrase(thing)} {hindi.perfective('मिल', replace(thing.agreement, person='वह'))}।",
        word,
    )


# Time and small talk

DAYS = tuple(zip("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
                 "सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार".split(), strict=True))  # fmt: skip
HOURS = tuple(zip("one two three four five six seven eight nine ten eleven twelve".split(),
                  "एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह".split(), strict=True))  # fmt: skip


def _clock(draw: Draw) -> tuple[str, str, bool]:
    """Draw a time: English, Hindi without बजे, and whether it counts as one."""
    hour = draw.rng.randrange(12)
    word, hindi_word = HOURS[hour]
    kind = draw.weighted({"o'clock": 5, "half past": 2, "quarter past": 1, "quarter to": 1})
    if kind == "o'clock":
        return f"{word} o'clock", hindi_word, hour == 0
    if kind == "half past":
        special = {0: "डेढ़", 1: "ढाई"}
        return f"half past {word}", special.get(hour, f"साढ़े {hindi_word}"), hour == 0
    if kind == "quarter past":
        return f"a quarter past {word}", "सवा" if hour == 0 else f"सवा {hindi_word}", hour == 0
    return f"a quarter to {word}", "पौन" if hour == 0 else f"पौने {hindi_word}", hour == 0


@pattern(1)
def clock(draw: Draw) -> Said:
    """It is half past five. Today is Monday."""
    if draw.chance(0.25):
        day, hindi_day = draw.one(DAYS)
        today = draw.one((("today is", "आज", "है"), ("tomorrow is", "कल", "है"), ("yesterday was", "कल", "था")))
        return Said(f"{today[0]} {day}.", f"{today[1]} {hindi_day} {today[2]}।", "day")
    word, hindi_word, is_one = _clock(draw)
    be = "बजा है" if is_one else "बजे हैं"
    return Said(f"it is {word}.", f"{hindi_word} {be}।", "clock")


@pattern(3)
def at_the_hour(draw: Draw) -> Said:
    """My father comes home at six o'clock."""
    word, hindi_word, _ = _clock(draw)
    tense = draw.weighted({"habitual": 3, "past": 3, "future": 3, "have to": 1})
    verb = draw.one([draw.verbs[v] for v in ("go", "come", "return", "get up", "sleep", "arrive", "eat", "bathe", "meet", "phone", "start", "open", "close")])
    if tense == "have to":
        verb = draw.verbs["go"]
    if verb.english in ("open", "close", "start", "eat"):
        verb = draw.verbs["come"]
    subject = draw.person()
    what = draw.clause(tense, verb=verb, subject=subject, adverbials=0)
    at = Adverbial(f"at {word}", f"{hindi_word} बजे", "time")
    what = replace(what, adverbials=(at,))
    if draw.chance(0.4):
        what = draw.add_adverbials(what, 2, front=False)
    return join(*STATEMENT, say(what))


CALLED = (
    ("sir", "सर"), ("madam", "मैडम"), ("doctor", "डॉक्टर साहब"), ("grandmother", "दादी जी"), ("uncle", "चाचा जी"),
    ("my friend", "मेरे दोस्त"), ("my child", "मेरे बच्चे"),
)  # fmt: skip


@pattern(1)
def greeting(draw: Draw) -> Said:
    """Good morning. Thank you, Ravi."""
    row = draw.one(draw.lexicon.greetings)
    if draw.chance(0.1):
        return Said(row.english, row.hindi)
    name = draw.one(draw.lexicon.names)
    called, hindi_called = draw.one(CALLED) if draw.chance(0.35) else (name.english, name.hindi)
    return Said(f"{row.english[:-1]}, {called}{row.english[-1]}", f"{row.hindi[:-1]}, {hindi_called}{row.hindi[-1]}", "called")


@pattern(2)
def asks_after(draw: Draw) -> Said:
    """How is your mother? Where were you yesterday? Who is that boy?"""
    asked = draw.weighted({"how": 4, "where": 4, "who": 1})
    tense = draw.weighted({"present": 5, "past": 2})
    who_ = draw.one((Phrase(YOU), Phrase(HE), Phrase(SHE), Phrase(THEY))) if draw.chance(0.3) else draw.person(pronouns=False)
    if asked == "who":
        noun = draw.one(draw.lexicon.chosen("man woman boy girl child student"))
        who_, tense = Phrase(noun, draw.chance(0.3), draw.one(("this", "that"))), "present"
    a = who_.agreement
    word = {"how": hindi.agree("कैसा", a), "where": "कहाँ", "who": "कौन"}[asked]
    time = draw.time("past", "end") if tense == "past" and draw.chance(0.6) else None
    end, hindi_time = (f" {time.english}", f"{time.hindi} ") if time else ("", "")
    be = english._be(tense, english._person(who_))[0]
    return Said(
        f"{asked} {be} {english.phrase(who_)}{end}?",
        f"{hindi.phrase(who_)} {hindi_time}{word} {hindi.be(tense, a)}?",
        f"{asked} {tense}",
    )


@pattern(1.5)
def name_is(draw: Draw) -> Said:
    """What is your name? My brother's name is Anil."""
    owner = draw.one((Phrase(YOU), Phrase(I), Phrase(HE), Phrase(SHE))) if draw.chance(0.4) else draw.relative()
    if draw.chance(0.2):
        noun = draw.one(draw.lexicon.chosen("dog cat village school boy girl"))
        owner = Phrase(noun, determiner="this") if noun.kind != "animal" else Phrase(noun, owner=draw.one((Phrase(I), Phrase(YOU), Phrase(HE))))
    whose, hindi_whose = english.possessive(owner), hindi.possessive(owner, Agreement())
    if owner.noun != I and draw.chance(0.4):
        return Said(f"what is {whose} name?", f"{hindi_whose} नाम क्या है?", "question")
    agreement = owner.agreement
    name = draw.one([n for n in draw.lexicon.names if (n.gender == "f") == agreement.feminine])
    if owner.noun in (I, YOU):
        name = draw.one(draw.lexicon.names)
    return Said(f"{whose} name is {name.english}.", f"{hindi_whose} नाम {name.hindi} है।")


@pattern(1)
def exclamation(draw: Draw) -> Said:
    """What a beautiful flower!"""
    noun = draw.one(draw.lexicon.chosen("flower animal scenery clothing fruit film song building jewel text toy vehicle"))
    suiting = [a for a in draw.adjectives(noun) if a.note == "" and a.english not in ("important", "difficult")]
    adjective = draw.one(suiting) if suiting else None
    if adjective is None:
        return exclamation(draw)
    plural = draw.chance(0.4)
    what = Phrase(noun, plural, "" if plural else "a", adjectives=(adjective,))
    agreement = what.agreement
    return Said(
        f"what {english.phrase(what)}!",
        f"{hindi.agree('कितना', agreement)} {hindi.phrase(replace(what, determiner=''))} {hindi.be('present', agreement)}!",
        "plural" if plural else "",
    )


# Two clauses


def _doing(draw: Draw, verb_name: str, nouns: str, subject: Phrase, tense: str, *, negative: bool = False, it: Noun | None = None) -> Clause:
    """Make a clause of a table's verb and objects; objects of a verb of motion are where it goes."""
    noun = None
    options = [v for v in (*draw.lexicon.ditransitives, *draw.lexicon.verbs) if v.english == verb_name]
    if options[0].is_motion or options[0].english in ("stay", "rest", "sleep", "bathe", "swim", "walk", "sit", "arrive"):
        verb = options[0]
        what = Clause(subject, verb, tense, negative=negative, contracted=draw.chance(0.5))
        place = draw.places[draw.one(nouns.split())] if nouns else None
        if verb.is_motion:
            return replace(what, goal=place or draw.places["home"])
        at = (Adverbial(place.at, place.hindi_at, "place"),) if place else ()
        return replace(what, adverbials=at)
    if nouns:
        noun = draw.one(draw.lexicon.chosen(nouns))
    verb = draw.one([v for v in options if not noun or {noun.kind, noun.english} & set(v.objects.split())] or options)
    object_ = draw.thing(noun, subject, plain=negative, created=draw.is_new(verb)) if noun else None
    return Clause(subject, verb, tense, object_, negative=negative, contracted=draw.chance(0.5))


def _cause_and_effect(draw: Draw, tenses: tuple[tuple[str, str], ...], *, against: bool = False) -> tuple[Being, Clause]:
    """Draw a state and what one does, or does not do, in it; `against` turns that round."""
    row = draw.one(draw.lexicon.causes)
    state = draw.states[row.state]
    negative = (row.effect == "no") != against
    suiting = [pair for pair in tenses if not (pair[1] in ("can", "could") and not negative) and not (pair[1] in ("had to", "have to") and negative)]
    state_tense, tense = draw.one(suiting)
    subject = draw.person()
    return Being(subject, state, state_tense), _doing(draw, row.verb, row.objects, subject, tense, negative=negative)


CAUSES = (("present", "future"), ("present", "want to"), ("present", "can"), ("past", "past"), ("past", "wanted to"), ("past", "could"), ("past", "had to"), ("present", "have to"))


def _weather(being: Being) -> bool:
    return "weather" in being.predicate.note


def _shadow(subject: Phrase) -> Phrase:
    """Return the pronoun that takes up a subject; a respected one stays in the plural."""
    pronoun = own(subject)
    if subject.is_honorific:
        pronoun = Pronoun(pronoun.english, pronoun.object, pronoun.possessive, "वे", subject.agreement)
    elif not subject.is_pronoun and subject.agreement.plural:
        pronoun = replace(THEY, agreement=subject.agreement)
    return Phrase(pronoun)


@pattern(4)
def because(draw: Draw) -> Said:
    """Ravi did not go to school because he was ill."""
    being, effect = _cause_and_effect(draw, CAUSES)
    cause = being if _weather(being) else replace(being, subject=_shadow(effect.subject))
    return join("{0} because {1}.", "{0} क्योंकि {1}।", say(effect, effect.tense + " not" * effect.negative), say(cause))


@pattern(3)
def so(draw: Draw) -> Said:
    """It was raining, so we could not play cricket."""
    being, effect = _cause_and_effect(draw, CAUSES)
    if not _weather(being):
        effect = _with_subject(effect, _shadow(being.subject))
    return join("{0}, so {1}.", "{0}, इसलिए {1}।", say(being), say(effect, effect.tense + " not" * effect.negative))


def _with_subject(what: Clause, subject: Phrase) -> Clause:
    """Give a clause the pronoun for its subject; owners that are the subject's stay its own."""
    return replace(what, subject=subject)


@pattern(2)
def although(draw: Draw) -> Said:
    """Although he was ill, he went to school."""
    being, effect = _cause_and_effect(draw, (("past", "past"), ("past", "wanted to"), ("present", "want to"), ("present", "future")), against=True)
    if not _weather(being):
        effect = _with_subject(effect, _shadow(being.subject))
    return join("although {0}, {1}.", "हालाँकि {0}, फिर भी {1}।", say(being), say(effect, effect.tense + " not" * effect.negative))


@pattern(3)
def if_state(draw: Draw) -> Said:
    """If you are tired, you should rest. If it rains tomorrow, we will not go to the park."""
    being, effect = _cause_and_effect(draw, (("present", "future"), ("present", "should"), ("present", "can")))
    if effect.tense == "should" and effect.verb.english in ("smile", "cry", "shout", "dance", "laugh"):
        effect = replace(effect, tense="future")
    if effect.tense == "can":
        effect = replace(effect, tense="should")
    if not _weather(being):
        effect = _with_subject(effect, _shadow(being.subject))
        return join("if {0}, {1}.", "अगर {0}, तो {1}।", say(being), say(effect, effect.tense + " not" * effect.negative))
    simple = {"be raining": "it rains", "be snowing": "it snows"}.get(being.predicate.english)
    time = draw.time("future", "front")
    effect = replace(effect, tense="future")
    english_state = simple or english.being(being)
    condition = Said(f"{english_state} {time.english}", f"{time.hindi} {hindi.being(replace(being, tense='future'))}", "future")
    return join("if {0}, {1}.", "अगर {0}, तो {1}।", condition, say(effect, effect.tense + " not" * effect.negative))


def _steps(draw: Draw, subject: Phrase, tense: str, before: bool = False) -> tuple[Clause, Clause]:
    """Draw two things that somebody does one after the other; `before` if they need not be."""
    row = draw.one([row for row in draw.lexicon.sequences if row.before or not before])
    first = _doing(draw, row.first, row.objects, subject, tense)
    if row.second_objects != "same":
        return first, _doing(draw, row.second, row.second_objects, subject, tense)
    noun = first.object.noun
    options = [v for v in (*draw.lexicon.ditransitives, *draw.lexicon.verbs) if v.english == row.second]
    verb = draw.one([v for v in options if {noun.kind, noun.english} & set(v.objects.split())] or options)
    plural = first.object.plural
    it = Pronoun("they", "them", "", "वे", first.object.agreement) if plural else Pronoun("it", "it", "", "वह", first.object.agreement)
    second = Clause(subject, verb, tense, Phrase(it))
    if verb.english in ("give", "send"):
        second = replace(second, object=Phrase(it), recipient=draw.recipient(subject))
    return first, second


@pattern(3)
def and_then(draw: Draw) -> Said:
    """I went to the market and bought vegetables."""
    subject = draw.person()
    tense = draw.weighted({"past": 5, "future": 3, "habitual": 2})
    first, second = _steps(draw, subject, tense)
    while second.recipient:
        first, second = _steps(draw, subject, tense)
    said, then = say(first), say(second)
    rest = then.english.removeprefix(english.phrase(subject) + " ").removeprefix("will ")
    # The participle in -कर: बाज़ार जाकर सब्ज़ियाँ खरीदीं.
    before = _kar(first)
    if time := (draw.time(tense, "front") if draw.chance(0.4) else None):
        said = replace(said, english=f"{time.english}, {said.english}")
    case = hindi.subject_case(second)
    who_ = hindi.marked(subject, case) if case else hindi.phrase(subject)
    front = f"{time.hindi} " if time else ""
    after = then.hindi.removeprefix(who_ + " ")
    return Said(f"{said.english} and {rest}.", f"{front}{who_} {before} {after}।", tense, said.pairings | then.pairings)


def _bare(what: Clause, ending: str) -> str:
    """Say a clause with its verb's stem and an ending: बाज़ार जा + कर, खाना खा + ने."""
    before, stem = hindi.stem_of(what.verb.hindi)
    command = hindi.clause(replace(what, tense="imperative", negative=False, question=""))
    verb = hindi.imperative(stem, what.subject.agreement)
    return command.removesuffix(verb) + stem + ending


def _kar(what: Clause) -> str:
    return _bare(what, "के" if what.verb.hindi.endswith("करना") else "कर")


@pattern(3)
def purpose(draw: Draw) -> Said:
    """She went to the market to buy a sari."""
    rows = (("market", "buy", "fruit vegetable clothing gift toy"), ("library", "read", "book newspaper magazine"), ("park", "play", "game"),
            ("school", "learn", "language subject"), ("Delhi", "meet", "friend brother sister uncle aunt"), ("hospital", "meet", "doctor nurse"),
            ("kitchen", "make", "tea coffee soup"), ("village", "meet", "grandmother grandfather uncle"), ("river", "bathe", ""), ("park", "walk", ""),
            ("shop", "buy", "text device furniture milk"), ("garden", "plant", "flower tree"), ("city", "look for", "job"), ("Mumbai", "watch", "film match"),
            ("roof", "fly", "kite"), ("station", "buy", "ticket"), ("shop", "repair", "car bicycle"))  # fmt: skip
    place, verb_name, nouns = draw.one(rows)
    tense = draw.weighted({"past": 4, "future": 3, "progressive": 2, "want to": 2, "habitual": 1, "have to": 1})
    subject = draw.person()
    main = Clause(subject, draw.verbs["go"], tense, goal=draw.places[place])
    aim = _doing(draw, verb_name, nouns, subject, "past")
    main = draw.add_adverbials(main, int(draw.chance(0.4)))
    said = say(main)
    end = [a for a in main.adverbials if a.slot in ("time", "companion")]
    tail = "".join(" " + a.english for a in end)
    infinitive = english.clause(replace(aim, tense="imperative", adverbials=()))
    text = said.english.removesuffix(tail) + f" to {infinitive}" + tail
    goal = main.goal.hindi_to
    with_aim = f"{_bare(replace(aim, adverbials=()), 'ने')} के लिए {goal}"
    spoken = said.hindi.replace(f" {goal} ", f" {with_aim} ", 1)
    return Said(f"{text}.", f"{spoken}।", tense, say(aim).pairings)


@pattern(4)
def before_and_after(draw: Draw) -> Said:
    """After reading the newspaper, my father goes to the office."""
    subject = draw.person()
    word, hindi_word = draw.one((("after", "के बाद"), ("before", "से पहले"), ("without", "बिना")))
    tense = draw.weighted({"past": 4, "future": 3, "habitual": 3, "have to": 1})
    first, second = _steps(draw, subject, tense, before=word != "after")
    while second.object and second.object.is_pronoun:
        first, second = _steps(draw, subject, tense, before=word != "after")
    if word == "before":
        first, second = second, first
    doing = first.verb.progressive + english.clause(replace(first, tense="imperative")).removeprefix(first.verb.english)
    said = say(second)
    if word == "without":
        text, spoken = f"{said.english} without {doing}", _after_subject(second, f"बिना {_e(first)}")
    else:
        text, spoken = f"{word} {doing}, {said.english}", f"{_bare(first, 'ने')} {hindi_word} {said.hindi}"
    return Said(f"{text}.", f"{spoken}।", f"{word} {tense}", say(first).pairings | said.pairings)


def _e(what: Clause) -> str:
    """Say a clause as an adverb in -ए: बिना खाना खाए."""
    before, stem = hindi.stem_of(what.verb.hindi)
    participle = hindi.participle(stem, Agreement(plural=True))
    return _bare(what, "").removesuffix(stem) + participle


def _after_subject(what: Clause, words: str) -> str:
    case = hindi.subject_case(what)
    who_ = hindi.marked(what.subject, case) if case else hindi.phrase(what.subject)
    return hindi.clause(what).replace(who_, f"{who_} {words}", 1)


@pattern(4)
def when(draw: Draw) -> Said:
    """When I came home, my mother was cooking."""
    event_verbs = [v for v in draw.lexicon.verbs if v.english in ("come", "return", "arrive", "get up")]
    first = draw.clause("past", verb=draw.one(event_verbs), adverbials=0)
    if first.verb.english == "arrive":
        place = draw.places[draw.one(("home", "school", "office", "station", "market", "village"))]
        first = replace(first, adverbials=(Adverbial(place.at, place.hindi_to, "place"),))
    if draw.chance(0.25):
        state = draw.one([s for s in draw.lexicon.states if "weather" in s.note])
        return join("when {0}, {1}.", "जब {0}, तब {1}।", say(first), say(Being(first.subject, state, "past")), variant="weather")
    second = draw.clause("past progressive", adverbials=int(draw.chance(0.5)), front=False, subject=_other(draw, first.subject))
    second = replace(second, adverbials=tuple(a for a in second.adverbials if a.slot != "time"))
    return join("when {0}, {1}.", "जब {0}, तब {1}।", say(first), say(second), variant="action")


def _other(draw: Draw, subject: Phrase) -> Phrase:
    """Draw somebody else."""
    while True:
        other = draw.person()
        if other.noun != subject.noun and own(other) != own(subject) and own(subject) not in (WE,):
            return other
        if own(subject) == WE:
            return draw.name()


@pattern(3)
def while_(draw: Draw) -> Said:
    """While I was cooking, my brother was watching a film."""
    tense = draw.weighted({"past progressive": 3, "progressive": 1})
    first = draw.clause(tense, adverbials=0)
    second = draw.clause(tense, adverbials=int(draw.chance(0.3)), front=False, subject=_other(draw, first.subject))
    first, second = (replace(c, adverbials=tuple(a for a in c.adverbials if a.slot == "place")) for c in (first, second))
    return join("while {0}, {1}.", "जब {0}, तब {1}।", say(first), say(second), variant=tense)


@pattern(4)
def and_but(draw: Draw) -> Said:
    """Ravi is reading a book and Sita is singing a song."""
    kind = draw.weighted({"and": 4, "likes": 2, "but not": 3})
    if kind == "likes":
        nouns = draw.lexicon.chosen("fruit drink game language subject animal")
        first, second = draw.one(nouns), draw.one(nouns)
        while first.kind != second.kind or first == second:
            first, second = draw.one(nouns), draw.one(nouns)
        one = draw.person()
        other = _other(draw, one)
        parts = []
        for who_, noun in ((one, first), (other, second)):
            thing = Phrase(noun, noun.is_countable)
            verb = "likes" if english._person(who_) == 1 else "like"
            parts.append(Said(f"{english.phrase(who_)} {verb} {english.phrase(thing)}",
                              f"{hindi.marked(who_, 'ko')} {hindi.phrase(thing)} पसंद {hindi.be('present', thing.agreement)}"))  # fmt: skip
        return join("{0}, but {1}.", "{0}, लेकिन {1}।", *parts, variant="likes")
    tense = draw.weighted({"habitual": 2, "progressive": 3, "past": 4, "future": 3, "past progressive": 2, "can": 1, "want to": 2})
    first = draw.clause(tense, adverbials=draw.weighted({0: 3, 1: 2}))
    if kind == "and":
        second = draw.clause(tense, adverbials=draw.weighted({0: 3, 1: 2}), front=False, subject=_other(draw, first.subject))
        return join("{0} and {1}.", "{0} और {1}।", say(first), say(second), variant=f"and {tense}")
    # Same subject, same verb: he read the book but did not read the letter.
    verb = draw.verb(tense, [v for v in draw.lexicon.verbs if v.case == "direct" and len(draw.lexicon.chosen(v.objects)) > 4])
    first = draw.clause(tense, verb=verb, adverbials=0, plain=True)
    second_object = draw.object(verb, first.subject, plain=True)
    while second_object.noun == first.object.noun:
        second_object = draw.object(verb, first.subject, plain=True)
    shadow = _shadow(first.subject)
    second = replace(first, subject=shadow, object=second_object, negative=True)
    return join("{0}, but {1}.", "{0}, लेकिन {1}।", say(first), say(second), variant=f"but not {tense}")


# Subordinate clauses


def _relative_subject(draw: Draw) -> tuple[Said, Phrase, Phrase]:
    """Draw "the boy who is playing in the park": the two clauses' parts, and who takes it up."""
    noun = draw.one([n for n in draw.lexicon.chosen("person") if n.note != "honorific" and n.english not in ("friend", "neighbour")])
    plural = draw.chance(0.25)
    tense = draw.weighted({"habitual": 2, "progressive": 4, "past": 4, "past progressive": 2})
    head = Phrase(noun, plural, "the")
    what = draw.clause(tense, subject=head, adverbials=1, front=False, plain=True)
    text = english.clause(what)
    action = text.removeprefix(english.phrase(head) + " ")
    relative = replace(head, determiner="relative")
    spoken = hindi.clause(replace(what, subject=relative))
    pronoun = THEY if plural else SHE if noun.gender == "f" else HE
    shadow = Phrase(replace(pronoun, agreement=head.agreement))
    return Said(f"{english.phrase(head)} who {action}", spoken, tense, say(what).pairings), head, shadow


@pattern(4)
def who_is(draw: Draw) -> Said:
    """The girl who is singing in the garden is my friend's sister."""
    said, head, shadow = _relative_subject(draw)
    kind = draw.weighted({"kin": 2, "adjective": 2, "clause": 3})
    if kind == "clause":
        what = any_clause(draw, {"habitual": 2, "past": 3, "future": 3, "want to": 2, "can": 1}, subject=head, adverbials=draw.weighted({0: 2, 1: 2}), front=False)
        rest = english.clause(what).removeprefix(english.phrase(head))
        main = Said(rest, hindi.clause(replace(what, subject=shadow)), what.tense, say(what).pairings)
        return join("{0}{1}.", "{0}, {1}।", said, main, variant=f"clause {said.variant}/{what.tense}")
    if kind == "kin":
        if head.noun.gender == "f":
            noun = draw.one(draw.lexicon.chosen("sister daughter"))
        else:
            noun = draw.one(draw.lexicon.chosen("brother son friend"))
        owner = draw.one((Phrase(I), Phrase(YOU), draw.name(), draw.relative()))
        predicate = Phrase(noun, head.plural, owner=replace(owner, also=()))
    else:
        predicate = draw.one([a for a in draw.adjectives(head.noun) if a.english not in ("good", "bad")])
    what = Being(head, predicate, degree="very" if kind == "adjective" and draw.chance(0.4) else "")
    rest = english.being(what).removeprefix(english.phrase(head))
    main = Said(rest, hindi.being(replace(what, subject=shadow)))
    return join("{0}{1}.", "{0}, {1}।", said, main, variant=f"{kind} {said.variant}")


@pattern(4)
def that_i_bought(draw: Draw) -> Said:
    """The book that Ravi bought yesterday is very interesting."""
    verbs = [v for v in draw.lexicon.verbs if v.english in ("buy", "read", "see", "write", "make", "bring", "watch", "borrow", "wear", "choose", "sew", "look for", "learn", "plant", "sell", "repair", "wash", "drive")]
    tense = draw.weighted({"past": 6, "progressive": 1, "future": 1, "want to": 1})
    verb = draw.verb(tense, verbs)
    nouns = [n for n in draw.lexicon.chosen(verb.objects) if n.is_countable and n.kind not in ("person", "animal", "idea", "event") and draw.adjectives(n)]
    if not nouns:
        return that_i_bought(draw)
    noun = draw.one(nouns)
    plural = draw.chance(0.25)
    head = Phrase(noun, plural, "the")
    what = draw.clause(tense, verb=verb, adverbials=draw.weighted({0: 2, 1: 3}), front=False)
    what = replace(what, object=head, adverbials=tuple(a for a in what.adverbials if a.slot != "manner"))
    inner = replace(what, object=None)
    relative = replace(what, object=replace(head, determiner="relative"))
    adjective = draw.one(draw.adjectives(noun))
    shadow = Phrase(replace(THEY if plural else HE, agreement=head.agreement))
    degree = "very" if not adjective.note and adjective.comparative and draw.chance(0.5) else ""
    rest = english.being(Being(head, adjective, degree=degree)).removeprefix(english.phrase(head))
    return Said(
        f"{english.phrase(head)} that {english.clause(inner)}{rest}.",
        f"{hindi.clause(relative)}, {hindi.being(Being(shadow, adjective, degree=degree))}।",
        tense,
        say(what).pairings,
    )


BACKSHIFT = {"habitual": "past", "progressive": "past progressive", "future": "would", "can": "could", "want to": "wanted to", "have to": "had to"}


def _matrix(draw: Draw) -> tuple[Phrase, str, str, bool, str]:
    """Draw who says, knows or thinks: subject, English, Hindi, whether it is past, and its name."""
    who_ = draw.person()
    he, third = english.phrase(who_), english._person(who_) == 1
    a = who_.agreement
    name = draw.weighted({"know": 3, "think": 3, "said": 5, "told": 2, "hope": 2, "says": 1, "believe": 1})
    s = "s" if third else ""
    be = hindi.present_of_be(a)
    he_ko = hindi.marked(who_, "ko")
    listener = draw.recipient(who_)
    said = {
        "know": (f"{he} know{s} that", f"{he_ko} पता है कि"),
        "think": (f"{he} think{s} that", f"{he_ko} लगता है कि"),
        "hope": (f"{he} hope{s} that", f"{he_ko} उम्मीद है कि"),
        "believe": (f"{he} do{'es' if third else ''} not believe that", f"{he_ko} विश्वास नहीं है कि"),
        "says": (f"{he} say{s} that", f"{hindi.phrase(who_)} {hindi.agree('कहता', a)} {be} कि"),
        "said": (f"{he} said that", f"{hindi.marked(who_, 'ne')} कहा कि"),
        "told": (f"{he} told {english.phrase(listener, object=True)} that", f"{hindi.marked(who_, 'ne')} {hindi.marked(listener, 'ko', who_)} बताया कि"),
    }[name]
    return who_, *said, name in ("said", "told"), name


def _reported(draw: Draw, past: bool, name: str, speaker: Phrase) -> tuple[Said, str]:
    """Draw what is said; English moves it back a tense after "said", Hindi does not."""
    tenses = {"habitual": 2, "progressive": 3, "future": 4, "can": 2, "want to": 2, "have to": 1} if past else {"habitual": 2, "progressive": 3, "past": 3, "future": 4, "can": 2}
    if name == "hope":
        tenses = {"future": 1}
    subject = _shadow(speaker) if draw.chance(0.4) else _other(draw, speaker)
    if name == "hope" and subject.noun == speaker.noun:
        subject = _other(draw, speaker)
    what = any_clause(draw, tenses, subject=subject, adverbials=draw.weighted({0: 3, 1: 3}), front=False)
    if not past:
        return say(what), what.tense
    what = replace(what, adverbials=tuple(a for a in what.adverbials if a.slot != "time"))
    said = say(what)
    return replace(said, english=english.clause(replace(what, tense=BACKSHIFT[what.tense]))), what.tense


@pattern(6)
def that(draw: Draw) -> Said:
    """My brother said that he would come home."""
    who_, text, spoken, past, name = _matrix(draw)
    said, tense = _reported(draw, past, name, who_)
    return join("{0} {1}.", "{0} {1}।", Said(text, spoken), said, variant=f"{name} {tense}")


@pattern(2)
def do_not_know(draw: Draw) -> Said:
    """I don't know where Ravi lives."""
    who_ = draw.weighted({draw.pronoun: 5, draw.person: 3})()
    question = draw.weighted({"where": 3, "why": 3, "when": 2})
    tense = draw.weighted({"habitual": 1, "progressive": 4, "past": 4, "future": 3})
    if question == "when":
        tense = draw.one(("past", "future"))
    pool = [v for v in draw.lexicon.verbs if question != "where" or (v.places and not v.is_motion)]
    verb = draw.verb(tense, pool)
    what = draw.clause(tense, subject=_other(draw, who_), verb=verb, adverbials=0)
    what = replace(what, adverbials=())
    verb_form = {0: "do", 1: "does", 2: "do"}[english._person(who_)]
    no = draw.one((english.contract(verb_form), verb_form + " not"))
    return Said(
        f"{english.phrase(who_)} {no} know {question} {english.clause(what)}.",
        f"{hindi.marked(who_, 'ko')} नहीं पता कि {hindi.clause(replace(what, question=question))}।",
        f"{question} {tense}",
        say(what).pairings,
    )


@pattern(1.5)
def if_i_went(draw: Draw) -> Said:
    """If I went to the market, I would buy vegetables."""
    subject = draw.person()
    first, second = _steps(draw, subject, "would")
    while second.object and second.object.is_pronoun:
        first, second = _steps(draw, subject, "would")
    second = replace(second, subject=_shadow(subject))
    condition = replace(say(first), english=english.clause(replace(first, tense="past")))
    return join("if {0}, {1}.", "अगर {0}, तो {1}।", condition, say(second), variant="would")


@pattern(2)
def if_i_go(draw: Draw) -> Said:
    """If you go to the market, I will come with you."""
    subject = draw.person()
    first, second = _steps(draw, subject, "future")
    while second.object and second.object.is_pronoun:
        first, second = _steps(draw, subject, "future")
    second = replace(second, subject=_shadow(subject))
    condition = replace(say(first), english=english.clause(replace(first, tense="habitual")))
    return join("if {0}, {1}.", "अगर {0}, तो {1}।", condition, say(second), variant="will")


# Long sentences: what is above, joined


def _part(draw: Draw, choices: tuple[Pattern, ...]) -> Said:
    """Draw a sentence and take off its final mark."""
    pattern = draw.one(choices)
    said = pattern(draw)
    return replace(
        said, english=said.english[:-1], hindi=said.hindi[:-1], inside=said.inside | {said.name(pattern)}
    )


@pattern(9)
def long_and(draw: Draw) -> Said:
    """Two sentences of two clauses each."""
    first = _part(draw, (because, so, when, while_, who_is, that_i_bought, that, although, if_state, purpose, before_and_after))
    second = _part(draw, (because, who_is, that_i_bought, that, and_then, purpose, and_but, statement, gift))
    return join("{0}, and {1}.", "{0}, और {1}।", first, second, variant="and")


@pattern(4)
def long_that(draw: Draw) -> Said:
    """Meena told me that she could not come to the party because she was ill and had a fever."""
    who_, text, spoken, _, name = _matrix(draw)
    while name in ("said", "told", "hope"):
        who_, text, spoken, _, name = _matrix(draw)
    inner = _part(draw, (because, so, when, while_, who_is, that_i_bought, if_state, purpose, and_then))
    return join("{0} {1}.", "{0} {1}।", Said(text, spoken), inner, variant=name)


@pattern(4)
def long_list(draw: Draw) -> Said:
    """My mother was cooking, my sister was reading and I was playing with my friends."""
    tense = draw.weighted({"progressive": 2, "past progressive": 3, "future": 2, "past": 3, "habitual": 2})
    clauses, taken = [], []
    for _ in range(draw.weighted({3: 3, 4: 1})):
        subject = draw.person()
        while any(own(subject) in (own(other), WE, THEY) and subject.is_pronoun or subject.noun == other.noun for other in taken) or subject.noun in (WE, THEY):
            subject = draw.person()
        taken.append(subject)
        clauses.append(say(draw.clause(tense, subject=subject, adverbials=draw.weighted({0: 1, 1: 2, 2: 1}), front=False)))
    numbers = [f"{{{i}}}" for i in range(len(clauses))]
    template = f"{', '.join(numbers[:-1])} and {numbers[-1]}."
    return join(template, template.replace(" and ", " और ").replace(".", "।"), *clauses, variant=tense)
