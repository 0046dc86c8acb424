"""`s2s-keras train`."""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten

from ..corpora import Corpus
from ..errors import InputError
from ..machine import memory_size
from ..workers.cluster import Cluster
from ..workers.lines import GO_ON
from ..workers.meeting import meet
from .inputs import import_translator, load_corpus, tell

# What `translator.train` takes as it stands, where it is given; the others need a word of
# translation. A translator that is trained further keeps what the first of them say.
MODEL_OPTIONS = [
    "tokenizer",
    "cell",
    "units",
    "embedding",
    "layers",
    "dropout",
    "attention",
    "bidirectional",
    "context",
    "reverse_source",
]
TRAIN_OPTIONS = [
    "vocabulary_size",
    "teacher_forcing",
    "epochs",
    "patience",
    "batch_size",
    "learning_rate",
    "schedule",
    "seed",
    "checkpoint_minutes",
]


def train(options: argparse.Namespace) -> int:
    """Train a translator and save it; return the exit status."""
    # Beside the translator's folder, which is replaced as a whole by every better translator.
    kept, is_chief = Path(f"{Path(options.out).resolve()}.checkpoint"), True
    try:
        with _termination_as_ctrl_c(), meet(options.wait_minutes) as cluster:
            is_chief = cluster.is_chief
            with contextlib.nullcontext() if is_chief else _silence():
                status = _train(options, kept, cluster)
    except KeyboardInterrupt:
        status = 130
    if status == 130 and is_chief:
        print(
            f"to go on, give the same command with --resume: {kept} has what was done so far"
            if kept.exists()
            else "interrupted before anything was learned: there is nothing to go on from",
            file=sys.stderr,
        )
    return status


def _train(options: argparse.Namespace, kept: Path, cluster: Cluster) -> int:
    given = {name: value for name, value in vars(options).items() if name in MODEL_OPTIONS}
    if options.init_from and given:
        flag = next(iter(given)).replace("_", "-")
        raise InputError(
            f"--{flag}: a translator that is trained further keeps its own; leave the flag away"
        )
    if "context" in given:
        given["context"] = given["context"].replace("-", "_")
    given |= {name: value for name, value in vars(options).items() if name in TRAIN_OPTIONS}
    corpus = load_corpus(options)
    translator = import_translator()
    from ..workers.replicas import Workers

    workers = Workers(cluster)
    checkpoint = _checkpoint(translator, options, kept) if cluster.is_chief else None
    tell(corpus)
    given |= {name: _held_out(options, name) for name in ("dev", "test")}
    if options.init_from:
        given["init_from"] = translator.Translator.load(options.init_from)
    _tell_splits(corpus, given["dev"], given["test"], given["seed"])
    if checkpoint and not options.resume:
        checkpoint.remove()  # With --overwrite there may be one.
    trained, history = _trained(translator, corpus, options.out, kept, workers, given)
    why = history.attrs.get("stopped")
    if checkpoint:
        _save(trained, history, options.out)
        if why != "interrupted":
            checkpoint.remove()
    if why == "interrupted":
        return 130
    if why == "not finite":
        raise InputError(
            f"the loss is not a number in epoch {len(history) + 1}; {options.out} has what was "
            "learned before; give a smaller --learning-rate"
        )
    return 0


@contextlib.contextmanager
def _termination_as_ctrl_c() -> Iterator[None]:
    """Let SIGTERM, which `kill` and a system that shuts down send, raise KeyboardInterrupt, too."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Let the chief alone speak; what ends this worker is still told, by an exception."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        yield


def _checkpoint(translator, options: argparse.Namespace, kept: Path):
    """Return the checkpoint, once it is sure that neither it nor a translator is lost unasked."""
    from ..checkpoints import Checkpoint

    checkpoint = Checkpoint(kept)
    if options.resume:
        translator.put_back(options.out)
    goes_on = options.resume and checkpoint.exists()
    # What a run that goes on finds in --out, it wrote itself, or was allowed to replace.
    translator.check_can_save(options.out, options.overwrite or goes_on)
    if checkpoint.exists() and not (options.resume or options.overwrite):
        raise InputError(
            f"{kept}: has a training that was interrupted; go on with --resume, or begin anew with "
            "--overwrite"
        )
    if options.resume and not goes_on:
        print(f"{kept}: nothing to go on from; beginning with the first epoch", file=sys.stderr)
    return checkpoint


def _held_out(options: argparse.Namespace, name: str) -> float | Corpus | None:
    """Return the share or the corpus that --dev or --test asks for; None without the flag."""
    wanted = getattr(options, name)
    if wanted is None:
        return None
    if wanted == "none":
        return 0.0
    with contextlib.suppress(ValueError):
        if 0 <= float(wanted) < 1:
            return float(wanted)
    corpus = load_corpus(options, wanted)
    tell(corpus)
    return corpus


def _tell_splits(corpus: Corpus, *of_split) -> None:
    splits = corpus.split(*of_split)
    left_out = sum(n for reason, n in splits.train.skipped.items() if reason.startswith("in "))
    dev, test = len(splits.dev), len(splits.test)
    smaller = None in of_split and not corpus.given and corpus.usual_share < 0.1
    notes = [
        f"training on {len(splits.train):,} pairs",
        f"choosing the best epoch on {dev:,}" if dev else "keeping the last epoch",
        f"holding out {test:,} for `s2s-keras evaluate`" if test else "",
        f"a share of {corpus.usual_share:g} each" if smaller else "",
        f"{left_out:,} left out that are in dev or test" if left_out else "",
    ]
    print(", ".join(filter(None, notes)), file=sys.stderr)


def _trained(translator, corpus: Corpus, out: str, kept: Path, workers, given: dict) -> tuple:
    """Run `translator.train`; what it cannot do is told in one line."""
    from tensorflow.errors import OpError, ResourceExhaustedError

    try:
        return translator.train(
            corpus, **given, folder=out, checkpoint=kept, callbacks=[_announcement()],
            workers=workers,
        )  # fmt: skip
    except (MemoryError, ResourceExhaustedError) as error:
        raise InputError(
            "the model does not fit into memory; "
            "give smaller --units, --embedding, --layers or --batch-size"
        ) from error
    except OpError as error:
        if not workers.cluster.place:
            raise
        # One that is gone is noticed sooner. This one has not moved for long, or cannot be reached.
        raise InputError(f"TensorFlow has lost a worker ({_reason(error)}){GO_ON}") from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(str(error)) from error


def _reason(error) -> str:
    """Return what TensorFlow says in the end, after where in the program it was."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    said = next((line for line in lines if "aborted" in line or "unhealthy" in line), lines[-1])
    return shorten(said, 200, placeholder=" …")


def _announcement():
    """Return a callback that says, when training begins, on what and how large the model is."""
    import keras
    import tensorflow as tf

    def announce(logs=None):
        gpus = len(tf.config.list_physical_devices("GPU"))
        device = f"GPUs: {gpus}" if gpus else f"{os.cpu_count()} CPU cores, no GPU"
        weights = callback.model.count_params()
        of_memory = f" of {memory / 1e9:,.0f} GB" if (memory := memory_size()) else ""
        # float32: the weight, its gradient, and the two means that Adam keeps of it.
        print(
            f"{device}; {weights:,} weights, {16 * weights / 1e6:,.0f} MB in training{of_memory}",
            file=sys.stderr,
        )

    callback = keras.callbacks.LambdaCallback(on_train_begin=announce)
    return callback


def _save(trained, history, out: str) -> None:
    """Save the translator with its history; where that fails, say what is kept and where."""
    best = "the last epoch"
    if "val_chrf" in history:
        row = history.loc[history.val_chrf.idxmax()]
        best = f"epoch {row.epoch:.0f}, the best by dev chrF ({row.val_chrf:.1f})"
    try:
        trained.save(out, history)
    except InputError as error:
        rescue = tempfile.mkdtemp(prefix="s2s-keras-")
        try:
            trained.save(rescue, history)
        except InputError:
            os.rmdir(rescue)
            remedy = "then give the same command with --resume: nothing is trained again"
            raise InputError(f"{error}; {remedy}") from error
        raise InputError(f"{error}; until then, the translator is kept in {rescue}") from error
    print(f"{out}: translator of {best}, history.csv, history.png", file=sys.stderr)
