"""Notebooks that are run in JupyterLab: what a learner sees, presses and changes meanwhile."""

import re

import nbformat
import pytest
from conftest import MACHINES
from drawn import letters_differ
from lab import ROOT

NOTEBOOK = ".jp-Notebook"
RED = [
    f"{NOTEBOOK} [data-mime-type='application/vnd.jupyter.{kind}']" for kind in ("error", "stderr")
]
ERROR = ", ".join(RED)
PROMPT = f"{NOTEBOOK} .jp-CodeCell .jp-InputPrompt"
OUTPUT = f"{NOTEBOOK} .jp-OutputArea-output"
BUILD = "notebooks/build"  # which git ignores
# What the exercises ask to change, and the numbers that stand at the top of a notebook.
CHANGES = {
    "01_parallel_text": {"PAIRS = 4000": "PAIRS = 500", "lengths == 5]": "lengths == 3]"},
    "02_tokens_to_numbers": {"BATCH_SIZE = 64": "BATCH_SIZE = 8"},
    "03_encoder": {"UNITS = 8 ": "UNITS = 4 ", "TES = 5 ": "TES = 50 ", "units=8)": "units=32)"},
    "04_decoder_and_loss": {"units, updates = 16, 20": "units, updates = 4, 40"},
    "07_inference": {"temperature=1.0, k=100": "temperature=2.0, k=1"},
}  # fmt: skip


def read(name: str):
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


@pytest.fixture
def open_notebook(lab, visit):
    """Opens a notebook that is written for one test, and ends its kernel afterwards."""
    stack = []

    def open_notebook(notebook, name: str, machine: str = MACHINES[0]):
        (lab.root / BUILD).mkdir(exist_ok=True)
        nbformat.write(notebook, lab.root / BUILD / f"{name}.ipynb")
        stack.append(visit(lab.page(f"{BUILD}/{name}.ipynb"), machine))
        page = stack[-1].__enter__()
        ready(page)
        return page

    yield open_notebook
    for visited in stack:
        visited.__exit__(None, None, None)
    lab.stop_kernels()


def ready(page) -> None:
    """Wait until the kernel has nothing to do."""
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for(timeout=120_000)


def run_all(page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(PROMPT, has_text="*").first.wait_for(state="attached", timeout=20_000)


def finish(page, minutes: int = 10) -> None:
    """Run all cells and wait for the last one; none may meet an error."""
    run_all(page)
    script = """([prompt, error]) => document.querySelector(error)
        || ![...document.querySelectorAll(prompt)].some((e) => e.textContent.includes('*'))"""
    page.wait_for_function(script, arg=[PROMPT, ERROR], timeout=60_000 * minutes)
    assert page.locator(ERROR).all_text_contents() == []
    prompts = page.locator(PROMPT).all_text_contents()
    assert all(re.fullmatch(r"\[\d+\]:", prompt) for prompt in prompts), prompts


def small(*sources: str):
    """A notebook of the course's set-up cell and a few more."""
    notebook = read("00_start_here")
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.outputs = []
    notebook.cells = [first, *(nbformat.v4.new_code_cell(source) for source in sources)]
    return notebook


# Hindi

HINDI = [
    "import pandas as pd\npd.DataFrame({'hindi': ['मेरा घर']})",
    "print('मेरा घर')",
]
PLACES = {
    "table": "td",
    "printed text": "pre",
    "text": ".jp-RenderedMarkdown p",
    "code": ".jp-CodeCell .cm-line",
}


@pytest.mark.parametrize("machine", MACHINES)
def test_hindi_is_letters_in_outputs_text_and_code(open_notebook, machine):
    notebook = small(*HINDI)
    notebook.cells.append(nbformat.v4.new_markdown_cell("मेरा घर"))
    page = open_notebook(notebook, "hindi", machine)
    text = page.locator(f"{NOTEBOOK} .jp-RenderedMarkdown p").last
    # Before the set-up cell has run there are only the machine's own letters.
    assert letters_differ(text) == (machine != MACHINES[0])
    finish(page)
    boxes = [place for place, selector in PLACES.items()
             if not letters_differ(page.locator(f"{NOTEBOOK} {selector}").last)]  # fmt: skip
    assert boxes == []


# Notebook 00


@pytest.fixture(scope="module")
def start(lab, visit):
    """Notebook 00, run to its end in fast mode."""
    with visit(lab.page("notebooks/00_start_here.ipynb")) as page:
        ready(page)
        finish(page)
        yield page
    lab.stop_kernels()


def test_notebook_00_runs_to_its_end(start):
    assert start.faults == []


def test_notebook_00_shows_the_live_page_and_it_answers(start):
    live = start.frame_locator("iframe[title^='A translator']")
    live.locator("#answer:not(:empty)").wait_for(timeout=60_000)
    live.get_by_label("Sentence to translate").fill("How are you?")
    live.get_by_role("button", name="Translate").click()
    assert live.locator("#answer").inner_text() == "आप कैसे हैं?"


def test_a_sentence_typed_into_the_box_is_translated(start):
    box = start.locator(f"{NOTEBOOK} .widget-text input")
    written = start.locator(f"{NOTEBOOK} pre", has_text="it writes:").last
    before = written.inner_text()
    box.fill("I drink tea.")
    box.press("Enter")
    start.locator(f"{NOTEBOOK} pre", has_text="it reads:  i drink tea .").last.wait_for()
    assert start.locator(f"{NOTEBOOK} pre", has_text="it writes:").last.inner_text() != before


def test_no_output_of_a_run_is_wider_than_its_place(start):
    wide = [one.inner_text()[:80] for one in start.locator(OUTPUT).all()
            if one.evaluate("e => e.scrollWidth > e.clientWidth + 1")]  # fmt: skip
    assert wide == []


# What the exercises change, and a slider


@pytest.mark.parametrize("name", CHANGES)
def test_the_numbers_that_the_exercises_change_raise_nothing(open_notebook, name):
    notebook = read(name)
    for old, new in CHANGES[name].items():
        (cell,) = [one for one in notebook.cells if one.cell_type == "code" and old in one.source]
        cell.source = cell.source.replace(old, new)
    page = open_notebook(notebook, name)
    finish(page)
    if name == "03_encoder":
        check_slider(page)


def check_slider(page) -> None:
    """Hold that a slider changes the picture below it."""
    widget = page.locator(f"{NOTEBOOK} .jp-OutputArea-output .widget-interact").first
    picture = widget.locator("img")
    before = picture.get_attribute("src")
    widget.locator(".noUi-handle").press("ArrowLeft")
    moved = "before => document.querySelector('.widget-interact img')?.src !== before"
    page.wait_for_function(moved, arg=before)


# A training that takes its time

TRAINING = """\
import time

from s2s_keras import corpora, translator


class Slow(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.2)


splits = corpora.load("course").split()
small, history = translator.train(
    splits.train[:1920], dev=splits.dev, test=0.0, epochs=EPOCHS, units=128, callbacks=[Slow()]
)"""
WATCH = """() => {
  window.lines = [];
  const look = () => {
    const line = [...document.querySelectorAll('.jp-Notebook pre')].map((e) => e.textContent)
      .find((text) => /^epoch \\d/.test(text));
    if (!line || line === window.lines.at(-1)?.[1]) return;
    window.lines.push([performance.now() / 1000, line]);
  };
  setInterval(look, 100);
}"""


def seconds(clock: str) -> int:
    """How many seconds "1:02:03" or "02:03" are."""
    total = 0
    for part in clock.split(":"):
        total = 60 * total + int(part)
    return total


def test_the_progress_line_of_a_slow_training_moves_and_tells_the_time_left(open_notebook):
    page = open_notebook(small(TRAINING.replace("EPOCHS", "3")), "progress")
    page.evaluate(WATCH)
    finish(page)
    lines = page.evaluate("window.lines")
    times = [moment for moment, _ in lines]
    assert max(after - before for before, after in zip(times, times[1:], strict=False)) < 2
    for moment, line in lines:
        percent, left = re.search(r"(\d+)%.*<([\d:]+|\?)", line).groups()
        if 40 <= int(percent) <= 60:  # one end of an epoch has been seen and another one is to come
            truly = times[-1] - moment
            assert abs(seconds(left) - truly) <= truly / 2, line


def test_a_training_that_is_interrupted_leaves_a_translator_for_the_next_cell(open_notebook):
    training = TRAINING.replace("EPOCHS", "50")
    page = open_notebook(
        small(training, "print('says', small.translate(['How are you?']))"), "stopped"
    )
    run_all(page)
    page.locator(f"{NOTEBOOK} pre", has_text=re.compile("^epoch 2/50")).wait_for(timeout=180_000)
    page.get_by_role("button", name="Interrupt the kernel").click()
    page.locator(f"{NOTEBOOK} pre", has_text="says").wait_for(timeout=60_000)
    (told,) = page.locator(ERROR).all_text_contents()
    assert told.strip() == "interrupted in epoch 2: whole epochs before it: 1"
