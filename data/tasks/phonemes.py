"""What a speech recogniser's first stage might hear: sounds, some of them wrong, without spaces."""

import random
import unicodedata

from .sounds import NASAL, sounds, with_tilde

# What is easily taken for what, in both directions.
PAIRS = [
    *[("k", "kʰ"), ("g", "gʱ"), ("tʃ", "tʃʰ"), ("dʒ", "dʒʱ"), ("t", "tʰ"), ("d", "dʱ")],
    *[("ʈ", "ʈʰ"), ("ɖ", "ɖʱ"), ("p", "pʰ"), ("b", "bʱ"), ("ɽ", "ɽʱ")],  # breath
    *[("t", "ʈ"), ("tʰ", "ʈʰ"), ("d", "ɖ"), ("dʱ", "ɖʱ"), ("r", "ɽ")],  # place of the tongue
    *[("ə", "aː"), ("ɪ", "iː"), ("ʊ", "uː"), ("eː", "ɛː"), ("oː", "ɔː")],  # length of a vowel
]
CONFUSED: dict[str, list[str]] = {}
for one, other in PAIRS:
    CONFUSED.setdefault(one, []).append(other)
    CONFUSED.setdefault(other, []).append(one)
SPOKEN = {"यह": "ये", "वह": "वो"}  # nobody says the h
DROPPED, DOUBLED = 0.15, 0.15  # of the sounds that are heard wrongly; the others are confused


def spoken(sentence: str) -> list[str]:
    """Return the sounds of a sentence one after the other, in IPA; nothing tells where words end.

    Args:
        sentence: Hindi words with single spaces between them, without punctuation.
    """
    return [str(sound) for word in sentence.split() for sound in sounds(SPOKEN.get(word, word))]


def misheard(heard: list[str], share: float, draw: random.Random) -> list[str]:
    """Return the sounds with about a share of them dropped, doubled or taken for another.

    A sound that has no partner in `PAIRS`, such as m, is heard rightly where it would be confused.
    """
    found = []
    for sound in heard:
        if draw.random() >= share:
            found.append(sound)
            continue
        kind = draw.random()
        if kind < DROPPED:
            continue
        found.append(_taken_for(sound, draw) if kind >= DROPPED + DOUBLED else sound)
        if kind < DROPPED + DOUBLED:
            found.append(sound)
    return found or heard


def _taken_for(sound: str, draw: random.Random) -> str:
    plain = unicodedata.normalize("NFD", sound).replace(NASAL, "")
    if plain not in CONFUSED:
        return sound
    other = draw.choice(CONFUSED[plain])
    return with_tilde(other) if NASAL in unicodedata.normalize("NFD", sound) else other
