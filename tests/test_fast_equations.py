"""What `s2s_keras.fast.equations` promises: one step of the papers, and its derivatives by name."""

import numpy as np
import pytest
import tensorflow as tf
from recurrent_by_hand import GATES, STATES, STEP

from s2s_keras.fast.equations import EQUATIONS

ROWS, UNITS = 50, 3
each_cell = pytest.mark.parametrize("cell", EQUATIONS)


def tensors(arrays) -> list[tf.Tensor]:
    return [tf.constant(array, tf.float32) for array in arrays]


def random_step(cell, seed=1) -> list[np.ndarray]:
    """The two products of a step, `(rows, gates·units)`, and the states, `(rows, units)`."""
    random = np.random.default_rng(seed)
    products = random.normal(0, 2, (2, ROWS, GATES[cell] * UNITS))
    return [*products, *random.normal(0, 1, (STATES[cell], ROWS, UNITS))]


def slope(function, arguments, number, columns=slice(None), step=1e-5) -> np.ndarray:
    """∂function/∂argument, `(rows, units)`, for a function that mixes neither rows nor units."""
    around = []
    for change in (step, -step):
        changed = [argument.copy() for argument in arguments]
        changed[number][:, columns] += change
        around.append(function(*changed))
    return (around[0] - around[1]) / (2 * step)


def gate(number: int) -> slice:
    """The columns of one gate in a product."""
    return slice(number * UNITS, (number + 1) * UNITS)


def assert_all_close(some, others, atol):
    for value, other in zip(some, others, strict=True):
        np.testing.assert_allclose(value, other, atol=atol)


@each_cell
def test_a_step_forwards_is_the_papers(cell):
    arguments = random_step(cell)
    new_states, _ = EQUATIONS[cell].forward(*tensors(arguments))
    assert_all_close(new_states, STEP[cell](*arguments), atol=1e-6)


@each_cell
def test_gates_and_units_may_stand_in_rows(cell):
    arguments = tensors(random_step(cell))
    expected = tf.nest.flatten(EQUATIONS[cell].forward(*arguments))
    turned = EQUATIONS[cell].forward(*map(tf.transpose, arguments), axis=0)
    assert_all_close(map(tf.transpose, tf.nest.flatten(turned)), expected, atol=1e-6)


@each_cell
def test_a_gate_shut_tight_or_wide_open_gives_no_nan(cell):
    products = np.full((2, 1, GATES[cell] * UNITS), 1e4)
    for sign in (1, -1):
        states, kept = EQUATIONS[cell].forward(
            *tensors(sign * products), *tensors(np.full((STATES[cell], 1, UNITS), 0.5))
        )
        assert all(np.isfinite(value).all() for value in (*states, *kept))


def test_what_an_lstm_keeps_are_the_derivatives_that_its_names_say():
    arguments = random_step("lstm")
    projected, states = 0, 2
    _, kept = EQUATIONS["lstm"].forward(*tensors(arguments))

    def new_hidden(*arguments):
        return STEP["lstm"](*arguments)[0]

    def new_cell(*arguments):
        return STEP["lstm"](*arguments)[1]

    assert_all_close(
        [kept.dc_di, kept.dc_df, kept.dc_dg],
        [slope(new_cell, arguments, projected, gate(n)) for n in range(3)],
        atol=1e-5,
    )
    assert_all_close([kept.dh_do], [slope(new_hidden, arguments, projected, gate(3))], atol=1e-5)
    assert_all_close([kept.dc_dc], [slope(new_cell, arguments, states + 1)], atol=1e-5)
    # The old cell state reaches the new hidden state through the new cell state only.
    assert_all_close(
        [kept.dh_dc * kept.dc_dc], [slope(new_hidden, arguments, states + 1)], atol=1e-5
    )


def test_what_a_gru_keeps_are_the_derivatives_that_its_names_say():
    arguments = random_step("gru")
    projected, recurrent, hidden = 0, 1, 2
    _, kept = EQUATIONS["gru"].forward(*tensors(arguments))

    def new_hidden(*arguments):
        return STEP["gru"](*arguments)[0]

    assert_all_close(
        [kept.dh_dz, kept.dh_dr, kept.dh_dg],
        [slope(new_hidden, arguments, projected, gate(n)) for n in range(3)],
        atol=1e-5,
    )
    assert_all_close(
        [kept.dh_dg * kept.dg_dproduct],
        [slope(new_hidden, arguments, recurrent, gate(2))],
        atol=1e-5,
    )
    assert_all_close([kept.dh_dh], [slope(new_hidden, arguments, hidden)], atol=1e-5)


@each_cell
def test_a_step_backwards_is_the_derivative_of_the_step_forwards(cell):
    equations, arguments = EQUATIONS[cell], tensors(random_step(cell))
    products, states = arguments[:2], arguments[2:]
    d_states = tensors(np.random.default_rng(3).normal(0, 1, (STATES[cell], ROWS, UNITS)))
    with tf.GradientTape() as tape:
        tape.watch([*products, *states])
        new_states, kept = equations.forward(*products, *states)
    # Without a product in between, the way through h·U is cut, as `backward` has it.
    expected = tape.gradient(new_states, [products, states], d_states, tf.UnconnectedGradients.ZERO)
    d_products, direct = equations.backward(kept, *d_states)
    assert len(d_products) == equations.products
    assert_all_close([d_products[0], d_products[-1]], expected[0], atol=1e-5)
    assert_all_close(direct, expected[1], atol=1e-5)
