"""The modes of one axis diagonalize the data's Gram matrix and the roughness at once, whatever is singular."""

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.regression import OneHot, Piecewise
from tensorfem.regression.differences import divided_differences
from tensorfem.regression.modes import axis_modes
from tensorfem.regression.spectrum import ModeSpectrum

EPS = float(np.finfo(float).eps)
RNG = np.random.default_rng(61_207)
SPLINES = Piecewise(tfem.BSpline(tfem.interval(0, 1, cells=9), 3))

PAIRS = {
    "tall": (SPLINES.matrix(np.sort(RNG.uniform(0, 1, 50))), SPLINES.root(2)),
    "fewer data than functions": (SPLINES.matrix(RNG.uniform(0, 1, 5)), SPLINES.root(2)),
    "unseen cells": (OneHot(6).matrix([0.0, 2.0, 2.0, 5.0]), OneHot(6).root(1)),
    "no roughness": (RNG.standard_normal((8, 5)), np.zeros((0, 5))),
    "ridge": (RNG.standard_normal((8, 5)), np.eye(5)),
    "roughness of few": (RNG.standard_normal((8, 5)), divided_differences(np.arange(5), 4)),
    "scales apart": (1e-6 * RNG.standard_normal((8, 5)), 1e7 * np.eye(5)[:3]),
}


@pytest.mark.parametrize("name", PAIRS)
def test_both_become_diagonal(name: str) -> None:
    B, R = (m.toarray() if hasattr(m, "toarray") else m for m in PAIRS[name])
    modes = axis_modes(*PAIRS[name])
    V = modes.vectors
    lengths = np.linalg.norm(V, axis=0)
    for matrix, diagonal in ((B.T @ B / len(B), modes.seen), (R.T @ R, modes.rough)):
        rounding = 100 * len(V) * EPS * np.linalg.norm(matrix) * np.multiply.outer(lengths, lengths)
        assert np.all(np.abs(V.T @ matrix @ V - np.diag(diagonal)) <= rounding)
    assert modes.design == pytest.approx(B @ V, abs=1e-12 * np.abs(B @ V).max())
    assert np.all(np.diff(modes.rough) >= 0)


@pytest.mark.parametrize("name", PAIRS)
def test_what_neither_sees_is_left_out_and_the_rest_is_counted(name: str) -> None:
    B, R = (m.toarray() if hasattr(m, "toarray") else m for m in PAIRS[name])
    modes = axis_modes(*PAIRS[name])
    rank = np.linalg.matrix_rank
    assert modes.rough.size == rank(np.vstack([B / np.abs(B).max(), R / max(np.abs(R).max(initial=0), 1e-300)]))
    assert np.count_nonzero(modes.seen) == rank(B)
    assert np.count_nonzero(modes.rough) == (rank(R) if len(R) else 0)


def test_small_roughness_keeps_its_digits() -> None:
    """Of a fine spline axis the smoothest rough modes have the eigenvalues of a free beam: (x_k / L)^4 with cosh x cos x = 1."""
    basis = Piecewise(tfem.BSpline(tfem.interval(0, 1, cells=120), 5))
    modes = axis_modes(basis.matrix(basis.basis.mesh.quadrature(6).points), basis.root(2))
    x = np.array([4.730040744862704, 7.853204624095838, 10.995607838001671])
    assert np.count_nonzero(modes.rough == 0) == 2
    assert (modes.rough / modes.seen)[2:5] == pytest.approx(x**4, rel=2e-3)


def test_smooth_modes_are_those_that_the_data_see() -> None:
    """Where both axes have fewer data than functions, modes that neither sees have no roughness either, and are not smooth for that."""
    few = [axis_modes(SPLINES.matrix(RNG.uniform(0, 1, n)), SPLINES.root(2)) for n in (6, 5)]
    spectrum = ModeSpectrum(few)
    assert np.count_nonzero(spectrum.smooth) == 4  # 1, x, y, xy
    assert np.count_nonzero(spectrum.seen) == 30
    assert np.all(spectrum.inverse((1.0, 1.0))[spectrum.seen + spectrum.rough[0] + spectrum.rough[1] == 0] == 0)


def test_functions_that_are_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="bases: the 3 functions of an axis are 0 at all its 5 points; give functions that are not"):
        axis_modes(np.zeros((5, 3)), np.zeros((0, 3)))
