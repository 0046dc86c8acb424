"""`TF_CONFIG`, the environment variable that tells a process which worker of which it is.

Its form is TensorFlow's: https://www.tensorflow.org/guide/distributed_training#TF_CONFIG
"""

import json
import os
from dataclasses import dataclass

from ..errors import InputError

EXAMPLE = (
    'give something like {"cluster": {"worker": ["host-0:2222", "host-1:2222"]}, '
    '"task": {"type": "worker", "index": 0}}'
)


@dataclass(frozen=True)
class Place:
    """Which worker of which a process is.

    Attributes:
        addresses: of all workers, "host:port"; the first one is the chief's.
        index: its own number, from 0.
    """

    addresses: tuple[str, ...]
    index: int

    def name(self, index: int) -> str:
        """Return what messages call a worker."""
        return f"worker {index} of {len(self.addresses)} at {self.addresses[index]}"

    def __str__(self) -> str:
        """Return what messages call this worker."""
        return self.name(self.index)


def from_environment() -> Place | None:
    """Read TF_CONFIG.

    Returns:
        None where it is not set, or names no other worker.

    Raises:
        InputError: it is not of the form that TensorFlow reads.
    """
    text = os.environ.get("TF_CONFIG", "")
    if not text.strip():
        return None
    try:
        config = json.loads(text)
        cluster, task = config.get("cluster") or {}, config.get("task") or {}
        jobs = {job: list(addresses) for job, addresses in cluster.items() if addresses}
        kind, number = task.get("type", "worker"), int(task.get("index", 0))
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"TF_CONFIG cannot be read ({error}); {EXAMPLE}") from error
    if unknown := sorted({*jobs} - {"chief", "worker"}):
        raise InputError(
            f"TF_CONFIG has a {unknown[0]}; all are workers here that do the same work, so name "
            "them all under worker"
        )
    if len(jobs.get("chief", [])) > 1:
        raise InputError("TF_CONFIG has more than one chief; name the others under worker")
    ordered = [(job, n) for job in ("chief", "worker") for n in range(len(jobs.get(job, [])))]
    addresses = tuple(jobs[job][n] for job, n in ordered)
    if not addresses:
        return None
    for address in addresses:
        _check(address)
    if len({*addresses}) < len(addresses):
        raise InputError("TF_CONFIG names one address twice; give every worker its own")
    if (kind, number) not in ordered:
        raise InputError(
            f"TF_CONFIG calls this process {kind} {number}, and has {len(addresses)} in all, "
            f"counted from 0; {EXAMPLE}"
        )
    return Place(addresses, ordered.index((kind, number))) if len(addresses) > 1 else None


def split(address: str) -> tuple[str, int]:
    """Return host and port of an address; "[::1]:2222" has the host "::1"."""
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _check(address: object) -> None:
    try:
        host, port = split(address)
        good = bool(host) and 0 < port < 2**16
    except (ValueError, AttributeError):
        good = False
    if not good:
        raise InputError(f"TF_CONFIG has the address {address!r}; {EXAMPLE}")
