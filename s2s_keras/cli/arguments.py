"""The flags of every command, their limits and their help."""

import argparse

from .. import __version__, defaults
from .export import add_export_flags
from .page import add_page_flags
from .values import beam_width, count, length_penalty, positive, seed, share, share_below_1


def parse(arguments: list[str] | None, commands: dict) -> argparse.Namespace:
    """Read a command line.

    Args:
        arguments: as from the shell; None takes the process's own.
        commands: what runs each command, by its name; it becomes `command` in the result.
    """
    return build_parser(commands).parse_args(arguments)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        """Say in one line what is wrong; argparse itself prints the whole usage first."""
        self.exit(2, f"{self.prog}: error: {message}; see `{self.prog} --help`\n")


class _Help(argparse.ArgumentDefaultsHelpFormatter):
    def _get_help_string(self, action):
        """Add the default to the help of a flag that has one and does not tell it itself."""
        if action.default is None or "(default: " in action.help:
            return action.help
        if action.default is False:
            return f"{action.help} (default: no)"
        return super()._get_help_string(action)


def build_parser(commands: dict) -> argparse.ArgumentParser:
    """Build the parser of `parse`."""
    about = "Train, use and score English–Hindi translators."
    parser = _Parser(prog="s2s-keras", description=about)
    parser.add_argument("--version", action="version", version=f"s2s-keras {__version__}")
    added = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name, text):
        one = added.add_parser(name, help=text, description=text, formatter_class=_Help)
        one.set_defaults(command=commands[name])
        return one

    command("corpora", "List the corpora that can be named, with licence and size.")
    command("models", "List the translators that come with the package.")
    _add_train_flags(command("train", "Train a translator and save it in a folder."))

    translate = command("translate", "Translate texts, or the lines of standard input.")
    _add_decoding_flags(translate)
    translate.add_argument(
        "--n-best",
        type=count,
        metavar="N",
        default=argparse.SUPPRESS,
        help="print the N best translations of each text: its number, the score (log-probability "
        "divided by the length penalty) and the translation, with tabs between them; needs "
        "a --beam-width of N or more (default: the best translation alone)",
    )
    translate.add_argument(
        "--output", metavar="FILE", default=None, help="write here (default: standard output)"
    )
    translate.add_argument("text", nargs="*", metavar="TEXT", help="one line out for each")

    evaluate = command("evaluate", "Score a translator with BLEU and chrF.")
    _add_corpus(evaluate)
    evaluate.add_argument(
        "--split",
        choices=("train", "dev", "test", "all"),
        default="test",
        help="train: what it was trained on; dev: what its epoch was chosen by; test: what it has "
        "not seen; all: everything; a corpus that came with splits has its own",
    )
    _add_decoding_flags(evaluate)
    evaluate.add_argument("--by-length", action="store_true", help="score by source length, too")
    evaluate.add_argument(
        "--to-card", action="store_true", help="write the scores into the card of --model, too"
    )
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    add_export_flags(command("export", "Write a translator for programs without this package."))
    add_page_flags(command("page", "Write an HTML file that translates, and shows how."))
    command("check", "Say whether this machine has what the course needs, and what to do.")
    return parser


def _add_train_flags(train: argparse.ArgumentParser) -> None:
    _add_corpus(train)
    flag = train.add_argument
    for name, purpose in (("dev", "to choose the best epoch by"), ("test", "to score later")):
        flag(
            f"--{name}",
            metavar="PATH|SHARE|none",
            default=None,
            help=f"another corpus {purpose}, or a share; none holds nothing out for it (default: "
            f"the {name} split that --corpus came with, or a tenth; with --stream at most 5,000)",
        )
    flag("--out", required=True, metavar="DIR", help="folder for the translator")
    flag(
        "--overwrite",
        action="store_true",
        help="replace a translator that --out holds, and forget a training that was interrupted",
    )
    flag(
        "--resume",
        action="store_true",
        help="go on with a training that was interrupted, from its last checkpoint (in "
        "DIR.checkpoint, beside --out), and end with the same translator; give the same flags as "
        "before",
    )
    flag(
        "--checkpoint-minutes",
        type=positive,
        metavar="N",
        default=defaults.CHECKPOINT_MINUTES,
        help="write a checkpoint every N minutes, beside that of every epoch's end",
    )
    wait = "wait so long at the start for the other workers, where TF_CONFIG names some"
    flag("--wait-minutes", type=positive, metavar="N", default=defaults.WAIT_MINUTES, help=wait)
    flag(
        "--init-from",
        metavar="DIR",
        default=None,
        help="train this translator further, also with words that it does not know; it is not "
        "changed itself, and --out has its tokenizers, sizes and cells (default: a new translator)",
    )
    _add_model_flags(train)
    _add_learning_flags(train)


def _add_model_flags(train: argparse.ArgumentParser) -> None:
    """Add what a model is built from; what is not given is not in the result."""

    def flag(name: str, default: object, text: str, **how):
        said = f"{text} (default: {default})"
        train.add_argument(name, default=argparse.SUPPRESS, help=said, **how)

    flag("--tokenizer", "word", "tokens", choices=("word", "char", "subword"))
    sizes = "words 20000, subwords 4000, characters 2000"
    flag("--vocabulary-size", sizes, "most tokens of either language", type=count, metavar="N")
    flag("--cell", "lstm", "recurrent layer", choices=("lstm", "gru", "rnn"))
    flag("--units", 256, "width of the recurrent layers", type=count)
    flag("--embedding", 256, "width of the token vectors", type=count)
    flag("--layers", 1, "recurrent layers in encoder and decoder each", type=count)
    flag("--dropout", defaults.DROPOUT, "share dropped, 0 to <1", type=share_below_1)
    how, scores = "how the decoder looks at the encoder's outputs", ("none", "dot", "additive")
    flag("--attention", defaults.ATTENTION, how, choices=scores)
    flag(
        "--bidirectional",
        "yes" if defaults.BIDIRECTIONAL else "no",
        "read the source in both directions, half of the units for each",
        action=argparse.BooleanOptionalAction,
    )
    ways = ("start", "every-step")
    flag("--context", "start", "when the decoder sees the encoder's last state", choices=ways)
    flag("--reverse-source", "no", "read the source backwards", action="store_true")


def _add_learning_flags(train: argparse.ArgumentParser) -> None:
    flag = train.add_argument
    flag(
        "--teacher-forcing",
        type=share,
        nargs="+",
        action=_OneOrTwo,
        metavar=("SHARE", "END"),
        default=1.0,
        help="share of true tokens among the decoder's inputs, 0 to 1; with two, it falls steadily "
        "from the first to the second",
    )
    flag(
        "--epochs",
        type=count,
        default=defaults.EPOCHS,
        help="passes over the training data; the best by chrF on the dev split is kept",
    )
    flag(
        "--patience",
        type=count,
        metavar="N",
        default=argparse.SUPPRESS,
        help="stop after N epochs without a better chrF on the dev split (default: never)",
    )
    flag("--batch-size", type=count, default=defaults.BATCH_SIZE, help="sentences in a batch")
    rate = defaults.LEARNING_RATE
    flag("--learning-rate", type=positive, default=rate, help="of Adam, at the start")
    flag(
        "--schedule",
        choices=("constant", "cosine"),
        default=defaults.SCHEDULE,
        help="whether the learning rate stays, or falls to 0 along a cosine",
    )
    flag("--seed", type=seed, default=0, help="of the split and of all chance")


def _add_corpus(parser: argparse.ArgumentParser) -> None:
    flag = parser.add_argument
    flag(
        "--corpus",
        default=["course"],
        nargs="+",
        action=_OneOrTwoPaths,
        metavar=("NAME|PATH", "PATH2"),
        help="a name from `s2s-keras corpora`; a table (TSV, CSV), JSON lines, TMX, or an archive "
        "of them; a folder with train, dev and test; BASE for BASE.en and BASE.hi; or two "
        "line-aligned files (default: course)",
    )
    flag(
        "--part",
        default="",
        metavar="TEXT",
        help="read only those files of an archive whose path contains this (default: all)",
    )
    for side in ("source", "target"):
        flag(
            f"--{side}-column",
            default=None,
            metavar="COLUMN",
            help=f"the {side}'s column, by its header or its number from 1 (default: found by "
            "header and script)",
        )
    flag("--swap", action="store_true", help="exchange the two languages: Hindi to English")
    flag("--strict", action="store_true", help="stop at the first bad row instead of skipping it")
    flag(
        "--stream",
        action="store_true",
        help="leave the sentences in their file and read them when they are needed: for a corpus "
        "larger than memory; training keeps its token ids in DIR.checkpoint, four bytes a token",
    )


def _add_decoding_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        action="append",
        default=None,
        metavar="DIR|NAME",
        help="folder of a translator, or a name from `s2s-keras models`; given several times, they "
        "decide together, as an ensemble (default: course-attention, which comes with the package)",
    )
    parser.add_argument(
        "--beam-width",
        type=beam_width,
        default=1,
        help="hypotheses kept in beam search; 1 decodes greedily",
    )
    parser.add_argument(
        "--length-penalty",
        type=length_penalty,
        default="none",
        metavar="FORM[:ALPHA]",
        help="what beam search divides log-probabilities by: none; length:ALPHA is length^ALPHA; "
        "gnmt:ALPHA is ((5 + length) / 6)^ALPHA; ALPHA is 0.6 where it is not given",
    )


class _OneOrTwoPaths(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        if len(values) > 2:
            parser.error(f"{option_string}: {len(values)} paths; give one, or two aligned files")
        setattr(namespace, self.dest, values)


class _OneOrTwo(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        if len(values) > 2:
            parser.error(f"{option_string}: {len(values)} shares; give one, or a start and an end")
        setattr(namespace, self.dest, values[0] if len(values) == 1 else tuple(values))
