"""Measuring in turn: what is compared is run round by round within one process, so that a busy machine slows all of it alike."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import scipy

import tensorfem as tfem


def interleaved(functions: Mapping[str, Callable[[], object]], rounds: int = 15) -> dict[str, float]:
    """Median seconds of each function; each runs twice before it counts."""
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for turn in range(rounds + 2):
        for name, function in functions.items():
            start = time.perf_counter()
            result = function()
            elapsed = time.perf_counter() - start
            del result  # freed between the measurements, not within one
            if turn >= 2:
                seconds[name].append(elapsed)
    return {name: statistics.median(values) for name, values in seconds.items()}


def show(what: str, value: float, unit: str, target: float | None = None) -> None:
    """Print one figure, and its target where it has one."""
    verdict = "" if target is None else f"target {target:g}: {'met' if value <= target else 'missed'}"
    print(f"  {what:<62} {value:8.3f} {unit:<6} {verdict}".rstrip())


def machine() -> str:
    """The machine, its load and the versions, in two lines."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load not known"
    versions = {"Python": platform.python_version(), "NumPy": np.__version__, "SciPy": scipy.__version__, "tensorfem": tfem.__version__}
    return f"{_processor()}, {cores} cores, {load}\n{', '.join(f'{name} {version}' for name, version in versions.items())}"


def _processor() -> str:
    try:
        table = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in table.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
