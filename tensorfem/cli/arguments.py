"""The command line: what can be said, and its help."""

import argparse
from pathlib import Path

import tensorfem.cli.exits as exits

CRITERIA = ("gcv", "reml")
HIGHEST_DEGREE = 5
DATA = """data:
  CSV   the first line names the columns, which commas, semicolons or tabs separate; numbers have decimal points. There must be one or
        more columns of coordinates and one of values, the last one unless --y names it; a column of weights where --weight names it; other
        columns only where --x names the coordinates. A value may be empty or nan: it was not observed. Rows that fill a grid, gaps allowed,
        are fitted as one, others as scattered points.
  NPZ   arrays as numpy.savez writes them: axes x, y, ... and values of shape (nx, ny, ...), NaN where nothing was observed;
        or points (n, d) and values (n,). Their names serve as those of columns do.

files, next to the data or in the folder that --output names, which is made if need be:
  DATA-fit.csv   a row per point (of the whole grid where the data are one), with the columns
                   the coordinates, by their names
                   observed         the value, empty where nothing was observed
                   fitted           the fitted function: of measurements, the mean of counts, the probability of shares
                                    (empty at scattered points without a value, outside the box of those with one)
                   standard_error   of the fitted value, for measurements; not with --rank
                   lower, upper     instead of it for counts and shares: the ends of the 95 % interval of the fitted value
                   residual         observed - fitted, empty where nothing was observed
  DATA-fit.png   the picture
  DATA-fit.npz   the fitted function as a field, which tensorfem.load reads; not for counts and shares (--family poisson, binomial),
                 whose fitted mean is no spline

examples:
  tensorfem fit DATA.csv
  tensorfem fit DATA.csv --x lon,lat --y temperature --weight trust -o fits
  tensorfem fit DATA.csv --y count --family poisson"""


def parser() -> argparse.ArgumentParser:
    """The parser of `tensorfem`."""
    top = argparse.ArgumentParser(
        prog="tensorfem",
        description="Solve partial differential equations on boxes, described in a problem file (TOML); fit data.",
        epilog=exits.TABLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in (
        ("solve", "solve the problem; the report goes to stdout, files where the problem file says"),
        ("study", "refine the mesh again and again, and judge whether to believe the solution"),
        ("explain", "say what a solve would take by every solver, and solve nothing"),
    ):
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        command.add_argument("file", type=Path, metavar="FILE.toml", help="the problem file; `tensorfem init` writes one")
        _add_common(command)
        if name != "explain":
            command.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where files go (default: the problem file's folder)")
            command.add_argument("--force", action="store_true", help="replace files that exist")
            command.add_argument("--anywhere", action="store_true", help="allow outputs outside that folder")
    _add_fit(commands)
    init = commands.add_parser("init", help="write a problem file with every setting in it, explained")
    init.add_argument("file", type=Path, nargs="?", default=Path("problem.toml"), metavar="FILE.toml")
    init.add_argument("--force", action="store_true", help="replace a file that exists")
    init.add_argument("--quiet", action="store_true", help="print nothing but errors")
    bench = commands.add_parser("bench", help="time the solvers on this machine")
    bench.add_argument("--cells", type=int, default=48, help="cells of each of three axes (default: %(default)s)")
    _add_common(bench)
    return top


def _add_fit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    summary = "fit a smooth function to data; values, picture and field (of counts and shares none) go next to them"
    fit = commands.add_parser(
        "fit", help=summary, description=summary.capitalize() + ".", epilog=DATA, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    fit.add_argument("file", type=Path, metavar="DATA.csv|DATA.npz", help="the data")
    fit.add_argument("--x", type=_names, metavar="NAME,...", help="the coordinates (default: all columns but those of values and weights)")
    fit.add_argument("--y", metavar="NAME", help="the values (default: the last column)")
    fit.add_argument("--weight", metavar="NAME", help="a weight per value: an inverse variance, a number of trials (default: all alike)")
    fit.add_argument("--cells", type=_counts, metavar="N,...", help="cells of the splines, for all axes or one per axis")
    fit.add_argument("--degree", type=_degrees, metavar="P,...", help="degree of the splines, from 1 to 5 (default: 3, cubic)")
    fit.add_argument("--penalty", type=_orders, metavar="K,...", help="order of the derivative that is kept small (default: 2)")
    fit.add_argument(
        "--smoothing", type=_smoothing, metavar="gcv|reml|S,...", help="how the smoothing is chosen, or what it is (default: gcv)"
    )
    fit.add_argument("--family", choices=("gaussian", "poisson", "binomial"), help="measurements (default), counts, or shares of trials")
    fit.add_argument("--robust", action="store_true", help="let outliers count less")
    fit.add_argument("--rank", type=_count, metavar="R", help="fit a sum of R products of functions of one coordinate each instead")
    fit.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where files go, made if need be (default: the data's folder)")
    fit.add_argument("--force", action="store_true", help="replace files that exist")
    _add_common(fit)


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print one JSON document with a schema version")
    command.add_argument("--quiet", action="store_true", help="print nothing but errors")


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError(f"got {text!r}; allowed are names with commas between them")
    return names


def _integers(text: str, low: int) -> list[int]:
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        numbers = [low - 1]
    if min(numbers) < low:
        raise argparse.ArgumentTypeError(f"got {text!r}; allowed are integers >= {low} with commas between them")
    return numbers


def _count(text: str) -> int:
    numbers = _integers(text, 1)
    if len(numbers) > 1:
        raise argparse.ArgumentTypeError(f"got {text!r}; allowed is one integer >= 1")
    return numbers[0]


def _counts(text: str) -> list[int]:
    return _integers(text, 1)


def _orders(text: str) -> list[int]:
    return _integers(text, 0)


def _degrees(text: str) -> list[int]:
    degrees = _integers(text, 1)
    if max(degrees) > HIGHEST_DEGREE:
        raise argparse.ArgumentTypeError(f"got {text!r}; allowed are integers from 1 to {HIGHEST_DEGREE} with commas between them")
    return degrees


def _smoothing(text: str) -> str | list[float]:
    if text in CRITERIA:
        return text
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = [-1.0]
    if not all(0 <= number < float("inf") for number in numbers):
        raise argparse.ArgumentTypeError(f"got {text!r}; allowed are {', '.join(CRITERIA)}, or numbers >= 0 with commas between them")
    return numbers
