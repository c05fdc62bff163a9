"""The degree of the splines that numbers of cells make."""

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.regression import SeparableRegressor

x, y = np.linspace(-1.0, 2.0, 23), np.linspace(0.0, 3.0, 17) ** 1.2


@pytest.mark.parametrize("degree", [1, 2, 3, 4, 5])
def test_polynomials_of_the_degree_and_none_above(degree):
    data = [(x / 2)[:, None] ** p * (1 - y / 4) ** degree for p in (degree, degree + 1)]
    fits = [SeparableRegressor((4, 3), degree=degree, smoothing=0.0).fit((x, y), values) for values in data]
    assert fits[0].coefficients_.shape == (4 + degree, 3 + degree)
    np.testing.assert_allclose(fits[0].predict((x, y)), data[0], rtol=0, atol=1e-10)
    assert np.abs(fits[1].predict((x, y)) - data[1]).max() > 1e-7


def test_a_degree_for_each_axis():
    values = np.sin(x)[:, None] * np.cos(y)
    fit = SeparableRegressor((6, 5), degree=(1, 4), smoothing=1e-3).fit((x, y), values)
    lines, quartics = tfem.BSpline(tfem.interval(-1, 2, cells=6), 1), tfem.BSpline(tfem.interval(0, y[-1], cells=5), 4)
    same = SeparableRegressor((lines, quartics), smoothing=1e-3).fit((x, y), values)
    np.testing.assert_allclose(fit.coefficients_, same.coefficients_, rtol=1e-9, atol=1e-12)
    assert SeparableRegressor(degree=2).fit((x, y), values).coefficients_.shape == (23 // 4 + 2, 17 // 4 + 2)
    assert repr(SeparableRegressor(4, degree=2)) == "SeparableRegressor(bases=4, degree=2)"


def test_scattered_points():
    points = np.random.default_rng(1718).random((120, 2))
    values = 1 + points @ [2.0, -3.0]
    fit = SeparableRegressor((3, 2), degree=(2, 1)).fit(points, values)
    assert fit.coefficients_.shape == (5, 3)
    np.testing.assert_allclose(fit.predict(points), values, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("degree", "message"),
    [
        (0, r"degree: got 0; allowed is an integer from 1 to 10"),
        (11, r"degree: got 11; allowed is an integer from 1 to 10"),
        (2.5, r"degree: got 2.5"),
        ((3, -1), r"degree\[1\]: got -1"),
        ((3, 3, 3), r"degree: got 3 values; the data have 2 axes"),
    ],
)
def test_degrees_that_are_none(degree, message):
    with pytest.raises(ValueError, match=message):
        SeparableRegressor(4, degree=degree).fit((x, y), np.ones((23, 17)))
