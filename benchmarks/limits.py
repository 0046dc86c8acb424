"""What the machine can do at best: large matrix products, and moving memory."""

import os
import platform
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import tensorflow as tf


def best_of(work: Callable[[], object], times: int = 12) -> float:
    """Return the shortest time in seconds that work took."""
    work()
    durations = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        durations.append(time.perf_counter() - start)
    return min(durations)


def products(size: int = 2048):
    """Prepare rounds that give billions of operations a second, and billions of bytes moved."""
    matrices = {
        name: tf.cast(tf.random.normal((size, size)), name) for name in ("float32", "bfloat16")
    }
    multiply = tf.function(lambda a: tf.matmul(a, a), reduce_retracing=True)
    block = np.ones(2**26, "float32")
    copy = np.empty_like(block)

    def run_round() -> dict[str, float]:
        rates = {
            name: 2 * size**3 / best_of(lambda a=a: multiply(a).numpy()) / 1e9
            for name, a in matrices.items()
        }
        moved = 2 * block.nbytes / best_of(lambda: np.copyto(copy, block), 5) / 1e9
        return {"speed": rates["float32"], **rates, "memory": moved}

    return run_round


def machine() -> dict[str, str]:
    """Describe the machine and the versions in one line each."""
    lines = _lines(Path("/proc/cpuinfo"))
    name = lines.get("model name", platform.processor() or platform.machine())
    flags = set(lines.get("flags", "").split())
    wide = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    memory = _lines(Path("/proc/meminfo")).get("MemTotal", "")
    packages = ("tensorflow", "keras", "torch", "numpy")
    return {
        "processor": f"{name.strip()}, {os.cpu_count()} cores, {', '.join(wide)}".rstrip(", "),
        "memory": f"{int(memory.split()[0]) / 2**20:.0f} GiB" if memory else "unknown",
        "system": f"{platform.system()}, CPython {platform.python_version()}",
        "packages": ", ".join(f"{package} {_version(package)}" for package in packages),
    }


def has_bfloat16() -> bool:
    """Tell whether the processor multiplies bfloat16 itself: AMX, or AVX-512's own."""
    flags = _lines(Path("/proc/cpuinfo")).get("flags", "")
    return "amx_bf16" in flags or "avx512_bf16" in flags


def _lines(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    pairs = (line.split(":", 1) for line in file.read_text().splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
