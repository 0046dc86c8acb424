"""The kit for a room without a network: what is gathered, and who may install it.

`bash workshop/try_offline.sh` installs a real kit with the network off, which takes minutes.
"""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from reading_notebooks import NUMBERED, ROOT, markdown, read

pytest.importorskip("markdown_it", reason="comes with the extra `dev`")
from workshop import offline  # noqa: E402


@pytest.fixture
def kit(tmp_path) -> Path:
    """A kit without wheels: what pip and the translators would do is left out."""
    asked = []

    def run(command, check):
        asked.append(command)
        wheels = Path(command[command.index("--wheel-dir") + 1])
        wheels.mkdir()
        (wheels / f"wheel-{len(asked)}.whl").touch()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "run", run)
        patch.setattr(offline, "write_pages", lambda to: None)
        offline.gather(tmp_path / "kit")
        offline.gather(tmp_path / "kit")  # a second time, over the first
    assert asked[0][:5] == [sys.executable, "-m", "pip", "wheel", "--quiet"]
    assert asked[0][-1] == f"{ROOT}[lab]"  # neither tests nor exports belong into the room
    assert asked[1][-3:-1] == ["--find-links", str(tmp_path / "kit" / "wheels")]
    return tmp_path / "kit"


@pytest.fixture
def installer(kit):
    """The installer of the kit, as a module."""
    spec = importlib.util.spec_from_file_location("install", kit / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_kit_has_the_course_and_only_the_newest_wheels(kit):
    names = {path.name for path in kit.iterdir()}
    assert names == {"START HERE.txt", "course", "install.py", "kit.json", "wheels"}
    assert [path.name for path in (kit / "wheels").iterdir()] == ["wheel-2.whl"]
    for path in [*NUMBERED, *(ROOT / "data" / "models").glob("*/*"), *ROOT.glob("workshop/*.md")]:
        assert (kit / "course" / path.relative_to(ROOT)).read_bytes() == path.read_bytes()


def test_nothing_that_is_made_by_running_is_in_the_kit(kit):
    made = {".ipynb_checkpoints", "__pycache__", "build", ".venv", ".git"}
    assert not made & {part for path in kit.rglob("*") for part in path.relative_to(kit).parts}


@pytest.mark.parametrize("path", NUMBERED, ids=lambda path: path.stem)
def test_the_files_that_a_notebook_links_to_are_in_the_kit(path):
    links = re.findall(r"\]\((?!https?:|#|attachment:)([^)#]+)", markdown(read(path)))
    for link in links:
        top = (path.parent / link).resolve().relative_to(ROOT).parts[0]
        assert top in offline.COURSE, link


def test_the_installer_asks_no_index(installer, kit):
    environment, packages = installer.commands()
    assert environment[1:] == ["-m", "venv", str(kit / ".venv")]
    assert "--no-index" in packages and packages[-1] == "s2s-keras[lab]"
    assert packages[packages.index("--find-links") + 1] == str(kit / "wheels")


def test_the_installer_refuses_another_python_or_platform(installer):
    here = offline.made_for()
    assert installer.refusal(here["python"], here["platform"]) == ""
    for other in (("3.9", here["platform"]), (here["python"], "amiga-m68k")):
        said = installer.refusal(*other)
        assert f"for Python {here['python']} on {here['platform']}" in said and "\n" not in said


def test_a_kit_for_another_python_installs_nothing(kit):
    (kit / "kit.json").write_text(json.dumps({"python": "2.7", "platform": "amiga-m68k"}))
    done = subprocess.run([sys.executable, kit / "install.py"], capture_output=True, text=True)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert not (kit / ".venv").exists()


def test_the_lab_is_not_opened_before_anything_is_installed(kit):
    command = [sys.executable, kit / "install.py", "--lab"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "run this without --lab first" in done.stderr
