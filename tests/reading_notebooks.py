"""The course's notebooks as they are saved: which there are, and what stands in their cells."""

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="comes with the extra `lab`")

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
NUMBERED = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
SOLUTIONS = sorted((FOLDER / "solutions").glob("*.ipynb"))
DEEPER = sorted((FOLDER / "deeper").glob("*.ipynb"))
HINDI = sorted((FOLDER / "hindi").glob("*.ipynb"))

each_numbered = pytest.mark.parametrize("path", NUMBERED, ids=lambda path: path.stem)
each_notebook = pytest.mark.parametrize(
    "path",
    NUMBERED + SOLUTIONS + DEEPER + HINDI,
    ids=lambda path: path.stem if path not in HINDI else f"hindi_{path.stem}",
)


def read(path: Path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def outputs(notebook) -> list:
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def markdown(notebook) -> str:
    return "\n\n".join(cell.source for cell in markdown_cells(notebook))
