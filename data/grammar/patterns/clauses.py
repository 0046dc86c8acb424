"""Two clauses: when, while, but, who, that."""

from dataclasses import replace

from .. import english, forms, hindi
from ..draw import Draw, own
from ..meaning import HE, SHE, THEY, WE, YOU, Adverbial, Being, Clause, I, Phrase
from .reasons import shadow_of, steps
from .said import Said, join, pattern, say
from .statements import any_clause


@pattern(4)
def when(draw: Draw) -> Said:
    """When I came home, my mother was cooking."""
    event_verbs = [
        v for v in draw.lexicon.verbs if v.english in ("come", "return", "arrive", "get up")
    ]
    first = draw.clause("past", verb=draw.one(event_verbs), adverbials=0)
    if first.verb.english == "arrive":
        place = draw.places[draw.one(("home", "school", "office", "station", "market", "village"))]
        at = "home" if place.english == "home" else place.at
        first = replace(first, adverbials=(Adverbial(at, place.hindi_to, "place"),))
    first = replace(first, plain=True)
    if draw.chance(0.25):
        state = draw.one([s for s in draw.lexicon.states if "weather" in s.note])
        return join(
            draw.one(("when {0}, {1}.", "{1} when {0}.")),
            "जब {0}, तब {1}।",
            say(first),
            say(Being(first.subject, state, "past")),
            variant="weather",
        )
    second = draw.clause(
        "past progressive",
        adverbials=int(draw.chance(0.5)),
        front=False,
        subject=other_than(draw, first.subject),
    )
    second = replace(second, adverbials=tuple(a for a in second.adverbials if a.slot != "time"))
    second = not_about(draw, second, first.subject)
    order = "{1} when {0}." if draw.chance(0.4) and not _takes_up(second) else "when {0}, {1}."
    return join(order, "जब {0}, तब {1}।", say(first), say(second), variant="action")


def _takes_up(what: Clause) -> bool:
    """Tell whether a clause has a pronoun that may stand for somebody named before."""
    phrases = [one for one in (what.subject, what.object, what.recipient) if one]
    phrases += [one.owner for one in phrases if one.owner]
    return any(one.noun in (HE, SHE, THEY) for one in phrases)


def not_about(draw: Draw, what: Clause, somebody: Phrase) -> Clause:
    """Name the object where "him" could mean somebody respected, whom Hindi would call उन्हें."""
    echoes = what.object and what.object.is_pronoun and what.object.noun == own(somebody)
    return replace(what, object=draw.name()) if echoes and somebody.is_honorific else what


def other_than(draw: Draw, subject: Phrase) -> Phrase:
    """Draw somebody else."""
    while True:
        other = draw.person()
        if subject.also and other.noun in (HE, SHE):  # which of the two would it be?
            continue
        if own(other) != own(subject) and {own(other), own(subject)} != {I, WE}:
            return other


@pattern(3)
def while_(draw: Draw) -> Said:
    """While I was cooking, my brother was watching a film."""
    tense = "past progressive"
    first = draw.clause(tense, adverbials=0)
    second = draw.clause(
        tense,
        adverbials=int(draw.chance(0.3)),
        front=False,
        subject=other_than(draw, first.subject),
    )
    first, second = (
        replace(c, adverbials=tuple(a for a in c.adverbials if a.slot == "place"))
        for c in (first, second)
    )
    second = not_about(draw, second, first.subject)
    order = "{1} while {0}." if draw.chance(0.4) and not _takes_up(second) else "while {0}, {1}."
    return join(order, "जब {0}, तब {1}।", say(first), say(second), variant=tense)


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
        other = other_than(draw, one)
        parts = []
        for who_, noun in ((one, first), (other, second)):
            thing = Phrase(noun, noun.is_countable)
            verb = "likes" if english.person_of(who_) == 1 else "like"
            feeling = (hindi.marked(who_, "ko"), hindi.phrase(thing), "पसंद")
            text = f"{english.phrase(who_)} {verb} {english.phrase(thing)}"
            parts.append(Said(text, " ".join((*feeling, hindi.be("present", thing.agreement)))))
        return join("{0}, but {1}.", "{0}, लेकिन {1}।", *parts, variant="likes")
    tense = draw.weighted(
        {
            "habitual": 2,
            "progressive": 3,
            "past": 4,
            "future": 3,
            "past progressive": 2,
            "can": 1,
            "want to": 2,
        }
    )
    first = draw.clause(tense, adverbials=draw.weighted({0: 3, 1: 2}))
    if kind == "and":
        second = draw.clause(
            tense,
            adverbials=draw.weighted({0: 3, 1: 2}),
            front=False,
            subject=other_than(draw, first.subject),
        )
        parts = say(first), say(second)
        if not draw.lexicon.about_the_same(*(part.english for part in parts)):
            return and_but(draw)
        return join("{0} and {1}.", "{0} और {1}।", *parts, variant=f"and {tense}")
    # Same subject, same verb: he read the book but did not read the letter.
    verb = draw.verb(
        tense,
        [
            v
            for v in draw.lexicon.verbs
            if v.case == "direct" and len(draw.lexicon.chosen(v.objects)) > 4
        ],
    )
    first = draw.clause(tense, verb=verb, adverbials=0, plain=True)
    second_object = draw.object(verb, first.subject, plain=True)
    while second_object.noun == first.object.noun:
        second_object = draw.object(verb, first.subject, plain=True)
    shadow = shadow_of(first.subject)
    second = replace(
        first, subject=shadow, object=second_object, negative=True, unsaid=("subject",)
    )
    return join(
        "{0}, but {1}.", "{0}, लेकिन {1}।", say(first), say(second), variant=f"but not {tense}"
    )


def _relative_subject(draw: Draw) -> tuple[Said, Phrase, Phrase]:
    """Draw "the boy who is playing in the park": the two clauses' parts, and who takes it up."""
    noun = draw.one(
        [
            n
            for n in draw.lexicon.chosen("person")
            if n.note != "honorific" and n.english not in ("friend", "neighbour")
        ]
    )
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
    return (
        Said(f"{english.phrase(head)} who {action}", spoken, tense, say(what).pairings),
        head,
        shadow,
    )


@pattern(4)
def who_is(draw: Draw) -> Said:
    """The girl who is singing in the garden is my friend's sister."""
    said, head, shadow = _relative_subject(draw)
    kind = draw.weighted({"kin": 2, "adjective": 2, "clause": 3})
    if kind == "clause":
        what = any_clause(
            draw,
            {"past": 3, "future": 3, "want to": 2, "can": 1},
            subject=head,
            adverbials=draw.weighted({0: 2, 1: 2}),
            front=False,
        )
        rest = english.clause(what).removeprefix(english.phrase(head))
        main = Said(
            rest, hindi.clause(replace(what, subject=shadow)), what.tense, say(what).pairings
        )
        return join(
            "{0}{1}.", "{0}, {1}।", said, main, variant=f"clause {said.variant}/{what.tense}"
        )
    if kind == "kin":
        if head.noun.gender == "f":
            noun = draw.one(draw.lexicon.chosen("sister daughter"))
        else:
            noun = draw.one(draw.lexicon.chosen("brother son friend"))
        owner = draw.one((Phrase(I), Phrase(YOU), draw.name(), draw.relative()))
        predicate = Phrase(noun, head.plural, owner=replace(owner, also=()))
    else:
        predicate = draw.one(
            [a for a in draw.adjectives(head.noun) if a.english not in ("good", "bad")]
        )
    what = Being(head, predicate, degree="very" if kind == "adjective" and draw.chance(0.4) else "")
    rest = english.being(what).removeprefix(english.phrase(head))
    main = Said(rest, hindi.being(replace(what, subject=shadow)))
    return join("{0}{1}.", "{0}, {1}।", said, main, variant=f"{kind} {said.variant}")


@pattern(4)
def that_i_bought(draw: Draw) -> Said:
    """The book that Ravi bought yesterday is very interesting."""
    verbs = [
        v
        for v in draw.lexicon.verbs
        if v.english
        in (
            "buy",
            "read",
            "see",
            "write",
            "make",
            "bring",
            "watch",
            "borrow",
            "wear",
            "choose",
            "sew",
            "learn",
            "plant",
            "sell",
            "repair",
            "wash",
            "drive",
        )
    ]
    tense = draw.weighted({"past": 6, "progressive": 1, "want to": 1})
    verb = draw.verb(tense, verbs)
    nouns = [
        n
        for n in draw.lexicon.chosen(verb.objects)
        if n.is_countable
        and n.kind not in ("person", "animal", "idea", "event")
        and n.note != "women"
        and draw.adjectives(n)
    ]
    if not nouns:
        return that_i_bought(draw)
    noun = draw.one(nouns)
    plural = draw.chance(0.25)
    head = Phrase(noun, plural, "the")
    what = draw.clause(tense, verb=verb, adverbials=draw.weighted({0: 2, 1: 3}), front=False)
    what = replace(
        what, object=head, adverbials=tuple(a for a in what.adverbials if a.slot != "manner")
    )
    inner = replace(what, object=None)
    relative = replace(what, object=replace(head, determiner="relative"))
    spoiled = ("broken", "dirty") if verb.english in ("repair", "wash") else ()
    adjective = draw.one([a for a in draw.adjectives(noun) if a.english not in spoiled])
    shadow = Phrase(replace(THEY if plural else HE, agreement=head.agreement))
    degree = "very" if not adjective.note and adjective.comparative and draw.chance(0.5) else ""
    rest = english.being(Being(head, adjective, degree=degree)).removeprefix(english.phrase(head))
    return Said(
        f"{english.phrase(head)} that {english.clause(inner)}{rest}.",
        f"{hindi.clause(relative)}, {hindi.being(Being(shadow, adjective, degree=degree))}।",
        tense,
        say(what).pairings,
    )


BACKSHIFT = {
    "progressive": "past progressive",
    "future": "would",
    "can": "could",
    "want to": "wanted to",
    "have to": "had to",
}


def speaker(draw: Draw) -> tuple[Phrase, str, str, bool, str]:
    """Draw who says, knows or thinks: subject, English, Hindi, whether it is past, and its name."""
    who_ = draw.person()
    while who_.noun == YOU:  # one does not tell people what they think
        who_ = draw.person()
    he, third = english.phrase(who_), english.person_of(who_) == 1
    a = who_.agreement
    name = draw.weighted(
        {"know": 3, "think": 3, "said": 5, "told": 2, "hope": 2, "says": 1, "do not think": 1}
    )
    s = "s" if third else ""
    be = forms.present_of_be(a)
    he_ko = hindi.marked(who_, "ko")
    listener = draw.recipient(who_)
    said = {
        "know": (f"{he} know{s} that", f"{he_ko} पता है कि"),
        "think": (f"{he} think{s} that", f"{he_ko} लगता है कि"),
        "hope": (f"{he} hope{s} that", f"{he_ko} उम्मीद है कि"),
        "do not think": (f"{he} do{'es' if third else ''} not think that", f"{he_ko} नहीं लगता कि"),
        "says": (f"{he} say{s} that", f"{hindi.phrase(who_)} {forms.agree('कहता', a)} {be} कि"),
        "said": (f"{he} said that", f"{hindi.marked(who_, 'ne')} कहा कि"),
        "told": (
            f"{he} told {english.phrase(listener, object=True)} that",
            f"{hindi.marked(who_, 'ne')} {hindi.marked(listener, 'ko', who_)} बताया कि",
        ),
    }[name]
    return who_, *said, name in ("said", "told"), name


def _reported(draw: Draw, past: bool, name: str, speaker: Phrase) -> tuple[Said, str]:
    """Draw what is said; English moves it back a tense after "said", Hindi does not."""
    tenses = (
        {"progressive": 3, "future": 4, "can": 2, "want to": 2, "have to": 1}
        if past
        else {"habitual": 2, "progressive": 3, "past": 3, "future": 4, "can": 2}
    )
    if name == "hope":
        tenses = {"future": 1}
    subject = shadow_of(speaker) if draw.chance(0.4) else other_than(draw, speaker)
    if name in ("hope", "know", "think", "do not think") and own(subject) == own(speaker):
        subject = other_than(draw, speaker)  # one knows what one does oneself
    while (
        name in ("said", "told", "says")
        and subject.noun in (I, WE)
        and subject.noun != speaker.noun
    ):
        subject = other_than(draw, speaker)  # in Hindi a reported "I" is the speaker's own
    what = any_clause(
        draw, tenses, subject=subject, adverbials=draw.weighted({0: 3, 1: 3}), front=False
    )
    if name == "do not think":
        what = replace(what, negative=False)
    what = not_about(draw, what, speaker)
    if name == "do not think" and what.object and what.object.determiner == "some":
        what = replace(what, object=replace(what.object, determiner="the"))
    if not past:
        return say(what), what.tense
    what = replace(what, adverbials=tuple(a for a in what.adverbials if a.slot != "time"))
    said = say(what)
    return replace(
        said, english=english.clause(replace(what, tense=BACKSHIFT[what.tense]))
    ), what.tense


@pattern(6)
def that(draw: Draw) -> Said:
    """My brother said that he would come home."""
    who_, text, spoken, past, name = speaker(draw)
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
    what = draw.clause(tense, subject=other_than(draw, who_), verb=verb, adverbials=0, plain=True)
    if question == "where":
        what = replace(what, adverbials=())
    verb_form = {0: "do", 1: "does", 2: "do"}[english.person_of(who_)]
    no = draw.one((english.contract(verb_form), verb_form + " not"))
    return Said(
        f"{english.phrase(who_)} {no} know {question} {english.clause(what)}.",
        f"{hindi.marked(who_, 'ko')} नहीं पता कि {hindi.clause(replace(what, question=question))}।",
        f"{question} {tense}",
        say(what).pairings,
    )


@pattern(0.8)
def if_i_went(draw: Draw) -> Said:
    """If I went to the market, I would buy vegetables."""
    return _if(draw, "would", "past", "would")


@pattern(1)
def if_i_go(draw: Draw) -> Said:
    """If I go to the market, I will buy vegetables."""
    return _if(draw, "future", "habitual", "will")


def _if(draw: Draw, tense: str, condition_tense: str, variant: str) -> Said:
    """Join two steps: in Hindi both in one tense, in English the condition in one of its own."""
    subject = draw.person()
    first, second = steps(draw, subject, tense)
    while second.object and second.object.is_pronoun:
        first, second = steps(draw, subject, tense)
    second = replace(second, subject=shadow_of(subject), unsaid=("subject",))
    condition = replace(say(first), english=english.clause(replace(first, tense=condition_tense)))
    return join("if {0}, {1}.", "अगर {0}, तो {1}।", condition, say(second), variant=variant)
