"""The set-up cell where the package is missing, under the kernel and the shell of Colab.

A small package stands in for ours, and git takes its folder for our address.
"""

import json
import os
import re
import subprocess
import venv
from pathlib import Path

import nbformat
import pytest
from lab import ROOT, git

kernels = pytest.importorskip("jupyter_client", reason="comes with the extra `lab`")

SECONDS = 10  # in which the cell must end, once pip has
FIRST, *_ = (
    cell.source
    for cell in nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4).cells
    if cell.cell_type == "code"
)
ADDRESS = re.search(r"git\+(https://\S+?)\"", FIRST)[1]
PROJECT = """\
[build-system]
requires = ["setuptools"]
[project]
name = "s2s-keras"
version = "0"
[tool.setuptools]
py-modules = ["s2s_keras"]
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """A Python with Colab's versions of kernel and shell, and without this course."""
    folder = tmp_path_factory.mktemp("colab")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    colab = str(ROOT / "constraints" / "colab.txt")
    packages = ["ipykernel", "ipython", "setuptools"]
    install = [python, "-m", "pip", "install", "--quiet", "--constraint", colab, *packages]
    if subprocess.run(install, capture_output=True).returncode:
        pytest.skip("needs the versions of constraints/colab.txt, which pip could not install")
    return python


@pytest.fixture
def start(python, tmp_path):
    """Starts a kernel; `address` is the folder that git takes for the repository's address."""
    managers = []

    def start(address: Path):
        (tmp_path / "colab").mkdir(exist_ok=True)
        command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        described = {"argv": command, "display_name": "Colab", "language": "python"}
        (tmp_path / "colab" / "kernel.json").write_text(json.dumps(described))
        known = kernels.kernelspec.KernelSpecManager(kernel_dirs=[str(tmp_path)])
        manager = kernels.KernelManager(kernel_name="colab", kernel_spec_manager=known)
        setting = {"KEY_0": f"url.file://{address}.insteadOf", "VALUE_0": ADDRESS, "COUNT": "1"}
        git_config = {f"GIT_CONFIG_{name}": value for name, value in setting.items()}
        environment = os.environ | git_config | {"PIP_NO_DEPS": "1"}
        manager.start_kernel(env=environment, cwd=str(tmp_path))
        managers.append(manager)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        return manager, client

    yield start
    for manager in managers:
        manager.shutdown_kernel(now=True)


@pytest.fixture
def stand_in(tmp_path) -> Path:
    """A repository of a package of our name."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "s2s_keras.py").write_text("")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a stand-in")
    return folder


def said(client, until, timeout: int = 120) -> list:
    """Return what a kernel shows, up to the message of which `until` is true."""
    shown = []
    while True:
        message = client.get_iopub_msg(timeout=timeout)
        content = message["content"]
        shown.append(content.get("text") or content.get("evalue") or "")
        if until(message):
            return shown


def test_where_installing_works_the_kernel_ends_and_runs_nothing_more(start, stand_in, python):
    manager, client = start(stand_in)
    client.execute(FIRST)
    client.execute("print('went on')")
    said(client, lambda message: "Installed." in message["content"].get("text", ""))
    assert manager.provisioner is not None
    manager.provisioner.process.wait(SECONDS)
    assert "went on" not in "".join(_rest(client))
    found = "import importlib.util as u; assert u.find_spec('s2s_keras')"
    subprocess.run([python, "-c", found], check=True)
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "s2s-keras"], check=True)


def _rest(client) -> list[str]:
    """What is left of what a kernel that has ended has shown."""
    shown = []
    while client.iopub_channel.msg_ready():
        shown.append(client.get_iopub_msg(timeout=1)["content"].get("text", ""))
    return shown


def test_where_installing_fails_the_cell_says_so_and_the_kernel_stays(start, tmp_path):
    manager, client = start(tmp_path / "nowhere")
    client.execute(FIRST)
    shown = said(client, lambda message: message["msg_type"] == "error")
    assert shown[-1] == "The installation failed; the lines above say why."
    assert not any("Installed." in text for text in shown)
    assert manager.is_alive()
