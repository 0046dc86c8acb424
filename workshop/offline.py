"""Gather the course into one folder that installs without a network: `make offline`.

python -m workshop.offline   # into build/offline
"""

import argparse
import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from s2s_keras import quiet_start

from . import slides

ROOT = Path(__file__).resolve().parents[1]
# What a learner opens, and what that links to. The package itself is among the wheels.
COURSE = [
    "README.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "notebooks",
    "data",
    "docs",
    "benchmarks",
    "workshop",
]
LEFT_OUT = ("build", ".ipynb_checkpoints", "__pycache__", "*.py[co]")
INSTALLER = "install.py"
START = """\
A course on sequence-to-sequence learning with Keras, from English to Hindi.

translator.html   opens in a browser: the translator, and how it works
slides.html       opens in a browser: 90 minutes of the course
course            the notebooks, their data, and the teacher's guide (course/workshop)

To install it without a network, with Python {python} on {platform}: copy this
folder to your disk, and run there

    python{python} install.py          (on Windows: py -{python} install.py)
    python{python} install.py --lab    opens JupyterLab with notebook 00
"""


def gather(to: Path) -> None:
    """Fill a folder; what it held before is replaced, wheels that are still wanted are kept.

    Raises:
        subprocess.CalledProcessError: pip could not get or build a wheel, and has said why.
    """
    to.mkdir(parents=True, exist_ok=True)
    copy_course(to / "course")
    gather_wheels(to / "wheels")
    write_pages(to)
    shutil.copy(Path(__file__).parent / INSTALLER, to / INSTALLER)
    (to / "START HERE.txt").write_text(START.format(**made_for()), encoding="utf-8")
    (to / "kit.json").write_text(json.dumps(made_for(), indent=1) + "\n", encoding="utf-8")


def copy_course(to: Path) -> None:
    """Copy notebooks, data, models and documents."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    for name in COURSE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
        else:
            shutil.copy(ROOT / name, to / name)


def gather_wheels(to: Path) -> None:
    """Get a wheel of everything that the course and JupyterLab need; build that of the package."""
    # setuptools would put modules into the wheel that an earlier build has left there.
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)
    new = to.with_name("wheels.new")
    shutil.rmtree(new, ignore_errors=True)
    known = ["--find-links", str(to)] if to.exists() else []
    wanted = ["--wheel-dir", str(new), *known, f"{ROOT}[lab]"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", *wanted], check=True)
    shutil.rmtree(to, ignore_errors=True)
    new.rename(to)


def write_pages(to: Path) -> None:
    """Write what opens in a browser: the translator's page and the slides."""
    slides.write(to / "slides.html")
    with quiet_start():
        from s2s_keras.page import write_page
        from s2s_keras.translator import Translator
    names = ["course-attention", "course-lstm"]
    write_page(Translator.load(names[0]), to / "translator.html", Translator.load(names[1]), names)


def made_for() -> dict[str, str]:
    """Return the Python and the platform that the wheels are for."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"python": python, "platform": f"{sys.platform}-{platform.machine()}"}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "offline", help="the folder")
    to = parser.parse_args().to
    try:
        gather(to)
    except subprocess.CalledProcessError:
        sys.exit("pip did not get all wheels, and says why above; with a network, try again")
    size = sum(path.stat().st_size for path in to.rglob("*") if path.is_file())
    print(
        f"{to}: {size / 1e6:,.0f} MB, for Python {made_for()['python']} on "
        f"{made_for()['platform']}. Copy it to a machine, then run there: "
        f"python{made_for()['python']} {INSTALLER}"
    )


if __name__ == "__main__":
    main()
