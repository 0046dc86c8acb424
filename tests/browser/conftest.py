"""A headless Chromium with the fonts of one machine or another, and the server of `make lab`.

`make test-browser` runs these tests; what a machine lacks is named, and its tests are skipped.
Nothing but this machine can be reached from the browser, as for a learner without a network.
"""

import contextlib
import os
import shutil
from pathlib import Path

import fontpkg
import matplotlib
import pytest
from lab import running

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
SCREEN = {"width": 1280, "height": 720}
MACHINES = ("without an Indic font", "with an Indic font")


def pytest_collection_modifyitems(items):
    """Skip all that needs a browser where there is none, and say what to install."""
    if not CHROMIUM:
        reason = "needs Chromium (Debian, Ubuntu: apt-get install chromium) or Google Chrome"
        for item in items:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def playwright():
    api = pytest.importorskip("playwright.sync_api", reason="comes with the extra `browser`")
    with api.sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def fonts(tmp_path_factory):
    """Two settings of fontconfig: Latin letters alone, and these with Devanagari."""
    folder = tmp_path_factory.mktemp("fonts")
    latin = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    indic = Path(fontpkg.path("Noto Sans Devanagari")).parent
    settings = {}
    for number, (machine, folders) in enumerate(
        zip(MACHINES, ([latin], [latin, indic]), strict=True)
    ):
        listed = "".join(f"<dir>{one}</dir>" for one in folders)
        settings[machine] = folder / f"{number}.conf"
        kinds = {"monospace": "DejaVu Sans Mono", "sans-serif": "DejaVu Sans"}
        for kind, family in kinds.items():
            prefer = f"<prefer><family>{family}</family></prefer>"
            listed += f"<alias><family>{kind}</family>{prefer}</alias>"
        listed += f"<cachedir>{folder}/cache{number}</cachedir>"
        settings[machine].write_text(f'<?xml version="1.0"?><fontconfig>{listed}</fontconfig>')
    return settings


@pytest.fixture(scope="session")
def browsers(playwright, fonts):
    """Starts a browser on a machine with these fonts, once."""
    started = {}

    def browser(machine: str = MACHINES[0]):
        if machine not in started:
            environment = os.environ | {"FONTCONFIG_FILE": str(fonts[machine])}
            started[machine] = playwright.chromium.launch(
                executable_path=CHROMIUM, args=FLAGS, env=environment
            )
        return started[machine]

    yield browser
    for one in started.values():
        one.close()


@pytest.fixture(scope="session")
def visit(browsers):
    """Opens a page for the length of a `with`; it keeps what went wrong, and whom it asked."""

    @contextlib.contextmanager
    def visit(address: str, machine: str = MACHINES[0], **options):
        with browsers(machine).new_context(**{"viewport": SCREEN} | options) as context:
            page = context.new_page()
            page.faults, page.said, page.asked = [], [], []

            def only_this_machine(route):
                if route.request.url.startswith(("http://127.0.0.1:", "file:")):
                    return route.continue_()
                page.asked.append(route.request.url)
                route.abort()

            context.route(lambda one: not one.startswith(("data:", "blob:")), only_this_machine)
            page.on("pageerror", lambda error: page.faults.append(str(error)))
            page.on("console", lambda it: it.type == "error" and page.said.append(it.text))
            page.goto(address)
            yield page

    return visit


@pytest.fixture
def open_page(visit):
    """Opens pages that are closed when the test is over."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(visit(*arguments, **options))


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """JupyterLab as `make lab` starts it, in fast mode, on a copy of the repository."""
    pytest.importorskip("jupyterlab", reason="comes with the extra `lab`")
    if not shutil.which("make"):
        pytest.skip("needs make")
    with running(tmp_path_factory.mktemp("learner")) as lab:
        yield lab
