"""What `s2s_keras.fast.recurrent` promises: Keras's layers, to rounding, for any batch."""

from functools import cache

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from s2s_keras.fast.recurrent import CELLS, GRU, LSTM, is_fast

FEATURES, UNITS = 3, 4
OURS = {"lstm": LSTM, "gru": GRU}
KERAS = {"lstm": layers.LSTM, "gru": layers.GRU}
STATES = {"lstm": 2, "gru": 1}
each_cell = pytest.mark.parametrize("cell", OURS)

# (batch, time): one of each, and below, at and above the sizes to which the loops pad.
SIZES = [(1, 1), (3, 5), (8, 16), (9, 17)]
TWO_SIZES = SIZES[1::2]


def twins(cell, bidirectional=False, **options):
    """Our layer and Keras's, with the same weights, none of them zero."""
    random = np.random.default_rng(0)
    both = [
        kind[cell](UNITS, return_sequences=True, return_state=True, **options)
        for kind in (OURS, KERAS)
    ]
    if bidirectional:
        both = [layers.Bidirectional(layer, name="both_ways") for layer in both]
    for layer in both:
        layer.build((None, None, FEATURES))
    weights = [random.normal(0, 0.7, weight.shape) for weight in both[0].get_weights()]
    for layer in both:
        layer.set_weights(weights)
    return both


def compiled(layer, training, masked, states):
    """The layer in a graph that knows no sizes: its results, and all the gradients of a loss."""

    @tf.function(
        autograph=False,
        input_signature=[
            tf.TensorSpec([None, None, FEATURES]),
            tf.TensorSpec([None, None], tf.bool),
            [tf.TensorSpec([None, UNITS])] * states,
        ],
    )
    def run(x, mask, states):
        inputs = [x, *states, *(weight.value for weight in layer.trainable_weights)]
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            results = layer(
                x, mask=mask if masked else None, initial_state=states, training=training
            )
            # Every number counts, and no two the same.
            counts = [tf.cos(tf.range(tf.cast(tf.size(r), "float32"))) for r in results]
            losses = [
                tf.reduce_sum(tf.reshape(count, tf.shape(result)) * result)
                for count, result in zip(counts, results, strict=True)
            ]
        return results, tape.gradient(losses, inputs)

    return run


@cache
def compiled_twins(cell, training=True, masked=True, **options):
    return [compiled(layer, training, masked, STATES[cell]) for layer in twins(cell, **options)]


@cache
def compiled_pairs_of_twins(cell):
    """The same for layers that read both ways: the first states are those of two layers."""
    return [
        compiled(layer, True, True, 2 * STATES[cell]) for layer in twins(cell, bidirectional=True)
    ]


def assert_twins_agree(run_both, batch, time, lengths, first_states=True):
    """Without `first_states` they are zero, as for a layer that is given none, and no variables."""
    cell_states = run_both[0].input_signature[2]
    random = np.random.default_rng(batch)
    x = random.normal(0, 1, (batch, time, FEATURES)).astype("float32")
    states = random.normal(0, 1, (len(cell_states), batch, UNITS)).astype("float32") * first_states
    mask = np.arange(time) < np.array(lengths)[:, None]
    ours, theirs = (run(tf.constant(x), tf.constant(mask), [*states]) for run in run_both)
    if not first_states:
        for _, gradients in (ours, theirs):
            del gradients[1 : 1 + len(cell_states)]
    for some, others in zip(tf.nest.flatten(ours), tf.nest.flatten(theirs), strict=True):
        assert some.dtype == others.dtype
        np.testing.assert_allclose(some, others, atol=2e-6, rtol=2e-5)


# --- what Keras computes


@pytest.mark.parametrize("size", SIZES, ids=str)
@each_cell
def test_without_a_mask_results_and_gradients_are_those_of_keras(cell, size):
    assert_twins_agree(compiled_twins(cell, masked=False), *size, lengths=[size[1]] * size[0])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("size", SIZES, ids=str)
@each_cell
def test_with_padding_results_and_gradients_are_those_of_keras(cell, size, training):
    batch, time = size
    lengths = np.linspace(1, time, batch).round()
    assert_twins_agree(compiled_twins(cell, training), batch, time, lengths)


@settings(deadline=None, max_examples=12)
@given(st.sampled_from(sorted(OURS)), st.lists(st.integers(1, 5), min_size=3, max_size=3))
def test_wherever_padding_begins_keras_agrees(cell, lengths):
    assert_twins_agree(compiled_twins(cell), 3, 5, lengths)


@each_cell
def test_a_row_of_padding_only_is_as_in_keras_where_the_first_states_are_zero(cell):
    assert_twins_agree(compiled_twins(cell), 3, 5, lengths=[5, 0, 2], first_states=False)


@each_cell
def test_a_call_that_is_not_compiled_gives_what_a_compiled_one_gives(cell):
    ours, _ = twins(cell)
    x = np.random.default_rng(1).normal(0, 1, (3, 5, FEATURES)).astype("float32")
    mask = tf.constant(np.arange(5) < np.array([[5], [2], [0]]))
    for some, others in zip(ours(x, mask=mask), tf.function(ours)(x, mask=mask), strict=True):
        np.testing.assert_allclose(some, others, atol=1e-6)


@each_cell
def test_without_the_sequence_the_last_output_is_the_last_that_is_not_padding(cell):
    ours, theirs = (kind[cell](UNITS, name="layer") for kind in (OURS, KERAS))
    x = np.random.default_rng(1).normal(0, 1, (3, 5, FEATURES)).astype("float32")
    mask = np.arange(5) < np.array([[5], [2], [1]])
    ours(x)
    theirs(x)
    theirs.set_weights(ours.get_weights())
    expected = theirs(x, mask=tf.constant(mask))
    np.testing.assert_allclose(tf.function(ours)(x, mask=tf.constant(mask)), expected, atol=1e-6)
    for row, shown in enumerate(mask):
        alone = theirs(x[row : row + 1, shown])
        np.testing.assert_allclose(alone[0], expected[row], atol=1e-6)


@pytest.mark.parametrize("go_backwards", [False, True])
@each_cell
def test_where_keras_puts_out_zeros_over_padding_so_do_we(cell, go_backwards):
    options = {"zero_output_for_mask": True, "go_backwards": go_backwards}
    run_both = compiled_twins(cell, **options)
    assert_twins_agree(run_both, 3, 5, lengths=[5, 0, 2])


# --- backwards, and both ways


@pytest.mark.parametrize("size", TWO_SIZES, ids=str)
@each_cell
def test_backwards_without_a_mask_results_and_gradients_are_those_of_keras(cell, size):
    run_both = compiled_twins(cell, masked=False, go_backwards=True)
    assert_twins_agree(run_both, *size, lengths=[size[1]] * size[0])


@pytest.mark.parametrize("size", TWO_SIZES, ids=str)
@each_cell
def test_backwards_over_padding_results_and_gradients_are_those_of_keras(cell, size):
    """The padding comes first: there Keras puts out zeros, and we the first state, zero too."""
    batch, time = size
    lengths = np.linspace(1, time, batch).round()
    run_both = compiled_twins(cell, go_backwards=True)
    assert_twins_agree(run_both, batch, time, lengths, first_states=False)


@pytest.mark.parametrize("size", TWO_SIZES, ids=str)
@each_cell
def test_both_ways_over_padding_results_and_gradients_are_those_of_keras(cell, size):
    batch, time = size
    lengths = np.linspace(1, time, batch).round()
    assert_twins_agree(compiled_pairs_of_twins(cell), batch, time, lengths)


@settings(deadline=None, max_examples=8)
@given(st.sampled_from(sorted(OURS)), st.lists(st.integers(0, 5), min_size=3, max_size=3))
def test_both_ways_wherever_padding_begins_keras_agrees(cell, lengths):
    assert_twins_agree(compiled_pairs_of_twins(cell), 3, 5, lengths)


@each_cell
def test_both_ways_every_word_is_read_and_no_padding(cell):
    """The backward layer begins with a sentence's own last word: as if it stood there alone."""
    layer, _ = twins(cell, bidirectional=True)
    run = tf.function(layer, autograph=False)
    x = np.random.default_rng(1).normal(0, 1, (3, 5, FEATURES)).astype("float32")
    lengths = [5, 2, 1]
    outputs, *states = run(x, mask=tf.constant(np.arange(5) < np.array(lengths)[:, None]))
    for row, length in enumerate(lengths):
        alone, *own_states = run(x[row : row + 1, :length], mask=tf.ones((1, length), "bool"))
        np.testing.assert_allclose(outputs[row, :length], alone[0], atol=1e-6)
        for state, own in zip(states, own_states, strict=True):
            np.testing.assert_allclose(state[row], own[0], atol=1e-6)


# --- what is left to Keras


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"dropout": 0.4},
        {"recurrent_dropout": 0.4},
        {"unroll": True},
        {"activation": "relu"},
        {"recurrent_activation": "hard_sigmoid"},
        {"use_bias": False},
        {"reset_after": False},
    ],
    ids=str,
)
@each_cell
def test_what_the_loops_cannot_do_keras_does(cell, options):
    if "reset_after" in options and cell == "lstm":
        pytest.skip("an LSTM has no reset gate")
    # One seed: Keras draws the same dropout for both, if it is Keras that draws.
    ours, theirs = twins(cell, seed=3, **options)
    assert is_fast(ours) == (not options) and not is_fast(theirs)
    x = np.random.default_rng(1).normal(0, 1, (3, 5, FEATURES)).astype("float32")
    mask = tf.constant(np.arange(5) < np.array([[5], [2], [1]]))
    some, others = (tf.function(layer)(x, mask=mask, training=True) for layer in (ours, theirs))
    for result, expected in zip(some, others, strict=True):
        np.testing.assert_allclose(result, expected, atol=1e-6)


@each_cell
def test_the_loops_run_where_they_can(cell, monkeypatch):
    """And so the tests above compare two programs, not one with itself."""
    from s2s_keras.fast import loops

    def refused(*arguments, **options):
        raise InterruptedError

    monkeypatch.setattr(loops, "run", refused)
    for options in ({}, {"go_backwards": True}, {"bidirectional": True}):
        ours, _ = twins(cell, **options)
        with pytest.raises(InterruptedError):
            tf.function(ours, autograph=False)(tf.zeros((2, 3, FEATURES)))
    dropping = OURS[cell](UNITS, dropout=0.5)
    tf.function(dropping, autograph=False)(tf.zeros((2, 3, FEATURES)))


@each_cell
def test_a_layer_that_remembers_goes_on_where_it_stopped(cell):
    x = np.random.default_rng(1).normal(0, 1, (2, 6, FEATURES)).astype("float32")
    results = []
    for kind in (OURS, KERAS):
        keras.utils.set_random_seed(0)
        layer = kind[cell](UNITS, return_sequences=True, stateful=True)
        layer.build(x[:, :3].shape)
        run = tf.function(layer, autograph=False)
        results.append([run(x[:, :3]), run(x[:, 3:])])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_simple_cell_is_kerass_own():
    assert CELLS["rnn"] is layers.SimpleRNN


# --- precision


@each_cell
def test_mixed_precision_gives_bfloat16_near_float32_and_gradients_in_the_weights_dtype(cell):
    exact, _ = twins(cell)
    mixed, _ = twins(cell, dtype="mixed_bfloat16")
    x = np.random.default_rng(1).normal(0, 1, (3, 5, FEATURES)).astype("float32")

    def results_and_gradients(layer):
        with tf.GradientTape() as tape:
            outputs, *states = layer(x, training=True)
            loss = tf.reduce_sum(tf.cast(outputs, "float32") ** 2)
        return [outputs, *states], tape.gradient(loss, layer.trainable_weights)

    results, gradients = tf.function(results_and_gradients)(mixed)
    expected, exact_gradients = tf.function(results_and_gradients)(exact)
    assert {result.dtype for result in results} == {tf.bfloat16}
    assert {gradient.dtype for gradient in gradients} == {tf.float32}
    for some, others in zip(results, expected, strict=True):
        np.testing.assert_allclose(tf.cast(some, "float32"), others, atol=0.03)
    for some, others in zip(gradients, exact_gradients, strict=True):
        np.testing.assert_allclose(some, others, atol=0.03 * np.abs(others).max())


# --- files


@each_cell
def test_a_saved_layer_comes_back_as_itself(cell, tmp_path):
    source = keras.Input((None, FEATURES))
    model = keras.Model(source, OURS[cell](UNITS, return_sequences=True, name="layer")(source))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    x = np.random.default_rng(1).normal(0, 1, (3, 5, FEATURES)).astype("float32")
    assert type(loaded.get_layer("layer")) is OURS[cell]
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), model.predict(x, verbose=0))


@each_cell
def test_a_configuration_builds_the_same_layer_and_is_kerass_own(cell):
    options = {"return_sequences": True, "name": "layer", "kernel_regularizer": "l2"}
    layer = OURS[cell](UNITS, **options)
    config = layer.get_config()
    assert OURS[cell].from_config(config).get_config() == config
    assert KERAS[cell](UNITS, **options).get_config() == config
