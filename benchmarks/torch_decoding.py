"""Contender: PyTorch's decoding, a loop over time steps as strong as we can write it."""

import time
from collections.abc import Callable

import torch
from torch import nn

from s2s_keras.text import END, PAD, START

from . import workload
from .torch_peer import Seq2Seq, contexts, keep_freed_memory, mask_of


@torch.inference_mode()
def greedy(model: Seq2Seq, source: torch.Tensor, length: int) -> torch.Tensor:
    """Return the likeliest tokens `(length, batch)`, PAD after END; `source (time, batch)`."""
    decoder_step, hidden, state = begin(model, source)
    batch = source.shape[1]
    token = torch.full((batch,), START)
    finished = torch.zeros(batch, dtype=torch.bool)
    tokens = torch.zeros((length, batch), dtype=torch.long)
    for step in range(length):
        logits, hidden, state = decoder_step(token, hidden, state)
        token = logits.argmax(-1).where(~finished, PAD)
        tokens[step] = token
        finished |= token == END
        if finished.all():
            break
    return tokens


@torch.inference_mode()
def beam(model: Seq2Seq, source: torch.Tensor, length: int, width: int) -> torch.Tensor:
    """Return the likeliest tokens `(length, batch)` of a beam search; `source (time, batch)`."""
    decoder_step, hidden, state = begin(model, source)
    batch, vocabulary = source.shape[1], model.logits.out_features
    hidden, state = (each.repeat_interleave(width, dim=0) for each in (hidden, state))
    token = torch.full((batch, width), START)
    scores = torch.full((batch, width), -torch.inf)
    scores[:, 0] = 0  # all hypotheses are still one
    finished = torch.zeros((batch, width), dtype=torch.bool)
    tokens = torch.zeros((batch, width, length), dtype=torch.long)
    first = torch.arange(batch)[:, None] * width
    for step in range(length):
        logits, hidden, state = decoder_step(token.view(-1), hidden, state)
        gains = logits.log_softmax(-1).view(batch, width, vocabulary)
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


def begin(model: Seq2Seq, source: torch.Tensor) -> tuple[Callable, torch.Tensor, torch.Tensor]:
    """Encode sources `(time, batch)` and prepare the decoder's one time step.

    Returns:
        Function `(token, h, c) -> (logits, h, c)`, and the first h and c `(batch, units)`. It takes
        several hypotheses of each sentence as so many rows, one beside the other.
    """
    cell = cell_of(model)
    states, encoder_outputs = model.encode(source, (source != PAD).sum(0))
    mask, batch = mask_of(source), source.shape[1]

    def decoder_step(token, hidden, state):
        hidden, state = cell(model.target_embedding(token), (hidden, state))
        if encoder_outputs is None:
            return model.logits(hidden), hidden, state
        context = contexts(hidden.view(batch, -1, hidden.shape[-1]), encoder_outputs, mask)
        both = torch.cat([context.flatten(0, 1), hidden], -1)
        return model.logits(model.combine(both).tanh()), hidden, state

    return decoder_step, *(last[0] for last in states)


def cell_of(model: Seq2Seq) -> nn.LSTMCell:
    """Return the decoder's one step: faster than `nn.LSTM` with sequences of length one."""
    cell = nn.LSTMCell(model.decoder.input_size, model.decoder.hidden_size)
    for name, _ in list(cell.named_parameters()):
        setattr(cell, name, getattr(model.decoder, f"{name}_l0"))  # shared, not copied
    return cell


def decode(size_name: str, batch_size: int, length: int, number: int, width: int = 1):
    """Prepare rounds of `number` batches decoded, each `length` time steps long.

    Greedily where `width` is 1, else by a beam of that many hypotheses.
    """
    from .package import random_source

    keep_freed_memory()
    torch.manual_seed(0)
    size = workload.SIZES[size_name]
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
