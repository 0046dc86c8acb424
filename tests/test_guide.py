"""The teacher's guide says what the notebooks show: their headings, their code, their numbers."""

import re

import pytest
from reading_notebooks import NUMBERED, ROOT, code_cells, markdown, outputs, read
from test_prose import NUMBER, numbers_shown, value

GUIDE = (ROOT / "workshop" / "guide.md").read_text(encoding="utf-8")
NOTEBOOKS = {path.name[:2]: path for path in NUMBERED}
ROW = re.compile(r"^\| *(\d.*\|.*) *\|$", re.MULTILINE)
SECTIONS = dict(
    re.findall(r"^### (\d\d)[^\n]*\n(.*?)(?=^###? |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
)
PLANS = dict(
    re.findall(r"^## (90 minutes|Half a day|A day)\n(.*?)(?=^## )", GUIDE, re.M | re.DOTALL)
)
PARTS = ["Goal", "Show", "Goes wrong", "People ask"]


def text_of(number: str) -> str:
    """Everything that one can read in a notebook, on one line."""
    notebook = read(NOTEBOOKS[number])
    printed = [str(output.get("text", "")) for output in outputs(notebook)]
    code = [cell.source for cell in code_cells(notebook)]
    return " ".join(" ".join([markdown(notebook), *code, *printed]).split())


TEXTS = {number: text_of(number) for number in NOTEBOOKS}


def pointed_at(text: str) -> list[str]:
    """What is put between quotation marks or set as code: it is to be found in a notebook."""
    return [" ".join(found.split()) for found in re.findall(r"“([^”]+)”|(?<!`)`([^`]+)`(?!`)", text)
            for found in found if found]  # fmt: skip


def plan_rows(name: str) -> list[list[str]]:
    rows = [[cell.strip() for cell in row.split("|")] for row in ROW.findall(PLANS[name])]
    assert len(rows) > 5
    return rows


def test_every_notebook_has_its_section_with_its_title():
    titles = re.findall(r"^### (\d\d .*)$", GUIDE, re.MULTILINE)
    wanted = [read(path).cells[0].source.splitlines()[0] for path in NUMBERED]
    assert titles == [title.lstrip("# ").replace(" ·", "") for title in wanted]


@pytest.mark.parametrize("number", SECTIONS)
def test_a_section_has_all_its_parts(number):
    assert re.findall(r"^\*\*(.*?)\.\*\*", SECTIONS[number], re.MULTILINE) == PARTS
    assert len(re.findall(r"^- \*.*?\?\*", SECTIONS[number], re.MULTILINE)) >= 3


@pytest.mark.parametrize("number", SECTIONS)
def test_what_a_section_points_at_stands_in_its_notebook(number):
    own_commands = {"s2s-keras check"}
    for words in {*pointed_at(SECTIONS[number])} - own_commands:
        assert words in TEXTS[number], words


@pytest.mark.parametrize("number", SECTIONS)
def test_every_number_of_a_section_stands_in_a_notebook_that_it_names(number):
    section = SECTIONS[number]
    named = {number, *re.findall(r"[Nn]otebook (\d\d)", section)}
    notebooks = [read(NOTEBOOKS[one]) for one in named]
    shown = [n for notebook in notebooks for n in numbers_shown(notebook)]
    words = " ".join(markdown(notebook) for notebook in notebooks)
    shown += [value(found.rstrip(",")) for found in re.findall(r"\d[\d,]*(?:\.\d+)?", words)]
    told = re.sub(r"`[^`]*`|[Nn]otebook \d\d|[Ee]xercise \d", " ", section)
    for found in NUMBER.finditer(told):
        one = found[0].removesuffix(found["percent"] or "").rstrip(",")
        near = 0.5 * 10.0 ** -len(one.partition(".")[2]) + 1e-9
        scales = (1, 100) if found["percent"] else (1,)
        assert any(abs(n * by - value(one)) <= near for n in shown for by in scales), one


@pytest.mark.parametrize(
    ("name", "minutes"), [("90 minutes", 90), ("Half a day", 210), ("A day", 390)]
)
def test_the_minutes_of_a_plan_follow_each_other(name, minutes):
    times = [[*map(int, row[0].split("–"))] for row in plan_rows(name)]
    assert [begin for begin, _ in times] == [0, *(end for _, end in times[:-1])]
    assert times[-1][1] == minutes


@pytest.mark.parametrize("name", PLANS)
def test_what_a_plan_points_at_stands_in_the_notebook_of_its_row(name):
    for row in plan_rows(name):
        cell = row[-2]
        for part in re.split(r"(?=\b\d\d [“`])", cell):
            for words in pointed_at(part):
                assert words in TEXTS[part[:2]], f"{words} in {part[:2]}"


def test_the_90_minutes_show_every_slide_once():
    deck = (ROOT / "workshop" / "slides.md").read_text(encoding="utf-8")
    shown = []
    for row in plan_rows("90 minutes"):
        if row[1]:
            first, _, last = row[1].partition("–")
            shown += range(int(first), int(last or first) + 1)
    assert shown == [*range(1, len(re.findall(r"^---$", deck, re.MULTILINE)) + 2)]


def test_the_minutes_for_reading_are_the_notebook_s_words_at_100_a_minute():
    rows = re.findall(r"^\| \[(\d\d) [^|]* \| (\d+) \| \d+ \|$", GUIDE, re.MULTILINE)
    assert [number for number, _ in rows] == [*NOTEBOOKS]
    for number, minutes in rows:
        words = len(re.findall(r"\w+", markdown(read(NOTEBOOKS[number]))))
        assert abs(words / 100 - int(minutes)) <= 1, number
