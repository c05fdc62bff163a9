"""Fast diagonalization keeps its digits on graded meshes, against the exact solution of the discrete equations."""

import decimal
import itertools

import numpy as np
import pytest

from benchmarks.graded_accuracy import DEGREES, ENDS, PLACES, RATIOS, Axis, element, lobatto, matrices, relative_error, solve_exactly
from tensorfem.axis import gauss_lobatto

REQUIRED = 1e-10
CHOICES = [Axis(*choice) for choice in itertools.product(RATIOS, PLACES, ENDS, DEGREES)]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("degree", DEGREES)
def test_a_plane_problem_is_solved_to_ten_digits(ratio, place, degree) -> None:
    """Each pair of ends on the first axis, beside a second axis that is another at each turn."""
    errors = {}
    for number, first in enumerate(CHOICES):
        if (first.ratio, first.place, first.degree) == (ratio, place, degree):
            second = CHOICES[(11 * number + 97) % len(CHOICES)]._replace(cells=7)
            errors[first, second] = relative_error(first._replace(cells=12), second)
    worst = max(errors, key=errors.get)
    assert errors[worst] < REQUIRED, worst


def test_a_problem_in_space_is_solved_to_ten_digits() -> None:
    axes = Axis(1e10, "right", "RN", 1, 9), Axis(1e8, "middle", "NR", 3, 5), Axis(1e4, "left", "ND", 2, 4)
    assert relative_error(*axes) < REQUIRED


def test_the_reference_has_the_textbook_s_matrices() -> None:
    """Element matrices of degree 1 and 2 on [0, 1], the nodes, and the equation that a solution keeps."""
    for degree, stiffness, mass in (
        (1, [[1, -1], [-1, 1]], np.array([[2, 1], [1, 2]]) / 6),
        (2, np.array([[7, -8, 1], [-8, 16, -8], [1, -8, 7]]) / 3, np.array([[4, 2, -1], [2, 16, 2], [-1, 2, 4]]) / 30),
    ):
        assert element(degree)[0].astype(float) == pytest.approx(np.array(stiffness), abs=1e-15)
        assert element(degree)[1].astype(float) == pytest.approx(mass, abs=1e-16)
    for degree in (3, 4, 5):
        assert np.array(lobatto(degree), dtype=float) == pytest.approx(gauss_lobatto(degree), abs=1e-15)
    axis = Axis(1e10, "middle", "RD", 3, 6)
    (stiffness, mass), (solution, mass_solution, load) = matrices(axis), solve_exactly(axis, 5)
    with decimal.localcontext(prec=60):
        assert max(np.abs(stiffness @ solution - load)) < decimal.Decimal("1e-45")
        assert max(np.abs(mass @ solution - mass_solution)) == 0
