"""What travels with an exported model: the translator's card, how it is used, and its files."""

import hashlib
from pathlib import Path

from ..translator import Translator
from ..translator.saving import write_text

USES = {
    "savedmodel": "`import tensorflow as tf, tensorflow_text`, then\n"
    '`tf.saved_model.load(FOLDER).signatures["serving_default"]'
    '(sentences=tf.constant(["How are you?"]))["translations"]`.',
    "onnx": 'Run `python -X utf8 translate.py "How are you?"`, or give it lines on standard input. '
    "It needs `numpy`, `onnxruntime` and `regex`.",
    "web": "`model.json` tells where each array lies in `weights.bin`, in little-endian "
    "floats of 16 bits.",
}
USE = """This is the translator {origin}, exported as {to}; it decodes greedily. {use}

Its files, with SHA-256:

{files}"""


def write_card(translator: Translator, to: str, folder: Path, origin: str) -> None:
    """Write README.md for a folder whose other files are all there."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = (
        f"- `{path.relative_to(folder).as_posix()}` {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in paths
    )
    use = USE.format(
        origin=f"`{origin}`" if origin else "of a program",
        to=to,
        use=USES[to],
        files="\n".join(files),
    )
    write_text(folder / "README.md", translator.card(use))
