"""The font that a page or a notebook brings along, for machines that have no Devanagari."""

import base64
import functools
import io
from pathlib import Path

import fontpkg
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FAMILY = "Noto Sans Devanagari"
# The block, the joiners, the rupee, and the circle that stands for a letter that is missing.
_RANGE = "U+0900-097F, U+200C-200D, U+20B9, U+25CC"
# JupyterLab's names for the fonts of its menus, of text and tables, and of code and plain outputs.
_JUPYTER = [f"--jp-{part}-font-family" for part in ("ui", "content", "code")]


@functools.cache
def devanagari() -> tuple[bytes, str]:
    """Return the regular weight's Devanagari as WOFF, with all that shapes it, and its licence.

    The same versions of the font and of fontTools give the same bytes.
    """
    path = Path(fontpkg.path(FAMILY))
    font = TTFont(path)  # which keeps its dates
    regular = instancer.instantiateVariableFont(font, {"wght": 400, "wdth": 100}, inplace=True)
    options = subset.Options(flavor="woff", layout_features=["*"], name_IDs=["*"], hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes("20," + _RANGE.replace("U+", "")))
    subsetter.subset(regular)
    file = io.BytesIO()
    subset.save_font(regular, file, options)
    return file.getvalue(), (path.parents[1] / "LICENSE").read_text(encoding="utf-8")


def face() -> str:
    """Return the font as a rule of CSS: it is used for Devanagari alone, whatever stands around."""
    data = base64.b64encode(devanagari()[0]).decode()
    return (
        f'@font-face {{ font-family: "{FAMILY}"; src: url(data:font/woff;base64,{data}) '
        f'format("woff"); unicode-range: {_RANGE}; }}\n'
    )


def bring_to_notebook() -> None:
    """Show Hindi with this font in the notebook that calls it: in outputs, text and code.

    It sets JupyterLab's names of fonts. Colab keeps every output to itself, and shows Hindi with
    the fonts of the reader's own machine. Without a notebook nothing happens. The font is not saved
    by `notebooks/course.py`.
    """
    from IPython import get_ipython
    from IPython.display import display

    if not hasattr(get_ipython(), "kernel"):
        return
    # A name that stood for itself and more would stand for nothing: so each is kept by another one.
    kept = "".join(f"{name}-kept: var({name}); " for name in _JUPYTER)
    longer = "".join(f'{name}: "{FAMILY}", var({name}-kept); ' for name in _JUPYTER)
    style = f"<style>{face()}:root {{ {kept}}} body {{ {longer}}}</style>"
    live = {"text/html": {"live": True}}
    display({"text/html": style, "text/plain": ""}, metadata=live, raw=True)
