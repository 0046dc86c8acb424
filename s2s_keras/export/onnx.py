"""ONNX: encoder and decoder step, with a program that needs neither Keras nor TensorFlow."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

from .. import text
from ..errors import InputError
from ..models import build_decoder_step, build_encoder
from ..translator import Translator
from .plain import plain_model

# These are copied: they import nothing of this package.
PROGRAM = Path(__file__).with_name("translate.py")
RULES = [Path(text.__file__).with_name(f"{name}.py") for name in ("normalisation", "joining")]


def write_onnx(translator: Translator, folder: Path) -> None:
    """Write encoder.onnx, step.onnx, the tokenizers, settings.json and translate.py.

    Raises:
        InputError: tf2onnx or onnxruntime is missing, or a tokenizer is one of subwords.
    """
    if not (find_spec("tf2onnx") and find_spec("onnxruntime")):
        raise InputError('export: onnx needs more packages; pip install "s2s-keras[onnx]"')
    tokenizers = {"source": translator.source_tokenizer, "target": translator.target_tokenizer}
    if any(tokenizer.kind == "subword" for tokenizer in tokenizers.values()):
        raise InputError(
            "export: onnx has words and characters, not subwords; use savedmodel or web"
        )
    model = plain_model(translator)
    for name, part in (("encoder", build_encoder(model)), ("step", build_decoder_step(model))):
        part.export(folder / f"{name}.onnx", format="onnx", verbose=False)
    for name, tokenizer in tokenizers.items():
        tokenizer.save(folder / f"{name}.json")
    settings = {"step": -1 if translator.reverse_source else 1}  # through the source
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    for path in (PROGRAM, *RULES):
        shutil.copy(path, folder / path.name)
