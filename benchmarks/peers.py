"""tensorfem against the packages that are installed beside it, and against the floors of the machine: seconds, memory, error.

Poisson's equation with a known solution on the unit square and cube: 256^2 to 2048^2 and 32^3 to 256^3 nodes, degree 1 and 4, uniform and
graded meshes, float64 and float32. Each peer gets a process of its own for each case, and
its phases are setup (with assembly), load and solve.

    python -m benchmarks.peers [--dimension 2 3] [--largest N] [--peers NAME ...] [--limit SECONDS] [--json FILE] [--pictures FOLDER]
"""

import argparse
import importlib.metadata
import importlib.util
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.comparison.case import Case, cases
from benchmarks.comparison.measure import in_child, predicted
from benchmarks.comparison.picture import draw
from benchmarks.comparison.registry import PEERS, WITHOUT_PROGRAM
from benchmarks.comparison.table import comparison_table, total_seconds
from benchmarks.timing import machine, machine_data, show, write_json

LIMIT = 60.0  # seconds for the phases of one case by one peer
SMALL = 300_000  # unknowns, where all benchmarks run one after the other
OUT = Path("out")


def missing() -> list[str]:
    """A line for each peer that cannot be measured here, and why."""
    absent = [f"{name}: not installed" for name, peer in PEERS.items() if not peer.installed()]
    found = {name: importlib.util.find_spec(module) is not None for name, module in WITHOUT_PROGRAM.items()}
    return absent + [
        f"{name}: {'installed, but there is no program for it here' if here else 'not installed'}" for name, here in found.items()
    ]


def versions() -> dict[str, str]:
    """The versions of the peers that are installed."""
    packages = {"skfem": "scikit-fem"}
    names = sorted({packages.get(peer.package, peer.package) for peer in PEERS.values() if peer.installed()})
    return {name: importlib.metadata.version(name) for name in names if name != "tensorfem"}


def compare(chosen: Sequence[Case], names: Sequence[str], limit: float) -> Iterator[dict[str, Any]]:
    """A result for each case and peer, as they come; peers that do not treat a case give none."""
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for case in chosen:
        for name in names:
            peer, key = PEERS[name], (name, case.series)
            if not peer.installed() or peer.refusal(case):
                continue
            note = predicted(peer, case, last.get(key), limit)
            measured = {"note": note} if note else in_child(peer, case, limit)
            last[key] = {"peer": name, "name": case.name, "case": case.data, **measured}
            yield last[key]


def run(chosen, names, limit=LIMIT, file=None, pictures=None):
    """Measure, print the table, and write the file and the pictures."""
    results = []
    for result in compare(chosen, names, limit):
        results.append(result)
        if file is not None:  # again after each result: a run that is stopped leaves what it has
            write_json(file, {"machine": machine_data(), "versions": versions(), "missing": missing(), "limit": limit, "results": results})
        done = f"{total_seconds(result):.3g} s" if "seconds" in result else result["note"]
        print(f"    {result['name']}: {result['peer']}: {done}", flush=True)
    print(f"\n{comparison_table(results)}\n")
    for line in missing():
        print(f"  {line}")
    print(f"  versions: {', '.join(f'{name} {version}' for name, version in versions().items())}")
    if pictures is not None:
        draw_all(results, {case.dimension for case in chosen}, pictures)
    return results


def draw_all(results, dimensions, folder):
    """Save a picture for each dimension."""
    for dimension in dimensions:
        draw(results, dimension, folder / f"peers-{dimension}d.png")


def ratios(results):
    """Show the time of each peer over that of tensorfem, in its largest case of each series."""
    seconds = {(r["name"], r["peer"]): total_seconds(r) for r in results if "seconds" in r and r["error"] is not None}
    for (case, peer), value in seconds.items():
        if peer != "tensorfem" and (case, "tensorfem") in seconds:
            show(f"{case}: {peer} over tensorfem", value / seconds[case, "tensorfem"], "")


def main():
    """What `python -m benchmarks` runs: the smallest sizes on uniform meshes, in float64."""
    ratios(run([case for case in cases((2, 3), SMALL) if not case.graded and case.dtype == "float64"], list(PEERS), limit=20.0))


def arguments():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dimension", type=int, nargs="+", choices=(2, 3), default=[2, 3])
    parser.add_argument("--largest", type=float, default=1e9, help="most unknowns of a case")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS), help="all by default")
    parser.add_argument(
        "--limit", type=float, default=LIMIT, help="seconds for one case by one peer; what is foreseen to take longer is left out"
    )
    parser.add_argument("--json", type=Path, default=OUT / "peers.json")
    parser.add_argument("--pictures", type=Path, default=OUT, help="the folder of peers-2d.png and peers-3d.png")
    parser.add_argument("--redraw", action="store_true", help="draw the pictures of the JSON file again, measure nothing")
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments()
    if given.redraw:
        draw_all(json.loads(given.json.read_text(encoding="utf-8"))["results"], given.dimension, given.pictures)
    else:
        print(machine())
        ratios(run(list(cases(given.dimension, given.largest)), given.peers, given.limit, given.json, given.pictures))
