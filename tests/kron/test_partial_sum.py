"""Partial sums: one axis with a matrix of its own in every term."""

import numpy as np
import pytest

from tensorfem.axis import AxisMatrices, Lagrange, interval
from tensorfem.axis.matrices import mass, stiffness
from tensorfem.kron import PartialSum, Pencil
from tensorfem.solvers import Auto, Direct, FastDiagonalization


@pytest.fixture
def make_partial_sum(make_pencil):
    def make(axis: int = 0) -> PartialSum:
        own, *weights = [make_pencil(5).stiffness for _ in range(3)]
        return PartialSum(own, weights, [make_pencil(4), make_pencil(3)], axis)

    return make


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_solve_is_the_inverse_in_every_form(make_partial_sum, rng, axis) -> None:
    operator = make_partial_sum(axis)
    x = rng.standard_normal((2, *operator.input_shape))
    for given in (x, x[0], x[0].ravel(), x.reshape(2, -1).T, 1j * x):
        assert operator.solve(operator.matvec(given)) == pytest.approx(given, rel=1e-10)


def cylinder(cells: int) -> float:
    """The error of -Laplace in a hollow cylinder, 1 < r < 2, all of the circle, 0 < z < 1; u = (r - 1)(2 - r) cos(angle) sin(pi z)."""
    radius, angle, height = (
        Lagrange(mesh, degree=2)
        for mesh in (interval(1, 2, cells), interval(0, 2 * np.pi, 2 * cells, periodic=True), interval(0, 1, cells))
    )
    free = slice(1, -1)
    own, around, along = (m[free, free] for m in (stiffness(radius, lambda r: r), mass(radius, lambda r: 1 / r), mass(radius, lambda r: r)))
    pencils = [AxisMatrices(angle).restrict((False, False)), AxisMatrices(height).restrict((True, True))]
    operator = PartialSum(own, [around, along], pencils)
    r, phi, z = np.ix_(radius.nodes, angle.nodes, height.nodes[free])
    u = (r - 1) * (2 - r)
    source = (2 + (2 * r - 3) / r + u / r**2 + np.pi**2 * u) * np.cos(phi) * np.sin(np.pi * z)
    weighted = np.einsum("ij,jkl->ikl", mass(radius, lambda r: r)[free].toarray(), source)
    rhs = np.einsum("ij,kl,ajl->aik", pencils[0].mass.toarray(), pencils[1].mass.toarray(), weighted)
    return float(np.abs(operator.solve(rhs) - (u * np.cos(phi) * np.sin(np.pi * z))[free]).max())


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_transpose_is_that_of_all_matrices(rng, axis) -> None:
    own, *weights = rng.standard_normal((3, 5, 5))
    pencils = [Pencil(rng.standard_normal((n, n)), rng.standard_normal((n, n))) for n in (4, 3)]
    operator = PartialSum(own, weights, pencils, axis)
    np.testing.assert_allclose(operator.T.toarray(), operator.toarray().T, rtol=0, atol=1e-14 * operator.norm_bound())


def test_a_cylinder_is_solved_directly() -> None:
    """Against the exact solution; the interpolated load leaves the third order of quadratic elements at the nodes."""
    coarse, fine = (cylinder(cells) for cells in (6, 12))
    assert fine < 3e-4
    assert np.log2(coarse / fine) > 2.9


def test_solvers_know_it(make_partial_sum, rng) -> None:
    operator = make_partial_sum(1)
    rhs = rng.standard_normal(operator.output_shape)
    solver, why = Auto().choose(operator)
    assert solver == FastDiagonalization()
    assert "partial sum" in why
    expected = Direct().prepare(operator)(rhs).value
    record = FastDiagonalization().prepare(operator)(rhs)
    assert record.value == pytest.approx(expected, rel=1e-10)
    assert record.residual < 1e-12
    assert FastDiagonalization().memory(operator) > 4 * rhs.nbytes


def test_what_may_be_singular_is_refused(make_pencil, make_matrix) -> None:
    pencils = [make_pencil(4, null=True)]
    own, weight = make_pencil(5, null=True).stiffness, make_pencil(5).stiffness
    for operator in (
        PartialSum(own, [weight], pencils),
        PartialSum(-weight, [weight], pencils),
        PartialSum(weight, [-weight], pencils),
        PartialSum(make_matrix("non-symmetric", 5), [weight], pencils),
        PartialSum(weight * (1 + 0j), [weight], pencils),
    ):
        assert not operator.definite
        with pytest.raises(
            ValueError, match=r"partial_spectrum: PartialSum\(5 x 4 from 5 x 4\) is not known to be symmetric positive definite"
        ):
            operator.solve(np.ones((5, 4)))
    assert isinstance(Auto().choose(operator)[0], Direct)


def test_what_does_not_fit_together_is_refused(make_pencil) -> None:
    pencil = make_pencil(4)
    own = np.eye(5)
    with pytest.raises(ValueError, match=r"weights: got 2; allowed is one per pencil, of which there are 1"):
        PartialSum(own, [own, own], [pencil])
    with pytest.raises(ValueError, match=r"weights\[0\]: got shape \(4, 4\); allowed is a square matrix, \(5, 5\) as the first is"):
        PartialSum(own, [np.eye(4)], [pencil])
    with pytest.raises(ValueError, match=r"own: got shape \(5, 4\)"):
        PartialSum(own[:, :4], [own], [pencil])
    with pytest.raises(ValueError, match=r"axis: got 2; allowed is an integer from 0 to 1"):
        PartialSum(own, [own], [pencil], axis=2)
    with pytest.raises(ValueError, match=r"PartialSum: got no pencils; give one per axis beside"):
        PartialSum(own, [], [])
