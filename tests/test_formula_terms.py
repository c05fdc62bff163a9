"""Formulas are split into products of functions of one coordinate where they are sums of such, and then mean the same."""

import functools

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.expression import Expression
from tensorfem.formula_terms import separated

NAMES = ("x", "y", "z")
POINTS = [np.linspace(0.2, 1.3, 5), np.linspace(-0.7, 0.9, 4), np.linspace(1.0, 2.0, 3)]
SPLIT = {
    "3": 1,
    "pi*x": 1,
    "exp(-x)*sin(pi*y)*z": 1,
    "2*pi**2*sin(pi*x)*sin(pi*y)": 1,
    "-x*(y + 2*z) - 1": 3,
    "x - y - z": 3,
    "x - (y - z)": 3,
    "-(x*y)": 1,
    "+(x*y)": 1,
    "1/(1 + x)/(2 + y)": 1,
    "(x + y)/(z*x)": 2,
    "(x*y)**2": 1,
    "(x*y*z)**3/4": 1,
    "(x*y)**0": 1,
    "(x - y)**2 + z": 5,
    "exp(x**2 + 2*y - z*3 + 1)": 1,
    "exp(-50*((x - 0.5)**2 + (y - 1)**2 + z**2))": 1,
    "exp(x + y)/exp(z)*cos(x)": 1,
    "(x + y)*(1 + z)": 2,
    "where(x > 1/2, 1, 0)*max(y, 0)": 1,
}
WHOLE = [
    "sin(x*y)",
    "sqrt(x*y)",
    "exp(x*y)",
    "(x*y)**0.5",
    "x/(y + z)",
    "(x + y + z)**2",
    "(x + y)**5",
    "where(x > y, 1, 0)",
    "(x + y)**z",
    "(x+y)**-1",
    "(x + y)**0",
]


def grid(formula: Expression) -> np.ndarray:
    return np.broadcast_to(formula(*np.ix_(*POINTS)), [p.size for p in POINTS])


@pytest.mark.parametrize("text", SPLIT)
def test_the_products_add_up_to_the_formula(text: str) -> None:
    terms = separated(Expression(text, NAMES), POINTS)
    assert terms is not None
    assert len(terms) == SPLIT[text]
    whole = sum(functools.reduce(np.multiply.outer, [np.broadcast_to(f, p.shape) for f, p in zip(t, POINTS, strict=True)]) for t in terms)
    assert whole == pytest.approx(grid(Expression(text, NAMES)), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("text", WHOLE)
def test_what_is_no_short_sum_of_products_stays_whole(text: str) -> None:
    assert separated(Expression(text, NAMES), POINTS) is None


@pytest.mark.parametrize("text", [*SPLIT, *WHOLE])
def test_loads_are_those_of_the_function(text: str) -> None:
    """The same rule on the same points: sampled as a function or split, the integrals differ by rounding alone."""
    space = tfem.box(x=(0.2, 1.3), y=(0.1, 0.9), z=(1, 2), cells=(4, 3, 2), degree=2)
    formula = Expression(text, NAMES)
    sampled = space.load(lambda *x: formula(*x) + 0 * x[0] * x[1] * x[2])
    assert np.abs(space.load(text) - sampled).max() <= 1e-13 * np.abs(sampled).max()


def test_digits_that_the_products_would_lose_are_kept() -> None:
    """Far from 0 the products of (x - y)^2 are 1e12 times their sum: the function is sampled instead."""
    space = tfem.box(x=(1e6, 1e6 + 1), y=(1e6, 1e6 + 1), cells=4, degree=2)
    assert space.load("(x - y)**2").sum() == pytest.approx(1 / 6, rel=1e-9)


def test_factors_that_overflow_do_not_spoil_a_finite_product() -> None:
    """exp(800 + x) is no number, the exponential of the difference is."""
    space = tfem.box(x=(0, 1), y=(0, 1), cells=4, degree=2)
    assert space.load("exp((800 + x) - (800 + y))") == pytest.approx(space.load(lambda x, y: np.exp(x - y)), rel=1e-12)


def test_a_formula_that_is_not_finite_is_still_refused() -> None:
    with pytest.raises(ValueError, match=r"source: the value is .* at x = .*; all must be finite"):
        tfem.box(x=(-1, 1), y=(0, 1), cells=4).load("log(x)*y")
