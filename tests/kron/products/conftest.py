"""Factors of products, beside the explicit matrix that they stand for."""

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
import scipy.sparse as sparse

from tests.kron.conftest import Generator, drawn, explicit, waves

# Factors for what products alone can do: unequal, decreasing sizes, and kinds of numbers with the rounding they bring.
SQUARE = {"two": (5, 4), "three": (5, 4, 3), "four": (4, 3, 2, 2)}
RECTANGULAR = {"two": ((5, 3), (2, 4)), "three": ((4, 2), (3, 4), (2, 3)), "four": ((3, 4), (3, 2), (2, 2), (1, 3))}
KINDS = ("float64", "complex128", "float32", "complex64", "sparse", "sparse and complex")


class Factors(NamedTuple):
    """Factors, their explicit product in double precision, and the unit roundoff of their numbers."""

    matrices: tuple[Any, ...]
    dense: np.ndarray
    eps: float


def draw_factors(rng: Generator, shapes: Sequence[tuple[int, int]], kind: str) -> Factors:
    """Random matrices; square ones are well conditioned, by a multiple of the identity that outweighs their norm."""
    complex_, sparse_ = "complex" in kind, "sparse" in kind
    dense = [(waves if complex_ else drawn)(rng, m, n) + 3 * np.sqrt(m) * np.eye(m, n) * (m == n) for m, n in shapes]
    if sparse_:
        matrices = [
            sparse.csr_array(np.where(rng.random(m.shape) < 0.6, m, np.eye(*m.shape) * m)) if i % 2 == 0 else m for i, m in enumerate(dense)
        ]
    else:
        matrices = [m.astype(kind) for m in dense]
    exact = [m.astype(complex if complex_ else float) for m in matrices]
    return Factors(tuple(matrices), explicit(*exact), float(np.finfo(matrices[0].dtype).eps))


@pytest.fixture(params=itertools.product(SQUARE, KINDS), ids="-".join)
def square_factors(request: pytest.FixtureRequest, rng: Generator) -> Factors:
    """Two, three and four square factors of every kind."""
    return draw_factors(rng, [(n, n) for n in SQUARE[request.param[0]]], request.param[1])


@pytest.fixture(params=itertools.product(RECTANGULAR, KINDS), ids="-".join)
def rectangular_factors(request: pytest.FixtureRequest, rng: Generator) -> Factors:
    """Two, three and four factors, wide and tall, of every kind."""
    return draw_factors(rng, RECTANGULAR[request.param[0]], request.param[1])
