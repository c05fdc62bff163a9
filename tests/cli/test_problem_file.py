"""Problem files: what they can say, and what is said of wrong ones. Each complaint has file, line, key and what is allowed."""

import io
import math

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.cli import commands
from tensorfem.cli.document import LARGEST, ProblemFileError
from tensorfem.cli.problem_file import read_problem_file
from tensorfem.cli.progress import Progress

SPACE = "[space]\nx = [0.0, 1.0]\ny = [0.0, 2.0]\ncells = 3\n"
REST = '[problem]\nsource = 1.0\n[boundary]\n"*" = 0.0\n'
DATA = SPACE + "[problem]\nsource = 1\n"
FACES = DATA + "[boundary]\n"


def test_everything_that_a_file_can_say(write):
    path = write(
        """
        [space]
        x = [0.0, 0.25, 1.0, 3.0]
        y = [0.0, 2.0]
        z = [0.0, 1.0]
        cells = [9, 5, 3]
        degree = [1, 2, 3]
        basis = ["lagrange", "lagrange", "bspline"]
        periodic = "z"
        grading.y = { size_ratio = 10.0, toward = "right" }

        [problem]
        source = "x*y + cos(2*pi*z)"
        diffusion = [1.0, "1 + y", 2.0]
        reaction = { sum = ["x**2", 0.5, 0.0] }

        [boundary]
        "x-" = "y"
        "x+" = { neumann = "y" }
        "y-" = { robin = 2.0, ambient = 0.25 }
        "y+" = { robin = 1.0, flux = "x" }

        [solver]
        name = "cg"
        rtol = 1e-11
        preconditioner = "jacobi"

        [study]
        levels = 3
        point = [0.5, 0.5, 0.5]

        [output]
        data = "field.npz"
        """
    )
    file = read_problem_file(path)
    mesh = tfem.graded(0, 2, cells=5, size_ratio=10, toward="right")
    space = tfem.Space(
        tfem.Lagrange(tfem.Mesh([0, 0.25, 1, 3]), 1), tfem.Lagrange(mesh, 2), tfem.BSpline(tfem.interval(0, 1, cells=3, periodic=True), 3)
    )
    same = tfem.Poisson(
        space,
        lambda x, y, z: x * y + np.cos(2 * np.pi * z),
        diffusion=(1.0, lambda y: 1 + y, 2.0),
        reaction=tfem.Sum(lambda x: x**2, 0.5, 0.0),
        boundary={
            "x-": tfem.Dirichlet(lambda x, y, z: y),
            "x+": tfem.Neumann(lambda x, y, z: y),
            "y-": tfem.Robin(2.0, ambient=0.25),
            "y+": tfem.Robin(1.0, flux=lambda x, y, z: x),
        },
    )
    reference = same.solve()
    assert np.allclose(file.problem.solve(file.solver).values, reference.values, rtol=1e-8, atol=1e-10)
    assert file.solver == tfem.CG(rtol=1e-11, preconditioner=tfem.Jacobi())
    assert file.study.levels == 3
    assert math.isclose(file.study.quantity(reference), reference(0.5, 0.5, 0.5))
    assert [str(path) for path in file.outputs.values()] == ["field.npz"]


@pytest.mark.parametrize(
    ("diffusion", "value"),
    [
        ('{ product = ["1 + x", "2"] }', tfem.Product("1 + x", 2.0)),
        ("2.0", 2.0),
        ('"1 + x*y"', lambda x, y: 1 + x * y),
        ('[[2, "0.5*y"], ["0.5*y", 3]]', [[2, lambda x, y: 0.5 * y], [lambda x, y: 0.5 * y, 3]]),
    ],
)
def test_diffusion(write, diffusion, value):
    text = SPACE + f'[problem]\nsource = "x"\ndiffusion = {diffusion}\n[boundary]\n"*" = 0\n'
    problem = read_problem_file(write(text)).problem
    same = tfem.Poisson(problem.space, "x", diffusion=value, boundary=0.0)
    assert np.allclose(problem.solve().values, same.solve().values, rtol=1e-12)


@pytest.mark.parametrize("source", ['source = "sin(x*y)"', 'manufactured = "sin(x*y)"'])
def test_how_the_source_is_integrated(write, source):
    boundary = '"*" = 0.0' if "source" in source else '"*" = "dirichlet"'
    texts = [SPACE + f"[problem]\n{source}\n{load}[boundary]\n{boundary}\n" for load in ("", 'load = "interpolate"\n')]
    assert [read_problem_file(write(text)).problem.load for text in texts] == ["quadrature", "interpolate"]


WRONG = {
    "[space]\nx = [0, 1]\ncels = 3\n" + REST: r':3: space\.cels: unknown key; did you mean "cells"\? Allowed are',
    "[space]\ny = [0, 1]\ncells = 3\n" + REST: r":1: space: got the axes y; allowed are x alone",
    "[space]\nx = [0, 1]\n" + REST: r"space\.cells: is missing",
    "[space]\nx = [1, 0]\ncells = 3\n" + REST: r":2: space\.x: end: got 0",
    "[space]\nx = [0, nan]\ncells = 3\n" + REST: r":2: space\.x: got \[0, nan\]; allowed is a pair .*it must be finite",
    "[space]\nx = [0, 1e999]\ncells = 3\n" + REST: r":2: space\.x: got \[0, inf\]",
    "[space]\nx = [0]\ncells = 3\n" + REST: r":2: space\.x: got 1 numbers; allowed is a pair",
    "[space]\nx = 'zero'\ncells = 3\n" + REST: r":2: space\.x: got 'zero'; allowed is a pair",
    "[space]\nx = [0, 1, 0.5]\n" + REST: r":2: space\.x: nodes: node 2",
    "[space]\nx = [0, 1]\ncells = true\n" + REST: r":3: space\.cells: got True; allowed is an integer",
    "[space]\nx = [0, 1]\ncells = [3, 4]\n" + REST: r":3: space\.cells: got \[3, 4\]; .*it has 2 entries",
    "[space]\nx = [0, 1]\ncells = 0\n" + REST: r":2: space\.x: cells: got 0",
    SPACE + "degree = 50\n" + REST: r":5: space\.degree: degree: got 50",
    SPACE + "basis = 'bsplin'\n" + REST: r':5: space\.basis: .*did you mean "bspline"\?',
    SPACE + "continuity = 1\n" + REST: r":5: space\.continuity: Lagrange elements are continuous",
    SPACE + "periodic = ['t']\n" + REST: r":5: space\.periodic: got \['t'\]; allowed is a list of axes among x, y",
    SPACE + "grading.x = { size_ratio = 0.5 }\n" + REST: r":5: space\.grading\.x\.size_ratio: size_ratio: got 0\.5",
    SPACE + "grading.x = 3\n" + REST: r":5: space\.grading\.x: got 3; allowed is a table",
    "[space]\nx = [0, 1, 3]\ngrading.x = { size_ratio = 2 }\n"
    + REST: r":3: space\.grading\.x\.size_ratio: the nodes of x are given one by one",
    "[problem]\nsource = 1\n": r"the table \[space\] is missing",
    SPACE + '[problem]\n[boundary]\n"*" = 0\n': r":5: problem: source is missing",
    SPACE + '[problem]\nsource = "sinn(x)"\n[boundary]\n"*" = 0\n': r':6: problem\.source: .*unknown name "sinn"',
    SPACE + '[problem]\nsource = "__import__(\'os\')"\n[boundary]\n"*" = 0\n': r":6: problem\.source: ",
    SPACE + '[problem]\nsource = "9**9**9"\n[boundary]\n"*" = 0\n': r":6: problem\.source: .*not a finite number",
    DATA + 'exact = "t"\n[boundary]\n"*" = 0\n': r":7: problem\.exact: .*unknown name",
    DATA + 'diffusion = -1\n[boundary]\n"*" = 0\n': r":7: problem\.diffusion: the smallest value is -1",
    DATA + 'diffusion = { sum = [1, 2] }\n[boundary]\n"*" = 0\n': r":7: problem\.diffusion: .*one key product",
    DATA + 'reaction = { product = [1, 2] }\n[boundary]\n"*" = 0\n': r":7: problem\.reaction: .*one key sum",
    DATA + 'reaction = [1, 2]\n[boundary]\n"*" = 0\n': r":7: problem\.reaction: got \[1, 2\]; allowed is a number, a formula, or { sum",
    DATA + 'diffusion = "x - y"\n[boundary]\n"*" = 0\n': r":7: problem\.diffusion: the value is -.* at x = .*must be positive everywhere",
    DATA + 'diffusion = [[1, 2], [2, 1]]\n[boundary]\n"*" = 0\n': r":7: problem\.diffusion: the tensor at x = .*has the eigenvalue -1",
    DATA + 'diffusion = [[1, 2], 3]\n[boundary]\n"*" = 0\n': r":7: problem\.diffusion: .*a tensor is a list of rows, each a list",
    DATA + 'on_conflict = "mean"\n[boundary]\n"*" = 0\n': r":7: problem\.on_conflict: got 'mean'; allowed is error or average",
    DATA + 'load = "nodal"\n[boundary]\n"*" = 0\n': r":7: problem\.load: got 'nodal'; allowed is quadrature or interpolate",
    SPACE + '[problem]\nmanufactured = "x"\nsource = 1\n': r":7: problem\.source: a manufactured problem derives it",
    SPACE + "[problem]\nsource = 1\n": r'problem: .*faces "x-", "x\+", "y-", "y\+" have no condition|boundary: .*have no condition',
    FACES + '"left" = 0\n': r':8: boundary\.left: unknown face "left"',
    FACES + '"*" = { neuman = 0 }\n': r":8: boundary\.\*\.neuman: unknown key; did you mean \"neumann\"\?",
    FACES + '"*" = { neumann = 0, dirichlet = 1 }\n': r":8: boundary\.\*: got .*allowed is a number or formula",
    FACES + '"*" = { robin = -1 }\n': r":8: boundary\.\*\.robin: Robin: got coefficient -1",
    FACES + '"*" = true\n': r":8: boundary\.\*: got True; allowed is a number or formula",
    SPACE + REST + '[solver]\nname = "cgg"\n': r':10: solver\.name: got \'cgg\'; .*did you mean "cg"\?',
    SPACE + REST + '[solver]\nname = "direct"\nrtol = 1e-3\n': r':11: solver\.rtol: solver "direct" has no such setting',
    SPACE + REST + '[solver]\nname = "cg"\nrtol = 0.0\n': r":10: solver\.name: rtol: got 0",
    SPACE + REST + "[study]\nlevels = 1\n": r":10: study\.levels: got 1; allowed is an integer from 2 to 12",
    SPACE + REST + "[study]\naxes = ['z']\n": r":10: study\.axes: got \['z'\]; allowed is a list of axes among x, y",
    SPACE + REST + "[study]\npoint = [0.5, 5.0]\n": r":10: study\.point: .*outside the box",
    SPACE + REST + "[study]\npoint = [0.5]\n": r":10: study\.point: got \[0\.5\]; allowed is a point \[x, y\]",
    SPACE + REST + "[study]\npoint = [0.5, 0.5]\nquantity = 'max'\n": r":10: study\.point: a study follows one quantity",
    SPACE + REST + "[output]\npicture = 3\n": r":10: output\.picture: got 3; allowed is a path",
    SPACE + REST + "[outputs]\npicture = 'a'\n": r':9: outputs: unknown key; did you mean "output"\?',
    "[space]\nx = [0, 1]\nx = [0, 2]\n": r":3: this is no TOML: .*overwrite",
    "space = [": r":1: this is no TOML",
    "space = 3": r":1: space: got 3; allowed is a table",
    "a = " + "[" * 200_000: r"nested too deeply",
    "a = " + "9" * 5_000: r"a number is too long",
    "": r"the file is empty",
    "\ufeff[space]": r":1: the file starts with a byte order mark",
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: repr(text[-40:]))
def test_wrong_file(write, text):
    path = write()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemFileError, match=WRONG[text]) as caught:
        read_problem_file(path)
    assert str(caught.value).startswith(str(path))
    assert len(str(caught.value)) < 1_000


def test_not_utf8(write):
    path = write()
    path.write_bytes(b"# caf\xe9\n\xff")
    with pytest.raises(ProblemFileError, match=r":1: byte 5 is not UTF-8"):
        read_problem_file(path)


def test_too_large(write):
    path = write()
    path.write_bytes(b"#" * (LARGEST * 10))
    with pytest.raises(ProblemFileError, match="more than 1,000,000 bytes"):
        read_problem_file(path)


def test_missing(tmp_path):
    with pytest.raises(ProblemFileError, match="cannot be read: No such file"):
        read_problem_file(tmp_path / "none.toml")


def test_multigrid_and_coefficients_of_all_coordinates(tmp_path):
    path = tmp_path / "problem.toml"
    path.write_text(
        """
        [space]
        x = [0, 1]
        y = [0, 2]
        cells = [36, 30]

        [problem]
        source = 1.0
        diffusion = [["2 + sin(x*y)", "x*y/4"], ["x*y/4", 1.0]]
        reaction = "x*y"

        [boundary]
        "*" = 0.0

        [solver]
        name = "multigrid"
        rtol = 1e-9
        """
    )
    file = read_problem_file(path)
    assert file.solver == tfem.Multigrid(rtol=1e-9)
    u = file.problem.solve(file.solver)
    assert np.allclose(u.values, file.problem.solve(tfem.Direct()).values, rtol=0, atol=1e-8 * u.linf_norm())
    iterates = commands._Iterates()
    with Progress(io.StringIO(), quiet=True) as progress:
        watched = commands._watched(file, progress, iterates)
    file.problem.solve(watched)
    assert iterates.iterations > 1
    assert np.allclose(file.problem.field(iterates.value).values, u.values, rtol=0, atol=1e-6 * u.linf_norm())
