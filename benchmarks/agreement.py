"""Do both sides compute the same? PyTorch's weights in our model must give PyTorch's logits."""

import keras
import numpy as np
import torch

from s2s_keras.models import from_pytorch
from s2s_keras.text import PAD

from . import package, torch_peer, workload


def copy_weights(peer: torch_peer.Seq2Seq, model: keras.Model) -> None:
    """Give our model the weights of PyTorch's."""
    twins = {
        "source_embedding": peer.source_embedding,
        "encoder_1": peer.encoder,
        "target_embedding": peer.target_embedding,
        "decoder_1": peer.decoder,
        "logits": peer.logits,
    }
    if peer.combine is not None:
        twins["attention_output"] = peer.combine
    for name, module in twins.items():
        state_dict = {name: weight.numpy() for name, weight in module.state_dict().items()}
        from_pytorch(model.get_layer(name), state_dict)


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
