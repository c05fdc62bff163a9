"""Problems go to other processes: with whatever structure, before and after they were solved."""

import pickle
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

SPACE = tfem.box(x=(0, 1), y=(0, 2), cells=(7, 5), degree=2)
DATA: dict[str, dict[str, Any]] = {
    "number": {},
    "product": {"diffusion": tfem.Product("1 + x", "exp(y)")},
    "few terms": {"diffusion": "1 + x*y"},
    "cells": {"diffusion": "exp(x*y)", "reaction": "1 + sin(x*y)"},
    "tensor": {"diffusion": [["2 + x*y", 0.1], [0.1, 3.0]]},
}


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("solver", [None, tfem.Multigrid(), tfem.CG()], ids=repr)
def test_a_problem_and_its_copy_have_one_solution(name: str, solver: Any) -> None:
    problem = tfem.Poisson(SPACE, "x", boundary="x + y", **DATA[name])
    fresh = pickle.loads(pickle.dumps(problem))
    expected = problem.solve(solver).coefficients
    used = pickle.loads(pickle.dumps(problem))
    for copy in (fresh, used):
        np.testing.assert_array_equal(copy.solve(solver).coefficients, expected)
