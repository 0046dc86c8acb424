"""What every format begins with: one model of Keras's own layers, and what cannot be exported."""

import keras

from ..errors import InputError
from ..models import build_training_model, config_of
from ..models.weights import named_weights
from ..translator import Translator
from ..translator.saving import layers_of_ones_own


def plain_model(translator: Translator) -> keras.Model:
    """Return the translator's model as Keras's own layers, without cuDNN: it runs anywhere.

    Raises:
        InputError: it is an ensemble, or has layers that `build_training_model` does not make.
    """
    if not isinstance(translator.training_model, keras.Model):
        raise InputError("export: an ensemble is not exported; export each of its models")
    weights = named_weights(translator.training_model)
    model = build_training_model(config_of(translator.training_model))
    variables = named_weights(model)
    shapes = {name: variable.shape for name, variable in variables.items()}
    others = {name: variable.shape for name, variable in weights.items()}
    if shapes != others or layers_of_ones_own(translator.training_model):
        raise InputError(
            "export: the model has layers of your own, or adapted ones; export needs the layers of "
            "build_training_model"
        )
    for name, variable in variables.items():
        variable.assign(weights[name])
    for layer in model._flatten_layers():
        if hasattr(layer, "use_cudnn"):
            layer.use_cudnn = False
    return model
