"""Text in, text out: a model and its tokenizers, trained, saved and loaded as one thing."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import keras
import pandas as pd

from . import batches, decoding, evaluation, plots, text, training
from .corpus import InputError, ParallelCorpus
from .models import Seq2SeqConfig, build_training_model

SENTENCES_TO_JUDGE_BY = 500  # of the dev side, translated after every epoch
MANIFEST = "translator.json"
MODEL, SOURCE_TOKENIZER, TARGET_TOKENIZER = "model.keras", "source.json", "target.json"


@dataclass
class Translator:
    """A trained training model and what turns text into its ids and back.

    Attributes:
        training_model: from `build_training_model`.
        source_tokenizer: fitted on the source side.
        target_tokenizer: fitted on the target side.
        reverse_source: whether the encoder reads the source from its end.
        seed: of the run that trained it; with it the corpus splits again as it did then.
    """

    training_model: keras.Model
    source_tokenizer: text.Tokenizer
    target_tokenizer: text.Tokenizer
    reverse_source: bool = False
    seed: int = 0
    _last_decoder: tuple = field(default=(0, None), repr=False)

    def translate(
        self, sentences: Sequence[str], batch_size: int = 64, beam_width: int = 1
    ) -> list[str]:
        """Translate sentences.

        Args:
            sentences: source sentences; an empty one stays empty, unknown words never fail.
            batch_size: sentences decoded together; sentences of like length share a batch.
            beam_width: of `decoding.beam_search`; 1 decodes greedily.

        Returns:
            One translation for each sentence, in order.

        Raises:
            ValueError: `beam_width` is not from 1 to the number of target tokens.
        """
        decode = self._decoder(beam_width)
        ids = [
            batches.source_order(self.source_tokenizer.encode(sentence), self.reverse_source)
            for sentence in sentences
        ]
        translations = [""] * len(ids)
        waiting = [n for n, sentence in enumerate(ids) if sentence]
        waiting.sort(key=lambda n: len(ids[n]))
        for start in range(0, len(waiting), batch_size):
            batch = waiting[start : start + batch_size]
            decoded = decode(batches.pad([ids[n] for n in batch]))
            for n, row in zip(batch, decoded, strict=True):
                translations[n] = self.target_tokenizer.decode(row.tolist())
        return translations

    def _decoder(self, beam_width: int) -> Callable:
        """Return a decoder; the last one is kept, more would keep their tables in memory."""
        if self._last_decoder[0] != beam_width:
            self._last_decoder = (
                beam_width,
                (
                    decoding.greedy(self.training_model)
                    if beam_width == 1
                    else decoding.beam_search(self.training_model, beam_width)
                ),
            )
        return self._last_decoder[1]

    def save(self, folder: str | Path, history: pd.DataFrame | None = None) -> None:
        """Write the translator into a folder; an earlier translator there is replaced as a whole.

        Args:
            folder: a new or empty folder, or one that holds a translator.
            history: of `training.fit`; kept beside the model as history.csv and history.png.

        Raises:
            InputError: the folder holds other things, or cannot be written.
        """
        with _replacing(folder) as unfinished:
            self.training_model.save(unfinished / MODEL)
            self.source_tokenizer.save(unfinished / SOURCE_TOKENIZER)
            self.target_tokenizer.save(unfinished / TARGET_TOKENIZER)
            if history is not None:
                history.to_csv(unfinished / "history.csv", index=False)
                plots.save(plots.loss_curves(history), unfinished / "history.png")
            files = {name: _sha256(unfinished / name) for name in _FILES}
            manifest = {"reverse_source": self.reverse_source, "seed": self.seed, "files": files}
            (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> "Translator":
        """Read a translator that `save` wrote.

        Raises:
            InputError: the folder is missing, is no translator, or is incomplete or damaged.
        """
        folder = Path(folder)
        remedy = "train it again with `s2s-keras train`"
        if not os.path.isdir(folder):  # unlike folder.is_dir(), no exception for an overlong name
            raise InputError(f"{folder}: no such folder; train a translator with `s2s-keras train`")
        if not (folder / MANIFEST).is_file():
            raise InputError(f"{folder}: not a translator, it has no {MANIFEST}; {remedy}")
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            expected = {name: manifest["files"][name] for name in _FILES}
            reverse_source, seed = bool(manifest["reverse_source"]), int(manifest["seed"])
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise InputError(f"{folder / MANIFEST}: damaged; {remedy}") from error
        except OSError as error:
            raise InputError(
                f"{folder / MANIFEST}: {error.strerror}; check who may read it"
            ) from error
        for name, digest in expected.items():
            if not (folder / name).is_file():
                raise InputError(f"{folder}: half-written, {name} is missing; {remedy}")
            if _sha256(folder / name) != digest:
                raise InputError(f"{folder / name}: damaged or half-written; {remedy}")
        return cls(
            keras.models.load_model(folder / MODEL, compile=False, safe_mode=True),
            text.load_tokenizer(folder / SOURCE_TOKENIZER),
            text.load_tokenizer(folder / TARGET_TOKENIZER),
            reverse_source,
            seed,
        )


def train(
    corpus: ParallelCorpus,
    *,
    tokenizer: str = "word",
    reverse_source: bool = False,
    teacher_forcing: float = 1.0,
    epochs: int = 10,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    patience: int | None = None,
    seed: int = 0,
    progress: bool = True,
    **sizes,
) -> tuple[Translator, pd.DataFrame]:
    """Train a translator on the training side of a corpus's split.

    Args:
        corpus: split here with `corpus.split(seed=seed)`; chrF on its dev side chooses the epoch.
        tokenizer: "word", "char" or "subword", for both languages.
        reverse_source: feed the source from its end (Sutskever et al. 2014, 3.3).
        teacher_forcing: see `training.fit`.
        epochs: see `training.fit`.
        batch_size: sentences in a batch.
        learning_rate: see `training.fit`.
        patience: see `training.fit`.
        seed: of the split, the first weights, the order of sentences and dropout.
        progress: show a bar.
        **sizes: fields of `Seq2SeqConfig` other than the vocabularies.

    Returns:
        The translator and the history of `training.fit`.

    Raises:
        InputError: the corpus is too small to train on.
    """
    keras.utils.set_random_seed(seed)
    splits = corpus.split(seed=seed)
    if not len(splits.train):
        raise InputError(f"{corpus.name}: {len(corpus)} pairs leave none to train on; add more")
    # The source is only read, never written: without capitals the small corpus goes further. And a
    # source word met only once is made UNK, so that UNK is met in training and means something.
    rare = {"minimum_count": 2} if tokenizer == "word" else {}
    source_tokenizer = text.tokenizer(tokenizer, lowercase=True, **rare).fit(splits.train.source)
    target_tokenizer = text.tokenizer(tokenizer).fit(splits.train.target)
    config = Seq2SeqConfig(
        source_tokenizer.vocabulary_size, target_tokenizer.vocabulary_size, **sizes
    )
    translator = Translator(
        build_training_model(config), source_tokenizer, target_tokenizer, reverse_source, seed
    )

    def batched(side: ParallelCorpus, shuffle_seed: int | None = None):
        return batches.make_batches(
            source_tokenizer.encode_all(side.source),
            target_tokenizer.encode_all(side.target),
            batch_size,
            reverse_source=reverse_source,
            shuffle_seed=shuffle_seed,
        )

    judged = splits.dev[:SENTENCES_TO_JUDGE_BY]

    def chrf_of_judged() -> float:
        return evaluation.score(translator.translate(judged.source), judged.target).chrf

    history = training.fit(
        translator.training_model,
        batched(splits.train, shuffle_seed=seed),
        batched(splits.dev) if len(splits.dev) else None,
        validation_chrf=chrf_of_judged if len(judged) else None,
        epochs=epochs,
        learning_rate=learning_rate,
        teacher_forcing=teacher_forcing,
        patience=patience,
        seed=seed,
        progress=progress,
    )
    return translator, history


def check_can_save(folder: str | Path) -> None:
    """Raise InputError where `Translator.save` would: before hours of training, not after."""
    folder = Path(folder)
    with _writing(folder):
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: a file has this name; name a folder")
        others = {path.name for path in folder.iterdir()} - _ALL_FILES if folder.exists() else ()
        if others:
            raise InputError(
                f"{folder}: holds other files ({min(others)}); name a new or empty folder"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder.parent).close()


_FILES = (MODEL, SOURCE_TOKENIZER, TARGET_TOKENIZER)
_ALL_FILES = {*_FILES, MANIFEST, "history.csv", "history.png"}


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = error.strerror or error
        raise InputError(f"{folder}: cannot write here ({problem}); name another folder") from error


@contextlib.contextmanager
def _replacing(folder: str | Path) -> Iterator[Path]:
    """Yield a folder to fill that takes the place of `folder` only when it is whole."""
    check_can_save(folder)
    folder = Path(folder).resolve()
    with _writing(folder):
        workplace = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            (workplace / "new").mkdir()
            yield workplace / "new"
            if folder.exists():
                folder.rename(workplace / "old")
            (workplace / "new").rename(folder)
        finally:
            # Whatever stopped the new one, the old one is not lost.
            if (workplace / "old").exists() and not folder.exists():
                (workplace / "old").rename(folder)
            shutil.rmtree(workplace)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
