"""What `s2s_keras.training` promises: Keras's losses, updates and callbacks, and runs resumed."""

import math
import re
from importlib.util import find_spec
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import ops
from keras.callbacks import (
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TensorBoard,
)
from keras.optimizers import SGD, Adam, schedules

from s2s_keras import fast
from s2s_keras.batches import make_batches, pad, source_order
from s2s_keras.decoding import greedy, sampling
from s2s_keras.losses import Perplexity, TokenCrossEntropy, masked_cross_entropy
from s2s_keras.models import (
    Seq2SeqConfig,
    build_decoder_step,
    build_encoder,
    build_training_model,
)
from s2s_keras.text import END, START
from s2s_keras.training import (
    evaluate_step,
    fit,
    mix_in_own_predictions,
    plain_loss,
    token_cross_entropy,
    train_step,
)

COLUMNS = ["epoch", "loss", "perplexity", "val_loss", "val_perplexity"]
CHOICES = [
    {"cell": "lstm", "layers": 2, "context": "every_step"},
    {"cell": "gru", "attention": "dot"},
    {"cell": "rnn", "attention": "additive", "bidirectional": True},
]


@pytest.fixture(scope="module")
def data(sentences):
    """Builds batches of a few random pairs anew: one pass over `train` shuffles for the next."""

    def data(count: int = 24, seed: int = 0, shuffle_seed: int | None = None):
        pairs = sentences(count, seed=seed), sentences(count, seed=seed + 100)
        return make_batches(*pairs, 8, shuffle_seed=shuffle_seed)

    return data


@pytest.fixture(scope="module")
def batch(sentences):
    """One batch of five pairs, of different lengths in both languages."""
    (batch,) = make_batches(sentences(5, seed=1), sentences(5, seed=2), 5)
    return batch


def assert_same(arrays, others, atol=1e-6):
    for array, other in zip(arrays, others, strict=True):
        np.testing.assert_allclose(array, other, atol=atol)


# --- the loss


@pytest.mark.parametrize(
    ("cell", "attention"),
    [("lstm", "none"), ("gru", "none"), ("rnn", "none"), ("lstm", "dot"), ("gru", "additive")],
)
def test_the_first_loss_is_near_the_logarithm_of_the_vocabulary(build, data, cell, attention):
    vocabulary = 500
    sizes = {"units": 64, "embedding": 32, "target_vocabulary": vocabulary}
    model = build(cell=cell, attention=attention, **sizes)
    # Logits of variance v raise the expected loss by about v/2. A bounded hidden state h and the
    # Glorot kernel, of variance 2/(units + V), give v = 64 · mean(h²) · 2/564 < 0.23.
    assert token_cross_entropy(model, data()) == pytest.approx(math.log(vocabulary), abs=0.23)


def test_cross_entropy_over_a_dataset_is_the_sum_over_its_tokens_divided_once(
    build, data, negative_log_likelihoods
):
    model, batches = build(), data(count=21)
    losses = [
        negative_log_likelihoods(labels, model(inputs, training=False))
        for inputs, labels in batches
    ]
    by_hand = np.mean(np.concatenate(losses))
    mean_of_means = np.mean([np.mean(batch) for batch in losses])
    assert abs(mean_of_means - by_hand) > 1e-4
    assert token_cross_entropy(model, batches) == pytest.approx(by_hand, abs=1e-5)


# --- one update


def step_of(model, teacher_forcing: float = 1.0, optimizer=None):
    """The train step; by default of plain descent, which takes the gradient from the weights."""
    model.compile(optimizer or SGD(1.0))
    return train_step(model, plain_loss(model), teacher_forcing)


def updated(model, step, inputs, labels) -> tuple[float, float, list[np.ndarray]]:
    """The loss, the number of labels, and what an update takes from the weights."""
    before = model.get_weights()
    loss, count = step(inputs, labels)
    taken = [old - new for old, new in zip(before, model.get_weights(), strict=True)]
    return float(loss), float(count), taken


@pytest.mark.parametrize("choices", CHOICES, ids=lambda c: "-".join(map(str, c.values())))
def test_an_update_takes_the_gradient_of_the_masked_cross_entropy(build, batch, choices):
    (inputs, labels), model = batch, build(**choices)
    with tf.GradientTape() as tape:
        expected = masked_cross_entropy(labels, model(inputs, training=True))
    gradients = tape.gradient(expected, model.trainable_variables)
    assert float(evaluate_step(model)(inputs, labels)[0]) == pytest.approx(float(expected))

    loss, count, taken = updated(model, step_of(model), inputs, labels)
    assert loss == pytest.approx(float(expected), abs=1e-5)
    assert count == np.count_nonzero(labels)
    assert_same(taken, [tf.convert_to_tensor(gradient) for gradient in gradients])
    assert all(np.abs(array).max() > 0 for array in taken)


def test_an_update_lowers_the_loss_that_the_evaluate_step_gives(build, batch):
    model = build()
    learn, judge = step_of(model), evaluate_step(model)
    losses = [float(learn(*batch)[0]) for _ in range(5)]
    assert losses == sorted(losses, reverse=True) and losses[0] - losses[-1] > 0.01
    assert float(judge(*batch)[0]) < losses[-1]


def test_evaluating_changes_nothing(build, batch):
    model = build(dropout=0.5)
    before = model.get_weights()
    first, again = (float(evaluate_step(model)(*batch)[0]) for _ in range(2))
    expected = float(masked_cross_entropy(batch[1], model(batch[0], training=False)))
    assert first == again == pytest.approx(expected, abs=1e-5)
    assert_same(model.get_weights(), before, atol=0)


def test_dropout_acts_in_the_train_step(build, batch):
    step = step_of(build(dropout=0.5), optimizer=SGD(0.0))
    assert abs(float(step(*batch)[0]) - float(step(*batch)[0])) > 1e-4


def test_a_batch_of_padding_only_has_no_loss_and_changes_nothing(build, batch):
    model, nothing = build(), tf.zeros_like(batch[1])
    assert [float(value) for value in evaluate_step(model)(batch[0], nothing)] == [0, 0]
    loss, count, taken = updated(model, step_of(model), batch[0], nothing)
    assert (loss, count) == (0, 0)
    assert all((array == 0).all() for array in taken)


def test_padding_changes_neither_loss_nor_update(build, batch):
    inputs, labels = batch
    padded = {side: tf.pad(ids, [[0, 0], [0, 3]]) for side, ids in inputs.items()}
    model, other = (build(attention="dot") for _ in range(2))
    loss, count, taken = updated(model, step_of(model), inputs, labels)
    padded_loss, padded_count, padded_taken = updated(
        other, step_of(other), padded, tf.pad(labels, [[0, 0], [0, 3]])
    )
    assert (padded_loss, padded_count) == (pytest.approx(loss, abs=1e-6), count)
    assert_same(padded_taken, taken)


def test_without_teacher_forcing_an_update_learns_from_own_predictions(build, batch):
    inputs, labels = batch
    own, told = build(seed=3), build(seed=3)
    mixed = mix_in_own_predictions(told)(inputs, 0.0, tf.constant([0, 0]))
    assert (mixed["target"].numpy() != inputs["target"].numpy()).any()
    loss, _, taken = updated(own, step_of(own, 0.0), inputs, labels)
    expected, _, told_taken = updated(told, step_of(told), mixed, labels)
    assert loss == pytest.approx(expected, abs=1e-6)
    assert_same(taken, told_taken)


# --- teacher forcing and its absence


@pytest.fixture(scope="module")
def talker(build):
    """A model with firm opinions, so that its own predictions vary."""
    model = build(units=16, context="every_step", attention="dot", seed=1)
    kernel = model.get_layer("logits").kernel
    kernel.assign(kernel * 5)
    return model


@pytest.fixture(scope="module")
def inputs(sentences):
    """One batch of 64 pairs, as the training model reads it."""
    (batch,) = make_batches(*(sentences(64, 7, 7, seed) for seed in (1, 2)), 64)
    return batch[0]


def own_predictions(training_model, source, steps: int) -> np.ndarray:
    """Slowly, by the decoder step: what the model says when it hears only itself."""
    decoder_step = build_decoder_step(training_model)
    states = keras.tree.flatten(build_encoder(training_model)(source))
    read = [np.full(len(source), START)]
    for _ in range(steps - 1):
        logits, *states = decoder_step([ops.convert_to_tensor(read[-1][:, None]), *states])
        read.append(np.argmax(logits, axis=-1))
    return np.stack(read, axis=1)


def test_full_teacher_forcing_feeds_only_the_truth(talker, inputs):
    mixed = mix_in_own_predictions(talker)(inputs, 1.0, tf.constant([0, 0]))
    np.testing.assert_array_equal(mixed["source"], inputs["source"])
    np.testing.assert_array_equal(mixed["target"], inputs["target"])


def test_no_teacher_forcing_feeds_only_own_predictions(talker, inputs):
    mixed = mix_in_own_predictions(talker)(inputs, 0.0, tf.constant([0, 0]))
    expected = own_predictions(talker, inputs["source"], inputs["target"].shape[1])
    assert len(np.unique(expected)) > 5
    np.testing.assert_array_equal(mixed["source"], inputs["source"])
    np.testing.assert_array_equal(mixed["target"], expected)


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_a_ratio_mixes_truth_and_predictions_in_that_share(talker, inputs, share):
    mixed = mix_in_own_predictions(talker)(inputs, share, tf.constant([0, 0]))
    mixed, truth = np.array(mixed["target"]), np.array(inputs["target"])[:, 1:]
    # What the model predicts after it has read this very mixture.
    logits = talker({"source": inputs["source"], "target": ops.convert_to_tensor(mixed)})
    predicted = np.argmax(logits, axis=-1)[:, :-1]
    is_truth, is_predicted = mixed[:, 1:] == truth, mixed[:, 1:] == predicted
    assert (mixed[:, 0] == START).all()
    assert (is_truth | is_predicted).all()
    differ = truth != predicted
    deviation = math.sqrt(share * (1 - share) / differ.sum())
    assert is_truth[differ].mean() == pytest.approx(share, abs=3 * deviation)


def test_the_mixture_is_chosen_by_the_seed_alone(talker, inputs):
    mix = mix_in_own_predictions(talker)
    first, again, other = (
        np.array(mix(inputs, 0.5, tf.constant([0, number]))["target"]) for number in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_fit_learns_from_the_inputs_that_the_ratio_asks_for(build, data, share):
    model, batches = build(), data()
    mix = mix_in_own_predictions(model)
    mixed = [(mix(inputs, share, tf.constant([0, 0])), labels) for inputs, labels in batches]
    expected = token_cross_entropy(model, mixed)
    options = {"teacher_forcing": share, "optimizer": SGD(0.0), "progress": False}
    history = fit(model, batches, epochs=1, **options)
    assert history.loss.tolist() == [pytest.approx(expected, abs=1e-5)]
    assert (abs(expected - token_cross_entropy(model, batches)) > 1e-3) == (share == 0)


def test_every_update_mixes_anew(build, data):
    options = {"teacher_forcing": 0.5, "optimizer": SGD(0.0), "progress": False}
    history = fit(build(), data(), epochs=2, **options)
    assert abs(history.loss[0] - history.loss[1]) > 1e-4


def test_a_schedule_of_keras_gives_the_ratio_of_every_update(build, data):
    """Three updates with the truth, then only own predictions."""
    falls = schedules.PiecewiseConstantDecay([2], [1.0, 0.0])
    losses = {
        ratio: fit(
            build(), data(), epochs=2, teacher_forcing=ratio, optimizer=SGD(0.0), progress=False
        ).loss.tolist()
        for ratio in (1.0, 0.0, falls)
    }
    expected = [losses[1.0][0], losses[0.0][1]]
    assert losses[falls] == pytest.approx(expected, abs=1e-6)
    assert abs(expected[0] - expected[1]) > 1e-3


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_teacher_forcing_that_is_no_share_is_refused(build, data, share):
    with pytest.raises(ValueError, match="teacher_forcing is"):
        fit(build(), data(), epochs=1, teacher_forcing=share)


# --- as Keras's own compile and fit


def with_l2(model):
    """The model, its output layer under an L2 penalty."""
    model.get_layer("logits").kernel.regularizer = keras.regularizers.L2(0.1)
    return model


def without_repetition(count: int, seed: int = 0):
    """Batches of one pair, none of whose tokens comes twice: see the comment in `train_step`."""
    random = np.random.default_rng(seed)
    pairs = [[random.permutation(np.arange(4, 13))[:5] for _ in range(count)] for _ in range(2)]
    return make_batches(*pairs, 1)


@pytest.mark.parametrize(
    ("optimizer", "change"),
    [
        (lambda: SGD(0.1, momentum=0.9), with_l2),
        (lambda: SGD(0.1, use_ema=True, ema_momentum=0.5), lambda model: model),
        (lambda: Adam(0.02), lambda model: model),
    ],
    ids=["SGD with a penalty", "averaged SGD", "Adam"],
)
def test_fit_gives_the_losses_and_weights_of_compile_and_fit(build, data, optimizer, change):
    ours, theirs = (change(build(attention="dot", dropout=0.3)) for _ in range(2))
    data = without_repetition if isinstance(optimizer(), Adam) else data
    validation = data(count=16, seed=9)
    ours.compile(optimizer(), masked_cross_entropy)
    history = fit(ours, data(24), validation, epochs=3, progress=False)

    metrics = [TokenCrossEntropy(), Perplexity()]
    theirs.compile(optimizer(), masked_cross_entropy, metrics=metrics)
    options = {"validation_data": validation, "epochs": 3, "verbose": 0, "shuffle": False}
    expected = theirs.fit(data(24), **options).history
    for column, name in (("loss", "cross_entropy"), ("perplexity", "perplexity")):
        for prefix in ("", "val_"):
            np.testing.assert_allclose(history[prefix + column], expected[prefix + name], rtol=1e-5)
    assert_same(ours.get_weights(), theirs.get_weights(), atol=1e-5)
    assert history.loss.is_monotonic_decreasing


def test_a_penalty_on_weights_acts_and_is_no_part_of_the_loss(build, data):
    models = build(), with_l2(build())
    losses = [
        fit(model, data(), epochs=2, optimizer=SGD(0.1), progress=False).loss for model in models
    ]
    assert losses[0][0] == pytest.approx(losses[1][0], abs=0.1)
    norms = [np.linalg.norm(model.get_layer("logits").kernel) for model in models]
    assert norms[1] < norms[0] - 0.1


def test_a_compiled_model_keeps_its_optimizer_and_what_that_remembers(build, data):
    model, optimizer = build(), SGD(0.05)
    model.compile(optimizer, masked_cross_entropy)
    for _ in range(2):
        fit(model, data(), epochs=1, progress=False)
    assert model.optimizer is optimizer
    assert int(optimizer.iterations) == 2 * len(data())


def test_a_learning_rate_or_an_optimizer_that_is_given_comes_before_the_model_s_own(build, data):
    model, given = build(), SGD(0.5)
    model.compile(SGD(0.05), masked_cross_entropy)
    fit(model, data(), epochs=1, learning_rate=0.25, progress=False)
    assert float(model.optimizer.learning_rate) == 0.25
    assert (type(model.optimizer), model.optimizer.global_clipnorm) == (Adam, 5.0)
    fit(model, data(), epochs=1, optimizer=given, progress=False)
    assert model.optimizer is given


def test_a_model_that_is_not_compiled_gets_adam(build, data):
    model = build()
    fit(model, data(), epochs=1, progress=False)
    assert type(model.optimizer) is Adam
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)


# --- Keras's callbacks, as under `model.fit`


class Diary(keras.callbacks.Callback):
    """A learner's own callback: it writes down what it is called for, and adds to the logs."""

    def __init__(self):
        super().__init__()
        self.calls, self.epochs_seen = [], 0

    def set_params(self, params):
        super().set_params(params)
        self.calls.append({name: params[name] for name in ("epochs", "steps")})

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(("on_epoch_end", epoch))
        self.epochs_seen += 1
        logs["seen"] = self.epochs_seen
        logs["note"] = f"epoch {epoch}"


def _write_down(hook: str):
    return lambda self, *number, logs=None: self.calls.append(
        (hook, *(n for n in number if isinstance(n, int)))
    )


for hook in ("train_begin", "train_end", "test_begin", "test_end", "epoch_begin"):
    setattr(Diary, f"on_{hook}", _write_down(f"on_{hook}"))
for hook in ("train_batch_begin", "train_batch_end", "test_batch_begin", "test_batch_end"):
    setattr(Diary, f"on_{hook}", _write_down(f"on_{hook}"))


def callbacks_in(folder):
    """Each of Keras's callbacks; the scores that they watch have one name in both loops."""
    watched = {"monitor": "val_perplexity", "mode": "min"}
    return [
        LearningRateScheduler(lambda epoch, rate: rate * 0.9),
        ReduceLROnPlateau(**watched, factor=0.5, patience=1),
        ModelCheckpoint(folder / "{epoch}.keras", save_best_only=True, **watched),
        ModelCheckpoint(folder / "{epoch}.weights.h5", save_weights_only=True, save_freq=2),
        CSVLogger(folder / "log.csv"),
        *([TensorBoard(folder / "board", update_freq=1)] if find_spec("tensorboard") else []),
        EarlyStopping(**watched, patience=3, restore_best_weights=True),
        Diary(),
    ]


@pytest.fixture(scope="module")
def loops(build, data, tmp_path_factory):
    """One training with every callback by each loop: folder, model, history, diary."""

    def train(name, fit):
        model, folder = build(), tmp_path_factory.mktemp(name)
        model.compile(SGD(0.5, momentum=0.9), masked_cross_entropy, metrics=[Perplexity()])
        callbacks = callbacks_in(folder)
        # Random targets: what is learnt of some says nothing of the others.
        history = fit(model, data(), data(count=16, seed=9), callbacks)
        diary = callbacks[-1].calls
        return SimpleNamespace(folder=folder, model=model, history=history, diary=diary)

    def ours(model, train, validation, callbacks):
        return fit(model, train, validation, epochs=40, callbacks=callbacks, progress=False)

    def theirs(model, train, validation, callbacks):
        options = {"epochs": 40, "callbacks": callbacks, "verbose": 0, "shuffle": False}
        return pd.DataFrame(model.fit(train, validation_data=validation, **options).history)

    return SimpleNamespace(ours=train("ours", ours), theirs=train("theirs", theirs))


def test_early_stopping_stops_and_restores_the_best_weights(loops, data):
    assert len(loops.ours.history) == len(loops.theirs.history) < 40
    assert_same(loops.ours.model.get_weights(), loops.theirs.model.get_weights(), atol=1e-4)
    best = loops.ours.history.val_loss.min()
    assert best < loops.ours.history.val_loss.iloc[-1]
    restored = token_cross_entropy(loops.ours.model, data(count=16, seed=9))
    assert restored == pytest.approx(best, abs=1e-5)


def test_reduce_on_plateau_and_scheduler_set_the_learning_rate(loops):
    rates = loops.ours.history.learning_rate
    np.testing.assert_allclose(rates, loops.theirs.history.learning_rate, rtol=1e-6)
    falls = (rates[1:].to_numpy() / rates[:-1].to_numpy()).round(2)
    assert {*falls} == {0.9, 0.45}


def test_model_checkpoint_saves_the_same_epochs(loops):
    ours, theirs = (
        {path.name for path in one.folder.iterdir()} for one in (loops.ours, loops.theirs)
    )
    assert ours == theirs and len(ours) > 4
    best = keras.models.load_model(
        loops.ours.folder / f"{loops.ours.history.val_loss.idxmin() + 1}.keras", compile=False
    )
    assert_same(best.get_weights(), loops.ours.model.get_weights())


def test_csv_logger_writes_every_epoch(loops):
    ours, theirs = (pd.read_csv(one.folder / "log.csv") for one in (loops.ours, loops.theirs))
    for name in ("epoch", "perplexity", "val_perplexity", "learning_rate"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-4)
    np.testing.assert_allclose(ours.loss, loops.ours.history.loss)


def tensorboard_tags(folder) -> set[str]:
    """What was written for TensorBoard, by name."""
    tags = set()
    for path in folder.rglob("events.*"):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            tags |= {f"{path.parent.name}/{value.tag}" for value in event.summary.value}
    return tags


@pytest.mark.skipif(not find_spec("tensorboard"), reason="needs tensorboard")
def test_tensorboard_gets_the_same_curves(loops):
    ours, theirs = (tensorboard_tags(one.folder / "board") for one in (loops.ours, loops.theirs))
    metric_of_the_compiled_model = {"train/batch_perplexity"}
    assert ours == theirs - metric_of_the_compiled_model
    assert {"train/epoch_loss", "validation/epoch_loss", "train/epoch_learning_rate"} < ours


def test_a_callback_of_one_s_own_is_called_at_the_same_moments(loops):
    assert loops.ours.diary == loops.theirs.diary
    moments = {call[0] for call in loops.ours.diary[1:]}
    assert {"on_train_begin", "on_train_batch_end", "on_test_batch_begin", "on_test_end"} < moments


def test_what_callbacks_add_to_the_logs_becomes_columns(loops):
    history = loops.ours.history
    assert list(history) == [*COLUMNS, "learning_rate", "seen", "note"]
    assert history.seen.tolist() == history.epoch.tolist()
    assert history.note.tolist() == [f"epoch {n}" for n in range(len(history))]


class Stop(keras.callbacks.Callback):
    """Stops after the second batch of the second epoch."""

    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = (self.epoch, batch) == (1, 1)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch


def test_a_callback_may_stop_the_training_at_any_batch(build, data):
    ours, theirs = build(), build()
    for model in (ours, theirs):
        model.compile(SGD(0.1), masked_cross_entropy)
    history = fit(ours, data(), epochs=5, callbacks=Stop(), progress=False)  # no list around one
    theirs.fit(data(), epochs=5, callbacks=Stop(), verbose=0, shuffle=False)
    assert len(history) == 2
    assert int(ours.optimizer.iterations) == len(data()) + 2
    assert_same(ours.get_weights(), theirs.get_weights())


# --- runs


class Interrupted(Exception):
    """The power fails."""


class InterruptedValidation:
    """A validation set during one of whose passes the power fails."""

    def __init__(self, batches, number: int):
        self.batches, self.left = batches, number

    def __iter__(self):
        self.left -= 1
        if not self.left:
            raise Interrupted
        return iter(self.batches)


@pytest.fixture(scope="module")
def run(build, data):
    """Trains a small model with dropout on shuffled batches: `run() -> (model, history)`."""

    def run(interrupted_at: int = 0, **options):
        model, validation = build(dropout=0.3), data(count=16, seed=9)
        if "callbacks" in options:  # each run has its own
            options["callbacks"] = options["callbacks"]()
        history = fit(
            model,
            data(shuffle_seed=3),
            InterruptedValidation(validation, interrupted_at) if interrupted_at else validation,
            **{"epochs": 4, "learning_rate": 0.02, "progress": False} | options,
        )
        return model, history

    return run


RUNS = {
    "schedules": {
        "teacher_forcing": schedules.PolynomialDecay(1.0, 12, 0.0),
        "learning_rate": schedules.CosineDecay(0.05, 12),
    },
    "callbacks": {
        "epochs": 20,
        "learning_rate": 0.1,
        "callbacks": lambda: [
            ReduceLROnPlateau(factor=0.5, patience=2, min_delta=0.05),
            EarlyStopping(patience=4, min_delta=0.05, restore_best_weights=True),
        ],
    },
}


@pytest.fixture(scope="module", params=RUNS)
def uninterrupted(run, request):
    """The options of a run, its model and its history."""
    return RUNS[request.param], *run(**RUNS[request.param])


@pytest.mark.parametrize("uninterrupted", ["schedules"], indirect=True)
def test_two_runs_with_one_seed_are_the_same(run, uninterrupted):
    options, model, history = uninterrupted
    other_model, other_history = run(**options)
    np.testing.assert_allclose(other_history, history, atol=1e-6)
    assert_same(other_model.get_weights(), model.get_weights())


def test_an_interrupted_and_resumed_run_ends_as_an_uninterrupted_one(run, uninterrupted, tmp_path):
    options, model, history = uninterrupted
    with pytest.raises(Interrupted):
        run(interrupted_at=len(history) - 1, checkpoint=tmp_path, **options)
    resumed_model, resumed_history = run(checkpoint=tmp_path, **options)
    np.testing.assert_allclose(resumed_history, history, atol=1e-6)
    assert_same(resumed_model.get_weights(), model.get_weights())

    finished_model, finished_history = run(checkpoint=tmp_path, **options)
    np.testing.assert_array_equal(finished_history, resumed_history)
    assert_same(finished_model.get_weights(), resumed_model.get_weights())


@pytest.mark.parametrize("uninterrupted", ["callbacks"], indirect=True)
def test_the_run_with_callbacks_is_one_in_which_they_act(uninterrupted):
    _, _, history = uninterrupted
    assert len(history) < 20
    assert history.learning_rate.nunique() > 1


def test_history_has_a_row_an_epoch_and_losses_in_both_units(run):
    _, history = run()
    assert list(history) == COLUMNS
    assert history.epoch.tolist() == [1, 2, 3, 4]
    assert history.loss.is_monotonic_decreasing
    np.testing.assert_allclose(history.perplexity, np.exp(history.loss))
    np.testing.assert_allclose(history.val_perplexity, np.exp(history.val_loss))


def test_a_checkpoint_of_another_run_is_refused_and_kept(run, build, data, tmp_path):
    run(checkpoint=tmp_path, epochs=1)
    before = (tmp_path / "training.npz").read_bytes()
    for model, callbacks in ((build(units=9), ()), (build(dropout=0.3), [EarlyStopping()])):
        with pytest.raises(ValueError, match="training.npz: of another training, .*or another"):
            fit(model, data(), checkpoint=tmp_path, callbacks=callbacks, progress=False)
    assert (tmp_path / "training.npz").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        ({"learning_rate": 0.001}, "optimizer learning_rate was 0.02 and now is 0.001"),
        ({"optimizer": keras.optimizers.SGD(0.02)}, "whose optimizer"),
        ({"callbacks": lambda: [EarlyStopping()]}, "callbacks was [] and now is ['EarlyStopping']"),
        ({"dropout": 0.5}, "dropout encoder_dropout_1 was 0.3 and now is 0.5"),
        ({"train": {"seed": 5}}, "whose first batch was"),
        ({"train": {"count": 4}}, "whose batches was"),
        ({"teacher_forcing": 0.5}, "whose teacher forcing was None and now is 0.5"),
        (
            {"teacher_forcing": keras.optimizers.schedules.CosineDecay(1.0, 100)},
            "whose teacher forcing was None and now is {",
        ),
    ],
    ids=[
        "rate",
        "optimizer",
        "callbacks",
        "dropout",
        "other sentences",
        "fewer sentences",
        "teacher forcing",
        "its schedule",
    ],
)
def test_a_checkpoint_of_another_run_is_refused_by_what_differs(
    run, build, data, tmp_path, options, difference
):
    run(checkpoint=tmp_path, epochs=1)
    options = {"learning_rate": 0.02} | options
    if "optimizer" in options:
        del options["learning_rate"]
    callbacks = options.pop("callbacks", tuple)()
    train = data(**{"shuffle_seed": 3} | options.pop("train", {}))
    with pytest.raises(ValueError, match=re.escape(difference)) as refused:
        fit(
            build(dropout=options.pop("dropout", 0.3)), train, data(count=16, seed=9),
            checkpoint=tmp_path, callbacks=callbacks, progress=False, **options,
        )  # fmt: skip
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("damage", [b"", b"no checkpoint", "half"])
def test_a_damaged_checkpoint_is_told_in_one_line(run, tmp_path, damage):
    run(checkpoint=tmp_path, epochs=1)
    file = tmp_path / "training.npz"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage == "half" else damage)
    with pytest.raises(ValueError, match="training.npz: damaged, or no checkpoint .*; delete it"):
        run(checkpoint=tmp_path, epochs=2)


# --- the truth about a training


def test_a_cell_that_is_run_twice_gives_the_same(build, data):
    batches = data(shuffle_seed=3)
    next(iter(batches))  # somebody looks at them first
    results = []
    for _ in range(2):
        model = build()
        history = fit(model, batches, epochs=3, learning_rate=0.02, progress=False)
        results.append((history, model.get_weights()))
    fresh = build()
    history = fit(fresh, data(shuffle_seed=3), epochs=3, learning_rate=0.02, progress=False)
    for other_history, weights in results:
        pd.testing.assert_frame_equal(other_history, history)
        for mine, others in zip(fresh.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(mine, others)


class AtBatch(keras.callbacks.Callback):
    """Does something at the end of one batch of one epoch, both counted from 0."""

    def __init__(self, epoch: int, batch: int, action):
        super().__init__()
        self.epoch, self.batch, self.action = epoch, batch, action

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.now, batch) == (self.epoch, self.batch):
            self.action(self.model)


def interrupt(model):
    raise KeyboardInterrupt


def spoil(model):
    model.weights[0].assign(model.weights[0] * np.nan)


@pytest.mark.parametrize(
    ("action", "why"), [(interrupt, "interrupted"), (spoil, "not finite")], ids=["Ctrl-C", "NaN"]
)
def test_what_ends_a_training_early_leaves_the_last_whole_epoch(build, data, action, why, capsys):
    options = {"learning_rate": 0.02, "progress": False}
    model, expected = build(), build()
    history = fit(model, data(), epochs=5, callbacks=[AtBatch(2, 0, action)], **options)
    two_epochs = fit(expected, data(), epochs=2, **options)
    pd.testing.assert_frame_equal(history, two_epochs)
    assert_same(model.get_weights(), expected.get_weights())
    assert history.attrs["stopped"] == why
    assert "stopped" not in two_epochs.attrs
    place = "epoch 3" if why == "interrupted" else "batch 2 of epoch 3"
    assert capsys.readouterr().err == f"{why} in {place}: whole epochs before it: 2\n"


@pytest.mark.parametrize("action", [interrupt, spoil], ids=["Ctrl-C", "NaN"])
def test_the_best_epoch_is_restored_whatever_ends_the_training(build, data, action):
    class Worse(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["score"] = -float(epoch)  # the first is the best

    best = EarlyStopping("score", mode="max", patience=9, restore_best_weights=True)
    model, expected = build(), build()
    options = {"learning_rate": 0.02, "progress": False}
    fit(model, data(), epochs=5, callbacks=[Worse(), best, AtBatch(2, 0, action)], **options)
    fit(expected, data(), epochs=1, **options)
    assert_same(model.get_weights(), expected.get_weights())


def test_a_training_after_one_that_diverged_begins_with_good_numbers(build, data):
    """The optimizer, too, forgets what was no number."""

    def spoil_the_optimizer(model):
        spoil(model)
        for variable in model.optimizer.variables[2:]:
            variable.assign(variable * np.nan)

    model, options = build(), {"epochs": 3, "progress": False}
    diverged = AtBatch(1, 0, spoil_the_optimizer)
    fit(model, data(), learning_rate=0.02, callbacks=[diverged], **options)
    history = fit(model, data(), **options)  # by the same optimizer
    assert len(history) == 3 and history.loss.is_monotonic_decreasing


def test_before_the_end_of_the_first_epoch_there_is_nothing_to_keep(build, data):
    with pytest.raises(KeyboardInterrupt):
        fit(build(), data(), callbacks=[AtBatch(0, 1, interrupt)], progress=False)
    model = build()
    before = model.get_weights()
    with pytest.raises(ValueError, match="not a number in batch 2 of the first epoch; give a sma"):
        fit(model, data(), callbacks=[AtBatch(0, 0, spoil)], progress=False)
    assert_same(model.get_weights(), before)


def padding(batches):
    """The batches of a dataset without a token."""
    return [keras.tree.map_structure(keras.ops.zeros_like, batch) for batch in batches]


@pytest.mark.parametrize("progress", [False, True])
def test_a_loss_over_no_tokens_is_an_error(build, data, progress, capsys):
    batches = data()
    for train, validation in ((padding(batches), None), (batches, padding(batches))):
        with pytest.raises(
            ValueError, match="hold no token to compute a loss from; give sentences"
        ):
            fit(build(), train, validation, progress=progress)


def one_hot_labels(inputs, labels):
    return inputs, keras.ops.one_hot(labels, 12)


WRONG_FORMS = {
    "no batch": (lambda data: data.take(0), "train has no batch; give at least one"),
    "empty list": (lambda data: [], "train has no batch; give at least one"),
    "generator": (lambda data: (batch for batch in data), "is a generator, which can be read only"),
    "unknown length": (lambda data: data.filter(lambda *_: True), "does not know its number of ba"),
    "int64": (
        lambda data: data.map(lambda x, y: (x, keras.ops.cast(y, "int64"))),
        "int64.*give what make_batches gives",
    ),
    "one-hot labels": (lambda data: data.map(one_hot_labels), "float32.*give what make_batches"),
    "weights": (lambda data: data.map(lambda x, y: (x, y, y)), "give what make_batches gives"),
    "lists": (
        lambda data: [({"source": [[4, 5]], "target": [[2, 4]]}, [[4, 3]])],
        "give what make",
    ),
    "an array": (lambda data: np.zeros((4, 5), "int32"), "give what make_batches gives"),
    "pairs": (lambda data: data.map(lambda x, y: (x["source"], y)), "give what make_batches"),
}


@pytest.mark.parametrize("form", WRONG_FORMS)
def test_batches_of_another_form_are_told_at_the_door(build, data, form):
    change, complaint = WRONG_FORMS[form]
    with pytest.raises(ValueError, match=complaint) as refused:
        fit(build(), change(data()), progress=False)
    assert len(str(refused.value).splitlines()) == 1


def test_a_list_of_batches_is_as_good_as_a_dataset(build, data):
    model, other = build(), build()
    history = fit(model, data(), epochs=2, progress=False)
    of_list = fit(other, [*data()], epochs=2, progress=False)
    pd.testing.assert_frame_equal(of_list, history)
    assert_same(model.get_weights(), other.get_weights())


def test_a_bar_may_be_switched_on_or_off_when_a_run_is_resumed(run, tmp_path, capsys):
    run(checkpoint=tmp_path, epochs=1)
    _, history = run(checkpoint=tmp_path, epochs=2, progress=True)
    assert history.epoch.tolist() == [1, 2]
    assert "epoch 2/2" in capsys.readouterr().err


def test_without_validation_data_the_last_epoch_stays(build, data):
    model, batches = build(), data()
    history = fit(model, batches, epochs=3, learning_rate=0.02, progress=False)
    assert list(history) == COLUMNS[:3]
    assert token_cross_entropy(model, batches) < history.loss.iloc[-1]


def test_nothing_is_printed_without_a_bar(build, data, capfd):
    fit(build(), data(), epochs=1, progress=False)
    assert capfd.readouterr() == ("", "")


def test_a_callback_that_only_keras_s_loop_can_obey_is_refused(build, data, tmp_path):
    """It would begin anew and count the epochs wrongly: see keras issue 21771."""
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    with pytest.raises(ValueError, match="^callbacks has BackupAndRestore; give a folder as chec"):
        fit(build(), data(), callbacks=[backup], progress=False)


def test_a_validation_loss_that_is_never_a_number_stops_nothing(build, data, tmp_path):
    """As early stopping under Keras: the first epoch counts as the best (keras issue 13658)."""

    def run(epochs):
        model = build()
        plain = plain_loss(model)

        def not_a_number_in_validation(inputs, labels, training):
            loss, count = plain(inputs, labels, training)
            return loss if training else loss * np.nan, count

        return model, fit(
            model, data(), data(), epochs=epochs, checkpoint=tmp_path, progress=False,
            callbacks=[EarlyStopping(patience=9, restore_best_weights=True)],
            compute_loss=not_a_number_in_validation, learning_rate=0.02,
        )  # fmt: skip

    run(1)
    model, history = run(3)
    assert history.val_loss.isna().all() and history.loss.is_monotonic_decreasing
    assert len(history) == 3 and "stopped" not in history.attrs
    assert all(np.isfinite(weights).all() for weights in model.get_weights())


def test_batches_in_a_new_order_every_time_are_known_by_their_number(build, data, tmp_path):
    """A dataset of one's own that shuffles has no first batch to know it by."""
    shuffled = data().shuffle(3)
    for epochs in (1, 2):
        history = fit(build(), shuffled, epochs=epochs, checkpoint=tmp_path, progress=False)
    assert history.epoch.tolist() == [1, 2]


# --- other precision


@pytest.fixture
def policy():
    """Sets a dtype policy for one test."""
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "fast"])
def learner(build, sentences, request):
    """Trains a model of the policy that is set: its first weights, its history, what is right.

    With a penalty on weights and with clipping, which a scaled loss must not change.
    """
    quick, pairs = request.param, (sentences(6, 3, 3, seed=1), sentences(6, 2, 3, seed=2))

    def learner(weights=None):
        sizes = {"units": 16, "attention": "dot", "bidirectional": True}
        model = build(seed=1, cells=fast.CELLS if quick else None, **sizes)
        model.set_weights(weights or model.get_weights())
        first = model.get_weights()
        model.get_layer("logits").kernel.regularizer = keras.regularizers.L2(1e-4)
        adam = (fast.Adam if quick else Adam)(0.05, global_clipnorm=1.0)
        loss = {"compute_loss": fast.compute_loss(model)} if quick else {}
        batches, options = make_batches(*pairs, 6), {"epochs": 40, "progress": False}
        history = fit(model, batches, batches, optimizer=adam, **options, **loss)
        right = pad([[*ids, END] for ids in pairs[1]], 4)
        decoders = [fast.greedy(model)] if quick else [greedy(model), sampling(model, 1e-3)]
        return first, history, [decode(pad(pairs[0]), 4) == right for decode in decoders]

    return learner


@pytest.fixture(scope="module")
def exact(learner):
    """What float32 gives, and the weights with which it began."""
    return learner()


@pytest.mark.parametrize(
    ("name", "tolerance"), [("float64", 1e-4), ("mixed_float16", 0.02), ("mixed_bfloat16", 0.1)]
)
def test_another_precision_learns_and_decodes_as_float32(exact, learner, policy, name, tolerance):
    first, expected, _ = exact
    policy(name)
    _, history, right = learner(first)
    np.testing.assert_allclose(history.loss[:10], expected.loss[:10], rtol=tolerance)
    assert history.val_loss.iloc[-1] < 0.1
    assert np.all(right)


def test_weights_of_16_bits_are_decoded_and_not_trained(build, data, sentences, policy):
    source = pad(sentences(6, seed=5))
    exact = build(seed=1, units=16)
    policy("float16")
    model = build(seed=1, units=16)
    model.set_weights(exact.get_weights())
    for decode in (greedy, lambda model: sampling(model, 1e-3), fast.greedy):
        agreement = decode(model)(source, 3) == decode(exact)(source, 3)
        assert agreement.mean() > 0.8  # rounding may tip a balance
    with pytest.raises(ValueError, match="^the weights are float16, in which small .* mixed_floa"):
        fit(model, data(), progress=False)
    policy("bfloat16")
    with pytest.raises(ValueError, match="^the policy is bfloat16; set mixed_bfloat16 before"):
        build()


# --- it learns


@pytest.mark.parametrize(
    ("choices", "learning_rate"),
    [({"units": 128}, 0.007), ({"units": 48, "attention": "dot", "bidirectional": True}, 0.02)],
    ids=["lstm", "attention"],
)
def test_a_model_learns_to_reverse(choices, learning_rate):
    """Sequences of 3 to 6 tokens out of 10: every seed tried (0 to 2) reaches 99% and more."""
    random = np.random.default_rng(0)
    drawn = {tuple(random.integers(4, 14, random.integers(3, 7)).tolist()) for _ in range(6300)}
    sequences = [list(ids) for ids in sorted(drawn)]
    random.shuffle(sequences)
    held_out, train = sequences[:200], sequences[200:]

    keras.utils.set_random_seed(0)
    model = build_training_model(Seq2SeqConfig(14, 14, embedding=32, dropout=0.0, **choices))
    batches = make_batches(train, [ids[::-1] for ids in train], 128, shuffle_seed=0)
    fit(model, batches, epochs=10, learning_rate=learning_rate, progress=False)

    translations = greedy(model)(pad(held_out), max_length=7)
    expected = pad([[*source_order(ids, reverse_source=True), END] for ids in held_out], 7)
    assert (translations == expected).all(axis=1).mean() >= 0.99
