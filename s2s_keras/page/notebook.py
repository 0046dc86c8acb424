"""The page inside a notebook."""

import html
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..translator import Translator
from .build import EXAMPLES, write_page

if TYPE_CHECKING:
    from IPython.display import HTML


def show_page(
    translator: Translator,
    beside: Translator | None = None,
    names: Sequence[str] = ("a translator", "another translator"),
    examples: Sequence[str] = EXAMPLES,
    *,
    file: str | Path = "build/translator.html",
    height: int = 720,
) -> "HTML":
    """Write a page and return a frame that shows it, as the output of a cell.

    The frame names the file and does not hold it: twelve megabytes do not belong into a notebook.
    Colab gives a frame no file of the kernel's machine, so there the frame does hold the page.
    `notebooks/course.py` leaves the frame out of what it saves.

    Args:
        translator: see `write_page`, as for the next three.
        beside: a translator with the same words, which answers when attention is hidden.
        names: what the page calls the two.
        examples: sentences that the page offers.
        file: where the page is written, below the folder from which Jupyter serves its files.
        height: of the frame, in CSS pixels.

    Raises:
        InputError: see `write_page`.
    """
    from IPython.display import HTML

    write_page(translator, file, beside, names, examples)
    if "google.colab" in sys.modules:
        source, link = f'srcdoc="{html.escape(Path(file).read_text(encoding="utf-8"))}"', ""
    else:
        address = html.escape(Path(file).as_posix())
        source = f'src="{address}"'
        link = f'<a href="{address}" target="_blank">Open the page in a tab of its own</a>'
    frame = f'<iframe title="A translator that shows how it works" width="100%" height="{height}"'
    shown = f'<div>{frame} style="border:0" {source}></iframe>{link}</div>'
    return HTML(shown, metadata={"live": True})
