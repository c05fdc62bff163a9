"""Chebyshev polynomials as smoothers: their recurrences, and the eigenvalue that they need."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron import Array, outer
from tensorfem.solvers.updates import add_multiple, inner, turn

SEED = 19_930_517  # of the vector that the Lanczos process starts with: always the same
STEPS = 10
MARGIN = 1.1  # what the Lanczos process may have missed; the polynomials stay below 1 up to the sum of the range's ends


def recurrence(largest: float, ratio: float, degree: int) -> Iterator[tuple[float, float]]:
    """The steps of the polynomial that is smallest on ``[largest / ratio, largest]``.

    With z the preconditioned residual, each step is ``d = momentum d + factor z; x += d``.

    Parameters
    ----------
    largest : float
        The largest eigenvalue of the preconditioned operator.
    ratio : float
        Above 1: the range over which errors are to be damped.
    degree : int
        Number of steps.

    Yields
    ------
    momentum, factor : float

    References
    ----------
    Saad, Iterative Methods for Sparse Linear Systems, algorithm 12.1; Adams, Brezina, Hu & Tuminaro, "Parallel multigrid smoothing:
    polynomial versus Gauss-Seidel", J. Comput. Phys. 188 (2003).

    Examples
    --------
    >>> [(round(momentum, 4), round(factor, 4)) for momentum, factor in recurrence(2.0, 3.0, 2)]
    [(0.0, 0.75), (0.1429, 0.8571)]
    """
    centre, half = (largest + largest / ratio) / 2, (largest - largest / ratio) / 2
    rho = half / centre
    yield 0.0, 1 / centre
    for _ in range(degree - 1):
        following = 1 / (2 * centre / half - rho)
        yield following * rho, 2 * following / half
        rho = following


def largest_eigenvalue(image: Callable[[Array], Array], precondition: Callable[[Array], Array], shape: tuple[int, ...]) -> float:
    """The largest eigenvalue of a preconditioned operator, by ten steps of the Lanczos process, with a margin.

    The tridiagonal matrix is read from the steps of conjugate gradients (Golub & Van Loan, section 10.2).
    """
    rng = np.random.default_rng(SEED)
    residual = outer([rng.standard_normal(n) for n in shape])
    z = precondition(residual)
    direction, rho = z.copy(), inner(residual, z)
    diagonal, off, before = [], [], 0.0
    for _ in range(min(STEPS, residual.size)):
        product = image(direction)
        curvature = inner(direction, product)
        if not curvature > 0 or not rho > 0:
            break
        diagonal.append(curvature / rho + before)
        add_multiple(residual, -rho / curvature, product)
        z = precondition(residual)
        new = inner(residual, z)
        before = new * curvature / rho**2
        off.append(math.sqrt(max(new, 0.0)) * curvature / rho**1.5)
        turn(direction, new / rho, z)
        rho = new
    return MARGIN * float(linalg.eigvalsh_tridiagonal(diagonal, off[: len(diagonal) - 1])[-1])
