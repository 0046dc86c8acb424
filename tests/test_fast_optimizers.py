"""What `s2s_keras.fast.optimizers` promises: Keras's Adam, update by update."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from s2s_keras import training
from s2s_keras.batches import make_batches
from s2s_keras.fast.optimizers import Adam
from s2s_keras.losses import masked_cross_entropy

SHAPES = [(3, 4), (5,), ()]


def schedule():
    return keras.optimizers.schedules.PiecewiseConstantDecay([2, 4], [0.1, 0.01, 0.3])


def after_updates(optimizer, gradients, shapes=SHAPES) -> list[np.ndarray]:
    """The weights, and then everything that the optimizer keeps, after one update a gradient."""
    random = np.random.default_rng(7)
    weights = [keras.Variable(random.normal(0, 1, shape).astype("float32")) for shape in shapes]
    optimizer.build(weights)

    @tf.function
    def update(*gradients):
        optimizer.apply(gradients, weights)

    for gradient in gradients:
        update(*(g if tf.is_tensor(g) else tf.constant(g) for g in gradient))
    return [keras.ops.convert_to_numpy(v) for v in (*weights, *optimizer.variables)]


def random_gradients(updates=6, scale=1.0) -> list[list[np.ndarray]]:
    random = np.random.default_rng(8)
    return [
        [np.asarray(random.normal(0, scale, shape), "float32") for shape in SHAPES]
        for _ in range(updates)
    ]


def assert_as_keras(gradients, **options):
    found = after_updates(Adam(**options), gradients)
    expected = after_updates(keras.optimizers.Adam(**options), gradients)
    for some, others in zip(found, expected, strict=True):
        np.testing.assert_allclose(some, others, rtol=2e-5, atol=2e-6)


# The norm of 18 such gradients is about 4.
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"learning_rate": 0.1},
        {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.7, "epsilon": 0.1},
        {"global_clipnorm": 0.5, "epsilon": 0.1},
        {"global_clipnorm": 4.0, "epsilon": 0.1},
        {"global_clipnorm": 50.0, "epsilon": 0.1},
        {"clipnorm": 0.5, "epsilon": 0.1},
        {"clipvalue": 0.5, "epsilon": 0.1},
        {"amsgrad": True, "learning_rate": 0.1, "beta_2": 0.5},
        {"weight_decay": 0.1},
        {"use_ema": True, "ema_momentum": 0.5},
        {"loss_scale_factor": 4.0},
        {"gradient_accumulation_steps": 2},
    ],
    ids=str,
)
def test_weights_and_moments_are_those_of_keras_after_several_updates(options):
    assert_as_keras(random_gradients(), **{"learning_rate": 0.01} | options)


def test_the_learning_rate_may_follow_a_schedule():
    assert_as_keras(random_gradients(), learning_rate=schedule())


def test_the_learning_rate_may_be_changed_by_hand():
    optimizer, gradients = Adam(0.01), random_gradients(1)
    slow = after_updates(optimizer, gradients)
    other = Adam(0.01)
    other.learning_rate = 0.02
    fast = after_updates(other, gradients)
    start = after_updates(Adam(0.01), [])
    for n in range(len(SHAPES)):
        np.testing.assert_allclose(fast[n] - start[n], 2 * (slow[n] - start[n]), rtol=1e-4)


@pytest.mark.parametrize("scale", [0.0, 1e-30])
@pytest.mark.parametrize("clip", [None, 5.0])
def test_no_gradient_or_next_to_none_is_no_trouble(scale, clip):
    found = after_updates(Adam(0.1, global_clipnorm=clip), random_gradients(scale=scale))
    assert all(np.isfinite(value).all() for value in found)
    assert_as_keras(random_gradients(scale=scale), learning_rate=0.1, global_clipnorm=clip)


@pytest.mark.parametrize(
    "bad",
    [
        float("nan"),
        float("inf"),
        1e30,  # finite; its square is not
    ],
)
def test_a_norm_that_is_no_number_spoils_every_weight_as_in_keras(bad):
    gradients = random_gradients()
    gradients[2][1][0] = bad
    expected = after_updates(keras.optimizers.Adam(0.1, global_clipnorm=5.0), gradients)
    assert all(np.isnan(value).all() for value in expected[: len(SHAPES)])
    found = after_updates(Adam(0.1, global_clipnorm=5.0), gradients)
    assert all(np.isnan(value).all() for value in found[: len(SHAPES)])


def test_a_nan_spoils_its_own_weight_where_nothing_is_clipped():
    gradients = random_gradients()
    gradients[2][1][0] = float("nan")
    assert_as_keras(gradients, learning_rate=0.1)


# --- an embedding's gradient: rows, some of them twice


def rows_and_sums(seed=0) -> tuple[tf.IndexedSlices, tf.Tensor]:
    """A gradient for 5 words of which one is met three times, as TensorFlow gives it, and dense."""
    values = np.random.default_rng(seed).normal(0, 1, (4, 3)).astype("float32")
    rows = tf.IndexedSlices(*map(tf.constant, (values, [1, 3, 1, 1], [5, 3])))
    dense = np.zeros((5, 3), "float32")
    dense[1], dense[3] = values[[0, 2, 3]].sum(axis=0), values[1]
    return rows, tf.constant(dense)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"global_clipnorm": 0.5},
        {"global_clipnorm": 50.0},
        {"clipnorm": 0.5},
        {"clipvalue": 0.5},
        {"amsgrad": True},
        {"gradient_accumulation_steps": 2},
    ],
    ids=str,
)
def test_rows_are_summed_before_anything_is_made_of_them(options):
    """As Keras does it where it is given the sum; given rows, it adds up their squares."""
    rows, sums = zip(*(rows_and_sums(seed) for seed in range(4)), strict=True)
    options = {"learning_rate": 0.1, "epsilon": 0.1} | options
    found = after_updates(Adam(**options), [[gradient] for gradient in rows], [(5, 3)])
    expected = after_updates(
        keras.optimizers.Adam(**options), [[gradient] for gradient in sums], [(5, 3)]
    )
    for some, others in zip(found, expected, strict=True):
        np.testing.assert_allclose(some, others, rtol=2e-5, atol=2e-6)


def test_kerass_fit_gives_the_losses_of_the_packages_own_loop(build, sentences):
    """Sentences of one length: the mean of the batches' means is a mean over the same tokens."""
    source, target = sentences(6, 5, 5, seed=1), sentences(6, 5, 5, seed=2)
    histories = []
    for fit in ("compile and fit", "training.fit"):
        model, batches = build(cell="rnn"), make_batches(source, target, 2)
        optimizer = Adam(0.01, global_clipnorm=0.05)  # below the norm of every gradient
        if fit == "training.fit":
            losses = training.fit(model, batches, epochs=3, optimizer=optimizer, progress=False)
            histories.append(losses["loss"].to_list())
        else:
            model.compile(optimizer, masked_cross_entropy)
            histories.append(model.fit(batches, epochs=3, shuffle=False, verbose=0).history["loss"])
    np.testing.assert_allclose(*histories, rtol=1e-5)


# --- files


def test_it_comes_back_from_its_configuration():
    options = {"beta_1": 0.5, "global_clipnorm": 3.0, "amsgrad": True, "name": "own"}
    adam = Adam(schedule(), **options)
    # `from_config` writes into what it is given: ask anew for every comparison.
    assert adam.get_config() == keras.optimizers.Adam(schedule(), **options).get_config()
    for again in (
        Adam.from_config(adam.get_config()),
        keras.optimizers.deserialize(keras.optimizers.serialize(adam)),
    ):
        assert type(again) is Adam
        assert again.get_config() == adam.get_config()


def test_it_trains_a_model_of_keras_and_goes_on_after_it_was_saved(tmp_path):
    random = np.random.default_rng(0)
    x, y = random.normal(0, 1, (8, 3)).astype("float32"), np.ones((8, 1), "float32")
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(Adam(0.1, global_clipnorm=1.0), "mse", jit_compile=False)
    model.fit(x, y, epochs=2, batch_size=8, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert type(loaded.optimizer) is Adam
    for one in (model, loaded):
        one.fit(x, y, epochs=2, batch_size=8, verbose=0)
    for some, others in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(some, others, atol=1e-6)
