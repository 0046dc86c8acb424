"""The report: tables of medians, spread and ratios, and each target beside what was measured."""

from collections.abc import Callable, Iterable
from datetime import date

from . import workload
from .contest import Result
from .shares import Limits
from .tables import spread, table

HEAD = """# Benchmarks

`make bench` writes this page. Contenders run in turn, each in a process of its own, and a ratio is
the median over rounds run side by side: absolute figures are this machine's, on that day. Spread is
the slowest and the fastest round.
"""

LIMITS = """
"Of the limit" counts a contender's products of matrices alone, as if all else cost nothing. What
they are set against is the fastest product of matrices that any library here reaches, at any of
the sizes below. One sentence at a time it is not arithmetic that takes the time, it is reading the
weights at every time step: there the bytes that have to be read are set against how fast an array
as large as one time step's weights is read again and again, from the cache where it fits, by the
fastest library. Where a contender is faster than all that was measured so, its own speed is the
limit, and the table names it: no share is more than 100%.
"""


class Report:
    """Collects results part by part, and writes them as Markdown."""

    def __init__(self, machine: dict[str, str]):
        """Begin with the machine's description."""
        self.machine = machine
        # Written at the end: only then all limits are known.
        self.sections: list[Callable[[], str]] = []
        self.targets: list[tuple[str, str, str, str]] = []
        self.limits = Limits()
        self.tried = ""

    def text(self) -> str:
        """Return the whole page."""
        machine = table(("machine", ""), *self.machine.items(), ("date", str(date.today())))
        targets = table(("target", "asked", "measured", ""), *self.targets)
        sections = [write() for write in self.sections]
        parts = [HEAD, machine, "## Targets\n\n" + targets, *sections, self.tried]
        return "\n".join(part.strip() + "\n" for part in parts if part)

    def add_agreement(self, differences: Iterable[float]) -> None:
        """Add how far this project's logits are from PyTorch's with the same weights."""
        apart = max(differences)
        self._target(
            "same weights, same logits as PyTorch", "≤ 1e-4 apart", f"{apart:.0e}", apart <= 1e-4
        )

    def add_limits(
        self, products: dict[str, list[Result]], reading: dict[str, list[Result]]
    ) -> None:
        """Add the machine's limits.

        Args:
            products: of every precision, what each library gave in `limits.products`.
            reading: of every size's name, what each library gave in `limits.reading`.
        """
        for dtype, results in products.items():
            self.limits.measure(_product(dtype), results)
        for size_name, results in reading.items():
            self.limits.measure(_reading(size_name), results)

        def body() -> str:
            rows = [
                (kind, f"{limit.rate:,.0f} {unit}", limit.by)
                for unit, kinds in (
                    ("GFLOP/s", map(_product, products)),
                    ("GB/s", map(_reading, reading)),
                )
                for kind in kinds
                for limit in [self.limits.of(kind)]
            ]
            tables = [table(("limit", "fastest", "reached by"), *rows)]
            tables += [_all_products(*of_dtype) for of_dtype in products.items()]
            return "\n".join([LIMITS.lstrip(), *tables])

        self._section("The machine's limits", body)

    def add_training(self, size_name: str, dtype: str, results: list[Result]) -> None:
        """Add the training of one size in one precision: this project first, the peers after it."""
        size = workload.SIZES[size_name]
        ours, *peers = results
        torch = max((peer for peer in peers if "PyTorch" in peer.name), key=Result.median)
        per_token = 2 * size.multiplications_per_token() / 1e9
        self._rows(
            f"Training: {size}, {dtype}",
            ("contender", "target tokens/s", "spread", "× best PyTorch", "of the limit"),
            results,
            torch,
            _product(dtype),
            per_token,
        )
        if dtype != "float32":
            return
        self._ratio(f"training, {_in_words(size_name)}: × PyTorch", ours, torch, 1.0)
        for peer in peers:
            if "Keras" in peer.name:
                self._ratio(f"training, {_in_words(size_name)}: × {peer.name}", ours, peer, 2.5)

    def add_decoding(self, batch_size: int, results: list[Result]) -> None:
        """Add greedy decoding at one batch size: this project, PyTorch, then textbook Keras."""
        ours, torch, *textbooks = results
        self._add_decoder("Greedy decoding", "small", batch_size, 1, results)
        if batch_size > 64:
            return
        name = f"greedy decoding, {_how_many(batch_size)}"
        self._ratio(f"{name}: × {torch.name}", ours, torch, 1.5)
        for textbook in textbooks:
            self._ratio(f"{name}: × {textbook.name}", ours, textbook, 100)

    def add_beam(self, size_name: str, width: int, batch_size: int, results: list[Result]) -> None:
        """Add beam search at one batch size: this project, PyTorch."""
        self._add_decoder(f"Beam search of width {width}", size_name, batch_size, width, results)
        ours, torch = results
        if not workload.SIZES[size_name].attention:
            name = f"beam search of width {width}, {_how_many(batch_size)}: × {torch.name}"
            self._ratio(name, ours, torch, 1.0)

    def _add_decoder(
        self, what: str, size_name: str, batch_size: int, width: int, results: list[Result]
    ) -> None:
        size = workload.SIZES[size_name]
        if batch_size == 1:
            kind, work = _reading(size_name), size.bytes_per_translation() / 1e9
        else:
            kind = _product("float32")
            work = 2 * size.multiplications_per_translation(width) / 1e9
        title = f"{what}, {_how_many(batch_size)}: {size}, {workload.TARGET_LENGTH} time steps"
        head = ("contender", "sentences/s", "spread", "× PyTorch", "of the limit")
        self._rows(title, head, results, results[1], kind, work)

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
        title = "A large corpus: read, learn words, encode, batch"
        self._section(title, lambda: table(("", ""), *rows))
        speed, memory = got["speed"], got["gigabytes"]
        self._target("pairs read and batched a minute", "≥ 200,000", f"{speed:,.0f}", speed >= 2e5)
        self._target("memory for them", "≤ 1.5 GB", f"{memory:.2f} GB", memory <= 1.5)

    def add_streaming(self, pairs: int, size: int, got: dict) -> None:
        """Add the training on a corpus that stays on disk: `got` as of `streaming.train`."""
        rows = [
            (f"{name}, pairs/s", f"{pairs / max(1, seconds):,.0f}")
            for name, seconds in got["passes"].items()
        ]
        rows += [
            ("all passes, seconds", f"{sum(got['passes'].values()):,.0f}"),
            ("then updates a second, of 64 pairs", f"{got['updates'] / got['seconds']:.1f}"),
            ("peak memory, GB", f"{got['gigabytes']:.2f}"),
        ]
        title = f"{pairs:,} pairs, {size / 1e6:,.0f} MB of .tsv.gz: `s2s-keras train --stream`"
        self._section(title, lambda: table(("", ""), *rows))
        memory = got["gigabytes"]
        name = f"memory to train on {pairs:,} pairs from disk"
        self._target(name, "≤ 1.5 GB", f"{memory:.2f} GB", memory <= 1.5)

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
        title = f"Time to a score: chrF {score:.0f} on the course's dev split"
        self._section(title, lambda: table(head, *rows))

    def add_start(self, results: list[Result]) -> None:
        """Add start-up times: the command first, then what it cannot do without."""
        rows = [
            (result.name, f"{result.median('seconds'):.1f}", spread(result.values("seconds"), 1))
            for result in results
        ]
        self._section("Start-up", lambda: table(("command", "seconds", "spread"), *rows))
        seconds = results[0].median("seconds")
        self._target("first translation on the screen", "≤ 6 s", f"{seconds:.1f} s", seconds <= 6)

    def _rows(
        self,
        title: str,
        head: tuple[str, ...],
        results: list[Result],
        reference: Result,
        kind: str,
        work: float,
    ) -> None:
        """Add a table of speeds, whose share of a limit is that of the work for each unit."""
        for result in results:
            self.limits.reach(kind, work * result.median(), f"{result.name}: {title}")

        def row(result: Result) -> tuple[str, ...]:
            digits = 0 if result.median() >= 10 else 2
            return (
                result.name,
                f"{result.median():,.{digits}f}",
                spread(result.values(), digits),
                f"{result.ratio_to(reference):.2f}",
                self.limits.share(kind, work * result.median()),
            )

        self._section(title, lambda: table(head, *map(row, results)))

    def _section(self, title: str, body: Callable[[], str]) -> None:
        self.sections.append(lambda: f"## {title}\n\n{body()}")

    def _ratio(self, what: str, ours: Result, other: Result, asked: float) -> None:
        ratio = ours.ratio_to(other)
        digits = 0 if asked >= 10 else 2
        asked_in_words = f"≥ {asked:.0f}" if asked >= 10 else f"≥ {asked:.1f}"
        self._target(what, asked_in_words, f"{ratio:,.{digits}f}", ratio >= asked)

    def _target(self, what: str, asked: str, measured: str, met: bool) -> None:
        self.targets.append((what, asked, measured, "met" if met else "**missed**"))


def _product(dtype: str) -> str:
    return f"products of matrices, {dtype}"


def _reading(size_name: str) -> str:
    megabytes = 4 * workload.SIZES[size_name].weights_per_step() / 1e6
    return f"reading a time step's weights, {megabytes:.1f} MB"


def _all_products(dtype: str, results: list[Result]) -> str:
    """Return a table of every product that was measured: a row each, a column for each library."""
    head = (f"GFLOP/s, {dtype}", *(result.name for result in results))
    rows = [
        (name, *(f"{max(result.values(name)):,.0f}" for result in results))
        for name in results[0].rounds[0]
        if name != "speed"
    ]
    return table(head, *rows)


def _how_many(batch_size: int) -> str:
    return "one sentence at a time" if batch_size == 1 else f"{batch_size} sentences at once"


def _in_words(size_name: str) -> str:
    names = {"attention": "dot attention and a bidirectional encoder"}
    return names.get(size_name, size_name)
