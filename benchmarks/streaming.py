"""A corpus of any size, through the command line: the memory of `s2s-keras train --stream`."""

import gzip
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

import numpy as np

from .contest import ROOT
from .pipeline import peak_memory

WORDS = 100_000  # of either language, the commonest far more often than the rarest
KNOWN = 4_000  # of them, to the network: as many as there are subwords by default
AT_A_TIME = 50_000
SYLLABLES = {
    "english": [c + v for c in (*"bdgklmnprst", "ch", "st", "tr") for v in "aeiou"],
    "hindi": [c + v for c in "कखगचजटडतदनपबमरलवशसह" for v in ("", *"ािीुूेैोौ")],
}
# The verb comes last in Hindi.
FORMS = {
    "english": ("The {} {} in the {} of {} {} the {}.", [0, 1, 2, 3, 4, 5]),
    "hindi": ("{} के {} में {} {} {} को {} है।", [3, 2, 0, 1, 5, 4]),
}
# How `train` shows a pass over the file, and the updates: "reading pairs.tsv: 5.00M pairs [01:40,",
# "both sides: 100%|██████| 5.00M/5.00M [01:40<", "epoch 1/1: 0%| | 312/77969 [00:40<".
PASS = re.compile(r"(?:^|[\r\n])([\w .]+): [^\r\n\[]*\[(?:(\d+):)?(\d+):(\d+)[<,]")
UPDATES = re.compile(r"epoch 1/1: [^\r\n\[]* (\d+)/\d+ \[")


def write_pairs(path: Path, number: int) -> None:
    """Write so many pairs of a grammar with one sentence and made-up words, packed by gzip.

    A word's rank tells how often it comes, as in real text (Zipf 1935), and its syllables.
    """
    random = np.random.default_rng(0)
    words = {
        language: np.array([_word(rank, syllables) for rank in range(WORDS)], object)
        for language, syllables in SYLLABLES.items()
    }
    odds = np.cumsum(1 / np.arange(1, WORDS + 1))
    with gzip.open(path, "wt", encoding="utf-8", newline="\n", compresslevel=1) as file:
        for start in range(0, number, AT_A_TIME):
            places = random.random((min(AT_A_TIME, number - start), 6)) * odds[-1]
            ranks = np.searchsorted(odds, places)
            sides = [
                [form.format(*row) for row in words[language][ranks[:, order]].tolist()]
                for language, (form, order) in FORMS.items()
            ]
            file.writelines(map("{}\t{}\n".format, *sides))


def _word(rank: int, syllables: list[str]) -> str:
    """Write a number in the system whose digits are syllables."""
    more, last = divmod(rank, len(syllables))
    return (_word(more, syllables) if more else "") + syllables[last]


def train(path: Path, folder: Path, updates: int) -> dict:
    """Run `s2s-keras train --stream` in a new process, and stop it after so many updates.

    Returns:
        "gigabytes", the most memory that the process held; "updates" and the "seconds" they took;
        and "passes", from the name of each pass over the file to its seconds.
    """
    command = [sys.executable, "-m", "s2s_keras", "train", "--stream", "--corpus", str(path)]
    command += ["--out", str(folder / "new"), "--epochs", "1", "--vocabulary-size", str(KNOWN)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True)
    said = _Said(process.stderr)
    peak, began, ended = 0, 0.0, 0.0
    while process.poll() is None:
        peak = max(peak, peak_memory(process.pid))
        done, now = updates_in(said.text[-2_000:]), time.perf_counter()
        began = began or (now if done else 0.0)
        if done >= updates and not ended:
            ended = now
            process.send_signal(signal.SIGTERM)
        time.sleep(0.02)
    if process.returncode != 130 or not ended:
        raise RuntimeError(f"{' '.join(command)} stopped: {said.text[-2_000:]}")
    seconds = ended - began
    return {
        "gigabytes": peak / 1e9,
        "updates": done,
        "seconds": seconds,
        "passes": passes_in(said.text),
    }


class _Said:
    """What a process has said so far."""

    def __init__(self, stream: BinaryIO):
        self.text = ""
        self.stream = stream
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while heard := os.read(self.stream.fileno(), 1 << 16):
            self.text += heard.decode(errors="replace")


def updates_in(text: str) -> int:
    """Return how many updates the last line of progress tells of."""
    return int(next(iter(UPDATES.findall(text)[-1:]), 0))


def passes_in(text: str) -> dict[str, int]:
    """Return the seconds of every pass that took long enough to be shown, by its name."""
    return {
        name: 3600 * int(hours or 0) + 60 * int(minutes) + int(seconds)
        for name, hours, minutes, seconds in PASS.findall(text)
    }
