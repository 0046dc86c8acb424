"""The translators that come with the package; `make models` trains them again."""

import os
from importlib import resources
from pathlib import Path
from typing import NamedTuple

DEFAULT = "course-attention"
CARD = "README.md"


class Shipped(NamedTuple):
    """A translator that has a name.

    Attributes:
        name: what `Translator.load` and `--model` take.
        description: a sentence, the first of its card.
        folder: of the translator, with the card.
        size: of the folder's files, in bytes.
    """

    name: str
    description: str
    folder: Path
    size: int


def shipped() -> list[Shipped]:
    """List the translators that come with the package, in the order of their names."""
    home = Path(str(resources.files("s2s_keras.data") / "models"))
    return [_described(card.parent) for card in sorted(home.glob(f"*/{CARD}"))]


def find(name: str | Path) -> Path:
    """Return the folder of a translator: that of the name where there is no such folder here."""
    if not os.path.isdir(name):  # unlike Path.is_dir(), no exception for an overlong name
        for model in shipped():
            if model.name == str(name):
                return model.folder
    return Path(name)


def _described(folder: Path) -> Shipped:
    _, description, *_ = (folder / CARD).read_text(encoding="utf-8").split("\n\n")
    size = sum(path.stat().st_size for path in folder.iterdir())
    return Shipped(folder.name, " ".join(description.split()), folder, size)
