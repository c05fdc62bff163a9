"""Observed orders and the grid convergence index: the laws that made the numbers give them back, whatever the ratios of sizes."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tensorfem.study import grid_convergence
from tensorfem.study.observed import pairwise_orders, triplet_order

ORDERS = st.floats(0.1, 12.0)
RATIOS = st.floats(1.1, 4.0)


def test_nasa_example():
    """R13: NPARC alliance, "Examining Spatial (Grid) Convergence"; the digits are those of the definition in double precision."""
    found = grid_convergence([0.97050, 0.96854, 0.96178], sizes=[1, 2, 4])
    assert found.order == pytest.approx(1.786170, abs=5e-7)
    assert found.extrapolated == pytest.approx(0.9713003333, abs=5e-11)
    assert 100 * found.gci == pytest.approx(0.103083, abs=5e-7)
    assert found.kind == "monotone"
    assert found.asymptotic == pytest.approx(1, abs=0.005)
    assert str(found).startswith("monotone: order 1.786, extrapolated 0.9713003333, grid convergence index 0.00103")


def test_the_order_of_the_grids_does_not_matter_and_safety_is_a_factor():
    found, shuffled = grid_convergence([3.0, 2.2, 2.05], [4, 2, 1]), grid_convergence([2.2, 3.0, 2.05], [2, 4, 1], safety=2.5)
    assert (found.order, found.extrapolated, 2 * found.gci) == (shuffled.order, shuffled.extrapolated, shuffled.gci)


@given(order=ORDERS, coarse=RATIOS, fine=RATIOS, limit=st.floats(-5, 5), sign=st.sampled_from([1, -1]))
def test_values_made_by_a_power_law_give_order_and_limit(order, coarse, fine, limit, sign):
    h = np.array([coarse * fine, fine, 1.0])
    values = limit + sign * h**order
    assume(values[-1] != 0)  # an index relative to it would be infinite
    found = grid_convergence(values, h)
    assert found.kind == "monotone"
    assert found.order == pytest.approx(order, rel=1e-6)
    assert found.extrapolated == pytest.approx(limit, abs=1e-5 * h[0] ** order)
    assert found.gci * abs(values[-1]) == pytest.approx(1.25 * abs(values[-1] - limit), rel=1e-3, abs=1e-9)


@given(order=ORDERS, coarse=RATIOS, fine=RATIOS)
def test_alternating_values_give_order_and_limit(order, coarse, fine):
    h = np.array([coarse * fine, fine, 1.0])
    found = grid_convergence(7 + np.array([1, -1, 1]) * h**order, h)
    assert found.kind == "oscillatory"
    assert found.order == pytest.approx(order, rel=1e-6)
    assert found.extrapolated == pytest.approx(7, abs=1e-6 * h[0] ** order)


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1, 2, 4], "divergent"), ([1, -2, 4], "divergent"), ([1, 1, 2], "divergent"), ([1, 2, 2], "constant"), ([2, 2, 2], "constant")],
)
def test_values_without_an_order(values, kind):
    found = grid_convergence(values, [4, 2, 1])
    assert found.kind == kind
    assert found.gci == (0 if kind == "constant" else np.inf)
    assert found.extrapolated == 2 if kind == "constant" else np.isnan(found.extrapolated)


def test_more_than_three_grids_give_an_order_each():
    h = 1.0 / np.array([3, 5, 9, 17])
    np.testing.assert_allclose(grid_convergence(2 + h**3, h).orders, [3, 3], rtol=1e-9)


def test_pairs():
    h = 1.0 / np.array([3, 5, 9, 17])
    np.testing.assert_allclose(pairwise_orders(5 * h**2.5, h), 2.5, rtol=1e-12)
    np.testing.assert_array_equal(pairwise_orders([1.0, 0.0, 0.0], [4, 2, 1]), np.nan)


def test_an_order_near_zero_and_one_below():
    assert triplet_order(1.0, 2.0, 2.0) == pytest.approx(0, abs=1e-12)
    assert triplet_order(0.5, 2.0, 2.0) == pytest.approx(-1)
    assert np.isnan(triplet_order(np.inf, 2.0, 2.0))


@pytest.mark.parametrize(
    ("values", "sizes", "options", "message"),
    [
        ([1, 2, 3], [1, 2, 3, 4], {}, "sizes: got 4 sizes for 3 values"),
        ([1, 2, 3], [1, 2, 2], {}, "sizes: got .* all different"),
        ([1, 2, 3], [1, 2, 0], {}, "sizes: got .* positive"),
        ([1, 2], [1, 2], {}, "values: .* at least 3"),
        ([1, 2, np.nan], [1, 2, 3], {}, "values: entry 2 is nan"),
        ([1, 2, 3], [1, 2, 4], {"safety": 0.5}, "safety: got 0.5; allowed is a number >= 1"),
    ],
)
def test_bad_arguments(values, sizes, options, message):
    with pytest.raises(ValueError, match=message):
        grid_convergence(values, sizes, **options)
