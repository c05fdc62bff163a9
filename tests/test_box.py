"""`box`: its arguments, and what it says about wrong ones."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem


def test_one_value_serves_all_axes() -> None:
    space = tfem.box(x=(0, 1), y=(-1, 2), z=(3, 7), cells=4, degree=2)
    assert space.shape == (9, 9, 9)
    assert space.bounds == ((0.0, 1.0), (-1.0, 2.0), (3.0, 7.0))
    assert all(isinstance(basis, tfem.Lagrange) and basis.mesh.uniform for basis in space.bases)


def test_each_axis_can_have_its_own() -> None:
    space = tfem.box(x=(0, 1), y=[0, 2], cells=(6, np.int64(5)), degree=(3, 2), periodic=("y",), basis=("lagrange", "bspline"))
    assert [type(basis) for basis in space.bases] == [tfem.Lagrange, tfem.BSpline]
    assert [basis.degree for basis in space.bases] == [3, 2]
    assert [basis.mesh.periodic for basis in space.bases] == [False, True]
    assert space.shape == (19, 5)


def test_settings_by_name_of_axis() -> None:
    assert tfem.box(x=(0, 1), y=(0, 1), cells={"y": 3, "x": 5}, degree={"x": 2, "y": 1}).shape == (11, 4)


@pytest.mark.parametrize("periodic", ["x", ("x",), ["x"]])
def test_periodic_axes_by_name(periodic: Any) -> None:
    assert tfem.box(x=(0, 1), y=(0, 1), cells=4, periodic=periodic).faces == ("y-", "y+")


def test_linear_elements_are_the_default() -> None:
    (basis,) = tfem.box(x=(0, 1), cells=5).bases
    assert (type(basis), basis.degree, basis.size) == (tfem.Lagrange, 1, 6)


LINE = {"x": (0, 1), "cells": 4}
PLANE = {"x": (0, 1), "y": (0, 2), "cells": 4}
WRONG = [
    ({**LINE, "cells": 0}, r"^axis x: cells: got 0; allowed is an integer >= 1$"),
    ({**LINE, "cells": -3}, "^axis x: cells: got -3"),
    ({**LINE, "cells": True}, r"^axis x: cells: got True \(bool\)"),
    ({**LINE, "cells": "8"}, r"^axis x: cells: got '8' \(str\)"),
    ({**LINE, "cells": 4.0}, r"^axis x: cells: got 4.0 \(float\)"),
    ({**LINE, "cells": None}, r"^axis x: cells: got None \(NoneType\)"),
    ({**PLANE, "cells": (4, 0)}, "^axis y: cells: got 0"),
    ({**PLANE, "cells": (4, 3, 2)}, r"^cells: got 3 entries, \(4, 3, 2\); this box has 2 axes \(x, y\)"),
    ({**PLANE, "cells": {"x": 4, "z": 3}}, "^cells: got entries for x, z; this box has the axes x, y"),
    ({**LINE, "degree": 0}, "^axis x: degree: got 0; allowed is an integer from 1 to 24"),
    ({**LINE, "degree": 1.5}, r"^axis x: degree: got 1.5 \(float\); allowed is an integer from 1 to 24"),
    ({**LINE, "degree": 50}, "^axis x: degree: got 50; allowed is an integer from 1 to 24"),
    ({**LINE, "degree": 50, "basis": "bspline"}, "^axis x: degree: got 50; allowed is an integer from 1 to 24"),
    ({**LINE, "degree": "2"}, r"^axis x: degree: got '2' \(str\)"),
    ({**LINE, "degree": False}, r"^axis x: degree: got False \(bool\)"),
    ({**LINE, "x": (1, 0)}, "^axis x: end: got 0.0; it must be larger than start, 1.0"),
    ({**LINE, "x": (2, 2)}, "^axis x: end: got 2.0; it must be larger than start, 2.0"),
    ({**LINE, "x": (0, np.nan)}, "^axis x: end: got nan; allowed is a finite real number"),
    ({**LINE, "x": (-np.inf, 0)}, "^axis x: start: got -inf; allowed is a finite real number"),
    ({**LINE, "x": 1.0}, r"^x: got 1.0; allowed is a pair \(start, end\)"),
    ({**LINE, "x": (0, 1, 2)}, r"^x: got \(0, 1, 2\); allowed is a pair \(start, end\)"),
    ({**LINE, "x": ("0", "1")}, "^axis x: start: got '0'; allowed is a finite real number"),
    ({**LINE, "x": None}, r"^box: got no axes; give x alone, x and y, or x, y and z"),
    ({**LINE, "z": (0, 1)}, "^box: got the axes x, z; give x alone, x and y, or x, y and z"),
    ({**PLANE, "periodic": "z"}, "^periodic: unknown axis 'z'; the axes of this box are x, y"),
    ({**PLANE, "periodic": "xy"}, "^periodic: unknown axis 'xy'; .*a tuple names several"),
    ({**PLANE, "periodic": True}, "^periodic: unknown axis True"),
    ({**LINE, "basis": "spline"}, "^basis: got 'spline'; allowed are 'lagrange', 'bspline'"),
    ({**LINE, "basis": tfem.Lagrange}, "^basis: got <class .*; allowed are 'lagrange', 'bspline'"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_wrong_arguments(arguments: dict[str, Any], said: str) -> None:
    given = dict(arguments)
    with pytest.raises(ValueError, match=said):
        tfem.box(**arguments)
    assert arguments == given


NODES = [
    ([0.0, 2.0, 1.0], r"^nodes: node 2 \(1.0\) does not lie right of node 1 \(2.0\); sort them and drop repeated ones"),
    ([0.0, 1.0, 1.0], r"^nodes: node 2 \(1.0\) does not lie right of node 1 \(1.0\)"),
    ([0.0, np.nan, 1.0], "^nodes: entry 1 is nan; all must be finite"),
    ([0.0, 1.0, np.inf], "^nodes: entry 2 is inf; all must be finite"),
    ([], r"^nodes: got an array of shape \(0,\).*at least 2 real numbers"),
    ([1.0], r"^nodes: got an array of shape \(1,\).*at least 2 real numbers"),
    ([[0.0, 1.0]], r"^nodes: got an array of shape \(1, 2\).*one axis"),
    ([False, True], "^nodes: got an array of .* type bool"),
    (["0", "1"], "^nodes: got an array of .* type <U1"),
    ([0j, 1j], "^nodes: got an array of .* type complex128"),
]


@pytest.mark.parametrize(("nodes", "said"), NODES)
def test_wrong_nodes(nodes: Any, said: str) -> None:
    given = np.array(nodes)
    kept = given.copy()
    with pytest.raises(ValueError, match=said):
        tfem.Mesh(given)
    assert np.array_equal(given, kept, equal_nan=given.dtype.kind == "f")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"size_ratio": 0.5}, "^size_ratio: got 0.5; allowed is a number >= 1"),
        ({"size_ratio": np.nan}, "^size_ratio: got nan"),
        ({"toward": "top"}, "^toward: got 'top'; allowed are 'left', 'right', 'middle', 'both'"),
        ({"cells": 0}, "^cells: got 0"),
        ({"end": -1.0}, "^end: got -1.0; it must be larger than start, 0.0"),
    ],
)
def test_wrong_grading(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tfem.graded(**{"start": 0.0, "end": 1.0, "cells": 4, "size_ratio": 2.0, **changed})
