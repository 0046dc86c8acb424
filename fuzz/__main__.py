"""`make fuzz`: every target under atheris, a coverage-guided fuzzer, 100,000 inputs each."""

import argparse
import subprocess
import sys
from importlib.util import find_spec

from .seeds import seeds
from .targets import ROOT, TARGETS

FOUND = ROOT / "fuzz/found"  # inputs that were a fault once; the tests try each of them
# Seconds that one input may take, megabytes that all may, and the longest input in bytes.
LIMITS = ("-timeout=60", "-rss_limit_mb=6000", "-max_len=4096")


def main() -> int:
    """Run the targets one after another; return 1 where an input was found that is a fault."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("target", nargs="*", help=f"of {', '.join(TARGETS)} (default: all)")
    parser.add_argument("--runs", type=int, default=100_000, help="inputs for each target")
    options = parser.parse_args()
    if not find_spec("atheris"):
        print(
            "atheris is not installed: it has wheels for Linux on x86-64 alone. "
            "`pytest tests/test_fuzz.py` runs the same targets under Hypothesis",
            file=sys.stderr,
        )
        return 1
    return max(run(target, options.runs) for target in options.target or TARGETS)


def run(target: str, runs: int) -> int:
    """Run one target in a process of its own, with all inputs that were of use before."""
    home = ROOT / "build/fuzz" / target
    for folder in (home, FOUND / target):
        folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(seeds(target)):
        (home / f"seed-{number}").write_bytes(content)
    command = [sys.executable, "-m", "fuzz.run", target, f"-runs={runs}", *LIMITS]
    command += [f"-artifact_prefix={home.parent / target}-", "-print_final_stats=1"]
    print(f"{target}: {runs:,} inputs", flush=True)
    failed = subprocess.run([*command, home, FOUND / target], cwd=ROOT).returncode
    if failed:
        print(f"{target}: a fault; its input is in {home.parent}; keep it in {FOUND / target}")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
