"""What several workers promise: one training, whoever computes it; and word of who is gone."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import forking
import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
import worker_process
from animals import TABLE
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s_keras import cli
from s2s_keras.errors import InputError
from s2s_keras.workers import config
from s2s_keras.workers.config import Place
from s2s_keras.workers.in_step import InStep
from s2s_keras.workers.lines import GO_ON
from s2s_keras.workers.meeting import meet
from s2s_keras.workers.replicas import share

ROOT = Path(__file__).resolve().parents[1]


def free_addresses(count: int) -> list[str]:
    """Addresses of this machine at which nobody listens."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = [f"127.0.0.1:{door.getsockname()[1]}" for door in doors]
    for door in doors:
        door.close()
    return addresses


# --- TF_CONFIG


def read(monkeypatch, value) -> Place | None:
    monkeypatch.setenv("TF_CONFIG", value if isinstance(value, str) else json.dumps(value))
    return config.from_environment()


def test_a_process_learns_its_place_from_tf_config(monkeypatch):
    cluster = {"worker": ["a:1", "[::1]:2"]}
    place = read(monkeypatch, {"cluster": cluster, "task": {"type": "worker", "index": 1}})
    assert place == Place(("a:1", "[::1]:2"), 1)
    assert str(place) == "worker 1 of 2 at [::1]:2"
    assert config.split(place.addresses[1]) == ("::1", 2)


def test_a_chief_is_the_first_of_the_workers(monkeypatch):
    cluster = {"worker": ["a:1", "b:1"], "chief": ["c:1"]}
    for kind, index, expected in (("chief", 0, 0), ("worker", 0, 1), ("worker", 1, 2)):
        place = read(monkeypatch, {"cluster": cluster, "task": {"type": kind, "index": index}})
        assert place == Place(("c:1", "a:1", "b:1"), expected)


@pytest.mark.parametrize("value", ["", " ", "{}", {"cluster": {"worker": ["a:1"]}}])
def test_without_other_workers_there_is_no_cluster(monkeypatch, value):
    assert read(monkeypatch, value) is None


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("{", "TF_CONFIG cannot be read"),
        ("[]", "TF_CONFIG cannot be read"),
        ({"cluster": ["a:1", "b:1"]}, "TF_CONFIG cannot be read"),
        ({"cluster": {"worker": ["a", "b:1"]}}, "TF_CONFIG has the address 'a'"),
        ({"cluster": {"worker": ["a:1", 5]}}, "TF_CONFIG has the address 5"),
        ({"cluster": {"worker": ["a:1", "b:70000"]}}, "TF_CONFIG has the address 'b:70000'"),
        ({"cluster": {"worker": ["a:1", "a:1"]}}, "TF_CONFIG names one address twice"),
        ({"cluster": {"worker": ["a:1", "b:1"], "ps": ["c:1"]}}, "TF_CONFIG has a ps"),
        ({"cluster": {"chief": ["a:1", "b:1"]}}, "TF_CONFIG has more than one chief"),
        (
            {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"type": "worker", "index": 2}},
            "TF_CONFIG calls this process worker 2, and has 2 in all",
        ),
        (
            {"cluster": {"worker": ["a:1", "b:1"]}, "task": {"index": "x"}},
            "TF_CONFIG cannot be read",
        ),
    ],
)
def test_a_tf_config_that_cannot_be_is_told_in_one_line(monkeypatch, value, told):
    with pytest.raises(InputError) as error:
        read(monkeypatch, value)
    assert str(error.value).startswith(told) and "\n" not in str(error.value)


def test_train_tells_of_it_and_ends_with_status_2(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("TF_CONFIG", "{")
    assert cli.main(["train", "--out", str(tmp_path / "new")]) == 2
    assert capsys.readouterr().err.startswith("s2s-keras: error: TF_CONFIG cannot be read (")
    assert [*tmp_path.iterdir()] == []


# --- meeting


class Meeting:
    """Workers in threads; what each of them returned, raised or heard of the others."""

    def __init__(self, *what, minutes=0.2):
        """Let one worker after the other do something with the cluster."""
        self.addresses = free_addresses(len(what))
        self.returned, self.raised, self.heard = {}, {}, {}
        threads = [
            threading.Thread(target=self._work, args=(n, do, minutes), daemon=True)
            for n, do in enumerate(what)
            if do
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

    def _work(self, index, do, minutes):
        place = Place(tuple(self.addresses), index)
        try:
            with meet(minutes, place, lambda why: self.heard.setdefault(index, why)) as cluster:
                self.returned[index] = do(cluster)
        except (InputError, ZeroDivisionError) as error:
            self.raised[index] = str(error)

    def name(self, index):
        return f"worker {index} of {len(self.addresses)} at {self.addresses[index]}"


def test_what_one_worker_wants_all_do():
    def each(cluster):
        own, agree = cluster.place.index, cluster.agree
        return [agree(own == 2, False), agree(False, own == 0), agree(False)]

    met = Meeting(each, each, each)
    assert met.returned == {n: [[True, False], [False, True], [False]] for n in range(3)}
    assert not met.heard


def test_all_get_what_the_chief_has():
    large = os.urandom(3_000_000)  # more than a connection takes at once
    met = Meeting(*[lambda cluster: cluster.from_chief(lambda: large) == large] * 3)
    assert met.returned == {0: True, 1: True, 2: True}


class Run:
    """What of a record goes to the other workers: here the seeds of a layer that drops out."""

    def __init__(self, seed: int):
        self.seeds = keras.random.SeedGenerator(seed).state
        self.model = SimpleNamespace(variables=[self.seeds], stop_training=False)

    def packed(self) -> bytes:
        return np.asarray(self.seeds).tobytes()

    def unpack(self, packed: bytes) -> None:
        self.seeds.assign(np.frombuffer(packed, np.asarray(self.seeds).dtype))


def test_who_follows_the_chief_draws_numbers_of_its_own():
    def each(cluster):
        run = Run(seed=70 + cluster.place.index)
        for _ in range(2):  # also from what it had the time before
            InStep(cluster, run, []).follow()
        return np.asarray(run.seeds).tolist()

    assert Meeting(each, each, each).returned == {0: [70, 0], 1: [71, 0], 2: [72, 0]}


def test_a_worker_that_was_given_something_else_is_told():
    def each(cluster):
        cluster.check_same({"units": 8, "rates": {"dropout": 0.1 * cluster.place.index}})
        cluster.agree(False)

    met = Meeting(each, each)
    told = (
        "rates dropout is 0.1 here and 0.0 at worker 0; give all workers the same command and the "
        "same corpus"
    )
    assert met.raised == {0: f"{met.name(1)} has left{GO_ON}", 1: told}
    assert met.heard == {0: f"{met.name(1)} has stopped: {told}"}


def test_when_a_worker_fails_all_others_hear_why():
    told = threading.Event()

    def wait(cluster):
        assert told.wait(30)

    def fail(cluster):
        threading.Timer(0.5, told.set).start()
        return 1 / 0

    met = Meeting(wait, fail, wait)
    why = f"{met.name(1)} has stopped: division by zero{GO_ON}"
    assert met.heard == {0: why, 2: why}


def test_a_worker_that_does_not_come_is_named():
    met = Meeting(lambda cluster: None, lambda cluster: None, None, minutes=0.01)
    assert met.raised[0].startswith(f"{met.name(2)} did not come in time; start all workers")
    assert met.heard == {1: met.raised[0]}
    met = Meeting(None, lambda cluster: None, minutes=0.01)
    assert met.raised[1].startswith(f"{met.name(0)} did not answer in time (")


def test_a_port_in_use_is_named():
    with socket.create_server(("", 0)) as door:
        port = door.getsockname()[1]
        with pytest.raises(InputError, match=rf"worker 1 of 2 at b:{port}: cannot use port {port}"):
            meet(0.01, Place(("a:1", f"b:{port}"), 1))


def test_who_is_none_of_the_workers_is_not_let_in():
    addresses = free_addresses(2)
    host, port = config.split(addresses[0])
    strangers = [b"GET / HTTP/1.1\r\n\r\n", b'{"index": 7, "known_by": {}}\n', b"\xff\n", b""]

    def strangers_and_a_worker():
        for text in strangers:
            with call_when_open(host, port) as line:
                line.sendall(text)
        with meet(0.5, Place(tuple(addresses), 1)) as cluster:
            assert cluster.from_chief(bytes) == b"welcome"

    thread = threading.Thread(target=strangers_and_a_worker, daemon=True)
    thread.start()
    with meet(0.5, Place(tuple(addresses), 0)) as cluster:
        assert [*cluster.lines] == [1]
        cluster.from_chief(lambda: b"welcome")
    thread.join(timeout=30)
    assert not thread.is_alive()


def call_when_open(host: str, port: int) -> socket.socket:
    end = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection((host, port), timeout=5)
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda all_three: all_three[:2], "its list of workers in TF_CONFIG is "),
        (lambda all_three: all_three, "worker 0 cannot reach it at this address ("),
    ],
)
def test_a_worker_that_cannot_take_part_is_told(change, told):
    """It has forgotten one of three; or all call it by a name that nobody knows."""
    here, there, other = free_addresses(3)
    unknown = f"nowhere.invalid:{there.rpartition(':')[2]}"
    addresses = (here, unknown, other)
    heard: list[str] = []

    def in_vain(minutes, *place):
        with pytest.raises(InputError):
            meet(minutes, Place(*place), heard.append)

    chief = threading.Thread(target=in_vain, args=(0.02, addresses, 0), daemon=True)
    chief.start()
    in_vain(0.5, change(addresses), 1)
    chief.join(timeout=30)
    assert len(heard) == 1 and told in heard[0]


# --- shares


@settings(deadline=None)
@given(sentences=st.integers(1, 9), replicas=st.integers(2, 6), width=st.integers(1, 4))
def test_every_sentence_is_in_one_share(sentences, replicas, width):
    labels = 1 + np.arange(sentences * width, dtype="int32").reshape(sentences, width)
    inputs = {"source": tf.constant(10 * labels)}
    shares = [share(inputs, tf.constant(labels), n, replicas) for n in range(replicas)]
    # Those without a label are there only because a layer needs some row.
    rows = [
        row
        for own in shares
        for row in zip(own[0]["source"].numpy(), own[1].numpy(), strict=True)
        if row[1].any()
    ]
    assert sorted(row[1].tolist() for row in rows) == labels.tolist()
    assert all((source == 10 * own).all() for source, own in rows)
    assert all(len(own) for _, own in shares)
    assert max(len(own) for _, own in shares) - min(len(own) for _, own in shares) <= 1


# --- how to start, as docs/several_machines.md says

DOCS = ROOT / "docs" / "several_machines.md"
# What stands in for the systems' own commands: `srun` starts two processes.
SLURM = """
scontrol() { printf 'node1\\nnode2\\n'; }
srun() { shift; for SLURM_PROCID in 0 1; do export SLURM_PROCID; "$@"; done; }
export SLURM_JOB_NODELIST='node[1-2]'
"""


def places_of(script: str, folder: Path) -> list[Place]:
    """Run a script of the page with a command `s2s-keras` that only says where it is."""
    folder.mkdir()
    command = folder / "s2s-keras"
    command.write_text('#!/bin/sh\nprintf "%s\\n" "$TF_CONFIG"\n')
    command.chmod(0o755)
    done = subprocess.run(
        ["bash", "-euc", script],
        env={"PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    places = []
    for line in done.stdout.splitlines():
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TF_CONFIG", line)
            places.append(config.from_environment())
    return places


@pytest.mark.skipif(os.name == "nt", reason="needs bash")
def test_each_script_of_the_page_gives_every_worker_its_place(tmp_path):
    page = DOCS.read_text(encoding="utf-8")
    by_hand = re.findall(r"^```\n(export TF_CONFIG=.*?)```", page, re.MULTILINE | re.DOTALL)
    machines = ("10.0.0.1:2222", "10.0.0.2:2222")
    found = [places_of(script, tmp_path / f"hand{n}") for n, script in enumerate(by_hand)]
    assert found == [[Place(machines, 0)], [Place(machines, 1)]]

    (slurm,) = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    nodes = ("node1:2222", "node2:2222")
    assert places_of(SLURM + slurm, tmp_path / "slurm") == [Place(nodes, 0), Place(nodes, 1)]

    (pod,) = re.findall(r"- \|\n(.*?)\n +resources", page, re.DOTALL)
    pods = ("s2s-keras-0.s2s-keras:2222", "s2s-keras-1.s2s-keras:2222")
    for index in (0, 1):
        script = f"export JOB_COMPLETION_INDEX={index}\n{pod}"
        assert places_of(script, tmp_path / f"pod{index}") == [Place(pods, index)]


# --- training

TRAIN = ["--units", "8", "--embedding", "8", "--learning-rate", "0.05", "--dropout", "0"]
# Of 43 pairs, where there is no dev split, one is left for the last batch: too few for two workers.
TRAIN += ["--batch-size", "7"]
LONG = ["--dev", "none", "--epochs", "15", "--checkpoint-minutes", "1e-6"]
LONG += ["--cell", "rnn", "--attention", "none", "--no-bidirectional", "--learning-rate", "0.01"]
linux = pytest.mark.skipif(os.name == "nt", reason="Windows cannot fork a process with TensorFlow")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A small corpus in a file."""
    path = tmp_path_factory.mktemp("corpus") / "pairs.tsv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def train_alone(table, out: Path, *flags: str) -> pd.DataFrame:
    """Train in this process; the history."""
    command = ["train", "--corpus", str(table), "--out", str(out), *TRAIN, *flags]
    assert cli.main(command) == 0
    return history_of(out)


def history_of(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "history.csv")


class Pair:
    """Two workers that are told the same, each with a folder of its own, as on two machines."""

    def __init__(self, folder: Path, table: Path, *flags: str, more: tuple[str, ...] = ()):
        """Start both; `more` are flags of worker 1 alone."""
        self.addresses, self.processes = free_addresses(2), []
        self.folders = [folder / "machine0", folder / "machine1"]
        for index, place in enumerate(self.folders):
            place.mkdir(exist_ok=True)
            own = more if index else ()
            out = str(place / "new")
            told = ["--corpus", str(table), "--out", out, *TRAIN, *flags, *own]
            log = str(folder / f"log{index}")
            arguments = (log, self.addresses, index, *told)
            process = forking.process(target=worker_process.train, args=arguments, daemon=True)
            process.start()
            self.processes.append(process)
        self.logs = [folder / "log0", folder / "log1"]

    def name(self, index: int) -> str:
        return f"worker {index} of 2 at {self.addresses[index]}"

    def statuses(self) -> list[int]:
        """Wait for both."""
        for process in self.processes:
            process.join(timeout=120)
        return [process.exitcode for process in self.processes]

    def last_lines(self) -> list[str]:
        said = [log.read_text(encoding="utf-8").strip() for log in self.logs]
        return [text.rpartition("\n")[2] for text in said]

    def wait_for_checkpoint(self) -> Path:
        """Wait until the chief has written its checkpoint again."""
        file = self.folders[0] / "new.checkpoint" / "training.npz"
        before = file.stat().st_mtime_ns if file.exists() else 0
        while not file.exists() or file.stat().st_mtime_ns == before:
            assert all(process.is_alive() for process in self.processes), self.last_lines()
            time.sleep(0.01)
        return file


def assert_close(history: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(history, expected, rtol=1e-4)
    np.testing.assert_allclose(history.loss, expected.loss, rtol=1e-5)


@linux
def test_two_workers_learn_what_one_process_does_and_only_the_chief_writes(table, tmp_path):
    pair = Pair(tmp_path, table, "--epochs", "3")
    alone = train_alone(table, tmp_path / "alone", "--epochs", "3")
    assert pair.statuses() == [0, 0], pair.last_lines()
    assert_close(history_of(pair.folders[0] / "new"), alone)
    assert {path.name for path in pair.folders[0].iterdir()} == {"new"}
    assert [*pair.folders[1].iterdir()] == []
    # TensorFlow 2.20 writes into the log of each worker that its server has started.
    own = ("absl::InitializeLog", "grpc_server_lib")
    assert [line for line in pair.logs[1].open() if not any(name in line for name in own)] == []


@linux
def test_killed_stopped_and_taken_up_by_others_a_training_ends_as_that_of_one_process(
    table, tmp_path
):
    """Two workers, of which one is killed; two, of which one is asked to stop; and one process."""
    out = tmp_path / "machine0" / "new"
    pair = Pair(tmp_path, table, *LONG)
    pair.wait_for_checkpoint()
    pair.processes[1].kill()
    assert pair.statuses() == [2, -signal.SIGKILL]
    assert pair.last_lines()[0] == f"s2s-keras: error: {pair.name(1)} does not answer{GO_ON}"

    pair = Pair(tmp_path, table, *LONG, "--resume")
    pair.wait_for_checkpoint()
    os.kill(pair.processes[1].pid, signal.SIGTERM)
    assert pair.statuses() == [130, 130], pair.last_lines()
    assert pair.last_lines()[0].startswith("to go on, give the same command with --resume")

    assert_close(
        train_alone(table, out, *LONG, "--resume"), train_alone(table, tmp_path / "alone", *LONG)
    )


@linux
def test_when_the_chief_is_killed_the_other_says_so(table, tmp_path):
    pair = Pair(tmp_path, table, *LONG)
    pair.wait_for_checkpoint()
    pair.processes[0].kill()
    assert pair.statuses() == [-signal.SIGKILL, 2]
    assert pair.last_lines()[1] == f"s2s-keras: error: {pair.name(0)} does not answer{GO_ON}"


@linux
def test_workers_that_are_told_unlike_things_do_not_begin(table, tmp_path):
    pair = Pair(tmp_path, table, more=("--seed", "1"))
    assert pair.statuses() == [2, 2], pair.last_lines()
    for line in pair.last_lines():
        assert "seed is 1 here and 0 at worker 0; give all workers the same command" in line
    assert [*pair.folders[0].iterdir()] == []


def test_two_devices_learn_what_one_does():
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("two_devices.py"))],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout.splitlines()[-1])
    names = {name.rpartition(",")[0] for name in results}
    assert len(names) == 3
    for name in names:
        one, two = results[f"{name}, 1"], results[f"{name}, 2"]
        assert one["losses"][0] != one["losses"][-1]
        np.testing.assert_allclose(two["losses"], one["losses"], rtol=1e-5)
        np.testing.assert_allclose(two["weights"], one["weights"], rtol=1e-5)
