"""The card of a translator, README.md in its folder: what it is, its data, call and scores."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import keras
import pandas as pd
import tensorflow as tf

from .. import __version__
from ..corpora import Corpus, Splits
from ..errors import one_line
from ..evaluation import Scores
from ..models import Seq2SeqConfig

USE = """`s2s-keras translate --model FOLDER "How are you?"` translates with this folder; so does
`s2s_keras.translator.Translator.load(FOLDER).translate(["How are you?"])` in Python."""
NO_SCORES = """None yet: `s2s-keras evaluate --model FOLDER --to-card` measures some and writes them
here."""
UNKNOWN = {
    "word": "It knows {source:,} words and marks of the source language and {target:,} of the "
    "target language; any other word is lost, names too.",
    "char": "It spells words by their characters. A word that it never met, it can only guess.",
    "subword": "It builds words from pieces. A word that it never met, it can only guess.",
}
CARD = """# {name}

{description}

{facts}

## Use

{use}

## Scores

{scores}

## What it cannot do

{unknown}
It translates one sentence at a time, and nothing in a translation tells whether it is right: score
it on sentences of your own kind before you rely on it.{limits}
"""


@dataclass(frozen=True)
class About:
    """What the card of a translator tells and the model itself does not; all of it is Markdown.

    Attributes:
        name: of the translator; empty where it has none.
        description: what it is, in a sentence.
        facts: rows of a table, such as "data" and "trained by".
        scores: by what was translated, such as "`course`, test".
        limits: what else it cannot do.
    """

    name: str = ""
    description: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, Scores] = field(default_factory=dict)
    limits: str = ""

    @classmethod
    def read(cls, saved: Mapping) -> "About":
        """Return what `asdict` made a mapping of, and JSON has kept.

        Raises:
            ValueError, TypeError, LookupError: it is something else.
        """
        about = cls(**saved)
        scores = {
            one_line(what): Scores(
                float(told["bleu"]),
                float(told["chrf"]),
                one_line(told["bleu_signature"]),
                one_line(told["chrf_signature"]),
                int(told["sentences"]),
            )
            for what, told in about.scores.items()
        }
        facts = {one_line(fact): one_line(told) for fact, told in about.facts.items()}
        return cls(str(about.name), str(about.description), facts, scores, str(about.limits))

    def telling(self, **facts: str) -> "About":
        """Return what also tells these facts."""
        return replace(self, facts={**self.facts, **facts})

    def card(self, config: Seq2SeqConfig, tokens: str, weights: int, use: str = USE) -> str:
        """Return the card as Markdown; the same translator has the same card.

        Args:
            config: of the model.
            tokens: the kind of its tokenizers.
            weights: how many numbers it has.
            use: how it is used.
        """
        facts = {"data": "not known", "trained by": "not known", "weights": f"{weights:,}"}
        limits = f"\n\n{self.limits}" if self.limits else ""
        return CARD.format(
            name=self.name or "A translator",
            description=self.description or _described(config, tokens),
            facts=_table([("", ""), *(facts | dict(self.facts)).items()]),
            use=use,
            scores=_scores(self.scores),
            unknown=UNKNOWN[tokens].format(
                source=config.source_vocabulary, target=config.target_vocabulary
            ),
            limits=limits,
        )


def versions() -> dict[str, str]:
    """Return the versions that decide what a training computes."""
    return {
        "s2s-keras": __version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
    }


def about_training(
    train: Callable, corpus: Corpus, splits: Splits, before: About | None, asked: Mapping
) -> About:
    """Return what there is to tell of a training before it begins.

    Args:
        train: what is called; arguments that are its defaults are not told.
        corpus: that is trained on.
        splits: of it.
        before: of the translator that is trained further, if it is one.
        asked: the arguments by name, where `train` has several.
    """
    parameters = inspect.signature(train).parameters
    usual = {name: parameter.default for name, parameter in parameters.items()}
    given = {
        name: value.name if isinstance(value, Corpus) else value
        for name, value in asked.items()
        if name not in usual or value != usual[name]
    }
    # The name of a file may hold bytes that are not UTF-8, and the card is UTF-8.
    corpus_name = corpus.name.encode(errors="replace").decode()
    call = ", ".join([corpus_name, *(f"{name}={value!r}" for name, value in given.items())])
    data = f"`{corpus_name}`: {len(splits.train):,} pairs to learn from"
    data += f", {len(splits.dev):,} to choose the epoch by" if len(splits.dev) else ""
    facts = {"data": data, "licence of the data": corpus.licence, "trained by": f"`train({call})`"}
    if before is not None:
        earlier = [before.facts[name] for name in facts if name in before.facts]
        facts["before that"] = ", ".join(earlier) or "not known"
    named = {"s2s-keras": "s2s-keras", "keras": "Keras", "tensorflow": "TensorFlow"}
    used = versions()
    facts["made with"] = ", ".join(f"{named[name]} {version}" for name, version in used.items())
    return About(facts=facts)


def best_epoch(history: pd.DataFrame, sentences: int) -> dict[str, str]:
    """Return the fact which epoch was kept and why, where the sentences of a dev split tell it."""
    if "val_chrf" not in history or history.val_chrf.isna().all():
        return {}
    row = history.loc[history.val_chrf.idxmax()]
    told = f"number {row.epoch:.0f} of {len(history)}, with a chrF of {row.val_chrf:.1f} on"
    return {"best epoch": f"{told} {sentences:,} sentences that chose it"}


def _described(config: Seq2SeqConfig, tokens: str) -> str:
    cell = {"rnn": "simple RNN"}.get(config.cell, config.cell.upper())
    ways = "reads in both directions" if config.bidirectional else "reads in one direction"
    looks = "no attention" if config.attention == "none" else f"{config.attention} attention"
    layers = "a layer" if config.layers == 1 else f"{config.layers} layers"
    return (
        f"{'An' if cell == 'LSTM' else 'A'} {cell} encoder that {ways} and a decoder with {looks}, "
        f"{layers} of {config.units} units each; its tokens are {tokens}s."
    )


def _table(rows: list[tuple]) -> str:
    cells = [[one_line(str(cell)).replace("|", r"\|") for cell in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0].replace("  ", " "), "|---" * len(rows[0]) + "|", *lines[1:]])


def _scores(scores: Mapping[str, Scores]) -> str:
    if not scores:
        return NO_SCORES
    signatures = {f"`{s.bleu_signature}`": None for s in scores.values()}
    signatures |= {f"`{s.chrf_signature}`": None for s in scores.values()}
    rows = [(what, s.sentences, f"{s.bleu:.1f}", f"{s.chrf:.1f}") for what, s in scores.items()]
    table = _table([("sentences", "number", "BLEU", "chrF"), *rows])
    how = f"Greedy where no beam is named; by sacreBLEU, {', '.join(signatures)}."
    return f"{table}\n\n{how}"
