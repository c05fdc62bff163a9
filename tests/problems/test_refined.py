"""Refining a problem: the same data on halved cells."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

SPACE = tfem.Space(tfem.Lagrange(tfem.graded(0, 1, 4, 3), 2), tfem.BSpline(tfem.interval(0, 2, 3, periodic=True), 3))


def test_all_data_go_along() -> None:
    """Also what to do about conflicts and about data that do not balance."""
    data: dict[str, Any] = {
        "source": "x + cos(pi*y)",
        "diffusion": (1.0, lambda y: 2 + np.sin(np.pi * y)),
        "reaction": tfem.Sum("x", 0.5),
        "boundary": {"x-": tfem.Robin(2.0, ambient="cos(pi*y)"), "*": tfem.Neumann(1.0)},
        "on_conflict": "average",
        "on_incompatible": "project",
    }
    fine = tfem.Poisson(SPACE, **data).refined()
    assert all(getattr(fine, name) == value for name, value in data.items())
    assert [basis.mesh.cells for basis in fine.space.bases] == [8, 6]
    direct = tfem.Poisson(SPACE.refined(), **data)
    assert np.array_equal(fine.solve().values, direct.solve().values)


def test_options_are_at_work_after_refinement() -> None:
    floating = tfem.Poisson(SPACE, 1.0, boundary=tfem.Neumann(0.0), on_incompatible="project")
    assert floating.refined().solve().linf_norm() < 1e-12
    plane = tfem.box(x=(0, 1), y=(0, 1), cells=(4, 3))
    disagreeing = tfem.Poisson(plane, 0.0, boundary={"x-": 1.0, "*": 0.0}, on_conflict="average")
    assert disagreeing.refined().solve().values[0, 0] == 0.5


def test_axes_can_be_refined_alone() -> None:
    fine = tfem.Poisson(SPACE, 1.0, boundary=0.0).refined(("y",))
    assert [basis.mesh.cells for basis in fine.space.bases] == [4, 6]
    with pytest.raises(ValueError, match=r"^axes: got .*; the axes of this space are x, y"):
        fine.refined(("z",))


def test_nodal_values_say_nothing_between_the_nodes() -> None:
    problem = tfem.Poisson(SPACE, np.ones(SPACE.shape), boundary=0.0)
    with pytest.raises(ValueError, match=r"^source: an array of nodal values cannot be refined; give a number, a string or a function"):
        problem.refined()


def test_a_source_of_nodal_values_is_its_interpolant() -> None:
    values = np.random.default_rng(271).standard_normal(SPACE.shape)
    u = tfem.Field(SPACE, SPACE.nodal_coefficients(values))
    by_values, by_field = (tfem.Poisson(SPACE, source, boundary=0.0).solve() for source in (values, u))
    assert np.allclose(by_values.values, by_field.values, rtol=0, atol=1e-13)
