"""Solvers of problem files, by their names."""

import pytest

import tensorfem as tfem
from tensorfem.cli.problem_file import read_problem_file
from tests.cli.conftest import PROBLEM


def test_coefficients_of_all_coordinates_go_to_multigrid(run, write) -> None:
    varying = PROBLEM.replace("[problem]", '[problem]\ndiffusion = "exp(x*y)"', 1).replace('exact = "exp(x)*sin(2*y)"', "")
    code, out, _ = run("solve", write(varying, '[solver]\nname = "multigrid"\nrtol = 1e-9\n'))
    assert code == 0
    assert "Multigrid(rtol=1e-09)\n" in out


def test_auto_takes_a_tolerance_and_no_other_setting(run, write) -> None:
    assert read_problem_file(write(PROBLEM, "[solver]\nrtol = 1e-7\n")).solver == tfem.Auto(rtol=1e-7)
    for setting in ("atol = 1e-3", "maxiter = 9", 'preconditioner = "amg"'):
        code, _, err = run("solve", write(PROBLEM, f'[solver]\nname = "auto"\n{setting}\n'))
        assert code == 2
        assert f'solver.{setting.split()[0]}: solver "auto" has no such setting' in err


@pytest.mark.parametrize("name", ["direct", "fast-diagonalization"])
def test_direct_solvers_take_no_tolerance(run, write, name) -> None:
    code, _, err = run("solve", write(PROBLEM, f'[solver]\nname = "{name}"\nrtol = 1e-7\n'))
    assert code == 2
    assert f'solver "{name}" has no such setting' in err


def test_a_tolerance_out_of_range(run, write) -> None:
    code, _, err = run("solve", write(PROBLEM, "[solver]\nrtol = 2.0\n"))
    assert code == 2
    assert "rtol: got 2.0; allowed is a number from 1e-15" in err
