"""Check a folder of HTML pages: each link leads somewhere, and nothing is loaded from elsewhere."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LEADS = {("a", "href"), ("area", "href"), ("form", "action")}  # a reader follows these
LOADS = {("link", "href")}  # a browser loads this by itself, and every `src`
IN_STYLES = re.compile(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)")
EMBEDDED = ("data:", "blob:", "javascript:", "mailto:", "about:")


class Page(HTMLParser):
    """What other pages can lead to in a page, what it leads to, loads, and does not describe."""

    def __init__(self, path: Path):
        """Read the page."""
        super().__init__()
        self.anchors, self.leads, self.loads, self.undescribed = set(), set(), set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what one element says."""
        here = dict(attributes)
        self.anchors |= {here.get("id"), here.get("name") if tag == "a" else None} - {None}
        if tag == "img" and not here.get("alt"):
            self.undescribed.append(here.get("src") or "")
        self.loads |= _addresses_in_style(here.get("style") or "")
        for name, address in attributes:
            if address and not address.startswith(EMBEDDED):
                self.leads |= {address} if (tag, name) in LEADS else set()
                self.loads |= {address} if name == "src" or (tag, name) in LOADS else set()


def check(book: Path) -> tuple[list[str], list[str]]:
    """Return what is wrong in a book, a line each, and the addresses outside, which are not asked.

    A link must lead to a file, and its fragment to an anchor there. Scripts, styles, fonts and
    pictures must be files of the book, and every picture must be described.
    """
    pages = {path: Page(path) for path in sorted(book.rglob("*.html"))}
    faults, outside = [], set()
    for path, page in pages.items():
        name = path.relative_to(book).as_posix()
        outside |= {address for address in page.leads if _is_outside(address)}
        faults += [f"{name}: no description of {src}" for src in page.undescribed]
        inside = {address for address in page.leads if not _is_outside(address)}
        faults += [f"{name}: {fault}" for fault in _dead(inside | page.loads, path, pages)]
    for path in sorted(book.rglob("*.css")):
        addresses = _addresses_in_style(path.read_text(encoding="utf-8"))
        name = path.relative_to(book).as_posix()
        faults += [f"{name}: {fault}" for fault in _dead(addresses, path, {})]
    return sorted(faults), sorted(outside)


def _dead(addresses: set[str], path: Path, pages: dict[Path, Page]) -> Iterator[str]:
    for address in addresses:
        parts = urlsplit(address)
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if _is_outside(address):
            yield f"loads {address}"
        elif not target.is_file():
            yield f"no file {address}"
        elif target in pages and unquote(parts.fragment) not in pages[target].anchors | {""}:
            yield f"no anchor {address}"


def _addresses_in_style(style: str) -> set[str]:
    found = {url or name for url, name in IN_STYLES.findall(style)}
    return {address for address in found if not address.startswith(EMBEDDED)}


def _is_outside(address: str) -> bool:
    return bool(urlsplit(address).netloc)
