"""Tatoeba, rung by rung: from a network that has seen nothing else to one that was taught before.

Tatoeba is downloaded once (CC BY 2.0 FR). All rungs are scored on the same sentences: the held-out
ones that `course-attention` was not trained on.
"""

import time
from collections.abc import Callable, Iterator, Mapping

from tqdm import tqdm

from s2s_keras import corpora, evaluation
from s2s_keras.corpora import ParallelCorpus
from s2s_keras.text import UNK
from s2s_keras.translator import Translator, train

from .comparison import at_best_rate

COURSE = "course-attention"
SEEDS = (1, 2, 3)
BATCH = {"batch_size": 32}
SMALL = {**BATCH, "units": 192, "embedding": 192, "epochs": 30, "dropout": 0.3}
PLAIN = {"attention": "none", "bidirectional": False}
# Each rung with the rates that are tried for it with the first seed.
RUNGS: Mapping[str, tuple[dict, tuple[float, ...]]] = {
    "LSTM": ({**SMALL, **PLAIN}, (0.004, 0.002)),
    "LSTM, attention": (SMALL, (0.004, 0.002)),
    "LSTM, attention, subwords": (
        {**SMALL, "tokenizer": "subword", "vocabulary_size": 1500},
        (0.004, 0.002),
    ),
    "course, trained further": ({**BATCH, "init_from": COURSE, "epochs": 10}, (0.002, 0.001)),
}
TOGETHER, BEAM = "three trained further, beam of 5", 5


def run(progress: tqdm) -> Iterator[dict]:
    """Train every rung with every seed at its own best rate, and yield the rows of the table.

    Raises:
        InputError: Tatoeba is not there, and cannot be downloaded.
    """
    progress.reset(2 + sum(len(rates) + len(SEEDS) - 1 for _, rates in RUNGS.values()))
    tatoeba = corpora.load("tatoeba")
    known = Translator.load(COURSE)
    test = tatoeba.split().test.unseen_in(known.trained_on)
    yield from _rows({"model": "course as it is", "seed": known.seed}, known, test)
    progress.update()
    last = []
    for name, (options, rates) in RUNGS.items():

        def trained(rate: float, seed: int, name=name, options=options) -> tuple:
            progress.set_description(f"{name}, rate {rate:g}, seed {seed}")
            made = _trained(tatoeba, options, rate, seed)
            progress.update()
            return made

        last = [*at_best_rate(trained, rates, SEEDS, lambda run: run[1]["chrF on dev"])]
        for made, head in last:
            told = {k: v for k, v in head.items() if k != "chrF on dev"}
            yield from _rows({"model": name, **told}, made, test)
    together = Translator.ensemble([made for made, _ in last])
    minutes = sum(head["minutes"] for _, head in last)
    head = {"model": TOGETHER, "seed": SEEDS[0], "rate": last[0][1]["rate"], "minutes": minutes}
    yield from _rows(head, together, test, beam_width=BEAM)
    progress.update()


def _trained(corpus: ParallelCorpus, options: dict, rate: float, seed: int) -> tuple:
    """Return a translator, and what is told of its training."""
    if "init_from" in options:
        options = {**options, "init_from": Translator.load(options["init_from"])}
    # The split hangs on the seed, and must be the same for all.
    splits = corpus.split()
    start = time.perf_counter()
    made, history = train(
        splits.train, dev=splits.dev, test=splits.test, learning_rate=rate, seed=seed,
        progress=False, **options,
    )  # fmt: skip
    best = history.loc[history.val_chrf.idxmax()]
    head = {"seed": seed, "rate": rate, "minutes": (time.perf_counter() - start) / 60}
    return made, head | {"perplexity": best.val_perplexity, "chrF on dev": best.val_chrf}


def _rows(head: dict, made: Translator, test: ParallelCorpus, **search) -> Iterator[dict]:
    """Score a translator on all test sentences, on those of known words, and on the others."""
    good = test.references()
    said = dict(zip(good, made.translate([*good], **search), strict=True))
    known = _known_to_the_course()
    parts = {
        "all": [*good],
        "all words known to course": [source for source in good if known(source)],
        "a word unknown to course": [source for source in good if not known(source)],
    }
    models = (
        made.training_model if isinstance(made.training_model, tuple) else [made.training_model]
    )
    head = {**head, "parameters": sum(model.count_params() for model in models)}
    for part, one in evaluation.score_parts(parts, said, good).items():
        yield head | {"part": part, "sentences": one.sentences, "BLEU": one.bleu, "chrF": one.chrf}


def _known_to_the_course() -> Callable[[str], bool]:
    tokenizer = Translator.load(COURSE).source_tokenizer
    return lambda sentence: UNK not in tokenizer.encode(sentence)
