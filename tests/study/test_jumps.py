"""Studies of problems whose data jump inside cells: never a PASS by chance, the orders of theory, and words on what to do."""

import dataclasses

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.study.column import difference_column
from tensorfem.study.finding import Target

THIRD, ROOT = 1 / 3, 5**-0.5
SOURCE = "pi**2*sin(pi*x)"


class Interface:
    """``-(a u')' = pi**2 sin(pi x)``, u = 0 at both ends, a = 1 left of a place and 10 right of it; constant along further axes."""

    def __init__(self, at: float, factor: float = 10.0) -> None:
        self.at, self.factor = at, factor
        self.slope = -np.sin(np.pi * at) * (1 - 1 / factor) / (at + (1 - at) / factor)  # a u' - pi cos(pi x), which does not jump

    def diffusion(self, x, *others):
        return np.where(x < self.at, 1.0, self.factor)

    def __call__(self, x, *others):
        middle, left, right = (np.sin(np.pi * t) + self.slope * t for t in (self.at, np.minimum(x, self.at), np.maximum(x, self.at)))
        return left + (right - middle) / self.factor + sum(0 * y for y in others)

    def gradient(self, x, *others):
        return ((np.pi * np.cos(np.pi * x) + self.slope) / self.diffusion(x), *(0 * y for y in others))

    def problem(self, space, **data):
        boundary = {"x-": 0.0, "x+": 0.0} | ({"*": tfem.Neumann(0.0)} if space.dimension > 1 else {})
        return tfem.Poisson(space, SOURCE, **{"diffusion": self.diffusion, "boundary": boundary, **data})


def line(cells, degree=1):
    return tfem.box(x=(0, 1), cells=cells, degree=degree)


def study_of(problem, exact, levels=6, **options):
    return tfem.refinement_study(problem, levels, exact=exact, solver=tfem.Direct(), **options)


@pytest.mark.parametrize("degree", [1, 2, 4])
@pytest.mark.parametrize("at", [THIRD, ROOT])
def test_a_jump_of_the_diffusion_leaves_order_one_and_a_half(at, degree):
    """For any degree; a fit over six levels comes as near to them as errors allow that depend on the place in the cell."""
    exact = Interface(at)
    study = study_of(exact.problem(line(8, degree)), exact)
    assert study.verdict == "UNDECIDED"
    assert 0.5 < study.orders["l2"] < 1.5
    assert 0.3 < study.orders["h1"] < 0.75
    assert study.expected["l2"] == degree + 1
    (jump,) = study.abrupt_changes
    assert jump.planes == (("x", pytest.approx(at, abs=1e-10)),)
    words = f"the diffusion jumps by the factor 10 inside 1 of 256 cells, first at x = {at:.6g}: orders are limited to about 1 in L2 and"
    assert words in study.reason
    assert f"Put mesh nodes at x = {at:.8g} (tensorfem.Mesh takes nodes), or give one number per cell" in study.reason
    assert words in str(study).replace("\n  ", " ")


def test_orders_that_alternate_never_pass():
    """On some of these meshes the last orders are those expected: by chance."""
    by_chance = 0
    for at in (THIRD, ROOT):
        for cells in (4, 5, 7, 11):
            for levels in (2, 3, 4, 5, 6):
                study = study_of(Interface(at).problem(line(cells)), Interface(at), levels)
                assert study.verdict == "UNDECIDED", study
                by_chance += study.pairwise_orders["l2"][-1] > 1.9
    assert by_chance > 4


@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("at", [THIRD, ROOT])
def test_with_a_node_on_the_jump_all_orders_come_back(at, degree):
    exact, nodes = Interface(at), np.concatenate([np.linspace(0, at, 3), np.linspace(at, 1, 6)[1:]])
    space = tfem.Space(tfem.Lagrange(tfem.Mesh(nodes), degree))
    by_cell = tfem.CellValues(exact.diffusion(nodes[:-1]))
    for problem in (exact.problem(space), exact.problem(space, diffusion=by_cell)):
        study = study_of(problem, exact, 4)
        assert study.verdict == "PASS", study
        assert study.abrupt_changes == ()
        assert "jump" not in study.reason
        assert study.orders["l2"] == pytest.approx(degree + 1, abs=0.1)
        assert study.orders["h1"] == pytest.approx(degree, abs=0.1)


@pytest.mark.parametrize(("degree", "axis"), [(1, 0), (2, 0), (2, 1)])
def test_across_an_axis_of_two(degree, axis):
    exact = Interface(ROOT)

    def turned(*x):
        return exact(*x[:: 1 - 2 * axis])

    cells = (7, 3) if axis == 0 else (3, 7)
    space = tfem.box(x=(0, 1), y=(0, 1), cells=cells, degree=degree)
    name = "xy"[axis]
    boundary = {f"{name}-": 0.0, f"{name}+": 0.0, "*": tfem.Neumann(0.0)}
    study = study_of(
        tfem.Poisson(space, SOURCE.replace("x", name), diffusion=lambda *x: exact.diffusion(*x[:: 1 - 2 * axis]), boundary=boundary),
        turned,
        5,
    )
    assert study.verdict == "UNDECIDED"
    assert 0.5 < study.orders["l2"] < 1.5
    assert f"inside 48 of 5,376 cells, first at {', '.join(f'{n} = {0 if n != name else ROOT:.6g}' for n in 'xy')}" in study.reason
    assert f"Put mesh nodes at {name} = {ROOT:.8g}" in study.reason


class Disk:
    """``-div(a grad u) = -4`` with a = 10 in a disk and 1 outside: u is a parabola on both sides."""

    radius = 0.6

    def diffusion(self, x, y):
        return np.where(x**2 + y**2 < self.radius**2, 10.0, 1.0)

    def __call__(self, x, y):
        return np.where(x**2 + y**2 < self.radius**2, (x**2 + y**2) / 10 + 0.9 * self.radius**2, x**2 + y**2)

    def gradient(self, x, y):
        return 2 * x / self.diffusion(x, y), 2 * y / self.diffusion(x, y)


@pytest.mark.parametrize("degree", [1, 2])
def test_on_a_circle(degree):
    disk = Disk()
    space = tfem.box(x=(-1, 1), y=(-1, 1.2), cells=(9, 8), degree=degree)
    study = study_of(tfem.Poisson(space, -4.0, diffusion=disk.diffusion, boundary=disk), disk, 4)
    assert study.verdict == "UNDECIDED"
    assert study.orders["l2"] == pytest.approx(1, abs=0.25)
    assert study.orders["h1"] == pytest.approx(0.5, abs=0.15)
    assert (
        "It lies across no axis, so no mesh of boxes fits it: refine until errors are small enough, or give one number per" in study.reason
    )


class Step:
    """``-u'' + c u = f`` with f = 1, or c = 25, left of a place and 0 right of it; u = 0 or 1 at 0, and 0 at 1."""

    def __init__(self, at: float, datum: str) -> None:
        self.at, self.datum, rate = at, datum, 5.0
        ends = np.array([np.exp(rate * at), np.exp(-rate * at)])
        system = [[1, 1, 0], [*ends, at - 1], [rate * ends[0], -rate * ends[1], 1]]
        self.waves, self.rate = np.linalg.solve(system, [1.0, 0.0, 0.0]), rate

    def _derivative(self, x, order):
        up, down, slope = self.waves
        if self.datum == "source":
            inside, slope = (self.at * (2 - self.at) / 2 * x - x**2 / 2, self.at * (2 - self.at) / 2 - x)[order], self.at**2 / 2
        else:
            inside = self.rate**order * (up * np.exp(self.rate * x) + (-1) ** order * down * np.exp(-self.rate * x))
        return np.where(x < self.at, inside, (slope * (1 - x), -slope + 0 * x)[order])

    def __call__(self, x):
        return self._derivative(x, 0)

    def gradient(self, x):
        return (self._derivative(x, 1),)

    def problem(self, space):
        height = 1.0 if self.datum == "source" else 25.0
        data = {"source": 0.0, self.datum: lambda x: np.where(x < self.at, height, 0.0)}
        return tfem.Poisson(space, boundary={"x-": float(self.datum != "source"), "x+": 0.0}, **data)


@pytest.mark.parametrize("degree", [1, 2, 4])
@pytest.mark.parametrize("datum", ["source", "reaction"])
def test_a_jump_of_the_load_leaves_order_one_in_both_norms(datum, degree):
    """The rule misses a part of it of order h: with degree 1 that costs nothing in H1."""
    exact = Step(THIRD, datum)
    study = study_of(exact.problem(line(8, degree)), exact)
    assert study.verdict == "UNDECIDED"
    assert study.orders["l2"] == pytest.approx(1, abs=0.15)
    assert study.orders["h1"] == pytest.approx(1, abs=0.25)
    assert f"the {datum} jumps by 1 of its largest value inside 1 of 256 cells" in study.reason
    assert "limited to about 1 in L2 and in H1, whatever the degree, as quadrature misses a part" in study.reason
    assert "Put mesh nodes at x = 0.33333333 (tensorfem.Mesh takes nodes)" in study.reason
    assert ("CellValues" in study.reason) == (datum == "reaction")
    fitted = line(9, degree)
    assert study_of(exact.problem(fitted), exact, 4).verdict == "PASS"


def test_a_quantity_without_exact_value():
    study = tfem.refinement_study(Interface(THIRD).problem(line(8)), 6, quantity=lambda u: u.integral())
    assert study.verdict == "UNDECIDED"
    assert study.orders["quantity"] == pytest.approx(np.median(study.pairwise_orders["quantity"][2:]))
    assert "Put mesh nodes at x = 0.33333333" in study.reason


def test_a_wrong_problem_fails_all_the_same():
    exact = Interface(THIRD)
    wrong = dataclasses.replace(exact.problem(line(8, 2)), source="12*sin(pi*x)")
    study = study_of(wrong, exact)
    assert study.verdict == "FAIL"
    assert "the problem that was solved has another solution" in study.reason
    assert "the diffusion jumps by the factor 10" in study.reason


def test_a_jump_too_small_to_cost_anything_yet():
    smooth, exact = tfem.manufactured("exp(x)*sin(2*y)", tfem.box(x=(0, 1), y=(0, 2), cells=(7, 5), degree=1))
    problem = dataclasses.replace(smooth, diffusion=lambda x, y: np.where(x < THIRD, 1.0, 1.00001))
    study = study_of(problem, exact, 3)
    assert study.verdict == "PASS"
    assert "by the factor 1.00001 inside 20 of 560 cells" in study.reason
    assert "these meshes do not show it yet, but on finer ones orders are limited to about 1 in L2" in study.reason
    assert study_of(smooth, exact, 3).abrupt_changes == ()


def test_a_mesh_that_fits_after_one_that_does_not():
    exact = Interface(THIRD)
    study = study_of([exact.problem(line(cells)) for cells in (8, 10, 12)], exact)
    assert study.verdict == "UNDECIDED"
    assert study.reason.endswith(
        "On the level before the finest the diffusion jumps by the factor 10 inside 1 of 10 cells, first at x = 0.333333, "
        "on the finest not: add levels"
    )
    assert study_of([exact.problem(line(cells)) for cells in (6, 12, 18, 24)], exact).verdict == "PASS"


def test_an_order_above_the_expected_one_is_no_pass_where_the_level_before_jumps():
    """Orders of quantities have no upper bound, but this one comes from a jump that the finest mesh fits."""
    exact = Interface(THIRD)
    value = tfem.Poisson(line(96, 6), SOURCE, diffusion=exact.diffusion, boundary=0.0).solve().integral()
    problems = [exact.problem(line(cells)) for cells in (11, 14, 15)]
    study = tfem.refinement_study(problems, quantity=lambda u: u.integral(), exact=value)
    assert study.pairwise_orders["quantity"][-1] > 2
    assert study.verdict == "UNDECIDED"


def test_a_layer_is_no_jump_and_passes_once_it_is_resolved():
    def diffusion(x):
        return 2 + np.tanh((x - THIRD) / 4e-3)

    exact = tfem.Poisson(line(2048, 4), 1.0, diffusion=diffusion, boundary=0.0).solve()
    problem = tfem.Poisson(line(8, 2), 1.0, diffusion=diffusion, boundary=0.0)
    coarse, fine = (tfem.refinement_study(problem, levels, exact=exact) for levels in (3, 8))
    assert coarse.verdict == "UNDECIDED"
    assert "the diffusion changes within a width of 0.00" in coarse.reason
    assert "not resolved, it acts as a jump until cells are smaller; add levels, or grade the mesh there" in coarse.reason
    assert "jumps by" not in coarse.reason
    assert fine.verdict == "PASS", fine
    assert fine.abrupt_changes == ()


def test_problems_of_other_kinds_say_nothing_of_their_data():
    class Other:
        def __init__(self, problem):
            self.problem, self.space, self.solve = problem, problem.space, problem.solve

    exact = Interface(THIRD)
    study = study_of([Other(exact.problem(line(cells))) for cells in (6, 12, 24)], exact)
    assert (study.verdict, study.abrupt_changes) == ("PASS", ())


def test_a_fit_of_changes_takes_all_that_give_orders():
    """Three changes from level to level give two orders; the fit is that of all three."""
    errors, changes, sizes = np.array([9.0, 3.0, 1.0, 0.5]), np.array([8.0, 2.0, 0.6]), np.array([8.0, 4.0, 2.0, 1.0])
    column = difference_column("l2", errors, changes, sizes, np.zeros(3, dtype=bool), Target(2, 2))
    assert column.finding.used == 2
    assert column.fit.order == pytest.approx(np.polyfit(np.log(sizes[1:]), np.log(changes), 1)[0])


def test_a_function_that_fails_next_to_a_face_costs_no_study():
    """Every solve samples Gauss points alone; the search for jumps looks nearer to faces."""

    def picky(x):
        if x.min() < 1e-3:
            raise IndexError("outside of the table")
        return 1 + x**2

    study = study_of(tfem.Poisson(line(4), lambda x: 2 + 6 * x**2, diffusion=picky, boundary="-x**2"), lambda x: -(x**2), levels=4)
    assert study.verdict == "PASS"
    assert study.abrupt_changes == ()
