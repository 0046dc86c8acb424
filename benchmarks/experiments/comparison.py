"""Models that differ in one thing, each with several seeds at its own best rate: their scores."""

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeVar

from tqdm import tqdm

from s2s_keras import corpora, evaluation, translator
from s2s_keras.corpora import ParallelCorpus, Splits
from s2s_keras.models import Seq2SeqConfig, count_parameters
from s2s_keras.text import words

Run = TypeVar("Run")  # what is kept of a training
# Sentences of the commonest English words, and to judge by none of the kind `natural`: an
# encoder–decoder without attention learns them in minutes, and all of `course` only in hours.
COMMONEST = 400
VOCABULARIES = 400, 1300  # about as many words have the pairs that are left


def of_common_words(splits: Splits) -> Splits:
    """Keep the pairs whose English words are among the commonest of training; none is `natural`."""
    counted = Counter(word for source in splits.train.source for word in words(source.lower()))
    common = {word for word, _ in counted.most_common(COMMONEST)}

    def few(split: ParallelCorpus) -> ParallelCorpus:
        rows = zip(split.source, split.target, split.kinds, strict=True)
        kept = [row for row in rows if row[2] != "natural" and common.issuperset(tokens(row[0]))]
        return ParallelCorpus.from_pairs(kept, split.name, split.licence)

    def tokens(sentence: str) -> list[str]:
        return words(sentence.lower())

    return Splits(*map(few, splits))


@dataclass(frozen=True)
class Experiment:
    """Models that differ in one thing, each trained with several seeds at its own best rate.

    Attributes:
        models: from a model's name to its fields of `Seq2SeqConfig` and options of
            `translator.train`.
        common: the same for all models. `units` belong to the first model; the others get as many
            as make their number of parameters most nearly equal.
        rates: learning rates. The first seed tries all, and the one with the highest chrF on the
            dev split serves for all seeds.
        seeds: of the first weights, the order of the sentences and dropout.
    """

    models: Mapping[str, dict]
    common: Mapping = field(default_factory=dict)
    rates: tuple[float, ...] = (0.004, 0.002)
    seeds: tuple[int, ...] = (1, 2, 3)


COMMON = {
    **{"units": 192, "embedding": 192, "dropout": 0.2, "epochs": 10, "batch_size": 32},
    **{"attention": "none", "bidirectional": False},
}
EXPERIMENTS = {
    "depth": Experiment(
        {
            "1 layer": {},
            "1 layer, reversed": {"reverse_source": True},
            "2 layers": {"layers": 2},
            "2 layers, reversed": {"layers": 2, "reverse_source": True},
            "4 layers, reversed": {"layers": 4, "reverse_source": True},
            "1 layer, no dropout": {"dropout": 0.0},
            "1 layer, reversed, no dropout": {"reverse_source": True, "dropout": 0.0},
            "2 layers, reversed, no dropout": {
                **{"layers": 2, "reverse_source": True, "dropout": 0.0},
            },
        },
        COMMON,
    ),
    "attention": Experiment(
        {
            "one vector": {},
            "vector at every step": {"context": "every_step"},
            "dot attention": {"attention": "dot"},
            "additive attention": {"attention": "additive"},
            "dot, both directions": {"attention": "dot", "bidirectional": True},
        },
        # Without dropout, as suits the one vector best (see "depth"): attention has no head start.
        {**COMMON, "dropout": 0.0},
        rates=(0.008, 0.004, 0.002),
    ),
}


def run(experiment: Experiment, progress: tqdm) -> Iterator[dict]:
    """Train every model with every seed, and yield the rows of the table."""
    rates, seeds = experiment.rates, experiment.seeds
    progress.reset(len(experiment.models) * (len(rates) + len(seeds) - 1))
    splits = of_common_words(corpora.load("course").split())
    for name, own in experiment.models.items():
        options = {**experiment.common, **own}
        options["units"] = equal_units(experiment, options)

        def trained(rate: float, seed: int, name=name, options=options) -> tuple[float, list[dict]]:
            progress.set_description(f"{name}, rate {rate:g}, seed {seed}")
            chrf, rows = train_one(splits, options, rate, seed)
            progress.update()
            return chrf, [{"model": name, "seed": seed, "rate": rate} | row for row in rows]

        for _, rows in at_best_rate(trained, rates, seeds, on_dev=itemgetter(0)):
            yield from rows


def at_best_rate(
    train: Callable[[float, int], Run],
    rates: Sequence[float],
    seeds: Sequence[int],
    on_dev: Callable[[Run], float],
) -> Iterator[Run]:
    """Train with the first seed at every rate, and with the other seeds at the best of them.

    Args:
        train: a model, with a learning rate and a seed.
        rates: to try.
        seeds: of the runs that are kept.
        on_dev: the score of a run that chooses the rate.

    Yields:
        For each seed its run at the best rate.
    """
    first, *others = seeds
    tried = {rate: train(rate, first) for rate in rates}
    best = max(tried, key=lambda rate: on_dev(tried[rate]))
    yield tried[best]
    for seed in others:
        yield train(best, seed)


def train_one(splits: Splits, options: Mapping, rate: float, seed: int) -> tuple[float, list[dict]]:
    """Train a model; return its best chrF on the dev split, and a row for each part of test."""
    start = time.perf_counter()
    made, history = translator.train(
        splits.train, dev=splits.dev, test=splits.test, learning_rate=rate, seed=seed,
        progress=False, **options,
    )  # fmt: skip
    best = history.loc[history.val_chrf.idxmax()]
    head = {
        "parameters": made.training_model.count_params(),
        "minutes": (time.perf_counter() - start) / 60,
        "perplexity": best.val_perplexity,
    }
    return best.val_chrf, [head | row for row in scores(made, splits.test)]


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
    """Count the weights of a model for `VOCABULARIES`."""
    fields = {k: v for k, v in options.items() if k in Seq2SeqConfig.__dataclass_fields__}
    return sum(count_parameters(Seq2SeqConfig(*VOCABULARIES, **fields)).values())


def scores(made: translator.Translator, test: ParallelCorpus, **search) -> Iterator[dict]:
    """Score a translator on a test split: all, by kind, and by length without `natural`."""
    good = test.references()
    said = dict(zip(good, made.translate([*good], **search), strict=True))
    kinds = {kind: [*test.of_kind(kind).references()] for kind in dict.fromkeys(test.kinds)}
    scored = evaluation.score_parts({"all": [*good], **kinds}, said, good)
    grammar = [source for kind in kinds if kind != "natural" for source in kinds[kind]]
    scored |= evaluation.score_by_length(
        grammar, [said[s] for s in grammar], [good[s] for s in grammar]
    )
    for part, one in scored.items():
        yield {"part": part, "sentences": one.sentences, "BLEU": one.bleu, "chrF": one.chrf}
