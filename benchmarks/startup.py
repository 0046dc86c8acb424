"""How long a user waits for the first translation."""

import subprocess
import sys
import time
from pathlib import Path

from s2s_keras import corpora, text
from s2s_keras.models import Seq2SeqConfig, build_training_model
from s2s_keras.translator import Translator

SENTENCE = "Where is my brother's book?"


def save_translator(folder: Path) -> None:
    """Save an untrained translator of the course's words and the usual size: it loads as any."""
    pairs = corpora.load("course").split().train
    source, target = (text.WordTokenizer().fit(side) for side in (pairs.source, pairs.target))
    config = Seq2SeqConfig(source.vocabulary_size, target.vocabulary_size)
    Translator(build_training_model(config), source, target).save(folder)


def command(*arguments: str):
    """Prepare rounds of a command of Python's, from its start to its end."""

    def run_round() -> dict[str, float]:
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        seconds = time.perf_counter() - start
        return {"speed": 1 / seconds, "seconds": seconds}

    return run_round
