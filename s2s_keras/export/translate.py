"""Translate with ONNX Runtime: `python translate.py SENTENCE…`, or lines of standard input."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from joining import join_words  # these two are copied beside this file
from normalisation import graphemes, normalise, words

PAD, UNK, START, END = range(4)


def load(folder: Path, together: int = 64):
    """Return a function that translates sentences greedily with what a folder holds."""
    paths = (folder / f"{name}.json" for name in ("source", "target", "settings"))
    source, target, settings = (json.loads(path.read_text(encoding="utf-8")) for path in paths)
    parts = [onnxruntime.InferenceSession(folder / f"{name}.onnx") for name in ("encoder", "step")]
    number = {piece: n for n, piece in enumerate(source["learnt"])}
    join = join_words if target["kind"] == "word" else "".join

    def translate(sentences: list[str]) -> list[str]:
        rows = [ids_of(s, source, number)[:: settings["step"]] for s in sentences]
        waiting = sorted(filter(rows.__getitem__, range(len(rows))), key=lambda n: len(rows[n]))
        translations = [""] * len(rows)
        for batch in (waiting[n : n + together] for n in range(0, len(waiting), together)):
            for n, ids in zip(batch, greedy(*parts, [rows[n] for n in batch]), strict=True):
                pieces = [target["learnt"][i] for i in ids[: (ids == END).argmax()]]
                translations[n] = normalise(join(pieces))
        return translations

    return translate


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
    names = [entry.name for entry in step.get_inputs()]
    while (chosen[-1] != END).any():
        given = zip(names, [chosen[-1][:, None], *states], strict=True)
        logits, *states = step.run(None, dict(given))
        logits[:, [PAD, UNK, START]] = -np.inf
        likeliest = np.where(len(chosen) == 2 * lengths + 10, END, logits.argmax(axis=1))
        chosen.append(np.where(chosen[-1] == END, END, likeliest).astype("int32"))
    return np.stack(chosen[1:], axis=1)


if __name__ == "__main__":  # with `python -X utf8` on Windows
    print(*load(Path(__file__).parent)(sys.argv[1:] or sys.stdin.read().splitlines()), sep="\n")
