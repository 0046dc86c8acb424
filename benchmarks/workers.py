"""`python -m benchmarks.workers`: what two workers on one machine cost, and what a network would.

It prints the two tables of docs/several_machines.md.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time

import keras
import psutil

from s2s_keras import batches, corpora, defaults, fast, text, training
from s2s_keras.checkpoints import Record
from s2s_keras.models import Seq2SeqConfig, build_training_model
from s2s_keras.workers.in_step import InStep
from s2s_keras.workers.meeting import meet
from s2s_keras.workers.replicas import Workers

UPDATES, WARM_UP = 60, 20
AGREEMENTS = 200
BATCHES = (64, 256)  # sentences for each machine
NETWORKS = {"1 Gbit/s": 1e9, "10 Gbit/s": 10e9}
MACHINES = (2, 4, 8)


def main() -> None:
    """Measure one process and two workers, and compute what a network would add."""
    alone, together = _measured(1, 64), _measured(2, 64)
    print("| measured | one process | two workers |\n|---|---|---|")
    for name, value in alone.items():
        print(f"| {name} | {value:,.4g} | {together[name]:,.4g} |")
    print("\n| computed: network, sentences a machine |", end="")
    print("".join(f" {machines} machines |" for machines in MACHINES))
    print("|---|" + "---|" * len(MACHINES))
    gradient = 4 * 8 * alone["weights"]  # bits
    update = {64: alone["ms"], 256: _measured(1, 256)["ms"]}
    for network, bits in NETWORKS.items():
        for batch in BATCHES:
            cells = []
            for machines in MACHINES:
                transfer = 1000 * 2 * (machines - 1) / machines * gradient / bits
                times = machines * update[batch] / (update[batch] + transfer)
                cells.append(f" {update[batch]:.0f} + {transfer:.0f} ms, {times:.1f} times |")
            print(f"| {network}, {batch} |{''.join(cells)}")


def work(batch_size: int) -> dict[str, float]:
    """Train for some updates as one of the workers of TF_CONFIG, and return what was measured."""
    with meet(5) as cluster:
        workers = Workers(cluster)
        fast.keep_freed_memory()
        model, data = _task(batch_size)
        model.compile(fast.Adam(defaults.LEARNING_RATE, global_clipnorm=5.0))
        learn = training.train_step(model, fast.compute_loss(model), workers=workers)
        run = Record(model, ())
        in_step = InStep(cluster, run, ())
        in_step.follow()
        seconds, sent, tokens = [], [], 0.0
        for number, (inputs, labels) in enumerate(data):
            if number == UPDATES:
                break
            begin, before = time.perf_counter(), _bytes_sent()
            _, count = learn(inputs, labels)
            tokens += float(count)
            seconds.append(time.perf_counter() - begin)
            sent.append(_bytes_sent() - before)
        return {
            "weights": model.count_params(),
            "ms": 1000 * statistics.median(seconds[WARM_UP:]),
            "MB sent": statistics.median(sent[WARM_UP:]) / 1e6,
            "tokens in a batch": tokens / UPDATES,
            "ms to make a batch": _milliseconds(lambda: sum(1 for _ in data), len(data)),
            "ms to agree": _milliseconds(
                lambda: [cluster.agree(False, False) for _ in range(AGREEMENTS)], AGREEMENTS
            ),
            "ms to follow": _milliseconds(in_step.follow),
            "MB to follow": len(run.packed()) / 1e6,
        }


def _task(batch_size: int) -> tuple[keras.Model, "keras.utils.PyDataset"]:
    """Return the model and the batches that `s2s-keras train` has without flags."""
    train = corpora.load("course").split().train
    source = text.tokenizer("word", lowercase=True, minimum_count=2).fit(train.source)
    target = text.tokenizer("word").fit(train.target)
    config = Seq2SeqConfig(source.vocabulary_size, target.vocabulary_size, **defaults.MODEL)
    ids = source.encode_all(train.source), target.encode_all(train.target)
    data = batches.make_batches(*ids, batch_size, shuffle_seed=0)
    return build_training_model(config, fast.CELLS), data


def _measured(workers: int, batch_size: int) -> dict[str, float]:
    """Return what the chief of so many workers measured."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(workers)]
    addresses = [f"127.0.0.1:{door.getsockname()[1]}" for door in doors]
    for door in doors:
        door.close()
    running = []
    for index in range(workers):
        place = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        more = {"TF_CONFIG": json.dumps(place), "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-m", "benchmarks.workers", str(batch_size)]
        running.append(subprocess.Popen(command, env=os.environ | more, stdout=subprocess.PIPE))
    said = [process.communicate()[0] for process in running]
    return json.loads(said[0].splitlines()[-1])


def _milliseconds(function, times: int = 1) -> float:
    begin = time.perf_counter()
    function()
    return 1000 * (time.perf_counter() - begin) / times


def _bytes_sent() -> int:
    """Return how much this machine has sent to itself so far."""
    cards = psutil.net_io_counters(pernic=True)
    return sum(card.bytes_sent for name, card in cards.items() if name.startswith("lo"))


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(work(int(sys.argv[1]))))
    else:
        main()
