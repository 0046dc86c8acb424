"""Gather the pages of the book from where they live, so that each link leads somewhere.

A page keeps its place: `notebooks/03_encoder.ipynb` becomes `notebooks/03_encoder.html`. README.md
becomes the front page. What a page links to is another page, or a picture or table, which is
copied; anything else is in the repository.
"""

import importlib
import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path

from s2s_keras.page.font import devanagari, face

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FRONT = "README.md"
# Titles and captions of the contents, and which files stand below each, in this order.
CONTENTS = {
    "The course": ["notebooks/[0-9][0-9]_*.ipynb"],
    "Beside the course": ["notebooks/*/index.md", "workshop/*.md", "docs/*.md"],
    "Reference": [
        "api/index.rst",
        "data/README.md",
        "data/models/*/README.md",
        "benchmarks/results.md",
    ],
    "Taking part": ["CONTRIBUTING.md"],
}
# Folders of notebooks: each has a page of its own, which lists them.
FOLDERS = {
    "deeper": ("Deeper", "Each of these notebooks goes further into one matter of the course."),
    "hindi": ("हिंदी में", "Notebooks of the course in Hindi."),
    "solutions": ("Solutions", "Solutions to the exercises at the end of each notebook."),
}
API = "Its public modules, part by part:"
PROGRAMS = {"export/translate.py"}  # which `export` copies, and which nothing can import
# What becomes a page of its own kind, and its name in the same folder.
BESIDE = {"workshop/slides.md": "slides.html"}
COPIED = {".png", ".svg", ".tsv", ".csv"}
LINK = re.compile(r"(?<=\]\()(?![a-z]+:)([^)\s#]+)")
BADGE = re.compile(r"\[!\[([^\]]+)\]\(https://colab[^)]+\)\]")


def gather(to: Path, root: Path = ROOT) -> None:
    """Write the book's sources, with its contents and Sphinx's settings, into a new folder."""
    shutil.rmtree(to, ignore_errors=True)
    root = root.resolve()  # as what links lead to is, below
    pages = pages_of(root)
    for path in pages:
        _write_page(path, to, root)
    for folder in sorted({path.parent for path in pages if path.suffix == ".ipynb"}):
        if folder.parent.name == "notebooks":
            _write(to / folder / "index.md", _list_of(folder.name, to / folder))
    _write_api(to / "api", root / "s2s_keras")
    _write(to / "index.md", (to / "index.md").read_text(encoding="utf-8") + contents(to))
    _write_settings(to)


def pages_of(root: Path) -> list[Path]:
    """Return the files that become pages, relative to the root."""
    patterns = [pattern for below in CONTENTS.values() for pattern in below]
    patterns += [FRONT, *(f"notebooks/{folder}/*.ipynb" for folder in FOLDERS)]
    found = {path.relative_to(root) for pattern in patterns for path in root.glob(pattern)}
    return sorted(path for path in found if path.as_posix() not in BESIDE)


def contents(sources: Path) -> str:
    """Return the contents of the gathered pages, for the side of each page alone."""
    lists = []
    for caption, patterns in CONTENTS.items():
        found = [path for pattern in patterns for path in sorted(sources.glob(pattern))]
        lists.append(_toctree((path.relative_to(sources) for path in found), caption))
    return "\n" + "\n".join(lists)


def _toctree(pages: Iterable[Path], caption: str = "", hidden: bool = True) -> str:
    options = [f":caption: {caption}"] * bool(caption) + [":hidden:"] * hidden + [":titlesonly:"]
    names = [page.with_suffix("").as_posix() for page in pages]
    return "\n".join(["```{toctree}", *options, "", *names, "```", ""])


def _list_of(name: str, folder: Path) -> str:
    title, sentence = FOLDERS[name]
    notebooks = [Path(path.name) for path in sorted(folder.glob("*.ipynb"))]
    return f"# {title}\n\n{sentence}\n\n" + _toctree(notebooks, hidden=False)


# --- pages


def _write_page(path: Path, to: Path, root: Path) -> None:
    text = (root / path).read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            _prepare(cell, path, to, root)
        _write(to / path, json.dumps(notebook, ensure_ascii=False))
    else:
        text = _linked(text, path, to, root)
        if path.as_posix() == FRONT:
            front = (HERE / "front.md").read_text(encoding="utf-8")
            text = text.replace("\n![", f"\n{front}\n![", 1)
        _write(to / _place(path), text)


def _prepare(cell: dict, path: Path, to: Path, root: Path) -> None:
    """Let a cell's links lead somewhere, and tell myst-nb how its figures are described."""
    if cell["cell_type"] == "markdown":
        text = BADGE.sub(r"[\1]", "".join(cell["source"]))  # the badge's picture is elsewhere
        cell["source"] = _linked(text, path, to, root)
    elif "alt" in cell["metadata"]:
        cell["metadata"]["mystnb"] = {"image": {"alt": cell["metadata"]["alt"]}}


def _linked(text: str, path: Path, to: Path, root: Path) -> str:
    """Return Markdown whose links lead to where the gathered pages are."""

    def lead(link: re.Match) -> str:
        target = (root / path.parent / link[1]).resolve()
        if not target.is_relative_to(root) or not target.exists():
            return link[1]  # Sphinx will say so
        target = target.relative_to(root)
        return _address(target, path.parent, to, root)

    return LINK.sub(lead, text)


def _address(target: Path, folder: Path, to: Path, root: Path) -> str:
    """Return where a file or folder of the repository is found, from a page in a folder."""
    known = pages_of(root)
    if target.parent.name == "notebooks" and target.name in FOLDERS:
        target = target / "index.md"
    elif target / "README.md" in known:
        target = target / "README.md"
    elif target.suffix in COPIED:
        (to / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / target, to / target)
    elif target not in known and target.as_posix() not in BESIDE:
        kind = "tree" if (root / target).is_dir() else "blob"
        return f"{repository(root)}/{kind}/main/{target.as_posix()}"
    if name := BESIDE.get(target.as_posix()):
        return f"beside:{Path(os.path.relpath(target.with_name(name), folder)).as_posix()}"
    return Path(os.path.relpath(_place(target), folder)).as_posix()


def _place(path: Path) -> Path:
    return Path("index.md") if path.as_posix() == FRONT else path


def repository(root: Path) -> str:
    """Return the repository's address from pyproject.toml."""
    with open(root / "pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]["urls"]["Repository"]


# --- what is made for the book


def _write_api(to: Path, package: Path) -> None:
    """Write a page for each part of the package, which Sphinx fills from the docstrings."""
    parts = _modules(package)
    for part in parts:
        sections = [_automodule(f"s2s_keras.{part}", f"s2s_keras.{part}", "=")]
        for name in _modules(package / part):
            sections.append(_automodule(f"s2s_keras.{part}.{name}", name, "-"))
        _write(to / f"{part}.rst", "\n".join(sections))
    pages = [".. toctree::", "", *(f"   {part}" for part in parts)]
    top = _automodule("s2s_keras", "The package s2s_keras", "=")
    _write(to / "index.rst", "\n".join([top, "", API, "", *pages, ""]))


def _modules(folder: Path) -> list[str]:
    """Return the public modules and packages of a folder; there are none in what is no folder."""
    files = [*folder.glob("*.py"), *(path.parent for path in folder.glob("*/__init__.py"))]
    names = {path.stem for path in files if "/".join(path.parts[-2:]) not in PROGRAMS}
    return sorted(name for name in names if not name.startswith("_"))


def _automodule(module: str, title: str, line: str) -> str:
    """Describe a module; what a package hands on is described where it is defined."""
    described = [f".. automodule:: {module}", "   :members:", "   :ignore-module-all:"]
    imported = importlib.import_module(module)
    listed = [
        f":py:obj:`{name} <{getattr(getattr(imported, name), '__module__', module)}.{name}>`"
        for name in getattr(imported, "__all__", [])
    ]
    offered = [f"To be imported from here: {', '.join(listed)}.", ""] if listed else []
    return "\n".join([title, line * len(title), "", *described, "", *offered])


def _write_settings(to: Path) -> None:
    static = to / "_static"
    _write(static / "devanagari.css", face())
    _write(static / "devanagari-licence.txt", devanagari()[1])
    shutil.copyfile(HERE / "book.css", static / "book.css")
    shutil.copyfile(HERE / "conf.py", to / "conf.py")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
