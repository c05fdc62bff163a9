"""One case by one peer, in a process of its own: seconds of each phase, peak memory, error.

`python -m benchmarks.comparison.measure PEER CASE-AS-JSON` is that process; it prints the result as JSON.
"""

import importlib
import json
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

from benchmarks.comparison.case import Case
from benchmarks.comparison.peer import Peer
from benchmarks.comparison.process import peak_above, reset_peak
from benchmarks.comparison.registry import PEERS
from tensorfem.kron.memory import available_memory

PHASES = ("setup", "load", "solve")
ROUNDS, LONG = 3, 5.0  # further rounds only before so many seconds have passed
WARM_SIDE = 16
START = 30.0  # seconds allowed besides, for imports and the error

Result = dict[str, Any]


def timed(peer: Peer) -> tuple[dict[str, float], str]:
    """Seconds of each phase, and the type of the solution."""
    seconds, given = {}, ""
    for phase in PHASES:
        start = time.perf_counter()
        given = getattr(peer, phase)()
        seconds[phase] = time.perf_counter() - start
    return seconds, given


def measure(kind: type[Peer], case: Case) -> Result:
    """The shortest time of each phase (disturbances only lengthen), the peak of the first round, and the error."""
    timed(kind(replace(case, side=min(case.side, WARM_SIDE))))  # imports, compilation, threads
    before, start = reset_peak(), time.perf_counter()
    peer = kind(case)
    rounds = [timed(peer)]
    memory = peak_above(before)
    while len(rounds) < ROUNDS and time.perf_counter() - start < LONG:
        peer = kind(case)
        rounds.append(timed(peer))
    seconds = {phase: min(r[phase] for r, _ in rounds) for phase in PHASES}
    return {
        "seconds": seconds,
        "memory": memory,
        "error": peer.error(),
        "iterations": peer.iterations,
        "dtype": rounds[0][1],
        "rounds": len(rounds),
    }


def in_child(kind: type[Peer], case: Case, limit: float) -> Result:
    """The same in a fresh process, or a `note` that says why there is nothing."""
    call = [sys.executable, "-m", "benchmarks.comparison.measure", kind.name, json.dumps(case.data)]
    try:
        done = subprocess.run(call, capture_output=True, text=True, timeout=2 * limit + START, check=False)
    except subprocess.TimeoutExpired:
        return {"note": f"stopped after {2 * limit + START:.0f} s"}
    if done.returncode == 0:
        result: Result = json.loads(done.stdout.splitlines()[-1])
        return result
    last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    return {"note": f"failed: {last[:120]}"}


def predicted(kind: type[Peer], case: Case, smaller: Result | None, limit: float) -> str:
    """Why a case is left out, by what the next smaller one took; empty where it is not."""
    if smaller is None:
        return ""
    if "seconds" not in smaller:
        return "left out, as the smaller one"
    exponent = kind.growth[case.dimension]
    ratio = case.unknowns / smaller["case"]["unknowns"]
    seconds = sum(smaller["seconds"].values()) * ratio**exponent
    memory = (smaller["memory"] or 0) * ratio ** ((1 + exponent) / 2)
    if seconds > limit:
        return f"left out: about {seconds:.0f} s foreseen, the limit is {limit:.0f} s"
    return f"left out: about {memory / 1e9:.0f} GB foreseen" if memory > available_memory() else ""


def limit_memory() -> None:
    """Refuse this process more than is free now: it then fails alone."""
    try:
        resource = importlib.import_module("resource")
    except ModuleNotFoundError:  # no such limits on this system
        return
    resource.setrlimit(resource.RLIMIT_DATA, (available_memory(), resource.RLIM_INFINITY))


if __name__ == "__main__":
    limit_memory()
    data = {name: value for name, value in json.loads(sys.argv[2]).items() if name != "unknowns"}
    print(json.dumps(measure(PEERS[sys.argv[1]], Case(**data))))
