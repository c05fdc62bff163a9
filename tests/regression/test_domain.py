"""The box of a fit: that of the data, or one that is given."""

import re
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.regression import OneHot, SeparableRegressor

RNG = np.random.default_rng(60_209)
TABLE = RNG.uniform(0.02, 0.97, (400, 2))
BOX = ((0, 1), (0, 1))


def function(x: Any, y: Any) -> Any:
    return np.exp(-x) * (1 + y**2)


def test_a_scattered_fit_is_a_source_on_its_natural_box() -> None:
    values = function(*TABLE.T)
    u = tfem.box(x=(0, 1), y=(0, 1), cells=(7, 5), degree=3)
    fit = SeparableRegressor(domain=BOX, smoothing=1e-9).fit(TABLE, values)
    assert [basis.bounds for basis in fit.bases_] == [(0.0, 1.0), (0.0, 1.0)]
    assert fit.predict([[0.0, 1.0]]) == pytest.approx([2.0], abs=1e-2)
    solved = tfem.Poisson(u, fit.to_field(), boundary=0.0).solve()
    direct = tfem.Poisson(u, function, boundary=0.0).solve()
    assert np.abs(solved.values - direct.values).max() < 1e-3 * np.abs(direct.values).max()
    with pytest.raises(ValueError, match=r"source: got a function on \[0\.0.* it must cover"):
        tfem.Poisson(u, SeparableRegressor(smoothing=1e-9).fit(TABLE, values).to_field(), boundary=0.0).solve()


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_it_is_the_fit_in_splines_of_that_box(dimension: int) -> None:
    axes = tuple(np.linspace(0.1, 0.8 + k, 14 - 3 * k) for k in range(dimension))
    values = RNG.standard_normal([x.size for x in axes])
    box = tuple((-1.0, 2.0 + k) for k in range(dimension))
    cells = tuple(5 - k for k in range(dimension))
    splines = tuple(tfem.BSpline(tfem.interval(*ends, cells=n), 3) for ends, n in zip(box, cells, strict=True))
    own = SeparableRegressor(splines, smoothing=1e-2).fit(axes, values)
    fit = SeparableRegressor(cells, domain=box, smoothing=1e-2).fit(axes, values)
    assert np.array_equal(fit.coefficients_, own.coefficients_)
    assert [b.bounds for b in fit.bases_] == list(box)


def test_some_axes_may_follow_the_data() -> None:
    x = np.arange(5.0)
    fit = SeparableRegressor((3, OneHot(5)), domain=((-1, 6), None), smoothing=1.0).fit((x, x), np.ones((5, 5)))
    assert [basis.bounds for basis in fit.bases_] == [(-1.0, 6.0), (-0.5, 4.5)]
    assert fit.predict([[6.0, 2.0]]) == pytest.approx([1.0], abs=1e-9)
    with pytest.raises(ValueError, match=r"points: 6\.5 lies outside the fitted axis, which goes from -1 to 6"):
        fit.predict([[6.5, 2.0]])
    assert fit.get_params()["domain"] == ((-1, 6), None)
    point = SeparableRegressor(1, domain=[(0, 2)], smoothing=1.0).fit((np.ones(1),), [3.0])
    assert point.predict([[0.5]]) == pytest.approx([3.0])


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "outside": ({"domain": ((0, 0.5), (0, 1))}, " points lie outside domain[0] along axis 0, which goes from 0 to 0.5; the first is 0."),
    "one pair": ({"domain": (0, 1)}, "domain[0]: got 0; allowed is a pair (lower, upper) of numbers, the lower one first"),
    "turned": ({"domain": ((0, 1), (1, 0))}, "domain[1]: got (1, 0); allowed is a pair (lower, upper)"),
    "not finite": ({"domain": ((0, 1), (0, np.inf))}, "domain[1]: got inf"),
    "axes": ({"domain": ((0, 1),)}, "domain: got ((0, 1),); the data have 2 axes, and allowed is one pair"),
    "a basis": (
        {"bases": (4, tfem.BSpline(tfem.interval(0, 1, cells=4), 3)), "domain": BOX},
        "domain: got (0.0, 1.0) beside bases[1], BSpline(",
    ),
    "a matrix": ({"bases": (np.eye(400), 4), "domain": BOX}, "domain: got (0.0, 1.0) beside bases[0], a matrix, which has an interval"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_one_clear_error(name: str) -> None:
    settings, message = REFUSED[name]
    with pytest.raises(ValueError, match=re.escape(message)):
        SeparableRegressor(smoothing=1.0, **settings).fit(TABLE, TABLE[:, 0])
