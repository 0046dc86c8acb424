"""Install the course from this folder, without a network.

python install.py         makes .venv here, installs into it, and checks the machine
python install.py --lab   opens JupyterLab with notebook 00
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BIN = HERE / ".venv" / ("Scripts" if os.name == "nt" else "bin")


def refusal(python, machine):
    """Return why the wheels of this folder do not suit a Python; nothing where they do."""
    kit = json.loads((HERE / "kit.json").read_text(encoding="utf-8"))
    if (python, machine) == (kit["python"], kit["platform"]):
        return ""
    return (
        "This folder is for Python {python} on {platform}, and this is Python {0} on {1}. "
        "Run it with Python {python}, or make another folder there by `make offline`."
    ).format(python, machine, **kit)


def commands():
    """Return the command lines that install."""
    wheels = ["--no-index", "--find-links", str(HERE / "wheels"), "--disable-pip-version-check"]
    return [
        [sys.executable, "-m", "venv", str(HERE / ".venv")],
        [str(BIN / "python"), "-m", "pip", "install", "--quiet", *wheels, "s2s-keras[lab]"],
    ]


CHECK = [str(BIN / "python"), "-m", "s2s_keras", "check"]
OPENED = "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb"
LAB = [str(BIN / "python"), "-m", "jupyterlab", OPENED]


def main():
    """Install, or open JupyterLab; return the exit status."""
    this = "{}.{}".format(*sys.version_info[:2])
    why_not = refusal(this, f"{sys.platform}-{platform.machine()}")
    if why_not:
        print(why_not, file=sys.stderr)
        return 2
    if "--lab" in sys.argv[1:]:
        if not BIN.exists():
            print("Nothing is installed yet: run this without --lab first.", file=sys.stderr)
            return 2
        return subprocess.call(LAB, cwd=str(HERE / "course"))
    print("Installing into .venv: some minutes, without a network.", flush=True)
    for command in commands():
        status = subprocess.call(command, cwd=str(HERE))
        if status:
            print("This failed: " + " ".join(command), file=sys.stderr)
            return status
    print("Installed. Now the machine is checked, which takes about a minute.", flush=True)
    status = subprocess.call(CHECK, cwd=str(HERE))
    print(f"To open the notebooks: {Path(sys.executable).name} install.py --lab")
    return status


if __name__ == "__main__":
    sys.exit(main())
