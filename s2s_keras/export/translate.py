"""Translate with ONNX Runtime: `python translate.py SENTENCE…`, or lines of standard input."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from joining import join_words  # these two are copied beside this file
from normalisation import graphemes, normalise, words

PAD, UNK, START, END = range(4)


def main(folder: Path, sentences: list[str], together: int = 64) -> list[str]:
    """Translate sentences greedily with what a folder holds."""
    paths = (folder / f"{name}.json" for name in ("source", "target", "settings"))
    source, target, settings = (json.loads(path.read_text(encoding="utf-8")) for path in paths)
    encoder = onnxruntime.InferenceSession(folder / "encoder.onnx")
    step = onnxruntime.InferenceSession(folder / "step.onnx")
    number = {piece: n for n, piece in enumerate(source["learnt"])}
    join = join_words if target["kind"] == "word" else "".join
    rows = [ids_of(s, source, number)[:: settings["step"]] for s in sentences]
    waiting = sorted(filter(rows.__getitem__, range(len(rows))), key=lambda n: len(rows[n]))
    translations = [""] * len(rows)
    for start in range(0, len(waiting), together):
        batch = waiting[start : start + together]
        for n, ids in zip(batch, greedy(encoder, step, [rows[n] for n in batch]), strict=True):
            pieces = [target["learnt"][i] for i in ids[: (ids == END).argmax()]]
            translations[n] = normalise(join(pieces))
    return translations


def ids_of(sentence: str, source: dict, number: dict[str, int]) -> list[int]:
    """Return the ids of a sentence; a grapheme cluster without one is spelt."""
    split, spell = (words, False) if source["kind"] == "word" else (graphemes, True)
    parts = split(normalise(sentence, source["options"]["lowercase"]))
    spelt = (part if spell and part not in number else [part] for part in parts)
    return [number.get(piece, UNK) for part in spelt for piece in part]


def greedy(encoder, step, rows: list[list[int]]) -> np.ndarray:
    """Return the likeliest ids, token by token; a translation ends after 2 · length + 10."""
    lengths = np.array([len(row) for row in rows])
    padded = np.array([row + [PAD] * (lengths.max() - len(row)) for row in rows], "int32")
    states, chosen = encoder.run(None, {"source": padded}), [np.full(len(rows), START, "int32")]
    names, ended = [entry.name for entry in step.get_inputs()], np.zeros(len(rows), bool)
    while not ended.all():
        inputs = dict(zip(names, [chosen[-1][:, None], *states], strict=True))
        logits, *states = step.run(None, inputs)
        logits[:, [PAD, UNK, START]] = -np.inf
        likeliest = np.where(len(chosen) == 2 * lengths + 10, END, logits.argmax(axis=1))
        chosen.append(np.where(ended, END, likeliest).astype("int32"))
        ended |= chosen[-1] == END
    return np.stack(chosen[1:], axis=1)


if __name__ == "__main__":  # with `python -X utf8` on Windows
    print(*main(Path(__file__).parent, sys.argv[1:] or sys.stdin.read().splitlines()), sep="\n")
