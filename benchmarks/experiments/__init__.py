"""What experiments of many minutes measured: one table each, which the notebooks draw.

`python -m s2s_keras.experiments NAME` makes a table again; NAME.csv lies beside this file.
"""

from importlib import resources

import pandas as pd


def table(name: str) -> pd.DataFrame:
    """Return what an experiment measured, a row for each trained model and part of the test split.

    Args:
        name: of the experiment, such as "attention".

    Returns:
        The columns `model`, `seed`, `rate` (of learning), `parameters`, `minutes` (of training),
        `part` (a kind or a length band of the test sentences, or "all"), `sentences`, `BLEU` and
        `chrF`; some tables also have `perplexity` (on dev), `updates` or `units`.

    Raises:
        FileNotFoundError: there is no such experiment.
    """
    with resources.as_file(resources.files(__package__) / f"{name}.csv") as path:
        return pd.read_csv(path)
