"""`tensorfem fit`: a smooth function through the data of a file."""

import argparse
import csv
import io
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import tensorfem.cli.exits as exits
from tensorfem.cli.data_file import Columns, Data, read_data
from tensorfem.cli.outputs import save_figure
from tensorfem.cli.printing import Printer
from tensorfem.cli.table_file import DataFileError
from tensorfem.export import write_text
from tensorfem.regression import Piecewise, SeparableRegressor

FloatArray = NDArray[np.float64]
ENDINGS = ("csv", "png", "npz")


def fit(arguments: argparse.Namespace, printer: Printer) -> int:
    """Fit the data of a file, print the report, write values, picture and field."""
    paths = fit_paths(arguments.file, arguments.output, force=arguments.force)
    data = read_data(arguments.file, Columns(arguments.x, arguments.y, arguments.weight))
    start = time.perf_counter()
    model = SeparableRegressor(**settings(arguments)).fit(data.X, data.values, data.weights)
    seconds = time.perf_counter() - start
    score = model.score(data.X, data.values, data.weights)
    facts = {
        "data": {"grid": data.grid, "shape": data.values.shape, "coordinates": data.names, "values": data.label},
        "smoothing": model.smoothing_,
        "criterion": model.smoothing if isinstance(model.smoothing, str) else None,
        "degrees_of_freedom": model.degrees_of_freedom_,
        "coefficients": model.coefficients_.size,
        "noise": model.noise_,
        "r2": score,
        "seconds": seconds,
    }
    lines = [f"{name:<11} {text}" for name, text in report(data, model, score, seconds)]
    printer.finish("fit", facts, lines, write_fit(data, model, paths, force=arguments.force))
    return exits.DONE


def settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings of the estimator that the command line names."""
    named = {"bases": arguments.cells, "penalty": arguments.penalty, "smoothing": arguments.smoothing}
    return {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in named.items() if value is not None}


def report(data: Data, model: SeparableRegressor, score: float, seconds: float) -> list[tuple[str, str]]:
    """What each line of the report is about, and what it says."""
    along = [f"{value:.3g} along {name}" for name, value in zip(data.names, model.smoothing_, strict=True)]
    how = f"by {model.smoothing.upper()}" if isinstance(model.smoothing, str) else "given"
    return [
        ("data", str(data)),
        *(("basis", f"{basis} along {name}") for name, basis in zip(data.names, model.bases_, strict=True)),
        ("smoothing", f"{', '.join(along)} ({how})"),
        ("freedom", f"{model.degrees_of_freedom_:.1f} effective degrees of {model.coefficients_.size:,} coefficients"),
        ("noise", f"{model.noise_:.4g} standard deviation"),
        ("R^2", f"{score:.6f}"),
        ("seconds", f"{seconds:.3g}"),
    ]


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


def write_fit(data: Data, model: SeparableRegressor, paths: dict[str, Path], *, force: bool) -> list[Path]:
    """Write fitted values, the picture, and the field where the bases make one; give the paths written."""
    write_text(paths["csv"], fitted_values(data, model), overwrite=force)
    axes = model.plot(data.X, data.values, names=data.names, label=data.label)
    save_figure(np.ravel(axes)[0], paths["png"])
    written = [paths["csv"], paths["png"]]
    if all(isinstance(basis, Piecewise) for basis in model.bases_):
        model.to_field().save(paths["npz"], overwrite=force)
        written.append(paths["npz"])
    return written


def fitted_values(data: Data, model: SeparableRegressor) -> str:
    """A row per point as CSV; what was not observed is empty."""
    fitted, errors = model.predict(data.X), model.standard_error(data.X)
    residuals = data.values - fitted
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*data.names, "observed", "fitted", "standard_error", "residual"])
    table = zip(data.points.tolist(), *(array.ravel().tolist() for array in (data.values, fitted, errors, residuals)), strict=True)
    for point, observed, value, error, residual in table:
        seen = observed == observed  # not NaN
        writer.writerow([*point, observed if seen else "", f"{value:.10g}", f"{error:.4g}", f"{residual:.4g}" if seen else ""])
    return text.getvalue()
