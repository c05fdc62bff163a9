"""What a fit of a file's data gives: a smooth function, or a sum of products; both are reported and written in the same way."""

import argparse
import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.cli.data_file import Data
from tensorfem.cli.table_file import DataFileError
from tensorfem.field import Field
from tensorfem.regression import SeparableRegressor, fit_sum_of_products

FloatArray = NDArray[np.float64]
HALF = 0.5  # of the weight of a datum; outliers have less
MEANS = {  # of counts and shares, in terms of the fitted splines
    "poisson": "counts is the exponential of splines",
    "binomial": "shares is the logistic function of splines",
}


@dataclass(frozen=True, eq=False)
class Outcome:
    """A fit, ready to be printed and written.

    Attributes
    ----------
    facts : dict
        For JSON.
    rows : list of pairs of str
        What each line of the report is about, and what it says.
    columns : mapping of str to array
        Fitted values, and what else is known at the points of the data, in their shape.
    draw : callable
        Draws the picture and returns its axes.
    field : callable or None
        Makes the field, where the fitted function is one: see `no_field`.
    """

    facts: dict[str, Any]
    rows: list[tuple[str, str]]
    columns: Mapping[str, FloatArray]
    draw: Callable[[], Any]
    field: Callable[[], Field] | None


def no_field(arguments: argparse.Namespace) -> str:
    """Why a fit makes no field; empty where it makes one."""
    mean = MEANS.get(arguments.family or "", "")
    return f"the fitted mean of {mean}, and a field is splines alone" if mean else ""


def smooth(data: Data, arguments: argparse.Namespace) -> Outcome:
    """A smooth function by `SeparableRegressor`."""
    start = time.perf_counter()
    model = SeparableRegressor(**_settings(arguments)).fit(*data.observed)
    seconds = time.perf_counter() - start
    facts = {
        "smoothing": model.smoothing_,
        "criterion": None if model.search_ is None else model.smoothing,
        "degrees_of_freedom": model.degrees_of_freedom_,
        "coefficients": model.coefficients_.size,
        "noise": model.noise_,
        "r2": model.score(*data.observed),
        "seconds": seconds,
    }
    field = None if no_field(arguments) else model.to_field
    draw = functools.partial(model.plot, *data.observed[:2], names=data.names, label=data.label)
    return Outcome(facts, _rows(data, model, facts), _columns(data, model), draw, field)


def _rows(data: Data, model: SeparableRegressor, facts: dict[str, Any]) -> list[tuple[str, str]]:
    along = [f"{value:.3g} along {name}" for name, value in zip(data.names, model.smoothing_, strict=True)]
    how = "given" if model.search_ is None else f"by {model.smoothing.upper()}"
    rows = [("basis", f"{basis} along {name}") for name, basis in zip(data.names, model.bases_, strict=True)]
    rows.append(("smoothing", f"{', '.join(along)} ({how})"))
    rows.append(("freedom", f"{model.degrees_of_freedom_:.1f} effective degrees of {model.coefficients_.size:,} coefficients"))
    if model.family == "gaussian":
        rows.append(("noise", f"{model.noise_:.4g} standard deviation"))
    if model.robust_weights_ is not None:
        few = np.count_nonzero(model.robust_weights_[np.isfinite(data.observed[1])] < HALF)
        rows.append(("outliers", f"{few:,} {'value counts' if few == 1 else 'values count'} less than half"))
    return [*rows, ("R^2", f"{facts['r2']:.6f}"), ("seconds", f"{facts['seconds']:.3g}")]


def _columns(data: Data, model: SeparableRegressor) -> dict[str, FloatArray]:
    """Fitted values, and how sure they are: of counts and shares the ends of the band, which is not symmetric; NaN beyond the box."""
    X = data.X if data.grid else data.X[data.inside]
    columns = {"fitted": model.predict(X)}
    if model.family == "gaussian":
        columns["standard_error"] = model.standard_error(X)
    else:
        columns["lower"], columns["upper"] = model.band(X)
    return {name: _placed(found, data.inside) for name, found in columns.items()}


def _placed(found: FloatArray, where: NDArray[np.bool_]) -> FloatArray:
    table = np.full(where.shape, np.nan)
    table[where] = found.ravel()
    return table


def products(data: Data, arguments: argparse.Namespace) -> Outcome:
    """A sum of products of functions of one coordinate each.

    Raises
    ------
    DataFileError
        If the data are no grid, or an option goes with smooth functions only.
    """
    others = ("cells", "degree", "penalty", "smoothing", "weight", "family", "robust")
    given = [f"--{name}" for name in others if getattr(arguments, name)]
    if given:
        raise DataFileError(f"--rank: a sum of products has no {given[0]}; leave one of both out")
    if not data.grid:
        raise DataFileError(f"--rank: {arguments.file} holds {data}; a sum of products needs a grid, gaps allowed")
    start = time.perf_counter()
    fit = fit_sum_of_products(data.X, data.values, arguments.rank)
    seconds = time.perf_counter() - start
    facts = {
        "rank": fit.rank,
        "weights": fit.weights.tolist(),
        "relative_error": fit.relative_error,
        "converged": fit.converged,
        "storage_ratio": fit.storage_ratio,
        "seconds": seconds,
    }
    rows = [
        ("products", f"{fit.rank} of functions of {', '.join(data.names)}, sizes {', '.join(f'{w:.4g}' for w in fit.weights)}"),
        ("missed", f"{fit.relative_error:.3e} of the data's norm ({fit.reason})"),
        ("storage", f"{100 * fit.storage_ratio:.3g} % of the grid's"),
        ("seconds", f"{seconds:.3g}"),
    ]
    return Outcome(facts, rows, {"fitted": fit.values()}, functools.partial(fit.plot_factors, names=data.names), fit.to_field)


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings of the estimator that the command line names."""
    named = {
        "bases": arguments.cells,
        "degree": arguments.degree,
        "penalty": arguments.penalty,
        "smoothing": arguments.smoothing,
        "family": arguments.family,
        "robust": arguments.robust or None,
    }
    return {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in named.items() if value is not None}
