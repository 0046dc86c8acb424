"""Train the models of an experiment, score them, and write the table: `make experiments`."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from . import comparison, ensembles, real_text, what_came_after

HERE = Path(__file__).parent
# Each yields the rows of its table, and tells a progress bar how far it is.
RUNS: Mapping[str, Callable[[tqdm], Iterator[dict]]] = {
    **{name: partial(comparison.run, one) for name, one in comparison.EXPERIMENTS.items()},
    "ensembles": ensembles.run,
    "course_together": ensembles.run_course,
    "real_text": real_text.run,
    "what_came_after": what_came_after.run,
}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m s2s_keras.experiments", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(RUNS)}; all by default")
    parser.add_argument("--to", type=Path, default=HERE, help="folder for the tables")
    arguments = parser.parse_args()
    if unknown := {*arguments.names} - {*RUNS}:
        parser.error(f"no experiment {min(unknown)!r}: give names of {', '.join(RUNS)}")
    for name in arguments.names or RUNS:
        with tqdm(unit="model") as progress:
            write(RUNS[name](progress), arguments.to / f"{name}.csv")


def write(rows: Iterator[dict], path: Path) -> None:
    """Write a table row by row, aside; one that is whole takes the place of an earlier one."""
    unfinished, kept = path.with_suffix(".part.csv"), []
    for row in rows:
        kept.append(row)
        digits = {"minutes": 3, "perplexity": 3, "BLEU": 2, "chrF": 2}
        pd.DataFrame(kept).round(digits).to_csv(unfinished, index=False)
    unfinished.replace(path)


if __name__ == "__main__":
    main()
