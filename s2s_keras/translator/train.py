"""Training a translator from a corpus: tokenizers, batches, model and all, with good defaults."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import pandas as pd
from keras.optimizers import schedules

from .. import batches, defaults, evaluation, fast, text, training
from ..corpora import Corpus, Splits
from ..errors import InputError
from ..models import Seq2SeqConfig, build_training_model
from ..models.growing import grown
from ..workers.replicas import Workers
from .card import about_training, best_epoch
from .core import Translator
from .preparing import ids_of
from .resuming import checkpoint_of

SENTENCES_TO_JUDGE_BY = 500  # of the dev split, translated after every epoch
SCHEDULES = ("constant", "cosine")
NEW_WORDS = 20_000  # at most, where a translator is trained further: as many as a new one learns


def train(
    corpus: Corpus,
    *,
    dev: float | Corpus | None = None,
    test: float | Corpus | None = None,
    init_from: Translator | None = None,
    tokenizer: str | None = None,
    vocabulary_size: int | None = None,
    reverse_source: bool | None = None,
    teacher_forcing: float | tuple[float, float] = 1.0,
    epochs: int = defaults.EPOCHS,
    batch_size: int = defaults.BATCH_SIZE,
    learning_rate: float = defaults.LEARNING_RATE,
    schedule: str = defaults.SCHEDULE,
    patience: int | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_minutes: float = defaults.CHECKPOINT_MINUTES,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    workers: Workers | None = None,
    progress: bool = True,
    **sizes,
) -> tuple[Translator, pd.DataFrame]:
    """Train a translator on the training split of a corpus.

    Args:
        corpus: split here with `corpus.split(dev, test, seed)`. Of one that is streamed
            (`corpora.load(…, stream=True)`) neither sentences nor token ids are held in memory:
            the ids are on disk, in `checkpoint` where that is given, four bytes a token.
        dev: chrF on this split chooses the epoch; without it, the last epoch is kept.
        test: is held out; the translator's fingerprint tells `s2s-keras evaluate` what was not.
        init_from: a translator to train further; it is not changed. Words that it does not know are
            added, so far as `vocabulary_size` allows. Tokenizers, order of reading and sizes are
            its own.
        tokenizer: "word" (None), "char" or "subword", for both languages.
        vocabulary_size: most tokens of either language; None is the tokenizer's own default.
        reverse_source: feed the source from its end (Sutskever et al. 2014, 3.3); None is False.
        teacher_forcing: the share of true tokens, see `training.fit`; or two shares: where it
            begins, and where it ends after a steady fall (Bengio et al. 2015).
        epochs: passes over the training split.
        batch_size: sentences in a batch.
        learning_rate: of Adam, or where a schedule begins.
        schedule: "constant", or "cosine": down to 0 at the end (Loshchilov and Hutter 2017).
        patience: stop after so many epochs without a better one; None never stops.
        seed: of the split, the first weights, the order of sentences and dropout.
        folder: the best translator so far is written here after every epoch, so that whatever
            ends the training, it is not lost.
        checkpoint: another folder, from which the same call goes on after an interruption and ends
            with the same translator as if there had been none; see `training.fit`.
        checkpoint_minutes: how often it is written, beside every epoch's end.
        callbacks: more of Keras's callbacks, or your own.
        workers: see `training.fit`; a batch is that of all together.
        progress: show a bar.
        **sizes: fields of `Seq2SeqConfig` other than the vocabularies. Where they are not given,
            the encoder is bidirectional, the attention is "dot", and nothing is dropped out.

    Returns:
        The translator and the history of `training.fit`.

    Raises:
        InputError: the corpus is too small to train on; `folder` or `checkpoint` cannot be written,
            or lacks room; or the checkpoint is of a training with other arguments or another
            corpus.
        ValueError: an argument that cannot be.
        KeyboardInterrupt: training was interrupted before the end of the first epoch; later, the
            best epoch so far is returned.
    """
    fast.keep_freed_memory()
    keras.utils.set_random_seed(seed)
    is_chief = workers is None or workers.cluster.is_chief
    splits = _splits(corpus, dev, test, seed, init_from)
    asked = dict(
        tokenizer=tokenizer, vocabulary_size=vocabulary_size, reverse_source=reverse_source,
        epochs=epochs, teacher_forcing=teacher_forcing, batch_size=batch_size,
        learning_rate=learning_rate, schedule=schedule, patience=patience, seed=seed, **sizes,
    )  # fmt: skip
    if checkpoint:
        checkpoint = checkpoint_of(
            checkpoint, checkpoint_minutes, splits, init_from, is_chief, **asked
        )
    if init_from is None:
        options = {"reverse_source": bool(reverse_source), "seed": seed}
        translator = _untrained(splits.train, tokenizer or "word", vocabulary_size, options, sizes)
    else:
        if own := _chosen(sizes, tokenizer=tokenizer, reverse_source=reverse_source):
            raise ValueError(f"{own}: a translator that is trained further keeps its own")
        translator = _taken_further(init_from, splits.train, vocabulary_size, seed)
    _remember(translator, splits, init_from)
    before = init_from and init_from.about
    asked |= {"dev": dev, "test": test}
    translator.about = about_training(train, corpus, splits, before, asked)

    def batched(split: Corpus, shuffle_seed: int | None = None):
        tokenizers = translator.source_tokenizer, translator.target_tokenizer
        return batches.batches_of(
            # Only the chief removes its checkpoint in the end; the others keep their ids elsewhere.
            ids_of(split, *tokenizers, checkpoint if is_chief else None),
            batch_size,
            reverse_source=translator.reverse_source,
            shuffle_seed=shuffle_seed,
        )

    model, train_batches = translator.training_model, batched(splits.train, seed)
    updates = epochs * len(train_batches)
    # While the best translator is replaced, two of them are there.
    size = sum(weight.nbytes for weight in model.get_weights())
    history = training.fit(
        model,
        train_batches,
        batched(splits.dev) if len(splits.dev) else None,
        epochs=epochs,
        optimizer=fast.Adam(_scheduled(schedule, learning_rate, updates), global_clipnorm=5.0),
        compute_loss=fast.compute_loss(model),
        teacher_forcing=_falling(teacher_forcing, updates),
        callbacks=[
            *_keep_best(translator, splits.dev, epochs if patience is None else patience),
            *([SaveBest(translator, folder)] if folder else []),
            *callbacks,
        ],
        seed=seed,
        checkpoint=checkpoint and replace(checkpoint, beside=2 * size if folder else 0),
        workers=workers,
        progress=progress,
    )
    judges = min(len(splits.dev), SENTENCES_TO_JUDGE_BY)
    translator.about = translator.about.telling(**best_epoch(history, judges))
    return translator, history


class TranslationScore(keras.callbacks.Callback):
    """A callback that translates after every epoch, and adds the chrF to the logs as `val_chrf`.

    Translations go on getting better long after the loss on unseen text has turned: an
    `EarlyStopping` that stands after this one in the list of callbacks may choose the epoch by it.
    """

    def __init__(self, translator: Translator, corpus: Corpus):
        """Translate the corpus's source with a translator of the model that is trained."""
        super().__init__()
        self.translator, self.corpus = translator, corpus

    def on_epoch_end(self, epoch, logs=None):
        """Add `val_chrf`, from 0 to 100."""
        translations = self.translator.translate(self.corpus.source)
        logs["val_chrf"] = evaluation.score(translations, self.corpus.target).chrf


class SaveBest(keras.callbacks.Callback):
    """A callback that writes the translator after every epoch that is the best so far.

    An epoch without `val_chrf` counts as better than the one before. A full disk does not end the
    training: it is said in one line, and the next better epoch is tried again.
    """

    def __init__(self, translator: Translator, folder: str | Path):
        """Write the translator, whose model is trained, into a folder."""
        super().__init__()
        self.translator, self.folder = translator, folder
        self.best, self.saved_epoch = -1.0, 0

    def on_epoch_end(self, epoch, logs=None):
        """Write the translator where this epoch is better."""
        chrf = logs.get("val_chrf", self.best)
        if chrf < self.best or (chrf == self.best and "val_chrf" in logs):
            return
        try:
            self.translator.save(self.folder)
        except InputError as error:
            print(f"epoch {epoch + 1} is not saved: {error}", file=sys.stderr)
        else:
            self.best, self.saved_epoch = chrf, epoch + 1


def _splits(
    corpus: Corpus,
    dev: float | Corpus | None,
    test: float | Corpus | None,
    seed: int,
    init_from: Translator | None,
) -> Splits:
    splits = corpus.split(dev, test, seed)
    if not len(splits.train):
        raise InputError(f"{corpus.name}: {len(corpus)} pairs leave none to train on; add more")
    if init_from is not None and init_from.trained_on is not None:
        # What it was trained on once says nothing about how well it translates.
        splits = splits._replace(dev=splits.dev.unseen_in(init_from.trained_on))
    return splits


def _untrained(
    corpus: Corpus, tokenizer: str, vocabulary_size: int | None, options: dict, sizes: dict
) -> Translator:
    # The source is only read, never written: without capitals the small corpus goes further. And a
    # source word met only once is made UNK, so that UNK is met in training and means something.
    size = {} if vocabulary_size is None else {"vocabulary_size": vocabulary_size}
    rare = {"minimum_count": 2} if tokenizer == "word" else {}
    source = text.tokenizer(tokenizer, lowercase=True, **rare, **size).fit(corpus.source)
    target = text.tokenizer(tokenizer, **size).fit(corpus.target)
    sizes = defaults.MODEL | sizes
    config = Seq2SeqConfig(source.vocabulary_size, target.vocabulary_size, **sizes)
    model = build_training_model(config, fast.CELLS)
    return Translator(model, source, target, **options)


def _taken_further(
    known: Translator, corpus: Corpus, vocabulary_size: int | None, seed: int
) -> Translator:
    """Return a copy of a translator that also has the words of a corpus."""
    if not isinstance(known.training_model, keras.Model):
        raise ValueError("init_from is an ensemble: give one of its translators")
    source, target = (
        tokenizer.extended(texts, vocabulary_size or tokenizer.vocabulary_size + NEW_WORDS)
        for tokenizer, texts in (
            (known.source_tokenizer, corpus.source),
            (known.target_tokenizer, corpus.target),
        )
    )
    sizes = source.vocabulary_size, target.vocabulary_size
    model = grown(known.training_model, *sizes, fast.CELLS)
    return Translator(model, source, target, known.reverse_source, seed)


def _chosen(sizes: dict, **others) -> str:
    """Return the names of arguments that were given, separated by commas."""
    given = [name for name, value in others.items() if value is not None]
    return ", ".join([*given, *sizes])


def _remember(translator: Translator, splits: Splits, before: Translator | None) -> None:
    """Let the translator know what it has seen, also before it was trained further."""
    translator.trained_on = splits.train.fingerprint()
    translator.chosen_on = splits.dev.fingerprint()
    if before is None:
        return
    for name in ("trained_on", "chosen_on"):
        earlier = getattr(before, name)
        known = None if earlier is None else earlier | getattr(translator, name)
        setattr(translator, name, known)


def _keep_best(translator: Translator, dev: Corpus, patience: int) -> list:
    """Return the callbacks that score every epoch on the dev split, and keep the best one."""
    if not len(dev):
        return []
    return [
        TranslationScore(translator, dev[:SENTENCES_TO_JUDGE_BY]),
        keras.callbacks.EarlyStopping(
            monitor="val_chrf", mode="max", patience=patience, restore_best_weights=True
        ),
    ]


def _scheduled(schedule: str, learning_rate: float, updates: int):
    if schedule not in SCHEDULES:
        raise ValueError(f"schedule is {schedule!r}: give one of {', '.join(SCHEDULES)}")
    if schedule == "constant" or not updates:
        return learning_rate
    return schedules.CosineDecay(learning_rate, updates)


def _falling(teacher_forcing: float | tuple[float, float], updates: int):
    """Return a share, or the schedule that falls steadily from the first of two to the second."""
    if not isinstance(teacher_forcing, Sequence):
        return teacher_forcing
    begin, end = teacher_forcing
    for share in (begin, end):
        if not 0 <= share <= 1:
            raise ValueError(f"teacher_forcing is {share}: give shares from 0 to 1")
    return schedules.PolynomialDecay(begin, max(1, updates), end)
