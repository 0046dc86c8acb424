"""What `s2s_keras.training` promises: losses of real tokens only, and runs that can be repeated."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from s2s_keras.batches import make_batches, pad, source_order
from s2s_keras.decoding import greedy
from s2s_keras.steps import mix_in_own_predictions
from s2s_keras.text import END
from s2s_keras.training import fit, token_cross_entropy

COLUMNS = ["epoch", "loss", "perplexity", "validation_loss", "validation_perplexity"]


@pytest.fixture(scope="module")
def data(sentences):
    """Builds batches of a few random pairs anew: one pass over `train` shuffles for the next."""

    def data(count: int = 24, seed: int = 0, shuffle_seed: int | None = None):
        pairs = sentences(count, seed=seed), sentences(count, seed=seed + 100)
        return make_batches(*pairs, 8, shuffle_seed=shuffle_seed)

    return data


# --- the loss


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_first_loss_is_near_the_logarithm_of_the_vocabulary(build, data, cell):
    vocabulary = 500
    model = build(cell=cell, units=64, embedding=32, target_vocabulary=vocabulary)
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


# --- teacher forcing and its absence


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_fit_learns_from_the_inputs_that_the_ratio_asks_for(build, data, share):
    model, batches = build(), data()
    mix = mix_in_own_predictions(model, share)
    mixed = [(mix(inputs, tf.constant([0, 0])), labels) for inputs, labels in batches]
    expected = token_cross_entropy(model, mixed)
    standstill = keras.optimizers.SGD(0.0)
    history = fit(
        model, batches, epochs=1, teacher_forcing=share, optimizer=standstill, progress=False
    )
    assert history.loss.tolist() == [pytest.approx(expected, abs=1e-5)]
    assert (abs(expected - token_cross_entropy(model, batches)) > 1e-3) == (share == 0)


def test_every_step_mixes_anew(build, data):
    options = {"teacher_forcing": 0.5, "optimizer": keras.optimizers.SGD(0.0), "progress": False}
    history = fit(build(), data(), epochs=2, **options)
    assert abs(history.loss[0] - history.loss[1]) > 1e-4


# --- runs


def weights(model) -> list[np.ndarray]:
    return [value.copy() for value in model.get_weights()]


def assert_same_weights(some, others):
    for value, other in zip(some, others, strict=True):
        np.testing.assert_allclose(value, other, atol=1e-6)


class Interrupted(Exception):
    """The power fails."""


class InterruptedValidation:
    """A validation set during whose third scoring the power fails."""

    def __init__(self, batches):
        self.batches, self.scorings = batches, 0

    def __iter__(self):
        self.scorings += 1
        if self.scorings == 3:
            raise Interrupted
        return iter(self.batches)


@pytest.fixture(scope="module")
def run(build, data):
    """Trains a small model with dropout on shuffled batches: `run() -> (model, history)`."""

    def run(validation=None, **options):
        model = build(dropout=0.3)
        history = fit(
            model,
            data(shuffle_seed=3),
            data(count=16, seed=9) if validation is None else validation,
            **{"epochs": 4, "learning_rate": 0.02, "progress": False} | options,
        )
        return model, history

    return run


@pytest.fixture(scope="module", params=[1.0, 0.5], ids=["teacher_forcing", "half_forcing"])
def uninterrupted(run, request):
    """The options of a run, its model and its history."""
    options = {"teacher_forcing": request.param}
    return options, *run(**options)


@pytest.mark.parametrize("uninterrupted", [0.5], indirect=True)
def test_two_runs_with_one_seed_are_the_same(run, uninterrupted):
    options, model, history = uninterrupted
    other_model, other_history = run(**options)
    np.testing.assert_allclose(other_history, history, atol=1e-6)
    assert_same_weights(weights(other_model), weights(model))


def test_an_interrupted_and_resumed_run_ends_as_an_uninterrupted_one(
    run, data, uninterrupted, tmp_path
):
    options, model, history = uninterrupted
    cut_short = InterruptedValidation(data(count=16, seed=9))
    with pytest.raises(Interrupted):
        run(cut_short, checkpoint=tmp_path, **options)
    resumed_model, resumed_history = run(checkpoint=tmp_path, **options)
    np.testing.assert_allclose(resumed_history, history, atol=1e-6)
    assert_same_weights(weights(resumed_model), weights(model))

    finished_model, finished_history = run(checkpoint=tmp_path, **options)
    np.testing.assert_array_equal(finished_history, resumed_history)
    assert_same_weights(weights(finished_model), weights(resumed_model))


def test_history_has_a_row_an_epoch_and_losses_in_both_units(uninterrupted):
    _, _, history = uninterrupted
    assert list(history) == COLUMNS
    assert history.epoch.tolist() == [1, 2, 3, 4]
    assert history.loss.is_monotonic_decreasing
    np.testing.assert_allclose(history.perplexity, np.exp(history.loss))
    np.testing.assert_allclose(history.validation_perplexity, np.exp(history.validation_loss))


def test_without_validation_data_the_last_epoch_stays(build, data):
    model, batches = build(), data()
    history = fit(model, batches, epochs=3, patience=1, learning_rate=0.02, progress=False)
    assert list(history) == COLUMNS[:3]
    assert history.epoch.tolist() == [1, 2, 3]
    assert token_cross_entropy(model, batches) < history.loss.iloc[-1]


def test_patience_stops_and_the_weights_of_the_least_validation_loss_return(build, data, capfd):
    model, validation = build(), data(count=16, seed=9)
    # Random targets: what is learnt of some says nothing of the others.
    history = fit(
        model, data(), validation, epochs=40, learning_rate=0.05, patience=2, progress=False
    )
    best = int(history.validation_loss.idxmin())
    assert len(history) == best + 1 + 2 < 40
    assert token_cross_entropy(model, validation) == pytest.approx(
        history.validation_loss[best], abs=1e-5
    )
    assert capfd.readouterr() == ("", "")


def test_where_chrf_is_given_it_chooses_the_epoch_instead(build, data, capsys):
    model, seen = build(), []
    chrf = [10.0, 30.0, 20.0, 30.0, 25.0]  # An equal one is not better.

    def validation_chrf():
        seen.append(weights(model))
        return chrf[len(seen) - 1]

    history = fit(
        model, data(), data(count=16, seed=9), validation_chrf=validation_chrf,
        epochs=5, learning_rate=0.02, patience=3,
    )  # fmt: skip
    assert list(history) == [*COLUMNS, "validation_chrf"]
    assert history.validation_chrf.tolist() == chrf
    assert history.validation_loss.idxmin() != 1
    assert_same_weights(weights(model), seen[1])
    assert any((now != last).any() for now, last in zip(seen[1], seen[4], strict=True))
    # The bar, which is shown unless it is switched off.
    shown = capsys.readouterr()
    assert "5/5" in shown.err and f"{history.loss[4]:.2f}" in shown.err
    assert shown.out == ""


# --- it learns


def test_a_model_learns_to_copy_and_to_reverse():
    """Sequences of 3 to 6 tokens out of 10: every seed tried (0 to 2) reaches 99% and more."""
    from s2s_keras.models import Seq2SeqConfig, build_training_model

    random = np.random.default_rng(0)
    drawn = {tuple(random.integers(4, 14, random.integers(3, 7)).tolist()) for _ in range(6300)}
    sequences = [list(ids) for ids in sorted(drawn)]
    random.shuffle(sequences)
    held_out, train = sequences[:200], sequences[200:]

    keras.utils.set_random_seed(0)
    model = build_training_model(Seq2SeqConfig(14, 14, units=128, embedding=32, dropout=0.0))
    batches = make_batches(train, [ids[::-1] for ids in train], 128, shuffle_seed=0)
    fit(model, batches, epochs=10, learning_rate=0.007, progress=False)

    translations = greedy(model)(pad(held_out), max_length=7)
    expected = pad([[*source_order(ids, reverse_source=True), END] for ids in held_out], 7)
    assert (translations == expected).all(axis=1).mean() >= 0.99


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_teacher_forcing_that_is_no_share_is_refused(build, data, share):
    with pytest.raises(ValueError, match="teacher_forcing is"):
        fit(build(), data(), epochs=1, teacher_forcing=share)
