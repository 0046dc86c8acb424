"""Takes the picture of part 4 of the page that notebook 00 shows: `python tests/browser/part_4.py`.

The picture keeps the text that it shows, so that a test can tell whether the page has changed.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "notebooks" / "page.png"
PART = "#attention"


def text_of(picture: Path) -> str:
    """Return the text that a picture was taken of."""
    with Image.open(picture) as image:
        return image.text["Description"]


def take(browser, page: Path, picture: Path) -> None:
    """Open the page and save its part 4 as a picture."""
    shown = browser.new_page(viewport={"width": 900, "height": 720})
    shown.goto(page.as_uri())
    part = shown.locator(PART)
    part.wait_for()
    part.screenshot(path=picture)
    about = PngInfo()
    about.add_itxt("Description", part.inner_text())
    with Image.open(picture) as image:
        image.quantize(64).save(picture, pnginfo=about, optimize=True)


if __name__ == "__main__":
    from conftest import CHROMIUM, FLAGS
    from playwright.sync_api import sync_playwright

    from s2s_keras.cli import main

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = Path(folder) / "page.html"
        if main(["page", "--out", str(page)]):
            sys.exit("the page could not be written")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take(browser, page, PICTURE)
        browser.close()
