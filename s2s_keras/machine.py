"""What a machine has for the course: each finding is good, or comes with its remedy in one line."""

import importlib.metadata
import itertools
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PACKAGE = "s2s-keras"
MEMORY = 4e9  # bytes: a notebook takes up to 3 GB
ROOM = 1e9  # bytes: notebooks, data and pages take 50 MB, a corpus that is downloaded takes more
# The part of notebook 06 that is timed: its first network, and so many of its batches.
BATCHES, WARM_UP, PAIRS, UNITS = 100, 20, 12_000, 128
# Notebook 06 takes about so many times as long as those batches: 92 times in the run that is saved
# in it (seven minutes, 46 ms a batch), 71 times on a busy machine (1,056 s, 148 ms a batch).
NOTEBOOK_06 = 80.0
LONGEST = 30  # minutes that people wait for notebook 06, at most


class Finding(NamedTuple):
    """What was found of one thing.

    Attributes:
        name: of the thing, a word or two.
        found: what there is.
        remedy: what to do about it, in one line; empty where it is good.
    """

    name: str
    found: str
    remedy: str = ""


def memory_size() -> int:
    """Return how many bytes of memory the machine has; 0 where the system does not say it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return 0


def required(extra: str = "") -> list[Requirement]:
    """Return what the package needs on this platform, as requirements.txt says; or an extra."""
    every = map(Requirement, importlib.metadata.requires(PACKAGE) or ())
    if not extra:
        return [one for one in every if one.marker is None or one.marker.evaluate()]
    here, there = {"extra": ""}, {"extra": extra}
    return [
        one
        for one in every
        if one.marker and one.marker.evaluate(there) and not one.marker.evaluate(here)
    ]


def python() -> Finding:
    """Hold the running Python against the range that the package takes."""
    running = platform.python_version()
    allowed = SpecifierSet(importlib.metadata.metadata(PACKAGE)["Requires-Python"])
    # A pre-release of a Python counts as that Python.
    if allowed.contains(running, prereleases=True):
        return Finding("Python", running)
    return Finding("Python", running, f"install a Python {allowed}, and this package into it")


def packages(wanted: list[Requirement] | None = None) -> list[Finding]:
    """Hold the installed versions against the ranges.

    Args:
        wanted: the ranges; those of requirements.txt where it is not given.

    Returns:
        One finding for all that are as they must be, and one for each of the others.
    """
    wanted, good, wrong = required() if wanted is None else wanted, [], []
    for one in wanted:
        try:
            version = importlib.metadata.version(one.name)
        except importlib.metadata.PackageNotFoundError:
            version = ""
        if version and one.specifier.contains(version, prereleases=True):
            good.append(f"{one.name} {version}")
        else:
            found = f"{one.name} {version or 'is missing'}, and {one.specifier} is needed"
            wrong.append(Finding("package", found, _install(one)))
    some = f", {', '.join(good[:2])} and others" if good else ""
    return [Finding("packages", f"{len(good)} of {len(wanted)} as they must be{some}"), *wrong]


def _install(*wanted: Requirement) -> str:
    ranges = " ".join(f'"{one.name}{one.specifier}"' for one in wanted)
    return f"python -m pip install --upgrade {ranges}"


def devanagari() -> Finding:
    """Draw Hindi: the font must be there, and letters must join."""
    try:
        from .plots.look import FONTS
    except ImportError as error:
        return Finding("Hindi in pictures", f"{error}", "install what is missing above")
    from matplotlib import font_manager

    try:
        font_manager.findfont(FONTS[-1], fallback_to_default=False)
    except ValueError:
        remedy = "python -m pip install --upgrade --force-reinstall fontpkg-noto-sans-devanagari"
        return Finding("Hindi in pictures", f"the font {FONTS[-1]} is missing", remedy)
    # Joined, स्त्री is one shape; without shaping its three letters stand beside each other.
    if _width("स्त्री") >= _width("स") + _width("त") + _width("र"):
        remedy = 'python -m pip install --upgrade "matplotlib>=3.11"'
        return Finding("Hindi in pictures", "the letters of स्त्री are not joined", remedy)
    return Finding("Hindi in pictures", f"{FONTS[-1]}, letters are joined")


def _width(word: str) -> float:
    """Return how many pixels a word takes in a figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from .plots.look import FONTS

    figure = Figure()
    canvas = FigureCanvasAgg(figure)
    written = figure.text(0, 0, word, family=FONTS, size=40)
    return written.get_window_extent(canvas.get_renderer()).width


def memory() -> Finding:
    """Ask the system for the size of its memory."""
    size = memory_size()
    found = f"{size / 1e9:.0f} GB" if size else "this system does not say how much"
    too_little = 0 < size < MEMORY
    remedy = "open the notebooks in Colab: one of them needs up to 3 GB" if too_little else ""
    return Finding("memory", found, remedy)


def cores() -> Finding:
    """Count the cores that this process may use."""
    may_use = getattr(os, "sched_getaffinity", None)  # only Linux tells
    count = len(may_use(0)) if may_use else os.cpu_count() or 1
    return Finding("cores", f"{count}")


def disk() -> Finding:
    """Look how much room there is where the notebooks write."""
    free = shutil.disk_usage(".").free
    remedy = "" if free >= ROOM else f"make room: {ROOM / 1e9:.0f} GB is enough"
    return Finding("disk", f"{free / 1e9:.1f} GB free", remedy)


def kernel() -> Finding:
    """Look whether notebooks run in this Python: in Jupyter's list, "python3" must be this one."""
    lab = required("lab")
    lacking = [finding for finding in packages(lab) if finding.remedy]
    if lacking:
        return Finding("Jupyter", lacking[0].found, _install(*lab))
    asked = [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"]
    said = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8")
    specs = json.loads(said.stdout)["kernelspecs"] if said.returncode == 0 else {}
    runs = specs.get("python3", {}).get("spec", {}).get("argv", [""])[0]
    if runs in ("python", sys.executable) or _same_file(runs, sys.executable):
        return Finding("Jupyter", "notebooks run in this Python")
    remedy = f'"{sys.executable}" -m ipykernel install --sys-prefix'
    return Finding("Jupyter", f"notebooks run in {runs or 'no Python'}", remedy)


def _same_file(one: str, other: str) -> bool:
    return bool(one) and os.path.abspath(one) == os.path.abspath(other)


def training() -> Finding:
    """Train for some seconds, and say what follows for notebook 06."""
    seconds = seconds_of_training()
    minutes = seconds * NOTEBOOK_06 / 60
    found = (
        f"{BATCHES} batches in {seconds:.1f} s: notebook 06 will take about "
        f"{max(1, round(minutes))} minutes here"
    )
    slow = "close other programs, or open the notebooks in Colab"
    return Finding("training", found, slow if minutes > LONGEST else "")


def seconds_of_training() -> float:
    """Return how long `BATCHES` batches of notebook 06's first network take, its start left out."""
    import keras

    from . import batches, corpora, losses, models, text

    short = (pair[:2] for pair in corpora.load("course") if _is_short(pair))
    sources, targets = zip(*itertools.islice(short, PAIRS), strict=True)
    source_words = text.tokenizer("word", lowercase=True, minimum_count=2).fit(sources)
    target_words = text.tokenizer("word").fit(targets)
    ids = source_words.encode_all(sources), target_words.encode_all(targets)
    train = batches.make_batches(*ids, 64, shuffle_seed=0)
    keras.utils.set_random_seed(0)
    sizes = source_words.vocabulary_size, target_words.vocabulary_size
    config = models.Seq2SeqConfig(*sizes, units=UNITS, embedding=UNITS, dropout=0.2)
    model = models.build_training_model(config)
    adam = keras.optimizers.Adam(0.004, global_clipnorm=5.0)
    model.compile(adam, losses.masked_cross_entropy)
    model.fit(train.take(WARM_UP), shuffle=False, verbose=0)
    start = time.perf_counter()
    model.fit(train.take(BATCHES), shuffle=False, verbose=0)
    return time.perf_counter() - start


def _is_short(pair, longest: int = 8) -> bool:
    from . import text

    return max(len(text.words(side)) for side in pair[:2]) <= longest
