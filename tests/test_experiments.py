"""Experiments of many minutes: what is compared is comparable, and the tables can be read."""

from types import SimpleNamespace

import pandas as pd
import pytest
from tqdm import tqdm

from benchmarks.experiments import comparison, ensembles, report
from benchmarks.experiments.__main__ import RUNS, write
from benchmarks.experiments.comparison import (
    EXPERIMENTS,
    Experiment,
    equal_units,
    of_common_words,
    parameters,
    run,
)
from s2s_keras import corpora, experiments
from s2s_keras.corpora import ParallelCorpus, Splits

COMMON = {"units": 8, "embedding": 8, "epochs": 1, "attention": "none", "bidirectional": False}
TINY = Experiment(
    {"one vector": {}, "dot attention": {"attention": "dot"}},
    COMMON,
    rates=(0.01, 1e-9),
    seeds=(1, 2),
)


pytestmark = pytest.mark.usefixtures("eagerly")  # many models, a few batches each


@pytest.fixture
def few(monkeypatch):
    """A few pairs of the course in the place of all."""
    train, dev, test = corpora.load("course").split()
    splits = Splits(train[::300], dev[::40], test[::60])
    monkeypatch.setattr(
        comparison.corpora, "load", lambda name: SimpleNamespace(split=lambda: splits)
    )
    return splits


def test_every_model_is_trained_with_every_seed_at_its_own_best_rate(few):
    with tqdm(disable=True) as progress:
        table = pd.DataFrame(run(TINY, progress))
    runs = table[["model", "seed", "rate"]].drop_duplicates()
    assert runs.groupby("model").seed.apply(list).to_dict() == dict.fromkeys(TINY.models, [1, 2])
    assert set(runs.rate) <= set(TINY.rates)
    assert (runs.groupby("model").rate.nunique() == 1).all()
    parts = table[(table.model == "one vector") & (table.seed == 1)].set_index("part").sentences
    test = of_common_words(few).test
    assert parts["all"] == len(test.references())
    assert parts[[*{*test.kinds}]].sum() == parts["all"]
    assert parts[parts.index.str.contains(r"\d")].sum() == parts["all"]
    assert (table.perplexity > 1).all()


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_models_of_an_experiment_are_of_equal_size(name):
    experiment = EXPERIMENTS[name]
    every = [{**experiment.common, **own} for own in experiment.models.values()]
    sizes = [parameters({**one, "units": equal_units(experiment, one)}) for one in every]
    assert max(sizes) <= 1.02 * min(sizes)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_table_has_every_model_and_seed_of_its_experiment(name):
    table, experiment = experiments.table(name), EXPERIMENTS[name]
    runs = table.groupby("model", sort=False).seed.unique().apply(list).to_dict()
    assert runs == {model: [*experiment.seeds] for model in experiment.models}
    assert set(table.rate) <= set(experiment.rates)
    assert table.chrF.between(0, 100).all()
    assert not table.duplicated(["model", "seed", "part"]).any()
    assert table.groupby("part").size().nunique() == 1  # no part is missing for a model


def test_only_pairs_of_common_words_are_kept(monkeypatch):
    def corpus(*rows: tuple[str, str, str]) -> ParallelCorpus:
        return ParallelCorpus.from_pairs(rows, "animals")

    dogs = [("A dog runs.", "कुत्ता दौड़ता है।", "seen"), ("The dog runs.", "कुत्ता दौड़ता है।", "seen")]
    train = corpus(*dogs, ("A dog runs.", "एक कुत्ता दौड़ता है।", "seen"), ("A cat.", "बिल्ली।", "seen"))
    dev = corpus(
        ("Dog!", "कुत्ता!", "seen"), ("A dog.", "कुत्ता।", "natural"), ("Dog.", "कुत्ता।", "pattern")
    )
    monkeypatch.setattr(comparison, "COMMONEST", 4)  # the full stop, a, dog, runs
    kept = of_common_words(Splits(train, dev, dev))
    assert kept.train.source == ("A dog runs.", "A dog runs.")
    assert kept.dev.source == ("Dog.",) and kept.dev.kinds == ("pattern",)


def test_ensembles_are_scored_with_every_beam(few, monkeypatch):
    small = {"SEEDS": (1, 2), "BEAMS": (1, 2), "OPTIONS": {**COMMON, "reverse_source": True}}
    for name, value in small.items():
        monkeypatch.setattr(ensembles, name, value)
    with tqdm(disable=True) as progress:
        table = pd.DataFrame(ensembles.run(progress))
    assert table.groupby("model").size().to_dict() == {
        "1 together, beam of 1": 2,
        "1 together, beam of 2": 2,
        "2 together, beam of 1": 1,
        "2 together, beam of 2": 1,
    }
    by_size = table.groupby(table.model.str[0]).parameters.unique().apply(list)
    assert by_size["2"] == [2 * by_size["1"][0]]


def test_the_courses_translator_is_scored_alone_and_with_others(few, monkeypatch):
    monkeypatch.setattr(ensembles, "COURSE_OPTIONS", COMMON)
    with tqdm(disable=True) as progress:
        table = pd.DataFrame(ensembles.run_course(progress))
    everything = table[table.part == "all"]
    assert everything.groupby("model").seed.apply(list).to_dict() == {
        "one, beam of 1": [0, 1, 2], "three together, beam of 1": [0],
        "one, beam of 5": [0, 1, 2], "three together, beam of 5": [0],
    }  # fmt: skip
    assert everything.parameters.max() == 3 * everything.parameters.min()


def test_an_unfinished_table_takes_no_place(tmp_path):
    path = tmp_path / "one.csv"
    write(iter([{"model": "a", "chrF": 1.234}]), path)

    def rows():
        yield {"model": "b", "chrF": 2}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(rows(), path)
    assert path.read_text() == "model,chrF\na,1.23\n"
    assert (tmp_path / "one.part.csv").read_text() == "model,chrF\nb,2\n"


def test_the_readme_shows_what_was_measured_and_nothing_else():
    readme = report.README.read_text(encoding="utf-8")
    assert f"{report.BEGIN}\n\n{report.report()}\n\n{report.END}" in readme
    assert report.TITLES.keys() == RUNS.keys()


def test_the_report_gives_means_and_spreads():
    rows = [
        {"model": "a", "seed": seed, "parameters": 1_234_567, "minutes": 1.0, "perplexity": 2.5,
         "part": part, "BLEU": bleu, "chrF": bleu + 10}
        for seed, bleu in ((1, 30.0), (2, 32.0)) for part in ("all", "seen")
    ]  # fmt: skip
    [row] = report.rows(pd.DataFrame(rows))
    assert row == "| a | 1,235,000 | 1.00 | 2.50 ± 0.00 | 31.0 ± 1.4 | 41.0 ± 1.4 | 41.0 |  |  |"


def test_the_report_is_put_between_its_marks(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    report.write(path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    report.write(path)
    assert path.read_text(encoding="utf-8") == text


def test_an_unknown_table_is_told():
    with pytest.raises(FileNotFoundError, match="nothing"):
        experiments.table("nothing")
