"""Solvers of problem files, by their names."""

from tests.cli.conftest import PROBLEM


def test_coefficients_of_all_coordinates_go_to_multigrid(run, write) -> None:
    varying = PROBLEM.replace("[problem]", '[problem]\ndiffusion = "exp(x*y)"', 1).replace('exact = "exp(x)*sin(2*y)"', "")
    code, out, _ = run("solve", write(varying, '[solver]\nname = "multigrid"\nrtol = 1e-9\n'))
    assert code == 0
    assert "Multigrid(rtol=1e-09)\n" in out
