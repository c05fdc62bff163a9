"""Measuring in turn: what is compared is run round by round within one process, so that a busy machine slows all of it alike."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class Figure:
    """One figure that a program showed."""

    what: str
    value: float
    unit: str
    target: float | None
    at_least: bool

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def verdict(self) -> str:
        """The target and what became of it, in words."""
        bound = "at least " if self.at_least else ""
        return "" if self.target is None else f"target {bound}{self.target:g}: {'met' if self.met else 'missed'}"


SHOWN: list[Figure] = []  # all figures of this process, in order


def show(what: str, value: float, unit: str, target: float | None = None, *, at_least: bool = False) -> None:
    """Print one figure, and its target where it has one, and keep it; a target is a most unless it is said to be a least."""
    figure = Figure(what, float(value), unit, target, at_least)
    SHOWN.append(figure)
    print(f"  {what:<62} {value:8.3f} {unit:<6} {figure.verdict}".rstrip(), flush=True)


def machine_data() -> dict[str, Any]:
    """The machine, its load and the versions, by name."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    versions = {"Python": platform.python_version(), "NumPy": np.__version__, "SciPy": scipy.__version__, "tensorfem": tfem.__version__}
    return {"processor": _processor(), "cores": cores, "load": load, "versions": versions}


def machine() -> str:
    """The machine, its load and the versions, in two lines."""
    data = machine_data()
    load = "load not known" if data["load"] is None else f"load {data['load']}"
    versions = ", ".join(f"{name} {version}" for name, version in data["versions"].items())
    return f"{data['processor']}, {data['cores']} cores, {load}\n{versions}"


def write_json(path: Path, data: Any) -> None:
    """Write a document, its folder made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _processor() -> str:
    try:
        table = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in table.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
