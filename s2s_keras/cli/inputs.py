"""What several commands read: the corpus, the translators, and lines of text."""

import argparse
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from .. import quiet_start
from ..corpora import Corpus, load
from ..corpora.bad_rows import BadRow
from ..corpora.files import Opened
from ..corpora.lines import lines_of
from ..errors import InputError, one_line
from ..machine import memory_size
from ..shipped import DEFAULT, find


def load_corpus(options: argparse.Namespace, *paths: str) -> Corpus:
    """Load a corpus as the flags say.

    Args:
        options: of a command that takes --corpus.
        paths: instead of those of --corpus; it is loaded into memory.
    """
    columns = {"source_column": options.source_column, "target_column": options.target_column}
    how = {} if paths else {"part": options.part, "stream": options.stream}
    if how and not options.stream:
        _remark_size(options.corpus)
    return load(
        *(paths or options.corpus), swap=options.swap, strict=options.strict, **columns, **how
    )


def _remark_size(paths: list[str]) -> None:
    """Say in one line where a corpus will take much of the machine's memory."""
    size = sum(os.path.getsize(path) for path in paths if os.path.isfile(path))
    if (memory := memory_size()) and size > memory / 4:
        print(
            f"{' + '.join(paths)}: {size / 1e9:.1f} GB, and this machine has {memory / 1e9:.0f} GB "
            "of memory; --stream leaves the sentences in their file",
            file=sys.stderr,
        )


def tell(corpus: Corpus) -> None:
    """Say on standard error what a corpus is, and show the first rows that were skipped."""
    print(one_line(corpus.summary()), file=sys.stderr)
    for row in corpus.skipped_rows:
        print(f"  skipped {one_line(row)}", file=sys.stderr)


def load_translators(options: argparse.Namespace) -> list:
    """Load every --model."""
    translator = import_translator()
    names = options.model or [DEFAULT]
    if not options.model and not find(DEFAULT).is_dir():
        raise InputError(
            f"no translator: name its folder with --model, or train {DEFAULT} again: `make models`"
        )
    loaded = [translator.Translator.load(name) for name in names]
    for folder, one in zip(names, loaded, strict=True):
        most = one.target_tokenizer.vocabulary_size
        if options.beam_width > most:
            raise InputError(
                f"--beam-width is {options.beam_width}, but {folder} knows only {most} tokens; "
                "give a smaller one"
            )
    return loaded


def joined(translators: list):
    """Return one translator that decides as all of them together."""
    if len(translators) == 1:
        return translators[0]
    return import_translator().Translator.ensemble(translators)


def how_to_decode(options: argparse.Namespace) -> dict:
    """Return how to translate, as `Translator` takes it."""
    from ..decoding import LengthPenalty

    penalty = LengthPenalty(*options.length_penalty)
    return {"beam_width": options.beam_width, "length_penalty": penalty}


def import_translator():
    """Import TensorFlow only where a command needs it, and without its start-up notes.

    Raises:
        InputError: Keras is set to another backend.
    """
    wanted = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if wanted != "tensorflow":
        raise InputError(
            f"KERAS_BACKEND is {wanted}, and this command needs TensorFlow; unset KERAS_BACKEND"
        )
    with quiet_start():
        import keras
    if keras.backend.backend() != "tensorflow":
        raise InputError(
            f"the file ~/.keras/keras.json sets Keras's backend to {keras.backend.backend()}, and "
            "this command needs TensorFlow; set KERAS_BACKEND=tensorflow"
        )
    with quiet_start():
        from .. import translator
    return translator


class Lines:
    """Lines of text, one by one; a line that cannot be read is told, and read as an empty one.

    Only a line feed ends a line. Of a line that is too long no more than that much is in memory.

    Attributes:
        read: how many lines there were so far.
        bad: how many of them could not be read.
    """

    def __init__(self, stream: BinaryIO, name: str):
        """Take what has a `readline(size)`; `name` is what messages call it."""
        self.stream, self.name = stream, name
        self.read = self.bad = 0

    def __iter__(self) -> Iterator[str]:
        """Yield the lines as text, without their ends."""
        for number, line in lines_of(Opened(self.stream, b"", "utf-8"), self.name):
            self.read = number
            if isinstance(line, BadRow):
                self.bad += 1
                print(f"s2s-keras: skipped: {line.message}", file=sys.stderr)
                yield ""
            else:
                yield line
