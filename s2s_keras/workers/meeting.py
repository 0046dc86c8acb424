"""How the workers find each other before TensorFlow's servers start."""

import functools
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from importlib import metadata

from .. import __version__
from ..errors import InputError
from . import config
from .cluster import Cluster, end_process
from .config import Place
from .lines import STOPPED, Line

_PAUSE = 0.2  # seconds between two attempts to reach the chief
_PATIENCE = 10  # seconds until a caller has said who it is
_LONGEST = 2**16  # bytes of what it says


def meet(
    minutes: float,
    place: Place | None = None,
    lost: Callable[[str], None] | None = None,
) -> Cluster:
    """Wait until all workers of TF_CONFIG are there; without it, return a cluster of one.

    It must be called before TensorFlow's server starts, which takes the same port afterwards: no
    other one has to be open.

    Args:
        minutes: how long to wait.
        place: which worker this is; None reads it from TF_CONFIG.
        lost: see `Cluster`; None is `end_process`.

    Raises:
        InputError: TF_CONFIG cannot be read, a port is in use, or not all have come.
    """
    place = place or config.from_environment()
    if place is None:
        return Cluster()
    cluster = Cluster(place, lost or functools.partial(end_process, standard_error=os.dup(2)))
    # gRPC would send what is meant for the other workers to a proxy, where there is one.
    hosts = ",".join(config.split(address)[0] for address in place.addresses)
    os.environ.setdefault("no_grpc_proxy", hosts)
    with _open_door(place) as door:
        end = time.monotonic() + 60 * minutes
        try:
            if cluster.is_chief:
                _receive_all(cluster, door, end)
            else:
                _call_chief(cluster, end)
        except InputError as error:
            cluster.stop(str(error))
            raise
    return cluster


def _open_door(place: Place) -> socket.socket:
    """Return a socket that takes calls at a worker's own port, or say that it is taken."""
    port, both = config.split(place.addresses[place.index])[1], socket.has_dualstack_ipv6()
    try:
        return socket.create_server(
            ("", port),
            family=socket.AF_INET6 if both else socket.AF_INET,
            dualstack_ipv6=both,
            backlog=len(place.addresses),
        )
    except OSError as error:
        raise InputError(
            f"{place}: cannot use port {port} ({error.strerror}); name a free one in the TF_CONFIG "
            "of all workers"
        ) from error


def _receive_all(cluster: Cluster, door: socket.socket, end: float) -> None:
    """Let the chief wait for a call of every other worker, and then tell them to begin."""
    place = cluster.place
    others = range(1, len(place.addresses))
    print(f"{place}: waiting for {_names(place, others)}", file=sys.stderr)
    while missing := [n for n in others if n not in cluster.lines]:
        door.settimeout(max(0.01, end - time.monotonic()))
        try:
            caller, _ = door.accept()
        except TimeoutError:
            raise InputError(
                f"{_names(place, missing)} did not come in time; start all workers, each with its "
                "own index in TF_CONFIG, and see that they reach each other's ports"
            ) from None
        _admit(cluster, caller)
    for line in cluster.lines.values():
        line.open()
        line.send(b"begin")


def _admit(cluster: Cluster, caller: socket.socket) -> None:
    """Take a caller for the worker that it says it is, unless it is not one of this training."""
    place = cluster.place
    caller.settimeout(_PATIENCE)
    try:
        with caller.makefile("rb") as file:
            hello = json.loads(file.readline(_LONGEST))
        index, known_by = hello["index"], hello["known_by"]
        if index not in range(1, len(place.addresses)):
            raise ValueError(index)
        line = Line(caller, place.name(index), cluster.lost)
    except (OSError, ValueError, KeyError, TypeError):
        caller.close()  # Not one of us: somebody tries which ports are open.
        return
    if reason := _objection(cluster, index, known_by):
        line.send(f"{line.name}: {reason}".encode(errors="surrogateescape"), STOPPED)
    else:
        cluster.lines[index] = line


def _objection(cluster: Cluster, index: int, known_by: dict) -> str:
    """Return why a worker cannot take part, "" where it can."""
    place = cluster.place
    for name, own in _known_by(place).items():
        if known_by.get(name) != own:
            return f"its {name} is {known_by.get(name)}, and that of worker 0 is {own}"
    if index in cluster.lines and not cluster.lines[index].is_gone():
        return "there are two of it; give each worker its own index"
    try:
        # TensorFlow would not say so, and wait for ever.
        socket.create_connection(config.split(place.addresses[index]), _PATIENCE).close()
    except OSError as error:
        return f"worker 0 cannot reach it at this address ({error.strerror or error})"
    return ""


def _call_chief(cluster: Cluster, end: float) -> None:
    """Let another worker call the chief, and wait until it says that all have come."""
    place = cluster.place
    hello = json.dumps({"index": place.index, "known_by": _known_by(place)}).encode() + b"\n"
    while True:
        try:
            caller = socket.create_connection(config.split(place.addresses[0]), timeout=_PATIENCE)
            caller.sendall(hello)
            # Where nobody listens at a port of its own machine, a socket may reach itself.
            if caller.getsockname() != caller.getpeername():
                break
            caller.close()
        except OSError as error:
            if time.monotonic() > end:
                raise InputError(
                    f"{place.name(0)} did not answer in time ({error.strerror or error}); start "
                    "all workers, and see that they reach each other's ports"
                ) from error
        time.sleep(_PAUSE)
    cluster.lines[0] = line = Line(caller, place.name(0), cluster.lost)
    line.open()
    line.receive()


def _known_by(place: Place) -> dict:
    """Return what must be the same at all workers before they can compare anything else."""
    packages = ("tensorflow", "keras")
    return {
        "list of workers in TF_CONFIG": [*place.addresses],
        "version of s2s-keras": __version__,
        **{f"version of {package}": metadata.version(package) for package in packages},
    }


def _names(place: Place, indices) -> str:
    return " and ".join(map(place.name, indices))
