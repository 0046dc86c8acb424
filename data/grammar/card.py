"""Count the corpora and draw the figures of the data card: `python -m data.grammar.card`.

Counts are printed; the figures land beside the corpus, data/course/lengths.png and vocabulary.png.
"""

from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from s2s_keras.corpora import ParallelCorpus, Splits, load
from s2s_keras.text import words

from .build import written_by_hand
from .frames import frame

FOLDER = Path(__file__).parents[1] / "course"


def word_forms(sentences: tuple[str, ...]) -> list[list[str]]:
    """Return the words of each sentence, lower-cased, without the marks between them."""
    return [[word for word in words(line.lower()) if word[0].isalnum()] for line in sentences]


def describe(name: str, side: ParallelCorpus) -> str:
    """Return a row of the card's table: pairs, words, word forms, shortest, mean, longest."""
    cells = [name, f"{len(side):,}"]
    for sentences in (side.source, side.target):
        forms = word_forms(sentences)
        lengths = [len(sentence) for sentence in forms]
        counts = Counter(word for sentence in forms for word in sentence)
        span = f"{min(lengths)}–{np.mean(lengths):.1f}–{max(lengths)}"
        cells += [f"{sum(lengths):,}", f"{len(counts):,}", span]
    return f"| {' | '.join(cells)} |"


def kinds(side: ParallelCorpus) -> Counter:
    """Count the sentences of each kind; a natural one may have several rows."""
    return Counter(dict(zip(side.source, side.kinds, strict=True)).values())


def draw_lengths(splits: Splits, path: Path) -> None:
    """Draw how many words the sentences have, of training and of the test side."""
    figure, panels = plt.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
    sides = {"training": (splits.train, "C0"), "test": (splits.test, "C1")}
    for axes, language in zip(panels, ("source", "target"), strict=True):
        for name, (side, colour) in sides.items():
            pairs = dict(zip(side.source, side.target, strict=True))  # one translation of each
            said = {"source": tuple(pairs), "target": tuple(pairs.values())}[language]
            lengths = [len(sentence) for sentence in word_forms(said)]
            lengths, counts = np.unique(lengths, return_counts=True)
            axes.plot(lengths, counts / len(pairs), ".-", color=colour, label=name)
        title = {"source": "English", "target": "Hindi"}[language]
        axes.set(title=title, xlabel="words in the sentence", ylim=(0, None))
    panels[0].set_ylabel("share of the sentences")
    panels[0].legend()
    figure.savefig(path, dpi=100)
    plt.close(figure)


def draw_vocabulary(corpora: dict[str, ParallelCorpus], path: Path) -> None:
    """Draw how often the most frequent word occurs, the second, and so on (Zipf's curve)."""
    figure, panels = plt.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
    for axes, language in zip(panels, ("source", "target"), strict=True):
        for name, pairs in corpora.items():
            counts = Counter(word for line in word_forms(getattr(pairs, language)) for word in line)
            shares = np.array(sorted(counts.values(), reverse=True)) / counts.total()
            axes.loglog(np.arange(1, len(shares) + 1), shares, label=name)
        title = {"source": "English", "target": "Hindi"}[language]
        axes.set(title=title, xlabel="rank of the word form")
    panels[0].set_ylabel("share of all words")
    panels[0].legend()
    figure.savefig(path, dpi=100)
    plt.close(figure)


if __name__ == "__main__":
    course, phrasebook, everyday = load("course"), load("phrasebook"), load("everyday")
    splits = course.split()
    sides = zip(splits._fields, splits, strict=True)
    challenge = load("course-challenge")
    by_hand = (("challenge", challenge), ("phrasebook", phrasebook), ("everyday", everyday))
    for name, side in (*sides, *by_hand):
        print(describe(name, side))
    print(f"challenge: {len(challenge.references())} sentences")
    print(f"test, sentences of each kind: {kinds(splits.test)}; rows: {Counter(splits.test.kinds)}")
    frames = Counter(map(frame, everyday.source)).most_common()
    print(f"everyday: {len(frames):,} frames, the commonest {frames[0]}")
    shapes = Counter(
        row.pattern.split()[1] for row in written_by_hand() if "everyday" in row.pattern
    )
    print("shapes:", ", ".join(f"{shape} {number}" for shape, number in sorted(shapes.items())))
    draw_lengths(splits, FOLDER / "lengths.png")
    draw_vocabulary(
        {"course, training": splits.train, "phrasebook": phrasebook, "everyday": everyday},
        FOLDER / "vocabulary.png",
    )
