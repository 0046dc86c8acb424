"""Long sentences: those of the other modules, joined."""

from dataclasses import replace

from ..draw import Draw, own
from ..meaning import THEY, WE
from .clauses import and_but, speaker, that, that_i_bought, when, while_, who_is
from .reasons import although, and_then, because, before_and_after, if_state, purpose, so
from .said import Pattern, Said, join, pattern, say
from .statements import gift, statement


def _part(draw: Draw, choices: tuple[Pattern, ...]) -> Said:
    """Draw a sentence and take off its final mark."""
    pattern = draw.one(choices)
    said = pattern(draw)
    return replace(
        said,
        english=said.english[:-1],
        hindi=said.hindi[:-1],
        inside=said.inside | {said.name(pattern)},
    )


def _time_of(said: Said) -> str:
    """Return "past", or "present" for all that is not over, by the last verb of its main clause."""
    if said.variant in ("action", "weather") or said.variant.startswith(("said", "told")):
        return "past"
    *_, main = said.variant.removeprefix("but not ").split("/")
    if said.variant.startswith(("kin", "adjective")):
        main = "present"
    past = ("past", "had to", "could", "wanted to", "used to", "begin to")
    return "past" if any(tense in main for tense in past) else "present"


@pattern(11)
def long_and(draw: Draw) -> Said:
    """Two sentences of two clauses each."""
    firsts = (because, so, when, while_, who_is, that_i_bought, that, although, if_state, purpose,
              before_and_after)  # fmt: skip
    first = _part(draw, firsts)
    while not draw.lexicon.topics_of(first.english):  # nothing could go with it
        first = _part(draw, firsts)
    seconds = (because, who_is, that_i_bought, that, and_then, purpose, and_but, statement, gift)
    same = draw.lexicon.about_the_same
    second = _part(draw, seconds)
    while _time_of(second) != _time_of(first) or not same(first.english, second.english):
        second = _part(draw, seconds)
    return join("{0}, and {1}.", "{0}, और {1}।", first, second, variant="and")


@pattern(6)
def long_that(draw: Draw) -> Said:
    """Meena told me that she could not come to the party because she was ill and had a fever."""
    who_, text, spoken, _, name = speaker(draw)
    while name in ("said", "told", "hope", "do not think"):
        who_, text, spoken, _, name = speaker(draw)
    inner = _part(
        draw, (because, so, when, while_, who_is, that_i_bought, if_state, purpose, and_then)
    )
    return join("{0} {1}.", "{0} {1}।", Said(text, spoken), inner, variant=name)


@pattern(4)
def long_list(draw: Draw) -> Said:
    """My mother was cooking, my sister was reading and I was playing with my friends."""
    tense = draw.weighted(
        {"progressive": 2, "past progressive": 3, "future": 2, "past": 3, "habitual": 2}
    )
    clauses, taken, same = [], [], draw.lexicon.about_the_same
    for _ in range(draw.weighted({3: 3, 4: 1})):
        subject = draw.person()
        while any(
            own(subject) in (own(other), WE, THEY)
            and subject.is_pronoun
            or subject.noun == other.noun
            for other in taken
        ) or subject.noun in (WE, THEY):
            subject = draw.person()
        subject = replace(subject, also=())
        taken.append(subject)
        options = {"subject": subject, "front": False}
        said = say(draw.clause(tense, adverbials=draw.weighted({0: 1, 1: 2, 2: 1}), **options))
        first = clauses[0] if clauses else said
        while not same(first.english, said.english):
            said = say(draw.clause(tense, adverbials=draw.weighted({0: 1, 1: 2, 2: 1}), **options))
            first = clauses[0] if clauses else said
        clauses.append(said)
    numbers = [f"{{{i}}}" for i in range(len(clauses))]
    template = f"{', '.join(numbers[:-1])} and {numbers[-1]}."
    return join(
        template, template.replace(" and ", " और ").replace(".", "।"), *clauses, variant=tense
    )
