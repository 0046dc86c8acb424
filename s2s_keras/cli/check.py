"""`s2s-keras check`."""

import argparse
from collections.abc import Iterator

from .. import machine
from ..errors import InputError, one_line
from .inputs import import_translator


def check(options: argparse.Namespace) -> int:
    """Say of each thing that the course needs whether it is there; return 1 where one is not."""
    status = 0
    for finding in _findings():
        status = status or bool(finding.remedy)
        judged = f"TO DO  {one_line(finding.remedy)}" if finding.remedy else "OK"
        print(f"{finding.name:<18} {one_line(finding.found)}  {judged}", flush=True)
    return int(status)


def _findings() -> Iterator[machine.Finding]:
    yield machine.python()
    yield from machine.packages()
    yield machine.devanagari()
    yield machine.memory()
    yield machine.cores()
    yield machine.disk()
    yield machine.kernel()
    yield _training()


def _training() -> machine.Finding:
    try:
        import_translator()
        return machine.training()
    except InputError as error:
        return machine.Finding("training", "not tried", str(error))
    except ImportError as error:
        return machine.Finding("training", f"not tried ({error})", "mend what is named above")
