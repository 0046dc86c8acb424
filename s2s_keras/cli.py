"""The command line: `s2s-keras corpora · train · translate · evaluate`."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from . import __version__, quiet_start
from .corpus import InputError, ParallelCorpus, corpora, decode_line, load

if TYPE_CHECKING:
    from .evaluation import Scores


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status: 0, or 2 after one line about what to mend."""
    for stream in (sys.stdout, sys.stderr):
        # Names of files that are not UTF-8 go out as the bytes that they came in as.
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
        sys.stdout.flush()
    except InputError as error:
        print("s2s-keras: error:", " ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has left, as `head` does; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _corpora(options: argparse.Namespace) -> None:
    for source in corpora():
        print(f"{source.name}: {source.description}")
        print(f"    {source.size}, licence {source.licence}, {source.address or 'built in'}")


def _train(options: argparse.Namespace) -> None:
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
    names = (
        "tokenizer cell units embedding layers dropout reverse_source teacher_forcing epochs "
        "batch_size learning_rate seed"
    )
    from tensorflow.errors import ResourceExhaustedError

    try:
        trained, history = translator.train(
            corpus, **{name: getattr(options, name) for name in names.split()}
        )
    except (MemoryError, ResourceExhaustedError) as error:
        raise InputError(
            "the model does not fit into memory; "
            "give smaller --units, --embedding, --layers or --batch-size"
        ) from error
    trained.save(options.out, history)
    best = "the last epoch"
    if "validation_chrf" in history:
        row = history.loc[history.validation_chrf.idxmax()]
        best = f"epoch {row.epoch:.0f}, the best by dev chrF ({row.validation_chrf:.1f})"
    print(f"{options.out}: translator of {best}, history.csv, history.png", file=sys.stderr)


def _translate(options: argparse.Namespace) -> None:
    translator = _translator(options)
    lines = _checked(options.text, "TEXT") if options.text else _standard_input()
    size = 1 if not options.text and sys.stdin.isatty() else 1024
    for chunk in _chunks(lines, size):
        translations = translator.translate(chunk, beam_width=options.beam_width)
        print(*translations, sep="\n", flush=True)


def _evaluate(options: argparse.Namespace) -> None:
    corpus = load(*options.corpus)
    translator = _translator(options)
    side = corpus
    if options.split != "all":
        side = getattr(corpus.split(seed=translator.seed), options.split)
    if not len(side):
        raise InputError(f"{corpus.name}: its {options.split} split is empty; use --split all")
    from .evaluation import score

    print(corpus.summary(), file=sys.stderr)
    start = time.perf_counter()
    references = side.references()
    translated = translator.translate(references, beam_width=options.beam_width)
    translations = dict(zip(references, translated, strict=True))
    seconds = round(time.perf_counter() - start, 2)

    def scores_of(part: ParallelCorpus) -> "Scores":
        several = part.references()
        return score([translations[source] for source in several], list(several.values()))

    scores = scores_of(side)
    kinds = {kind: scores_of(side.of_kind(kind)) for kind in dict.fromkeys(side.kinds)}
    if options.json:
        how = {"split": options.split, "beam_width": options.beam_width}
        report = {"corpus": corpus.name, **how, **asdict(scores)}
        if len(kinds) > 1:
            report["kinds"] = {kind: asdict(part) for kind, part in kinds.items()}
        print(json.dumps({**report, "seconds": seconds}, ensure_ascii=False))
        return
    print(f"chrF {scores.chrf:6.2f}   {scores.chrf_signature}")
    print(f"BLEU {scores.bleu:6.2f}   {scores.bleu_signature}")
    for kind, part in kinds.items() if len(kinds) > 1 else ():
        print(f"  {kind}: chrF {part.chrf:.2f}, BLEU {part.bleu:.2f}, {part.sentences} sentences")
    print(f"{scores.sentences} sentences ({options.split}) in {seconds} seconds")


def _translator(options: argparse.Namespace):
    """Load the translator that was named, and see that it serves the other options."""
    loaded = _translator_module().Translator.load(options.model)
    most = loaded.target_tokenizer.vocabulary_size
    if options.beam_width > most:
        raise InputError(
            f"--beam-width is {options.beam_width}, but {options.model} knows only {most} tokens; "
            "give a smaller one"
        )
    return loaded


def _translator_module():
    """Import TensorFlow only where a command needs it, and without its start-up notes."""
    with quiet_start():
        from . import translator
    return translator


def _standard_input() -> Iterator[str]:
    name = "standard input"
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        yield decode_line(raw, number, name)


def _checked(texts: Iterable[str], name: str) -> Iterator[str]:
    for number, given in enumerate(texts, start=1):
        raw = given.encode("utf-8", "surrogateescape").replace(b"\n", b" ")
        yield decode_line(raw, number, name)


def _chunks(lines: Iterable[str], size: int) -> Iterator[list[str]]:
    chunk: list[str] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        """Say in one line what is wrong; argparse itself prints the whole usage first."""
        self.exit(2, f"{self.prog}: error: {message}; see `{self.prog} --help`\n")


def _parser() -> argparse.ArgumentParser:
    about = "Train, use and score English–Hindi translators."
    parser = _Parser(prog="s2s-keras", description=about)
    parser.add_argument("--version", action="version", version=f"s2s-keras {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name, function, text):
        added = commands.add_parser(
            name,
            help=text,
            description=text,
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        added.set_defaults(command=function)
        return added

    command("corpora", _corpora, "List the corpora that can be named, with licence and size.")

    train = command("train", _train, "Train a translator and save it in a folder.")
    _add_corpus(train)
    train.add_argument("--out", required=True, metavar="DIR", help="folder for the translator")
    choices = {"tokenizer": ("word", "char", "subword"), "cell": ("lstm", "gru", "rnn")}
    train.add_argument("--tokenizer", choices=choices["tokenizer"], default="word", help="tokens")
    train.add_argument("--cell", choices=choices["cell"], default="lstm", help="recurrent layer")
    train.add_argument("--units", type=_count, default=256, help="width of the recurrent layers")
    train.add_argument("--embedding", type=_count, default=256, help="width of the token vectors")
    train.add_argument("--layers", type=_count, default=1, help="recurrent layers a side")
    train.add_argument("--dropout", type=_share_below_1, default=0.2, help="share dropped, 0 to <1")
    train.add_argument("--reverse-source", action="store_true", help="read the source backwards")
    train.add_argument(
        "--teacher-forcing",
        type=_share,
        default=1.0,
        help="share of true tokens among the decoder's inputs, 0 to 1",
    )
    train.add_argument("--epochs", type=_count, default=10, help="passes over the training data")
    train.add_argument("--batch-size", type=_count, default=64, help="sentences a step")
    train.add_argument("--learning-rate", type=_positive, default=0.001, help="of Adam")
    train.add_argument("--seed", type=_seed, default=0, help="of the split and of all chance")

    translate = command("translate", _translate, "Translate texts, or the lines of standard input.")
    translate.add_argument("--model", required=True, metavar="DIR", help="folder of a translator")
    _add_beam_width(translate)
    translate.add_argument("text", nargs="*", metavar="TEXT", help="one line out for each")

    evaluate = command("evaluate", _evaluate, "Score a translator with BLEU and chrF.")
    evaluate.add_argument("--model", required=True, metavar="DIR", help="folder of a translator")
    _add_corpus(evaluate)
    evaluate.add_argument(
        "--split",
        choices=("train", "dev", "test", "all"),
        default="test",
        help="which side of the corpus, split as in training",
    )
    _add_beam_width(evaluate)
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _add_corpus(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corpus",
        default=["course"],
        nargs="+",
        action=_OneOrTwo,
        metavar=("NAME|PATH", "PATH2"),
        help="a name from `s2s-keras corpora`, a file, a folder with train.tsv, dev.tsv and "
        "test.tsv, or two line-aligned files",
    )


def _add_beam_width(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--beam-width",
        type=_beam_width,
        default=1,
        help="beginnings kept in beam search; 1 decodes greedily",
    )


class _OneOrTwo(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        if len(values) > 2:
            parser.error(f"{option_string}: {len(values)} paths; give one, or two aligned files")
        setattr(namespace, self.dest, values)


def _number(kind: type, low: float, high: float, wanted: str, *, above: bool = False):
    """Return an argparse type that takes low ≤ value ≤ high (`above`: low < value)."""

    def convert(given: str):
        try:
            value = kind(given)
        except ValueError:
            value = None
        if value is None or not low <= value <= high or (above and value == low):
            raise argparse.ArgumentTypeError(f"{given} is not {wanted}")
        return value

    return convert


_INFINITY = float("inf")
_count = _number(int, 1, _INFINITY, "a whole number of 1 or more")
_beam_width = _number(int, 1, 100, "a whole number from 1 to 100")  # more only fill the memory
_seed = _number(int, 0, 2**31 - 1, "a whole number from 0 to 2147483647")
_share = _number(float, 0, 1, "a number from 0 to 1")
_share_below_1 = _number(float, 0, 1 - 1e-9, "a number from 0 to below 1")
_positive = _number(float, 0, 1e9, "a number above 0", above=True)
