"""Refinement studies: orders from sizes and not from levels, axes one by one, quantities, rounding, and every argument that is refused."""

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.study.measure import OnGrid

BOX = {"x": (0.5, 2.0), "y": (-1.0, 2.0)}
SOLUTION = "exp(x)*sin(2*y) + x*y**2"


def space(cells=(6, 5), degree=2, **options):
    return tfem.box(**BOX, cells=cells, degree=degree, **options)


def made(cells=(6, 5), degree=2, text=SOLUTION, **options):
    return tfem.manufactured(text, space(cells, degree, **options))


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


class TestQuantities:
    PROBLEM = made()[0]

    def test_without_a_name(self):
        study = tfem.refinement_study(self.PROBLEM, 4, quantity=lambda u: u.integral())
        assert study.verdict == "PASS"
        assert 3.5 < study.orders["quantity"] < 4.1  # 4 but for the corner terms of the dual problem
        assert 0 < study.gci < 1e-5
        finest = study.values["quantity"][-1]
        assert abs(study.extrapolated - finest) == pytest.approx(study.gci * abs(finest) / 1.25, rel=1e-6)

    def test_with_names(self):
        quantities = {"integral": lambda u: u.integral(), "slope": lambda u: u.gradient(2.0, 0.5)[0]}
        study = tfem.refinement_study(self.PROBLEM, 5, quantity=quantities)
        assert study.verdict == "UNDECIDED"
        assert "slope 2.16 (expected 3): the order of derivatives, such as fluxes" in study.reason
        assert "pass expected=2 if this is one" in study.reason
        assert study.extrapolated.keys() == study.gci.keys() == quantities.keys()
        assert tfem.refinement_study(self.PROBLEM, 5, quantity=quantities, expected={"slope": 2}).verdict == "PASS"

    def test_beside_an_exact_solution(self):
        problem, exact = made()
        study = tfem.refinement_study(problem, 4, exact=exact, quantity=lambda u: u.mean())
        assert {"l2", "h1", "quantity"} <= study.orders.keys()
        assert study.verdict == "PASS"

    def test_with_an_exact_value_two_levels_do(self):
        problem = tfem.Poisson(tfem.box(x=(0, 1), cells=4), "exp(x)", boundary=0.0)
        study = tfem.refinement_study(problem, 2, quantity={"u": lambda u: u.integral()}, exact={"u": (3 - np.e) / 2})
        assert (study.verdict, study.extrapolated, study.gci) == ("PASS", None, None)
        assert study.orders["u"] == pytest.approx(2, abs=0.05)
        assert study.errors["u"][0] == pytest.approx(abs(study.values["u"][0] - (3 - np.e) / 2))

    def test_of_one_axis(self):
        study = tfem.refinement_study(self.PROBLEM, 4, quantity=lambda u: u.integral(), axes="x")
        assert study.orders["quantity"] == pytest.approx(4, abs=0.1)

    def test_zero_by_symmetry_is_exact_and_no_failure(self):
        problem = tfem.Poisson(tfem.box(x=(-1, 1), cells=6, degree=2), "x", boundary="x")
        study = tfem.refinement_study(problem, 4, quantity=lambda u: u.integral())
        assert study.verdict == "PASS"
        assert "Exact to rounding from the first level on: quantity" in study.reason
        assert abs(study.extrapolated) < 1e-13


class TestRounding:
    def test_the_floor_is_seen_and_left_out(self):
        problem, exact = tfem.manufactured("exp(x)*sin(2*x)", tfem.box(x=(0, 3), cells=6, degree=4))
        study = tfem.refinement_study(problem, 9, exact=exact)
        assert study.pairwise_orders["l2"][-1] < 2, "rounding should have been reached"
        assert study.verdict == "PASS", study
        assert study.orders["l2"] == pytest.approx(5, abs=0.1)
        assert "Rounding (or the tolerance of an iteration) reached, and later orders left out: L2" in study.reason

    @pytest.mark.parametrize("degree", [2, 3])
    def test_of_a_quantity_leaves_limit_and_index_alone(self, degree):
        problem = tfem.Poisson(tfem.box(x=(0, 1), cells=2, degree=degree), "exp(x)", boundary=0.0)
        study = tfem.refinement_study(problem, 9, quantity=lambda u: u.integral())
        assert study.verdict == "PASS", study
        assert study.columns[0].finding.rounding
        assert study.extrapolated == pytest.approx((3 - np.e) / 2, rel=1e-11)
        assert study.gci < 1e-6

    def test_too_early(self):
        problem, exact = tfem.manufactured("exp(3*x)", tfem.box(x=(0, 1), cells=4, degree=12))
        study = tfem.refinement_study(problem, 3, exact=exact)
        assert study.verdict != "FAIL", study

    def test_a_solution_in_the_space_is_exact(self):
        problem, exact = made(text="x**2*y - 3*y**2")
        study = tfem.refinement_study(problem, 4, exact=exact)
        assert study.verdict == "PASS"
        assert study.reason == "Exact to rounding from the first level on: L2, H1, Linf, nodal"
        assert np.isnan(study.orders["l2"])

    @pytest.mark.parametrize("rtol", [1e-4, 1e-6, 1e-8])
    def test_the_tolerance_of_an_iteration_is_no_failure(self, rtol):
        problem, exact = made(degree=3)
        study = tfem.refinement_study(problem, 4, exact=exact, solver=tfem.CG(rtol=rtol))
        assert study.verdict == ("PASS" if rtol == 1e-8 else "UNDECIDED"), study
        assert "the tolerance of an iteration" in study.reason

    def test_a_loose_tolerance_does_not_make_errors_exact(self):
        study = tfem.refinement_study(made(text="x**2*y - 3*y**2")[0], 3, exact="x**2*y - 3.002*y**2", solver=tfem.CG(rtol=1e-4))
        assert study.verdict != "PASS", study


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


NODAL = tfem.Poisson(space((2, 2), 1), np.zeros((3, 3)), boundary=0.0)
FINE, COARSE = (tfem.Poisson(space(cells), 1.0, boundary=0.0) for cells in ((8, 6), (4, 3)))


@pytest.mark.parametrize(
    ("problem", "arguments", "message"),
    [
        (COARSE, {}, "exact: a study needs an exact solution, or a quantity"),
        (COARSE, {"exact_gradient": (0, 0), "quantity": len}, "exact_gradient: there is no exact solution"),
        (COARSE, {"exact": 0.0, "levels": 1}, "levels: got 1; allowed is an integer >= 2"),
        (COARSE, {"levels": 2, "quantity": len}, "levels: got 2; a quantity without exact value, or an axis .* takes 3 levels"),
        (COARSE, {"levels": 2, "exact": 0.0, "axes": "x"}, "levels: got 2; .* takes 3 levels"),
        (COARSE, {"exact": 0.0, "axes": ("x", "z")}, r"axes: got \('x', 'z'\); allowed are some of x, y"),
        (COARSE, {"exact": 0.0, "axes": ()}, r"axes: got \(\); allowed"),
        (COARSE, {"quantity": 3.0}, "quantity: got 'quantity': 3.0; allowed is a function of a Field"),
        (COARSE, {"quantity": {"l2": len}}, "quantity: got 'l2': .*other than l2, h1, linf, nodal"),
        (COARSE, {"quantity": {"a": len}, "exact": {"b": 1.0}}, r"exact: got \{'b': 1.0\}; .* quantities \(a\)"),
        (COARSE, {"quantity": {"a": len, "b": len}, "exact": 1.0}, r"exact: got 1.0; allowed is a mapping from quantities \(a, b\)"),
        (COARSE, {"quantity": lambda u: u.values}, 'quantity "quantity": (?s:returned array.*) allowed is one finite real number'),
        (COARSE, {"quantity": lambda u: np.nan}, 'quantity "quantity": returned nan'),
        (
            COARSE,
            {"exact": 0.0, "expected": {"h2": 1}},
            "expected: got .*; allowed is the order of a quantity, or a mapping from l2, linf, nodal",
        ),
        (COARSE, {"exact": 0.0, "expected": 2.0}, "expected: got 2.0"),
        (COARSE, {"exact": 0.0, "expected": {"l2": "3"}}, "expected, \"l2\": got '3'"),
        (NODAL, {"exact": 0.0}, "source: an array of nodal values cannot be refined"),
        ([NODAL, NODAL], {"exact": 0.0}, "source: an array of nodal values"),
        (3, {"exact": 0.0}, "problem: got 3; allowed is a problem"),
        ([COARSE], {"exact": 0.0}, "problem: got a list of 1; this study needs at least 2"),
        ([COARSE, FINE], {"exact": 0.0, "axes": "x"}, "axes: which axes a list of problems refines is seen from it"),
        ([FINE, COARSE], {"exact": 0.0}, r"problem: got cells \(8, 6\), \(4, 3\); from one problem to the next"),
        ([COARSE, COARSE], {"exact": 0.0}, "problem: got cells"),
        ([COARSE, tfem.Poisson(space((8, 6), 3), 1.0, boundary=0.0)], {"exact": 0.0}, "the same bases and degrees"),
    ],
)
def test_bad_arguments(problem, arguments, message):
    with pytest.raises(ValueError, match=message):
        tfem.refinement_study(problem, **arguments)


def test_refining_an_axis_that_is_not_there():
    with pytest.raises(ValueError, match=r"axes: got \('z',\); the axes of this space are x, y"):
        COARSE.refined(("z",))
