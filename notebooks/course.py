"""Run the course's notebooks, and keep their badges and set-up cells in step with pyproject.toml.

python notebooks/course.py run --to build/course   # run all of them, print what they measured
python notebooks/course.py run --to notebooks 03   # run one and save its outputs
python notebooks/course.py run --to build/deeper deeper/  # run those of a folder
python notebooks/course.py badges                  # write badges and set-up cells
"""

import argparse
import base64
import os
import sys
import time
import tomllib
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from s2s_keras.errors import MissingPackage

FOLDER = Path(__file__).parent
BESIDE = ("deeper", "solutions", "hindi")  # folders of more notebooks
ROOT = FOLDER.parent
SECONDS_A_CELL = 1200

SETUP = """\
# On Colab this installs the course's package; elsewhere it is there already.
import importlib.util

if importlib.util.find_spec("s2s_keras") is None:
    %pip install --quiet "s2s-keras @ git+{repository}"
    importlib.invalidate_caches()
    if importlib.util.find_spec("s2s_keras") is None:
        raise RuntimeError("The installation failed; the lines above say why.")
    print("Installed. The kernel starts anew: now run the notebook again from the top.")
    get_ipython().kernel.do_shutdown(restart=True)
    raise SystemExit

import s2s_keras

with s2s_keras.quiet_start():  # keeps TensorFlow's start-up notes out of the notebook
    import keras

    from s2s_keras.page import font

font.bring_to_notebook()  # letters for Hindi, where the machine has none"""
SETUP_IN_HINDI = {
    "On Colab this installs the course's package; elsewhere it is there already.": (
        "यह Colab पर कोर्स का पैकेज इंस्टॉल करता है; बाकी जगह वह पहले से है।"
    ),
    "The installation failed; the lines above say why.": (
        "इंस्टॉल नहीं हो सका; कारण ऊपर की पंक्तियों में लिखा है।"
    ),
    "Installed. The kernel starts anew: now run the notebook again from the top.": (
        "इंस्टॉल हो गया। कर्नेल फिर से शुरू हो रहा है: अब नोटबुक को ऊपर से दोबारा चलाइए।"
    ),
    "keeps TensorFlow's start-up notes out of the notebook": (
        "TensorFlow के शुरुआती संदेश नोटबुक में नहीं आते"
    ),
    "letters for Hindi, where the machine has none": ("जिस कंप्यूटर पर हिंदी का फ़ॉन्ट नहीं है, वहाँ के लिए"),
}

BADGE = (
    "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/{owner_and_name}/blob/main/notebooks/{name}.ipynb)"
)


def notebooks(names: list[str] = ()) -> list[Path]:
    """Return the numbered notebooks in order; or those whose path begins with one of the names.

    A name is a number such as "03", or a folder of `BESIDE` and perhaps more: "solutions/03".
    """
    if not names:
        return sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
    every = [path for folder in ("", *BESIDE) for path in sorted((FOLDER / folder).glob("*.ipynb"))]
    return [path for path in every if called(path).startswith(tuple(names))]


def called(path: Path) -> str:
    """Return what a notebook is called on the command line, "solutions/03_solutions"."""
    return path.relative_to(FOLDER).with_suffix("").as_posix()


class PlainClient(NotebookClient):
    """Runs a notebook as for a reader without a kernel, who can move no slider.

    What a widget's function draws or prints at first becomes an output of the cell, as if there
    were no widget.
    """

    def on_comm_open_jupyter_widget(self, message):
        """Leave a new widget alone: it will not take the cell's outputs."""


def execute(
    notebook: nbformat.NotebookNode, folder: Path = FOLDER, **options: object
) -> nbformat.NotebookNode:
    """Run a notebook top to bottom in a new kernel, in place, and leave out what is live.

    Args:
        notebook: read by `nbformat`.
        folder: where its kernel runs.
        options: more for `nbclient.NotebookClient`.

    Raises:
        CellExecutionError: a cell failed; its message shows the cell and the error.
    """
    client = PlainClient(
        notebook,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=40"],  # errors only
        **options,
    )
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_live(output)]
    notebook.metadata["language_info"] = {"name": "python"}  # no version of one machine
    return notebook


def _is_live(output: nbformat.NotebookNode) -> bool:
    """Tell widgets, and what else works only while a notebook is open: it says so itself."""
    widget = "application/vnd.jupyter.widget-view+json" in output.get("data", {})
    return widget or output.get("metadata", {}).get("text/html", {}).get("live", False)


def lacks(error: Exception) -> str:
    """Return which package a notebook missed, in its own words, and "" for any other error."""
    is_missing = getattr(error, "ename", "") == MissingPackage.__name__
    return error.evalue if is_missing else ""


def results(notebook: nbformat.NotebookNode) -> list[str]:
    """Return, as text, what the cells tagged "results" show."""
    tagged = [cell for cell in notebook.cells if "results" in cell.metadata.get("tags", ())]
    outputs = [output for cell in tagged for output in cell.outputs]
    return [
        output.text if output.output_type == "stream" else output.data["text/plain"]
        for output in outputs
        if output.output_type == "stream" or "text/plain" in output.get("data", {})
    ]


def save_picture(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write the first figure of the cell tagged "picture", if there is one: README.md shows it."""
    tagged = [cell for cell in notebook.cells if "picture" in cell.metadata.get("tags", ())]
    figures = [output.data for cell in tagged for output in cell.outputs if "data" in output]
    for figure in [figure for figure in figures if "image/png" in figure][:1]:
        path.write_bytes(base64.b64decode(figure["image/png"]))


def badge(path: Path) -> str:
    """Return the notebook's "Open in Colab" badge as Markdown."""
    owner_and_name = repository().removeprefix("https://github.com/")
    return BADGE.format(owner_and_name=owner_and_name, name=called(path))


def setup(language: str = "en") -> str:
    """Return the source of every notebook's first code cell; in Hindi for the language "hi"."""
    source = SETUP.format(repository=repository())
    for english, hindi in SETUP_IN_HINDI.items() if language == "hi" else ():
        source = source.replace(english, hindi)
    return source


def is_hindi(path: Path) -> bool:
    """Tell whether a notebook is one of those in Hindi."""
    return path.parent == FOLDER / "hindi"


def repository() -> str:
    """Return the repository's address from pyproject.toml, the one place where it stands."""
    with open(ROOT / "pyproject.toml", "rb") as file:
        return tomllib.load(file)["project"]["urls"]["Repository"]


def run_course(names: list[str], to: Path) -> int:
    """Run notebooks into a folder and print what they measured; return the exit status."""
    to.mkdir(parents=True, exist_ok=True)
    measured, failed = [], []
    chosen = notebooks(names)
    if not chosen:
        print(
            f"no notebook begins with {', '.join(names)}: give numbers such as 03, or deeper/",
            file=sys.stderr,
        )
        return 2
    for path in chosen:
        print(f"{called(path)} … ", end="", flush=True)
        start = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)
        try:
            execute(notebook, path.parent)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            if missing := lacks(error):
                print(f"left out: {missing}")
                continue
            failed.append(called(path))
            print(f"failed\n{error}")
        else:
            print(f"{time.perf_counter() - start:.0f} s")
            save_picture(notebook, to / "picture.png")
            measured.append((notebook.cells[0].source.splitlines()[0], results(notebook)))
        if called(path) not in failed or to.resolve() != FOLDER.resolve():
            saved = to / path.relative_to(FOLDER)
            saved.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, saved)
    for title, texts in measured:
        print(f"\n{title.lstrip('# ')}\n{'─' * 72}")
        print(*texts, sep="\n\n")
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def write_badges(names: list[str]) -> None:
    """Give notebooks their set-up cell (first code), and numbered ones their badge (first cell)."""
    for path in notebooks(names or [""]):  # every name begins with nothing
        notebook = nbformat.read(path, as_version=4)
        title = notebook.cells[0]
        lines = [line for line in title.source.splitlines() if "colab-badge.svg" not in line]
        title.source = "\n".join(lines).rstrip()
        if path.parent == FOLDER or is_hindi(path):
            title.source += "\n\n" + badge(path)
        first_code = next(cell for cell in notebook.cells if cell.cell_type == "code")
        first_code.source = setup("hi" if is_hindi(path) else "en")
        nbformat.write(notebook, path)
        print(path.name)


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run notebooks top to bottom; 00, 01, … by default")
    run.add_argument("--to", type=Path, required=True, help="folder for the notebooks with outputs")
    badges = commands.add_parser(
        "badges", help="write badges and set-up cells; into all by default"
    )
    for command in (run, badges):
        command.add_argument("names", nargs="*", help="such as 03, deeper/ or solutions/03")
    options = parser.parse_args()
    os.chdir(ROOT)
    if options.command == "badges":
        write_badges(options.names)
        return 0
    return run_course(options.names, options.to)


if __name__ == "__main__":
    sys.exit(main())
