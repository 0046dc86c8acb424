"""Two clauses, one of them the reason for the other, or before it."""

from dataclasses import replace

from .. import english, forms, hindi
from ..draw import Draw, own
from ..meaning import THEY, WE, Adverbial, Agreement, Being, Clause, I, Phrase, Pronoun
from .said import STATEMENT, Said, join, pattern, say


def doing(
    draw: Draw,
    verb_name: str,
    nouns: str,
    subject: Phrase,
    tense: str,
    *,
    negative: bool = False,
) -> Clause:
    """Make a clause of a table's verb and objects; a verb without objects has places there."""
    noun = None
    options = draw.verbs_called(verb_name)
    if not options[0].objects:
        verb = next((v for v in options if set(v.places.split()) & set(nouns.split())), options[0])
        what = Clause(subject, verb, tense, negative=negative, contracted=draw.chance(0.5))
        place = draw.places[draw.one(nouns.split())] if nouns else None
        if verb.is_motion:
            return replace(what, goal=place or draw.places["home"])
        at = (Adverbial(place.at, place.hindi_at, "place"),) if place else ()
        return replace(what, adverbials=at)
    if nouns:
        noun = draw.one(draw.lexicon.chosen(nouns))
    verb = draw.one([v for v in options if not noun or draw.suits(v, noun)] or options)
    object_ = draw.thing(noun, subject, plain=negative, created=draw.is_new(verb)) if noun else None
    if object_ and object_.determiner == "that" and subject.is_pronoun:
        object_ = replace(object_, determiner="this")  # not वह वह किताब
    return Clause(subject, verb, tense, object_, negative=negative, contracted=draw.chance(0.5))


def _cause_and_effect(
    draw: Draw, tenses: tuple[tuple[str, str], ...], *, against: bool = False
) -> tuple[Being, Clause]:
    """Draw a state and what one does, or does not do, in it; `against` turns that round."""
    row = draw.one(draw.lexicon.causes)
    state = draw.states[row.state]
    negative = (row.effect == "no") != against
    suiting = [
        pair
        for pair in tenses
        if not (pair[1] in ("can", "could") and not negative)
        and not (pair[1] in ("had to", "have to") and (negative or row.verb in MOODS))
    ]
    state_tense, tense = draw.one(suiting)
    subject = draw.person()
    return Being(subject, state, state_tense), doing(
        draw, row.verb, row.objects, subject, tense, negative=negative
    )


MOODS = ("smile", "cry", "shout", "dance", "laugh", "sing")  # nobody has to
CAUSES = (
    ("present", "future"),
    ("present", "want to"),
    ("present", "can"),
    ("past", "past"),
    ("past", "wanted to"),
    ("past", "could"),
    ("past", "had to"),
    ("present", "have to"),
)


def _effect(what: Clause) -> Said:
    return say(what, what.tense + " not" * what.negative)


def _weather(being: Being) -> bool:
    return "weather" in being.predicate.note


def shadow_of(subject: Phrase) -> Phrase:
    """Return the pronoun that takes up a subject; a respected one stays in the plural."""
    pronoun = own(subject)
    if subject.is_honorific:
        pronoun = Pronoun(
            pronoun.english, pronoun.object, pronoun.possessive, "वे", subject.agreement
        )
    elif not subject.is_pronoun and subject.agreement.plural:
        pronoun = replace(THEY, agreement=subject.agreement)
    return Phrase(pronoun)


def _same_person(first: Clause | Being, second: Clause | Being, said: Said) -> Said:
    """Leave वह or वे out of a second clause where nothing marks it, nor the first clause's subject.

    वह घर नहीं आया क्योंकि बीमार था; but उसने खाना नहीं खाया क्योंकि वह बीमार था.
    """
    pronoun = hindi.phrase(second.subject) + " "
    marked = isinstance(first, Clause) and hindi.subject_case(first)
    felt = isinstance(first, Being) and hindi.is_felt(first.predicate)
    if marked or felt or second.subject.noun.english not in ("he", "she", "they"):
        return said
    return replace(said, hindi=said.hindi.removeprefix(pronoun))


@pattern(4)
def because(draw: Draw) -> Said:
    """Ravi did not go to school because he was ill."""
    being, effect = _cause_and_effect(draw, CAUSES)
    if draw.chance(0.3):  # Because Ravi was ill, he did not go to school.
        effect = effect if _weather(being) else replace(effect, subject=shadow_of(effect.subject))
        first = replace(being, subject=effect.subject) if _weather(being) else being
        said = _effect(effect) if _weather(being) else _same_person(first, effect, _effect(effect))
        since = draw.one(("because", "since"))
        return join(f"{since} {{0}}, {{1}}.", "चूँकि {0}, इसलिए {1}।", say(first), said)
    cause = being if _weather(being) else replace(being, subject=shadow_of(effect.subject))
    return join(
        "{0} because {1}.",
        "{0} क्योंकि {1}।",
        _effect(effect),
        say(cause),
    )


@pattern(3)
def so(draw: Draw) -> Said:
    """It was raining, so we could not play cricket."""
    being, effect = _cause_and_effect(draw, CAUSES)
    if not _weather(being):
        effect = replace(effect, subject=shadow_of(being.subject))
    return join(
        "{0}, so {1}.",
        "{0}, इसलिए {1}।",
        say(being),
        _effect(effect) if _weather(being) else _same_person(being, effect, _effect(effect)),
    )


@pattern(2)
def although(draw: Draw) -> Said:
    """Although he was ill, he went to school."""
    being, effect = _cause_and_effect(
        draw,
        (("past", "past"), ("past", "wanted to"), ("present", "want to"), ("present", "future")),
        against=True,
    )
    if not _weather(being):
        effect = replace(effect, subject=shadow_of(being.subject))
    return join(
        "although {0}, {1}.",
        "हालाँकि {0}, फिर भी {1}।",
        say(being),
        _effect(effect) if _weather(being) else _same_person(being, effect, _effect(effect)),
    )


@pattern(3)
def if_state(draw: Draw) -> Said:
    """If you are tired, you should rest. If it rains tomorrow, we will not go to the park."""
    being, effect = _cause_and_effect(
        draw, (("present", "future"), ("present", "should"), ("present", "can"))
    )
    if effect.tense == "should" and effect.verb.english in MOODS:
        effect = replace(effect, tense="future")
    if effect.tense == "can":
        effect = replace(effect, tense="should")
    if not _weather(being):
        if being.subject.noun in (I, WE):  # one knows whether one is tired
            return if_state(draw)
        effect = replace(effect, subject=shadow_of(being.subject))
        said = join(
            "if {0}, {1}.",
            "अगर {0}, तो {1}।",
            say(being),
            _same_person(being, effect, _effect(effect)),
        )
        if draw.chance(0.65):
            return said
        main = english.clause(replace(effect, subject=being.subject))
        condition = english.being(replace(being, subject=effect.subject))
        return replace(said, english=f"{main} if {condition}.")
    simple = {"be raining": "it rains", "be snowing": "it snows"}.get(being.predicate.english)
    time = draw.time("future", "front")
    if being.predicate.english == "be dark":
        return if_state(draw)
    effect = replace(effect, tense="future")
    english_state = simple or english.being(being)
    condition = Said(
        f"{english_state} {time.english}",
        f"{time.hindi} {hindi.fallen(being.predicate)}",
        "future",
    )
    order = draw.one(("if {0}, {1}.", "if {0}, {1}.", "{1} if {0}."))
    return join(order, "अगर {0}, तो {1}।", condition, _effect(effect))


def steps(draw: Draw, subject: Phrase, tense: str, before: bool = False) -> tuple[Clause, Clause]:
    """Draw two things that somebody does one after the other; `before` if they need not be."""
    row = draw.one([row for row in draw.lexicon.sequences if row.before or not before])
    first = doing(draw, row.first, row.objects, subject, tense)
    if row.second_objects != "same":
        return first, doing(draw, row.second, row.second_objects, subject, tense)
    noun = first.object.noun
    options = draw.verbs_called(row.second)
    verb = draw.one([v for v in options if draw.suits(v, noun)] or options)
    plural = first.object.plural
    it = (
        Pronoun("they", "them", "", "वे", first.object.agreement)
        if plural
        else Pronoun("it", "it", "", "वह", first.object.agreement)
    )
    second = Clause(subject, verb, tense, Phrase(it))
    if verb.english in ("give", "send"):
        second = replace(second, object=Phrase(it), recipient=draw.recipient(subject))
    return first, second


@pattern(3)
def and_then(draw: Draw) -> Said:
    """I went to the market and bought vegetables."""
    subject = draw.person()
    tense = draw.weighted({"past": 5, "future": 3, "habitual": 2})
    first, second = steps(draw, subject, tense)
    while second.recipient:
        first, second = steps(draw, subject, tense)
    when_ = draw.time(tense, "end middle") if draw.chance(0.4) else None
    if when_ and when_.hindi.endswith(" पहले"):  # which would want था
        when_ = None
    said, then = say(first), say(second)
    rest = then.english.removeprefix(english.phrase(subject) + " ").removeprefix("will ")
    text = f"{said.english} and {rest}"
    if when_ and when_.slot == "middle":
        text = text.replace(
            english.phrase(subject), f"{english.phrase(subject)} {when_.english}", 1
        )
    elif when_:
        text = f"{text} {when_.english}"
    # What one does first is a participle: किताब खरीदकर पढ़ी. The verb agrees with the book still.
    if second.object and second.object.is_pronoun:
        second = replace(second, object=first.object, unsaid=("subject", "object"))
    second = replace(second, unsaid=("subject", *second.unsaid))
    case = hindi.subject_case(second)
    who_ = hindi.marked(subject, case) if case else hindi.phrase(subject)
    time = f"{when_.hindi} " if when_ else ""
    after = "के" if first.verb.hindi.endswith("करना") else "कर"
    return Said(
        f"{text}.",
        f"{who_} {time}{bare(first, after)} {hindi.clause(second)}।",
        tense,
        said.pairings | then.pairings,
    )


def bare(what: Clause, ending: str) -> str:
    """Say a clause with its verb's stem and an ending: बाज़ार जा + कर, खाना खा + ने."""
    before, stem = forms.stem_of(what.verb.hindi)
    command = hindi.clause(replace(what, tense="imperative", negative=False, question=""))
    verb = forms.imperative(stem, what.subject.agreement)
    return command.removesuffix(verb) + stem + ending


@pattern(3)
def purpose(draw: Draw) -> Said:
    """She went to the market to buy a sari."""
    row = draw.one(draw.lexicon.purposes)
    tense = draw.weighted(
        {"past": 4, "future": 3, "progressive": 2, "want to": 2, "habitual": 1, "have to": 1}
    )
    subject = draw.person()
    aim = replace(doing(draw, row.verb, row.objects, subject, "imperative"), adverbials=())
    to_do = Adverbial(f"to {english.clause(aim)}", f"{bare(aim, 'ने')} के लिए", "aim")
    main = Clause(subject, draw.verbs["go"], tense, goal=draw.places[row.goal], adverbials=(to_do,))
    main = draw.add_adverbials(main, int(draw.chance(0.4)))
    return join(*STATEMENT, replace(say(main), pairings=say(aim).pairings))


@pattern(4)
def before_and_after(draw: Draw) -> Said:
    """After reading the newspaper, my father goes to the office."""
    subject = draw.person()
    word, hindi_word = draw.one((("after", "के बाद"), ("before", "से पहले"), ("without", "बिना")))
    tense = draw.weighted(
        {"past": 4, "future": 3, "habitual": 3, "have to": int(word != "without")}
    )
    first, second = steps(draw, subject, tense, before=word != "after")
    while second.object and second.object.is_pronoun:
        first, second = steps(draw, subject, tense, before=word != "after")
    if word == "before":
        first, second = second, first
    doing = first.verb.progressive + english.clause(
        replace(first, tense="imperative")
    ).removeprefix(first.verb.english)
    said = say(second)
    if word == "without":
        text, spoken = (
            f"{said.english} without {doing}",
            after_subject(second, f"{_e(first)} बिना"),
        )
    else:
        order = draw.one(("{0}, {1}", "{0}, {1}", "{1} {0}"))
        text, spoken = (
            order.format(f"{word} {doing}", said.english),
            f"{bare(first, 'ने')} {hindi_word} {said.hindi}",
        )
    return Said(f"{text}.", f"{spoken}।", f"{word} {tense}", say(first).pairings | said.pairings)


def _e(what: Clause) -> str:
    """Say a clause as an adverb in -ए, as in खाना खाए बिना."""
    before, stem = forms.stem_of(what.verb.hindi)
    participle = forms.participle(stem, Agreement(plural=True))
    return bare(what, "").removesuffix(stem) + participle


def after_subject(what: Clause, words: str) -> str:
    """Say a clause with some words behind its subject: मैंने भी, रवि को भी."""
    case = hindi.subject_case(what)
    who_ = hindi.marked(what.subject, case) if case else hindi.phrase(what.subject)
    return hindi.clause(what).replace(who_, f"{who_} {words}", 1)
