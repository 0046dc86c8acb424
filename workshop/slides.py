"""Make one HTML file of slides from slides.md and the notebooks' saved outputs: `make slides`.

python -m workshop.slides   # into build/slides.html

A line `[figure](../notebooks/03_encoder.ipynb#03-21)` becomes the first picture of that cell, with
its description; `[output](…)` becomes its first table, or what it printed. A line `---` begins a
new slide, and a comment `<!-- … -->` is the teacher's note.
"""

import argparse
import html
import json
import re
from pathlib import Path

from markdown_it import MarkdownIt

from s2s_keras import quiet_start

HERE = Path(__file__).resolve().parent
DECK, FRAME = HERE / "slides.md", HERE / "slides.html"
SLIDE = re.compile(r"^---$", re.MULTILINE)
NOTE = re.compile(r"<!--(.*?)-->", re.DOTALL)
TAKEN = re.compile(r'<p><a href="([^"#]+\.ipynb)#([\w-]+)">(figure|output)</a></p>')
STYLED = re.compile(r"<style.*?</style>|<div>|</div>|\sstyle=\"[^\"]*\"|\sborder=\"1\"", re.DOTALL)


def write(path: Path) -> None:
    """Write the slides into one file that loads nothing.

    Raises:
        KeyError: a notebook has no such cell.
        ValueError: a cell has no picture or no output.
    """
    with quiet_start():
        from s2s_keras.page.font import devanagari, face
    slides = SLIDE.split(DECK.read_text(encoding="utf-8"))
    parts = {
        "FONT": face(),
        "LICENCE": html.escape(devanagari()[1]),
        "SLIDES": "\n".join(section(text, n, len(slides)) for n, text in enumerate(slides, 1)),
    }
    page = FRAME.read_text(encoding="utf-8")
    for name, part in parts.items():
        page = page.replace(f"{{{{{name}}}}}", part)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def section(text: str, number: int, count: int) -> str:
    """Return the HTML of one slide."""
    notes = " ".join(" ".join(note.split()) for note in NOTE.findall(text))
    body = MarkdownIt("commonmark").enable("table").render(NOTE.sub("", text))
    body = TAKEN.sub(lambda found: taken(*found.groups()), body)
    name = f'aria-roledescription="slide" aria-label="{number} of {count}"'
    note = f'<aside class="note" aria-label="note">{html.escape(notes)}</aside>' if notes else ""
    return f'<section id="{number}" tabindex="-1" {name}>{body}{note}</section>'


def taken(notebook: str, cell_id: str, kind: str) -> str:
    """Return a picture or an output of a notebook's cell as HTML."""
    cells = json.loads((HERE / notebook).read_text(encoding="utf-8"))["cells"]
    cell = {cell["id"]: cell for cell in cells}[cell_id]
    outputs = cell.get("outputs", [])
    data = [output["data"] for output in outputs if "data" in output]
    if kind == "figure":
        pictures = [each["image/png"] for each in data if "image/png" in each]
        if not pictures:
            raise ValueError(f"{notebook}: cell {cell_id} has no picture")
        alt = html.escape(cell["metadata"]["alt"], quote=True)
        source = "".join(pictures[0]).replace("\n", "")
        return f'<img alt="{alt}" src="data:image/png;base64,{source}">'
    tables = ["".join(each["text/html"]) for each in data if "text/html" in each]
    if tables:
        return f'<div class="output" tabindex="0">{STYLED.sub("", tables[0])}</div>'
    printed = "".join("".join(output.get("text", "")) for output in outputs)
    if not printed:
        raise ValueError(f"{notebook}: cell {cell_id} has printed nothing")
    return f'<pre class="output" tabindex="0">{html.escape(printed)}</pre>'


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    built = HERE.parent / "build" / "slides.html"
    parser.add_argument("--to", type=Path, default=built, help="the file")
    to = parser.parse_args().to
    write(to)
    print(f"{to}: {to.stat().st_size / 1e6:.1f} MB; open it in a browser")


if __name__ == "__main__":
    main()
