"""The page that translates, in a browser: what can be pressed, read and seen there.

`tests/test_page.py` holds what it computes.
"""

import pytest
from conftest import MACHINES
from drawn import letters_differ
from part_4 import PART, PICTURE, text_of

from s2s_keras.cli import main

SENTENCE = "My brother is reading a book in the garden."
HINDI = r"[\u0900-\u097f]"
each_machine = pytest.mark.parametrize("machine", MACHINES)


@pytest.fixture(scope="session")
def file(tmp_path_factory):
    """The page that `s2s-keras page` writes."""
    file = tmp_path_factory.mktemp("page") / "translator.html"
    assert main(["page", "--out", str(file)]) == 0
    return file


@pytest.fixture
def live(open_page, file):
    """The page, opened from disk, once it has translated its first example."""

    def live(machine=MACHINES[0], **options):
        page = open_page(file.as_uri(), machine, **options)
        page.locator("#answer:not(:empty)").wait_for()
        return page

    return live


def type_in(page, text: str) -> str:
    """Type a sentence as a person does, and return its translation."""
    page.get_by_label("Sentence to translate").fill(text)
    page.keyboard.press("Enter")
    return page.locator("#answer").inner_text()


def written(page) -> list[str]:
    """The words of the translation, in part 3."""
    return page.locator("[data-key^=step-] span").all_inner_texts()


@each_machine
def test_a_sentence_that_is_typed_is_translated_without_a_network(live, machine):
    page = live(machine)
    first = page.locator("#answer").inner_text()
    assert type_in(page, SENTENCE) == "मेरा भाई बगीचे में किताब पढ़ रहा है।" != first
    assert (page.asked, page.faults, page.said) == ([], [], [])


@each_machine
@pytest.mark.parametrize("place", ["#answer", "#decoder button span", ".found span"])
def test_hindi_is_letters_and_no_boxes(live, machine, place):
    assert letters_differ(live(machine).locator(place).first)


def test_without_its_own_font_the_page_would_show_boxes(live):
    answer = live().locator("#answer")
    answer.evaluate("e => { e.style.fontFamily = 'DejaVu Sans'; }")
    assert not letters_differ(answer)


def test_an_unknown_word_is_marked_and_a_known_one_is_not(live):
    page = live()
    type_in(page, "The astronaut is drinking tea.")
    assert page.locator("#words .unknown").all_inner_texts() == ["astronaut\nunknown"]


def test_a_word_that_is_forced_stays_and_the_rest_follows(live):
    page = live()
    type_in(page, SENTENCE)
    page.locator("[data-key=step-0]").click()
    before, other = written(page), page.locator("[data-key=likely-4]")
    forced = other.locator("span").first.inner_text()
    other.click()
    after, label = written(page), page.locator("#answer-label")
    assert after[0] == forced != before[0] and after[1:] != before[1:]
    assert "you made the decoder write" in label.inner_text()
    page.get_by_role("button", name="let the network choose every word").click()
    assert written(page) == before
    assert label.inner_text() == "Translation, word by word as in part 3"


def test_while_a_sentence_is_typed_the_answer_is_said_to_be_the_old_one(live):
    page = live()
    type_in(page, SENTENCE)
    box, label = page.get_by_label("Sentence to translate"), page.locator("#answer-label")
    box.press("Backspace")
    assert "sentence before" in label.inner_text()
    box.press("Enter")
    assert "sentence before" not in label.inner_text()


def test_each_word_of_the_translation_has_its_meaning_beside_it(live):
    page = live()
    type_in(page, SENTENCE)
    said = page.locator("#gloss").inner_text()
    assert said == "Word for word: my · brother · garden · in · book · read, study · -ing · is"
    assert page.locator("[data-key=step-2] small").first.inner_text() == "garden"


def test_the_strips_of_two_readers_are_halves_with_their_directions(live):
    columns = live().locator("#encoder .column")
    assert columns.first.locator("b").all_inner_texts() == ["h→", "h←", "c→", "c←"]
    assert columns.nth(1).locator("canvas").count() == 4
    assert live().locator("#decoder .column").nth(1).locator("canvas").count() == 2


def test_on_a_narrow_screen_what_is_chosen_can_be_seen(live):
    page = live(viewport={"width": 360, "height": 720})
    page.locator("[data-key=step-0]").press("End")
    for chosen in (".lines text.target.on", "#decoder .column.on"):
        box = page.locator(chosen).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360


def test_the_beam_says_whether_it_found_what_part_3_wrote(live):
    page = live()
    type_in(page, SENTENCE)
    answer, said = page.locator("#answer"), page.locator("#beam .found + p")
    same = page.locator(".found li span").first.inner_text() == answer.inner_text()
    assert ("changes nothing" in said.inner_text()) == same
    page.locator("[data-key=step-0]").click()
    page.locator("[data-key=likely-4]").click()
    assert "chooses every word" in said.inner_text()


def test_the_picture_in_notebook_00_shows_part_4_as_it_is(live):
    assert text_of(PICTURE) == live().locator(PART).inner_text()


def test_without_attention_there_are_no_lines_and_another_translation(live):
    page = live()
    type_in(page, "The boy who is reading a book in the garden is my brother.")
    lines, answer = page.locator("#attention .lines path"), page.locator("#answer").inner_text()
    assert lines.count() > 5
    for choice in ("Attention hidden", "Without attention"):
        page.get_by_role("radio", name=choice).check()
        assert lines.count() == 0
        assert page.locator("#answer").inner_text() != answer
    page.get_by_role("radio", name="With attention").check()
    assert lines.count() > 5 and page.locator("#answer").inner_text() == answer


def test_the_keyboard_alone_moves_a_word_and_back(live):
    page = live()
    answer = type_in(page, SENTENCE)
    words = page.locator("[data-key^=source-] span")
    typed = words.all_inner_texts()
    page.locator("[data-key=source-0]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert words.all_inner_texts() == [typed[0], typed[2], typed[1], *typed[3:]]
    assert page.evaluate("document.activeElement.dataset.key") == "source-2"
    page.get_by_role("button", name="order as typed").press("Enter")
    assert words.all_inner_texts() == typed
    assert page.locator("#answer").inner_text() == answer


def test_a_word_can_be_dragged_to_another_place(live):
    page = live()
    type_in(page, SENTENCE)
    words = page.locator("[data-key^=source-] span")
    typed = words.all_inner_texts()
    page.locator("[data-key=source-1]").drag_to(page.locator("[data-key=source-3]"))
    assert words.all_inner_texts() == [typed[0], *typed[2:4], typed[1], *typed[4:]]


def test_a_wider_beam_grows_a_larger_tree(live):
    page = live()
    type_in(page, SENTENCE)
    boxes, choice = page.locator("#beam .tree rect"), page.get_by_label("Beginnings kept")
    choice.select_option("1")
    narrow = boxes.count()
    choice.select_option("6")
    assert boxes.count() > narrow
    assert page.locator(".found li").count() == 6


def test_tab_goes_through_the_page_from_top_to_bottom_and_meets_every_part(live):
    page = live()
    page.evaluate("document.activeElement.blur()")
    tops, parts = [], set()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):  # past the end
            break
        focused = page.locator(":focus")
        tops.append(focused.evaluate("e => e.getBoundingClientRect().top + scrollY"))
        parts.add(focused.evaluate("e => e.closest('section')?.id ?? e.id"))
    assert parts >= {"sentence", "translate", "words", "encoder", "decoder", "attention", "beam"}
    # Neighbours in a row may differ by the height of a line.
    assert all(after > before - 40 for before, after in zip(tops, tops[1:], strict=False))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_screen_shows_the_page_without_scrolling_sideways(live, scheme, width):
    page = live(viewport={"width": width, "height": 720}, color_scheme=scheme)
    type_in(page, "My father works in a bank and my mother teaches at a school.")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(252, 252, 250)", "dark": "rgb(23, 23, 26)"}[scheme]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_people_out(live, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
    page = live(color_scheme=scheme)
    for summary in page.locator("details summary").all():
        summary.click()
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []
