"""Markdown, and how numbers are written."""


def table(head: tuple[str, ...], *rows: tuple[str, ...]) -> str:
    """Return a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def spread(values: list[float], digits: int) -> str:
    """Return the lowest and the highest of some values."""
    return f"{min(values):,.{digits}f}–{max(values):,.{digits}f}"
