"""Rows that cannot be used: what is wrong with each, and how many of them a file may have."""

from collections import Counter
from dataclasses import dataclass, field

from ..errors import InputError

MOST_TOLD = 5  # as many of the skipped rows are told one by one


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used; it keeps its place, so that aligned lines stay aligned.

    Attributes:
        place: Its file and line, such as "pairs.tsv:12".
        problem: What is wrong with it; what stands in brackets differs from row to row.
        remedy: What to do about it.
    """

    place: str
    problem: str
    remedy: str

    @property
    def reason(self) -> str:
        """What rows with the same problem are counted under."""
        return self.problem.split(" (")[0]

    @property
    def message(self) -> str:
        """The whole of it in one line."""
        return f"{self.place}: {self.problem}; {self.remedy}"


@dataclass
class Report:
    """What there is to tell of a corpus that was read.

    Attributes:
        strict: Whether the first bad row ends the reading.
        skipped: How many rows were skipped, by reason.
        skipped_rows: The first few of them, each as `file:line: problem`.
        read_as: Which columns were read, where that is not plain; empty where it is.
    """

    strict: bool = False
    skipped: Counter[str] = field(default_factory=Counter)
    skipped_rows: list[str] = field(default_factory=list)
    read_as: str = ""
    first_bad: BadRow | None = None  # of the file that is being read

    def skip(self, row: BadRow) -> None:
        """Count a row that cannot be used; raise InputError instead where reading is strict."""
        if self.strict:
            raise InputError(row.message)
        self.skipped[row.reason] += 1
        self.first_bad = self.first_bad or row
        if len(self.skipped_rows) < MOST_TOLD:
            self.skipped_rows.append(f"{row.place}: {row.problem}")

    def end_of_file(self, good: int, bad: int) -> None:
        """Raise InputError if more than half of a file is bad: it is not what it looks like."""
        first, self.first_bad = self.first_bad, None
        if first and bad > good:
            raise InputError(
                f"{first.place}: {first.problem}, and {bad:,} of {good + bad:,} rows cannot be "
                f"used; {first.remedy}"
            )
