"""Trains on one processor, and on two that TensorFlow makes of it: see `test_workers.py`.

TensorFlow must be told of them before its first work, so that this is a process of its own. It
prints the numbers of both as JSON.
"""

import json

import keras
import numpy as np
import tensorflow as tf
from keras.optimizers import SGD

from s2s_keras import fast
from s2s_keras.batches import make_batches
from s2s_keras.models import Seq2SeqConfig, build_training_model
from s2s_keras.training import fit
from s2s_keras.workers.replicas import Workers

(processor,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
DEVICES = {1: None, 2: Workers(devices=["CPU:0", "CPU:1"])}
# A gradient is cut short: whether before or after it is added up makes a difference.
RUNS = {
    "plain": {"optimizer": lambda: SGD(1.0, global_clipnorm=0.1)},
    "own predictions": {"optimizer": lambda: SGD(0.5, momentum=0.9), "teacher_forcing": 0.5},
    "fast": {"optimizer": lambda: fast.Adam(0.02, global_clipnorm=0.1)},
}


def sentences(seed: int) -> list[list[int]]:
    """Draw sentences of unlike lengths; 33 of them leave one for the last batch of 8."""
    random = np.random.default_rng(seed)
    return [random.integers(4, 13, random.integers(1, 8)).tolist() for _ in range(33)]


def run(name: str, workers: Workers | None) -> dict:
    """Train a small model; return its losses and its weights' sums."""
    chosen = dict(RUNS[name])
    keras.utils.set_random_seed(0)
    sizes = {
        "units": 8,
        "embedding": 6,
        "dropout": 0.0,
        "attention": "none",
        "cell": "rnn",
    }
    model = build_training_model(Seq2SeqConfig(13, 13, **sizes), fast.CELLS)
    # A penalty on weights: every replica has the same ones.
    model.get_layer("logits").kernel.regularizer = keras.regularizers.L2(0.01)
    batches = make_batches(sentences(1), sentences(2), 8, shuffle_seed=3)
    history = fit(
        model, batches, make_batches(sentences(3), sentences(4), 8), epochs=2,
        optimizer=chosen.pop("optimizer")(), workers=workers, progress=False,
        compute_loss=fast.compute_loss(model) if name == "fast" else None, **chosen,
    )  # fmt: skip
    losses = history[["loss", "val_loss"]].to_numpy().tolist()
    return {"losses": losses, "weights": [float(np.abs(w).sum()) for w in model.get_weights()]}


print(json.dumps({f"{name}, {n}": run(name, w) for name in RUNS for n, w in DEVICES.items()}))
