"""JupyterLab as a learner has it: `make lab`, in a copy of the repository and a home of its own."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "learner"
LEFT_OUT = (".venv", ".git", "build", ".nox", "*_cache", "__pycache__", ".hypothesis", "*.egg-info")
AUTOSAVE = 10  # seconds, where Lab has 120: what a notebook does when it is left open comes sooner


@dataclass
class Lab:
    """A running JupyterLab: its address, the copy that it serves, and the home of its user."""

    url: str
    root: Path
    home: Path

    def page(self, path: str) -> str:
        """Return the address at which a file of the repository is opened."""
        return f"{self.url}/lab/tree/{path}?token={TOKEN}&reset"

    def ask(self, path: str, method: str = "GET"):
        """Return what the server says, or None where it says nothing."""
        headers = {"Authorization": f"token {TOKEN}"}
        request = urllib.request.Request(f"{self.url}/api/{path}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def stop_kernels(self) -> None:
        """End what runs for notebooks that have been closed."""
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", "DELETE")

    def changed(self) -> str:
        """Return what `git status` says: nothing, where no file was changed."""
        return git(self.root, "status", "--porcelain")


def git(folder: Path, *arguments: str) -> str:
    """Run git and return what it prints."""
    who = ["-c", "user.name=learner", "-c", "user.email=learner@localhost"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextlib.contextmanager
def running(folder: Path):
    """Run `make lab` in a copy of the repository for the length of a `with`."""
    root, home, port = folder / "course", folder / "home", _free_port()
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*LEFT_OUT))
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "as it is")
    (root / ".git" / "info" / "exclude").write_text(".venv\n")
    (root / ".venv").symlink_to(ROOT / ".venv")
    _settle(home, port)
    lab = Lab(f"http://127.0.0.1:{port}", root, home)
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "IPYTHON"))
    }
    environment = ours | {"HOME": str(home), "S2S_FAST": "1"}
    # `make` need not install what runs this test.
    command = ["make", "-C", str(root), "-o", str(root / ".venv" / "installed"), "lab"]
    with open(folder / "lab.log", "wb") as log:
        server = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait(lab, server, folder / "lab.log")
        yield lab
    finally:
        with contextlib.suppress(OSError):
            lab.ask("shutdown", "POST")
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            # It has shut down, but a thread of AnyIO that waits for work can keep the process.
            os.killpg(server.pid, signal.SIGKILL)  # it is deaf to others
            server.wait(20)


def _settle(home: Path, port: int) -> None:
    """Write what a learner has no need of: a fixed port and token, no second browser."""
    config = home / ".jupyter" / "jupyter_server_config.json"
    saving = home / ".jupyter/lab/user-settings/@jupyterlab/docmanager-extension"
    saving.mkdir(parents=True)
    server = {"port": port, "port_retries": 0, "open_browser": False, "allow_root": True}
    config.write_text(json.dumps({"ServerApp": server, "IdentityProvider": {"token": TOKEN}}))
    (saving / "plugin.jupyterlab-settings").write_text(json.dumps({"autosaveInterval": AUTOSAVE}))


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _wait(lab: Lab, server: subprocess.Popen, log: Path) -> None:
    for _ in range(120):
        with contextlib.suppress(OSError):
            lab.ask("status")
            return
        if server.poll() is not None:
            break
        time.sleep(1)
    raise RuntimeError(f"`make lab` did not start: {log.read_text()[-2000:]}")
