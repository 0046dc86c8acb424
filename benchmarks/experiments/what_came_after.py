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
import numpy as np
from keras import layers, ops
from keras.optimizers import schedules
from tqdm import tqdm

from s2s_keras import batches, corpora, decoding, evaluation, text, training
from s2s_keras.corpora import Splits
from s2s_keras.decoding.common import allowed, steps_to_take
from s2s_keras.models import CELLS, Seq2SeqConfig, build_training_model
from s2s_keras.text import END, PAD, START

from .comparison import of_common_words, scores


@keras.saving.register_keras_serializable("s2s_keras")
class MinLSTMCell(layers.SimpleRNNCell):
    """One time step of a minLSTM (Feng et al. 2024, arXiv 2410.01201).

    The gates look at the new vector x alone, never at the state h: f = σ(W_f x + b_f),
    i = σ(W_i x + b_i), candidate = W_h x + b_h, and the new h is (f h + i candidate) / (f + i).
    Like a `SimpleRNNCell` it has one state, `(batch, units)`; `keras.layers.RNN` makes a layer of
    it.
    """

    def build(self, input_shape):
        """Make W_f, W_i, W_h side by side, `(features, 3 · units)`; b_f is 1 at first."""
        shape = (input_shape[-1], 3 * self.units)
        self.kernel = self.add_weight(shape, "glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape[1:], _first_bias, name="bias")
        self.built = True

    def gates(self, x):
        """Return what h is multiplied by and what is then added, from x `(…, features)`.

        Returns:
            f / (f + i) and i / (f + i) · candidate, both `(…, units)`.
        """
        f, i, candidate = ops.split(ops.matmul(x, self.kernel) + self.bias, 3, axis=-1)
        f, i = ops.sigmoid(f), ops.sigmoid(i)
        kept = f / (f + i)
        return kept, (1 - kept) * candidate

    def call(self, x, states, training=False):
        """Read x `(batch, features)`; return the new state as output and in a list."""
        kept, added = self.gates(x)
        h = kept * states[0] + added
        return h, [h]


def _first_bias(shape, dtype=None):
    """Return 1 for the forget gates and 0 for the others, as in Keras's LSTM."""
    return ops.cast(ops.arange(shape[0]) < shape[0] // 3, dtype)


def min_lstm(units: int, **options) -> layers.RNN:
    """Make a layer of `MinLSTMCell`, for "rnn" in the `cells` of `build_training_model`.

    Args:
        units: width of the state.
        **options: of `keras.layers.RNN`.
    """
    return layers.RNN(MinLSTMCell(units), **options)


def scan(kept, added):
    """Compute h_t = kept_t · h_{t−1} + added_t for all t from h_0 = 0, not one after the other.

    Two steps in a row are one step of the same form. So neighbours are joined to pairs, pairs to
    fours and so on (Blelloch 1990): about log2(time) rounds, each for all places at once.

    Args:
        kept: float `(batch, time, units)`, of a fixed shape.
        added: likewise.

    Returns:
        h, `(batch, time, units)`.
    """

    def join(earlier, later):
        return earlier[0] * later[0], later[0] * earlier[1] + later[1]

    _, h = ops.associative_scan(join, (kept, added), axis=1)
    return ops.reshape(h, kept.shape)  # TensorFlow's scan forgets the shape


def position_vectors(length, width: int):
    """Return sines and cosines of short to long waves (Vaswani et al. 2017, section 3.5).

    Args:
        length: number of places.
        width: of a vector, even: half of its numbers are sines, half are cosines.

    Returns:
        float32 `(length, width)`, a row for each place.
    """
    places = ops.cast(ops.arange(length), "float32")[:, None]
    speeds = 10000.0 ** (-np.arange(0, width, 2, dtype="float32") / width)
    return ops.concatenate([ops.sin(places * speeds), ops.cos(places * speeds)], axis=-1)


class PositionVectors(layers.Layer):
    """Adds to each vector one that tells its place; scales it first as in the paper (3.4)."""

    def call(self, x):
        """Return `√width · x + position_vectors`, from x `(batch, time, width)`."""
        return x * x.shape[-1] ** 0.5 + position_vectors(ops.shape(x)[1], x.shape[-1])


def build_transformer(
    source_vocabulary: int,
    target_vocabulary: int,
    *,
    width: int = 128,
    heads: int = 4,
    hidden: int = 256,
    depth: int = 2,
    dropout: float = 0.0,
    positions: bool = True,
) -> keras.Model:
    """Build a Transformer (Vaswani et al. 2017) that normalises before each part, not after it.

    Args:
        source_vocabulary: number of source token ids.
        target_vocabulary: number of target token ids V.
        width: of all vectors; even, and a multiple of `heads`.
        heads: attentions beside each other, each of `width // heads` numbers.
        hidden: width between the two dense layers of a block.
        depth: blocks of the encoder, and as many of the decoder.
        dropout: share of the values dropped before they are added.
        positions: whether the vectors of the tokens tell their places.

    Returns:
        A model from `{"source": (batch, source_length), "target": (batch, target_length)}`, both
        integer and padded on the right, to float logits `(batch, target_length, V)`.
    """
    block = {"width": width, "heads": heads, "dropout": dropout}
    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    real = ops.not_equal(source, PAD)[:, None]  # (batch, 1, source_length)

    x = _embedded(source, source_vocabulary, width, positions, "source_embedding")
    x = layers.Dropout(dropout)(x)
    for _ in range(depth):
        x = _attend(x, None, **block, attention_mask=real)
        x = _dense(x, hidden, dropout)
    read = layers.LayerNormalization(name="encoder_outputs")(x)

    x = _embedded(target, target_vocabulary, width, positions, "target_embedding")
    x = layers.Dropout(dropout)(x)
    for _ in range(depth):
        # Padding stands at the end, so that the causal mask hides it from all real places.
        x = _attend(x, None, **block, use_causal_mask=True)
        x = _attend(x, read, **block, attention_mask=real)
        x = _dense(x, hidden, dropout)
    x = layers.LayerNormalization(name="decoder_outputs")(x)
    logits = layers.Dense(target_vocabulary, name="logits")(x)
    return keras.Model({"source": source, "target": target}, logits, name="transformer")


def _embedded(ids, vocabulary: int, width: int, positions: bool, name: str):
    first = keras.initializers.RandomNormal(stddev=width**-0.5)
    x = layers.Embedding(vocabulary, width, embeddings_initializer=first, name=name)(ids)
    return PositionVectors()(x) if positions else x * width**0.5


def _attend(x, others, *, width: int, heads: int, dropout: float, **masks):
    """Add to each vector what it finds in the others; None: in the vectors that it stands among."""
    query = layers.LayerNormalization()(x)
    found = layers.MultiHeadAttention(heads, width // heads)(
        query, query if others is None else others, **masks
    )
    return x + layers.Dropout(dropout)(found)


def _dense(x, hidden: int, dropout: float):
    inner = layers.Dense(hidden, activation="relu")(layers.LayerNormalization()(x))
    return x + layers.Dropout(dropout)(layers.Dense(x.shape[-1])(inner))


def greedy(model: keras.Model) -> Callable:
    """Build a greedy decoder for a model that has no step: it reads everything again each time.

    Args:
        model: from `{"source", "target"}` to logits, with a layer "source_embedding".

    Returns:
        A function as `decoding.greedy` returns it: from source ids `(batch, source_length)` to the
        chosen ids up to and with END, then PAD.
    """

    def decode(source, max_length: int | None = None) -> np.ndarray:
        source = np.asarray(source, "int32")
        last, most = steps_to_take(
            source, max_length, model.get_layer("source_embedding").input_dim
        )
        written = np.full((len(source), 1), START, "int32")
        finished = np.zeros(len(source), bool)
        for step in range(most):
            inputs = {"source": source, "target": written}
            logits = model({k: ops.convert_to_tensor(v) for k, v in inputs.items()})[:, -1]
            token = ops.convert_to_numpy(ops.argmax(allowed(logits), axis=-1))
            token = np.where(finished, PAD, np.where(step == last, END, token))
            written = np.concatenate([written, token[:, None].astype("int32")], axis=1)
            finished |= token == END
            if finished.all():
                break
        return batches.pad(written[:, 1:], most)

    return decode


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
    first, *others = settings.seeds
    longer = sum(name in LONGER for name in contenders)
    progress.reset(longer + sum(len(rates(one)) + len(others) for one in contenders.values()))
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

        best, head = max((trained(rate, first) for rate in rates(options)), key=on_dev)
        yield from scored(best, head)
        for seed in others:
            yield from scored(*trained(head["rate"], seed))
        if name in LONGER:
            yield from scored(*trained(head["rate"], first, TIMES))


def rates(options: Mapping) -> tuple[float, ...]:
    """Return the learning rates that a contender tries."""
    return TRANSFORMER_RATES if "width" in options else RATES
