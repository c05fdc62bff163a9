"""Manufactured problems: choose the solution, derive the data that belong to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.boundary import Condition, Dirichlet, Neumann, Robin
from tensorfem.checks import is_number, real
from tensorfem.coefficient import Product, Sum
from tensorfem.expression import parse
from tensorfem.problems import Poisson
from tensorfem.problems.coefficient_data import is_tensor, kept
from tensorfem.space import Space
from tensorfem.study.formula import Formula
from tensorfem.study.symbolic import constant

FloatArray = NDArray[np.float64]
SAMPLES = 32  # random points at which periodicity is checked
PERIODIC = 1e-9  # of the largest value: what may differ between the ends of a periodic axis
MEAN_POINTS = 96  # Gauss points along an axis, for the mean of a solution that is given up to a constant

KINDS: Mapping[str, Condition] = {"dirichlet": Dirichlet(0.0), "neumann": Neumann(0.0)}


@dataclass(frozen=True, eq=False)
class ManufacturedSolution:
    """The exact solution of a manufactured problem: a function of coordinate arrays with a `gradient`, as error norms take them.

    Attributes
    ----------
    formula : Formula
    derivatives : tuple of Formula
        Along each axis.
    shift : float
        What is added: less the mean where nothing in the problem fixes it, else 0.
    """

    formula: Formula
    derivatives: tuple[Formula, ...]
    shift: float = 0.0

    def __call__(self, *coordinates: ArrayLike) -> FloatArray:
        """Values at coordinates, which broadcast."""
        return np.asarray(self.formula(*coordinates) + self.shift)

    def gradient(self, *coordinates: ArrayLike) -> tuple[FloatArray, ...]:
        """The derivatives along all axes at coordinates."""
        return tuple(derivative(*coordinates) for derivative in self.derivatives)

    def __repr__(self) -> str:
        return f"ManufacturedSolution({self.formula!r}{f' {self.shift:+.10g}' if self.shift else ''})"


def manufactured(
    solution: str, space: Space, *, diffusion: Any = 1.0, reaction: Any = 0.0, boundary: Any = "dirichlet"
) -> tuple[Poisson, ManufacturedSolution]:
    """The problem that has a given solution: source and boundary data are derived from it symbolically.

    Parameters
    ----------
    solution : str
        A formula in the coordinates of the space, as of `tensorfem.expression.parse`; of functions that have a derivative.
    space : Space
    diffusion : number, string, tuple, Product or tensor
        As of `Poisson`, of numbers and strings (functions cannot be differentiated).
    reaction : number, string or Sum
        As of `Poisson`, of numbers and strings.
    boundary : str, tuple or mapping
        The kind of all faces: "dirichlet", "neumann", or ("robin", coefficient); or a mapping from faces to kinds, as of `Poisson`.

    Returns
    -------
    problem : Poisson
    exact : ManufacturedSolution
        Less its mean, where nothing in the problem fixes that.

    Raises
    ------
    ValueError
        If the solution cannot be differentiated or is not periodic along a periodic axis, or an argument is not what is allowed.
    ImportError
        Without sympy (``pip install "tensorfem[symbolic]"``).

    Examples
    --------
    >>> import tensorfem as tfem
    >>> space = tfem.box(x=(0, 1), y=(0, 2), cells=8, degree=2)
    >>> problem, exact = manufactured("sin(pi*x)*y**2", space, boundary={"x+": "neumann", "*": "dirichlet"})
    >>> problem.source
    pi**2*y**2*sin(pi*x) - 2*sin(pi*x)
    >>> problem.conditions["x+"]
    Neumann(flux=pi*y**2*cos(pi*x))
    >>> bool(problem.solve().l2_error(exact) < 1e-3)
    True
    """
    if not isinstance(space, Space):
        raise ValueError(f"space: got {space!r}; allowed is a Space, as made by box or Space")
    names = space.names
    u = Formula.of(parse(solution, names))
    gradient = tuple(u.derivative(name) for name in names)
    fluxes, level = tuple(_fluxes(space, kept(space, diffusion, "diffusion"), gradient)), _reaction(space, reaction)
    # The data are checked, and faces spelled out, where they always are.
    frame = Poisson(space, 0.0, diffusion=diffusion, reaction=reaction, boundary=_frame(boundary) if space.faces else None)
    source = level * u.tree - sum(flux.derivative(name).tree for flux, name in zip(fluxes, names, strict=True))
    _check_periodic(space, u, fluxes)
    exact = ManufacturedSolution(u, gradient)
    if frame.operator.null_vector is not None:
        exact = ManufacturedSolution(u, gradient, shift=-_mean(space, u))
    conditions = {face: _condition(face, kind, exact, fluxes[names.index(face[:-1])]) for face, kind in frame.conditions.items()}
    data = {"diffusion": diffusion, "reaction": reaction, "boundary": conditions, "on_incompatible": "project"}
    return Poisson(space, Formula(source, names), **data), exact


def _symbolic(given: Any, names: tuple[str, ...], where: str) -> Any:
    """The sympy expression of a number or a string in its own coordinate."""
    if is_number(given):
        return constant(real(given, where))
    if isinstance(given, str):
        return Formula.of(parse(given, names)).tree
    raise ValueError(f"{where}: got {given!r}, which cannot be differentiated; give a number or a string in {', '.join(names)}")


def _parts(given: Any, space: Space, where: str) -> list[Any]:
    if len(given) != space.dimension:
        raise ValueError(f"{where}: got {len(given)} entries; this space has {space.dimension} axes ({', '.join(space.names)})")
    return [_symbolic(part, (name,), f"{where}, axis {name}") for part, name in zip(given, space.names, strict=True)]


def _fluxes(space: Space, given: Any, gradient: Sequence[Formula]) -> list[Formula]:
    """The diffusion times the gradient."""
    slopes = [part.tree for part in gradient]
    if is_tensor(given):
        rows = [[_symbolic(entry, space.names, f"diffusion, entry {i}, {j}") for j, entry in enumerate(row)] for i, row in enumerate(given)]
        trees = [sum(a * slope for a, slope in zip(row, slopes, strict=True)) for row in rows]
    else:
        trees = [a * slope for a, slope in zip(_diffusion(space, given), slopes, strict=True)]
    return [Formula(tree, space.names) for tree in trees]


def _diffusion(space: Space, given: Any) -> list[Any]:
    """The diffusion along each axis."""
    if isinstance(given, Product):
        product: Any = 1
        for part in _parts(given.functions, space, "diffusion"):
            product = product * part
        return [product] * space.dimension
    if isinstance(given, tuple | list):
        return _parts(given, space, "diffusion")
    return [_symbolic(given, space.names, "diffusion")] * space.dimension


def _reaction(space: Space, given: Any) -> Any:
    return sum(_parts(given.functions, space, "reaction")) if isinstance(given, Sum) else _symbolic(given, space.names, "reaction")


def _frame(boundary: Any) -> Any:
    """The conditions of the kinds asked for, without their data."""
    if isinstance(boundary, Mapping):
        return {face: _kind(kind) for face, kind in boundary.items()}
    return _kind(boundary)


def _kind(given: Any) -> Condition:
    if isinstance(given, str) and given in KINDS:
        return KINDS[given]
    if isinstance(given, tuple) and len(given) == 2 and given[0] == "robin":
        return Robin(given[1])
    allowed = '"dirichlet", "neumann" and ("robin", coefficient), or a mapping from faces to these'
    raise ValueError(f"boundary: got {given!r}; allowed are {allowed}")


def _condition(face: str, kind: Condition, exact: ManufacturedSolution, flux: Formula) -> Condition:
    """The data of a face: the solution, its flux outwards, or both together."""
    outward = flux.tree if face.endswith("+") else -flux.tree
    if isinstance(kind, Dirichlet):
        return Dirichlet(exact.formula)
    if isinstance(kind, Neumann):
        return Neumann(Formula(outward, flux.names))
    return Robin(kind.coefficient, flux=Formula(outward + constant(kind.coefficient) * exact.formula.tree, flux.names))


def _check_periodic(space: Space, u: Formula, fluxes: tuple[Formula, ...]) -> None:
    """Compare the solution, and its flux, at both ends of each periodic axis."""
    samples = np.random.default_rng(space.dimension).random((space.dimension, SAMPLES))
    inside = [start + (end - start) * part for (start, end), part in zip(space.bounds, samples, strict=True)]
    for axis, (name, basis) in enumerate(zip(space.names, space.bases, strict=True)):
        for what, formula in (("the solution", u), ("its flux", fluxes[axis])) if basis.mesh.periodic else ():
            low, high = (formula(*[np.full(SAMPLES, end) if i == axis else x for i, x in enumerate(inside)]) for end in basis.mesh.bounds)
            low, high = np.broadcast_to(low, SAMPLES), np.broadcast_to(high, SAMPLES)
            size = max(float(np.abs(values).max()) for values in (low, high, formula(*inside)))
            worst = int(np.argmax(np.abs(high - low)))
            if not abs(high[worst] - low[worst]) <= PERIODIC * size:
                start, end = basis.mesh.bounds
                raise ValueError(
                    f"solution: axis {name} is periodic, but {what} is {low[worst]:.6g} at {name} = {start:g} and {high[worst]:.6g} at "
                    f"{name} = {end:g}; take a solution of period {end - start:g} along {name}"
                )


def _mean(space: Space, u: Formula) -> float:
    """The mean over the box, by enough Gauss points: the basis functions add up to one, so their loads add up to the integral."""
    points = max(max(basis.degree + 3, -(-MEAN_POINTS // basis.mesh.cells)) for basis in space.bases)
    return float(space.load(u, points=points, where="solution").sum()) / space.volume
