"""Problems that are wrong on purpose FAIL: what a study is for. The right problem beside each of them passes."""

import dataclasses
from functools import cached_property

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.kron import KroneckerProduct, SeparableOperator

SOLUTION = "exp(x)*sin(pi*x)*sin(pi*y/2)"  # zero on the boundary of the box below
EXACT_SOURCE = "-(exp(x)*((1 - pi**2)*sin(pi*x) + 2*pi*cos(pi*x)) - exp(x)*sin(pi*x)*pi**2/4)*sin(pi*y/2) + 6*exp(x)*sin(pi*x)*sin(pi*y/2)"


def space(level=0, degree=2):
    return tfem.box(x=(0, 1), y=(0, 2), cells=(6 * 2**level, 5 * 2**level), degree=degree)


class Assembled(tfem.Poisson):
    """The operator put together from the pencils by hand; the classes below do it wrongly."""

    @staticmethod
    def terms(k_x, m_x, k_y, m_y, c):
        return [(k_x, m_y), (m_x, k_y), (c * m_x, m_y)]

    @cached_property
    def operator(self):
        right = super().operator
        (k_x, m_x), (k_y, m_y) = ((pencil.stiffness, pencil.mass) for pencil in right.pencils)
        terms = self.terms(k_x, m_x, k_y, m_y, right.shift)
        return SeparableOperator([KroneckerProduct(*term) for term in terms])


class SwappedInOneAxis(Assembled):
    @staticmethod
    def terms(k_x, m_x, k_y, m_y, c):
        return [(m_x, m_y), (k_x, k_y), (c * k_x, m_y)]


class SwappedInAll(Assembled):
    @staticmethod
    def terms(k_x, m_x, k_y, m_y, c):
        return [(m_x, k_y), (k_x, m_y), (c * k_x, k_y)]


class WrongSign(Assembled):
    @staticmethod
    def terms(k_x, m_x, k_y, m_y, c):
        return [(k_x, m_y), (-m_x, k_y), (c * m_x, m_y)]


class WrongReaction(Assembled):
    @staticmethod
    def terms(k_x, m_x, k_y, m_y, c):
        return [(k_x, m_y), (m_x, k_y), (-c * m_x, m_y)]


def study_of(kind, source=EXACT_SOURCE, **data):
    problems = [kind(space(level), source, **{"reaction": 6.0, "boundary": 0.0, **data}) for level in range(4)]
    return tfem.refinement_study(problems, exact=SOLUTION, solver=tfem.Direct())


def test_the_right_operator_passes():
    study = study_of(Assembled)
    assert study.verdict == "PASS", study


@pytest.mark.parametrize("kind", [SwappedInOneAxis, SwappedInAll, WrongSign, WrongReaction])
def test_a_wrong_operator_fails(kind):
    study = study_of(kind)
    assert study.verdict == "FAIL", study
    assert abs(study.orders["l2"]) < 0.25
    assert "the problem that was solved has another solution; check signs" in study.reason
    assert str(study).replace("\n  ", " ").endswith(f"FAIL: {study.reason}")


@pytest.mark.parametrize(
    "change",
    [
        {"reaction": 5.9},
        {"diffusion": (1.0, 1.01)},
        {"source": f"-({EXACT_SOURCE})"},
        {"boundary": {"x-": 0.01, "*": 0.0}, "on_conflict": "average"},
    ],
)
def test_wrong_data_fail_even_where_they_are_nearly_right(change):
    study = study_of(tfem.Poisson, **change)
    assert study.verdict == "FAIL", study


def test_a_wrong_sign_of_a_flux_fails():
    right, exact = tfem.manufactured("exp(x)*y", space(), boundary={"x+": "neumann", "*": "dirichlet"})
    assert tfem.refinement_study(right, 4, exact=exact).verdict == "PASS"
    flux = right.conditions["x+"].flux
    wrong = tfem.Poisson(space(), right.source, boundary={**right.conditions, "x+": tfem.Neumann(lambda x, y: -flux(x, y))})
    assert tfem.refinement_study(wrong, 4, exact=exact).verdict == "FAIL"


def test_a_gradient_that_is_not_that_of_the_solution_fails():
    problem, exact = tfem.manufactured("exp(x)*y", space())
    study = tfem.refinement_study(problem, 4, exact=lambda x, y: exact(x, y), exact_gradient=lambda x, y: exact.gradient(y, x)[::-1])
    assert study.verdict == "FAIL"
    assert study.reason.startswith("H1 0.00 (expected 2)")
    assert "the gradient given is not that of the exact solution" in study.reason


@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_wrong_coefficient_fails_also_where_one_axis_is_refined_alone(axis):
    wrong = tfem.Poisson(space(), EXACT_SOURCE, reaction=6.0, diffusion=(1.0, 1.1), boundary=0.0)
    study = tfem.refinement_study(wrong, 4, exact=SOLUTION, axes=axis)
    assert study.verdict == "FAIL", study
    assert "stays at" in study.reason
    assert "whichever axis is refined" in study.reason


def test_values_that_diverge_fail():
    problem = tfem.Poisson(space(), 1.0, boundary=0.0)
    study = tfem.refinement_study(problem, 4, quantity=lambda u: float(u.space.size))
    assert study.verdict == "FAIL"
    assert "the values do not converge" in study.reason
    assert np.isnan(study.extrapolated)


def test_without_exact_solution_a_wrong_equation_is_not_seen():
    """Not a wish, but what the documentation says: the values converge, to something else."""
    study = tfem.refinement_study(tfem.Poisson(space(), EXACT_SOURCE, boundary=0.0), 4, quantity=lambda u: u.integral())
    assert study.verdict == "PASS"


def test_dataclasses_stay_frozen():
    study = study_of(Assembled)
    with pytest.raises(dataclasses.FrozenInstanceError):
        study.verdict = "PASS"
