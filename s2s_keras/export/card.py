"""What travels with an exported model: a page that says what it is, and how it is used."""

import hashlib
from importlib import metadata
from pathlib import Path

from .. import __version__
from ..models import config_of
from ..translator import Translator

USES = {
    "savedmodel": "`import tensorflow as tf, tensorflow_text`, then\n"
    '`tf.saved_model.load(FOLDER).signatures["serving_default"]'
    '(sentences=tf.constant(["How are you?"]))["translations"]`.',
    "onnx": 'Run `python -X utf8 translate.py "How are you?"`, or give it lines on standard input. '
    "It needs `numpy`, `onnxruntime` and `regex`.",
    "web": "`model.json` tells where each array lies in `weights.bin`, in little-endian "
    "floats of 16 bits.",
}
CARD = """# A translator, exported as {to}

{model} It decodes greedily, and translates one sentence at a time.

{use}

| | |
|---|---|
| exported from | {origin} |
| data | {pairs} |
| licence | that of the data it was trained on |
| made with | {versions} |

It knows the {source:,} source pieces and {target:,} target pieces of its training data, specials
included. Scores, data and limits stand in the card of the translator that it was exported from.

## Files, with SHA-256

{files}
"""


def write_card(translator: Translator, to: str, folder: Path, origin: str) -> None:
    """Write README.md for a folder whose other files are all there."""
    config, seen = config_of(translator.training_model), translator.trained_on
    versions = {"s2s-keras": __version__}
    versions |= {name: metadata.version(name) for name in ("keras", "tensorflow")}
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    card = CARD.format(
        to=to,
        model=f"A model of {config.layers} {config.cell} layer(s) of {config.units} units each in "
        f"encoder and decoder, attention: {config.attention}.",
        use=USES[to],
        origin=origin or "a translator in memory",
        pairs="not known" if seen is None else f"{len(seen.source):,} different source sentences",
        versions=", ".join(f"{name} {version}" for name, version in versions.items()),
        source=config.source_vocabulary,
        target=config.target_vocabulary,
        files="\n".join(
            f"- `{path.relative_to(folder).as_posix()}` "
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}"
            for path in paths
        ),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
