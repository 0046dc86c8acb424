"""What the package promises as a whole: data flows one way, and a module is read in one sitting."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "s2s_keras"
MODULES = sorted(PACKAGE.rglob("*.py"))
# The three lines of the picture in CONTRIBUTING.md, and the order inside each package.
PLAIN = [
    "errors",
    "text",
    "corpora",
    "batches",
    "models",
    "losses",
    "progress",
    "checkpoints",
    "teacher_forcing",
    "workers",
    "updates",
    "training",
    "decoding",
    "evaluation",
    "plots",
]
FAST = [
    "memory",
    "equations",
    "loops",
    "recurrent",
    "losses",
    "optimizers",
    "inference",
    "decoding",
    "beam",
]
USERS = ["defaults", "shipped", "translator", "export", "page", "machine", "cli"]
INSIDE = {
    "corpora": [
        *["splits", "bad_rows", "entities", "unpacking", "files", "lines", "columns", "sides"],
        *["tables", "records", "formats", "reading", "downloads", "corpus", "parallel"],
        *["streaming", "loading", "references"],
    ],
    "text": ["normalisation", "joining", "counting", "subwords", "tokenizers"],
    "models": [
        *["config", "training_model", "inspection", "agreement", "inference_models"],
        *["weights", "growing", "counting", "sutskever2014", "pytorch"],
    ],
    "checkpoints": ["disk", "interruptions", "signature", "record"],
    "workers": ["config", "lines", "cluster", "meeting", "in_step", "replicas"],
    "decoding": ["common", "token_by_token", "beam", "trace"],
    "plots": [
        *["look", "placing", "shapes", "cell", "diagrams"],
        *["grids", "measures", "words", "trees"],
    ],
    "fast": FAST,
    "translator": [
        *["card", "manifest", "old_format", "saving", "answers", "core", "preparing", "resuming"],
        "train",
    ],
    "export": [
        *["plain", "card", "graph_text", "graph_tokenizers", "savedmodel"],
        *["translate", "onnx", "web", "folders"],
    ],
    "page": ["font", "build", "notebook"],
    "cli": [
        *["inputs", "check", "export", "page", "values", "arguments", "train", "translate"],
        "evaluate",
    ],
}
ORDER = [
    name
    for part in [*PLAIN, "fast", *USERS]
    for name in [*(f"{part}.{module}" for module in INSIDE.get(part, ())), part]
] + ["__main__"]
MOST_LINES = 300


def name_of(path: Path) -> str:
    """What a module is called below the package: "models.config", "models", and "" for the top."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def path_of(name: str) -> Path:
    path = PACKAGE.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imported(code: str, package: str = "s2s_keras") -> set[str]:
    """Names of the modules that code imports, anywhere in it, if it stands in a package."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            module = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            # `from . import text` asks for a neighbour, not for the package that both are in.
            names |= {module} if node.module else set()
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def package_of(path: Path) -> str:
    """The package in which a module stands: what its relative imports begin at."""
    return ".".join(["s2s_keras", *path.relative_to(PACKAGE).parts[:-1]])


def ours(path: Path) -> set[str]:
    """Names of our own modules that a module imports."""
    names = imported(path.read_text(encoding="utf-8"), package_of(path))
    return {name.removeprefix("s2s_keras.") for name in names} & {*ORDER}


def code_of(notebook: Path) -> str:
    """The Python of a notebook: its code cells without the lines that are for IPython."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = [
        line
        for cell in cells
        if cell["cell_type"] == "code"
        for line in [*"".join(cell["source"]).splitlines(), ""]
        if not re.match(r"\s*[%!]", line)
    ]
    return "\n".join(lines)


def requirements() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [re.match(r"[\w.-]+", line)[0] for line in lines if line and not line.startswith("#")]


def test_every_module_has_its_place_in_the_order():
    assert sorted(map(name_of, MODULES)) == sorted([*ORDER, ""])


@pytest.mark.parametrize("name", ORDER)
def test_a_module_imports_only_from_its_left(name):
    assert ours(path_of(name)) <= {*ORDER[: ORDER.index(name)]}


def test_only_the_translator_and_the_command_line_choose_what_is_fast():
    users = {name for name in ORDER if any(used.startswith("fast") for used in ours(path_of(name)))}
    assert {name.split(".")[0] for name in users} <= {"fast", "translator", "cli"}
    assert "translator.train" in users


def test_imports_are_seen_in_every_form():
    code = (
        "import keras.ops\nfrom . import text\nfrom ..models import unroll\n"
        "def f():\n    from s2s_keras import cli\n    import s2s_keras.plots\n"
        "    from ..decoding.beam import Node\n    from tensorflow.data import Dataset\n"
    )
    names = imported(code, "s2s_keras.fast")
    assert names >= {"keras.ops", "tensorflow.data", "s2s_keras.fast.text", "s2s_keras.models"}
    assert names >= {"s2s_keras.cli", "s2s_keras.plots", "s2s_keras.decoding.beam"}


def test_the_picture_of_the_house_is_the_house():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for floor, modules in (("plain", PLAIN), ("fast", FAST), ("users", USERS)):
        (line,) = re.findall(rf"^{floor} +(\S.*→.*)$", text, re.MULTILINE)
        assert [name.strip() for name in line.split("→")] == modules
    rows = re.findall(r"^\| `(\w+)/?` \|", text, re.MULTILINE)
    assert rows == [*PLAIN, "fast", *USERS]


def test_the_wheel_has_every_package():
    with open(ROOT / "pyproject.toml", "rb") as file:
        packages = tomllib.load(file)["tool"]["setuptools"]["packages"]
    inside = {f"s2s_keras.{name}" for name in INSIDE}
    assert {*packages} == {"s2s_keras", "s2s_keras.data", "s2s_keras.experiments"} | inside


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_longer_than_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_the_package_itself_imports_only_the_standard_library():
    names = imported((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_importing_the_package_changes_nothing_in_the_process():
    program = (
        "import ctypes, os, sys, warnings\n"
        "def refused(*_): raise AssertionError('the C library is asked for something')\n"
        "ctypes.CDLL = refused\n"
        "before = dict(os.environ), list(warnings.filters), os.dup(2)\n"
        "import s2s_keras\n"
        "assert (dict(os.environ), list(warnings.filters)) == before[:2]\n"
        "sys.exit(len({'tensorflow', 'keras', 'numpy', 'pandas', 'matplotlib'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_no_module_asks_the_c_library_for_anything_until_it_is_used():
    program = (
        "import ctypes, sys\n"
        "asked = []\n"
        "class Spy(ctypes.CDLL):\n"
        "    def __getattr__(self, name):\n"
        "        asked.append(name)\n"
        "        return super().__getattr__(name)\n"
        "ctypes.CDLL = Spy\n"
        "from s2s_keras import fast, translator\n"
        "assert 'mallopt' not in asked\n"
        "fast.keep_freed_memory()\n"
        "assert 'mallopt' in asked or sys.platform != 'linux'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- nothing runs that should not

RUNS_DATA = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
# Names that are called alone, and names that are called on something.
RUNS_CODE = {"eval", "exec", "compile", "__import__"}
BUILDS_OR_UNPACKS = {"Lambda", "load_model", "deserialize_keras_object"}
BUILDS_OR_UNPACKS |= {"extract", "extractall", "unpack_archive"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_runs_what_it_reads_or_unpacks_what_it_opens(path):
    code = path.read_text(encoding="utf-8")
    modules = {name.split(".")[0] for name in imported(code, package_of(path))}
    assert not modules & RUNS_DATA
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in RUNS_CODE | BUILDS_OR_UNPACKS, node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in BUILDS_OR_UNPACKS, node.lineno
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert ast.unparse(node.value) == "False", node.value.lineno


# --- models without TensorFlow
MODEL_WITHOUT_TENSORFLOW = """
import sys
sys.modules["tensorflow"] = None
import keras
import numpy as np
from s2s_keras import decoding, losses, models

config = models.Seq2SeqConfig(
    9, 9, units=4, embedding=3, context="every_step", attention="additive", bidirectional=True
)
model = models.build_training_model(config)
ids = keras.ops.convert_to_tensor(np.array([[4, 5, 6]], "int32"))
logits = model({"source": ids, "target": ids})
tokens, probabilities, attention = decoding.trace(model, [4, 5, 6])
(best,) = decoding.beam_search(model, 1)([[4, 5, 6]])[0]
assert list(best.tokens) == tokens == decoding.greedy(model)([[4, 5, 6]])[0, : len(tokens)].tolist()
by_hand = np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, ids[..., None], -1)[..., 0]
loss = losses.masked_cross_entropy(np.array([[4, 5, 0]]), logits)
assert abs(loss - by_hand[0, :2].mean()) < 1e-5
print(keras.backend.backend(), tuple(logits.shape), attention.shape[1])
"""


@pytest.mark.parametrize("part", ["models", "losses", "decoding"])
def test_models_loss_and_decoding_import_no_tensorflow(part):
    outside = {"keras", "numpy", "safetensors", "s2s_keras"} | sys.stdlib_module_names
    for name in [name for name in ORDER if name.split(".")[0] == part]:
        names = imported(path_of(name).read_text(encoding="utf-8"), f"s2s_keras.{part}")
        assert {name.split(".")[0] for name in names} <= outside, name


@pytest.mark.skipif(not find_spec("jax"), reason="needs a backend other than TensorFlow: JAX")
def test_models_and_decoders_run_on_jax_where_tensorflow_cannot_be_imported():
    done = subprocess.run(
        [sys.executable, "-c", MODEL_WITHOUT_TENSORFLOW],
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("jax (1, 3, 9) 3\n")


# --- requirements


def test_every_package_that_is_imported_is_required():
    # IPython is imported where a notebook runs: it is there already.
    known = sys.stdlib_module_names | {"s2s_keras", "IPython"}
    # An exported program has its neighbours in its own folder, and ONNX Runtime is an extra.
    known |= {"joining", "normalisation", "onnxruntime"}
    imports = {
        name.split(".")[0]
        for path in MODULES
        for name in imported(path.read_text(encoding="utf-8"), package_of(path))
    }
    required = {name.replace("-", "_") for name in requirements()}
    assert imports - known <= required


def test_every_requirement_is_imported_or_plugs_into_one_that_is():
    code = [path.read_text(encoding="utf-8") for path in MODULES]
    code += [code_of(path) for path in (ROOT / "notebooks").glob("*.ipynb")]
    modules = {name.split(".")[0] for text in code for name in imported(text)}

    def is_used(requirement: str) -> bool:
        # A font is no import: it offers itself to fontpkg by an entry point of the group
        # "fontpkg.family".
        groups = {point.group for point in metadata.distribution(requirement).entry_points}
        return requirement.replace("-", "_") in modules or bool(
            {group.split(".")[0] for group in groups} & modules
        )

    assert len(requirements()) > 5
    assert [name for name in requirements() if not is_used(name)] == []


def pinned(stack: str) -> dict[str, Version]:
    """Return the versions of a constraints file; where Pythons differ, those of the older ones."""
    lines = (ROOT / "constraints" / f"{stack}.txt").read_text(encoding="utf-8").splitlines()
    found = [re.match(r"([\w-]+)==([\w.]+)", line) for line in lines]
    return {match[1]: Version(match[2]) for match in reversed(found) if match}


def ranges() -> dict[str, SpecifierSet]:
    """Return what may be installed of each package that the project names."""
    with open(ROOT / "pyproject.toml", "rb") as file:
        extras = tomllib.load(file)["project"]["optional-dependencies"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    lines += [line for extra in ("lab", "onnx", "site", "dev") for line in extras[extra]]
    parsed = map(Requirement, lines)
    return {one.name: one.specifier for one in parsed if one.name != "s2s-keras"}


@pytest.mark.parametrize("stack", ["oldest", "newest"])
def test_the_test_matrix_has_a_version_of_every_requirement_within_its_range(stack):
    versions = pinned(stack)
    assert versions.keys() == ranges().keys()
    outside = [name for name, allowed in ranges().items() if versions[name] not in allowed]
    assert outside == []


def test_the_oldest_versions_are_those_at_the_lower_ends_of_the_ranges():
    versions = pinned("oldest")
    for name, allowed in ranges().items():
        lowest = next(Version(part.version) for part in allowed if part.operator == ">=")
        assert versions[name].release[: len(lowest.release)] == lowest.release, name
