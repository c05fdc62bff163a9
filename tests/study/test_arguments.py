"""Every argument that a refinement study refuses, with what it says."""

import numpy as np
import pytest

import tensorfem as tfem
from tests.study.conftest import space

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
