"""Quadrature on one axis."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Quadrature:
    """Points and weights on a mesh, ordered by cell.

    The reference coordinates are kept beside the points: in a cell of size 1e-10 at x = 1 they cannot be had back from the points.

    Attributes
    ----------
    cells : (q,) array of int
    reference : (q,) array
        Coordinates within the cells, from 0 to 1.
    points, weights : (q,) arrays
    """

    cells: NDArray[np.intp]
    reference: FloatArray
    points: FloatArray
    weights: FloatArray


@functools.cache
def gauss_legendre(points: int) -> tuple[FloatArray, FloatArray]:
    """Points and weights of the Gauss-Legendre rule on [0, 1], exact to degree ``2 points - 1``.

    Examples
    --------
    >>> points, weights = gauss_legendre(3)
    >>> bool(abs(weights @ points**5 - 1 / 6) < 1e-15)
    True
    """
    points_, weights = np.polynomial.legendre.leggauss(points)
    return _constant((points_ + 1) / 2), _constant(weights / 2)


@functools.cache
def gauss_lobatto(degree: int) -> FloatArray:
    """The ``degree + 1`` Gauss-Lobatto-Legendre nodes on [0, 1].

    The inner ones are the roots of P'_degree, the eigenvalues of a Jacobi matrix (Golub & Welsch 1969).

    Examples
    --------
    >>> gauss_lobatto(2)
    array([0. , 0.5, 1. ])
    """
    k = np.arange(1, degree - 1)
    off = np.sqrt(k * (k + 2) / ((2 * k + 1) * (2 * k + 3)))
    inner = np.linalg.eigvalsh(np.diag(off, 1) + np.diag(off, -1)) if degree > 1 else np.empty(0)
    inner = (inner - inner[::-1]) / 2  # symmetric to the last bit
    return _constant(np.concatenate([[0.0], (inner + 1) / 2, [1.0]]))


def _constant(array: FloatArray) -> FloatArray:
    array.setflags(write=False)
    return array
