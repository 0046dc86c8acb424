"""For a web page: all weights as one file of 16-bit numbers, and JSON that tells where each lies.

`weights.bin` has the arrays one after the other: little-endian float16, the last axis first.
`model.json` has `weights` (for each name its `shape` and its `offset` in bytes), `config` (of
`Seq2SeqConfig`), `reverse_source`, and the tokenizers `source` and `target` as they are saved. The
names are those of `models.weights.named_weights`.
"""

import json
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from ..errors import InputError
from ..models import config_of
from ..models.weights import named_weights
from ..translator import Translator
from .plain import plain_model


def write_web(translator: Translator, folder: Path) -> None:
    """Write weights.bin and model.json.

    Raises:
        InputError: a weight is too large for 16 bits.
    """
    about, arrays = pack(translator)
    (folder / "weights.bin").write_bytes(b"".join(array.tobytes() for array in arrays))
    text = json.dumps(about, ensure_ascii=False)
    (folder / "model.json").write_text(text, encoding="utf-8")


def pack(translator: Translator) -> tuple[dict, list[np.ndarray]]:
    """Return what model.json holds, and the arrays of weights.bin in their order.

    Raises:
        InputError: a weight is too large for 16 bits.
    """
    model = plain_model(translator)
    manifest, offset, arrays = {}, 0, []
    for name, variable in named_weights(model).items():
        values = keras.ops.convert_to_numpy(variable)
        if np.abs(values).max(initial=0) > np.finfo("float16").max:
            raise InputError(f"export: a weight of {name} is too large for 16 bits; use onnx")
        arrays.append(values.astype("<f2"))
        manifest[name] = {"shape": list(values.shape), "offset": offset}
        offset += arrays[-1].nbytes
    about = {
        "config": asdict(config_of(model)),
        "reverse_source": translator.reverse_source,
        "weights": manifest,
        "source": translator.source_tokenizer.state(),
        "target": translator.target_tokenizer.state(),
    }
    return about, arrays
