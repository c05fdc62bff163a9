"""What orders say: one list of orders for each finding, and the same list with one change for another."""

import numpy as np
import pytest

from tensorfem.study.finding import Finding, Fit, Target, judge, judge_fit
from tensorfem.study.observed import fitted_order

SMOOTH = Target(3, 3)
LOOSE = Target(3, np.inf, settles=False)


@pytest.mark.parametrize(
    ("orders", "target", "kind"),
    [
        ([2.7, 2.93, 2.98], SMOOTH, "met"),
        ([2.98], SMOOTH, "met"),
        ([2.9, 3.25], SMOOTH, "met"),
        ([3.9, 3.95], LOOSE, "met"),
        ([3.9, 3.95], SMOOTH, "above"),
        ([1.2, 4.1, 3.02], SMOOTH, "changing"),
        ([1.2, 4.1, 3.02], LOOSE, "met"),
        ([1.15, 1.12, 1.1], SMOOTH, "low"),
        ([0.96, 0.9, 0.82, 0.75], SMOOTH, "low"),
        ([2.64, 2.79], SMOOTH, "rising"),
        ([1.0, 1.5, 2.2], SMOOTH, "rising"),
        ([4.4, 3.2, 2.7, 1.8], SMOOTH, "falling"),
        ([3.2, 2.4, 3.3, 2.6], SMOOTH, "changing"),
        ([2.0, 0.5, 0.02], SMOOTH, "stuck"),
        ([0.1, -1.0], SMOOTH, "stuck"),
        ([0.1, np.nan], SMOOTH, "stuck"),
        ([2.5], SMOOTH, "single"),
        ([0.1], SMOOTH, "single"),
        ([3.9], SMOOTH, "above"),
    ],
)
def test_kinds(orders, target, kind):
    finding = judge(np.array(orders), np.zeros(len(orders) + 1, bool), target)
    assert (finding.kind, finding.rounding) == (kind, False)
    np.testing.assert_equal(finding.order, orders[-1])


def test_pairs_that_rounding_may_have_spoiled_are_left_out():
    orders = np.array([2.98, 2.99, 1.7, -0.5])
    assert judge(orders, np.array([False, False, False, True, True]), SMOOTH) == Finding("met", 2.99, used=2, rounding=True)
    assert judge(orders, np.zeros(5, bool), SMOOTH).kind == "stuck"


def test_small_errors_at_the_expected_order_are_no_rounding():
    finding = judge(np.array([2.98, 2.99]), np.array([False, True, True]), SMOOTH)
    assert (finding.kind, finding.order, finding.rounding) == ("met", 2.99, False)


def test_without_a_usable_pair():
    assert judge(np.array([0.1, -1.0]), np.array([False, True, True]), SMOOTH).kind == "rounding"


@pytest.mark.parametrize("orders", [[0.1, -1.0], [3.0, 3.0], [np.nan, np.nan]])
def test_rounding_alone_has_no_order_whatever_it_looks_like(orders):
    finding = judge(np.array(orders), np.array([True, True, True]), SMOOTH)
    assert finding.kind == "exact"
    assert np.isnan(finding.order)


def test_errors_that_come_from_rounding_and_grow_are_stuck():
    assert judge(np.array([-9.0, 0.0]), np.array([True, False, False]), SMOOTH).kind == "stuck"


def test_oscillation():
    assert judge(np.array([3.0, 3.0]), np.zeros(3, bool), LOOSE, np.array([False, True])).kind == "oscillating"
    assert judge(np.array([3.0, 3.0]), np.zeros(3, bool), LOOSE, np.array([True, False])).kind == "met"


class TestFit:
    """What the orders of all levels say, where data jump inside cells."""

    def kind(self, order, orders, target=SMOOTH, before="met", falls=True):
        finding = judge_fit(Finding(before, 9.0, used=len(orders), rounding=False), Fit(order, np.array(orders)), target, falls=falls)
        return finding.kind

    @pytest.mark.parametrize(
        ("order", "orders", "target", "kind"),
        [
            (2.9, [2.8, 3.0, 3.05], SMOOTH, "met"),
            (3.0, [2.0, 4.0, 2.0, 3.0], SMOOTH, "limited"),  # the spread
            (2.8, [2.7, 2.9, 2.75], SMOOTH, "limited"),  # the fit
            (3.0, [2.7, np.nan, 3.0], SMOOTH, "limited"),
            (np.nan, [3.0, 3.0], SMOOTH, "limited"),
            (3.6, [3.5, 3.7], SMOOTH, "above"),
            (3.6, [3.5, 3.7], LOOSE, "met"),
            (3.0, [3.0], SMOOTH, "single"),
            (0.9, [2.4, 0.1, -0.2], SMOOTH, "stuck"),
            (0.4, [0.1, 1.9, -0.9], SMOOTH, "limited"),
            (-0.1, [0.9, -1.3, 0.1], SMOOTH, "limited"),
        ],
    )
    def test_kinds(self, order, orders, target, kind):
        assert self.kind(order, orders, target) == kind

    def test_norms_that_a_wrong_problem_does_not_show_in_are_not_stuck(self):
        assert self.kind(0.0, [0.1, 0.1], falls=False) == "limited"

    @pytest.mark.parametrize("before", ["exact", "rounding"])
    def test_without_usable_orders_nothing_changes(self, before):
        assert self.kind(np.nan, [], before=before) == before

    def test_the_order_is_that_of_the_fit(self):
        assert judge_fit(Finding("met", 2.0, used=2, rounding=True), Fit(1.5, np.array([1.0, 2.0])), Target(2, 2), falls=True) == Finding(
            "limited", 1.5, used=2, rounding=True
        )

    def test_least_squares(self):
        sizes = np.array([0.5, 0.3, 0.1, 0.02])
        assert fitted_order(7 * sizes**2.5, sizes) == pytest.approx(2.5)
        errors = 3 * sizes * np.array([1.0, 1.5, 0.7, 1.2])
        assert fitted_order(errors, sizes) == pytest.approx(np.polyfit(np.log(sizes), np.log(errors), 1)[0])
        assert np.isnan(fitted_order([1.0, 0.0], [1.0, 0.5]))
        assert np.isnan(fitted_order([1.0], [1.0]))
