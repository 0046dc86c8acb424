"""The font that a page brings along, for readers whose machines have no Devanagari."""

import functools
import io
from pathlib import Path

import fontpkg
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FAMILY = "Noto Sans Devanagari"
# The block, the joiners, and the circle that stands for a letter that is missing.
_CHARACTERS = [*range(0x900, 0x980), 0x20, 0x200C, 0x200D, 0x20B9, 0x25CC]


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
    subsetter.populate(unicodes=_CHARACTERS)
    subsetter.subset(regular)
    file = io.BytesIO()
    subset.save_font(regular, file, options)
    return file.getvalue(), (path.parents[1] / "LICENSE").read_text(encoding="utf-8")
