"""Contender: PyTorch, as strong as we can write it.

Batches of like length, packed sequences, logits only at positions that have a label, the fused
cross-entropy, the fused Adam, and gradients that are multiplied only when they are too long.
"""

import time

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import get_total_norm
from torch.nn.utils.rnn import pack_padded_sequence

from s2s_keras.text import END, PAD, START

from . import workload


class Seq2Seq(nn.Module):
    """Encoder and decoder of one `nn.LSTM` each; sequences have the time first."""

    def __init__(self, size: workload.Size):
        """Build the layers."""
        super().__init__()
        units = size.units
        self.source_embedding = nn.Embedding(size.vocabulary, units)
        self.target_embedding = nn.Embedding(size.vocabulary, units)
        self.encoder, self.decoder = nn.LSTM(units, units), nn.LSTM(units, units)
        self.logits = nn.Linear(units, size.vocabulary)

    def encode(self, source, lengths):
        """Return (h, c), `(1, batch, units)` each, after every source's own last token."""
        vectors = self.source_embedding(source)
        packed = pack_padded_sequence(vectors, lengths, enforce_sorted=False)
        return self.encoder(packed)[1]


def prepared(source, target, labels, packs: bool) -> dict[str, torch.Tensor]:
    """Turn a batch of `workload.arrays` into tensors, with all that can be known beforehand."""
    source, target, labels = (
        torch.tensor(ids.T.copy(), dtype=torch.long) for ids in (source, target, labels)
    )
    lengths = (labels != PAD).sum(0)
    positions = (labels.reshape(-1) != PAD).nonzero()[:, 0]
    packed = pack_padded_sequence(labels, lengths, enforce_sorted=False).data
    return {
        "source": source,
        "source_lengths": (source != PAD).sum(0),
        "target": target,
        "target_lengths": lengths,
        "positions": positions,
        "labels": packed if packs else labels.reshape(-1)[positions],
    }


def loss_of(model: Seq2Seq, batch: dict[str, torch.Tensor], packs: bool) -> torch.Tensor:
    """Return the mean cross-entropy over the labels of a batch."""
    states = model.encode(batch["source"], batch["source_lengths"])
    vectors = model.target_embedding(batch["target"])
    if packs:
        vectors = pack_padded_sequence(vectors, batch["target_lengths"], enforce_sorted=False)
    outputs, _ = model.decoder(vectors, states)
    hidden = outputs.data if packs else outputs.flatten(0, 1)[batch["positions"]]
    return functional.cross_entropy(model.logits(hidden), batch["labels"])


def train(size_name: str, dtype: str, packs: bool, number: int):
    """Prepare rounds of `number` training steps; the decoder packs its sequences, or pads them."""
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


@torch.inference_mode()
def greedy(model: Seq2Seq, source: torch.Tensor, length: int) -> torch.Tensor:
    """Return the likeliest tokens `(length, batch)`, PAD after END; `source (time, batch)`."""
    cell = step_of(model)
    lengths = (source != PAD).sum(0)
    hidden, state = (last[0] for last in model.encode(source, lengths))
    token = torch.full_like(lengths, START)
    finished = torch.zeros_like(lengths, dtype=torch.bool)
    tokens = torch.zeros((length, len(lengths)), dtype=torch.long)
    for step in range(length):
        hidden, state = cell(model.target_embedding(token), (hidden, state))
        token = model.logits(hidden).argmax(-1).where(~finished, PAD)
        tokens[step] = token
        finished |= token == END
        if finished.all():
            break
    return tokens


@torch.inference_mode()
def beam(model: Seq2Seq, source: torch.Tensor, length: int, width: int) -> torch.Tensor:
    """Return the likeliest tokens `(length, batch)` of a beam search; `source (time, batch)`."""
    cell = step_of(model)
    lengths = (source != PAD).sum(0)
    batch, vocabulary = len(lengths), model.logits.out_features
    hidden, state = (
        last[0].repeat_interleave(width, dim=0) for last in model.encode(source, lengths)
    )
    token = torch.full((batch, width), START)
    scores = torch.full((batch, width), -torch.inf)
    scores[:, 0] = 0  # all beginnings are still one
    finished = torch.zeros((batch, width), dtype=torch.bool)
    tokens = torch.zeros((batch, width, length), dtype=torch.long)
    first = torch.arange(batch)[:, None] * width
    for step in range(length):
        hidden, state = cell(model.target_embedding(token.view(-1)), (hidden, state))
        gains = model.logits(hidden).log_softmax(-1).view(batch, width, vocabulary)
        gains.masked_fill_(finished[:, :, None], -torch.inf)
        gains[:, :, PAD].masked_fill_(finished, 0)
        scores, best = (scores[:, :, None] + gains).view(batch, -1).topk(width)
        parents, token = best // vocabulary, best % vocabulary
        rows = (first + parents).view(-1)
        hidden, state = hidden[rows], state[rows]
        finished = finished.gather(1, parents) | (token == END)
        tokens = tokens.view(batch * width, length)[rows].view(batch, width, length)
        tokens[:, :, step] = token
        if finished[:, 0].all():
            break
    return tokens[:, 0].T


def step_of(model: Seq2Seq) -> nn.LSTMCell:
    """Return the decoder's one step: faster than `nn.LSTM` with sequences of length one."""
    cell = nn.LSTMCell(model.decoder.input_size, model.decoder.hidden_size)
    for name, _ in list(cell.named_parameters()):
        setattr(cell, name, getattr(model.decoder, f"{name}_l0"))  # shared, not copied
    return cell


def decode(batch_size: int, length: int, number: int, width: int = 1):
    """Prepare rounds of `number` batches decoded, greedily or by a beam, `length` steps each."""
    from .package import random_source

    torch.manual_seed(0)
    size = workload.SIZES["small"]
    model = Seq2Seq(size)
    source = torch.tensor(random_source(size, batch_size)).long().T.contiguous()
    with torch.no_grad():
        model.logits.bias[END] = -1e4

    def run_round() -> dict[str, float]:
        start = time.perf_counter()
        for _ in range(number):
            greedy(model, source, length) if width == 1 else beam(model, source, length, width)
        return {"speed": number * batch_size / (time.perf_counter() - start)}

    return run_round
