"""Do both sides compute the same? PyTorch's weights in our model must give PyTorch's logits."""

import keras
import numpy as np
import torch

from . import package, torch_peer, workload


def copy_weights(peer: torch_peer.Seq2Seq, model: keras.Model) -> None:
    """Give our model the weights of PyTorch's: the gates stand in the same order, transposed."""
    weights = {name: value.detach().numpy() for name, value in peer.named_parameters()}
    for side, ours in (("encoder", "encoder_1"), ("decoder", "decoder_1")):
        model.get_layer(ours).set_weights(
            [
                weights[f"{side}.weight_ih_l0"].T,
                weights[f"{side}.weight_hh_l0"].T,
                weights[f"{side}.bias_ih_l0"] + weights[f"{side}.bias_hh_l0"],
            ]
        )
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
    batch = torch_peer.prepared(source, target, labels, packs=False)
    with torch.no_grad():
        states = peer.encode(batch["source"], batch["source_lengths"])
        outputs, _ = peer.decoder(peer.target_embedding(batch["target"]), states)
        theirs = peer.logits(outputs).transpose(0, 1).numpy()
    compiled = tf.function(lambda inputs: model(inputs, training=False), autograph=False)
    ours = compiled({"source": tf.constant(source), "target": tf.constant(target)}).numpy()
    return float(np.abs(ours - theirs)[labels != 0].max())
