"""Load vectors in threads: whose function may be called there, and that the answer is the same."""

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import erf

import tensorfem as tfem
from tensorfem.coefficient import stateless
from tensorfem.kron import kernels
from tensorfem.kron.threads import inside
from tensorfem.load_vector import axis_loads, load

SPACES = {
    "lagrange": tfem.Space(tfem.Lagrange(tfem.graded(0, 2, 7, 4), 2), tfem.Lagrange(tfem.interval(0, 1, 4), 3)),
    "splines": tfem.Space(tfem.BSpline(tfem.interval(0, 2, 9), 3), tfem.BSpline(tfem.graded(0, 1, 3, 2), 2)),
    "periodic": tfem.Space(tfem.Lagrange(tfem.interval(0, 2, 6, periodic=True), 2), tfem.BSpline(tfem.interval(0, 1, 5, periodic=True), 3)),
    "short": tfem.Space(tfem.Lagrange(tfem.interval(0, 2, 1), 1), tfem.Lagrange(tfem.interval(0, 1, 2), 1)),
}
FIXED, WRITABLE, STEEPNESS, calls = np.array([1.0, 2.0]), np.array([1.0, 2.0]), 3.0, []
FIXED.setflags(write=False)


class Counting(np.ndarray):
    """What is done with it may change something elsewhere, also where its own numbers are fixed."""

    def __array_ufunc__(self, *_: Any, **__: Any) -> Any:
        calls.append(1)
        return 0.0


COUNTING = FIXED.view(Counting)


@pytest.fixture(autouse=True)
def kernels_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 1)
    monkeypatch.setenv("TENSORFEM_NUM_THREADS", "3")
    monkeypatch.setattr("tensorfem.load_vector.COMPILED_SLAB", 16)


def front(x, y):
    return np.tanh(STEEPNESS * (x - y))


def in_one_thread(function: Callable[..., Any]) -> tuple[Callable[..., Any], list[Any]]:
    """A function that keeps the threads that call it: it is not threadable."""
    seen: list[Any] = []

    def watched(*x: Any) -> Any:
        seen.append((threading.current_thread(), x[0].size))
        return function(*x)

    return watched, seen


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("method", ["quadrature", "interpolate"])
def test_threads_give_what_one_gives(name: str, method: str) -> None:
    space = SPACES[name]
    watched, seen = in_one_thread(front)
    alone = space.load(watched, method=method)
    assert {thread for thread, _ in seen} == {threading.current_thread()}
    assert stateless(front)
    assert np.allclose(space.load(front, method=method), alone, rtol=0, atol=1e-14 * np.abs(alone).max())
    assert np.allclose(space.load("tanh(3*(x - y))", method=method), alone, rtol=0, atol=1e-14 * np.abs(alone).max())


def test_as_many_threads_sample_as_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = axis_loads(SPACES["splines"].bases, [slice(None)] * 2, None, "quadrature")
    datum, seen = tfem.coefficient.Datum(front, ("x", "y"), "source"), set()
    expected = load(axes, datum)
    sample = tfem.coefficient.Datum.sample
    monkeypatch.setattr(tfem.coefficient.Datum, "sample", lambda self, *x: seen.add(threading.current_thread()) or sample(self, *x))
    assert np.allclose(load(axes, datum, threads=1), expected, rtol=0, atol=1e-14 * np.abs(expected).max())
    assert seen == {threading.current_thread()}


def test_a_function_with_a_memory_sees_every_point_once() -> None:
    """In threads, samples that two of them need are taken twice."""
    watched, seen = in_one_thread(front)
    SPACES["splines"].load(watched)
    assert sum(size for _, size in seen) == 9 * 4


def test_expressions_are_called_in_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    sample = tfem.coefficient.Datum.sample
    meeting = threading.Barrier(2, timeout=20)  # each of two waits for the other at its first call: in turn they would never meet

    def watched(self, *x):
        if inside() and threading.current_thread() not in seen and len(seen) < 2:
            seen.add(threading.current_thread())
            meeting.wait()
        return sample(self, *x)

    monkeypatch.setattr(tfem.coefficient.Datum, "sample", watched)
    SPACES["splines"].load(front)
    assert len(seen) == 2


def polynomial(x, y):
    return (1 - x) ** 3 * y**2 + x * y


@pytest.mark.parametrize(("name", "error"), [("lagrange", 0.0), ("splines", 0.0)])
def test_polynomials_are_loaded_exactly(name: str, error: float) -> None:
    """Of total degree 2 p + 1 at most along each axis: against the exact integral of the product with a function of the space."""
    space = SPACES[name]
    v = tfem.interpolate(space, "x**2 + y")  # itself in the space
    # int (1-x)^3 y^2 (x^2 + y) + x y (x^2 + y) over (0, 2) x (0, 1), in thirds and quarters
    x3, x5 = 0.0, sum(c * 2 ** (k + 1) / (k + 1) for k, c in ((2, 1), (3, -3), (4, 3), (5, -1)))
    expected = x5 / 3 + x3 / 4 + (2**4 / 4) / 2 + (2**2 / 2) / 3
    assert np.isclose(float((space.load(polynomial) * v.coefficients).sum()), expected, rtol=1e-13, atol=error)


def test_the_first_places_error_is_raised() -> None:
    with pytest.raises(ValueError, match=r"^source: the value is nan at x = 0\.7\d*, y = 0\.0\d*; all must be finite"):
        SPACES["lagrange"].load(lambda x, y: np.where(x > 0.7, np.nan, 1.0 + y))
    with pytest.raises(ValueError, match=r"^source: the function raised TypeError: "):
        SPACES["lagrange"].load(lambda x, y: math.exp(x) + y)


def counter():
    count = 0

    def function(x):
        nonlocal count
        count += 1
        return x

    return function


def parabola(steepness):
    return lambda x, y: steepness * x**2 + y


def early():
    def function(x):
        return x * later

    seen = stateless(function)
    later = 1.0
    return seen, later


def assigning(x):
    global STEEPNESS
    STEEPNESS = 4.0
    return x


def generating(x):
    yield x


def folded(x, times=3):
    return unfolded(x, times) if times else x


def unfolded(x, times):
    return np.abs(x - 0.5**times) + folded(x, times - 1)


HARMLESS = [
    folded,
    front,
    lambda x, y, z: np.exp(x * y) * z,
    lambda x, y: math.pi * front(x, y) + abs(x),
    lambda x: erf(x) + FIXED[0],
    lambda x, y=2.0: np.where(x > y, 1.0, 0.0),
    lambda x: np.clip(x, 0, 1).astype(float) if x.ndim else x,
    parabola(2.0),
    parabola(np.float32(2)),
]
SUSPECT = [
    lambda x: calls.append(1) or x,
    counter(),
    assigning,
    lambda x: x * WRITABLE[0],
    lambda x: np.add(x, 1, out=WRITABLE),
    lambda x: np.add.at(WRITABLE, 0, 1),
    lambda x: x + np.random.default_rng(3).random(),
    lambda x: sum(np.sin(k * x) for k in range(3)),
    lambda x: np.frompyfunc(counter(), 1, 1)(x),
    lambda x, memory={}: memory.setdefault(1, x),
    lambda x, *, memory=WRITABLE: x + memory[0],
    lambda x: x * COUNTING,
    lambda x: parabola(2.0)(x, x),
    lambda x: SPACES["short"].shape[0] * x,
    lambda x: vars(calls) or x,
    generating,
    np.exp,
    tfem.Field,
    "x",
]


@pytest.mark.parametrize("function", HARMLESS)
def test_expressions_in_numpy_are_known(function: Any) -> None:
    assert stateless(function)


@pytest.mark.parametrize("function", SUSPECT)
def test_what_may_remember_something_is_not_trusted(function: Any) -> None:
    assert not stateless(function)


def test_made_of_python_functions() -> None:
    counting = np.frompyfunc(counter(), 1, 1)
    assert not stateless(lambda x: counting(x))
    assert early() == (False, 1.0)
