"""What makes an untrained model speak, for the tests of decoders."""

import keras
import numpy as np
from keras import ops

from s2s_keras.decoding import NEVER_CHOSEN
from s2s_keras.text import END


def tell_words_apart(model: keras.Model) -> keras.Model:
    """Makes a model's embeddings so large that every word counts, where they are small yet."""
    for side in ("source", "target"):
        table = model.get_layer(f"{side}_embedding").embeddings
        if np.std(table) < 0.5:
            table.assign(table * 10)
    return model


def speak_up(model: keras.Model, never: float = 0.0, end: float = 0.0) -> keras.Model:
    """Gives a model firm opinions, and biases on the ids that are never chosen and on END."""
    logits = tell_words_apart(model).get_layer("logits")
    logits.kernel.assign(logits.kernel * 5)
    bias = ops.convert_to_numpy(logits.bias).copy()
    bias[[*NEVER_CHOSEN]], bias[END] = never, end
    logits.bias.assign(bias)
    return model


def enliven(model: keras.Model, seed: int = 0) -> keras.Model:
    """Gives a model random weights of which every one counts, biases too."""
    random = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        variable.assign(random.normal(0, 1, variable.shape))
    return model
