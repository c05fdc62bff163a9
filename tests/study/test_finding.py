"""What orders say: one list of orders for each finding, and the same list with one change for another."""

import numpy as np
import pytest

from tensorfem.study.finding import Finding, Target, judge

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
