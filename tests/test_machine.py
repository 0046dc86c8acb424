"""What `machine` promises: a finding is good, or has one line that says what to do."""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement
from test_package import requirements

from s2s_keras import machine


def test_this_machine_has_what_the_package_needs():
    found = [machine.python(), *machine.packages(), machine.devanagari(), machine.cores()]
    assert [one for one in found if one.remedy] == []
    assert len(found) == 4  # all packages together are one finding


@pytest.mark.parametrize("module", ["regex", "packaging"])
def test_a_command_line_that_lacks_what_it_imports_says_so_in_one_line(module):
    program = (
        f"import sys; sys.modules['{module}'] = None; sys.argv = ['s2s-keras', 'check']; "
        "from s2s_keras.__main__ import run; sys.exit(run())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"s2s-keras: error: {module}\S* is missing; .*\n", done.stderr)


def test_every_requirement_of_the_file_is_looked_at_and_no_extra():
    on_windows = {"tensorflow-text"} if sys.platform == "win32" else set()
    assert {one.name for one in machine.required()} == {*requirements()} - on_windows
    assert {one.name for one in machine.required("lab")} == {"jupyterlab", "ipykernel", "nbclient"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("keras>=99", rf"keras {importlib.metadata.version('keras')}, and >=99 is needed"),
        ("no-such-package<2", "no-such-package is missing, and <2 is needed"),
    ],
)
def test_a_package_that_is_too_old_or_missing_is_named_with_its_remedy(wanted, found):
    together, wrong = machine.packages([Requirement("numpy"), Requirement(wanted)])
    assert together.found.startswith("1 of 2 as they must be, numpy ")
    assert wrong.found == found
    assert wrong.remedy == f'python -m pip install --upgrade "{wanted}"'


def test_another_python_is_told_which_ones_will_do(monkeypatch):
    monkeypatch.setattr(machine.platform, "python_version", lambda: "3.10.1")
    assert "<3.14,>=3.11" in machine.python().remedy
    monkeypatch.setattr(machine.platform, "python_version", lambda: "3.13.0rc1")
    assert not machine.python().remedy


def test_letters_that_do_not_join_are_noticed(monkeypatch):
    monkeypatch.setattr(machine, "_width", len)
    assert "matplotlib" in machine.devanagari().remedy


def test_a_font_that_is_missing_is_noticed(monkeypatch):
    monkeypatch.setattr("s2s_keras.plots.look.FONTS", ["DejaVu Sans", "No Such Font"])
    assert machine.devanagari().found == "the font No Such Font is missing"


@pytest.mark.parametrize(("size", "good"), [(8e9, True), (2e9, False), (0, True)])
def test_a_small_memory_is_told_and_an_unknown_one_is_not_blamed(monkeypatch, size, good):
    monkeypatch.setattr(machine, "memory_size", lambda: size)
    assert good == (not machine.memory().remedy)


def test_a_full_disk_is_told(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2e8))
    assert machine.disk().found == "0.2 GB free" and "make room" in machine.disk().remedy


@pytest.mark.parametrize(
    ("runs", "good"),
    [("python", True), (sys.executable, True), ("/elsewhere/bin/python", False), (None, False)],
)
def test_notebooks_must_run_in_this_python(monkeypatch, runs, good):
    pytest.importorskip("jupyterlab", reason="comes with the extra `lab`")
    specs = {"python3": {"spec": {"argv": [runs, "-m", "ipykernel_launcher"]}}} if runs else {}
    said = subprocess.CompletedProcess([], 0, stdout=json.dumps({"kernelspecs": specs}))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: said)
    assert good == (not machine.kernel().remedy)


def test_jupyter_s_own_list_is_understood():
    pytest.importorskip("jupyterlab", reason="comes with the extra `lab`")
    assert machine.kernel().found.startswith("notebooks run in ")


def test_the_time_of_notebook_06_follows_from_that_of_a_few_batches(monkeypatch):
    monkeypatch.setattr(machine, "seconds_of_training", lambda: 600 / machine.NOTEBOOK_06)
    assert "notebook 06 will take about 10 minutes here" in machine.training().found
    assert not machine.training().remedy
    monkeypatch.setattr(machine, "seconds_of_training", lambda: 6000 / machine.NOTEBOOK_06)
    assert "Colab" in machine.training().remedy


def test_the_batches_that_are_timed_are_trained(monkeypatch):
    pytest.importorskip("tensorflow")
    few = {"BATCHES": 2, "WARM_UP": 1, "PAIRS": 200, "UNITS": 8}
    for name, value in few.items():
        monkeypatch.setattr(machine, name, value)
    assert machine.seconds_of_training() > 0
