"""What the package promises as a whole: data flows one way, and a module is read in one sitting."""

import ast
import json
import os
import re
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "s2s_keras"
MODULES = sorted(PACKAGE.glob("*.py"))
ORDER = [
    "reading", "downloads", "corpus", "subwords", "text", "batches", "loops", "recurrent",
    "models", "losses", "optimizers", "steps", "training", "inference", "decoding", "evaluation",
    "plots", "translator", "cli", "__main__",
]  # fmt: skip
MOST_LINES = 300


def imported(code: str) -> set[str]:
    """Names of the modules that code imports, anywhere in it; ours without the package's name."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            # `from .text import PAD` and `from . import text`
            names |= {f"s2s_keras.{node.module or alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            ours = node.module == "s2s_keras"
            names |= {f"s2s_keras.{alias.name}" if ours else node.module for alias in node.names}
    return names


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
    assert {path.stem for path in MODULES} == {*ORDER, "__init__"}


@pytest.mark.parametrize("name", ORDER)
def test_a_module_imports_only_from_its_left(name):
    names = imported((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))
    ours = {name.split(".")[1] for name in names if name.startswith("s2s_keras.")}
    left = {*ORDER[: ORDER.index(name)], "__version__", "quiet_start"}  # The package's own names.
    assert ours <= left


def test_imports_are_seen_in_every_form():
    code = (
        "import keras.ops\nfrom . import text, batches\nfrom .models import unroll\n"
        "def f():\n    from s2s_keras import cli\n    import s2s_keras.plots\n"
        "    from tensorflow.data import Dataset\n"
    )
    ours = {f"s2s_keras.{name}" for name in ("text", "batches", "models", "cli", "plots")}
    assert imported(code) == ours | {"keras.ops", "tensorflow.data"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_module_is_longer_than_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_the_package_itself_imports_only_the_standard_library():
    names = imported((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


# --- models without TensorFlow

MODEL_WITHOUT_TENSORFLOW = """
import sys
sys.modules["tensorflow"] = None
import keras
import numpy as np
from s2s_keras import losses, models

config = models.Seq2SeqConfig(9, 9, units=4, embedding=3, context="every_step")
model = models.build_training_model(config)
encoder, decoder_step = models.build_encoder(model), models.build_decoder_step(model)
ids = keras.ops.convert_to_tensor(np.array([[4, 5, 6]], "int32"))
logits = model({"source": ids, "target": ids})
states = models.first_states(model, encoder(ids))
likeliest = lambda logits, step: keras.ops.argmax(logits, axis=-1)
tokens = models.unroll(decoder_step, states, ids[:, 0], 5, likeliest)
assert tokens[0, 0] == likeliest(logits, 0)[0, 0]
by_hand = np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, ids[..., None], -1)[..., 0]
loss = losses.masked_cross_entropy(np.array([[4, 5, 0]]), logits)
assert abs(loss - by_hand[0, :2].mean()) < 1e-5
print(keras.backend.backend(), tuple(logits.shape), tuple(tokens.shape))
"""


@pytest.mark.parametrize("module", ["models", "losses"])
def test_models_and_loss_import_nothing_but_keras_and_ours(module):
    names = imported((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    assert {name.split(".")[0] for name in names} == {"keras", "s2s_keras"} | (
        {name.split(".")[0] for name in names} & sys.stdlib_module_names
    )


@pytest.mark.skipif(not find_spec("jax"), reason="needs a backend other than TensorFlow: JAX")
def test_models_run_on_jax_where_tensorflow_cannot_be_imported():
    done = subprocess.run(
        [sys.executable, "-c", MODEL_WITHOUT_TENSORFLOW],
        env=os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("jax (1, 3, 9) (1, 5)\n")


# --- requirements


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
