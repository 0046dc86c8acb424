"""Train the translators that come with the package, and write their cards: `make models`.

`python -m data.models course-lstm` trains one of them.
"""

import argparse
import platform
import shlex
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import keras
import tensorflow as tf

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
CARD = """# {name}

{description}

| | |
|---|---|
| data | `course`, training split: {pairs:,} pairs (CC0, [data card](../../README.md)) |
| command | `{command}` |
| training | {minutes:.1f} minutes on two cores of {processor} |
| weights | {weights:,}, of 16 bits each; with 32 bits the first row below is {full} |
| made with | {versions} |
| licence | CC0 1.0 |

## Scores

Greedy decoding; sacreBLEU, `{bleu_signature}` and `{chrf_signature}`.

| sentences | number | BLEU | chrF |
|---|---|---|---|
{scores}

`seen`, `pattern`, `pairing` and `natural` are kinds of test sentences, see the data card; the
lengths are English words, of all kinds but `natural`. `challenge` is `course-challenge`.

## What it cannot do

It knows the {source_words:,} English and {target_words:,} Hindi words of everyday talk in its
training data; any other word is lost, names too. It has seen one sentence at a time of at most 35
words, in one register, and speaks as a man where English does not tell. It is a model to learn
from, not one to rely on: the `natural` and `challenge` rows above are what to expect of sentences
of your own.
"""


def make(recipe: Recipe, folder: Path = FOLDER) -> None:
    """Train a translator by its recipe; write it with half the bits, and its card."""
    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        flags = ["train", *shlex.split(recipe.flags), "--out", f"{scratch}/{recipe.name}"]
        if s2s_keras(flags):
            raise SystemExit(f"{recipe.name}: the training ended early")
        minutes = (time.perf_counter() - start) / 60
        whole = Translator.load(f"{scratch}/{recipe.name}")
    card = folder / recipe.name / "README.md"
    card.unlink(missing_ok=True)  # a translator replaces another one only in a folder of its own
    whole.save(card.parent, half=True)
    half = Translator.load(card.parent)
    text = describe(recipe, half, scores_of(whole)[OLD_KINDS], minutes)
    card.write_text(text, encoding="utf-8", newline="\n")


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


def describe(recipe: Recipe, trained: Translator, full: evaluation.Scores, minutes: float) -> str:
    """Fill in the card of a translator that was trained."""
    scores = scores_of(trained)
    rows = [
        f"| {name} | {s.sentences} | {s.bleu:.1f} | {s.chrf:.1f} |" for name, s in scores.items()
    ]
    return CARD.format(
        name=recipe.name,
        description=recipe.description,
        pairs=len(corpora.load("course").split().train),
        command=f"s2s-keras train {recipe.flags} --out {recipe.name}",
        minutes=minutes,
        processor=platform.processor() or platform.machine(),
        weights=trained.training_model.count_params(),
        full=f"{full.bleu:.1f}, {full.chrf:.1f}",
        versions=f"Keras {keras.__version__}, TensorFlow {tf.__version__}",
        bleu_signature=scores["`natural`"].bleu_signature,
        chrf_signature=scores["`natural`"].chrf_signature,
        scores="\n".join(rows),
        source_words=trained.source_tokenizer.vocabulary_size,
        target_words=trained.target_tokenizer.vocabulary_size,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m data.models", description=__doc__)
    parser.add_argument("name", nargs="*", help=", ".join(recipe.name for recipe in RECIPES))
    chosen = parser.parse_args().name
    if unknown := sorted({*chosen} - {recipe.name for recipe in RECIPES}):
        parser.error(f"no recipe for {unknown[0]}")
    for recipe in RECIPES:
        if not chosen or recipe.name in chosen:
            make(recipe)
