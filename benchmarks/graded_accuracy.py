"""Accuracy of fast diagonalization on graded meshes, against the exact solution of the discrete equations.

Per axis, K v = f and K w = g are solved in 60-digit arithmetic with the K and M that belong to the floating-point nodes; then
u = v (x) w solves A u = b for b = f (x) M w + M v (x) g, which alone is rounded. What u is off by is the solver's own error.

    python benchmarks/graded_accuracy.py

prints the largest error for each size ratio, place of the fine cells and degree of the first axis. Arithmetic is that of the standard
library's `decimal`, the matrices are assembled here: nothing of the reference comes from tensorfem but the nodes.
"""

import decimal
import functools
import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from tensorfem.axis import AxisMatrices, Lagrange, Mesh, graded
from tensorfem.kron import KroneckerSum

DIGITS = 60
RATIOS = (1.0, 1e4, 1e8, 1e10)
PLACES = ("left", "right", "middle", "in threes", "in turn")  # the last: three coarse cells, three fine ones; one coarse, one fine
ENDS = ("DD", "DN", "ND", "DR", "RD", "RN", "NR", "RR", "NN")  # Dirichlet, Neumann, Robin
DEGREES = (1, 2, 3)
START, END = -0.3, 1.1
ROBIN = 1.75
SHIFT = 0.5  # mass term per axis where both ends are natural: K alone is singular there


class Axis(NamedTuple):
    """One axis of the sweep."""

    ratio: float
    place: str
    ends: str
    degree: int
    cells: int = 16


def extended(function: Callable) -> Callable:
    """Let a function compute with many digits."""

    @functools.wraps(function)
    def wrapper(*args):
        with decimal.localcontext(prec=DIGITS):
            return function(*args)

    return wrapper


@extended
def relative_error(*axes: Axis) -> float:
    """The largest error of the fast solution over the largest value of the exact one."""
    solved = [solve_exactly(axis, number) for number, axis in enumerate(axes)]
    exact = outer([v for v, _, _ in solved]).astype(float)
    rhs = sum(outer([f if i == j else mass for j, (_, mass, f) in enumerate(solved)]) for i in range(len(axes)))
    operator = KroneckerSum([pencil(axis) for axis in axes], sum(map(shift, axes)))
    return float(np.abs(operator.spectrum().solve(rhs.astype(float)) - exact).max() / np.abs(exact).max())


def pencil(axis: Axis):
    """What tensorfem makes of the axis."""
    robin = tuple(ROBIN if end == "R" else 0.0 for end in axis.ends)
    return AxisMatrices(Lagrange(mesh(axis), axis.degree), robin=robin).restrict(tuple(end == "D" for end in axis.ends))


def mesh(axis: Axis) -> Mesh:
    """The mesh, on an interval whose ends are no round numbers."""
    if not axis.place.startswith("in "):
        return graded(START, END, axis.cells, axis.ratio, toward=axis.place)
    sizes = np.where(np.arange(axis.cells) // {"in threes": 3, "in turn": 1}[axis.place] % 2, 1 / axis.ratio, 1.0)
    return Mesh(START + (END - START) / sizes.sum() * np.append(0.0, np.cumsum(sizes)))


def shift(axis: Axis) -> float:
    """The mass term that this axis asks for."""
    return SHIFT if axis.ends == "NN" else 0.0


@functools.cache
@extended
def solve_exactly(axis: Axis, number: int):
    """v with (K + shift M) v = f, M v, and f; another `number` draws another f."""
    stiffness, mass = matrices(axis)
    load = decimals(np.random.default_rng([90_321, number]).standard_normal(len(mass)))
    solution = eliminate(stiffness + Decimal(shift(axis)) * mass, load, axis.degree)
    return solution, mass @ solution, load


@extended
def matrices(axis: Axis):
    """K and M over the free unknowns."""
    element_stiffness, element_mass = element(axis.degree)
    size = axis.degree * axis.cells + 1
    stiffness, mass = np.full((2, size, size), Decimal(0))
    for i, (left, right) in enumerate(itertools.pairwise(decimals(mesh(axis).nodes))):
        here = slice(axis.degree * i, axis.degree * (i + 1) + 1)
        stiffness[here, here] += element_stiffness / (right - left)
        mass[here, here] += element_mass * (right - left)
    for place, end in zip((0, -1), axis.ends, strict=True):
        stiffness[place, place] += Decimal(ROBIN) if end == "R" else 0
    free = slice(int(axis.ends[0] == "D"), size - int(axis.ends[1] == "D"))
    return stiffness[free, free], mass[free, free]


@functools.cache
@extended
def element(degree: int):
    """Stiffness and mass matrix of the Gauss-Lobatto-Legendre nodal functions on [0, 1]."""
    nodes = lobatto(degree)
    functions = np.array([nodal(nodes, i) for i in range(degree + 1)])
    slopes = functions[:, 1:] * decimals(range(1, degree + 1))
    return gram(slopes), gram(functions)


@extended
def lobatto(degree: int) -> list[Decimal]:
    """The nodes on [0, 1]: the ends, and the roots of P'_degree by Newton's method."""
    slope = np.polynomial.legendre.Legendre.basis(degree).deriv()
    coefficients = decimals(slope.convert(kind=np.polynomial.Polynomial).coef)  # dyadic rationals: exact at low degree
    roots = []
    for root in map(Decimal, np.sort(slope.roots())):
        for _ in range(6):
            value, steepness = Decimal(0), Decimal(0)
            for coefficient in reversed(coefficients):  # Horner's rule for the polynomial and its derivative
                value, steepness = value * root + coefficient, steepness * root + value
            root -= value / steepness
        roots.append((root + 1) / 2)
    return [Decimal(0), *roots, Decimal(1)]


def nodal(nodes: list[Decimal], index: int):
    """Monomial coefficients of the polynomial that is 1 at one node and 0 at the others."""
    gaps = [(node, nodes[index] - node) for j, node in enumerate(nodes) if j != index]
    return functools.reduce(np.convolve, [np.array([-node / gap, 1 / gap]) for node, gap in gaps])


def gram(functions):
    """The integrals over [0, 1] of products of polynomials given by monomial coefficients."""
    count = functions.shape[1]
    moments = np.array([[1 / Decimal(i + j + 1) for j in range(count)] for i in range(count)])
    return functions @ moments @ functions.T


def eliminate(matrix, load, width: int):
    """Solve with a symmetric positive definite band matrix."""
    matrix, solution = matrix.copy(), load.copy()
    for k, pivot in enumerate(np.diagonal(matrix)):
        band = slice(k + 1, k + width + 1)
        factors = matrix[band, k] / pivot
        matrix[band, band] -= np.multiply.outer(factors, matrix[k, band])
        solution[band] -= factors * solution[k]
    for k in reversed(range(len(solution))):
        band = slice(k + 1, k + width + 1)
        solution[k] = (solution[k] - np.sum(matrix[k, band] * solution[band])) / matrix[k, k]
    return solution


def outer(vectors):
    """The outer product of the vectors, one axis each."""
    return functools.reduce(np.multiply.outer, vectors)


def decimals(numbers):
    """Floating-point numbers as they are, exactly."""
    return np.array([Decimal(float(number)) for number in numbers])


def sweep(strides: tuple[int, ...] = (7, 97, 211)) -> Iterator[tuple[Axis, Axis]]:
    """Every first axis, beside second axes that run through the same choices in another order."""
    firsts = [Axis(*choice) for choice in itertools.product(RATIOS, PLACES, ENDS, DEGREES)]
    for (number, first), stride in itertools.product(enumerate(firsts), strides):
        yield first, firsts[(5 * number + stride) % len(firsts)]._replace(cells=11)


def main() -> None:
    """Print the table, and the worst case of all."""
    errors: dict[tuple[float, str, int], list[tuple[float, Axis, Axis]]] = {}
    for first, second in sweep():
        errors.setdefault((first.ratio, first.place, first.degree), []).append((relative_error(first, second), first, second))
    print(f"{'size ratio':>10}  {'fine cells':10}" + "".join(f"  degree {p}" for p in DEGREES))
    for ratio, place in itertools.product(RATIOS, PLACES):
        print(f"{ratio:10.0e}  {place:10}" + "".join(f"  {max(errors[ratio, place, p])[0]:8.1e}" for p in DEGREES))
    worst = max(itertools.chain.from_iterable(errors.values()))
    print(f"worst of {sum(map(len, errors.values()))}: {worst[0]:.1e}, {worst[1]} beside {worst[2]}")


if __name__ == "__main__":
    main()
