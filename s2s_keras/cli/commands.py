"""What each command does."""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from .. import quiet_start
from ..corpora import ParallelCorpus, catalogue, decode_line, load
from ..errors import InputError

# What `train` hands on as it stands; the others need a word of translation.
TRAIN_OPTIONS = [
    "tokenizer",
    "vocabulary_size",
    "cell",
    "units",
    "embedding",
    "layers",
    "dropout",
    "attention",
    "bidirectional",
    "reverse_source",
    "teacher_forcing",
    "epochs",
    "patience",
    "batch_size",
    "learning_rate",
    "schedule",
    "seed",
]


def corpora(options: argparse.Namespace) -> None:
    """List the corpora that have a name."""
    for source in catalogue():
        print(f"{source.name}: {source.description}")
        print(f"    {source.size}, licence {source.licence}, {source.address or 'built in'}")


def train(options: argparse.Namespace) -> None:
    """Train a translator and save it."""
    corpus = load(*options.corpus)
    translator = _translator_module()
    translator.check_can_save(options.out)
    print(corpus.summary(), file=sys.stderr)
    splits = corpus.split(seed=options.seed)
    print(
        f"training on {len(splits.train)} pairs, choosing the best epoch on {len(splits.dev)}, "
        f"keeping {len(splits.test)} for `s2s-keras evaluate`",
        file=sys.stderr,
    )
    given = {name: value for name, value in vars(options).items() if name in TRAIN_OPTIONS}
    from tensorflow.errors import ResourceExhaustedError

    try:
        trained, history = translator.train(
            corpus, **given, context=options.context.replace("-", "_")
        )
    except (MemoryError, ResourceExhaustedError) as error:
        raise InputError(
            "the model does not fit into memory; "
            "give smaller --units, --embedding, --layers or --batch-size"
        ) from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(str(error)) from error
    trained.save(options.out, history)
    best = "the last epoch"
    if "val_chrf" in history:
        row = history.loc[history.val_chrf.idxmax()]
        best = f"epoch {row.epoch:.0f}, the best by dev chrF ({row.val_chrf:.1f})"
    print(f"{options.out}: translator of {best}, history.csv, history.png", file=sys.stderr)


def translate(options: argparse.Namespace) -> None:
    """Print the translation of every text, or of every line of standard input."""
    number = getattr(options, "n_best", 0)
    if number > options.beam_width:
        raise InputError(
            f"--n-best is {number}, but --beam-width is {options.beam_width}; give a beam of "
            f"{number} or more"
        )
    translator, how = _joined(_translators(options)), _how(options)
    lines = _checked(options.text, "TEXT") if options.text else _standard_input()
    size = 1 if not options.text and sys.stdin.isatty() else 1024
    for first, chunk in _chunks(lines, size):
        if number:
            found = translator.n_best(chunk, number, **how)
            printed = [row for n, best in enumerate(found, first) for row in _rows(n, best)]
        else:
            printed = translator.translate(chunk, **how)
        print(*printed, sep="\n", flush=True)


def _rows(number: int, translations: list) -> list[str]:
    """Return the lines of an n-best list; an empty text has an empty translation."""
    rows = [f"{number}\t{best.score:.4f}\t{best.text}" for best in translations]
    return rows or [f"{number}\t0.0000\t"]


def evaluate(options: argparse.Namespace) -> None:
    """Print the scores of a translator on a split of a corpus."""
    corpus = load(*options.corpus)
    translators = _translators(options)
    split = _split(corpus, options.split, [translator.seed for translator in translators])
    translator, how = _joined(translators), _how(options)
    print(corpus.summary(), file=sys.stderr)
    start = time.perf_counter()
    references = split.references()
    translated = translator.translate(list(references), **how)
    seconds = round(time.perf_counter() - start, 2)

    report = _report(split, dict(zip(references, translated, strict=True)), options.by_length)
    if options.json:
        settings = {"split": options.split, "beam_width": options.beam_width}
        form, alpha = options.length_penalty
        settings |= {"length_penalty": form if form == "none" else f"{form}:{alpha:g}"}
        about = {"corpus": corpus.name, **settings}
        print(json.dumps({**about, **report, "seconds": seconds}, ensure_ascii=False))
    else:
        _print_report(report)
        print(f"{report['sentences']} sentences ({options.split}) in {seconds} seconds")


def _split(corpus: ParallelCorpus, name: str, seeds: list[int]) -> ParallelCorpus:
    """Return a split of a corpus, as it was split when the translators were trained."""
    if name == "all":
        return corpus
    if len({*seeds}) > 1 and corpus.given is None:
        raise InputError(
            f"{corpus.name}: each --model has another split of it, from its own --seed; use a "
            "corpus with fixed splits, or --split all"
        )
    split = getattr(corpus.split(seed=seeds[0]), name)
    if not len(split):
        raise InputError(f"{corpus.name}: its {name} split is empty; use --split all")
    return split


def _report(split: ParallelCorpus, translations: dict[str, str], by_length: bool) -> dict:
    """Return the scores of a split, and those of its kinds and lengths where there are several."""
    from ..evaluation import score, score_by_length

    def scored(part: ParallelCorpus) -> tuple[list, list, list]:
        several = part.references()
        return [*several], [translations[source] for source in several], [*several.values()]

    report = asdict(score(*scored(split)[1:]))
    kinds = list(dict.fromkeys(split.kinds))
    if len(kinds) > 1:
        parts = {kind: score(*scored(split.of_kind(kind))[1:]) for kind in kinds}
        report["kinds"] = {kind: asdict(scores) for kind, scores in parts.items()}
    if by_length:
        bands = score_by_length(*scored(split))
        report["by_length"] = {band: asdict(scores) for band, scores in bands.items()}
    return report


def _print_report(report: dict) -> None:
    print(f"chrF {report['chrf']:6.2f}   {report['chrf_signature']}")
    print(f"BLEU {report['bleu']:6.2f}   {report['bleu_signature']}")
    parts = {kind: part for kind, part in report.get("kinds", {}).items()}
    parts |= {f"{band} words": part for band, part in report.get("by_length", {}).items()}
    for name, part in parts.items():
        print(
            f"  {name}: chrF {part['chrf']:.2f}, BLEU {part['bleu']:.2f}, "
            f"{part['sentences']} sentences"
        )


def _translators(options: argparse.Namespace) -> list:
    """Load every --model."""
    module = _translator_module()
    loaded = [module.Translator.load(folder) for folder in options.model]
    for folder, translator in zip(options.model, loaded, strict=True):
        most = translator.target_tokenizer.vocabulary_size
        if options.beam_width > most:
            raise InputError(
                f"--beam-width is {options.beam_width}, but {folder} knows only {most} tokens; "
                "give a smaller one"
            )
    return loaded


def _joined(translators: list):
    """Return one translator that decides as all of them together."""
    if len(translators) == 1:
        return translators[0]
    return _translator_module().Translator.ensemble(translators)


def _how(options: argparse.Namespace) -> dict:
    """Return how to translate, as `Translator` takes it."""
    from ..decoding import LengthPenalty

    penalty = LengthPenalty(*options.length_penalty)
    return {"beam_width": options.beam_width, "length_penalty": penalty}


def _translator_module():
    """Import TensorFlow only where a command needs it, and without its start-up notes."""
    with quiet_start():
        from .. import translator
    return translator


def _standard_input() -> Iterator[str]:
    name = "standard input"
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        yield decode_line(raw, number, name)


def _checked(texts: Iterable[str], name: str) -> Iterator[str]:
    for number, given in enumerate(texts, start=1):
        raw = given.encode("utf-8", "surrogateescape").replace(b"\n", b" ")
        yield decode_line(raw, number, name)


def _chunks(lines: Iterable[str], size: int) -> Iterator[tuple[int, list[str]]]:
    """Cut lines into lists of a size; each comes with the number of its first line, from 1."""
    chunk: list[str] = []
    first = 1
    for line in lines:
        chunk.append(line)
        if len(chunk) == size:
            yield first, chunk
            first, chunk = first + size, []
    if chunk:
        yield first, chunk
