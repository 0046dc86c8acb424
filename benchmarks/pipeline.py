"""From a file of a million pairs to batches: read, learn words, encode, batch."""

import random
import resource
import time
from pathlib import Path

from s2s_keras import batches, corpora, text


def write_pairs(path: Path, number: int) -> None:
    """Write a table of so many different pairs, two short sentences of the course joined in each.

    They have about ten words a side, as the course's own sentences.
    """
    pairs = corpora.load("course")
    short = [pair for pair in pairs if len(pair[0].split()) <= 6]
    draw = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        for _ in range(number):
            first, second = draw.choice(short), draw.choice(short)
            file.write(f"{first[0]} {second[0]}\t{first[1]} {second[1]}\n")


def read(path: str, batch_size: int = 64):
    """Prepare a round: the whole way of a file through one epoch, once in this process."""

    def run_round() -> dict[str, float]:
        times = [time.perf_counter()]
        pairs = corpora.load(path)
        times.append(time.perf_counter())
        tokenizers = [text.WordTokenizer().fit(side) for side in (pairs.source, pairs.target)]
        times.append(time.perf_counter())
        data = batches.make_batches(
            tokenizers[0].encode_each(pairs.source),
            tokenizers[1].encode_each(pairs.target),
            batch_size,
            shuffle_seed=0,
        )
        times.append(time.perf_counter())
        sentences = sum(int(labels.shape[0]) for _, labels in data)
        times.append(time.perf_counter())
        assert sentences == len(pairs)
        parts = [after - before for before, after in zip(times, times[1:], strict=False)]
        return {
            "speed": 60 * sentences / (times[-1] - times[0]),
            "pairs": sentences,
            "gigabytes": peak_memory() / 1e9,
            **dict(zip(("load", "fit", "encode", "epoch"), parts, strict=True)),
        }

    return run_round


def peak_memory(process: int | str = "self") -> int:
    """Return the most bytes of memory that this process has held, or, on Linux, another one."""
    status = Path(f"/proc/{process}/status")
    if status.exists():  # Linux's getrusage would count what the parent held when it started us
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return 1024 * int(lines.get("VmHWM", "0").split()[0])  # one that has ended holds nothing
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS counts in bytes
