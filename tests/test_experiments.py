"""Experiments of many minutes: what is compared is comparable, and the tables can be read."""

from types import SimpleNamespace

import pandas as pd
import pytest
from tqdm import tqdm

from benchmarks.experiments import __main__ as running
from benchmarks.experiments.__main__ import EXPERIMENTS, Experiment, equal_units, parameters, run
from s2s_keras import corpora, experiments
from s2s_keras.corpora import Splits

COMMON = {"units": 8, "embedding": 8, "epochs": 1, "attention": "none", "bidirectional": False}
TINY = Experiment(
    {"one vector": {}, "dot attention": {"attention": "dot"}},
    COMMON,
    rates=(0.01, 1e-9),
    seeds=(1, 2),
)


@pytest.fixture
def few(monkeypatch):
    """A few pairs of the course in the place of all."""
    train, dev, test = corpora.load("course").split()
    splits = Splits(train[::300], dev[::200], test[::60])
    monkeypatch.setattr(running.corpora, "load", lambda name: SimpleNamespace(split=lambda: splits))
    return splits


def test_every_model_is_trained_with_every_seed_at_its_own_best_rate(few):
    with tqdm(disable=True) as progress:
        table = pd.DataFrame(run(TINY, progress))
    runs = table[["model", "seed", "rate"]].drop_duplicates()
    assert runs.groupby("model").seed.apply(list).to_dict() == dict.fromkeys(TINY.models, [1, 2])
    assert set(runs.rate) <= set(TINY.rates)
    assert (runs.groupby("model").rate.nunique() == 1).all()
    parts = table[(table.model == "one vector") & (table.seed == 1)].set_index("part").sentences
    assert parts["all"] == len(few.test.references())
    assert parts[[*{*few.test.kinds}]].sum() == parts["all"]
    assert parts[parts.index.str.contains(r"\d")].sum() == parts["all"] - parts["natural"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_models_of_an_experiment_are_of_equal_size(name):
    experiment = EXPERIMENTS[name]
    every = [{**experiment.common, **own} for own in experiment.models.values()]
    sizes = [parameters({**one, "units": equal_units(experiment, one)}) for one in every]
    assert max(sizes) <= 1.01 * min(sizes)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_table_has_every_model_and_seed_of_its_experiment(name):
    table, experiment = experiments.table(name), EXPERIMENTS[name]
    runs = table.groupby("model", sort=False).seed.unique().apply(list).to_dict()
    assert runs == {model: [*experiment.seeds] for model in experiment.models}
    assert set(table.rate) <= set(experiment.rates)
    assert table.chrF.between(0, 100).all()
    assert not table.duplicated(["model", "seed", "part"]).any()
    assert table.groupby("part").size().nunique() == 1  # no part is missing for a model


def test_an_unknown_table_is_told():
    with pytest.raises(FileNotFoundError, match="nothing"):
        experiments.table("nothing")
