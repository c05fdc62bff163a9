"""Data: numbers, strings and callables as checked functions of coordinate arrays; products and sums."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.coefficient import Datum, own_coordinate_data

X, Y = np.array([[0.5], [1.0], [2.0]]), np.array([[-1.0, 4.0]])


def datum(given: Any) -> Datum:
    return Datum(given, ("x", "y"), "here")


@pytest.mark.parametrize("given", [3, 3.0, np.float32(3), np.int8(3), np.array(3), "3", lambda x, y: 3, lambda x, y: np.full((3, 2), 3)])
def test_constants(given: Any) -> None:
    values = datum(given)(X, Y)
    assert values.shape == (3, 2)
    assert values.dtype == np.float64
    assert np.all(values == 3)


@pytest.mark.parametrize("given", ["x*y + y", lambda x, y: x * y + y, tfem.Field])
def test_functions(given: Any) -> None:
    if given is tfem.Field:
        given = tfem.interpolate(tfem.box(x=(0, 2), y=(-1, 4), cells=3), "x*y + y")
    assert np.allclose(datum(given)(X, Y), X * Y + Y, rtol=0, atol=1e-14)


def test_samples_vary_only_as_the_function_does() -> None:
    """What is constant along an axis is not filled up: it is integrated by itself."""
    assert datum("x**2").sample(X, Y).shape == (3, 1)
    assert datum(lambda x, y: y).sample(X, Y).shape == (1, 2)
    assert datum(5).sample(X, Y).shape == ()
    assert datum("x**2")(X, Y).shape == (3, 2)


def test_numbers_are_known_as_such() -> None:
    assert datum(2).constant == 2.0
    assert datum("2").constant is None
    assert datum(lambda x, y: 2).constant is None


def test_functions_cannot_change_their_arguments() -> None:
    def scaled(x, y):
        x *= 2
        return x

    x = X.copy()
    with pytest.raises(ValueError, match=r"^here: the function raised ValueError: .*read-only; it is called with 2 arrays \(x, y\)"):
        datum(scaled)(x, Y)
    assert np.array_equal(x, X)
    assert x.flags.writeable


def test_the_first_place_that_is_not_finite_is_named() -> None:
    with pytest.raises(ValueError, match=r"^here: the value is inf at x = 1, y = -1; all must be finite"):
        datum(lambda x, y: np.where(x == 1, np.inf, 0))(X, Y)
    with pytest.raises(ValueError, match=r"^here: the value is nan at x = 0.5, y = 4; all must be finite"):
        datum(lambda x, y: np.where(y > 0, np.nan, 0))(X, Y)
    with pytest.raises(ValueError, match=r"^here: the value is nan at x = 2, y = 4; all must be finite"):
        datum("sqrt(7 - x*y)")(X, Y)


def test_the_cause_is_kept() -> None:
    with pytest.raises(ValueError, match=r"raised ZeroDivisionError: .* by zero; it is called with 2 arrays") as caught:
        datum(lambda x, y: 1 // 0)(X, Y)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interruption_is_no_mistake_of_the_function(error: type[BaseException]) -> None:
    def interrupted(x, y):
        raise error

    with pytest.raises(error):
        datum(interrupted)(X, Y)


@pytest.mark.parametrize("given", [None, True, np.True_, 1j, [1.0], np.ones(2), {"x": 1}, b"x"], ids=repr)
def test_what_is_no_datum(given: Any) -> None:
    with pytest.raises(ValueError, match=r"^here: got .* \(\w+\); allowed are a real number, a string in x, y, or a function of them"):
        datum(given)


@pytest.mark.parametrize("given", [np.nan, np.inf, -np.inf, np.float32("nan"), 10**400])
def test_what_is_no_finite_number(given: Any) -> None:
    with pytest.raises(ValueError, match=r"^here: got .*; allowed is a finite real number"):
        datum(given)


@pytest.mark.parametrize(
    ("given", "said"), [("x*z", 'unknown name "z" at column 3'), ("", "it is empty"), ("x +", "it ends too early"), ("1/0", "not a finite")]
)
def test_what_is_no_formula(given: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^here: formula .*{said}"):
        datum(given)


def test_functions_of_their_own_coordinates() -> None:
    first, second = own_coordinate_data(("x**2", lambda y: 3 * y), ("x", "y"), "there")
    assert np.array_equal(first(np.array([2.0])), [4.0])
    assert np.array_equal(second(np.array([2.0])), [6.0])
    with pytest.raises(ValueError, match=r'^there, axis y: formula "x": unknown name "x"'):
        own_coordinate_data((1.0, "x"), ("x", "y"), "there")


@pytest.mark.parametrize("kind", [tfem.Product, tfem.Sum])
def test_products_and_sums_take_one_function_per_axis(kind: Any) -> None:
    name = kind.__name__
    data = kind("x", lambda y: y).data(("x", "y"), "there")
    assert [d.names for d in data] == [("x",), ("y",)]
    with pytest.raises(ValueError, match=rf"^there: {name} got 1 function; give one per axis of this space \(x, y\)"):
        kind("x").data(("x", "y"), "there")
    with pytest.raises(ValueError, match=rf"^there: {name} got 3 functions; give one per axis of this space \(x, y\)"):
        kind(1, 2, 3).data(("x", "y"), "there")
    with pytest.raises(ValueError, match=r"^there, axis y: got None"):
        kind(1.0, None).data(("x", "y"), "there")
    assert repr(kind("x", 2.0)) == f"{name}('x', 2.0)"
