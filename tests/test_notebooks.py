"""What every notebook promises: it runs, it was run, it leads somewhere, and its code is ours.

`pytest -m notebook` runs the notebooks themselves, in fast mode; the rest reads them as saved.
"""

import ast
import base64
import importlib.util
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from reading_notebooks import (
    DEEPER,
    FOLDER,
    HINDI,
    NUMBERED,
    ROOT,
    SOLUTIONS,
    code_cells,
    each_notebook,
    each_numbered,
    markdown,
    nbformat,
    outputs,
    read,
)

pytest.importorskip("nbclient", reason="comes with the extra `lab`")
inputtransformer = pytest.importorskip("IPython.core.inputtransformer2")
from forked_kernels import EAGERLY, ForkedKernelManager  # noqa: E402

# What a learner can take in within half an hour; `deeper` may be as long as it likes.
MOST_CELLS, MOST_WORDS, MOST_LINES = 35, 2500, 180
LONGEST_CELL, SHORT_CELL, COLUMNS = 15, 8, 100

# Beside the numbered notebooks only these compile TensorFlow's functions in the tests, since they
# are about that; the others would need twice the time.
COMPILED = ("batches_padding", "compiled_decoding")

# What each notebook builds by hand, before the next ones import it from the package.
BY_HAND = {
    "02_": ["pad", "words"],
    "04_": ["teacher_forcing_shift", "masked_cross_entropy"],
    "07_": ["allowed"],
    "compiled": ["unroll"],
    "unicode": ["leak_key"],
    "exposure": ["mix_in_own_predictions"],
}


def _load_course():
    spec = importlib.util.spec_from_file_location("course", FOLDER / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


course = _load_course()


# Which there are


def test_the_course_has_its_notebooks():
    numbers = [path.name[:2] for path in NUMBERED]
    assert numbers == [f"{number:02d}" for number in range(16)]


def test_every_numbered_notebook_has_solutions():
    assert [path.name[:2] for path in SOLUTIONS] == [path.name[:2] for path in NUMBERED]


def test_every_deeper_notebook_is_linked_from_the_course():
    linked = {link for path in NUMBERED for link in links(markdown(read(path)))}
    assert {f"deeper/{path.name}" for path in DEEPER} <= linked


@each_numbered
def test_a_notebook_has_solutions_where_it_says_so(path):
    linked = re.findall(r"\]\((solutions/[^)#]+)", markdown(read(path)))
    assert all(link == f"solutions/{path.name[:2]}_solutions.ipynb" for link in linked)
    assert linked, "no link to the exercises' solutions"


# They run


@pytest.mark.notebook
@each_notebook
def test_a_notebook_runs_in_fast_mode_and_writes_only_into_build(path, tmp_path, monkeypatch):
    # In another folder, as on Colab: what it wrote beside itself would show up there.
    monkeypatch.setenv("S2S_FAST", "1")
    if path not in NUMBERED and not path.name.startswith(COMPILED):
        monkeypatch.setenv(EAGERLY, "1")
    notebook = read(path)
    try:
        course.execute(notebook, tmp_path, kernel_manager_class=ForkedKernelManager)
    except course.CellExecutionError as error:
        if missing := course.lacks(error):
            pytest.skip(missing)
        raise
    assert {written.name for written in tmp_path.iterdir()} <= {"build"}  # which git ignores
    if path in NUMBERED:
        assert course.results(notebook)
        assert any("image/png" in output.get("data", ()) for output in outputs(notebook))


# They were run, once, top to bottom, and went well


@each_notebook
def test_a_notebook_is_valid(path):
    nbformat.validate(read(path))


def lines_of_code(notebook) -> list[int]:
    """The lines of each code cell but the set-up, blank ones left out."""
    return [sum(bool(line.strip()) for line in cell.source.splitlines())
            for cell in code_cells(notebook)[1:]]  # fmt: skip


@each_numbered
def test_a_notebook_can_be_finished_in_half_an_hour(path):
    notebook = read(path)
    assert len(notebook.cells) <= MOST_CELLS
    assert len(re.findall(r"\w+", markdown(notebook))) <= MOST_WORDS
    lines = lines_of_code(notebook)
    assert sum(lines) <= MOST_LINES
    assert max(lines) <= LONGEST_CELL
    assert sum(line <= SHORT_CELL for line in lines) >= len(lines) / 2


@each_notebook
def test_no_line_of_code_runs_out_of_its_cell(path):
    for cell in code_cells(read(path)):
        assert max(map(len, cell.source.splitlines())) <= COLUMNS, cell.source


@each_numbered
def test_a_notebook_has_something_to_move_and_shows_it_without_a_kernel_too(path):
    moving = [cell for cell in code_cells(read(path)) if re.search(r"widgets\.\w+\(", cell.source)]
    shown = [cell for cell in moving if any(_is_shown(output) for output in cell.outputs)]
    assert shown, "no widget, or none whose first picture or text is saved"


def _is_shown(output) -> bool:
    return output.output_type == "stream" or "image/png" in output.get("data", {})


@each_numbered
def test_a_notebook_works_within_three_cells(path):
    assert any(cell.outputs for cell in code_cells(read(path))[:4])  # the first is the set-up


def test_ruff_finds_nothing_in_the_notebooks():
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, str(FOLDER)]
        done = subprocess.run(ruff, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stdout


@each_notebook
def test_the_saved_outputs_are_those_of_one_run(path):
    counts = [cell.execution_count for cell in code_cells(read(path))]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_the_saved_run_met_no_error_and_no_warning(path):
    for output in outputs(read(path)):
        assert output.output_type != "error", output.evalue
        assert output.get("name") != "stderr", output.text
        assert "WARNING" not in output.get("text", ""), output.text


@each_numbered
def test_a_notebook_shows_what_it_measured(path):
    shown = "".join(course.results(read(path)))
    assert shown.strip(), "no cell tagged `results` has an output"


@each_notebook
def test_no_picture_is_missing(path):
    notebook = read(path)
    for output in outputs(notebook):
        data = output.get("data", {})
        if data.get("text/plain", "").startswith("<Figure size"):
            assert "image/png" in data, data
        if "image/png" in data:
            assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG\r\n\x1a\n")
    for cell in notebook.cells:
        for name in re.findall(r"attachment:([^)\s\"]+)", cell.source):
            assert unquote(name) in cell.get("attachments", {})


@each_notebook
def test_every_picture_is_described_for_who_cannot_see_it(path):
    # nbconvert and Jupyter Book write a cell's "alt" beside its pictures.
    for cell in code_cells(read(path)):
        has_picture = any("image/png" in output.get("data", {}) for output in cell.outputs)
        described = cell.metadata.get("alt", "")
        assert has_picture == bool(described), cell.source
        assert not has_picture or 40 <= len(described) <= 450, described


ABSOLUTE_PATH = re.compile(
    r"(?<![\w.:/~$}-])/(?:home|root|tmp|work|Users|private|mnt|opt|usr|var|content|drive)/[\w.]+"
    r"|\b[A-Z]:\\\w+"
)


@each_notebook
def test_a_notebook_names_no_path_of_a_machine(path):
    notebook = read(path)
    texts = [cell.source for cell in notebook.cells]
    for output in outputs(notebook):
        texts.append(output.get("text", ""))
        texts += [str(v) for k, v in output.get("data", {}).items() if not k.startswith("image/")]
    assert [found for text in texts for found in ABSOLUTE_PATH.findall(text)] == []


# The head: title, badge, set-up


@each_numbered
def test_the_first_cell_has_the_number_and_ends_with_the_badge(path):
    first = read(path).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith(f"# {path.name[:2]} ")
    assert first.source.splitlines()[-1] == course.badge(path)


@each_notebook
def test_the_first_code_cell_is_the_set_up(path):
    language = "hi" if path in HINDI else "en"
    assert code_cells(read(path))[0].source == course.setup(language)


# Links

DOCUMENTS = [
    *(ROOT / name for name in ("CONTRIBUTING.md", "README.md", "data/README.md")),
    *sorted(ROOT.glob("docs/*.md")),
    *sorted(ROOT.glob("workshop/*.md")),
]
LINK = re.compile(
    r"\]\(\s*<?([^)\s>]+)>?(?:\s+[\"'][^)]*)?\)|^\s*\[[^\]]+\]:\s*(\S+)"
    r"|\b(?:src|href)=[\"']([^\"']+)",
    re.MULTILINE,
)
CODE = re.compile(r"^(```|~~~).*?^\1|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)


def links(text: str) -> list[str]:
    """What a Markdown text links to or shows as a picture, in any of the ways to write it."""
    return [next(filter(None, groups)) for groups in LINK.findall(CODE.sub("", text))]


def check_links(text: str, folder: Path) -> None:
    for link in links(text):
        parts = urlsplit(link)
        if parts.scheme in ("http", "https"):
            assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}(:\d+)?", parts.netloc), link
            assert not link.endswith((".", ",", ";")), link
        elif parts.path and parts.scheme != "attachment":
            assert not parts.scheme and not parts.path.startswith("/"), link
            assert (folder / unquote(parts.path)).exists(), f"{link}: no such file"


def test_links_are_found_in_every_way_to_write_them():
    text = (
        '[a](one.md) [![b](two.svg)](three.md "title")\n[c]: four.md\n<img src="five.png">'
        "`x[0](no.md)`\n\n```\n[d](no.md)\n```\n[e](<six.md>) [f](#part)"
    )
    assert links(text) == [
        *("one.md", "two.svg", "three.md", "four.md", "five.png", "six.md", "#part")
    ]


@each_notebook
def test_the_links_of_a_notebook_lead_somewhere(path):
    check_links(markdown(read(path)), path.parent)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_links_of_a_document_lead_somewhere(path):
    check_links(path.read_text(encoding="utf-8"), path.parent)


@each_numbered
def test_a_notebook_leads_to_the_next(path):
    linked = links(markdown(read(path)))
    for following in NUMBERED[NUMBERED.index(path) + 1 :][:1]:
        assert following.name in linked


def test_make_lab_serves_the_whole_repository_and_opens_notebook_00():
    # Served from notebooks/, the links to data/ would lead nowhere.
    recipe = re.findall(r"^\t.*jupyter lab(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe == [" --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb"]
    assert NUMBERED[0].name == "00_start_here.ipynb"


# The code: what a notebook builds by hand is what the package does


def functions(tree: ast.Module) -> dict[str, str]:
    """The functions at the top of a program, by name: their code without the docstrings.

    A decorator that registers a function for Keras's files does not change what it computes.
    """
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = [d for d in node.decorator_list if "register_keras" not in ast.unparse(d)]
            node.decorator_list = decorators
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    first = inner.body[0]
                    if ast.get_docstring(inner) is not None:
                        inner.body.remove(first)
            found[node.name] = ast.unparse(node)
    return found


def notebook_functions(path: Path) -> dict[str, list[str]]:
    """The functions at the top of a notebook's cells, by name; some are defined again later."""
    to_python = inputtransformer.TransformerManager().transform_cell
    found = defaultdict(list)
    for cell in code_cells(read(path)):
        for name, code in functions(ast.parse(to_python(cell.source))).items():
            found[name].append(code)
    return found


@pytest.fixture(scope="module")
def package() -> dict[str, list[str]]:
    """The functions of the package's modules, by name."""
    found = defaultdict(list)
    for path in sorted((ROOT / "s2s_keras").rglob("*.py")):
        for name, code in functions(ast.parse(path.read_text(encoding="utf-8"))).items():
            found[name].append(code)
    return found


@each_notebook
def test_a_function_of_the_package_s_name_is_the_package_s_code(path, package):
    for name, definitions in notebook_functions(path).items():
        for code in definitions if name in package else []:
            assert code in package[name], f"{name} differs from the package's"


@pytest.mark.parametrize(("number", "names"), BY_HAND.items(), ids=BY_HAND)
def test_a_notebook_builds_its_piece_by_hand(number, names, package):
    paths = [path for path in NUMBERED + DEEPER if path.name.startswith(number)]
    assert len(paths) == 1, f"no notebook {number}"
    built = notebook_functions(paths[0])
    for name in names:
        assert name in package, f"the package has no {name}"
        assert built[name] and built[name][-1] in package[name], name


def test_docstrings_and_comments_make_no_difference_and_code_does():
    one, two, three = (
        functions(ast.parse(text))["f"]
        for text in (
            'def f(x: int):\n    """Says one thing."""\n    # why\n    return x + 1',
            "def f(x: int): return (x + 1)",
            "def f(x: int): return x + 2",
        )
    )
    assert one == two != three


# The program that runs the course

RIGHT, WRONG = 'print("the answer is", 42)', "1 / 0"


@pytest.fixture
def small_course(tmp_path, monkeypatch):
    """A course of two notebooks, of which the second fails."""
    for name, code in (("00_right", RIGHT), ("01_wrong", WRONG)):
        cell = nbformat.v4.new_code_cell(code, metadata={"tags": ["results"]})
        title = nbformat.v4.new_markdown_cell(f"# {name}")
        nbformat.write(nbformat.v4.new_notebook(cells=[title, cell]), tmp_path / f"{name}.ipynb")
    monkeypatch.setattr(course, "FOLDER", tmp_path)
    return tmp_path


def test_the_course_runs_into_a_folder_and_prints_what_it_measured(small_course, tmp_path, capsys):
    assert course.run_course(["00"], tmp_path / "build" / "course") == 0
    assert "00_right\n" in (output := capsys.readouterr().out) and "the answer is 42" in output
    saved = read(tmp_path / "build" / "course" / "00_right.ipynb")
    assert course.results(saved) == ["the answer is 42\n"]
    assert outputs(read(small_course / "00_right.ipynb")) == []


def test_a_notebook_that_fails_is_named_and_never_saved_over_the_good_one(small_course, capsys):
    before = (small_course / "01_wrong.ipynb").read_bytes()
    assert course.run_course([], small_course) == 1
    output, errors = capsys.readouterr()
    assert "the answer is 42" in output and "ZeroDivisionError" in output
    assert errors.splitlines()[-1] == "failed: 01_wrong"
    assert (small_course / "01_wrong.ipynb").read_bytes() == before


LACKING = """\
from s2s_keras.errors import MissingPackage
raise MissingPackage("hindlib is missing: install it")"""


def test_a_notebook_that_lacks_a_package_says_so_and_is_left_as_it_was(small_course, capsys):
    """It is no failure, and what a run with the package saved stays."""
    path = small_course / "01_wrong.ipynb"
    notebook = read(path)
    notebook.cells[1].source = LACKING
    nbformat.write(notebook, path)
    before = path.read_bytes()
    assert course.run_course([], small_course) == 0
    output, errors = capsys.readouterr()
    assert "01_wrong … left out: hindlib is missing: install it\n" in output and errors == ""
    assert path.read_bytes() == before


def test_badges_and_set_up_cells_are_written_once_however_often(small_course, capsys):
    course.write_badges([])
    once = [path.read_bytes() for path in sorted(small_course.glob("*.ipynb"))]
    course.write_badges([])
    assert [path.read_bytes() for path in sorted(small_course.glob("*.ipynb"))] == once
    notebook = read(small_course / "00_right.ipynb")
    assert (
        notebook.cells[0].source == f"# 00_right\n\n{course.badge(small_course / '00_right.ipynb')}"
    )
    assert notebook.cells[1].source == course.setup()
