"""Every file of `s2s_keras/fast` equals the plain thing that its first line names.

One case a file, read from top to bottom: the plain result, the fast result, and that they are the
same. The other tests of `fast` look into the corners.
"""

import ast
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from lively_models import enliven, speak_up

from s2s_keras import decoding, fast, models, training
from s2s_keras.batches import make_batches, pad
from s2s_keras.decoding import NO_PENALTY, LengthPenalty
from s2s_keras.fast.equations import EQUATIONS
from s2s_keras.fast.inference import PreparedModel
from s2s_keras.fast.loops import run

FILES = [path for path in Path(fast.__file__).parent.glob("*.py") if path.stem != "__init__"]
STATES = {"lstm": 2, "gru": 1}
PLAIN_CELLS = {"lstm": layers.LSTMCell, "gru": layers.GRUCell}
each_cell = pytest.mark.parametrize("cell", STATES)

# Every cell, depth, context and attention at least once; the last one is an ensemble.
MODELS = {
    "lstm": [{"cell": "lstm", "layers": 2}],
    "gru": [{"cell": "gru", "context": "every_step"}],
    "rnn": [{"cell": "rnn"}],
    "dot": [{"cell": "lstm", "attention": "dot", "bidirectional": True}],
    "additive": [{"cell": "gru", "layers": 2, "attention": "additive", "context": "every_step"}],
    "ensemble": [{"cell": "lstm"}, {"cell": "gru", "attention": "dot"}],
}


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_every_file_says_first_what_it_equals_and_has_its_case_here(file):
    assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))).startswith("Equals ")
    assert any(name.startswith(f"test_{file.stem}_equal") for name in globals())


@pytest.fixture(scope="module")
def batches(sentences):
    """Twelve pairs of different lengths, four in a batch."""
    return make_batches(sentences(12, seed=1), sentences(12, seed=2), 4)


@pytest.fixture(scope="module")
def source(sentences):
    """Three sentences of 1 to 4 tokens, `(3, 4)`."""
    return pad(sentences(3, 1, 4, seed=5))


@pytest.fixture(scope="module")
def speakers(build):
    """Builds the models of one name, of the fast layers, that say this and that and then END."""

    def speakers(name):
        several = []
        for seed, sizes in enumerate(MODELS[name], start=1):
            model = build(cells=fast.CELLS, **sizes)
            several.append(speak_up(enliven(model, seed), end=2.0))
        return several[0] if len(several) == 1 else several

    return speakers


def assert_same(fast_results, plain_results, atol=1e-5):
    """All numbers are the same, to rounding, and not all nothing."""
    pairs = zip(tf.nest.flatten(fast_results), tf.nest.flatten(plain_results), strict=True)
    for ours, theirs in pairs:
        assert np.abs(theirs).max() > 0
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=atol)


def with_gradients(function, inputs, variables=()):
    """The results of `function(*inputs)`, compiled, and the gradients of a loss in which all count.

    The gradients are those by the inputs and by the variables, in their order.
    """

    @tf.function(autograph=False)
    def compiled(*inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            results = function(*inputs)
            rows = tf.concat([tf.reshape(r, [-1]) for r in tf.nest.flatten(results)], axis=0)
            loss = tf.reduce_sum(rows * tf.cos(tf.range(tf.cast(tf.size(rows), tf.float32))))
        return results, tape.gradient(loss, [*inputs, *(v.value for v in variables)])

    return compiled(*inputs)


def normal(*shape) -> tf.Tensor:
    """Random numbers, the same for the same shape."""
    return tf.constant(np.random.default_rng(shape).normal(0, 1, shape), tf.float32)


MASK = tf.constant(np.arange(5) < np.array([5, 3, 1])[:, None])  # (batch, time)


# --- layers: outputs and gradients


@each_cell
def test_equations_equal_a_step_of_kerass_cell_and_its_gradient(cell):
    plain = PLAIN_CELLS[cell](4, use_bias=False)
    x, states = normal(5, 4), [normal(5, 4) + n for n in range(STATES[cell])]
    d_states = [normal(5, 4) - n for n in range(STATES[cell])]  # of a loss, by the new states
    with tf.GradientTape() as tape:
        tape.watch([x, states])
        _, plain_states = plain(x, states)
    plain_gradients = tape.gradient(plain_states, [x, *states], d_states)

    kernel, recurrent_kernel = plain.kernel.value, plain.recurrent_kernel.value
    equations = EQUATIONS[cell]
    new_states, kept = equations.forward(x @ kernel, states[0] @ recurrent_kernel, *states)
    d_products, (d_hidden, *d_others) = equations.backward(kept, *d_states)
    d_x = d_products[0] @ tf.transpose(kernel)
    d_hidden += d_products[-1] @ tf.transpose(recurrent_kernel)

    assert_same(new_states, plain_states)
    assert_same([d_x, d_hidden, *d_others], plain_gradients)


@each_cell
def test_loops_equal_kerass_loop_and_its_gradient(cell):
    kind = {"lstm": layers.LSTM, "gru": layers.GRU}[cell]
    plain = kind(4, return_sequences=True, return_state=True, bias_initializer="normal")
    inputs = [normal(3, 5, 2), *(normal(3, 4) + n for n in range(STATES[cell]))]

    def by_keras(x, *states):
        return plain(x, mask=MASK, initial_state=states)

    def by_loops(x, *states):
        bias = plain.cell.bias.value
        biases = tf.unstack(bias) if len(bias.shape) == 2 else [bias, tf.zeros_like(bias)]
        weights = [plain.cell.kernel.value, plain.cell.recurrent_kernel.value, *biases]
        outputs, last = run(cell, x, MASK, states, weights, keep=True)
        return [outputs, *last]

    plain.build(inputs[0].shape)
    expected = with_gradients(by_keras, inputs, plain.trainable_variables)
    assert_same(with_gradients(by_loops, inputs, plain.trainable_variables), expected)


@pytest.mark.parametrize("bidirectional", [False, True], ids=["one way", "both ways"])
@each_cell
def test_recurrent_equals_kerass_layer_and_its_gradient(cell, bidirectional):
    results = []
    for cells in (fast.CELLS, models.CELLS):
        keras.utils.set_random_seed(0)
        layer = cells[cell](4, return_sequences=True, return_state=True, name="layer")
        layer = layers.Bidirectional(layer, name="both") if bidirectional else layer
        layer.build((3, 5, 2))

        def call(x, layer=layer):
            return layer(x, mask=MASK, training=True)

        results.append(with_gradients(call, [normal(3, 5, 2)], layer.trainable_variables))
    assert_same(*results)


# --- training: losses, gradients, weights


def gradients_of(model, compute_loss, batches) -> list:
    """The loss and its gradients on one batch, compiled."""

    @tf.function(autograph=False)
    def compiled(inputs, labels):
        with tf.GradientTape() as tape:
            loss, count = compute_loss(inputs, labels, training=True)
        gradients = tape.gradient(loss, model.trainable_variables)
        return loss, count, [tf.convert_to_tensor(gradient) for gradient in gradients]

    return compiled(*next(iter(batches)))


@pytest.mark.parametrize("name", ["gru", "dot"])
def test_losses_equal_the_plain_loss_and_its_gradients(build, batches, name):
    model = build(cells=fast.CELLS, **MODELS[name][0])
    plain = gradients_of(model, training.plain_loss(model), batches)
    assert_same(gradients_of(model, fast.compute_loss(model), batches), plain, atol=1e-6)


def test_optimizers_equal_kerass_after_several_clipped_updates(build, batches):
    weights = []
    for adam in (fast.Adam, keras.optimizers.Adam):
        model = build(cell="rnn")
        model.compile(adam(0.01, global_clipnorm=0.1))
        update = training.train_step(model, training.plain_loss(model))
        for batch in [*batches] * 2:
            update(*batch)
        weights.append(model.get_weights())
    assert_same(*weights)


def history(build, batches, **choices):
    """The losses of a short training, with a validation, all of it fast."""
    model = build(cells=fast.CELLS, **choices)
    return training.fit(
        model,
        batches,
        batches.take(1),
        epochs=2,
        optimizer=fast.Adam(0.01, global_clipnorm=0.5),
        compute_loss=fast.compute_loss(model),
        progress=False,
    )


def test_memory_equals_a_training_that_gives_it_back(build, batches):
    given_back = history(build, batches, cell="rnn")
    fast.keep_freed_memory()
    kept = history(build, batches, cell="rnn")
    np.testing.assert_array_equal(kept, given_back)


@pytest.mark.parametrize("name", ["gru", "dot"])
def test_a_whole_training_has_the_losses_of_a_plain_one(build, batches, name):
    sizes = MODELS[name][0]
    plain = training.fit(
        build(**sizes),
        batches,
        batches.take(1),
        epochs=2,
        optimizer=keras.optimizers.Adam(0.01, global_clipnorm=0.5),
        progress=False,
    )
    assert plain["loss"].is_monotonic_decreasing
    np.testing.assert_allclose(history(build, batches, **sizes), plain, rtol=1e-4)


# --- decoding: numbers, tokens, hypotheses


@pytest.mark.parametrize("by_columns", [True, False], ids=["by columns", "by rows"])
@each_cell
def test_inference_equals_the_encoder_and_the_decoder_step(build, source, cell, by_columns):
    model = enliven(build(cells=fast.CELLS, cell=cell))
    prepared, decoder_step = PreparedModel(model, by_columns), models.build_decoder_step(model)
    plain_states = decoding.common.first_states(models.build_encoder(model), source)
    states = prepared.encode(source)
    for token in (4, 9, 6):
        tokens = tf.fill((len(source), 1), token)
        plain_logits, *plain_states = decoder_step([tokens, *plain_states])
        logits, *states = prepared.step([tokens, *states])
        assert_same(tf.transpose(logits), plain_logits)


@pytest.mark.parametrize("name", MODELS)
def test_decoding_equals_the_plain_greedy_tokens(speakers, source, name):
    model = speakers(name)
    decode, plain = fast.greedy(model), decoding.greedy(model)
    for max_length in (6, None):
        expected = plain(source, max_length)
        np.testing.assert_array_equal(decode(source, max_length), expected)
    assert len(np.unique(expected)) > 3  # so that there was something to compare


@pytest.mark.parametrize(
    ("name", "width", "penalty", "n_best"),
    [
        ("lstm", 1, NO_PENALTY, 1),
        ("lstm", 4, LengthPenalty("gnmt", 0.6), 3),
        ("lstm", 13, LengthPenalty("length", 1.0), 13),
        ("gru", 4, LengthPenalty("length", 0.7), 4),
        ("rnn", 5, NO_PENALTY, 5),
        ("dot", 3, LengthPenalty("gnmt", 1.0), 2),
        ("additive", 3, NO_PENALTY, 1),
        ("ensemble", 3, LengthPenalty("length", 1.0), 3),
    ],
)
def test_beam_equals_the_plain_hypotheses(speakers, source, name, width, penalty, n_best):
    model = speakers(name)
    search = fast.beam_search(model, width, penalty, n_best)
    plain = decoding.beam_search(model, width, penalty, n_best)
    for max_length in (6, None):
        expected = plain(source, max_length)
        for ours, theirs in zip(search(source, max_length), expected, strict=True):
            assert [h.tokens for h in ours] == [h.tokens for h in theirs]
            assert_same([h[1:] for h in ours], [h[1:] for h in theirs], atol=1e-4)
    said = {token for hypotheses in expected for h in hypotheses for token in h.tokens}
    assert len(said) > 3  # so that there was something to compare
