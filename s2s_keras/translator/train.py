"""Training a translator from a corpus: tokenizers, batches, model and all, with good defaults."""

from collections.abc import Sequence

import keras
import pandas as pd
from keras.optimizers import schedules

from .. import batches, defaults, evaluation, fast, text, training
from ..corpora import ParallelCorpus
from ..errors import InputError
from ..models import Seq2SeqConfig, build_training_model
from .core import Translator

SENTENCES_TO_JUDGE_BY = 500  # of the dev split, translated after every epoch
SCHEDULES = ("constant", "cosine")


def train(
    corpus: ParallelCorpus,
    *,
    tokenizer: str = "word",
    vocabulary_size: int | None = None,
    reverse_source: bool = False,
    teacher_forcing: float | tuple[float, float] = 1.0,
    epochs: int = defaults.EPOCHS,
    batch_size: int = defaults.BATCH_SIZE,
    learning_rate: float = defaults.LEARNING_RATE,
    schedule: str = defaults.SCHEDULE,
    patience: int | None = None,
    seed: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    progress: bool = True,
    **sizes,
) -> tuple[Translator, pd.DataFrame]:
    """Train a translator on the training split of a corpus.

    Args:
        corpus: split here with `corpus.split(seed=seed)`; chrF on its dev split chooses the epoch.
        tokenizer: "word", "char" or "subword", for both languages.
        vocabulary_size: most tokens of either language; None is the tokenizer's own default.
        reverse_source: feed the source from its end (Sutskever et al. 2014, 3.3).
        teacher_forcing: the share of true tokens, see `training.fit`; or two shares: where it
            begins, and where it ends after a steady fall (Bengio et al. 2015).
        epochs: passes over the training split.
        batch_size: sentences in a batch.
        learning_rate: of Adam, or where a schedule begins.
        schedule: "constant", or "cosine": down to 0 at the end (Loshchilov and Hutter 2017).
        patience: stop after so many epochs without a better one; None never stops.
        seed: of the split, the first weights, the order of sentences and dropout.
        callbacks: more of Keras's callbacks, or your own.
        progress: show a bar.
        **sizes: fields of `Seq2SeqConfig` other than the vocabularies. Where they are not given,
            the encoder is bidirectional, the attention is "dot", and nothing is dropped out.

    Returns:
        The translator and the history of `training.fit`.

    Raises:
        InputError: the corpus is too small to train on.
        ValueError: an argument that cannot be.
    """
    fast.keep_freed_memory()
    keras.utils.set_random_seed(seed)
    splits = corpus.split(seed=seed)
    if not len(splits.train):
        raise InputError(f"{corpus.name}: {len(corpus)} pairs leave none to train on; add more")
    translator = _untrained(splits.train, tokenizer, vocabulary_size, reverse_source, seed, sizes)

    def batched(split: ParallelCorpus, shuffle_seed: int | None = None):
        return batches.make_batches(
            translator.source_tokenizer.encode_all(split.source),
            translator.target_tokenizer.encode_all(split.target),
            batch_size,
            reverse_source=reverse_source,
            shuffle_seed=shuffle_seed,
        )

    model, train_batches = translator.training_model, batched(splits.train, seed)
    updates = epochs * len(train_batches)
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
            *callbacks,
        ],
        seed=seed,
        progress=progress,
    )
    return translator, history


class TranslationScore(keras.callbacks.Callback):
    """A callback that translates after every epoch, and adds the chrF to the logs as `val_chrf`.

    Translations go on getting better long after the loss on unseen text has turned: an
    `EarlyStopping` that stands after this one in the list of callbacks may choose the epoch by it.
    """

    def __init__(self, translator: Translator, corpus: ParallelCorpus):
        """Translate the corpus's source with a translator of the model that is trained."""
        super().__init__()
        self.translator, self.corpus = translator, corpus

    def on_epoch_end(self, epoch, logs=None):
        """Add `val_chrf`, from 0 to 100."""
        translations = self.translator.translate(self.corpus.source)
        logs["val_chrf"] = evaluation.score(translations, self.corpus.target).chrf


def _untrained(
    corpus: ParallelCorpus,
    tokenizer: str,
    vocabulary_size: int | None,
    reverse_source: bool,
    seed: int,
    sizes: dict,
) -> Translator:
    # The source is only read, never written: without capitals the small corpus goes further. And a
    # source word met only once is made UNK, so that UNK is met in training and means something.
    options = {} if vocabulary_size is None else {"vocabulary_size": vocabulary_size}
    rare = {"minimum_count": 2} if tokenizer == "word" else {}
    source = text.tokenizer(tokenizer, lowercase=True, **rare, **options).fit(corpus.source)
    target = text.tokenizer(tokenizer, **options).fit(corpus.target)
    sizes = defaults.MODEL | sizes
    config = Seq2SeqConfig(source.vocabulary_size, target.vocabulary_size, **sizes)
    model = build_training_model(config, fast.CELLS)
    return Translator(model, source, target, reverse_source, seed)


def _keep_best(translator: Translator, dev: ParallelCorpus, patience: int) -> list:
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
