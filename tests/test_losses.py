"""What `s2s_keras.losses` promises: a mean over real tokens only, whatever the padding holds."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from s2s_keras.batches import make_batches, pad
from s2s_keras.losses import Perplexity, TokenCrossEntropy, masked_cross_entropy
from s2s_keras.text import END, PAD


@pytest.fixture(scope="module")
def scored():
    """Labels with padding, and logits for them: `(3, 5)` and `(3, 5, 11)`."""
    labels = pad([[4, 9, 5, 10, END], [7, END], [8, 8, END]])
    return labels, np.random.default_rng(0).normal(0, 2, (3, 5, 11)).astype("float32")


def test_the_loss_is_the_mean_over_tokens_as_computed_by_hand(scored, negative_log_likelihoods):
    expected = np.mean(negative_log_likelihoods(*scored))
    assert float(masked_cross_entropy(*scored)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("more", [5, 20])
def test_padding_never_changes_the_loss(scored, more):
    labels, logits = scored
    random = np.random.default_rng(1).normal(0, 9, (3, more, 11)).astype("float32")
    padded = np.pad(labels, [(0, 0), (0, more)]), np.concatenate([logits, random], axis=1)
    assert float(masked_cross_entropy(*padded)) == pytest.approx(
        float(masked_cross_entropy(labels, logits)), rel=1e-6
    )


def test_padding_gives_no_gradient_and_every_token_does(scored):
    labels, logits = scored
    variable = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = masked_cross_entropy(labels, variable)
    gradient = tape.gradient(loss, variable).numpy()
    assert (gradient[labels == PAD] == 0).all()
    assert np.abs(gradient[labels != PAD]).max(axis=-1).min() > 0


def test_a_batch_of_padding_only_has_no_loss_and_no_nan():
    assert float(masked_cross_entropy(np.zeros((2, 3), "int32"), np.ones((2, 3, 11)))) == 0


def test_logits_of_16_bits_are_summed_in_32(scored, negative_log_likelihoods):
    labels, logits = scored
    short = ops.cast(logits, "bfloat16")
    loss = masked_cross_entropy(labels, short)
    assert keras.backend.standardize_dtype(loss.dtype) == "float32"
    expected = np.mean(negative_log_likelihoods(labels, ops.cast(short, "float32")))
    assert float(loss) == pytest.approx(expected, rel=1e-6)


# --- metrics


@pytest.fixture(scope="module")
def batches():
    """Three batches whose numbers of tokens differ much: labels and logits of each."""
    random = np.random.default_rng(0)
    all_labels = [[[4, 9, 5, 10, 7, 8, END]] * 6, [[END]], [[7, END], [8, 8, END]]]
    return [
        (labels := pad(rows), random.normal(0, 2, (*labels.shape, 11)).astype("float32"))
        for rows in all_labels
    ]


def test_the_metrics_sum_over_all_tokens_and_divide_once(batches, negative_log_likelihoods):
    cross_entropy, perplexity = TokenCrossEntropy(), Perplexity()
    losses = []
    for labels, logits in batches:
        cross_entropy.update_state(labels, logits)
        perplexity.update_state(labels, logits)
        losses += negative_log_likelihoods(labels, logits)
        # At every moment: over the batches so far.
        assert float(cross_entropy.result()) == pytest.approx(np.mean(losses), rel=1e-6)
        assert float(perplexity.result()) == pytest.approx(np.exp(np.mean(losses)), rel=1e-5)
    of_batches = [float(masked_cross_entropy(*batch)) for batch in batches]
    assert abs(np.mean(of_batches) - np.mean(losses)) > 0.1  # a mean of means is another number


@pytest.mark.parametrize(("metric", "nothing"), [(TokenCrossEntropy(), 0), (Perplexity(), 1)])
def test_a_metric_forgets_the_last_epoch(batches, metric, nothing):
    metric.update_state(*batches[0])
    metric.reset_state()
    assert float(metric.result()) == nothing
    metric.update_state(*batches[1])
    alone = type(metric)()
    alone.update_state(*batches[1])
    assert float(metric.result()) == float(alone.result())


@pytest.mark.parametrize("kind", [TokenCrossEntropy, Perplexity])
def test_a_metric_is_saved_by_its_name(kind):
    saved = keras.saving.serialize_keras_object(kind(name="mine"))
    again = keras.saving.deserialize_keras_object(saved)
    assert type(again) is kind and again.name == "mine"


# --- in Keras's own training


@pytest.fixture(scope="module")
def compiled(build):
    model = build(seed=1)
    model.compile(
        keras.optimizers.SGD(0.1),
        loss=masked_cross_entropy,
        metrics=[TokenCrossEntropy(), Perplexity()],
    )
    return model


@pytest.fixture(scope="module")
def data(sentences):
    """Sentence pairs to learn, and others to judge by, whose last batch is a small one."""
    train = make_batches(sentences(12, seed=3), sentences(12, seed=4), 4, shuffle_seed=0)
    return train, make_batches(sentences(9, seed=5), sentences(9, seed=6), 4)


def test_fit_reports_the_cross_entropy_over_all_tokens(compiled, data, negative_log_likelihoods):
    train, validation = data
    options = {"epochs": 2, "shuffle": False, "verbose": 0}
    history = compiled.fit(train, validation_data=validation, **options).history
    losses = []
    for inputs, labels in validation:
        losses += negative_log_likelihoods(labels, compiled(inputs))
    assert history["val_cross_entropy"][-1] == pytest.approx(np.mean(losses), rel=1e-5)
    assert history["val_perplexity"][-1] == pytest.approx(np.exp(np.mean(losses)), rel=1e-5)
    assert history["cross_entropy"][1] < history["cross_entropy"][0]


def test_fit_minimises_the_mean_over_the_tokens_of_a_batch(compiled, data):
    train, _ = data
    inputs, labels = next(iter(train))
    assert compiled.test_on_batch(inputs, labels, return_dict=True)["loss"] == pytest.approx(
        float(masked_cross_entropy(labels, compiled(inputs))), rel=1e-6
    )
    with tf.GradientTape() as tape:
        loss = masked_cross_entropy(labels, compiled(inputs))
    variables = compiled.trainable_variables
    gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]
    expected = [v.numpy() - 0.1 * g.numpy() for v, g in zip(variables, gradients, strict=True)]
    compiled.train_on_batch(inputs, labels)
    for variable, value in zip(variables, expected, strict=True):
        np.testing.assert_allclose(variable, value, atol=1e-6)


def test_a_compiled_model_loads_where_the_losses_are_imported(compiled, data, tmp_path):
    """In another process, which has seen nothing of this one."""
    path = tmp_path / "model.keras"
    compiled.save(path)
    program = (
        "import keras, s2s_keras.losses\n"
        f"model = keras.models.load_model({str(path)!r}, safe_mode=True)\n"
        "print(model.loss.__name__, [type(m).__name__ for m in model.metrics[1].metrics])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "masked_cross_entropy" in result.stdout

    loaded = keras.models.load_model(path, safe_mode=True)
    _, validation = data
    expected = compiled.evaluate(validation, return_dict=True, verbose=0)
    assert loaded.evaluate(validation, return_dict=True, verbose=0) == pytest.approx(expected)
    assert expected.keys() == {"loss", "cross_entropy", "perplexity"}
