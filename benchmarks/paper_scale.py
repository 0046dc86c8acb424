"""The network of Sutskever et al. 2014 at its own size, trained on random words, and its speed.

Needs only Keras and a backend: `KERAS_BACKEND=jax python -m benchmarks.paper_scale` does without
TensorFlow. Without a GPU it trains a reduced size, and says so.
"""

import argparse
import time

import keras
import numpy as np

from s2s_keras.losses import masked_cross_entropy
from s2s_keras.models import Seq2SeqConfig, build_training_model, sutskever2014

PAPER = Seq2SeqConfig.sutskever2014()
REDUCED = Seq2SeqConfig(4_000, 2_000, units=128, embedding=128, layers=4, dropout=0.0)
# Section 3.5: words of both languages a second, one GPU and a layer on each of eight.
PAPER_WORDS = {"one GPU, 2014": 1_700, "eight GPUs, 2014": 6_300}
FIRST_WORD = 4  # after the special ids


def main() -> None:
    """Train a few steps in each precision and print words a second."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper_scale", description=__doc__)
    parser.add_argument("--steps", type=int, default=20, help="training steps to time (20)")
    parser.add_argument("--batch", type=int, default=128, help="sentences in a batch (128)")
    parser.add_argument("--length", type=int, default=25, help="words a sentence (25)")
    arguments = parser.parse_args()
    config = PAPER if has_gpu() else REDUCED
    if config is REDUCED:
        print("No GPU here: a reduced size, whose speed says nothing about the paper's.")
    for precision in ("float32", "mixed_bfloat16"):
        speed, parameters = train(config, precision, arguments)
        print(
            f"{config.layers} × {config.units} units, {config.source_vocabulary:,}/"
            f"{config.target_vocabulary:,} words, {parameters / 1e6:.1f} M parameters, "
            f"{precision}, {keras.config.backend()}: {speed:,.0f} words/s"
        )
    for name, words in PAPER_WORDS.items():
        print(f"{name}: {words:,} words/s")


def has_gpu() -> bool:
    """Tell whether the backend in use has a GPU."""
    return any(name.startswith("gpu") for name in keras.distribution.list_devices())


def build(config: Seq2SeqConfig, updates_per_epoch: int) -> keras.Model:
    """Build the model with the paper's weights and optimizer: section 3.4."""
    model = build_training_model(config)
    sutskever2014.initialise(model)
    model.compile(sutskever2014.optimizer(updates_per_epoch), masked_cross_entropy)
    return model


def train(config: Seq2SeqConfig, precision: str, plan: argparse.Namespace) -> tuple[float, int]:
    """Train on random words; return words of both languages a second, and the parameters."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(precision)
    model = build(config, plan.steps)
    random = np.random.default_rng(0)
    shape = plan.steps * plan.batch, plan.length
    source = random.integers(FIRST_WORD, config.source_vocabulary, shape, "int32")
    target = random.integers(FIRST_WORD, config.target_vocabulary, shape, "int32")
    data = {"source": source, "target": target}
    clock = _Clock()
    options = {"batch_size": plan.batch, "shuffle": False, "verbose": 0}
    model.fit(data, np.roll(target, -1, axis=1), epochs=2, callbacks=[clock], **options)
    return 2 * target.size / clock.last_epoch, model.count_params()


class _Clock(keras.callbacks.Callback):
    """Measures an epoch; the last one, because the first compiles."""

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.last_epoch = time.perf_counter() - self.start


if __name__ == "__main__":
    main()
