"""What GitHub runs: its files can be read, and call only what the repository has."""

import re
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="comes with the extra `lab`")

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = {"checkout", "setup-python", "upload-pages-artifact", "deploy-pages"}

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def read(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> list[dict]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def commands(path: Path) -> list[str]:
    return [step["run"] for step in steps(path) if "run" in step]


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return {*re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)}


def test_the_tests_run_on_three_systems_and_every_python_that_is_promised():
    jobs = read(ROOT / ".github" / "workflows" / "test.yml")["jobs"]
    rows = jobs["make"]["strategy"]["matrix"]["include"]
    assert {row["os"] for row in rows} == {"ubuntu-latest", "macos-latest"}
    assert {row["python"] for row in rows} == {"3.11", "3.12", "3.13"}
    assert jobs["windows"]["runs-on"] == "windows-latest"


@each_workflow
def test_make_is_asked_only_for_targets_of_the_makefile(path):
    asked = {name for command in commands(path) for name in re.findall(r"\bmake ([\w-]+)", command)}
    assert asked
    assert asked <= targets()


def test_windows_is_given_the_commands_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    installing = [c for c in commands(ROOT / ".github" / "workflows" / "test.yml") if ".venv" in c]
    assert all(command in readme for command in installing if "pytest" not in command)
    assert sum("pytest" in command for command in installing) == 1


@each_workflow
def test_every_path_is_one_of_the_repository_or_made_by_the_target_before_it(path):
    given = [step["with"]["path"] for step in steps(path) if "path" in step.get("with", {})]
    made = ["build/site"] if "make site" in commands(path) else []
    assert given == made


@each_workflow
def test_actions_are_githubs_own_at_a_fixed_version(path):
    used = [step["uses"] for step in steps(path) if "uses" in step]
    parsed = [re.fullmatch(r"actions/([\w-]+)@v\d+", name) for name in used]
    assert all(parsed)
    assert {match[1] for match in parsed} <= ACTIONS


@each_workflow
def test_only_the_job_that_publishes_may_write(path):
    assert read(path)["permissions"] == {"contents": "read"}
    writing = {
        name: job["permissions"] for name, job in read(path)["jobs"].items() if "permissions" in job
    }
    publishing = {"publish": {"pages": "write", "id-token": "write"}}
    assert writing == (publishing if path.stem == "site" else {})
