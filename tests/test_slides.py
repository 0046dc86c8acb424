"""The workshop's slides: what they show stands in the notebooks, and the file loads nothing."""

import re
import unicodedata

import pytest
from reading_notebooks import FOLDER, ROOT, read
from test_prose import NUMBER, numbers_shown, value

pytest.importorskip("markdown_it", reason="comes with the extra `dev`")
from workshop import slides  # noqa: E402

DECK = slides.SLIDE.split(slides.DECK.read_text(encoding="utf-8"))
SHOWN = re.compile(r"^\[(figure|output)\]\(\.\./notebooks/(\w+)\.ipynb#[\w-]+\)$", re.MULTILINE)


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("slides") / "slides.html"
    slides.write(path)
    return path.read_text(encoding="utf-8")


def test_there_are_as_many_slides_as_90_minutes_take():
    assert 20 <= len(DECK) <= 30


def test_every_figure_has_its_description(page):
    count = sum(found[1] == "figure" for text in DECK for found in SHOWN.finditer(text))
    described = re.findall(r'<img alt="([^"]{40,})" src="data:image/png;base64,', page)
    assert len(described) == page.count("<img") == count > 10


def test_every_link_to_a_cell_became_a_figure_or_an_output(page):
    assert ".ipynb" not in page
    assert page.count('class="output"') == sum(text.count("[output]") for text in DECK)


def test_a_question_stands_before_each_figure():
    for before, text in zip(DECK, DECK[1:], strict=False):
        if SHOWN.search(text):
            assert re.search(r"^> .*\?", before, re.MULTILINE), text


@pytest.mark.parametrize("number", range(len(DECK)))
def test_every_number_of_a_slide_is_shown_by_the_notebook_of_its_figure(number):
    """A question's numbers may be those of the answer, on the next slide."""
    sources = {found[2] for text in DECK[number : number + 2] for found in SHOWN.finditer(text)}
    shown = [n for name in sources for n in numbers_shown(read(FOLDER / f"{name}.ipynb"))]
    words = slides.NOTE.sub("", SHOWN.sub("", DECK[number]))
    numbers = [found[0].rstrip("% ") for found in NUMBER.finditer(words)]
    told = [n for n in numbers if value(n) > 10 or "." in n]
    excused = {"90", "100"}  # minutes of the workshop; the end of chrF's scale
    for one in {*told} - excused:
        near = 0.5 * 10.0 ** -len(one.partition(".")[2]) + 1e-9
        assert any(abs(n * by - value(one)) <= near for n in shown for by in (1, 100)), one


def test_the_page_loads_nothing_and_brings_its_font(page):
    assert not re.search(r"(?:src|href)=\"(?!data:)|url\((?!data:)|@import|fetch\(", page)
    assert "url(data:font/woff;base64," in page and "SIL OPEN FONT LICENSE" in page


def test_a_cell_without_a_picture_is_named():
    with pytest.raises(ValueError, match="cell 01-00 has no picture"):
        slides.taken("../notebooks/01_parallel_text.ipynb", "01-00", "figure")
    with pytest.raises(KeyError):
        slides.taken("../notebooks/01_parallel_text.ipynb", "99-99", "figure")


def test_hindi_is_in_one_form():
    for path in (ROOT / "workshop").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert unicodedata.is_normalized("NFC", text), path.name
