"""Small Hindi sentences to be spoken, with words that are easily taken for one another.

में and मैं, कि and की, और and ओर, सात and साथ, काम and कम, पिता and पीता, दाल and डाल differ in
one sound, and यह and ये in none. What was said has to be found out by the rest of the sentence.
"""

import random
from typing import NamedTuple

MEN = ["रवि", "मोहन", "अमित", "राहुल"]
WOMEN = ["मीना", "सीता", "अनीता", "नेहा"]
# The endings that agree with the subject: one man, one woman, several, several women, "I".
HABITUAL = {"m": "ता है", "f": "ती है", "mm": "ते हैं", "ff": "ती हैं", "i": "ता हूँ"}
PROGRESSIVE = {"m": "रहा है", "f": "रही है", "mm": "रहे हैं", "ff": "रही हैं", "i": "रहा हूँ"}
FUTURE = {"m": "एगा", "f": "एगी", "mm": "एँगे", "ff": "एँगी", "i": "ऊँगा"}
AFTER_CONSONANT = {"ए": "े", "एँ": "ें", "ऊँ": "ूँ"}
BE = {"m": "है", "f": "है", "mm": "हैं", "ff": "हैं", "i": "हूँ"}
TIMES = {
    "habitual": ["रोज़", "सुबह", "दिन में", "सात बजे", "दो बजे", "आठ बजे"],
    "progressive": ["अभी"],
    "future": ["कल", "आज", "शाम को", "सात बजे", "दो बजे", "आठ बजे"],
}


class Action(NamedTuple):
    """What can be done: the verb's stem, with what, and where."""

    stem: str
    objects: list[str]
    places: list[str]


ACTIONS = [
    Action("खा", ["दाल", "फल", "रोटी", "दो फल"], ["घर में", "बगीचे में", "मेले में"]),
    Action("पी", ["पानी", "चाय", "दूध"], ["घर में", "बगीचे में", "मेले में"]),
    Action("धो", ["थाली", "कपड़े"], ["घर में"]),
    Action("कर", ["काम"], ["घर में", "खेत में", "दुकान में"]),
    Action("कर", ["आराम"], ["घर में", "बगीचे में"]),
    Action("पढ़", ["किताब", "अखबार"], ["घर में", "बगीचे में", "दुकान में"]),
    Action("काट", ["पेड़ की डाल", "पेड़ की दो डालें"], ["खेत में", "बगीचे में"]),
    Action("बेच", ["फल", "बैल", "दाल", "दूध"], ["बाज़ार में", "मेले में", "गाँव में"]),
    Action("जा", ["घर", "बाज़ार", "गाँव की ओर", "घर की ओर", "खेत की ओर"], []),
]
# What something is like: with यह and है of one, with ये and हैं of several.
DESCRIBED = {
    "m": (["मेला", "पेड़", "बैल", "घर"], ["बड़ा", "अच्छा"]),
    "f": (["थाली", "किताब", "दुकान"], ["बड़ी", "अच्छी", "मेरी"]),
    "mm": (["बैल", "फल", "पेड़", "घर", "कपड़े"], ["बड़े", "अच्छे", "मेरे"]),
}
SCARCE = ["काम", "पानी", "दूध", "दाल"]


def sentence(draw: random.Random) -> str:
    """Return a sentence without punctuation, drawn from all patterns."""
    patterns = {_does: 6, _is_somewhere: 1, _says: 2, _is_like: 2, _is_scarce: 1}
    return draw.choices([*patterns], [*patterns.values()])[0](draw)


def _subject(draw: random.Random) -> tuple[str, str]:
    """Return who does something, and which endings it takes."""
    one, other = draw.sample(MEN + WOMEN, 2)
    both = "ff" if {one, other} <= {*WOMEN} else "mm"
    return draw.choice(
        [
            *[(one, "m" if one in MEN else "f")] * 3,
            *[("मैं", "i")] * 2,
            ("पिता जी", "mm"),
            ("किसान", "m"),
            (f"{one} और {other}", both),
            (f"{one} की बहन", "f"),
            (f"{one} का भाई", "m"),
        ]
    )


def _does(draw: random.Random) -> str:
    who, agreement = _subject(draw)
    tense, action = draw.choice([*TIMES]), draw.choice(ACTIONS)
    said = [who]
    if draw.random() < 0.5:
        said.append(draw.choice(TIMES[tense]))
    others = [name for name in MEN + WOMEN if name not in who]
    if draw.random() < 0.3 and "और" not in who:
        said.append(f"{draw.choice(others)} के साथ")
    if action.places and draw.random() < 0.5:
        said.append(draw.choice(action.places))
    return " ".join([*said, draw.choice(action.objects), _verb(action.stem, tense, agreement)])


def _verb(stem: str, tense: str, agreement: str) -> str:
    """Return a verb in a tense: पीता है, पी रही है, पिएगा, करूँगा."""
    if tense == "habitual":
        return stem + HABITUAL[agreement]
    if tense == "progressive":
        return f"{stem} {PROGRESSIVE[agreement]}"
    ending = FUTURE[agreement]
    if stem[-1] not in "ािीो":
        start = ending[:2] if ending[:2] in AFTER_CONSONANT else ending[0]
        return stem + AFTER_CONSONANT[start] + ending.removeprefix(start)
    return stem.replace("ी", "ि") + ending


def _is_somewhere(draw: random.Random) -> str:
    who, agreement = _subject(draw)
    places = ["घर में", "खेत में", "बगीचे में", "बाज़ार में", "मेले में", "गाँव में"]
    return f"{who} {draw.choice(places)} {BE[agreement]}"


def _says(draw: random.Random) -> str:
    said = draw.choice([_does, _is_somewhere, _is_like])(draw)
    speaker = draw.choice([name for name in MEN + WOMEN if name not in said])
    who, agreement = draw.choice([(speaker, "m" if speaker in MEN else "f"), ("मैं", "i")])
    verb = "जान" if who == "मैं" else "कह"
    return f"{who} {verb}{HABITUAL[agreement]} कि {said}"


def _is_like(draw: random.Random) -> str:
    agreement = draw.choice([*DESCRIBED])
    things, words = DESCRIBED[agreement]
    this = "ये" if agreement == "mm" else "यह"
    return f"{this} {draw.choice(things)} {draw.choice(words)} {BE[agreement]}"


def _is_scarce(draw: random.Random) -> str:
    place = draw.choice(["घर में", "दुकान में", "गाँव में", "खेत में", "बाज़ार में"])
    time = draw.choice(["", "आज ", "अभी ", "दिन में "])
    return f"{time}{place} {draw.choice(SCARCE)} कम है"
