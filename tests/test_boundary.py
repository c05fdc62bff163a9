"""Conditions: what each holds, and how they are spread over the faces of a space."""

import math
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.boundary import conditions_by_face

FACES = ("x-", "x+", "y-", "y+")


def test_every_face_gets_its_condition() -> None:
    wall, inlet, rest = tfem.Robin(1.0), tfem.Neumann("y"), tfem.Dirichlet(0)
    found = conditions_by_face({("x-", "y+"): wall, "x+": inlet, "*": rest}, FACES)
    assert found == {"x-": wall, "x+": inlet, "y-": rest, "y+": wall}
    assert list(found) == list(FACES)


@pytest.mark.parametrize("value", [1.5, "x*y", lambda x, y: x, np.float64(2), np.array(2.0), tfem.Product])
def test_a_datum_is_a_dirichlet_value(value: Any) -> None:
    """Alone, for a face, and as the condition of the rest."""
    for boundary in (value, {"*": value}, {FACES: value}, {"x-": value, "*": value}):
        for condition in conditions_by_face(boundary, FACES).values():
            assert isinstance(condition, tfem.Dirichlet)
            assert condition.value is value


@pytest.mark.parametrize("condition", [tfem.Dirichlet(1.0), tfem.Neumann(2.0), tfem.Robin(3.0)])
def test_one_condition_serves_all_faces(condition: Any) -> None:
    assert conditions_by_face(condition, FACES) == dict.fromkeys(FACES, condition)


def test_a_rest_that_covers_nothing_is_allowed() -> None:
    """A problem in one to three dimensions can be written once; where there are no faces nothing need be said."""
    assert set(conditions_by_face({**dict.fromkeys(FACES, 0.0), "*": 1.0}, FACES)) == set(FACES)
    assert conditions_by_face({"*": 1.0}, ()) == conditions_by_face(None, ()) == {}


def test_robin_by_flux_and_by_ambient_value() -> None:
    assert (tfem.Robin(4.0).datum, tfem.Robin(4.0).factor) == (0.0, 1.0)
    assert (tfem.Robin(4.0, "x").datum, tfem.Robin(4.0, "x").factor) == ("x", 1.0)
    assert (tfem.Robin(4.0, ambient="x").datum, tfem.Robin(4.0, ambient="x").factor) == ("x", 4.0)


@pytest.mark.parametrize("coefficient", [-1, -1e-300, math.nan, math.inf, 1j, None, True, [1.0], 10**400])
def test_robin_coefficients_are_finite_and_not_negative(coefficient: Any) -> None:
    with pytest.raises(ValueError, match=r"^Robin: got coefficient .*; allowed is a finite number >= 0"):
        tfem.Robin(coefficient)


@pytest.mark.parametrize("coefficient", ["x", lambda x, y: 1 + x], ids=["string", "function"])
def test_robin_coefficients_are_constant_for_now(coefficient: Any) -> None:
    with pytest.raises(
        ValueError, match=r"^Robin: the coefficient .* varies over its face, which is not supported yet; allowed is a number"
    ):
        tfem.Robin(coefficient)


def test_robin_has_one_right_hand_side() -> None:
    with pytest.raises(ValueError, match=r"^Robin: got both flux and ambient; give one of them \(flux = coefficient \* ambient\)"):
        tfem.Robin(1.0, flux=0.0, ambient=0.0)


@pytest.mark.parametrize("kind", [tfem.Dirichlet, tfem.Neumann, tfem.Robin])
def test_conditions_are_frozen(kind: Any) -> None:
    condition = kind(1.0)
    with pytest.raises(AttributeError):
        condition.value = 2.0


@pytest.mark.parametrize(
    ("boundary", "said"),
    [
        ({"top": 0}, r'^boundary: unknown face "top"; the faces of this space are "x-", "x\+", "y-", "y\+"'),
        ({("x-", "top"): 0}, 'unknown face "top"'),
        ({"x": 0}, 'unknown face "x"'),
        ({"X-": 0}, 'unknown face "X-"'),
        ({(): 0}, r'faces "x-", "x\+", "y-", "y\+" have no condition'),
        ({None: 0}, "unknown face None"),
        ({"x-": 0, "x+": 0, "y-": 0}, r'^boundary: face "y\+" has no condition; name it, or cover all unnamed faces with "\*"'),
        ({}, r'^boundary: faces "x-", "x\+", "y-", "y\+" have no condition; name them'),
        ({"x-": 0, ("x-", "x+"): 0, "*": 0}, '^boundary: face "x-" is given twice; name each face once'),
        ({"*": None}, r'^boundary: face "\*" has None \(NoneType\); allowed are Dirichlet\(value\), Neumann\(flux\), Robin\('),
        ({"*": 0, "y-": tfem.Robin}, r'^boundary: face "y-" has <class .*; allowed are Dirichlet'),
        (np.zeros(4), r'^boundary: face "\*" has array'),
        (True, r'^boundary: face "\*" has True \(bool\)'),
    ],
)
def test_wrong_boundaries(boundary: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        conditions_by_face(boundary, FACES)
