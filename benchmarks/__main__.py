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
STARTS = {"import TensorFlow": ("-c", "import tensorflow")}


def main() -> None:
    """Run the parts that were named, or all, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which; all by default")
    parser.add_argument("--quick", action="store_true", help="one small round each, to try it out")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the report (results.md)")
    arguments = parser.parse_args()
    if not find_spec("torch"):
        parser.exit(1, "PyTorch is missing: pip install -e '.[bench]'\n")
    report = Report(limits.machine())
    parts = arguments.parts or list(PARTS)
    for name in tqdm(parts, unit="part"):
        PARTS[name](report, arguments.quick)
    report.tried = TRIED.read_text(encoding="utf-8")
    arguments.out.write_text(report.text(), encoding="utf-8")
    print(report.text())
    sys.exit(0)


def measure_limits(report: Report, quick: bool) -> None:
    """Measure what the machine can do, and that both sides compute the same."""
    from .agreement import largest_difference

    (limit,) = in_turn(1 if quick else 3, ("limits", "limits:products"))
    sizes = list(workload.SIZES)[: 1 if quick else None]
    report.add_limits(limit, {name: largest_difference(workload.SIZES[name]) for name in sizes})


def measure_training(report: Report, quick: bool) -> None:
    """Training steps at both sizes, and in bfloat16 where the processor has it."""
    plans = [("small", "float32", 30, 9), ("large", "float32", 16, 5)]
    plans += [("large", "bfloat16", 16, 5)] if limits.has_bfloat16() else []
    for size, dtype, steps, rounds in plans[: 1 if quick else None]:
        steps, rounds = (2, 1) if quick else (steps, rounds)
        entries = [("this project", "package:train", size, dtype, steps)]
        for name, packs in (("PyTorch, decoder packed", True), ("PyTorch, decoder padded", False)):
            entries.append((name, "torch_peer:train", size, dtype, packs, steps))
        if dtype == "float32":
            entries.append(("textbook Keras", "textbook:train", size, steps))
        report.add_training(size, dtype, in_turn(rounds, *entries))


def measure_decoding(report: Report, quick: bool) -> None:
    """Decoding by batch size: greedily, and by beam search."""
    rounds = 1 if quick else 7
    for batch_size, number in ((1, 60), (64, 8), (256, 3))[: 1 if quick else None]:
        plan = (batch_size, workload.TARGET_LENGTH)
        number = 2 if quick else number
        entries = [
            ("this project", "package:decode", *plan, number),
            ("PyTorch loop", "torch_peer:decode", *plan, number),
            ("textbook Keras, `predict` per token", "textbook:decode", *plan, 1),
        ]
        if batch_size == 64:
            one = ("the same, one sentence at a time", "textbook:decode", 1, plan[1], 1)
            entries.append(one)
        report.add_decoding(batch_size, in_turn(rounds, *entries))
    for batch_size, number in ((1, 20), (64, 2))[: 1 if quick else None]:
        plan = (batch_size, workload.TARGET_LENGTH, 1 if quick else number, BEAM_WIDTH)
        entries = [("this project", "package:decode", *plan)]
        entries.append(("PyTorch loop", "torch_peer:decode", *plan))
        report.add_beam(BEAM_WIDTH, batch_size, in_turn(rounds, *entries))


def measure_pipeline(report: Report, quick: bool) -> None:
    """Read, learn words, encode and batch a large file: once, for the memory of a fresh process."""
    from .pipeline import write_pairs

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.tsv"
        write_pairs(path, 2_000 if quick else 1_000_000)
        with contenders(("a large corpus", "pipeline:read", str(path))) as (reader,):
            reader.result.rounds.append(reader.run())
    report.add_pipeline(reader.result)


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
    "score": measure_score,
    "start": measure_start,
}

if __name__ == "__main__":
    main()
