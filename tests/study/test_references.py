"""Solutions from the literature (REFERENCE_CASES R17 to R20) with the verdict that each deserves."""

import pytest

import tensorfem as tfem

CELLS = 8


def square(degree, cells=CELLS):
    return tfem.box(x=(0, 1), y=(0, 1), cells=cells, degree=degree)


def wave_front(steepness, x, y, radius):
    """R17: Mitchell, "A collection of 2D elliptic problems for testing adaptive grid refinement algorithms", 2013."""
    return f"atan({steepness}*(sqrt((x - ({x}))**2 + (y - ({y}))**2) - {radius}))"


MILD, ASYMMETRIC = wave_front(20, -0.05, -0.05, 0.7), wave_front(50, 0.5, 0.5, 0.25)
PEAK = "exp(-1000*((x - 0.5)**2 + (y - 0.5)**2))"  # R18, ibidem


def study(solution, space, levels):
    problem, exact = tfem.manufactured(solution, space)
    return tfem.refinement_study(problem, levels=levels, exact=exact)


@pytest.mark.parametrize(("solution", "degree", "levels"), [(MILD, 1, 5), (MILD, 2, 5), (ASYMMETRIC, 1, 6), (PEAK, 1, 6), (PEAK, 2, 6)])
def test_steep_solutions_pass_once_they_are_resolved(solution, degree, levels):
    result = study(solution, square(degree), levels)
    assert result.verdict == "PASS", result
    assert result.orders["l2"] == pytest.approx(degree + 1, abs=0.05)
    assert result.orders["h1"] == pytest.approx(degree, abs=0.05)


@pytest.mark.parametrize(("solution", "degree", "levels"), [(MILD, 2, 3), (ASYMMETRIC, 1, 4), (PEAK, 1, 4), (PEAK, 2, 4)])
def test_on_coarse_meshes_they_are_undecided_and_levels_are_asked_for(solution, degree, levels):
    result = study(solution, square(degree), levels)
    assert result.verdict == "UNDECIDED", result
    assert "not asymptotic yet; add levels" in result.reason


def test_the_centre_of_a_wave_front_limits_higher_degrees():
    """At r = 0 the solution of R17 is a cone, and its source goes as 1/r."""
    result = study(ASYMMETRIC, square(2), 6)
    assert result.verdict == "UNDECIDED", result
    assert "the orders fall from level to level: a singularity" in result.reason


@pytest.mark.parametrize("degree", [1, 2])
def test_a_singular_boundary_value_is_named_as_the_limit(degree):
    """R19: u = x**0.6 has order 0.1 in H1 whatever the degree, and in L2 one that falls towards 0.6 with the load by Gauss points."""
    result = study("x**0.6", tfem.box(x=(0, 1), cells=CELLS, degree=degree), 6)
    assert result.verdict == "UNDECIDED", result
    assert "where the solution is singular (x**s at a boundary" in result.reason
    assert result.orders["h1"] == pytest.approx(0.1, abs=0.01)
    assert 0.6 < result.orders["l2"] < 1.1
    assert result.orders["linf"] == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("degree", "verdict", "order"), [(1, "PASS", 2), (3, "UNDECIDED", 4), (4, "UNDECIDED", 4)])
def test_corners_cap_the_order_of_the_compliance(degree, verdict, order, known):
    """R20, with R2 as the exact value: the order 2 p of a smooth solution stops at 4."""
    result = tfem.refinement_study(
        tfem.Poisson(square(degree, cells=4), source=1.0, boundary=0.0),
        levels=5,
        quantity=lambda u: u.integral(),
        exact=0.0351442537387884288971 if known else None,
        expected=2 * degree,
    )
    assert result.verdict == verdict, result
    assert result.orders["quantity"] == pytest.approx(order, abs=0.02)
    assert ("r**2 log r at corners" in result.reason) == (verdict == "UNDECIDED")
    assert result.extrapolated == pytest.approx(0.0351442537387884288971, abs=4e-8 if degree == 1 else 1e-11)
