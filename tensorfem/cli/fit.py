"""`tensorfem fit`: a smooth function through the data of a file."""

import argparse
import csv
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import tensorfem.cli.exits as exits
from tensorfem.cli.data_file import Columns, Data, read_data
from tensorfem.cli.outcome import Outcome, products, smooth
from tensorfem.cli.outputs import save_figure
from tensorfem.cli.printing import Printer
from tensorfem.cli.table_file import DataFileError
from tensorfem.export import write_text

FloatArray = NDArray[np.float64]
ENDINGS = ("csv", "png", "npz")


def fit(arguments: argparse.Namespace, printer: Printer) -> int:
    """Fit the data of a file, print the report, write values, picture and field."""
    paths = fit_paths(arguments.file, arguments.output, force=arguments.force)
    data = read_data(arguments.file, Columns(arguments.x, arguments.y, arguments.weight))
    outcome = (smooth if arguments.rank is None else products)(data, arguments)
    about = {"grid": data.grid, "shape": data.values.shape, "coordinates": data.names, "values": data.label}
    lines = [f"{name:<11} {text}" for name, text in [("data", str(data)), *outcome.rows]]
    written = write_fit(data, outcome, paths, force=arguments.force)
    printer.finish("fit", {"data": about, **outcome.facts}, lines, written)
    return exits.DONE


def fit_paths(file: Path, folder: Path | None, *, force: bool) -> dict[str, Path]:
    """Where each output goes, checked before any work is done: next to the data, or in a folder.

    Raises
    ------
    DataFileError
        If the folder does not exist, or a file exists and may not be replaced.
    """
    base = file.parent if folder is None else folder
    if not base.is_dir():
        raise DataFileError(f"--output: there is no folder {base}; make it first")
    paths = {ending: base / f"{file.stem}-fit.{ending}" for ending in ENDINGS}
    for path in paths.values():
        if path.is_dir():
            raise DataFileError(f"{path} is a directory; name another folder by --output")
        if path.exists() and not force:
            raise DataFileError(f"{path} exists; pass --force to replace it, or name another folder by --output")
    return paths


def write_fit(data: Data, outcome: Outcome, paths: dict[str, Path], *, force: bool) -> list[Path]:
    """Write fitted values, the picture, and the field where the bases make one; give the paths written."""
    write_text(paths["csv"], fitted_values(data, outcome.columns), overwrite=force)
    save_figure(np.ravel(outcome.draw())[0], paths["png"])
    if outcome.field is None:
        return [paths["csv"], paths["png"]]
    outcome.field().save(paths["npz"], overwrite=force)
    return list(paths.values())


def fitted_values(data: Data, columns: Mapping[str, FloatArray]) -> str:
    """A row per point as CSV; what was not observed is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*data.names, "observed", *columns, "residual"])
    table = np.column_stack([array.ravel() for array in columns.values()]).tolist()
    for point, observed, known in zip(data.points.tolist(), data.values.ravel().tolist(), table, strict=True):
        shown = [f"{value:.10g}" for value in known]
        seen = not np.isnan(observed)
        writer.writerow([*point, observed if seen else "", *shown, f"{observed - known[0]:.10g}" if seen else ""])
    return text.getvalue()
