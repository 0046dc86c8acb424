"""What the machine can do at best: the fastest products of matrices, and reading weights again."""

import math
import os
import platform
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np

LIBRARIES = {"float32": ("TensorFlow", "NumPy", "PyTorch"), "bfloat16": ("TensorFlow", "PyTorch")}
# Rows, what is summed over, columns. The last two are a batch's: 64 rows times a layer's kernel.
CUBES = [[size] * 3 for size in (512, 1024, 2048, 4096)]
PRODUCTS = [*CUBES, [64, 256, 1024], [64, 1024, 4096]]


def products(library: str, dtype: str = "float32", shapes: list[list[int]] = PRODUCTS):
    """Prepare rounds of products of matrices.

    Args:
        library: "TensorFlow", "NumPy" or "PyTorch".
        dtype: "float32" or "bfloat16"; NumPy knows the first alone.
        shapes: `(rows, summed over, columns)` of each product.

    Returns:
        Function that gives billions of operations a second for each product, by its name.
    """
    tensor, multiply, *_ = _operations(library, dtype)
    pairs = [(tensor(_random(m, k)), tensor(_random(k, n))) for m, k, n in shapes]

    def run_round() -> dict[str, float]:
        rates = {
            " × ".join(f"{size:,}" for size in shape): 2 * np.prod(shape, dtype=float) / 1e9 / best
            for shape, pair in zip(shapes, pairs, strict=True)
            for best in [best_of(lambda pair=pair: multiply(*pair))]
        }
        return {"speed": max(rates.values()), **rates}

    return run_round


def reading(library: str, rows: int, columns: int):
    """Prepare rounds that read one float32 matrix again and again, from the cache where it fits.

    Args:
        library: as for `products`.
        rows: of the matrix.
        columns: of the matrix.

    Returns:
        Function that gives billions of bytes a second of what reads it: its product with a vector,
        and the sum of all that is in it.
    """
    tensor, _, times_vector, add_up = _operations(library, "float32")
    matrix, vector = tensor(_random(rows, columns)), tensor(_random(columns))

    def run_round() -> dict[str, float]:
        work = {
            "product with a vector": lambda: times_vector(matrix, vector),
            "sum": lambda: add_up(matrix),
        }
        rates = {name: 4 * rows * columns / best_of(read) / 1e9 for name, read in work.items()}
        return {"speed": max(rates.values()), **rates}

    return run_round


def _operations(library: str, dtype: str) -> tuple[Callable, ...]:
    """Return a library's own array, product of matrices, product with a vector, and sum."""
    if library == "NumPy":
        return np.asarray, np.matmul, np.matmul, np.sum
    if library == "PyTorch":
        import torch

        def tensor(values):
            return torch.from_numpy(values).to(getattr(torch, dtype))

        return tensor, torch.matmul, torch.mv, torch.sum

    import tensorflow as tf

    functions = tf.matmul, tf.linalg.matvec, tf.reduce_sum
    return lambda values: tf.cast(values, dtype), *map(tf.function, functions)


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape, "float32")


def best_of(work: Callable[[], object], seconds: float = 0.4, least: int = 3) -> float:
    """Return the shortest time in seconds that work took, of all that fit into so many seconds."""
    work()
    best, spent, times = math.inf, 0.0, 0
    while times < least or spent < seconds:
        start = time.perf_counter()
        work()
        duration = time.perf_counter() - start
        best, spent, times = min(best, duration), spent + duration, times + 1
    return best


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
        "other work at the start": _load(),
        "packages": ", ".join(f"{package} {_version(package)}" for package in packages),
    }


def _load() -> str:
    """Say how many processes want the cores: PyTorch above all is slow where it has to share."""
    return f"{os.getloadavg()[0]:.1f} processes" if hasattr(os, "getloadavg") else "unknown"


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
