"""Notebook 00 in Hindi is the English one, cell by cell, for readers of Hindi."""

import ast
import io
import re
import tokenize
import unicodedata

import pytest
from reading_notebooks import FOLDER, HINDI, ROOT, code_cells, markdown, markdown_cells, read
from test_notebooks import course, inputtransformer, links

DEVANAGARI = re.compile(r"[\u0900-\u097f]")
NUKTA_ON_VELARS = re.compile("[\u0915\u0916\u0917]\u093c")  # क ख ग; the data card says why
HINDI_DIGITS = re.compile(r"[०-९]")

each_in_hindi = pytest.mark.parametrize("path", HINDI, ids=lambda path: path.stem)


def english(path):
    return read(FOLDER / path.name)


def program(source: str) -> ast.Module:
    """Parse a cell; comments are gone then."""
    return ast.parse(inputtransformer.TransformerManager().transform_cell(source))


class _Texts(ast.NodeTransformer):
    """Takes the strings out of a program and keeps them."""

    def __init__(self):
        self.texts = []

    def visit_Constant(self, node):
        if isinstance(node.value, str):
            self.texts.append(node.value)
            node.value = ""
        return node


def differs(one: str, other: str) -> bool:
    """Tell whether two cells differ in more than comments, and strings that are Hindi now."""
    texts, programs = (_Texts(), _Texts()), (program(one), program(other))
    trees = [ast.dump(t.visit(p)) for t, p in zip(texts, programs, strict=True)]
    strings = zip(*(t.texts for t in texts), strict=False)
    changed = [theirs for ours, theirs in strings if ours != theirs]
    return trees[0] != trees[1] or not all(map(DEVANAGARI.search, changed))


def test_there_is_a_notebook_in_hindi():
    assert [path.name for path in HINDI] == ["00_start_here.ipynb"]


@each_in_hindi
def test_cells_are_those_of_the_english_notebook(path):
    def kinds(notebook):  # README.md shows the picture of the English one only
        return [
            (cell.id, cell.cell_type, {*cell.metadata.get("tags", ())} - {"picture"})
            for cell in notebook.cells
        ]

    assert kinds(read(path)) == kinds(english(path))


@each_in_hindi
def test_code_is_that_of_the_english_notebook(path):
    for one, other in zip(code_cells(english(path)), code_cells(read(path)), strict=True):
        assert not differs(one.source, other.source), other.source


def test_only_a_comment_or_a_text_in_hindi_may_differ():
    cell = 'print(f"a {x}", "b")  # why'
    assert not differs(cell, 'print(f"एक {x}", "दो")  # क्यों')
    for other in ('print(f"a {y}", "b")', 'print(f"a {x}", "c")', 'print(f"a {x}")', 'print("a")'):
        assert differs(cell, other)


@each_in_hindi
def test_what_a_reader_reads_is_in_hindi(path):
    notebook = read(path)
    read_aloud = [cell.source for cell in markdown_cells(notebook)]
    read_aloud += [cell.metadata.alt for cell in notebook.cells if "alt" in cell.metadata]
    for cell in code_cells(notebook):
        tokens = tokenize.generate_tokens(
            io.StringIO(cell.source.replace("%pip", "pip #")).readline
        )
        read_aloud += [t.string for t in tokens if t.type == tokenize.COMMENT and " --" not in t[1]]
    assert [text for text in read_aloud if not DEVANAGARI.search(text)] == []


@each_in_hindi
def test_its_hindi_is_written_as_that_of_the_corpora(path):
    text = path.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    prose = markdown(read(path))
    assert not NUKTA_ON_VELARS.search(prose) and not HINDI_DIGITS.search(prose)


@each_in_hindi
def test_each_of_the_two_notebooks_leads_to_the_other(path):
    first, theirs = read(path).cells[0].source, english(path).cells[0].source
    assert f"../{path.name}" in links(first) and f"hindi/{path.name}" in links(theirs)
    assert f"notebooks/hindi/{path.name}" in links((ROOT / "README.md").read_text("utf-8"))
    assert first.splitlines()[-1] == course.badge(path)
