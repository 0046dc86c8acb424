"""What came after the LSTM: the layers compute their equations, and the contest is a fair one."""

import keras
import numpy as np
import pandas as pd
import pytest
from keras import ops
from tqdm import tqdm

from benchmarks.experiments import what_came_after
from benchmarks.experiments.minlstm import MinLSTMCell, min_lstm, scan
from benchmarks.experiments.transformer import build_transformer, greedy, position_vectors
from benchmarks.experiments.what_came_after import (
    CONTENDERS,
    LONGER,
    TIMES,
    Settings,
    Task,
    Translates,
    build,
    equal_size,
    equal_time,
    rates,
    run,
    train_one,
)
from s2s_keras import decoding, experiments, text
from s2s_keras.corpora import ParallelCorpus, Splits
from s2s_keras.models import CELLS, Seq2SeqConfig, build_training_model
from s2s_keras.text import END, PAD, START, UNK

SOURCE = np.array([[4, 5, 6, 7], [8, 9, PAD, PAD]], "int32")
TARGET = np.array([[START, 4, 5], [START, 6, 7]], "int32")


@pytest.fixture(scope="module")
def transformer():
    keras.utils.set_random_seed(0)
    return build_transformer(12, 14, width=8, heads=2, hidden=16, depth=2)


def logits(model, source=SOURCE, target=TARGET):
    return np.array(model({"source": ops.array(source), "target": ops.array(target)}))


def random(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


# The minLSTM


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def min_lstm_by_hand(x, kernel, bias, h):
    """The equations of Feng et al. 2024, one sentence `(time, features)`."""
    f, i, candidate = np.split(x @ kernel + bias, 3, axis=-1)
    f, i = sigmoid(f), sigmoid(i)
    states = []
    for t in range(len(x)):
        h = f[t] / (f[t] + i[t]) * h + i[t] / (f[t] + i[t]) * candidate[t]
        states.append(h)
    return np.array(states)


def test_the_layer_computes_the_paper_s_equations():
    x, h = random(2, 5, 3), random(2, 4)
    layer = min_lstm(4, return_sequences=True, return_state=True)
    layer(x)
    layer.set_weights([random(3, 12), random(12)])
    outputs, last = layer(x, initial_state=[ops.array(h)])
    by_hand = [
        min_lstm_by_hand(one, *layer.get_weights(), first) for one, first in zip(x, h, strict=True)
    ]
    np.testing.assert_allclose(outputs, by_hand, atol=1e-6)
    np.testing.assert_allclose(last, np.array(by_hand)[:, -1], atol=1e-6)


def test_the_forget_gate_is_open_at_first():
    layer = min_lstm(4)
    layer(random(1, 2, 3))
    np.testing.assert_array_equal(layer.get_weights()[1], [1] * 4 + [0] * 8)


@pytest.mark.parametrize("time", [1, 2, 7, 16])
def test_the_scan_equals_the_loop(time):
    x = random(3, time, 2)
    loop = min_lstm(4, return_sequences=True)
    expected = loop(x)
    np.testing.assert_allclose(scan(*loop.cell.gates(ops.array(x))), expected, atol=1e-6)


def test_padding_leaves_the_state_as_it_was():
    x, layer = random(1, 6, 3), min_lstm(4)
    mask = ops.array([[True] * 4 + [False] * 2])
    np.testing.assert_allclose(layer(x, mask=mask), layer(x[:, :4]), atol=1e-6)


@pytest.mark.parametrize("attention", ["none", "dot"])
def test_a_decoder_of_min_lstms_says_what_its_training_model_says(attention):
    options = {"cell": "rnn", "units": 8, "embedding": 6, "attention": attention}
    config = Seq2SeqConfig(12, 14, bidirectional=attention == "dot", **options)
    model = build_training_model(config, {**CELLS, "rnn": min_lstm})
    assert type(model.get_layer("decoder_1").cell) is MinLSTMCell
    written = decoding.greedy(model)(SOURCE)  # builds the step, which is compared with the model
    start = np.full((2, 1), START)
    forced = logits(model, target=np.concatenate([start, written[:, :2]], axis=1))
    forced[..., [PAD, UNK, START]] = -np.inf
    assert forced[0].argmax(-1).tolist()[:1] == written[0, :1].tolist()


# The Transformer


def test_position_vectors_are_sines_and_cosines():
    vectors = np.array(position_vectors(30, 6))
    assert vectors.shape == (30, 6)
    for place in (0, 1, 29):
        speeds = [1, 10000 ** (-2 / 6), 10000 ** (-4 / 6)]
        expected = [*np.sin(np.multiply(place, speeds)), *np.cos(np.multiply(place, speeds))]
        np.testing.assert_allclose(vectors[place], expected, atol=1e-5)


def test_a_transformer_gives_logits_for_every_place(transformer):
    assert logits(transformer).shape == (2, 3, 14)
    assert np.isfinite(logits(transformer)).all()


def test_no_place_of_the_decoder_sees_a_later_word(transformer):
    changed = TARGET.copy()
    changed[:, 2] = 11
    before, after = logits(transformer), logits(transformer, target=changed)
    np.testing.assert_allclose(before[:, :2], after[:, :2], atol=1e-5)
    assert np.abs(before[:, 2] - after[:, 2]).max() > 1e-3


def test_padding_of_the_source_makes_no_difference(transformer):
    alone = logits(transformer, SOURCE[1:, :2], TARGET[1:])
    np.testing.assert_allclose(logits(transformer)[1:], alone, atol=1e-5)


def test_only_position_vectors_tell_the_order_of_the_source(transformer):
    turned = SOURCE[:1, ::-1]
    assert np.abs(logits(transformer, turned, TARGET[:1]) - logits(transformer)[:1]).max() > 1e-3
    orderless = build_transformer(12, 14, width=8, heads=2, hidden=16, positions=False)
    same = logits(orderless, turned, TARGET[:1])
    np.testing.assert_allclose(same, logits(orderless)[:1], atol=1e-5)


def test_the_decoder_without_a_step_chooses_the_likeliest_allowed_word(transformer):
    written = greedy(transformer)(SOURCE, max_length=5)
    assert written.shape == (2, 5)
    for row, source in zip(written, SOURCE, strict=True):
        prefix = [START]
        for token in row[: [*row, END].index(END) + 1]:
            last = logits(transformer, source[None], np.array([prefix], "int32"))[0, -1]
            last[[PAD, UNK, START]] = -np.inf
            assert token == last.argmax()
            prefix.append(token)
        assert (row[len(prefix) - 1 :] == PAD).all()


def test_the_decoder_without_a_step_equals_the_one_with_a_step():
    config = Seq2SeqConfig(12, 14, units=8, embedding=6, attention="dot")
    keras.utils.set_random_seed(1)
    model = build_training_model(config)
    np.testing.assert_array_equal(greedy(model)(SOURCE), decoding.greedy(model)(SOURCE))


# The contest


@pytest.fixture(scope="module")
def task():
    rows = [(f"{a} {b} {c}", f"{c} {a} {b}", "seen") for a in "pqr" for b in "stu" for c in "xyz"]
    corpus = ParallelCorpus.from_pairs(rows, "letters")
    words = (text.tokenizer("word").fit(side) for side in (corpus.source, corpus.target))
    return Task(Splits(corpus, corpus[:9], corpus[9:15]), *words)


def test_all_contenders_are_of_equal_size_on_the_words_of_the_course():
    task = what_came_after.the_task()
    built = [build(one, *task.sizes) for one in equal_size(CONTENDERS, task).values()]
    sizes = [model.count_params() for model in built]
    assert max(sizes) <= 1.03 * min(sizes)
    assert 0.9e6 < min(sizes) < 1.5e6
    # No layer of the package's fast floor takes part.
    assert not any("fast" in type(layer).__module__ for m in built for layer in m.layers)


def test_a_model_whose_updates_take_twice_the_time_gets_half_of_them(task, monkeypatch):
    seconds = {"LSTM": 1.0, "LSTM, attention": 2.0, "Transformer": 4.0}
    clock = [0.0]

    def learner(model, rate):
        takes = seconds[model]
        return lambda *batch: clock.__setitem__(0, clock[0] + takes)

    monkeypatch.setattr(what_came_after, "learner", learner)
    monkeypatch.setattr(what_came_after, "build", lambda options, *sizes: options)
    monkeypatch.setattr(what_came_after.time, "process_time", lambda: clock[0])
    given = {name: name for name in seconds}
    settings = Settings(epochs=4, batch_size=9, timed=2)
    updates = equal_time(given, task, settings)
    assert updates == {"LSTM": 24, "LSTM, attention": 12, "Transformer": 6}


def test_both_kinds_learn_a_small_task(task):
    for options, rate in (
        ({"width": 16, "heads": 2, "hidden": 32, "depth": 1, "dropout": 0.0}, 0.01),
        ({"embedding": 16, "units": 16, "cell": "rnn", "attention": "dot", "dropout": 0.0}, 0.02),
    ):
        settings = Settings(batch_size=9)
        made, took = train_one(options, task, 150, rate, 1, settings)
        assert took["updates"] == 150 and took["minutes"] > 0
        said = made.translate(task.splits.test.source)
        assert np.mean(np.equal(said, task.splits.test.target)) > 0.6, options


def test_translations_come_in_the_order_of_the_sentences(task):
    made = Translates(lambda source: source, Task(task.splits, task.source, task.source))
    sentences = ["p s x", "q", "r t"]
    assert made.translate(sentences, batch_size=2) == sentences


def test_every_contender_runs_with_every_seed_at_its_own_best_rate(task, monkeypatch):
    small = {"minLSTM": {"cell": "rnn", "units": 8}, "Transformer": {"width": 8, "heads": 2}}
    replaced = {
        "the_task": lambda: task,
        "equal_size": lambda contenders, task: contenders,
        "equal_time": lambda contenders, task, settings: dict.fromkeys(contenders, 4),
        "RATES": (0.01,),
        "LONGER": ("Transformer",),
    }
    for name, value in replaced.items():
        monkeypatch.setattr(what_came_after, name, value)
    with tqdm(disable=True) as progress:
        table = pd.DataFrame(run(progress, Settings(1, 9, (1, 2), 1), small))
    runs = table[["model", "seed", "rate", "updates"]].drop_duplicates()
    longer = {"Transformer, 3 times as long": [1]}
    assert runs.groupby("model").seed.apply(list).to_dict() == dict.fromkeys(small, [1, 2]) | longer
    for name, options in small.items():
        of_one = runs[runs.model.str.startswith(name)]
        assert set(of_one.rate) <= {*rates(options)} and of_one.rate.nunique() == 1
    assert (of_one.updates.to_numpy() == of_one.updates.min() * np.array([1, 1, 3])).all()
    assert (runs.groupby("model")[["rate", "updates"]].nunique() == 1).all(axis=None)
    assert table.groupby("part").size().nunique() == 1


# What was measured


def test_the_table_is_of_equal_size_and_equal_time():
    table = experiments.table("what_came_after")
    runs = table.groupby("model", sort=False).seed.unique().apply(list).to_dict()
    longer = {f"{name}, {TIMES} times as long": [1] for name in LONGER}
    assert runs == dict.fromkeys(CONTENDERS, [1, 2, 3]) | longer
    assert table.chrF.between(0, 100).all()
    assert not table.duplicated(["model", "seed", "part"]).any()
    assert table.groupby("part").size().nunique() == 1
    assert table.parameters.max() <= 1.03 * table.parameters.min()
    minutes = table.groupby("model").minutes.mean()[[*CONTENDERS]]
    assert minutes.max() <= 1.25 * minutes.min()
    for name, options in CONTENDERS.items():
        assert set(table[table.model == name].rate) <= {*rates(options)}
