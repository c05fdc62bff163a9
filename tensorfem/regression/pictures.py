"""The pictures of a fit; `SeparableRegressor` and `SumOfProducts` have these functions as their methods."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tensorfem import plotting
from tensorfem.regression.axis_basis import AxisBasis, Columns, OneHot, Piecewise
from tensorfem.regression.families import Names
from tensorfem.regression.observations import observations
from tensorfem.regression.search import Search
from tensorfem.sampling import fine_points
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
SAMPLES = 201  # of an axis without cells
LETTERS = "xyz"
MOST_AXES = 3
SHOWN, LONG_TAIL = 95, 1.25  # percent of standard errors within the scale, if the others make it that much longer


class Fitted(Protocol):
    """What a picture needs of an estimator."""

    bases_: tuple[AxisBasis, ...]
    smoothing: Any
    search_: Search | None

    @property
    def names_(self) -> Names:
        """What is drawn is called."""

    def predict(self, X: Any) -> FloatArray:
        """Values."""

    def standard_error(self, X: Any) -> FloatArray:
        """Their standard deviations."""

    def band(self, X: Any, level: float) -> tuple[FloatArray, FloatArray]:
        """Ends of intervals."""

    def _require_fit(self) -> None: ...


class Products(Protocol):
    """What a picture needs of a sum of products."""

    @property
    def weights(self) -> FloatArray:
        """One per term."""

    @property
    def coefficients(self) -> tuple[FloatArray, ...]:
        """A column per term, for each axis."""

    @property
    def space(self) -> Space:
        """Of the functions."""


def plot(
    fit: Fitted,
    X: Any = None,
    y: Any = None,
    *,
    axes: Any = None,
    level: float = 0.95,
    names: Sequence[str] | None = None,
    label: str | None = None,
    cmap: Any = "viridis",
) -> Any:
    """Draw the fitted function, and beside it the data where they are given.

    One axis: data, curve and the confidence band of the mean, which says where the function is and not where the next datum will be; see
    `band`. Two axes: the function; with data the panels data, fit and residual. Three axes: slices
    through the function. With data of three axes or more: fitted values against the observed ones.

    Parameters
    ----------
    X, y : as of `fit`, optional
        The data.
    axes : matplotlib axes, or three of them for the panels, optional
    level : float
        Of the band.
    names : sequence of str, optional
        Of the axes; x, y, z or x1, x2, ... by default.
    label : str, optional
        The name of the values; "f" by default, of a family "count" or "share".
    cmap : colour map

    Returns
    -------
    matplotlib axes, or a tuple of three

    Raises
    ------
    NotFittedError
        Before `fit`.
    ValueError
        If data and axes do not fit, or there is no picture of so many axes without data.
    """
    fit._require_fit()
    shown, called = tuple(shown_points(basis) for basis in fit.bases_), _names(len(fit.bases_), names)
    named = label or fit.names_.data
    data = None if y is None else observations(X, y)
    if data is not None and len(data.axes) != len(shown):
        raise ValueError(f"X: got points with {len(data.axes)} features, but the estimator was fitted with {len(shown)}")
    if len(shown) == 1:
        points = None if data is None else (data.axes[0], np.asarray(y, dtype=float))
        band = fit.band(shown, level)
        what, curve = f"{100 * level:g} % band of the mean", label or fit.names_.mean
        return plotting.draw_band(
            shown[0], fit.predict(shown), band, called[0], data=points, ax=axes, label=named, curve_label=curve, band_label=what
        )
    if data is not None and len(shown) > 2:
        return plotting.draw_agreement(np.asarray(y, dtype=float), fit.predict(X), ax=axes, label=named)
    if data is not None:
        return _panels(fit, X, y, shown, called, axes, named, cmap)
    if len(shown) > MOST_AXES:
        raise ValueError(f"plot: got a function of {len(shown)} axes, at most {MOST_AXES} can be drawn; give the data: plot(X, y)")
    return _surface(fit, fit.predict(shown), shown, called, axes, label or fit.names_.mean, cmap)


def plot_standard_error(
    fit: Fitted, ax: Any = None, *, names: Sequence[str] | None = None, label: str | None = None, cmap: Any = "magma"
) -> Any:
    """Draw the standard error of the function: the half width of its confidence band, over the normal quantile.

    It is largest in the corners, where the fewest data are, by many times. The twentieth of the box that has the largest has one colour,
    that of the arrow of the bar, so that the rest can be told apart.

    Parameters
    ----------
    ax : matplotlib axes, optional
    names, cmap
        As of `plot`.
    label : str, optional
        "standard error" by default; of counts and shares with what has it, see `standard_error`.

    Returns
    -------
    matplotlib axes

    Raises
    ------
    NotFittedError
        Before `fit`.
    ValueError
        If there are more than three axes.
    """
    fit._require_fit()
    shown = tuple(shown_points(basis) for basis in fit.bases_)
    if len(shown) > MOST_AXES:
        raise ValueError(f"plot_standard_error: got a function of {len(shown)} axes, at most {MOST_AXES} can be drawn; use standard_error")
    errors, what = fit.standard_error(shown), fit.names_.function
    named = label or ("standard error" if what == fit.names_.data else f"standard error of {what}")
    return _surface(fit, errors, shown, _names(len(fit.bases_), names), ax, named, cmap, _robust_range(errors))


def plot_search(fit: Fitted, ax: Any = None, *, names: Sequence[str] | None = None) -> Any:
    """Draw what was minimized to choose the smoothing, over what was tried, and the minimum.

    A fit on a full grid has tried the whole range. Weighted, incomplete or scattered data, counts and shares have tried a few around the
    best of that range. From the best of those tried the search goes on, so the minimum may lie beyond them; the title says so.

    Parameters
    ----------
    ax : matplotlib axes, optional
    names : sequence of str, optional
        Of the axes.

    Returns
    -------
    matplotlib axes

    Raises
    ------
    NotFittedError
        Before `fit`.
    ValueError
        If the smoothing was given and not searched.
    """
    fit._require_fit()
    found = fit.search_
    if found is None:
        raise ValueError('plot_search: the smoothing was given, and nothing searched; fit with smoothing="gcv" or "reml"')
    label = str(fit.smoothing).upper()
    return plotting.draw_criterion(
        found.candidates, found.values, found.smoothing, found.value, _names(len(fit.bases_), names), ax=ax, label=label
    )


def plot_factors(products: Products, axes: Any = None, *, names: Sequence[str] | None = None) -> Any:
    """Draw the 1D functions of a sum of products, side by side for each axis; the legend has the weights of the terms.

    Parameters
    ----------
    axes : sequence of matplotlib axes, optional
        One per axis of the data.
    names : sequence of str, optional
        Of the axes.

    Returns
    -------
    tuple of matplotlib axes

    Raises
    ------
    ValueError
        If the numbers of axes or names do not fit.
    """
    points = [fine_points(basis) for basis in products.space.bases]
    pairs = zip(products.space.bases, points, products.coefficients, strict=True)
    functions = [basis.evaluate(x) @ columns for basis, x, columns in pairs]
    return plotting.draw_factors(points, functions, _names(len(points), names), weights=products.weights, axes=axes)


def shown_points(basis: AxisBasis) -> FloatArray:
    """Points of an axis that show what a function does along it.

    Examples
    --------
    >>> shown_points(OneHot(3))
    array([0., 1., 2.])
    """
    if isinstance(basis, Piecewise):
        return fine_points(basis.basis)
    if isinstance(basis, OneHot):
        return basis.mesh.nodes[:-1] + basis.mesh.sizes / 2
    if isinstance(basis, Columns):
        return basis.points
    return np.linspace(*basis.bounds, SAMPLES)


def _ends(basis: AxisBasis) -> tuple[float, float]:
    """The finite ends of an axis, a periodic one too."""
    return basis.basis.mesh.bounds if isinstance(basis, Piecewise) else basis.bounds


def _names(count: int, names: Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        return tuple(LETTERS[:count]) if count <= len(LETTERS) else tuple(f"x{i + 1}" for i in range(count))
    if len(names) != count or isinstance(names, str):
        raise ValueError(f"names: got {names!r}; allowed is a sequence of {count} names, one per axis")
    return tuple(names)


def _robust_range(values: FloatArray) -> tuple[float, float] | None:
    """The range of nearly all values, or None where that is about that of all."""
    low, middle, most, high = np.percentile(values, [0, 50, SHOWN, 100])
    return (float(low), float(most)) if low < middle < most and high - low > LONG_TAIL * (most - low) else None


def _surface(
    fit: Fitted,
    values: FloatArray,
    shown: tuple[FloatArray, ...],
    names: tuple[str, ...],
    ax: Any,
    label: str,
    cmap: Any,
    limits: tuple[float, float] | None = None,
) -> Any:
    if len(shown) == 2 and _cellwise(fit):
        ends = [_ends(b) for b in fit.bases_]
        ax = plotting.draw_tiles(values, shown, names, ax=ax, bounds=ends, label=label, cmap=cmap, limits=limits)
    else:
        ax = plotting.draw(values, shown, names, ax=ax, label=label, cmap=cmap, limits=limits)
    if len(shown) == 2:
        ax.set_aspect("auto")
    return ax


def _panels(fit: Fitted, X: Any, y: Any, shown: tuple[FloatArray, ...], names: tuple[str, ...], axes: Any, label: str, cmap: Any) -> Any:
    values = np.asarray(y, dtype=float)
    residuals = values - fit.predict(X)
    places = np.asarray(X, dtype=float) if not isinstance(X, tuple) else tuple(np.asarray(axis, dtype=float) for axis in X)
    if isinstance(places, tuple):
        order = [np.argsort(axis) for axis in places]
        places = tuple(axis[o] for axis, o in zip(places, order, strict=True))
        values, residuals = (array[np.ix_(*order)] for array in (values, residuals))
    ends = [_ends(basis) for basis in fit.bases_]
    return plotting.draw_fit(
        values, residuals, places, fit.predict(shown), shown, names, axes=axes, bounds=ends, tiles=_cellwise(fit), label=label, cmap=cmap
    )


def _cellwise(fit: Fitted) -> bool:
    return any(isinstance(basis, OneHot) for basis in fit.bases_)
