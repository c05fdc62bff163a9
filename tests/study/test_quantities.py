"""Studies of quantities, and what rounding and loose tolerances do to any study."""

import numpy as np
import pytest

import tensorfem as tfem
from tests.study.conftest import made


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

    @pytest.mark.parametrize("rtol", [1e-3, 1e-4, 1e-5, 1e-6])
    def test_the_tolerance_of_an_iteration_is_no_failure(self, rtol):
        problem, exact = made(degree=3)
        study = tfem.refinement_study(problem, 4, exact=exact, solver=tfem.CG(rtol=rtol))
        assert study.verdict == ("PASS" if rtol <= 1e-5 else "UNDECIDED"), study
        assert "the tolerance of an iteration" in study.reason

    def test_a_loose_tolerance_does_not_make_errors_exact(self):
        study = tfem.refinement_study(made(text="x**2*y - 3*y**2")[0], 3, exact="x**2*y - 3.002*y**2", solver=tfem.CG(rtol=1e-4))
        assert study.verdict != "PASS", study
