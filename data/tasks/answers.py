"""Short texts with a question about each, and its answer, in English.

A text is one to four facts. Each person comes once in it, and so does each place, thing and doing:
every question has exactly one answer.
"""

import random
from typing import NamedTuple

from .people import PEOPLE, is_held_out

PLACES = [
    *["in the kitchen", "in the garden", "in the office", "in the library"],
    *["at the market", "at the station", "at the hospital", "on the roof"],
]
# What somebody is doing, and with what. Nothing that can be done goes with two of the verbs.
DOINGS = {
    "reading": ["a book", "a letter", "a newspaper"],
    "eating": ["an apple", "a banana", "a mango"],
    "drinking": ["tea", "milk", "water"],
    "cleaning": ["the window", "the table", "the floor"],
}
OWNED = ["a dog", "a cat", "a bicycle", "a camera", "a guitar", "a kite"]


class Fact(NamedTuple):
    """One sentence of a text: of whom it tells, what, and what may be asked.

    Attributes:
        sentence: without its full stop.
        person: of whom it tells.
        told: what it tells of this person; the two together are a combination.
        questions: pairs of a question and its answer.
    """

    sentence: str
    person: str
    told: str
    questions: tuple[tuple[str, str], ...]


def story(length: int, draw: random.Random) -> tuple[str, str, list[Fact], int]:
    """Return a text with its question, the answer, its facts, and the number of the one asked for.

    Args:
        length: how many facts the text has.
        draw: chooses everything.
    """
    facts, used = [], set()
    while len(facts) < length:
        fact = draw.choice(KINDS)(draw.choice(PEOPLE), draw)
        if {fact.person, fact.told}.isdisjoint(used):
            facts.append(fact)
            used |= {fact.person, fact.told}
    asked = draw.randrange(length)
    question, answer = draw.choice(facts[asked].questions)
    text = " ".join(f"{fact.sentence}." for fact in facts)
    return f"{text} {question}", answer, facts, asked


def combinations(facts: list[Fact]) -> list[bool]:
    """Tell of each fact whether its combination is held out from training."""
    return [is_held_out(fact.person, fact.told) for fact in facts]


def _place(person: str, draw: random.Random) -> Fact:
    place = draw.choice(PLACES)
    questions = ((f"Where is {person}?", place), (f"Who is {place}?", person))
    return Fact(f"{person} is {place}", person, place, questions)


def _does(person: str, draw: random.Random) -> Fact:
    verb = draw.choice([*DOINGS])
    what = draw.choice(DOINGS[verb])
    questions = (
        (f"What is {person} {verb}?", what),
        (f"Who is {verb} {what}?", person),
        (f"What is {person} doing?", f"{verb} {what}"),
    )
    return Fact(f"{person} is {verb} {what}", person, f"{verb} {what}", questions)


def _owns(person: str, draw: random.Random) -> Fact:
    what = draw.choice(OWNED)
    questions = ((f"What does {person} have?", what), (f"Who has {what}?", person))
    return Fact(f"{person} has {what}", person, what, questions)


KINDS = [_place, _does, _owns]
