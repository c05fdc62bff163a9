"""Run the benchmarks, one after the other, and keep what they show.

    python -m benchmarks [NAME ...] [--json FILE] [--markdown FILE]

Without names all run but the long ones. Figures go to out/benchmarks.json, and as a table to out/benchmarks.md.
"""

import argparse
import importlib
from pathlib import Path

from benchmarks.comparison.table import markdown
from benchmarks.timing import SHOWN, Figure, machine, machine_data, write_json

PROGRAMS = (
    "prepared_solve", "fused_apply", "matrix_free", "transforms", "box_solve", "memory", "import_time", "peers", "graded_accuracy", "kron",
    "kronecker_sums", "kronecker_least_squares",
    "grid_interpolation", "smoothing", "multigrid", "scaled_diagonalization",
)  # fmt: skip
LONG = {
    "forecasts": "what `explain` foretells against all solvers, a quarter of an hour",
    "scaling": "64^3 to 512^3, a minute and 5 GB",
    "precision": "float32 and mixed precision, a minute and 2 GB",
    "devices": "the portable solve on NumPy, PyTorch and CUDA, minutes and 6 GB",
    "billion": "10^9 unknowns, minutes and 12 GiB",
}
HEADINGS = ("benchmark", "figure", "target", "measured")
OUT = Path("out")

Record = list[tuple[str, Figure]]


def run(names: list[str]) -> Record:
    """Run programs, and give the figures of each with its name."""
    record: Record = []
    for name in names:
        program = importlib.import_module(f"benchmarks.{name}")
        print(f"\n{(program.__doc__ or name).splitlines()[0]}")
        before = len(SHOWN)
        program.main()
        record += [(name, figure) for figure in SHOWN[before:]]
    return record


def document(record: Record) -> dict[str, object]:
    """The figures, the machine and the versions, as JSON takes them."""
    figures = [{"benchmark": name, **vars(figure), "met": figure.met} for name, figure in record]
    return {"machine": machine_data(), "figures": figures}


def table(record: Record) -> str:
    """The figures as the README shows them, and below them machine and versions."""
    rows = [(name, f.what.strip(), _target(f), f"{f.value:.3g} {f.unit}".strip()) for name, f in record]
    return f"{markdown(HEADINGS, rows)}\n\nMeasured on: {machine().replace(chr(10), '; ')}.\n"


def _target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    bound = "at least " if figure.at_least else ""
    return f"{bound}{figure.target:g} {figure.unit}".strip() + ("" if figure.met else ", missed")


def arguments() -> argparse.Namespace:
    long = "\n".join(f"  {name:<12} {what}" for name, what in LONG.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=f"long ones, run by name alone:\n{long}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join([*PROGRAMS, *LONG])}")
    parser.add_argument("--json", type=Path, default=OUT / "benchmarks.json")
    parser.add_argument("--markdown", type=Path, default=OUT / "benchmarks.md")
    given = parser.parse_args()
    unknown = set(given.names) - {*PROGRAMS, *LONG}
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join([*PROGRAMS, *LONG])}")
    return given


def main() -> None:
    given = arguments()
    print(machine())
    record = run(given.names or list(PROGRAMS))
    write_json(given.json, document(record))
    given.markdown.parent.mkdir(parents=True, exist_ok=True)
    given.markdown.write_text(table(record), encoding="utf-8")
    print(f"\nwrote {given.json} and {given.markdown}")


if __name__ == "__main__":
    main()
