"""Data and a partial differential equation together: smoothing that penalizes what does not solve the equation."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.boundary import Condition, Dirichlet, Neumann, conditions_by_face
from tensorfem.checks import real
from tensorfem.field import Field
from tensorfem.kron import row_kron
from tensorfem.problems.faces import lifting
from tensorfem.regression.criteria import CRITERIA
from tensorfem.regression.equation_modes import equation_modes
from tensorfem.regression.fit import Fit, grid_fit
from tensorfem.regression.observations import Observations, observations
from tensorfem.regression.search import Search
from tensorfem.regression.strong_form import StrongForm, strong_form
from tensorfem.space import Space

FloatArray = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, eq=False)
class EquationFit:
    """A field between data and an equation.

    Attributes
    ----------
    field : Field
    smoothing : float
        The weight of the equation.
    degrees_of_freedom : float
        The trace of the map from the data to the fitted values.
    noise : float
        Estimated standard deviation of the data around the field.
    residuals : array of the shape of the data
        Data less field; NaN where nothing was observed.
    equation_residual : float
        The L2 norm of ``L u - f``.
    search : Search or None
        The criterion over the weights tried, where it was not given.
    """

    field: Field
    smoothing: float
    degrees_of_freedom: float
    noise: float
    residuals: FloatArray = dataclasses.field(repr=False)
    equation_residual: float
    search: Search | None = dataclasses.field(repr=False)


def fit_with_equation(
    space: Space,
    X: Any,
    y: Any,
    *,
    source: Any = 0.0,
    diffusion: Any = 1.0,
    reaction: Any = 0.0,
    boundary: Any = None,
    smoothing: Any = "gcv",
) -> EquationFit:
    """Fit a field to data of which an equation is known: PDE-penalised smoothing.

    Minimizes the mean of ``(y - u)^2`` over the data plus `smoothing` times the integral of ``(L u - f)^2``, where
    ``L u = -div(a grad u) + c u`` is taken pointwise. A large smoothing gives a solution of the equation, a small one meets the data; what
    data do not see is determined by the equation in either case. On faces without boundary values, only the data hold the solutions of
    the homogeneous equation, of which there are many: give boundary values where they are known.

    With exact data and boundary values the L2 error falls with the cell size to the power degree + 1 for a degree of at least 3 (2 for
    degree 2), as of least squares of fourth order.

    The square of L is a sum of Kronecker products of banded 1D matrices. One sparse factorization of it, with the data's, makes all
    smoothing parameters elementwise.

    Parameters
    ----------
    space : Space
        Of B-splines of continuity >= 1.
    X : tuple of (n_i,) arrays, or (n, d) array_like
        A tuple has the points of each axis of a grid; anything else is a table of scattered points, one row each. Within the box.
    y : array of shape (n_0, n_1, ...), or (n,)
        On a grid NaN where nothing was observed.
    source : number, string, callable, Product, Sum, Field, or array of nodal values
        f.
    diffusion, reaction
        a and c: as of `Poisson`, constant or separable.
    boundary : `Dirichlet`, datum, or mapping from faces to these, optional
        Values that hold exactly (as those of `Poisson`); a face that is not named is left to the data.
    smoothing : {"gcv", "reml"} or float
        What is minimized to choose it, or the number itself, >= 0.

    Returns
    -------
    EquationFit

    Raises
    ------
    ValueError
        If an argument is not what is allowed, a point lies outside the box, or data and equation leave functions undetermined.

    References
    ----------
    Azzimonti, Sangalli, Secchi, Domanin & Nobile, "Blood flow velocity field estimation via spatial regression with PDE penalization",
    J. Am. Stat. Assoc. 110 (2015).

    Examples
    --------
    >>> import tensorfem as tfem
    >>> space = tfem.box(x=(0, 1), y=(0, 1), cells=6, degree=3, basis="bspline")
    >>> points = np.random.default_rng(3).random((12, 2))
    >>> fit = fit_with_equation(space, points, points[:, 0] * points[:, 1], smoothing=1e-3)  # harmonic
    >>> float(fit.field(0.3, 0.9).round(9)), fit.equation_residual < 1e-9
    (0.27, True)
    """
    if not isinstance(space, Space):
        raise ValueError(f"space: got an object of type {type(space).__name__}; allowed is a Space of B-splines")
    data = observations(X, y)
    points, values, seen = _scattered(data, space)
    form, conditions = strong_form(space, diffusion, reaction), _held(boundary, space)
    lifted = lifting(space, conditions, "error") if conditions else None
    free = tuple(
        slice(int(name + "-" in conditions), n - int(name + "+" in conditions)) for name, n in zip(space.names, space.shape, strict=True)
    )
    known = np.zeros(space.shape) if lifted is None else lifted
    equation = form.sample(source, "source") - form.apply(known)
    coefficients, fit = _fitted(
        space, form.restricted(free), _size(form), points, values - Field.adopt(space, known)(*points), equation, free, smoothing
    )
    whole = known.copy()
    whole[free] += coefficients
    u = Field.adopt(space, whole)
    residuals = np.full(data.values.shape, np.nan)
    residuals[seen] = values - u(*points)
    misfit = form.norm(form.apply(whole) - form.sample(source, "source"))
    return EquationFit(u, fit.smoothing[0], fit.degrees_of_freedom, fit.noise, residuals, misfit, fit.search)


def _fitted(
    space: Space,
    form: StrongForm,
    scale: float,
    points: tuple[FloatArray, ...],
    values: FloatArray,
    equation: FloatArray,
    free: tuple[slice, ...],
    smoothing: Any,
) -> tuple[FloatArray, Fit]:
    """The free coefficients: a particular solution of the equation, and the fit of what it leaves of the data."""
    tables = [basis.evaluate(x)[:, kept] for basis, x, kept in zip(space.bases, points, free, strict=True)]
    design = row_kron(*tables).tosparse()
    modes = equation_modes(design, form.square(), form.adjoint(equation).ravel(), scale)
    fit = grid_fit([modes.axis], values - design @ modes.particular, _weight(smoothing))
    shape = tuple(table.shape[1] for table in tables)
    return (modes.particular + fit.coefficients).reshape(shape), fit


def _size(form: StrongForm) -> float:
    """The square of the operator for a function of size 1 that bends across the box: a parabola along every axis."""
    space = form.space
    parabolas = [((x - start) / (end - start)) ** 2 for x, (start, end) in zip(space.coordinates, space.bounds, strict=True)]
    bent = np.array(np.broadcast_to(np.asarray(sum(parabolas)), space.shape))
    return form.norm(form.apply(space.nodal_coefficients(bent))) ** 2


def _weight(given: Any) -> str | tuple[float, ...]:
    if isinstance(given, str):
        if given not in CRITERIA:
            raise ValueError(f"smoothing: got {given!r}; allowed are {', '.join(map(repr, CRITERIA))}, or a number >= 0")
        return given
    weight = real(given, "smoothing")
    if weight < 0:
        raise ValueError(f"smoothing: got {weight:g}; allowed is a number >= 0")
    return (weight,)


def _scattered(data: Observations, space: Space) -> tuple[tuple[FloatArray, ...], FloatArray, NDArray[np.bool_]]:
    """The points observed, one array per axis, their values, and where in the data they stand."""
    if len(data.axes) != space.dimension:
        raise ValueError(f"X: got points with {len(data.axes)} coordinates; this space has {space.dimension} ({', '.join(space.names)})")
    for name, basis, x in zip(space.names, space.bases, data.axes, strict=True):
        (start, end), outside = basis.mesh.bounds, np.flatnonzero((x < basis.mesh.nodes[0]) | (x > basis.mesh.nodes[-1]))
        if outside.size and not basis.mesh.periodic:
            raise ValueError(f"X: {name} = {x[outside[0]]:.6g} lies outside the box, which goes from {start:g} to {end:g} there")
    seen = np.ones(data.values.shape, dtype=bool) if data.weights is None else data.weights > 0
    grid = np.meshgrid(*data.axes, indexing="ij") if data.grid else data.axes
    return tuple(np.asarray(x)[seen] for x in grid), data.values[seen], seen


def _held(boundary: Any, space: Space) -> dict[str, Condition]:
    """The faces with values."""
    if boundary is None:
        return {}
    free = Neumann(0.0)
    given = {"*": free, **boundary} if isinstance(boundary, Mapping) else boundary
    conditions = conditions_by_face(given, space.faces)
    held = {face: condition for face, condition in conditions.items() if condition is not free}
    for face, condition in held.items():
        if not isinstance(condition, Dirichlet):
            raise ValueError(f'boundary: face "{face}" has {condition!r}; allowed are Dirichlet values here; leave other faces to the data')
    return held
