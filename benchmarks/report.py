"""The report: tables of medians, spread and ratios, and each target beside what was measured."""

from datetime import date

from . import workload
from .contest import Result

HEAD = """# Benchmarks

`make bench` writes this page. Contenders run in turn, each in a process of its own, and a ratio is
the median over rounds run side by side: absolute figures are this machine's, on that day. Spread is
the slowest and the fastest round.
"""


class Report:
    """Collects results part by part, and writes them as Markdown."""

    def __init__(self, machine: dict[str, str]):
        """Begin with the machine's description."""
        self.machine = machine
        self.sections: list[str] = []
        self.targets: list[tuple[str, str, str, str]] = []
        self.limit: Result | None = None
        self.tried = ""

    def text(self) -> str:
        """Return the whole page."""
        machine = table(("machine", ""), *self.machine.items(), ("date", str(date.today())))
        targets = table(("target", "asked", "measured", ""), *self.targets)
        parts = [HEAD, machine, "## Targets\n\n" + targets, *self.sections, self.tried]
        return "\n".join(part.strip() + "\n" for part in parts if part)

    def add_limits(self, limit: Result, differences: dict[str, float]) -> None:
        """Add the machine's limits and the agreement with PyTorch."""
        self.limit = limit
        apart = max(differences.values())
        self._target(
            "same weights, same logits as PyTorch", "≤ 1e-4 apart", f"{apart:.0e}", apart <= 1e-4
        )
        rows = [
            (f"matrix product 2,048³, {name}", f"{limit.median(name):,.0f} GFLOP/s")
            for name in ("float32", "bfloat16")
        ]
        rows.append(("memory, read and written by a copy", f"{limit.median('memory'):.0f} GB/s"))
        self._section("The machine's limits", table(("limit", "measured"), *rows))

    def add_training(self, size_name: str, dtype: str, results: list[Result]) -> None:
        """Add the training of one size in one precision: this project first, PyTorch after it."""
        size = workload.SIZES[size_name]
        ours, *peers = results
        torch = max(peers[:2], key=Result.median)
        title = f"Training: vocabulary {size.vocabulary:,}, {size.units} units, {dtype}"
        rows = [
            (*row, self._share_of_limit(size, dtype, result))
            for row, result in zip(_rows(results, torch), results, strict=True)
        ]
        head = ("contender", "target tokens/s", "spread", "× best PyTorch", "of the limit")
        self._section(title, table(head, *rows))
        if dtype == "float32":
            ratio = ours.ratio_to(torch)
            self._target(f"training, {size_name}: × PyTorch", "≥ 1.0", f"{ratio:.2f}", ratio >= 1)
            ratio = ours.ratio_to(peers[-1])
            self._target(
                f"training, {size_name}: × textbook Keras", "≥ 2.5", f"{ratio:.2f}", ratio >= 2.5
            )

    def add_decoding(self, batch_size: int, results: list[Result]) -> None:
        """Add greedy decoding at one batch size: this project, PyTorch, textbook (twice at 64)."""
        ours, torch, *textbooks = results
        self._add_decoder("Greedy decoding", batch_size, 1, results)
        name = f"decoding, batch {batch_size}"
        if batch_size <= 64:
            ratio = ours.ratio_to(torch)
            self._target(f"{name}: × PyTorch's loop", "≥ 1.5", f"{ratio:.2f}", ratio >= 1.5)
            at_once = [f", {batch_size} sentences at once", ", one at a time"]
            for textbook, how in zip(textbooks, at_once if batch_size > 1 else [""], strict=True):
                ratio = ours.ratio_to(textbook)
                name_of_target = f"{name}: × `predict` per token{how}"
                self._target(name_of_target, "≥ 100", f"{ratio:,.0f}", ratio >= 100)

    def add_beam(self, width: int, batch_size: int, results: list[Result]) -> None:
        """Add beam search at one batch size: this project, PyTorch."""
        self._add_decoder(f"Beam search of width {width}", batch_size, width, results)

    def _add_decoder(self, what: str, batch_size: int, width: int, results: list[Result]) -> None:
        size = workload.SIZES["small"]
        title = (
            f"{what}: {size.units} units, vocabulary {size.vocabulary:,}, "
            f"{workload.TARGET_LENGTH} steps, batch {batch_size}"
        )
        rows = [
            (*row, self._share_of_decoding_limit(size, batch_size, width, result))
            for row, result in zip(_rows(results, results[1]), results, strict=True)
        ]
        head = ("contender", "sentences/s", "spread", "× PyTorch", "of the limit")
        self._section(title, table(head, *rows))

    def add_pipeline(self, result: Result) -> None:
        """Add the reading and batching of a large corpus."""
        (got,) = result.rounds
        parts = ("load", "fit", "encode", "epoch")
        rows = [(f"{part}, seconds", f"{got[part]:.1f}") for part in parts]
        rows += [
            ("pairs", f"{got['pairs']:,}"),
            ("pairs a minute, all together", f"{got['speed']:,.0f}"),
            ("peak memory, GB", f"{got['gigabytes']:.2f}"),
        ]
        self._section("A large corpus: read, learn words, encode, batch", table(("", ""), *rows))
        speed, memory = got["speed"], got["gigabytes"]
        self._target("pairs read and batched a minute", "≥ 200,000", f"{speed:,.0f}", speed >= 2e5)
        self._target("memory for them", "≤ 1.5 GB", f"{memory:.2f} GB", memory <= 1.5)

    def add_score(self, score: float, results: list[Result]) -> None:
        """Add the time to a score, epoch by epoch."""
        rows = [
            (
                result.name,
                " · ".join(f"{value:.1f}" for value in result.values("chrf")),
                f"{sum(result.values('seconds')):.0f}",
            )
            for result in results
        ]
        head = ("contender", "chrF after each epoch", "training seconds, all")
        title = f"Time to a score: chrF {score:.0f} on the course's dev side"
        self._section(title, table(head, *rows))

    def add_start(self, results: list[Result]) -> None:
        """Add start-up times: the command first, then what it cannot do without."""
        rows = [
            (result.name, f"{result.median('seconds'):.1f}", _spread(result.values("seconds"), 1))
            for result in results
        ]
        self._section("Start-up", table(("command", "seconds", "spread"), *rows))
        seconds = results[0].median("seconds")
        self._target("first translation on the screen", "≤ 6 s", f"{seconds:.1f} s", seconds <= 6)

    def _share_of_limit(self, size: workload.Size, dtype: str, result: Result) -> str:
        """Return what share of the product limit the matrix products alone make up."""
        if not self.limit:
            return ""
        per_token = 2 * size.multiplications_per_token()
        return f"{result.median() * per_token / 1e9 / self.limit.median(dtype):.0%}"

    def _share_of_decoding_limit(
        self, size: workload.Size, batch_size: int, width: int, result: Result
    ) -> str:
        """Return the share of the limit: products, and for one sentence reading the weights."""
        if not self.limit:
            return ""
        if batch_size == 1:
            bytes_read = 4 * size.multiplications_per_translation()
            return f"{result.median() * bytes_read / 1e9 / self.limit.median('memory'):.0%}"
        operations = 2 * size.multiplications_per_translation(width)
        return f"{result.median() * operations / 1e9 / self.limit.median('float32'):.0%}"

    def _section(self, title: str, body: str) -> None:
        self.sections.append(f"## {title}\n\n{body}")

    def _target(self, what: str, asked: str, measured: str, met: bool) -> None:
        self.targets.append((what, asked, measured, "met" if met else "**missed**"))


def table(head: tuple[str, ...], *rows: tuple[str, ...]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rows(results: list[Result], reference: Result) -> list[tuple[str, ...]]:
    return [
        (
            result.name,
            f"{result.median():,.0f}" if result.median() >= 10 else f"{result.median():.2f}",
            _spread(result.values(), 0 if result.median() >= 10 else 2),
            f"{result.ratio_to(reference):.2f}",
        )
        for result in results
    ]


def _spread(values: list[float], digits: int) -> str:
    return f"{min(values):,.{digits}f}–{max(values):,.{digits}f}"
