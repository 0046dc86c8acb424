"""What `s2s_keras.fast.loops` promises: the papers' equations over time, and no word of padding."""

import numpy as np
import pytest
import recurrent_by_hand as by_hand
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from recurrent_by_hand import GATES, STATES, differences

from s2s_keras.fast.equations import EQUATIONS
from s2s_keras.fast.loops import rounded, run

ROWS, STEPS, FEATURES, UNITS = 3, 4, 2, 3
each_cell = pytest.mark.parametrize("cell", EQUATIONS)


def by_loops(cell, mask, x, *others, keep=True):
    weights, states = others[:4], others[4:]
    outputs, last = run(cell, x, mask, states, weights, keep)
    return [outputs, *last]


def random_arguments(cell, seed=0) -> list[np.ndarray]:
    """x, kernel, recurrent kernel, two biases and the first states."""
    random, gates = np.random.default_rng(seed), GATES[cell] * UNITS
    shapes = [(ROWS, STEPS, FEATURES), (FEATURES, gates), (UNITS, gates), (gates,), (gates,)]
    return [random.normal(0, 1, s) for s in [*shapes, *[(ROWS, UNITS)] * STATES[cell]]]


def tensors(arrays) -> list[tf.Tensor]:
    return [tf.constant(array, tf.float32) for array in arrays]


def up_to(lengths) -> np.ndarray:
    return np.arange(STEPS) < np.array(lengths)[:, None]


def loss_weights(results, seed=9) -> list[np.ndarray]:
    """What each number of the results counts in a sum: no two the same."""
    random = np.random.default_rng(seed)
    return [random.normal(0, 1, np.shape(result)) for result in results]


@tf.function(autograph=False)
def gradients_in_a_graph(cell, mask, arguments, counts, keep):
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        results = by_loops(cell, mask, *arguments, keep=keep)
    return tape.gradient(results, arguments, counts)


def gradients_by_loops(cell, mask, arguments, keep=True) -> list[np.ndarray]:
    arguments = tensors(arguments)
    counts = tensors(loss_weights([arguments[0][:, :, :1] + tf.zeros(UNITS), *arguments[5:]]))
    return gradients_in_a_graph(cell, tf.constant(mask), arguments, counts, keep)


def assert_all_close(some, others, atol):
    for value, other in zip(some, others, strict=True):
        np.testing.assert_allclose(value, other, atol=atol)


# --- the loop


@each_cell
def test_the_loop_is_one_step_after_the_other(cell):
    arguments = random_arguments(cell)
    mask = up_to([4, 2, 0])
    assert_all_close(
        by_loops(cell, mask, *tensors(arguments)), by_hand.layer(cell, mask, *arguments), atol=1e-5
    )


@each_cell
def test_without_a_mask_every_step_runs(cell):
    arguments = random_arguments(cell)
    expected = by_hand.layer(cell, up_to([STEPS] * ROWS), *arguments)
    assert_all_close(by_loops(cell, None, *tensors(arguments)), expected, atol=1e-5)


@pytest.mark.parametrize("keep", [True, False])
@each_cell
def test_its_gradients_are_quotients_of_differences(cell, keep):
    arguments, mask = random_arguments(cell), up_to([4, 2, 0])
    counts = loss_weights(by_hand.layer(cell, mask, *arguments))

    def loss(*arguments):
        results = by_hand.layer(cell, mask, *arguments)
        return sum((r * c).sum() for r, c in zip(results, counts, strict=True))

    found = gradients_by_loops(cell, mask, arguments, keep)
    assert_all_close(found, differences(loss, arguments), atol=2e-5)


@settings(deadline=None, max_examples=15)
@given(
    st.sampled_from(sorted(EQUATIONS)),
    st.lists(st.lists(st.booleans(), min_size=STEPS, max_size=STEPS), min_size=ROWS, max_size=ROWS),
    st.integers(0, 2**32),
)
def test_a_step_that_the_mask_leaves_out_might_as_well_not_be_there(cell, mask, seed):
    """Row by row the loop by hand reads only what the mask shows, wherever that stands."""
    x, *weights_and_states = random_arguments(cell, seed)
    weights, states = weights_and_states[:4], weights_and_states[4:]
    outputs, *last = by_loops(cell, np.array(mask), *tensors([x, *weights_and_states]))
    for row, shown in enumerate(np.array(mask)):
        first = [state[row : row + 1] for state in states]
        steps = shown.sum()
        expected, *expected_last = (
            by_hand.layer(cell, np.ones((1, steps)), x[row : row + 1, shown], *weights, *first)
            if steps
            else [np.empty((1, 0, UNITS)), *first]
        )
        np.testing.assert_allclose(outputs[row][shown], expected[0], atol=1e-5)
        assert_all_close([state[row : row + 1] for state in last], expected_last, atol=1e-5)


@each_cell
def test_where_no_step_runs_the_states_and_their_gradients_stay_as_they_are(cell):
    arguments, mask = random_arguments(cell), np.zeros((ROWS, STEPS), bool)
    results = by_loops(cell, mask, *tensors(arguments))
    assert_all_close(results[1:], np.float32(arguments[5:]), atol=0)

    found = gradients_by_loops(cell, mask, arguments)
    counts = loss_weights(results)
    # The hidden state is also what comes out at every step.
    to_states = [counts[1] + counts[0].sum(axis=1), *counts[2:]]
    assert_all_close(found[:5], [np.zeros_like(array) for array in arguments[:5]], atol=0)
    assert_all_close(found[5:], to_states, atol=1e-6)


@each_cell
def test_what_stands_in_the_padding_changes_no_state_and_no_gradient(cell):
    arguments, mask = random_arguments(cell), up_to([4, 2, 0])
    others = [arguments[0].copy(), *arguments[1:]]
    others[0][~mask] = 1e3
    some, same = (by_loops(cell, mask, *tensors(a)) for a in (arguments, others))
    assert_all_close(some, same, atol=0)
    some, same = (gradients_by_loops(cell, mask, a) for a in (arguments, others))
    assert_all_close(some, same, atol=0)
    assert (some[0].numpy()[~mask] == 0).all() and (some[0].numpy()[mask] != 0).all()


@each_cell
def test_the_large_products_run_in_the_dtype_of_the_sequence_and_results_come_in_it(cell):
    arguments = tensors(random_arguments(cell))
    low = [tf.cast(argument, "bfloat16") for argument in arguments]
    results = by_loops(cell, None, *low)
    gradients = gradients_in_a_graph(cell, None, low, [tf.ones_like(r) for r in results], True)
    assert {value.dtype for value in (*results, *gradients)} == {tf.bfloat16}
    for result, exact in zip(results, by_loops(cell, None, *arguments), strict=True):
        np.testing.assert_allclose(tf.cast(result, "float32"), exact, atol=0.05)


# --- sizes


def test_rounded_sizes_are_few_and_large_enough():
    sizes = np.arange(1, 201)
    of_ints = [rounded(int(size)) for size in sizes]
    assert (np.array(of_ints) >= sizes).all()
    assert sorted(set(of_ints)) == [1, 8, *range(16, 209, 16)]
    assert (np.array(of_ints) - sizes < 16).all()


def test_a_tensor_is_rounded_as_a_number_is():
    sizes = range(1, 201)
    assert rounded(tf.constant(sizes)).numpy().tolist() == [rounded(size) for size in sizes]


def test_nothing_is_rounded_alike_too():
    assert int(rounded(tf.constant(0))) == rounded(0)
