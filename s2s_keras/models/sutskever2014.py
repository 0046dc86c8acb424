"""The first weights and the optimizer of Sutskever et al. 2014, section 3.4.

`Seq2SeqConfig.sutskever2014` is its network. Both serve a network of any size.
"""

import keras

EPOCHS = 7.5
RATE = 0.7
LARGEST_NORM = 5.0  # of the gradient of a batch: a larger one is scaled down to it
HALVED_AFTER = (5, 5.5, 6, 6.5, 7)  # epochs


def initialise(training_model: keras.Model, seed: int = 0) -> None:
    """Draw every weight of a model anew, uniformly between −0.08 and 0.08, biases too."""
    seeds = keras.random.SeedGenerator(seed)
    for variable in training_model.trainable_variables:
        variable.assign(keras.random.uniform(variable.shape, -0.08, 0.08, seed=seeds))


def optimizer(updates_per_epoch: int) -> keras.optimizers.SGD:
    """Return SGD without momentum, whose rate of 0.7 is halved every half epoch after five.

    The paper sums the gradients of a batch and divides by its number of sentences. Where a loss is
    the mean over tokens, as in this package, its gradient is smaller by the mean number of tokens
    in a sentence.

    Args:
        updates_per_epoch: how many batches an epoch has.
    """
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay(
        [round(epochs * updates_per_epoch) for epochs in HALVED_AFTER],
        [RATE / 2**halvings for halvings in range(len(HALVED_AFTER) + 1)],
    )
    return keras.optimizers.SGD(schedule, global_clipnorm=LARGEST_NORM)
