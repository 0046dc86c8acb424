"""The tests under other Pythons and other versions of what the package needs: `make test-matrix`.

`nox --list` names the sessions, and `nox -s oldest` runs one of them. A Python that the machine
lacks is skipped, and the summary at the end says so.
"""

from pathlib import Path

import nox

nox.options.error_on_missing_interpreters = False
nox.options.error_on_external_run = True

HERE = Path(__file__).parent
# Data, texts and what was measured are the same under every version; the rest is tested.
OF_DATA = ("course_*", "data_card", "grammar*", "phrasebook", "tasks", "exercises", "experiments")
OF_TEXT = ("prose", "glossary", "guide", "hindi", "references", "slides", "workflows")
ALL_BUT_DATA = [f"--ignore-glob=*/test_{name}.py" for name in OF_DATA + OF_TEXT]
TOGETHER = ["-n", "logical", "--maxprocesses", "4", "--dist", "worksteal"]
NO_TENSORFLOW = {"tensorflow", "tensorflow-text"}
# Of these, what needs TensorFlow is skipped.
PLAIN = [f"tests/test_{name}.py" for name in ("models", "decoding", "counting", "text")]
# What Python itself may break: imports, files that are read and saved, figures, the command line.
OF_PYTHON = ("package", "reading", "corpora", "text", "batches", "losses", "saving", "plots", "cli")
OF_PYTHON = [f"tests/test_{name}.py" for name in OF_PYTHON]
IN_COLAB = ["tests/test_notebooks.py", "-k", "in_fast_mode and (00_ or 02_)"]


@nox.session(python="3.13")
def newest(session: nox.Session) -> None:
    """Run every test but those of notebooks, texts and data with the newest Python and versions."""
    install(session, "newest")
    run_tests(session, *ALL_BUT_DATA, "-m", "not notebook", *TOGETHER)


@nox.session(python="3.11")
def oldest(session: nox.Session) -> None:
    """Run the same with the oldest Python and the oldest versions."""
    install(session, "oldest")
    run_tests(session, *ALL_BUT_DATA, "-m", "not notebook", *TOGETHER)


@nox.session(python="3.12")
def between(session: nox.Session) -> None:
    """Run what Python itself may break, with the Python between the two."""
    install(session, "newest")
    run_tests(session, *OF_PYTHON, *TOGETHER)


@nox.session(python="3.12")
def colab(session: nox.Session) -> None:
    """Run two notebooks under the kernel and the libraries that Colab is known to have had."""
    constraints = str(HERE / "constraints" / "colab.txt")
    session.install("--editable", ".", "ipykernel", "ipython", "--constraint", constraints)
    session.install("pytest", "hypothesis", "nbclient", "--constraint", constraints)
    run_tests(session, *IN_COLAB)


@nox.session(python="3.12")
def jax(session: nox.Session) -> None:
    """Run the tests of what needs no TensorFlow, on JAX, where TensorFlow is not installed."""
    required = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [line for line in required if line and not line.startswith("#")]
    plain = [line for line in names if line.split(">")[0] not in NO_TENSORFLOW]
    session.install(*plain, "jax", "pytest", "hypothesis")
    session.install("--no-deps", "--editable", ".")
    session.run("python", "-c", "import importlib.util as u; assert not u.find_spec('tensorflow')")
    run_tests(session, *PLAIN, KERAS_BACKEND="jax")


def install(session: nox.Session, stack: str) -> None:
    """Install the package with what its tests need, at the versions of a constraints file."""
    constraints = HERE / "constraints" / f"{stack}.txt"
    session.install("--editable", ".[lab,dev]", "--constraint", str(constraints))


def run_tests(session: nox.Session, *arguments: str, **environment: str) -> None:
    """Run pytest; arguments behind `--` on nox's command line take the place of `arguments`."""
    session.run("python", "-m", "pytest", *(session.posargs or arguments), env=environment)
