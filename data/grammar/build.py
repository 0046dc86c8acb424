"""Draw the grammar's sentences, add those written by hand, deal all to three splits, write them."""

import random
import zlib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from s2s_keras.corpora import leak_key
from s2s_keras.text import words

from .draw import Draw
from .english import third
from .frames import frame
from .lexicon import Lexicon, lexicon
from .meaning import Pair
from .patterns import PATTERNS
from .unclear import is_unclear

DATA = Path(__file__).parents[1]
FOLDER = DATA / "course"
BY_HAND = ("phrasebook", "everyday")
SEED = 2014
TRAINING = 45_000  # pairs: all those by hand that are not held out, and the rest by the grammar
# The test split: so many pairs of the grammar in each band of English words; and of these so large
# a share whose pattern, or whose pairing of a verb with a noun, training never shows. The dev split
# is the same mixture, and smaller.
BANDS = {(1, 4): 440, (5, 8): 800, (9, 14): 720, (15, 35): 440}
SHARES = {"seen": 0.7, "pattern": 0.15, "pairing": 0.15}
DEV = 0.7
PAIRINGS_HELD_OUT = 12  # one pairing in so many
# So many frames in twenty, of those that no sentence of the grammar has: all that is written by
# hand in such a frame is "natural". But not where a word of it is rarer than that in all that could
# be trained on: training needs it, and a test of shapes should not be one of rare words.
FRAMES_HELD_OUT = {"test": 2, "dev": 1}
RAREST_WORD = 20
LONGEST = 35
# Each is new only as a whole: its construction comes in other tenses, its tense in others.
PATTERNS_HELD_OUT = frozenset(
    {
        "addressed doctor yes-no", "addressed grandmother", "although present/want to not",
        "maybe past", "and_but but not past progressive", "because could not/past",
        "because had to/past", "before_and_after before have to", "before_and_after without past",
        "command child not", "compared more past", "feels past not", "has kin present not",
        "if_state present/should not", "is_a past", "likes need present not", "likes want past",
        "long_list progressive", "purpose have to", "so past/wanted to not",
        "somebody_is_there future not", "is_done future not", "nobody nobody future",
        "only who future", "statement know how to not",
        "statement want to not", "that said have to", "that told progressive",
        "that_i_bought want to", "there_is past not", "what_or_whom past progressive",
        "where_when_why when past", "where_when_why why progressive not",
        "who past progressive", "who_is adjective habitual", "who_is kin past progressive",
        "yes_no going to", "yes_no had to", "yes_no like to",
    }
)  # fmt: skip


class Row(NamedTuple):
    """A line of a split: its novelty is what training never shows of it."""

    english: str
    hindi: str
    novelty: str
    pattern: str


def build(tables: Lexicon | None = None) -> dict[str, list[Row]]:
    """Return the rows of "train", "dev" and "test".

    No English and no Hindi sentence comes twice, whatever its case and punctuation; but a natural
    sentence of test has a row for each of its translations.
    """
    draw = Draw(tables or lexicon(), random.Random(SEED))
    return deal(draw_sides(draw, not_to_be_drawn()), fit_to_deal(draw.lexicon))


def keys_of_challenge() -> set[str]:
    """Return the leak keys of the challenge's sentences."""
    lines = (FOLDER / "challenge.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {leak_key(side) for line in lines for side in line.split("\t")}


def not_to_be_drawn() -> set[str]:
    """Return the leak keys of what is written by hand, and of the challenge."""
    return keys_of_challenge() | {leak_key(s) for row in written_by_hand() for s in row[:2]}


def fit_to_deal(tables: Lexicon) -> list[Row]:
    """Return what is written by hand, but for what the challenge has and held-out pairings."""
    taken, held_out = keys_of_challenge(), pairings_in_words(tables)
    return [
        row
        for row in written_by_hand()
        if taken.isdisjoint(map(leak_key, row[:2])) and not shows_one(row.english, held_out)
    ]


def pairings_in_words(tables: Lexicon) -> list[tuple[set[str], set[str]]]:
    """Return for each pairing held out the forms of its verb and those of its noun."""
    held_out = pairings_held_out(tables)
    return [
        (
            {verb.english, third(verb.english), verb.past, verb.participle, verb.progressive},
            {noun.english, noun.plural},
        )
        for verb in (*tables.ditransitives, *tables.verbs)
        for noun in tables.chosen(verb.objects)
        if f"{verb.english} {noun.english}" in held_out
    ]


def shows_one(sentence: str, pairings: list[tuple[set[str], set[str]]]) -> bool:
    """Tell whether a sentence has a form of the verb and a form of the noun of one of them."""
    text = f" {' '.join(words(sentence.lower()))} "
    return any(
        any(f" {verb} " in text for verb in verbs) and any(f" {noun} " in text for noun in nouns)
        for verbs, nouns in pairings
    )


def deal(drawn: dict[str, list[tuple[Pair, str]]], by_hand: list[Row]) -> dict[str, list[Row]]:
    """Put what is written by hand to what was drawn, and mix the two."""
    rows = {
        name: [Row(p.english, p.hindi, kind, p.pattern) for p, kind in pairs]
        for name, pairs in drawn.items()
    }
    in_training = kept_for_training(rows["train"], by_hand)
    for row in by_hand:
        side = side_of_frame(frame(row.english), in_training)
        rows[side].append(row._replace(novelty="seen" if side == "train" else "natural"))
    del rows["train"][: len(rows["train"]) - TRAINING]
    for name in ("train", "dev"):
        random.Random(SEED).shuffle(rows[name])
    return {**rows, "test": [*rows["test"], *other_translations(rows["test"])]}


def draw_sides(draw: Draw, taken: set[str]) -> dict[str, list[tuple[Pair, str]]]:
    """Draw the grammar's part of each split; with each pair comes "seen", "pattern" or "pairing".

    Args:
        draw: the lexicon and the luck.
        taken: the leak keys of sentences that are not to be drawn; those drawn are added.
    """
    held_out = pairings_held_out(draw.lexicon)
    sides = {"train": [], "dev": [], "test": []}
    room = Counter(
        {
            (side, band, kind): round(BANDS[band] * SHARES[kind] * share)
            for side, share in (("test", 1), ("dev", DEV))
            for band in BANDS
            for kind in SHARES
        }
    )
    drawn = TRAINING - len(written_by_hand()) // 2  # more than half of these are trained on
    while len(sides["train"]) < drawn or +room:
        pair = draw_pair(draw)
        keys = {leak_key(pair.english), leak_key(pair.hindi)}
        kind = novelty(pair, held_out)
        side = _side(draw, [s for s in ("test", "dev") if room[s, band(pair), kind] > 0], kind)
        full = side == "train" and len(sides[side]) == drawn
        if side and not full and taken.isdisjoint(keys):
            taken |= keys
            sides[side].append((pair, kind))
            room[side, band(pair), kind] -= side != "train"
    return sides


def _side(draw: Draw, open_: list[str], kind: str) -> str:
    """Choose a side for a pair, "" for none; a sixth of what training could have is held out."""
    if open_ and (kind != "seen" or draw.chance(1 / 6)):
        return draw.one(open_)
    return "train" if kind == "seen" else ""


def written_by_hand(folder: Path = DATA) -> list[Row]:
    """Read the phrasebook and the everyday sentences; their pattern is file and topic or shape."""
    rows = []
    for name in BY_HAND:
        for line in (folder / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            english, hindi, label = line.split("\t")
            rows.append(Row(english, hindi, "", f"{name} {label}"))
    return rows


def kept_for_training(drawn: list[Row], by_hand: list[Row]) -> set[str]:
    """Return the frames of the grammar's sentences, and of those by hand that have a rare word."""
    counts = Counter(word for row in (*drawn, *by_hand) for word in words(row.english.lower()))
    rare = [
        row
        for row in by_hand
        if min(counts[word] for word in words(row.english.lower())) < RAREST_WORD
    ]
    return {frame(row.english) for row in (*drawn, *rare)}


def side_of_frame(shape: str, in_training: set[str]) -> str:
    """Return the split of all sentences by hand that have a frame: by chance, that of its hash."""
    number = zlib.crc32(shape.encode()) % 20
    if shape in in_training or number >= sum(FRAMES_HELD_OUT.values()):
        return "train"
    return "test" if number < FRAMES_HELD_OUT["test"] else "dev"


def other_translations(rows: list[Row], folder: Path = DATA) -> list[Row]:
    """Return the further translations of natural sentences, from `translations.tsv`."""
    natural = {row.english: row for row in rows if row.novelty == "natural"}
    lines = (folder / "translations.tsv").read_text(encoding="utf-8").splitlines()[1:]
    further = (line.split("\t") for line in lines)
    return [natural[e]._replace(hindi=h) for e, h in further if e in natural]


def draw_pair(draw: Draw) -> Pair:
    """Draw one sentence pair from any pattern, not longer than LONGEST words on either side."""
    while True:
        pattern = draw.weighted(PATTERNS)
        said = pattern(draw)
        english = said.english[0].upper() + said.english[1:]
        short = max(len(words(english)), len(words(said.hindi))) - 1 <= LONGEST
        if short and not is_unclear(english, said.hindi, draw.lexicon):
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


def write(rows: dict[str, list[Row]], folder: Path = FOLDER) -> None:
    """Write a table a split."""
    folder.mkdir(exist_ok=True)
    for name, lines in rows.items():
        text = "\n".join("\t".join(line) for line in [Row._fields, *lines]) + "\n"
        (folder / f"{name}.tsv").write_text(text, encoding="utf-8", newline="\n")
