"""How many weights a training model has, told from its configuration: nothing is allocated."""

from .config import Seq2SeqConfig

# What a cell computes for each of its units: candidates and gates.
EQUATIONS = {"lstm": 4, "gru": 3, "rnn": 1}


def count_parameters(config: Seq2SeqConfig) -> dict[str, int]:
    """Count the weights of each part of a training model.

    Args:
        config: of `build_training_model`, which would allocate them.

    Returns:
        The numbers of weights of "source embedding", "target embedding", "encoder", "decoder",
        "attention" and "logits". A recurrent layer with n inputs and u units has k·(n + u + 1)·u,
        where k is 4 for an LSTM, 3 for a GRU (Keras gives a GRU a second bias) and 1 for a simple
        RNN.
    """
    units, embedding = config.units, config.embedding
    beside = units if config.context == "every_step" else 0
    return {
        "source embedding": config.source_vocabulary * embedding,
        "target embedding": config.target_vocabulary * embedding,
        "encoder": _encoder(config),
        "decoder": _layer(config.cell, embedding + beside, units)
        + (config.layers - 1) * _layer(config.cell, units, units),
        "attention": _attention(config),
        "logits": (units + 1) * config.target_vocabulary,
    }


def _encoder(config: Seq2SeqConfig) -> int:
    ways = 2 if config.bidirectional else 1
    inputs = [config.embedding] + (config.layers - 1) * [config.units]
    return sum(ways * _layer(config.cell, width, config.units // ways) for width in inputs)


def _layer(cell: str, inputs: int, units: int) -> int:
    biases = 2 if cell == "gru" else 1
    return EQUATIONS[cell] * (inputs + units + biases) * units


def _attention(config: Seq2SeqConfig) -> int:
    units = config.units
    output, score = 2 * units * units, 2 * units * units + units
    return {"none": 0, "dot": output, "additive": output + score}[config.attention]
