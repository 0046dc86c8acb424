"""`s2s-keras evaluate`."""

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, fields, replace

from ..corpora import Corpus
from ..errors import InputError
from .inputs import how_to_decode, joined, load_corpus, load_translators, tell


def evaluate(options: argparse.Namespace) -> int:
    """Print the scores of a translator on a corpus, or on a split of it."""
    corpus = load_corpus(options)
    if options.to_card and [*map(os.path.isdir, options.model or [])] != [True]:
        raise InputError("--to-card: give one --model, the folder of a translator of your own")
    translator, how = joined(load_translators(options)), how_to_decode(options)
    split = _split(corpus, options.split, translator)
    tell(corpus)
    _tell_what_was_seen(corpus, options.split, len(split), translator)
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
    if options.to_card:
        beam = f", beam of {options.beam_width}" if options.beam_width > 1 else ""
        what = f"`{corpus.name}`, {options.split}{beam}"
        _write_to_card(translator, options.model[0], what, report)
    return 0


def _split(corpus: Corpus, name: str, translator) -> Corpus:
    """Return the pairs of a corpus to score.

    A corpus that came with splits has the one of that name. Of any other, "train" is what the
    translator was trained on, "dev" what its best epoch was chosen by, and "test" all the rest.
    Of a test or dev split, too, what the translator was trained on is left out.
    """
    if name == "all":
        return corpus
    trained_on, chosen_on = translator.trained_on, translator.chosen_on
    split = getattr(corpus.given, name) if corpus.given else corpus
    if trained_on is not None:
        if name == "train":
            split = split if corpus.given else corpus.seen_in(trained_on)
        elif name == "dev":
            split = (split if corpus.given else corpus.seen_in(chosen_on)).unseen_in(trained_on)
        else:
            split = split.unseen_in(trained_on | chosen_on)
    if not len(split):
        raise InputError(f"{corpus.name}: no pair to score in {name}; use --split all")
    return split


def _tell_what_was_seen(corpus: Corpus, name: str, scored: int, translator) -> None:
    """Say how many pairs of a test split are left out, and why; or that this cannot be known."""
    whole = len(corpus.given.test if corpus.given else corpus)
    if translator.trained_on is None and name != "all":
        note = "this translator does not know what it was trained on: pairs scored may be among it"
    elif name == "test" and scored < whole:
        note = (
            f"{whole - scored:,} of {whole:,} pairs are left out: the translator was trained on a "
            "sentence of theirs, or chosen by it; --split all scores them, too"
        )
    else:
        return
    print(f"{corpus.name}: {note}", file=sys.stderr)


def _report(split: Corpus, translations: dict[str, str], by_length: bool) -> dict:
    """Return the scores of a split, and those of its kinds and lengths where there are several."""
    from ..evaluation import score, score_by_length

    def scored(part: Corpus) -> tuple[list, list, list]:
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
    for name, part in _parts(report).items():
        print(
            f"  {name}: chrF {part['chrf']:.2f}, BLEU {part['bleu']:.2f}, "
            f"{part['sentences']} sentences"
        )


def _parts(report: dict) -> dict[str, dict]:
    """Return the scores of kinds and lengths by their names."""
    bands = {f"{band} words": part for band, part in report.get("by_length", {}).items()}
    return {**report.get("kinds", {}), **bands}


def _write_to_card(translator, folder: str, what: str, report: dict) -> None:
    """Add scores to a translator's card; they replace those of the same sentences."""
    from ..evaluation import Scores

    names = [field.name for field in fields(Scores)]
    parts = {what: report} | {f"{what}: {name}": part for name, part in _parts(report).items()}
    scores = {
        name: Scores(**{field: part[field] for field in names}) for name, part in parts.items()
    }
    translator.about = replace(translator.about, scores={**translator.about.scores, **scores})
    translator.save_card(folder)
