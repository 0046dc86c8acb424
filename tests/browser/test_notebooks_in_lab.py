"""Every notebook as JupyterLab shows it to somebody who has run nothing yet: `make lab`."""

import re
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from lab import AUTOSAVE, ROOT

FOLDER = ROOT / "notebooks"
PATHS = [path.relative_to(ROOT).as_posix() for path in sorted(FOLDER.rglob("[!.]*.ipynb"))]
PATHS = [path for path in PATHS if "/build/" not in path]
LINK = ".jp-Notebook .jp-RenderedMarkdown a[target=_blank]"
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"


@pytest.fixture(scope="module", params=PATHS, ids=lambda path: path.removeprefix("notebooks/"))
def opened(lab, visit, request):
    """A notebook in JupyterLab, with the contents panel beside it."""
    notebook = nbformat.read(ROOT / request.param, as_version=4)
    with visit(lab.page(request.param)) as page:
        shown = page.locator(".jp-Notebook .jp-Cell:not(.jp-mod-outputsScrolled-none)")
        shown.nth(len(notebook.cells) - 1).wait_for(state="attached", timeout=120_000)
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
        page.keyboard.press("Control+Shift+K")
        page.locator(".jp-tocItem").first.wait_for()
        page.path, page.notebook = request.param, notebook
        yield page
    lab.stop_kernels()


def headings(notebook) -> list[str]:
    """The headings of a notebook's text, without their marks."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    without_code = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^#{1,6} +(.*?) *$", without_code, re.MULTILINE)
    return [re.sub(r"[*`$\\]", "", heading) for heading in found]


def test_it_opens_without_an_error(opened):
    assert opened.faults == []
    assert opened.locator(".jp-Dialog").count() == 0
    assert opened.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert {*opened.asked} <= {BADGE}  # all else is on the learner's machine


def test_every_picture_is_there(opened):
    script = (
        "all => all.filter((e) => !e.complete || !e.naturalWidth).map((e) => e.src.slice(0, 80))"
    )
    missing = opened.locator(".jp-Notebook img").evaluate_all(script)
    assert {*missing} <= {BADGE[:80]}  # a picture from the network


def test_every_link_leads_to_what_lab_can_open(opened, lab):
    for link in opened.locator(LINK).all():
        address = urlsplit(link.get_attribute("href"))
        if address.netloc == urlsplit(lab.url).netloc:
            assert address.path.startswith("/files/"), address.path
            path = address.path.removeprefix("/files/")
            assert lab.ask(f"contents/{path}?content=0")["path"] == unquote(path)


def test_the_contents_panel_has_the_headings(opened):
    listed = opened.locator(".jp-tocItem-content").all_inner_texts()
    assert [re.sub(r"[$\\]", "", one) for one in listed] == headings(opened.notebook)


def test_no_output_is_wider_than_its_place(opened):
    outputs = opened.locator(".jp-OutputArea-output").all()
    wide = [one.inner_text()[:80] for one in outputs
            if one.evaluate("e => e.scrollWidth > e.clientWidth + 1")]  # fmt: skip
    assert wide == []


def test_to_open_and_leave_them_changes_no_file(lab, visit):
    with visit(lab.page(PATHS[0])) as page:
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        page.wait_for_timeout(1000 * (2 * AUTOSAVE + 2))
    assert lab.changed() == ""


KINDS = ["solutions/00_solutions.ipynb", "01_parallel_text.ipynb"]


@pytest.mark.parametrize("target", KINDS)
def test_a_link_opens_a_tab(lab, open_page, target):
    page = open_page(lab.page("notebooks/00_start_here.ipynb"))
    page.locator(f"{LINK}[href*='{target}']").first.click(timeout=60_000)
    page.locator(".lm-TabBar-tabLabel", has_text=target.split("/")[-1]).wait_for()


def test_offline_the_badge_reads_as_text(lab, open_page):
    page = open_page(lab.page("notebooks/00_start_here.ipynb"))
    badge = page.get_by_role("link", name="Open in Colab")
    badge.wait_for(timeout=60_000)
    assert badge.get_by_role("img", name="Open in Colab").bounding_box()["width"] > 80
