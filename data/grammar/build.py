"""Draw the course corpus, deal it to its three sides, and write it."""

import random
import zlib
from collections import Counter
from pathlib import Path

from s2s_keras.corpora import leak_key
from s2s_keras.text import words

from .draw import Draw
from .lexicon import Lexicon, lexicon
from .meaning import Pair
from .patterns import PATTERNS

FOLDER = Path(__file__).parents[1] / "course"
SEED = 2014
PAIRS = {"train": 42_000, "dev": 2_000}
# The test side: so many pairs in each band of English words; and of these so large a share whose
# pattern, or whose pairing of a verb with a noun, training never shows.
BANDS = {(1, 4): 440, (5, 8): 800, (9, 14): 720, (15, 35): 440}
SHARES = {"seen": 0.7, "pattern": 0.15, "pairing": 0.15}
PAIRINGS_HELD_OUT = 12  # one pairing in so many
LONGEST = 35
# Each is new only as a whole: its construction comes in other tenses, its tense in others.
PATTERNS_HELD_OUT = frozenset(
    {
        "addressed doctor yes-no", "addressed grandmother", "although present/want to not",
        "and_but and can", "and_but but not past progressive", "because could not/past",
        "because had to/past", "before_and_after before have to", "before_and_after without past",
        "command child not", "compared more past", "feels future not", "has kin present not",
        "if_state present/should not", "is_a past", "likes need present not", "likes want past",
        "long_list progressive", "purpose have to", "so past/wanted to not",
        "somebody_is_there future not", "statement have to not", "statement know how to not",
        "statement want to not", "that said have to", "that told progressive",
        "that_i_bought want to", "there_is past not", "what_or_whom past progressive",
        "where_when_why when past", "where_when_why why progressive not", "while progressive",
        "who past progressive", "who_is adjective habitual", "who_is kin past progressive",
        "yes_no going to", "yes_no had to", "yes_no like to",
    }
)  # fmt: skip


def build(tables: Lexicon | None = None) -> dict[str, list[tuple[Pair, str]]]:
    """Draw the three sides; with each pair comes "seen", "pattern" or "pairing".

    No English and no Hindi sentence comes twice, whatever its case and punctuation.
    """
    draw = Draw(tables or lexicon(), random.Random(SEED))
    held_out = pairings_held_out(draw.lexicon)
    sides = {"train": [], "dev": [], "test": []}
    room = Counter(
        {(band, kind): round(BANDS[band] * SHARES[kind]) for band in BANDS for kind in SHARES}
    )
    taken: set[str] = set()
    while len(sides["train"]) < PAIRS["train"] or +room:
        pair = draw_pair(draw)
        keys = {leak_key(pair.english), leak_key(pair.hindi)}
        kind = novelty(pair, held_out)
        side = _side(draw, sides, room[band(pair), kind], kind)
        if side and taken.isdisjoint(keys):
            taken |= keys
            sides[side].append((pair, kind))
            room[band(pair), kind] -= side == "test"
    return sides


def _side(draw: Draw, sides: dict[str, list], room: int, kind: str) -> str:
    """Choose a side for a pair, "" for none; a seventh of what training could have goes to test."""
    if room > 0 and (kind != "seen" or draw.chance(1 / 7)):
        return "test"
    if kind != "seen":
        return ""
    if len(sides["dev"]) < PAIRS["dev"] and draw.chance(PAIRS["dev"] / PAIRS["train"]):
        return "dev"
    return "train" if len(sides["train"]) < PAIRS["train"] else ""


def draw_pair(draw: Draw) -> Pair:
    """Draw one sentence pair from any pattern, not longer than LONGEST words on either side."""
    while True:
        pattern = draw.weighted(PATTERNS)
        said = pattern(draw)
        english = said.english[0].upper() + said.english[1:]
        if max(len(words(english)), len(words(said.hindi))) - 1 <= LONGEST:
            name = said.name(pattern)
            return Pair(english, said.hindi, name, said.inside | {name}, said.pairings)


def band(pair: Pair) -> tuple[int, int]:
    """Return the band of lengths that the English sentence falls in."""
    length = sum(any(map(str.isalnum, word)) for word in words(pair.english))
    return next(band for band in BANDS if length <= band[1])


def novelty(pair: Pair, held_out: frozenset[str]) -> str:
    """Return what training never shows of a pair: its "pattern", its "pairing", or nothing."""
    if not pair.patterns.isdisjoint(PATTERNS_HELD_OUT):
        return "pattern"
    return "seen" if pair.pairings.isdisjoint(held_out) else "pairing"


def pairings_held_out(tables: Lexicon) -> frozenset[str]:
    """Choose one pairing of a verb with a noun in twelve, the same ones on every machine.

    A verb with few objects keeps all of them.
    """
    chosen = set()
    for verb in (*tables.ditransitives, *tables.verbs):
        nouns = tables.chosen(verb.objects)
        pairings = [f"{verb.english} {noun.english}" for noun in nouns]
        if len(nouns) >= 8:
            chosen |= {p for p in pairings if not zlib.crc32(p.encode()) % PAIRINGS_HELD_OUT}
    return frozenset(chosen)


def write(sides: dict[str, list[tuple[Pair, str]]], folder: Path = FOLDER) -> None:
    """Write a table a side: english, hindi, novelty, pattern."""
    folder.mkdir(exist_ok=True)
    for side, rows in sides.items():
        lines = ["english\thindi\tnovelty\tpattern"]
        lines += [f"{p.english}\t{p.hindi}\t{kind}\t{p.pattern}" for p, kind in rows]
        path = folder / f"{side}.tsv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
