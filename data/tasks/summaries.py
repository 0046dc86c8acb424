"""Short reports of two to four sentences, and one sentence that says the same.

What a person does is joined; what two people do is told of both; a sentence that only describes
(the weather, how full a place was) is left out.
"""

import random
from typing import NamedTuple

from .people import MEN, PEOPLE, is_held_out

# For each scene the things that are done one after the other. One of each row may be told, and any
# rows may be left out but the first.
SCENES = {
    "market": [
        ["went to the market", "walked to the market", "cycled to the market"],
        ["met a friend", "met an old teacher", "met a neighbour"],
        ["bought apples", "bought rice", "bought onions", "bought flowers", "bought fish"],
        ["came home", "went home", "went to the bank"],
    ],
    "kitchen": [
        ["went into the kitchen", "came into the kitchen"],
        ["washed the rice", "cut the onions", "washed the plates", "cleaned the table"],
        ["made tea", "made soup", "baked a cake", "cooked lunch"],
        ["called the children", "rested", "sat down"],
    ],
    "garden": [
        ["went into the garden", "came into the garden"],
        ["watered the flowers", "picked some lemons", "planted a tree", "cut the grass"],
        ["sat under a tree", "rested in the shade", "drank some water"],
        ["sang songs", "listened to the birds", "fell asleep"],
    ],
    "morning": [
        ["got up early", "got up at six o'clock", "got up late"],
        ["took a bath", "went for a walk", "did yoga"],
        ["had breakfast", "drank tea", "ate some fruit"],
        ["went to work", "left for the office", "took the bus"],
    ],
    "evening": [
        ["came home late", "came home tired", "came home early"],
        ["cooked dinner", "ate dinner", "drank some milk"],
        ["read the newspaper", "listened to music", "watched a film", "wrote letters"],
        ["went to bed", "fell asleep"],
    ],
    "station": [
        ["went to the station", "took a taxi to the station", "ran to the station"],
        ["bought tickets", "drank coffee", "asked a policeman the way"],
        ["waited for the train", "waited for a friend", "looked at the trains"],
        ["went to Delhi", "went to Mumbai", "went to Jaipur"],
    ],
}
DESCRIPTIONS = {
    "market": ["The market was full of people", "The shops were open", "It was hot"],
    "kitchen": ["It was cold", "It was raining", "The kitchen was warm"],
    "garden": ["The sun was shining", "The flowers were red", "It was warm"],
    "morning": ["It was cold", "The sky was blue", "It was Monday"],
    "evening": ["It was dark", "It was raining", "The house was quiet"],
    "station": ["The train was late", "The station was full of people", "It was hot"],
}
KINDS = {"join": 4, "drop": 3, "together": 3}  # how often of ten
MOST_LATER = 2  # things that are done after the first
DOERS = {True: "He", False: "She"}


class Report(NamedTuple):
    """A report and its summary.

    Attributes:
        text: the sentences.
        summary: one sentence.
        kind: "join", "drop" (a description is left out) or "together" (two people).
        done: each person with each thing done; these are the combinations.
    """

    text: str
    summary: str
    kind: str
    done: tuple[tuple[str, str], ...]


def report(draw: random.Random) -> Report:
    """Return a report about one or two people, drawn from all scenes."""
    scene = draw.choice([*SCENES])
    kind = draw.choices([*KINDS], [*KINDS.values()])[0]
    first, *later = SCENES[scene]
    rows = sorted(draw.sample(range(len(later)), draw.randint(1, MOST_LATER)))
    done = [draw.choice(first), *(draw.choice(later[row]) for row in rows)]
    who = draw.sample(PEOPLE, 2 if kind == "together" else 1)
    told = _told(who, done, draw)
    if kind == "drop":
        told.insert(draw.randint(1, len(told)), draw.choice(DESCRIPTIONS[scene]))
    text = " ".join(f"{sentence}." for sentence in told)
    summary = f"{' and '.join(who)} {_joined(done)}."
    return Report(text, summary, kind, tuple((one, each) for one in who for each in done))


def has_held_out(done: tuple[tuple[str, str], ...]) -> bool:
    """Tell whether training never shows one of these people do one of these things."""
    return any(is_held_out(*one) for one in done)


def _told(who: list[str], done: list[str], draw: random.Random) -> list[str]:
    """Return a sentence for each thing done; two people get one each for the first thing."""
    if len(who) == 2:
        one, other = who
        told = [f"{one} {done[0]}", f"{other} {done[0]}, too"]
        return [*told, *(f"They {each}" for each in done[1:])]
    again = draw.choice([who[0], DOERS[who[0] in MEN]])
    return [f"{who[0]} {done[0]}", *(f"{again} {each}" for each in done[1:])]


def _joined(done: list[str]) -> str:
    *others, last = done
    return f"{', '.join(others)} and {last}"
