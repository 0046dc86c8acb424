"""What share of a limit a contender reaches; a limit that somebody exceeds is none."""

from typing import NamedTuple

from .contest import Result


class Limit(NamedTuple):
    """The highest rate that anything reached, and what reached it."""

    rate: float
    by: str


class Limits:
    """Collects rates of several kinds: those measured as limits, and those of the contenders.

    The limit of a kind is the highest of both, so that no share is ever more than the whole.
    """

    def __init__(self):
        """Begin with no limits."""
        self._limits: dict[str, Limit] = {}
        self._reached: dict[str, Limit] = {}

    def measure(self, kind: str, results: list[Result]) -> None:
        """Take the fastest of what the libraries' rounds gave, by name, for a kind's limit."""
        self._limits[kind] = max(
            Limit(rate, f"{result.name}, {name}")
            for result in results
            for measured in result.rounds
            for name, rate in measured.items()
            if name != "speed"
        )

    def reach(self, kind: str, rate: float, by: str) -> None:
        """Note what a contender reached."""
        self._reached[kind] = max(self._reached.get(kind, Limit(0, "")), Limit(rate, by))

    def of(self, kind: str) -> Limit | None:
        """Return the limit of a kind, None where none was measured."""
        if kind not in self._limits:
            return None
        return max(self._limits[kind], self._reached.get(kind, Limit(0, "")))

    def share(self, kind: str, rate: float) -> str:
        """Return the share of a limit that a rate is, in per cent; nothing where none is known."""
        limit = self.of(kind)
        return f"{rate / limit.rate:.0%}" if limit else ""
