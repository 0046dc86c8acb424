"""Several models decide together, greedy and with beams; as in table 1 of Sutskever et al. 2014."""

import time
from collections.abc import Iterator

from tqdm import tqdm

from s2s_keras import corpora, evaluation
from s2s_keras.translator import Translator, train

from .comparison import COMMON, of_common_words, scores

# The best single model without attention of the experiment "depth".
OPTIONS = {**COMMON, "reverse_source": True, "dropout": 0.0}
RATE = 0.004
SEEDS = (1, 2, 3, 4, 5)
BEAMS = (1, 2, 12)
# As the best translator that comes with the package was trained.
COURSE_OPTIONS, COURSE_SEEDS = {"epochs": 5, "dropout": 0.2}, (0, 1, 2)


def run(progress: tqdm) -> Iterator[dict]:
    """Train five models that differ in their seed alone, and yield the rows of the table.

    The `seed` of a row is that of the first of its models; the others follow it, and after the last
    seed comes the first again.
    """
    sizes = range(1, len(SEEDS) + 1)
    progress.reset(len(SEEDS) + len(BEAMS) * (len(SEEDS) * (len(SEEDS) - 1) + 1))
    splits = of_common_words(corpora.load("course").split())
    trained = []
    for seed in SEEDS:
        progress.set_description(f"training with seed {seed}")
        made, _ = train(
            splits.train, dev=splits.dev, test=splits.test, learning_rate=RATE, seed=seed,
            progress=False, **OPTIONS,
        )  # fmt: skip
        trained.append(made)
        progress.update()
    good = splits.test.references()
    for size in sizes:
        for first in range(len(SEEDS) if size < len(SEEDS) else 1):
            members = [trained[(first + n) % len(SEEDS)] for n in range(size)]
            together = Translator.ensemble(members)
            head = {"seed": SEEDS[first], "rate": RATE}
            head["parameters"] = sum(one.training_model.count_params() for one in members)
            for beam in BEAMS:
                progress.set_description(f"{size} together, beam of {beam}")
                said = together.translate([*good], beam_width=beam)
                one = evaluation.score(said, [*good.values()])
                row = {"model": f"{size} together, beam of {beam}", **head}
                row |= {"part": "all", "sentences": one.sentences}
                yield row | {"BLEU": one.bleu, "chrF": one.chrf}
                progress.update()


def run_course(progress: tqdm) -> Iterator[dict]:
    """Train `course-attention` with three seeds; yield rows of each alone and of all together."""
    progress.reset(len(COURSE_SEEDS) + 2 * (len(COURSE_SEEDS) + 1))
    splits = corpora.load("course").split()
    members, minutes = [], []
    for seed in COURSE_SEEDS:
        progress.set_description(f"training with seed {seed}")
        start = time.perf_counter()
        made, _ = train(
            splits.train, dev=splits.dev, test=splits.test, seed=seed, progress=False,
            **COURSE_OPTIONS,
        )  # fmt: skip
        members.append(made)
        minutes.append((time.perf_counter() - start) / 60)
        progress.update()
    together = Translator.ensemble(members)
    single = members[0].training_model.count_params()
    for beam in (1, 5):
        found = [("one", *row) for row in zip(COURSE_SEEDS, members, minutes, strict=True)]
        for name, seed, made, took in [*found, ("three together", 0, together, sum(minutes))]:
            progress.set_description(f"{name}, beam of {beam}")
            head = {"model": f"{name}, beam of {beam}", "seed": seed, "minutes": took}
            head["parameters"] = single * (len(members) if made is together else 1)
            yield from (head | row for row in scores(made, splits.test, beam_width=beam))
            progress.update()
