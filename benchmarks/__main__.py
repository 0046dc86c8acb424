"""`python -m benchmarks`: measure, in turn with the peers, and write results.md."""

import argparse
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tqdm import tqdm

from . import limits, workload
from .contest import Result, contenders, in_turn
from .report import Report

HERE = Path(__file__).parent
RESULTS = HERE / "results.md"
TRIED = HERE / "tried.md"
BEAM_WIDTH = 5
SCORE = 50.0  # chrF
MOST_EPOCHS = 6
WITHOUT_PEER = ("pipeline", "streaming", "start")  # parts in which PyTorch does not run
STARTS = {"import TensorFlow": ("-c", "import tensorflow")}


def main() -> None:
    """Run the parts that were named, or all, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which; all by default")
    parser.add_argument("--quick", action="store_true", help="one small round each, to try it out")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the report (results.md)")
    arguments = parser.parse_args()
    parts = arguments.parts or list(PARTS)
    if not ({*parts} <= {*WITHOUT_PEER} or find_spec("torch")):
        parser.exit(1, "PyTorch is missing: pip install -e '.[bench]'\n")
    report = Report(limits.machine())
    for name in tqdm(parts, unit="part"):
        PARTS[name](report, arguments.quick)
    report.tried = TRIED.read_text(encoding="utf-8")
    arguments.out.write_text(report.text(), encoding="utf-8")
    print(report.text())
    sys.exit(0)


def measure_limits(report: Report, quick: bool) -> None:
    """Measure what the machine can do, and that both sides compute the same."""
    from .agreement import largest_difference

    rounds = 1 if quick else 3
    shapes = limits.PRODUCTS[:1] if quick else limits.PRODUCTS
    products = {}
    for dtype, libraries in limits.LIBRARIES.items():
        if dtype == "float32" or limits.has_bfloat16():
            entries = [(name, "limits:products", name, dtype, shapes) for name in libraries]
            products[dtype] = in_turn(rounds, *entries)
    reading = {}
    for size_name in ("small", "attention"):  # those that decode one sentence at a time
        size = workload.SIZES[size_name]
        matrix = size.weights_per_step() // size.units, size.units
        entries = [(name, "limits:reading", name, *matrix) for name in limits.LIBRARIES["float32"]]
        reading[size_name] = in_turn(rounds, *entries)
    report.add_limits(products, reading)
    sizes = [size for name, size in workload.SIZES.items() if name != "large" or not quick]
    report.add_agreement(map(largest_difference, sizes))


def measure_training(report: Report, quick: bool) -> None:
    """Training steps at every size, and in bfloat16 where the processor has it."""
    plans = [("small", "float32", 30, 9), ("attention", "float32", 30, 9)]
    plans += [("large", "float32", 16, 5)]
    plans += [("large", "bfloat16", 16, 5)] if limits.has_bfloat16() else []
    for size, dtype, steps, rounds in plans[: 2 if quick else None]:
        steps, rounds = (2, 1) if quick else (steps, rounds)
        entries = [("this project", "package:train", size, dtype, steps)]
        for name, packs in (("PyTorch, decoder packed", True), ("PyTorch, decoder padded", False)):
            entries.append((name, "torch_peer:train", size, dtype, packs, steps))
        if dtype == "float32" and not workload.SIZES[size].attention:
            entries.append(("textbook Keras", "textbook:train", size, steps))
        report.add_training(size, dtype, in_turn(rounds, *entries))


def measure_decoding(report: Report, quick: bool) -> None:
    """Decoding by batch size: greedily, and by beam search."""
    rounds, length = 1 if quick else 7, workload.TARGET_LENGTH
    ours, theirs, textbook = "package:decode", "torch_decoding:decode", "textbook:decode"
    for batch_size, number in ((1, 60), (64, 8), (256, 3))[: 2 if quick else None]:
        at_once = f", {batch_size} sentences at once" if batch_size > 1 else ""
        plan = (batch_size, length, 2 if quick else number)
        entries = [
            (f"this project{at_once}", ours, "small", *plan),
            (f"PyTorch's loop{at_once}", theirs, "small", *plan),
            (f"textbook Keras{at_once}, one `predict` a token", textbook, batch_size, length, 1),
        ]
        if batch_size == 64:
            name = "textbook Keras, one sentence at a time, one `predict` a token"
            entries.append((name, textbook, 1, length, 1))
        report.add_decoding(batch_size, in_turn(rounds, *entries))
    for size in ("small", "attention"):
        for batch_size, number in ((1, 20), (64, 2)):
            plan = (size, batch_size, length, 1 if quick else number, BEAM_WIDTH)
            entries = [("this project", ours, *plan), ("PyTorch's loop", theirs, *plan)]
            report.add_beam(size, BEAM_WIDTH, batch_size, in_turn(rounds, *entries))


def measure_pipeline(report: Report, quick: bool) -> None:
    """Read, learn words, encode and batch a large file: once, for the memory of a fresh process."""
    from .pipeline import write_pairs

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.tsv"
        write_pairs(path, 2_000 if quick else 1_000_000)
        with contenders(("a large corpus", "pipeline:read", str(path))) as (reader,):
            reader.result.rounds.append(reader.run())
    report.add_pipeline(reader.result)


def measure_streaming(report: Report, quick: bool) -> None:
    """Train on a corpus that stays on disk: what memory it needs, and how fast it is read."""
    from . import streaming

    pairs, updates = (20_000, 20) if quick else (5_000_000, 300)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.tsv.gz"
        streaming.write_pairs(path, pairs)
        size = path.stat().st_size
        report.add_streaming(pairs, size, streaming.train(path, Path(folder), updates))


def measure_score(report: Report, quick: bool) -> None:
    """Train until the score is reached, an epoch of each side in turn."""
    units = 16 if quick else 256
    entries = (("this project", "score:ours", units), ("PyTorch", "score:theirs", units))
    with contenders(*entries) as running:
        for _ in range(1 if quick else MOST_EPOCHS):
            for contender in running:
                if not _has_reached(contender.result):
                    contender.result.rounds.append(contender.run())
    report.add_score(SCORE, [contender.result for contender in running])


def _has_reached(result: Result) -> bool:
    return bool(result.rounds) and result.rounds[-1]["chrf"] >= SCORE


def measure_start(report: Report, quick: bool) -> None:
    """From the command to the first translation on the screen."""
    from .startup import SENTENCE, save_translator

    with tempfile.TemporaryDirectory() as folder:
        save_translator(Path(folder) / "translator")
        command = ("-m", "s2s_keras", "translate", "--model", f"{folder}/translator", SENTENCE)
        starts = {"`s2s-keras translate`, one sentence": command, **STARTS}
        entries = [(name, "startup:command", *words) for name, words in starts.items()]
        report.add_start(in_turn(1 if quick else 5, *entries))


PARTS = {
    "limits": measure_limits,
    "training": measure_training,
    "decoding": measure_decoding,
    "pipeline": measure_pipeline,
    "streaming": measure_streaming,
    "score": measure_score,
    "start": measure_start,
}

if __name__ == "__main__":
    main()
