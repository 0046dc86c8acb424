"""One HTML file with the network, its weights, its words, a font, and what draws them.

A page that is opened from disk may fetch nothing, not even its neighbours: so all is in it. The
weights are those of `export.web`, float16; their low bytes come first, then their high ones, which
are much alike and so deflate well. In JavaScript, `text.js` equals `s2s_keras.text`, and
`network.js` the models and the decoders; `drawing.js`, `parts.js` and `page.js` show what they
compute.
"""

import base64
import contextlib
import hashlib
import html
import json
import math
import os
import zlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from .. import __version__
from ..errors import InputError
from ..export.web import pack
from ..translator import Translator
from .font import devanagari, face

SCRIPTS = ("text.js", "network.js", "drawing.js", "parts.js", "page.js")
EXAMPLES = (
    "The boy who is reading a book in the garden is my brother.",
    "When my friend came home, I was writing a letter to my brother.",
    "My father works in a bank and my mother teaches at a school.",
    "I gave my sister a red book.",
    "My brother is taller than my sister.",
    "The astronaut is drinking tea.",
)
LARGEST = 12_000_000  # bytes
MARK = '<meta name="generator" content="s2s-keras page'  # an earlier page may be replaced
# The other network's numbers are rounded to about this share of their spread, so that they deflate
# well and both networks fit. What that does to its logits is tested; the page says that it is done.
_ROUNDED = 1 / 16


def write_page(
    translator: Translator,
    file: str | Path,
    beside: Translator | None = None,
    names: Sequence[str] = ("a translator", "another translator"),
    examples: Sequence[str] = EXAMPLES,
) -> None:
    """Write a page that translates as a translator does, and shows how.

    Args:
        translator: one model, of the layers of `build_training_model`, with tokenizers of words.
        file: a new one, whose folder is made if need be; or an earlier page, which is replaced.
        beside: a translator with the same words, which answers when attention is hidden.
        names: what the page calls the two.
        examples: sentences that the page offers; the first is there when the page opens.

    Raises:
        InputError: the page cannot show these translators, would be larger than `LARGEST`, or
            cannot be written.
    """
    file = Path(file)
    _check(translator, beside, examples)
    _check_free(file)
    # A name of the command line may hold what is no character.
    page = _page(translator, beside, names, examples).encode(errors="replace")
    if len(page) > LARGEST:
        raise InputError(
            f"page: {file} would have {len(page) / 1e6:.1f} MB, more than {LARGEST / 1e6:.0f}; "
            "give a smaller model" + (", or no other beside it" if beside else "")
        )
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(page)
        os.replace(unfinished, file)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise InputError(f"{file}: {error.strerror}; name a file that can be written") from error


def _check(translator: Translator, beside: Translator | None, examples: Sequence[str]) -> None:
    for one in filter(None, (translator, beside)):
        kinds = {one.source_tokenizer.kind, one.target_tokenizer.kind}
        if kinds != {"word"}:
            (other, *_) = sorted(kinds - {"word"})
            raise InputError(
                f"page: it shows words, and this translator has a tokenizer of kind {other!r}; "
                "train one with --tokenizer word"
            )
    if beside and any(
        getattr(beside, side).vocabulary != getattr(translator, side).vocabulary
        for side in ("source_tokenizer", "target_tokenizer")
    ):
        raise InputError(
            "page: the two translators have different words; train them on the same corpus"
        )
    if not any(example.strip() for example in examples[:1]):
        raise InputError("page: it opens with an example; give at least one sentence")


def _check_free(file: Path) -> None:
    """Refuse to replace what no page is."""
    try:
        with open(file, encoding="utf-8", errors="replace") as existing:
            if MARK in existing.read(2000):
                return
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}; name a file") from error
    raise InputError(f"{file}: exists already, and is no page of this command; name another file")


def _page(
    translator: Translator, beside: Translator | None, names: Sequence[str], examples: Sequence[str]
) -> str:
    about, arrays = pack(translator)
    data = {"examples": [*examples], "networks": [_described(about, names[0])]}
    data["glosses"] = _glosses(translator)
    data |= {side: {"options": about[side]["options"], "learnt": about[side]["learnt"]}
             for side in ("source", "target")}  # fmt: skip
    weights = [_packed(arrays)]
    if beside:
        other, others = pack(beside)
        if (about["config"]["attention"] == "none") or (other["config"]["attention"] != "none"):
            raise InputError(
                "page: a translator with attention may have one without beside it, and no other; "
                "leave the second one out"
            )
        data["networks"].append(_described(other, names[1]))
        weights.append(_packed(_rounded(others)))
    style = face() + _text("page.css")
    script = "\n".join(map(_text, SCRIPTS))
    parts = {
        "version": __version__,
        "policy": _policy(script, style),
        "style": style,
        "data": json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
        "weights": "\n".join(
            f'<script type="text/plain" class="weights">{text}</script>' for text in weights
        ),
        "licence": html.escape(devanagari()[1]),
        "script": script,
    }
    before, *sections = _text("page.html").split("{{")
    # Filled in one pass: what is put in is not looked at again.
    return before + "".join(
        parts[name] + after for name, after in (section.split("}}", 1) for section in sections)
    )


def _glosses(translator: Translator) -> dict[str, str]:
    """Return in English what the commonest Hindi words mean, of those that a translator writes."""
    rows = (row.split("\t") for row in _text("glosses.tsv").splitlines())
    written = {*translator.target_tokenizer.vocabulary}
    return {word: gloss for word, gloss in rows if word in written}


def _text(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def _described(about: dict, name: str) -> dict:
    return {"name": name} | {part: about[part] for part in ("config", "reverse_source", "weights")}


def _policy(script: str, style: str) -> str:
    """Return a Content Security Policy: this script, this style, this font, and nothing else."""

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return (
        f"default-src 'none'; script-src 'sha256-{digest(script)}'; "
        f"style-src 'sha256-{digest(style)}'; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _packed(arrays: Sequence[np.ndarray]) -> str:
    """Return arrays of float16 as base64 of the deflated bytes, the low ones first."""
    numbers = np.concatenate([array.ravel() for array in arrays]).astype("<f2")
    planes = numbers.view(np.uint8).reshape(-1, 2).T
    # No byte tells the next one: to look for what comes twice would cost more than it saves.
    deflate = zlib.compressobj(strategy=zlib.Z_HUFFMAN_ONLY)
    return base64.b64encode(deflate.compress(planes.tobytes()) + deflate.flush()).decode()


def _rounded(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Round numbers to multiples of a power of two, near a share of each array's spread."""
    rounded = []
    for array in arrays:
        values = array.astype("float64")
        spread = values.std()
        step = 2.0 ** round(math.log2(spread * _ROUNDED)) if spread else 1.0
        rounded.append((np.round(values / step) * step).astype("<f2"))
    return rounded
