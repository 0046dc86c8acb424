"""What came after the LSTM, beside it: minLSTM and Transformer, at equal size and equal time.

All of it is plain Keras, also the LSTM: the package's `fast` layers exist for the LSTM alone, and
would make the comparison unfair.
"""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

import keras
from keras.optimizers import schedules
from tqdm import tqdm

from s2s_keras import batches, corpora, decoding, evaluation, text, training
from s2s_keras.corpora import Splits
from s2s_keras.models import CELLS, Seq2SeqConfig, build_training_model

from .comparison import at_best_rate, of_common_words, scores
from .minlstm import min_lstm
from .transformer import build_transformer, greedy


@dataclass(frozen=True)
class Settings:
    """How long the contenders train.

    Attributes:
        epochs: of `REFERENCE`; the others get as many updates as take the same time.
        batch_size: sentences in an update.
        seeds: of the first weights, the order of the sentences and dropout.
        timed: updates in each round in which their time is measured.
    """

    epochs: int = 4
    batch_size: int = 32
    seeds: tuple[int, ...] = (1, 2, 3)
    timed: int = 20


# Of Adam, at its highest: it rises over the first tenth of the updates, and falls to 0 as a cosine
# does. The first seed tries them, and the one with the highest chrF on dev serves for all seeds.
RATES = (0.004, 0.008)
TRANSFORMER_RATES = (0.002, 0.004)
COMMON = {"dropout": 0.1}
ATTENTION = {"attention": "dot", "bidirectional": True}
# Fields of `Seq2SeqConfig`, where cell "rnn" is the minLSTM; or options of `build_transformer`.
CONTENDERS = {
    "LSTM": {"embedding": 128},
    "LSTM, attention": {"embedding": 128, **ATTENTION},
    "minLSTM": {"embedding": 128, "cell": "rnn"},
    "minLSTM, attention": {"embedding": 128, "cell": "rnn", **ATTENTION},
    "Transformer": {"width": 128, "hidden": 768, "depth": 1},
}
REFERENCE = "LSTM, attention"  # of the time
# These are trained once more, by the first seed, for so many times as long.
LONGER, TIMES = ("LSTM, attention", "Transformer"), 3


class Task(NamedTuple):
    """What all contenders learn: the same sentences, and the same ids for their words."""

    splits: Splits
    source: text.Tokenizer
    target: text.Tokenizer

    @property
    def sizes(self) -> tuple[int, int]:
        """Return how many source and target ids there are."""
        return self.source.vocabulary_size, self.target.vocabulary_size

    def batched(self, batch_size: int, seed: int):
        """Return the training split as `batches.make_batches` does."""
        train = self.splits.train
        ids = self.source.encode_all(train.source), self.target.encode_all(train.target)
        return batches.make_batches(*ids, batch_size, shuffle_seed=seed)


def the_task() -> Task:
    """Take the sentences of the commonest words, as the other experiments do."""
    splits = of_common_words(corpora.load("course").split())
    source = text.tokenizer("word", lowercase=True, minimum_count=2).fit(splits.train.source)
    return Task(splits, source, text.tokenizer("word").fit(splits.train.target))


def build(options: Mapping, source_vocabulary: int, target_vocabulary: int) -> keras.Model:
    """Build a contender.

    Args:
        options: as in `CONTENDERS`.
        source_vocabulary: number of source token ids.
        target_vocabulary: number of target token ids.
    """
    sizes, options = (source_vocabulary, target_vocabulary), {**COMMON, **options}
    if "width" in options:
        return build_transformer(*sizes, **options)
    return build_training_model(Seq2SeqConfig(*sizes, **options), {**CELLS, "rnn": min_lstm})


def equal_size(contenders: Mapping[str, Mapping], task: Task) -> dict[str, dict]:
    """Return the options of contenders, with units that make all as large as the Transformer."""
    aim = build(CONTENDERS["Transformer"], *task.sizes).count_params()
    found = {}
    for name, options in contenders.items():

        def size(units: int, options=options) -> int:
            return build({**options, "units": units}, *task.sizes).count_params()

        found[name] = dict(options)
        if "width" not in options:
            every = range(8, 1024, 8)
            after = bisect_left(every, aim, key=size)
            near = every[max(0, after - 1) : after + 1]
            found[name]["units"] = min(near, key=lambda units: abs(size(units) - aim))
    return found


def equal_time(contenders: Mapping[str, Mapping], task: Task, settings: Settings) -> dict[str, int]:
    """Measure the time of an update of each model in turn; return how many updates each one gets.

    It is the processor's time, which other programs on the machine hardly change.
    """
    given = task.batched(settings.batch_size, 0)
    some = [batch for batch, _ in zip(given, range(settings.timed), strict=False)]
    learners = {name: learner(build(one, *task.sizes), 0.0) for name, one in contenders.items()}
    times = {name: [] for name in contenders}
    for number in range(4):
        for name, learn in learners.items():
            start = time.process_time()
            for batch in some:
                learn(*batch)
            times[name] += [time.process_time() - start] if number else []  # the first compiles
    reference = settings.epochs * len(given) * median(times[REFERENCE])
    return {name: max(1, round(reference / median(times[name]))) for name in contenders}


def learner(model: keras.Model, rate) -> Callable:
    """Compile one update of a model's weights by Adam, as `training.train_step` does."""
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=5.0))
    return training.train_step(model, training.plain_loss(model))


def train_one(
    options: Mapping, task: Task, updates: int, rate: float, seed: int, settings: Settings
) -> tuple["Translates", dict]:
    """Train a new model; return what translates with it, and the row of what it took."""
    keras.utils.set_random_seed(seed)
    model, rising = build(options, *task.sizes), updates // 10
    schedule = schedules.CosineDecay(
        0.0, updates - rising, warmup_target=rate, warmup_steps=max(1, rising)
    )
    learn, given = learner(model, schedule), task.batched(settings.batch_size, seed)
    epochs = range(1 + updates // len(given))
    for number, batch in zip(range(updates), (b for _ in epochs for b in given), strict=False):
        learn(*batch)
        if number == 0:  # it was compiled first
            start = time.process_time()
    row = {
        "updates": updates,
        "units": options.get("units", options.get("width")),
        "parameters": model.count_params(),
        "minutes": (time.process_time() - start) / 60,
    }
    return Translates.by(model, task), row


@dataclass
class Translates:
    """Text in, text out, by a decoder from source ids to target ids."""

    decode: Callable
    task: Task

    @classmethod
    def by(cls, model: keras.Model, task: Task) -> "Translates":
        """Let a model of `build` translate greedily."""
        decoder = greedy if model.name == "transformer" else decoding.greedy
        return cls(decoder(model), task)

    def translate(self, sentences: Sequence[str], batch_size: int = 64) -> list[str]:
        """Translate sentences; those of like length are decoded together."""
        ids = self.task.source.encode_all(sentences)
        order, found = sorted(range(len(ids)), key=lambda n: len(ids[n])), [""] * len(ids)
        for start in range(0, len(order), batch_size):
            members = order[start : start + batch_size]
            for n, row in zip(
                members, self.decode(batches.pad([ids[n] for n in members])), strict=True
            ):
                found[n] = self.task.target.decode(row)
        return found


def run(
    progress: tqdm,
    settings: Settings = Settings(),  # noqa: B008 (it is frozen)
    contenders: Mapping[str, Mapping] = CONTENDERS,
) -> Iterator[dict]:
    """Train every contender with every seed, and yield the rows of the table.

    The columns are those of `experiments.table`, and `updates` and `units` (of a Transformer, the
    width). `minutes` are of the processor, for the updates alone.
    """
    longer, others = sum(name in LONGER for name in contenders), len(settings.seeds) - 1
    progress.reset(longer + sum(len(rates(one)) + others for one in contenders.values()))
    task = the_task()
    contenders = equal_size(contenders, task)
    updates = equal_time(contenders, task, settings)
    dev, test = task.splits.dev, task.splits.test
    for name, options in contenders.items():

        def trained(rate, seed, times=1, name=name, options=options) -> tuple[Translates, dict]:
            called = name if times == 1 else f"{name}, {times} times as long"
            progress.set_description(f"{called}, rate {rate:g}, seed {seed}")
            made, took = train_one(options, task, times * updates[name], rate, seed, settings)
            progress.update()
            return made, {"model": called, "seed": seed, "rate": rate, **took}

        def scored(made: Translates, head: dict) -> Iterator[dict]:
            return (head | row for row in scores(made, test))

        def on_dev(one: tuple[Translates, dict]) -> float:
            return evaluation.score(one[0].translate(dev.source), dev.target).chrf

        for made, head in at_best_rate(trained, rates(options), settings.seeds, on_dev):
            yield from scored(made, head)
        if name in LONGER:
            yield from scored(*trained(head["rate"], settings.seeds[0], TIMES))


def rates(options: Mapping) -> tuple[float, ...]:
    """Return the learning rates that a contender tries."""
    return TRANSFORMER_RATES if "width" in options else RATES
