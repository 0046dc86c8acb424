"""Draw the pairs of the four tasks, deal them to train, dev and test, and write the tables."""

import csv
import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from s2s_keras.text import words

from . import answers, phonemes, speech, summaries, typing

DATA = Path(__file__).parents[1]
FOLDER = Path(__file__).parent
SEED = 2015
SPLITS = ("train", "dev", "test")
HINDI = ("phrasebook.tsv", "everyday.tsv", "course/train.tsv")
SPELLINGS = {"train": 2, "dev": 1, "test": 1}  # of each word, at most
SAME_BEGINNING = 3  # words that begin with the same so many characters are in the same split
LENGTHS = *(2, 3, 4) * 5, 1  # facts; there are not many texts of one fact
TEXTS = {"train": 5000, "dev": 150, "test": 600}
REPORTS = {"train": 2500, "dev": 150, "test": 500}
SPOKEN = {"train": 2500, "dev": 150, "test": 200}
LONGEST = 9  # words of a spoken sentence
NOISE_TO_LEARN, NOISE_TO_TEST = (0.0, 0.1, 0.2), (0.0, 0.1, 0.2, 0.3)


class Row(NamedTuple):
    """A line of a table."""

    source: str
    target: str
    kind: str


Tables = dict[str, list[Row]]


def build() -> dict[str, Tables]:
    """Return the tables of each task, by its name and split: always the same."""
    return {
        "typing": _typing(),
        "answers": _distinct(_answers),
        "summaries": _distinct(_summaries),
        "phonemes": _phonemes(),
    }


def write(tasks: dict[str, Tables], folder: Path = FOLDER) -> None:
    """Write folder/TASK/SPLIT.tsv for each."""
    for name, tables in tasks.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for split, rows in tables.items():
            width = 3 if any(row.kind for row in rows) else 2
            lines = ["\t".join(row[:width]) + "\n" for row in [Row._fields, *rows]]
            path = folder / name / f"{split}.tsv"
            path.write_text("".join(lines), encoding="utf-8", newline="\n")


def hindi_sentences() -> Iterator[list[str]]:
    """Yield the Hindi side of the course's training text, each sentence as its words and marks."""
    for name in HINDI:
        with open(DATA / name, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield words(row["hindi"])


def _is_word(piece: str) -> bool:
    return "\u0900" <= piece[0] <= "\u0963"


def _typing() -> Tables:
    """Return words as they are typed; all words with the same beginning are in one split."""
    draw = random.Random(SEED)
    known = {piece for pieces in hindi_sentences() for piece in pieces if _is_word(piece)}
    known = sorted(word for word in known if "-" not in word and not typing.is_from_english(word))
    tables: Tables = {split: [] for split in SPLITS}
    for word in known:
        place = zlib.crc32(word[:SAME_BEGINNING].encode()) % 20
        split = "test" if place < 3 else "dev" if place < 4 else "train"
        tried = [typing.typed(word, draw) for _ in range(SPELLINGS[split])]
        tables[split] += [Row(latin, word, "") for latin in dict.fromkeys(tried)]
    seen = {row.source for row in tables["train"]}
    for split in ("dev", "test"):
        tables[split] = [row for row in tables[split] if row.source not in seen]
        draw.shuffle(tables[split])
    draw.shuffle(tables["train"])
    return tables


def _distinct(draw_row: Callable[[str, int, random.Random], Row | None]) -> Tables:
    """Return as many rows of each split as its task wants, no source twice."""
    draw, seen, tables = random.Random(SEED), set(), {}
    for split in SPLITS:
        sizes = TEXTS if draw_row is _answers else REPORTS
        rows = tables[split] = []
        while len(rows) < sizes[split]:
            row = draw_row(split, len(rows), draw)
            if row and row.source not in seen:
                seen.add(row.source)
                rows.append(row)
    return tables


def _answers(split: str, number: int, draw: random.Random) -> Row | None:
    """Return a text with a question; what training does not show is what test asks for."""
    length = LENGTHS[number % len(LENGTHS)]
    source, target, facts, asked = answers.story(length, draw)
    held_out = answers.combinations(facts)
    fits = held_out[asked] if split == "test" else not any(held_out)
    return Row(source, target, str(length)) if fits else None


def _summaries(split: str, number: int, draw: random.Random) -> Row | None:
    report = summaries.report(draw)
    fits = summaries.has_held_out(report.done) == (split == "test")
    return Row(report.text, report.summary, report.kind) if fits else None


def _phonemes() -> Tables:
    """Return spoken sentences: train with some noise, test with each amount of it.

    Training also has every word alone and without noise, as a dictionary has.
    """
    draw = random.Random(SEED)
    sentences = []
    while len(sentences) < sum(SPOKEN.values()):
        new = speech.sentence(draw)
        if len(new.split()) <= LONGEST and new not in sentences:
            sentences.append(new)
    cut, start = {}, 0
    for split in SPLITS:
        cut[split] = sentences[start : start + SPOKEN[split]]
        start += SPOKEN[split]
    tables = {
        "train": [_spoken(s, draw.choice(NOISE_TO_LEARN), draw) for s in cut["train"]],
        "dev": [_spoken(s, draw.choice(NOISE_TO_LEARN), draw) for s in cut["dev"]],
        "test": [],
    }
    for noise in NOISE_TO_TEST:
        for said in cut["test"]:
            row = _spoken(said, noise, draw)
            while row.source in {other.source for other in tables["test"]}:
                row = _spoken(said, noise, draw)  # no sound was misheard by chance
            tables["test"].append(row)
    alone = sorted({word for sentence in cut["train"] for word in sentence.split()})
    tables["train"] += [_spoken(word, 0.0, draw)._replace(kind="word") for word in alone]
    return tables


def _spoken(sentence: str, noise: float, draw: random.Random) -> Row:
    heard = phonemes.misheard(phonemes.spoken(sentence), noise, draw)
    return Row(" ".join(heard), sentence, f"{noise:.0%}")
