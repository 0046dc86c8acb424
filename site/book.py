"""Build the book of the course into build/site, and check its links: `make site`.

Nothing is fetched and no notebook is run: the pages show the outputs that the notebooks were saved
with. Any warning of Sphinx is an error.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from links import check
from sphinx.cmd.build import main as sphinx

from s2s_keras import quiet_start

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
BOOK = BUILD / "site"


def main() -> int:
    """Build the book; return 1 if a page or a link of it is at fault, after naming each."""
    shutil.rmtree(BOOK, ignore_errors=True)
    with quiet_start():
        from gather import gather

        gather(BUILD / "site-sources")
    status = build(BUILD / "site-sources", BOOK)
    status = status or _run("s2s_keras", "page", "--out", BOOK / "translator.html")
    status = status or _run("workshop.slides", "--to", BOOK / "workshop" / "slides.html")
    if status:
        return status
    faults, outside = check(BOOK)
    (BUILD / "site-outside-links.txt").write_text("\n".join(outside) + "\n", encoding="utf-8")
    print(*faults, f"{BOOK}: {len(faults)} faults; open index.html in a browser", sep="\n")
    return 1 if faults else 0


def build(sources: Path, to: Path) -> int:
    """Let Sphinx write gathered sources as HTML; return its status."""
    doctrees = sources.with_name(f"{sources.name}-parsed")
    shutil.rmtree(doctrees, ignore_errors=True)
    options = ["-q", "-W", "--keep-going", "-b", "html", "-d", str(doctrees)]
    return sphinx([*options, str(sources), str(to)])


def _run(module: str, *arguments: str | Path) -> int:
    return subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
