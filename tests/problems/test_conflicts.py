"""Dirichlet values that differ on a shared edge: found, named, or averaged."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

PLANE = tfem.box(x=(0, 3), y=(-1, 1), cells=(5, 4), degree=2)
ROOM = tfem.box(x=(0, 3), y=(-1, 1), z=(2, 6), cells=(4, 3, 2), degree=(2, 3, 2), basis=("lagrange", "bspline", "lagrange"))


def problem(space: tfem.Space, boundary: Any, **options: Any) -> tfem.Poisson:
    return tfem.Poisson(space, 0.0, boundary=boundary, **options)


@pytest.mark.parametrize(
    ("space", "boundary", "said"),
    [
        (PLANE, {"x-": 1.0, "*": 0.0}, r'faces "x-" and "y-" differ at x = 0, y = -1: 1 and 0'),
        (PLANE, {"x-": 7.0, "x+": 7.0, "y-": 7.0, "y+": "x + 4"}, r'faces "x-" and "y\+" differ at x = 0, y = 1: 7 and 4'),
        (PLANE, {"y-": lambda x, y: x**2, "x+": 8.5, "*": tfem.Neumann(0.0)}, r'faces "x\+" and "y-" differ at x = 3, y = -1: 8.5 and 9'),
        (ROOM, {"z+": "y", "x+": "y + (z - 6) + where(y < -0.9, 2, 0)", "*": tfem.Robin(1.0)}, r"x = 3, y = -1, z = 6: 1 and -1"),
    ],
)
def test_disagreement_names_faces_place_and_both_values(space: tfem.Space, boundary: Any, said: str) -> None:
    given = dict(boundary)
    with pytest.raises(ValueError, match=said) as caught:
        problem(space, boundary).solve()
    assert 'on_conflict="average"' in str(caught.value)
    assert boundary == given


def test_opposite_faces_share_no_edge() -> None:
    u = problem(PLANE, {"x-": 1.0, "x+": -2.0, "*": tfem.Neumann(0.0)}).solve()
    assert u.linf_error(lambda x, y: 1 - x) < 1e-12


def test_rounding_is_no_disagreement() -> None:
    """Values may differ by 1e-10 of the data's size, in whatever units."""
    for size in (1e-30, 1.0, 1e200):
        problem(PLANE, {"x-": size, "*": size * (1 + 5e-11)}).solve()
        with pytest.raises(ValueError, match="differ"):
            problem(PLANE, {"x-": size, "*": size * (1 + 2e-10)}).solve()


@pytest.mark.parametrize("space", [PLANE, ROOM], ids=["plane", "room"])
def test_shared_nodes_take_the_mean(space: tfem.Space) -> None:
    """A node on m Dirichlet faces takes the mean of the m values; faces with other conditions do not count."""
    numbers = {face: float(2**i) for i, face in enumerate(space.faces)}
    natural = space.faces[1]
    boundary = {face: tfem.Neumann(0.0) if face == natural else value for face, value in numbers.items()}
    values = problem(space, boundary, on_conflict="average").solve().values
    for index in np.ndindex(space.shape):
        own = [
            value
            for face, value in numbers.items()
            if face != natural
            and index[space.names.index(face[0])] == (0 if face[1] == "-" else space.shape[space.names.index(face[0])] - 1)
        ]
        if own:
            assert abs(values[index] - np.mean(own)) < 1e-12 * max(own)


def test_averaging_leaves_data_that_agree_as_they_are() -> None:
    data = {"x-": "y", "x+": "y + 3", "y-": "x - 1", "y+": "x + 1"}
    strict, lenient = (problem(PLANE, data, on_conflict=how).solve().values for how in ("error", "average"))
    assert np.allclose(strict, lenient, rtol=0, atol=1e-13)


def test_unknown_remedy() -> None:
    with pytest.raises(ValueError, match="on_conflict: got 'ignore'; allowed are 'error', 'average'"):
        problem(PLANE, 0.0, on_conflict="ignore")
