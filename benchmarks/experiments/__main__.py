"""Train the models of an experiment, score them, and write the table: `make experiments`."""

import argparse
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from s2s_keras import corpora, evaluation, translator
from s2s_keras.corpora import ParallelCorpus, Splits
from s2s_keras.models import Seq2SeqConfig, build_training_model

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Experiment:
    """Models that differ in one thing, each trained with several seeds at its own best rate.

    Attributes:
        models: from a model's name to its fields of `Seq2SeqConfig` and options of
            `translator.train`.
        common: the same for all models. `units` belong to the first model; the others get as many
            as make their number of parameters most nearly equal.
        every: one pair of so many of the training split is trained on.
        rates: learning rates. The first seed tries all, and the one with the highest chrF on the
            dev split serves for all seeds.
        seeds: of the first weights, the order of the sentences and dropout.
    """

    models: Mapping[str, dict]
    common: Mapping = field(default_factory=dict)
    every: int = 3
    rates: tuple[float, ...] = (0.004, 0.002)
    seeds: tuple[int, ...] = (1, 2, 3)


EXPERIMENTS = {
    "attention": Experiment(
        {
            "one vector": {},
            "vector at every step": {"context": "every_step"},
            "dot attention": {"attention": "dot"},
            "additive attention": {"attention": "additive"},
            "dot, both directions": {"attention": "dot", "bidirectional": True},
        },
        {
            **{"units": 192, "embedding": 192, "dropout": 0.2, "epochs": 8},
            **{"attention": "none", "bidirectional": False},
        },
    ),
}


def run(experiment: Experiment, progress: tqdm) -> Iterator[dict]:
    """Train every model with every seed, and yield the rows of the table."""
    splits = corpora.load("course").split()
    pairs = [*splits.train][:: experiment.every]
    corpus = ParallelCorpus.from_pairs(pairs, "course", splits.train.licence)
    splits = splits._replace(train=corpus)
    first, *others = experiment.seeds
    for name, own in experiment.models.items():
        options = {**experiment.common, **own}
        options["units"] = equal_units(experiment, options)

        def trained(rate: float, seed: int, name=name, options=options) -> tuple[float, list[dict]]:
            progress.set_description(f"{name}, rate {rate:g}, seed {seed}")
            chrf, rows = train_one(splits, options, rate, seed)
            progress.update()
            return chrf, [{"model": name, "seed": seed, "rate": rate} | row for row in rows]

        tried = {rate: trained(rate, first) for rate in experiment.rates}
        best = max(tried, key=lambda rate: tried[rate][0])
        yield from tried[best][1]
        for seed in others:
            yield from trained(best, seed)[1]


def train_one(splits: Splits, options: Mapping, rate: float, seed: int) -> tuple[float, list[dict]]:
    """Train a model; return its best chrF on the dev split, and a row for each part of test."""
    start = time.perf_counter()
    made, history = translator.train(
        splits.train, dev=splits.dev, test=splits.test, learning_rate=rate, seed=seed,
        progress=False, **options,
    )  # fmt: skip
    head = {
        "parameters": made.training_model.count_params(),
        "minutes": (time.perf_counter() - start) / 60,
    }
    return history.val_chrf.max(), [head | row for row in scores(made, splits.test)]


def equal_units(experiment: Experiment, options: Mapping) -> int:
    """Return the even number of units that makes a model as large as the experiment's first one."""
    units, first = experiment.common["units"], next(iter(experiment.models.values()))
    aim = parameters({**experiment.common, **first})

    def size(units: int) -> int:
        return parameters({**options, "units": units})

    candidates = range(units // 4 * 2, 2 * units, 2)
    place = bisect_left(candidates, aim, key=size)
    around = candidates[max(0, place - 1) : place + 1]
    return min(around, key=lambda units: abs(size(units) - aim))


def parameters(options: Mapping) -> int:
    """Count the weights of a model with about as many words as `course` has."""
    fields = {k: v for k, v in options.items() if k in Seq2SeqConfig.__dataclass_fields__}
    return build_training_model(Seq2SeqConfig(2000, 3500, **fields)).count_params()


def scores(made: translator.Translator, test: ParallelCorpus) -> Iterator[dict]:
    """Score a translator on the test split: all, by kind, and by length without `natural`."""
    good = test.references()
    said = dict(zip(good, made.translate([*good]), strict=True))
    kinds = {kind: [*test.of_kind(kind).references()] for kind in dict.fromkeys(test.kinds)}
    grammar = [source for kind in kinds if kind != "natural" for source in kinds[kind]]
    scored = evaluation.score_parts({"all": [*good], **kinds}, said, good)
    scored |= evaluation.score_by_length(
        grammar, [said[s] for s in grammar], [good[s] for s in grammar]
    )
    for part, one in scored.items():
        yield {"part": part, "sentences": one.sentences, "BLEU": one.bleu, "chrF": one.chrf}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m s2s_keras.experiments", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(EXPERIMENTS)}; all by default")
    parser.add_argument("--to", type=Path, default=HERE, help="folder for the tables")
    arguments = parser.parse_args()
    if unknown := {*arguments.names} - {*EXPERIMENTS}:
        parser.error(f"no experiment {min(unknown)!r}: give names of {', '.join(EXPERIMENTS)}")
    for name in arguments.names or EXPERIMENTS:
        experiment = EXPERIMENTS[name]
        runs = len(experiment.models) * (len(experiment.rates) + len(experiment.seeds) - 1)
        with tqdm(total=runs, unit="model") as progress:
            rows = pd.DataFrame(run(experiment, progress))
        digits = {"minutes": 1, "BLEU": 2, "chrF": 2}
        rows.round(digits).to_csv(arguments.to / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
