"""Train the translators that come with the package, and write their cards: `make models`.

`python -m data.models course-lstm` trains one of them; with `--cards`, nothing is trained, and the
cards are written anew with scores measured anew.
"""

import argparse
import dataclasses
import platform
import shlex
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from s2s_keras import corpora, evaluation
from s2s_keras.cli import main as s2s_keras
from s2s_keras.translator import Translator

FOLDER = Path(__file__).parent
KINDS = ("seen", "pattern", "pairing", "natural")
OLD_KINDS = "`seen`, `pattern`, `pairing`"


@dataclass(frozen=True)
class Recipe:
    """How a translator that has a name is trained."""

    name: str
    description: str
    flags: str


RECIPES = (
    Recipe(
        "course-attention",
        "A bidirectional LSTM encoder of 256 units and a decoder with dot attention, trained on "
        "`course`: the default of `s2s-keras translate` and `evaluate`.",
        "--epochs 5 --dropout 0.2",
    ),
    Recipe(
        "course-lstm",
        "An LSTM encoder and an LSTM decoder of 256 units each, without attention, trained on "
        "`course`: all that the decoder knows of a sentence is one vector, and long ones suffer.",
        "--epochs 10 --attention none --no-bidirectional",
    ),
)
LIMITS = """It has seen sentences of at most 35 words of everyday talk, in one register, and speaks
as a man where English does not tell. It is a model to learn from, not one to rely on: the rows
`natural` and `challenge` are what to expect of sentences of your own whose words it knows, and
others come out far worse.

`seen`, `pattern`, `pairing` and `natural` are kinds of test sentences, which the card of the data
explains (data/README.md); the lengths are English words, of all kinds but `natural`. `challenge`
is `course-challenge`."""


def make(recipe: Recipe, folder: Path = FOLDER) -> None:
    """Train a translator by its recipe; write it with half the bits, and its card."""
    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        flags = ["train", *shlex.split(recipe.flags), "--out", f"{scratch}/{recipe.name}"]
        if s2s_keras(flags):
            raise SystemExit(f"{recipe.name}: the training ended early")
        minutes = (time.perf_counter() - start) / 60
        whole = Translator.load(f"{scratch}/{recipe.name}")
    full = scores_of(whole)[OLD_KINDS]
    processor, weights = platform.processor() or platform.machine(), whole.training_model
    whole.about = whole.about.telling(
        **{"trained by": f"`s2s-keras train {recipe.flags} --out {recipe.name}`"},
        training=f"{minutes:.1f} minutes on two cores of {processor}",
        weights=f"{weights.count_params():,}, of 16 bits each; with 32 bits the first row of "
        f"scores is {full.bleu:.1f}, {full.chrf:.1f}",
    )
    whole.save(folder / recipe.name, half=True)
    describe(recipe, folder)


def describe(recipe: Recipe, folder: Path = FOLDER) -> None:
    """Score a translator that was made, and write its card anew."""
    made = Translator.load(folder / recipe.name)
    made.about = dataclasses.replace(
        made.about.telling(licence="CC0 1.0"),
        name=recipe.name,
        description=recipe.description,
        scores=scores_of(made),
        limits=LIMITS,
    )
    made.save_card(folder / recipe.name)


def scores_of(trained: Translator) -> dict[str, evaluation.Scores]:
    """Score a translator by kind and length on the test split of `course`, and on the challenge."""
    test, challenge = corpora.load("course").split().test, corpora.load("course-challenge")
    several = test.references() | challenge.references()
    translated = dict(zip(several, trained.translate([*several]), strict=True))
    kinds = {kind: [*test.of_kind(kind).references()] for kind in KINDS}
    old = [source for kind in KINDS if kind != "natural" for source in kinds[kind]]
    parts = {OLD_KINDS: old} | {f"`{kind}`": sources for kind, sources in kinds.items()}
    by_length = evaluation.score_by_length(
        old, [translated[s] for s in old], [several[s] for s in old]
    )
    return {
        **evaluation.score_parts(parts, translated, several),
        **{f"{band} words": scores for band, scores in by_length.items()},
        **evaluation.score_parts({"challenge": [*challenge.references()]}, translated, several),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m data.models", description=__doc__)
    parser.add_argument("name", nargs="*", help=", ".join(recipe.name for recipe in RECIPES))
    parser.add_argument("--cards", action="store_true", help="write the cards only")
    options = parser.parse_args()
    chosen = options.name
    if unknown := sorted({*chosen} - {recipe.name for recipe in RECIPES}):
        parser.error(f"no recipe for {unknown[0]}")
    for recipe in RECIPES:
        if not chosen or recipe.name in chosen:
            (describe if options.cards else make)(recipe)
