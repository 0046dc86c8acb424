"""A headless Chromium with the fonts of one machine or another, and the server of `make lab`.

`make test-browser` runs these tests; what a machine lacks is named, and its tests are skipped.
Nothing but this machine can be reached from the browser, as for a learner without a network.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import fontpkg
import matplotlib
import pytest


ROOT = Path(__file__).resolve().parents[2]
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
    for number, (machine, folders) in enumerate(zip(MACHINES, ([latin], [latin, indic]), strict=True)):
        listed = "".join(f"<dir>{one}</dir>" for one in folders)
        settings[machine] = folder / f"{number}.conf"
        settings[machine].write_text(
            f'<?xml version="1.0"?><fontconfig>{listed}<cachedir>{folder}/cache{number}</cachedir>'
            "<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>"
            "<alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>"
            "</fontconfig>"
        )
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


@pytest.fixture
def open_page(browsers):
    """Opens a page; it keeps its faults, errors it said, and what it asked of others."""
    contexts = []

    def open_page(address: str, machine: str = MACHINES[0], **options):
        context = browsers(machine).new_context(**{"viewport": SCREEN} | options)
        contexts.append(context)
        return _watched(context, address)

    yield open_page
    for context in contexts:
        context.close()


def _watched(context, address: str):
    page = context.new_page()
    page.faults, page.asked = [], []

    def only_this_machine(route):
        if route.request.url.startswith(("http://127.0.0.1:", "http://localhost:", "file:")):
            return route.continue_()
        page.asked.append(route.request.url)
        route.abort()

    context.route(lambda address: not address.startswith(("data:", "blob:")), only_this_machine)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.said.append(said.text) if said.type == "error" else None)
    page.said = []
    page.goto(address)
    return page
