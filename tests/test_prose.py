"""What the notebooks say in words: every number that the prose names was measured or computed.

A number is looked for in the outputs and the code of its own notebook, rounded as the prose
rounds it. What no cell can show (a year, a code point, a reader's minutes) is left out.
"""

import re

import pytest
from reading_notebooks import code_cells, each_notebook, markdown_cells, nbformat, outputs, read

NUMBER = re.compile(r"(?<![\w.+])\d[\d,]*(?:\.\d+)?(?:e-?\d+)?(?!\w)(?P<percent>\s?%| percent)?")
NOT_MEASURED = re.compile(
    r"\$[^$]*\$|`[^`]*`"  # mathematics and code
    r"|\]\([^)]*\)"  # where a link leads
    r"|\b(?:19|20)\d\d\b(?=[)\]])|\([12][90]\d\d\)"  # a year
    r"|^# \d\d |\[\d\d [A-Z][^\]]*\]|(?:[Nn]otebooks?|नोटबुक) \d\d"  # a notebook
    r"|U\+[0-9A-F]{4}|section \d+(?:\.\d+)*|(?:issue|Annex) \d+|[Ee]xercises? \d"
    r"|\b\d+ (?:minutes|degrees)"
    r"|matplotlib (?:before )?\d\.\d+|Python \d\.\d+"
    r"|(?:[^.:?।\n]|\.(?=\d))*\?"  # a question asks before anything is measured
    r"|^## (?:Exercises|अभ्यास)(?s:.*)",  # what the reader is to try
    re.MULTILINE,
)
SHOWN = re.compile(r"\d[\d,_]*(?:\.\d+)?(?:e[-+]?\d+)?")
TEXTS = ("text/plain", "text/html")
SMALL = 11  # below it a whole number is mostly a count that one sees: "the three gates"

# What the prose itself computes, or what somebody else found out, by the notebook and its cell.
SAID = {
    ("03_encoder", "03-03"): {"600"},  # an id, as an example
    ("04_decoder_and_loss", "04-09"): {"0.705", "0.259", "0.035"},  # a softmax, tested below
    ("06_training", "06-28"): {"256"},  # units of a shipped model
    ("02_tokens_to_numbers", "02-31"): {"255"},  # the largest byte
    ("08_measuring", "08-16"): {"80"},  # BLEU, as an example
    ("08_measuring", "08-28"): {"95"},  # percent of an interval, sacreBLEU's own
    ("09_deeper_reversed_together", "09-12"): {"400"},  # of `of_common_words`
    ("09_deeper_reversed_together", "09-15"): {"0.2"},  # the dropout of the experiment
    ("09_deeper_reversed_together", "09-18"): {"4.7", "25.9", "0.2"},  # the paper's
    ("09_deeper_reversed_together", "09-24"): {"33.00", "30.59", "12"},  # the paper's
    ("02_solutions", "02s-09"): {"260"},  # bytes and special tokens
    ("07_solutions", "07s-06"): {"20,000"},  # e to the power of 10 is more
    ("backpropagation_through_time", "bptt-14"): {"49"},  # of 50 tokens, all but the first
    ("subwords_and_traps", "02d-11"): {"0.012", "256"},  # 0.10 × 0.12; bytes
    ("subwords_and_traps", "02d-36"): {"128"},  # characters of ASCII
}


def value(number: str) -> float:
    return float(number.replace(",", ""))


def numbers_shown(notebook) -> list[float]:
    """Return every number in a notebook's code and outputs, pictures left out."""
    texts = [cell.source for cell in code_cells(notebook)]
    for output in outputs(notebook):
        texts.append(output.get("text", ""))
        data = output.get("data", {})
        texts += [re.sub("<[^>]*>", " ", data[kind]) for kind in TEXTS if kind in data]
    return [value(n) for n in re.findall(SHOWN, " ".join(texts))]


def numbers_without_output(notebook, said=lambda cell: frozenset()) -> list[tuple[str, str]]:
    """Return the numbers of the prose that no cell shows, each with its cell's name."""
    shown, missing = numbers_shown(notebook), []
    for cell in markdown_cells(notebook):
        for found in NUMBER.finditer(NOT_MEASURED.sub(" ", cell.source)):
            number = found[0].removesuffix(found["percent"] or "").rstrip(",")
            whole = "." not in number
            if (whole and value(number) < SMALL) or number in said(cell):
                continue
            near = 0.5 * 10.0 ** -(0 if whole else len(number.split(".")[1])) + 1e-9
            scales = (1, 100) if found["percent"] else (1,)
            if not any(abs(s * one - value(number)) <= near for one in shown for s in scales):
                missing.append((cell.id, number))
    return missing


@each_notebook
def test_every_number_in_the_prose_is_shown_by_a_cell(path):
    def said(cell):
        return SAID.get((path.stem, cell.id), frozenset())

    assert numbers_without_output(read(path), said) == []


@each_notebook
def test_no_number_is_excused_that_a_cell_shows_by_now(path):
    excused = {
        (cell, n) for (stem, cell), of_cell in SAID.items() if stem == path.stem for n in of_cell
    }
    assert excused <= {*numbers_without_output(read(path))}


def test_a_number_that_no_cell_shows_is_found():
    new = nbformat.v4
    code = new.new_code_cell("loss", outputs=[new.new_output("stream", text="3.4567 0.62")])
    prose = "It fell to 3.46, not 3.47, for 62% of 1,200, in 2014 ([Cho 2014](a.md)); is it 99?"
    notebook = new.new_notebook(cells=[code, new.new_markdown_cell(prose)])
    assert [number for _, number in numbers_without_output(notebook)] == ["3.47", "1,200", "2014"]


def test_the_softmax_that_notebook_04_states_is_right():
    keras = pytest.importorskip("keras")
    probabilities = keras.ops.softmax(keras.ops.array([2.0, 1.0, -1.0]))
    assert [f"{p:.3f}" for p in probabilities] == sorted(SAID["04_decoder_and_loss", "04-09"])[::-1]
