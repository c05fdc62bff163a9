"""Refinement studies: orders come from sizes and not from levels, and axis by axis where one is refined alone."""

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.study.measure import OnGrid
from tests.study.conftest import SOLUTION, made, space


@pytest.fixture(scope="module")
def smooth():
    problem, exact = made()
    return tfem.refinement_study(problem, 4, exact=exact)


class TestLevels:
    def test_cells_are_halved(self, smooth):
        assert [level.cells for level in smooth.levels] == [(6, 5), (12, 10), (24, 20), (48, 40)]
        for level in smooth.levels:
            np.testing.assert_allclose(level.sizes, [1.5 / level.cells[0], 3.0 / level.cells[1]])
            assert level.size == pytest.approx(np.sqrt(np.prod(level.sizes)))
            assert level.unknowns == (2 * level.cells[0] - 1) * (2 * level.cells[1] - 1)
            assert level.seconds > 0

    def test_errors_are_those_of_the_fields(self, smooth):
        problem, exact = made((12, 10))
        u = problem.solve()
        found = {name: errors[1] for name, errors in smooth.errors.items()}
        assert found["l2"] == pytest.approx(u.l2_error(exact))
        assert found["h1"] == pytest.approx(u.h1_error(exact, exact.gradient))
        assert found["linf"] == pytest.approx(u.linf_error(exact))
        assert found["nodal"] == pytest.approx(np.abs(u.values - exact(*u.space.coordinates)).max())

    def test_orders(self, smooth):
        assert smooth.verdict == "PASS"
        assert smooth.expected == {"l2": 3, "h1": 2, "linf": 3, "nodal": 3}
        assert smooth.orders["nodal"] > 3.7  # Gauss-Lobatto nodes are superconvergent
        for name, orders in smooth.pairwise_orders.items():
            np.testing.assert_allclose(orders[1:], np.log2(smooth.errors[name][:-1] / smooth.errors[name][1:]))
            assert np.isnan(orders[0])
            assert smooth.orders[name] == orders[-1]


@pytest.mark.parametrize("axes", [("x",), "y"])
@pytest.mark.parametrize("degree", [1, (3, 2)])
def test_one_axis_alone(axes, degree):
    """The other axis' error, which is larger from the first level on, does not hide the order."""
    problem, exact = made((6, 5) if axes == ("x",) else (2, 9), degree)
    study = tfem.refinement_study(problem, 4, exact=exact, axes=axes)
    p = degree if isinstance(degree, int) else degree["xy".index(axes[0])]
    assert study.verdict == "PASS", study
    assert study.orders == pytest.approx({"l2": p + 1, "h1": p}, abs=0.1)
    assert len({level.cells["yx".index(axes[0])] for level in study.levels}) == 1
    assert np.log2(study.errors["l2"][-2] / study.errors["l2"][-1]) < p, "the error of the other axis should have been in the way"
    assert "refined too" in study.reason


@pytest.mark.parametrize("degree", [(3, 2), (1, 2)])
def test_the_lowest_degree_sets_the_order(degree):
    problem, exact = made(degree=degree)
    study = tfem.refinement_study(problem, 5, exact=exact)
    assert (study.expected["l2"], study.expected["h1"]) == (min(degree) + 1, min(degree))
    assert study.verdict == "PASS", study


def test_all_axes_by_name_is_the_same_as_all():
    problem, exact = made()
    by_name, by_default = (tfem.refinement_study(problem, 2, exact=exact, axes=axes) for axes in (("y", "x"), None))
    np.testing.assert_array_equal(by_name.errors["l2"], by_default.errors["l2"])


class TestRatios:
    """Levels 3:5:9:17, whose ratios 1.67, 1.8, 1.89 give wrong orders by log2."""

    @pytest.mark.parametrize("degree", [1, 2, 3])
    def test_on_a_line(self, degree):
        exact = tfem.manufactured("exp(3*x)", tfem.box(x=(0, 1), cells=3))[1]
        problems = [tfem.manufactured("exp(3*x)", tfem.box(x=(0, 1), cells=n, degree=degree))[0] for n in (3, 5, 9, 17)]
        study = tfem.refinement_study(problems, exact=exact)
        assert study.verdict == "PASS", study
        assert study.orders["l2"] == pytest.approx(degree + 1, abs=0.05)
        by_log2 = np.log2(study.errors["l2"][-2] / study.errors["l2"][-1])
        assert abs(by_log2 - (degree + 1)) > 0.15

    def test_in_one_axis_of_two(self):
        problems = [made((n, 40))[0] for n in (3, 5, 9, 17)]
        study = tfem.refinement_study(problems, exact=made()[1])
        assert study.verdict == "PASS", study
        assert study.orders == pytest.approx({"l2": 3, "h1": 2}, abs=0.1)

    @pytest.mark.parametrize("rows", [40, 150])
    def test_whether_the_error_left_is_of_that_axis_or_of_the_other(self, rows):
        study = tfem.refinement_study([made((n, rows))[0] for n in (3, 5, 9)], exact=made()[1])
        assert study.verdict == "PASS", study

    def test_beside_halved_cells(self):
        problems = [made(cells)[0] for cells in ((3, 4), (5, 8), (9, 16), (17, 32), (33, 64))]
        study = tfem.refinement_study(problems, exact=made()[1])
        assert study.verdict == "PASS", study
        assert "The axes are refined at different ratios" in study.reason

    def test_of_values(self):
        problems = [tfem.Poisson(tfem.box(x=(0, 1), cells=n), "exp(x)", boundary=0.0) for n in (3, 5, 9, 17)]
        study = tfem.refinement_study(problems, quantity=lambda u: u.integral())
        assert study.orders["quantity"] == pytest.approx(2, abs=0.01)
        assert study.extrapolated == pytest.approx((3 - np.e) / 2, abs=1e-5)


def test_a_field_as_exact_solution():
    problem, exact = made()
    reference = made((48, 40), 4)[0].solve()
    by_field, by_formula = (tfem.refinement_study(problem, 3, exact=solution) for solution in (reference, exact))
    for name in ("l2", "h1", "linf", "nodal"):
        np.testing.assert_allclose(by_field.errors[name], by_formula.errors[name], rtol=1e-3)


def test_a_field_on_a_grid_is_the_field():
    u = tfem.interpolate(space((4, 3), 3, basis="bspline"), SOLUTION)
    x, y = np.linspace(0.5, 2, 7)[:, None], np.linspace(-1, 2, 6)[None]
    np.testing.assert_allclose(OnGrid(u)(x, y), u(x, y), atol=1e-13)
    np.testing.assert_allclose(np.stack(OnGrid(u).gradient(x, y)), u.gradient(x, y), atol=1e-12)


def test_splines_and_graded_meshes():
    mesh = tfem.graded(0.5, 2, cells=6, size_ratio=20, toward="left")
    mixed = tfem.Space(tfem.Lagrange(mesh, 2), tfem.BSpline(tfem.interval(-1, 2, cells=5), 2))
    problem, exact = tfem.manufactured(SOLUTION, mixed)
    assert tfem.refinement_study(problem, 5, exact=exact).verdict == "PASS"
