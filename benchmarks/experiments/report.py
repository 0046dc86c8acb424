"""The results that README.md shows, from the tables and the cards: `make results` writes them."""

import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

import pandas as pd

from . import table

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- results: made by `make results` -->", "<!-- end of results -->"
KINDS = ("seen", "pattern", "pairing")
SHIPPED = ("course-attention", "course-lstm")
TITLES: Mapping[str, str] = {
    "depth": "depth and direction, without attention (notebook 09)",
    "ensembles": "together, and with a beam (notebooks 09 and 10)",
    "course_together": "`course-attention` with three seeds, on all of `course`",
    "attention": "attention (notebook 11)",
    "real_text": "Tatoeba, rung by rung (notebook 12)",
    "what_came_after": "what came after, at equal size and time (notebook 14)",
}


PARTS = {
    "grammar's sentences": "`seen`, `pattern`, `pairing`",
    "`natural`": "`natural`",
    "15 words and more": r"15\+ words",
    "challenge": "challenge",
}


def report() -> str:
    """Return all results as Markdown tables, without a heading."""
    return "\n\n".join([_shipped(), _experiments()])


def _shipped() -> str:
    lines = ["| translator | weights | minutes | " + " | ".join(PARTS) + " |", "|---" * 7 + "|"]
    for name in SHIPPED:
        card = resources.files("s2s_keras.data") / "models" / name / "README.md"
        text = card.read_text(encoding="utf-8")
        weights = re.search(r"\| weights \| ([\d,]+\d)", text)[1]
        minutes = re.search(r"\| training \| ([\d.]+) minutes", text)[1]
        rows = [rf"(?m)^\| {part} \| \d+ \| ([\d.]+) \| ([\d.]+) \|" for part in PARTS.values()]
        scores = [" / ".join(re.search(row, text).groups()) for row in rows]
        link = f"[{name}](data/models/{name}/README.md)"
        lines.append(f"| {link} | {weights} | {minutes} | {' | '.join(scores)} |")
    return "\n".join(lines)


def _experiments() -> str:
    head = "| experiment | weights | minutes | perplexity | BLEU | chrF | " + " | ".join(KINDS)
    lines = [head + " |", "|---" * (6 + len(KINDS)) + "|"]
    for name, title in TITLES.items():
        lines += [f"| **{title}** |" + " |" * (5 + len(KINDS)), *rows(table(name))]
    return "\n".join(lines)


def rows(measured: pd.DataFrame) -> Iterator[str]:
    """Yield a row a model: the mean and the standard deviation over its seeds."""
    for model, runs in measured.groupby("model", sort=False):
        every = runs[runs.part == "all"]
        cells = [
            f"{round(every.parameters.mean(), -3):,.0f}",
            _mean(every.get("minutes"), spread=False),
        ]
        cells += [_mean(every.get(name)) for name in ("perplexity", "BLEU", "chrF")]
        cells += [_mean(runs[runs.part == kind].chrF, spread=False) for kind in KINDS]
        yield f"| {model} | {' | '.join(cells)} |"


def _mean(values: pd.Series | None, spread: bool = True) -> str:
    values = pd.Series(values).dropna()
    if not len(values):
        return ""
    digits = 2 if values.mean() < 10 else 1
    deviation = f" ± {values.std():.{digits}f}" if spread and len(values) > 1 else ""
    return f"{values.mean():.{digits}f}{deviation}"


def write(readme: Path = README) -> None:
    """Put the results between their two marks in README.md."""
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(
        f"{before}{BEGIN}\n\n{report()}\n\n{END}{after}", encoding="utf-8", newline="\n"
    )


if __name__ == "__main__":
    write()
