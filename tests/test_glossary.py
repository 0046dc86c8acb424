"""The glossary names for each term the notebook that brings it; notebook 00 in Hindi uses it."""

import re
import unicodedata
from typing import NamedTuple

import pytest
from reading_notebooks import HINDI, NUMBERED, ROOT, markdown, read
from test_hindi import DEVANAGARI, NUKTA_ON_VELARS

TEXT = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
NO_PROSE = re.compile(
    r"^[|#].*$"  # tables and headings: the map of notebook 00 names what comes later
    r"|`[^`]*`|\$[^$]*\$|\[[^\]]*\]\([^)]*\)",  # code, mathematics, links
    re.MULTILINE,
)


class Row(NamedTuple):
    """A line of the glossary."""

    english: str
    hindi: str
    explained: str
    explained_in_hindi: str
    notebook: str

    @property
    def ours(self) -> str:
        """The Hindi word that the course uses, of those that are given."""
        return self.hindi.split(",")[0]


ROWS = [
    Row(*(cell.strip() for cell in line.strip("|").split("|")))
    for line in TEXT.splitlines()
    if re.search(r"\| \[\d\d\] \|$", line)
]
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.english)


def prose(path) -> str:
    """The sentences of a notebook, on one line."""
    return " ".join(NO_PROSE.sub(" ", markdown(read(path))).replace("*", "").split())


@pytest.fixture(scope="module")
def notebooks() -> dict[str, str]:
    """The prose of each notebook of the course by its number, in order."""
    return {f"[{path.name[:2]}]": prose(path) for path in NUMBERED}


def test_every_term_is_there_once_and_in_the_course_s_order():
    terms = [row.english for row in ROWS]
    assert len(set(terms)) == len(terms) >= 100
    numbers = [row.notebook for row in ROWS]
    assert numbers == sorted(numbers) and set(numbers) == {f"[{n:02d}]" for n in range(16)}


@each_row
def test_the_notebook_named_is_the_first_that_has_the_term(row, notebooks):
    stem = re.escape(row.english.removesuffix("y"))
    term = re.compile(rf"\b{stem}(?:y|ies|s|es)?\b", re.IGNORECASE)
    having = [number for number, text in notebooks.items() if term.search(text)]
    assert having[:1] == [row.notebook], f"{row.english} is in {having}: name the first of them"


@each_row
def test_a_term_is_explained_in_one_sentence_of_each_language(row):
    assert re.fullmatch(r"[^.]+[.?]", row.explained), row
    assert re.fullmatch(r"[^।]+[।?]", row.explained_in_hindi), row
    assert DEVANAGARI.search(row.hindi) or row.hindi == row.english


def test_the_glossary_s_hindi_is_written_as_that_of_the_corpora():
    assert unicodedata.is_normalized("NFC", TEXT)
    assert not NUKTA_ON_VELARS.search(TEXT)


@pytest.mark.parametrize("row", [r for r in ROWS if r.notebook == "[00]"], ids=lambda r: r.english)
def test_notebook_00_in_hindi_brings_its_terms_with_the_english_ones(row):
    text = prose(HINDI[0])
    wanted = row.english if row.ours == row.english else f"{row.ours} ({row.english})"
    assert wanted in text
    assert row.ours not in text[: text.index(wanted)], "it is used before it is introduced"
