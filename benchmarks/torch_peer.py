"""Contender: PyTorch, as strong as we can write it.

Batches of like length, packed sequences, logits only at positions that have a label, the fused
cross-entropy, the fused Adam, and gradients that are multiplied only when they are too long.
Attention is two batched products and a masked softmax; the layer after it is computed only at
positions that have a label, as the logits are. Memory that is freed is kept, as this project does.
"""

import contextlib
import ctypes
import time

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import get_total_norm
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from s2s_keras.text import PAD

from . import workload


class Seq2Seq(nn.Module):
    """Encoder and decoder of one `nn.LSTM` each; sequences have the time first.

    With attention the encoder reads in both directions, and what the decoder gives is
    tanh(W·[context; h]) instead of h (Luong et al. 2015, equation 5).
    """

    def __init__(self, size: workload.Size):
        """Build the layers."""
        super().__init__()
        units, directions = size.units, 2 if size.attention else 1
        self.source_embedding = nn.Embedding(size.vocabulary, units)
        self.target_embedding = nn.Embedding(size.vocabulary, units)
        self.encoder = nn.LSTM(units, units // directions, bidirectional=size.attention)
        self.decoder = nn.LSTM(units, units)
        self.combine = nn.Linear(2 * units, units, bias=False) if size.attention else None
        self.logits = nn.Linear(units, size.vocabulary)

    def encode(self, source, lengths) -> tuple:
        """Read `source (time, batch)`.

        Returns:
            The decoder's first h and c, `(1, batch, units)` each, which are those after every
            source's own last token, and what attention reads: the encoder's outputs `(batch, time,
            units)`, None without attention.
        """
        vectors = self.source_embedding(source)
        packed = pack_padded_sequence(vectors, lengths, enforce_sorted=False)
        outputs, states = self.encoder(packed)
        if self.combine is None:
            return states, None
        # Both directions' states side by side: (2, batch, units / 2) to (1, batch, units).
        joined = tuple(state.transpose(0, 1).flatten(1)[None] for state in states)
        return joined, pad_packed_sequence(outputs, batch_first=True)[0]


def contexts(hidden, encoder_outputs, mask) -> torch.Tensor:
    """Return the context vectors of dot attention.

    Args:
        hidden: of the decoder, `(batch, target_length, units)`.
        encoder_outputs: `(batch, source_length, units)`.
        mask: of `mask_of`.

    Returns:
        `(batch, target_length, units)`.
    """
    scores = torch.baddbmm(mask, hidden, encoder_outputs.transpose(1, 2))
    return torch.bmm(scores.softmax(-1), encoder_outputs)


def mask_of(source) -> torch.Tensor:
    """Return what is added to scores, 0 or on padding −∞: `(batch, 1, time)`."""
    return torch.zeros(source.shape).masked_fill(source == PAD, -torch.inf).T[:, None]


def prepared(source, target, labels, packs: bool) -> dict[str, torch.Tensor]:
    """Turn a batch of `workload.arrays` into tensors, with all that can be known beforehand."""
    source, target, labels = (
        torch.tensor(ids.T.copy(), dtype=torch.long) for ids in (source, target, labels)
    )
    lengths, labels_of_all = (labels != PAD).sum(0), labels.reshape(-1)
    positions = (labels_of_all != PAD).nonzero()[:, 0]
    if packs:  # the same, in the order of a packed sequence
        numbers = torch.arange(labels.numel()).view_as(labels)
        positions = pack_padded_sequence(numbers, lengths, enforce_sorted=False).data
    return {
        "source": source,
        "source_lengths": (source != PAD).sum(0),
        "mask": mask_of(source),
        "target": target,
        "target_lengths": lengths,
        "positions": positions,
        "labels": labels_of_all[positions],
    }


def logits_of(model: Seq2Seq, batch: dict[str, torch.Tensor], packs: bool) -> torch.Tensor:
    """Return the logits `(labels, vocabulary)`, in the order of the batch's labels."""
    states, encoder_outputs = model.encode(batch["source"], batch["source_lengths"])
    vectors = model.target_embedding(batch["target"])
    if packs:
        vectors = pack_padded_sequence(vectors, batch["target_lengths"], enforce_sorted=False)
    outputs, _ = model.decoder(vectors, states)
    if encoder_outputs is None and packs:
        return model.logits(outputs.data)
    hidden = pad_packed_sequence(outputs)[0] if packs else outputs  # (time, batch, units)
    if encoder_outputs is not None:
        context = contexts(hidden.transpose(0, 1), encoder_outputs, batch["mask"])
        hidden = torch.cat([context.transpose(0, 1), hidden], -1)
    # Selected, not indexed: the gradient of an index costs several times as much.
    hidden = hidden.flatten(0, 1).index_select(0, batch["positions"])
    return model.logits(hidden if model.combine is None else model.combine(hidden).tanh())


def loss_of(model: Seq2Seq, batch: dict[str, torch.Tensor], packs: bool) -> torch.Tensor:
    """Return the mean cross-entropy over the labels of a batch."""
    return functional.cross_entropy(logits_of(model, batch, packs), batch["labels"])


def keep_freed_memory() -> None:
    """Tell the C library to keep what is freed, large blocks too, instead of giving it back.

    PyTorch works in one thread's heap, which may grow without bound. There these settings save more
    than `fast.keep_freed_memory`, which is made for TensorFlow's threads: alone it would make
    PyTorch slower.
    """
    # M_MMAP_MAX, M_TRIM_THRESHOLD and M_TOP_PAD of malloc.h; other systems have no `mallopt`.
    with contextlib.suppress(AttributeError, OSError, TypeError):
        for option, value in ((-4, 0), (-1, 2**30), (-2, 2**26)):
            ctypes.CDLL(None).mallopt(option, value)


def train(size_name: str, dtype: str, packs: bool, number: int):
    """Prepare rounds of `number` training steps; the decoder packs its sequences, or pads them."""
    keep_freed_memory()
    torch.manual_seed(0)
    size = workload.SIZES[size_name]
    model = Seq2Seq(size)
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, workload.LEARNING_RATE, fused=True)
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bfloat16")
    made = workload.batches(size, number, by_length=True)
    data = [prepared(*batch, packs) for batch in made]
    tokens = sum(len(batch["labels"]) for batch in data)

    def run_round() -> dict[str, float]:
        start = time.perf_counter()
        for batch in data:
            with autocast:
                loss = loss_of(model, batch, packs)
            descend(loss, optimizer, parameters)
        return {"speed": tokens / (time.perf_counter() - start), "loss": float(loss)}

    return run_round


def descend(loss: torch.Tensor, optimizer: torch.optim.Optimizer, parameters: list) -> None:
    """Do one step of gradient descent, with the gradient's global norm clipped."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    gradients = [parameter.grad for parameter in parameters]
    norm = get_total_norm(gradients, foreach=True)
    if norm > workload.CLIP_NORM:
        torch._foreach_mul_(gradients, workload.CLIP_NORM / norm)
    optimizer.step()
