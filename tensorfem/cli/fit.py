"""`tensorfem fit`: a smooth function through the data of a file.

Into it go columns of numbers: coordinates, one of values (by default the last), perhaps one of weights. A value may be empty or NaN: it
was not observed. Out come, named for the data:

- ``DATA-fit.csv``: a row per point, with its coordinates; ``observed``, the value, empty where there is none; ``fitted``;
  ``standard_error`` of the fitted value, or for counts and shares ``lower`` and ``upper``, the ends of its 95 % interval (with ``--rank``
  neither); ``residual``, observed minus fitted, empty where nothing was observed.
- ``DATA-fit.png``: the picture.
- ``DATA-fit.npz``: the fitted function as a field, which `tensorfem.load` reads; none for counts and shares, whose mean is no spline.

The points of the CSV file are those of the whole grid, in the order of its axes, where the data are one; else those of the data in
their order.
"""

import argparse
import csv
import functools
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tensorfem.cli.exits as exits
from tensorfem.cli.data_file import Columns, Data, read_data
from tensorfem.cli.outcome import Outcome, no_field, products, smooth
from tensorfem.cli.outputs import save_figure
from tensorfem.cli.printing import Printer
from tensorfem.cli.table_file import DataFileError
from tensorfem.export import write_text
from tensorfem.export.paths import explained

FloatArray = NDArray[np.float64]
ENDINGS = ("csv", "png", "npz")
WORDS = {"sample_weight": "--weight", "ask for smoothing='minimum norm', or ": "or ", "fewer functions": "fewer --cells"}  # of the library


def fit(arguments: argparse.Namespace, printer: Printer) -> int:
    """Fit the data of a file, print the report, write values, picture and field."""
    data = read_data(arguments.file, Columns(arguments.x, arguments.y, arguments.weight))
    reason = no_field(arguments)
    base = arguments.file.parent if arguments.output is None else arguments.output
    paths = fit_paths(base, arguments.file.stem, ENDINGS[:2] if reason else ENDINGS, force=arguments.force)
    with complaining(arguments, data):
        outcome = (smooth if arguments.rank is None else products)(data, arguments)
    about = {"grid": data.grid, "shape": data.values.shape, "coordinates": data.names, "values": data.label}
    facts = {"data": {**about, "empty": data.empty, "not_used": data.unused}, **outcome.facts, "no_field": reason or None}
    lines = [f"{name:<11} {text}" for name, text in [("data", str(data)), *outcome.rows]]
    written = write_fit(data, outcome, paths, force=arguments.force)
    printer.finish("fit", facts, [*lines, *notes(data, reason, base / f"{arguments.file.stem}-fit.npz")], written)
    return exits.DONE


@contextmanager
def complaining(arguments: argparse.Namespace, data: Data) -> Iterator[None]:
    """Errors of the estimator in the words of the command line: its arguments are options here, and columns of the file."""
    said = {"y": f"{arguments.file}: {data.label}", "values": f"{arguments.file}: {data.label}", "bases": "--cells"}
    said |= {"sample_weight": f"{arguments.file}: {arguments.weight}", "X": f"{arguments.file}"}
    said |= {name: f"--{name}" for name in ("penalty", "smoothing", "family", "robust", "rank", "degree")}
    try:
        yield
    except DataFileError:
        raise
    except ValueError as error:
        argument = re.match(r"(\w+)(\[\d+\])?(?=:)", str(error))
        if argument is None or argument[1] not in said:
            raise
        rest = functools.reduce(lambda text, word: text.replace(word, WORDS[word]), WORDS, str(error)[argument.end() :])
        raise DataFileError(said[argument[1]] + rest) from error


def notes(data: Data, reason: str, field: Path) -> list[str]:
    """What the user may not expect, a line each: columns and values that were left out, and a field that was not written."""
    lines = [f"not used: {', '.join(data.unused)}"] if data.unused else []
    if data.empty:
        count = f"{data.empty:,} value{'s' if data.empty > 1 else ''} of {data.label}"
        lines.append(f"not observed: {count}, empty or NaN in the file")
    outside = data.values.size - int(np.count_nonzero(data.inside))
    if outside:
        lines.append(f"not fitted: {outside:,} point{'s' * (outside > 1)} without a value, outside the box of those with one")
    if reason:
        earlier = f"; {field} is of an earlier fit" if field.exists() else ""
        lines.append(f"no field written: {reason}{earlier}")
    return lines


def fit_paths(folder: Path, stem: str, endings: Sequence[str], *, force: bool) -> dict[str, Path]:
    """Where each output goes, checked before any work is done. The folder may be missing: it is made when all else has gone well.

    Raises
    ------
    DataFileError
        If the folder is a file or lies in one, or may not be written, or an output exists and may not be replaced.
    """
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir():
        raise DataFileError(f"--output: {there} is a file, no folder; name another folder")
    if not os.access(there, os.W_OK):
        raise DataFileError(f"--output: the folder {there} may not be written; allow it, or name another folder")
    paths = {ending: folder / f"{stem}-fit.{ending}" for ending in endings}
    for path in paths.values():
        if path.is_dir():
            raise DataFileError(f"{path} is a directory; name another folder by --output")
        if path.exists() and not force:
            raise DataFileError(f"{path} exists; pass --force to replace it, or name another folder by --output")
    return paths


def write_fit(data: Data, outcome: Outcome, paths: dict[str, Path], *, force: bool) -> list[Path]:
    """Make fitted values, the picture, and the field where there is one, and only then write them; give the paths written."""
    values, picture = fitted_values(data, outcome.columns), np.ravel(outcome.draw())[0]
    field = None if outcome.field is None else outcome.field()
    folder = paths["csv"].parent
    with explained(str(folder), "made", folder, *folder.parents):
        folder.mkdir(parents=True, exist_ok=True)
    write_text(paths["csv"], values, overwrite=force)
    save_figure(picture, paths["png"], overwrite=force)
    if field is not None:
        field.save(paths["npz"], overwrite=force)
    return list(paths.values())


def fitted_values(data: Data, columns: Mapping[str, FloatArray]) -> str:
    """A row per point as CSV; what was not observed, or cannot be fitted, is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*data.names, "observed", *columns, "residual"])
    table = np.column_stack([array.ravel() for array in columns.values()]).tolist()
    for point, observed, known in zip(data.points.tolist(), data.values.ravel().tolist(), table, strict=True):
        shown = ["" if np.isnan(value) else f"{value:.10g}" for value in known]
        seen = not np.isnan(observed)
        writer.writerow([*point, observed if seen else "", *shown, f"{observed - known[0]:.10g}" if seen else ""])
    return text.getvalue()
