"""Table 1 of Sutskever et al. 2014 at our size: one to five models together, greedy and beams."""

from collections.abc import Iterator

from tqdm import tqdm

from s2s_keras import corpora, evaluation
from s2s_keras.translator import Translator, train

from .comparison import COMMON, of_common_words

# The best single model without attention of the experiment "depth".
OPTIONS = {**COMMON, "reverse_source": True, "dropout": 0.0}
RATE = 0.004
SEEDS = (1, 2, 3, 4, 5)
BEAMS = (1, 2, 12)


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
