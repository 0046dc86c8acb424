"""Contenders in turn: each in a process of its own, one round after the other, several times."""

import contextlib
import json
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Result:
    """What the rounds of one contender gave.

    Attributes:
        name: of the contender.
        rounds: what each round returned; its "speed" is what contenders are compared by.
    """

    name: str
    rounds: list[dict[str, float]] = field(default_factory=list)

    def values(self, key: str = "speed") -> list[float]:
        """Return what the rounds gave under a name."""
        return [measured[key] for measured in self.rounds]

    def median(self, key: str = "speed") -> float:
        """Return the middle of what the rounds gave."""
        return statistics.median(self.values(key))

    def ratio_to(self, other: "Result") -> float:
        """Return how many times as fast this one was: the median over rounds run side by side."""
        return statistics.median(
            mine / its for mine, its in zip(self.values(), other.values(), strict=True)
        )


class Contender:
    """A process that imports one function, prepares, and runs a round whenever it is asked."""

    def __init__(self, name: str, function: str, *arguments: object):
        """Start the process.

        Args:
            name: for the table.
            function: "module:function" below `benchmarks`; called with the arguments, it prepares
                and returns a function that runs one round and returns what it measured.
            *arguments: anything that JSON can hold.
        """
        self.result = Result(name)
        command = [sys.executable, "-m", "benchmarks.contest", function, json.dumps(arguments)]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._complaints: list[str] = []
        # Read at once: a process whose complaints nobody reads stops when the pipe is full.
        threading.Thread(target=self._listen, daemon=True).start()

    def run(self) -> dict[str, float]:
        """Run one round; RuntimeError with the process's last words if it has died."""
        with contextlib.suppress(BrokenPipeError):
            print("round", file=self.process.stdin, flush=True)
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        raise RuntimeError(f"{self.result.name} stopped: {''.join(self._complaints[-12:])}")

    def _listen(self) -> None:
        self._complaints.extend(self.process.stderr)


@contextlib.contextmanager
def contenders(*entries: tuple) -> Iterator[list[Contender]]:
    """Start a process for each entry, which is what `Contender` takes; end them all at the end."""
    started = []
    try:
        for entry in entries:
            started.append(Contender(*entry))
        yield started
    finally:
        for contender in started:
            contender.process.stdin.close()
        for contender in started:
            try:
                contender.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                contender.process.kill()


def in_turn(rounds: int, *entries: tuple) -> list[Result]:
    """Let contenders run in turn, after one round each that does not count.

    What else the machine does then falls on all of them, and the ratio within a round holds.
    """
    with contenders(*entries) as running:
        for number in range(rounds + 1):
            for contender in running:
                measured = contender.run()
                if number:
                    contender.result.rounds.append(measured)
    return [contender.result for contender in running]


def main() -> None:
    """Be the process of a contender: prepare, then run a round for every line that comes in."""
    function, arguments = sys.argv[1:]
    module, name = function.split(":")
    prepare = getattr(__import__(f"benchmarks.{module}", fromlist=[name]), name)
    run_round = prepare(*json.loads(arguments))
    for _ in sys.stdin:
        print(json.dumps(run_round()), flush=True)


if __name__ == "__main__":
    main()
