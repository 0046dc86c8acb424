"""Do both sides compute the same? PyTorch's weights in our model must give PyTorch's logits."""

import keras
import numpy as np
import torch

from s2s_keras.text import PAD

from . import package, torch_peer, workload


def copy_weights(peer: torch_peer.Seq2Seq, model: keras.Model) -> None:
    """Give our model the weights of PyTorch's: the gates stand in the same order, transposed."""
    weights = {name: value.detach().numpy() for name, value in peer.named_parameters()}

    def of_lstm(name: str) -> list[np.ndarray]:
        kernel, recurrent, *biases = (
            weights[name.format(part)] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        return [kernel.T, recurrent.T, sum(biases)]

    directions = ["encoder.{}_l0"]
    if peer.encoder.bidirectional:
        directions.append("encoder.{}_l0_reverse")
        model.get_layer("attention_output").set_weights([weights["combine.weight"].T])
    encoder = [weight for direction in directions for weight in of_lstm(direction)]
    model.get_layer("encoder_1").set_weights(encoder)
    model.get_layer("decoder_1").set_weights(of_lstm("decoder.{}_l0"))
    for side in ("source", "target"):
        model.get_layer(f"{side}_embedding").set_weights([weights[f"{side}_embedding.weight"]])
    model.get_layer("logits").set_weights([weights["logits.weight"].T, weights["logits.bias"]])


def largest_difference(size: workload.Size) -> float:
    """Return how far apart the two sides' logits are at most, over one batch's real positions."""
    import tensorflow as tf

    torch.manual_seed(0)
    peer, model = torch_peer.Seq2Seq(size), package.build(size)
    copy_weights(peer, model)
    source, target, labels = next(workload.batches(size, 1, by_length=True))
    with torch.no_grad():
        batch = torch_peer.prepared(source, target, labels, packs=False)
        theirs = torch_peer.logits_of(peer, batch, packs=False).numpy()
    compiled = tf.function(lambda inputs: model(inputs, training=False), autograph=False)
    ours = compiled({"source": tf.constant(source), "target": tf.constant(target)}).numpy()
    # PyTorch's labels are in the order of the time steps.
    ours = ours.swapaxes(0, 1)[labels.T != PAD]
    return float(np.abs(ours - theirs).max())
