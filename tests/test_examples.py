"""Every example is a program, a test and a picture: each pins a number that mathematics gives."""

import importlib
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "examples"
REGISTRY: dict[str, Callable[[Any], None]] = {}


def pins(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """Enter what is checked of an example, under the example's name."""
    REGISTRY[check.__name__] = check
    return check


@pins
def first_solve(example: Any) -> None:
    # The nine digits of the book, and more by extrapolation of its method.
    assert abs(example.value - 0.3207159453279) < 1e-9
    assert round(example.value, 9) == example.book


@pins
def mixed_box(example: Any) -> None:
    assert abs(example.u(0, 7, 3) - example.water) < 1e-12
    missing = example.power - example.into_water - example.into_air
    assert abs(missing) < 1e-3 * example.power
    # The flux is a derivative of elements of degree 2: what is missing falls by about 4 when the cells are halved.
    refined = example.heat_out(example.problem.refined().solve())
    assert abs(example.power - sum(refined)) < abs(missing) / 3


@pins
def boundary_layer(example: Any) -> None:
    x = np.array([0.0, 0.3, 1.0])
    eps = 0.04  # cosh does not overflow here
    cosh = 1 - np.cosh((2 * x - 1) / (2 * np.sqrt(eps))) / np.cosh(1 / (2 * np.sqrt(eps)))
    assert np.allclose(example.exact(x, eps), cosh, rtol=0, atol=1e-15)
    assert example.errors["graded cells"] < 1e-6
    assert example.errors["equal cells"] > 0.1


@pins
def pure_neumann(example: Any) -> None:
    # Testing the equation with u itself: the power dissipated is current times voltage, in the discrete solution too.
    assert abs(example.dissipated - example.current * example.voltage) < 1e-11 * example.dissipated
    assert abs(example.u.mean()) < 1e-12
    # Turning the sheet by half a turn exchanges the contacts.
    assert abs(example.u(0.3, 0.2) + example.u(1.7, 0.8)) < 1e-11
    # A sheet of 2 x 1 has 2 ohm between contacts on its whole edges; any other flux of 1 A dissipates more (Thomson's principle).
    assert example.resistance > 2
    assert "not compatible" in example.refusal


@pins
def torsion(example: Any) -> None:
    # Timoshenko & Goodier, Theory of Elasticity, the table of rectangular bars, and the series to ten digits for the square.
    book = {1.0: 0.1406, 1.5: 0.196, 2.0: 0.229, 3.0: 0.263, 5.0: 0.291, 10.0: 0.312}
    assert book.keys() == example.factors.keys()
    for ratio, factor in example.factors.items():
        assert abs(factor - book[ratio]) < 5.1e-4
        assert abs(factor - example.series(ratio)) < 1e-8
    assert abs(example.factors[1.0] - 4 * 0.0351442537387884) < 1e-9


@pins
def helmholtz(example: Any) -> None:
    fast, direct = example.fast.values, example.direct.values
    assert np.linalg.norm(fast - direct) < 1e-8 * np.linalg.norm(fast)
    assert abs(float(example.fast(*example.listener)) / example.expected - 1) < 1e-8
    for frequency in (30.0, 77.0):
        assert abs(example.heard(frequency) / example.modal_sum(frequency, *example.listener) - 1) < 1e-8
    assert abs(example.eigenvalue / (np.pi**2 / 25 + np.pi**2 / 16) - 1) < 1e-12
    assert "resonant" in example.refusal
    assert f"{example.eigenvalue:.15g}" in example.refusal


@pins
def every_solver(example: Any) -> None:
    assert max(example.differences.values()) < 1e-8
    assert all(field.report.residual < 1e-11 for field in example.fields.values())
    assert len(list(example.table())) == 1 + len(example.solvers)


@pins
def kronecker_picture(example: Any) -> None:
    assert np.array_equal(example.explicit, np.kron(example.A, example.B))
    assert np.array_equal(example.explicit[4:8, 8:12], -example.B)


@pins
def separable_filters(example: Any) -> None:
    assert max(example.differences.values()) < 1e-13
    # A symmetric kernel of sum 1 keeps the mean, where the image is reflected; the unsharp mask is no single product.
    assert abs(example.smooth.mean() - example.image.mean()) < 1e-14
    assert len(example.terms) == np.linalg.matrix_rank(example.unsharp) == 2


@pins
def checkerboard(example: Any) -> None:
    # Keller 1964: exactly the geometric mean; the energy of a function of the space is never less than that of the solution.
    errors = np.array(list(example.computed.values())) - example.exact
    assert (errors > 0).all()
    assert abs(np.log2(errors[-2] / errors[-1]) - example.order) < 0.03
    assert abs(example.extrapolated / example.exact - 1) < 3e-4


@pins
def groundwater(example: Any) -> None:
    # Wiener's bounds hold for any arrangement; Matheron's geometric mean for the average of many.
    assert example.worst < example.passed < example.best
    assert abs(np.log(example.passed / example.geometric)) < 0.2
    assert abs(example.flow(2 * example.conductivity)[1] / example.passed - 2) < 1e-8
    layers = np.broadcast_to(np.linspace(1, 3, example.cells[0])[:, None], example.cells)  # across the flow: the harmonic mean, exactly
    assert abs(example.flow(layers)[1] * np.mean(1 / layers) - 1) < 1e-8


@pins
def wood(example: Any) -> None:
    assert all(abs(order - degree - 1) < 0.05 for degree, order in example.orders.items())
    tensor = np.array([[float(entry(0.1, 0.02)) for entry in row] for row in example.conductivity])
    assert np.allclose(np.linalg.eigvalsh(tensor), [example.across, example.along])
    # The ring through the nail: as far along it as across it, along is the hotter.
    radius, angle = example.polar(0.12, 0.04)
    heart, turn = np.array(example.heart), 0.03 / radius
    along = heart + radius * np.array([np.cos(angle + turn), np.sin(angle + turn)])
    across = heart + (radius - 0.03) * np.array([np.cos(angle), np.sin(angle)])
    assert example.u(*along) > example.u(*across) + 2


@pins
def filled_polymer(example: Any) -> None:
    assert example.across < example.conducted < example.along
    assert example.u.report.residual < 2e-8
    assert example.u.min() > example.cold - 1e-6
    assert example.u.max() < example.hot + 1e-6


@pins
def quantum_circuit(example: Any) -> None:
    assert np.array_equal(example.cnot.toarray(), np.eye(4)[[0, 1, 3, 2]])
    assert np.allclose(example.bell, np.eye(2) / np.sqrt(2), rtol=0, atol=1e-15)
    assert np.array_equal(np.flatnonzero(example.ghz), [0, 2**20 - 1])
    assert np.allclose(example.ghz.flat[[0, -1]], 1 / np.sqrt(2), rtol=0, atol=1e-15)
    # H on each qubit makes (1 + (-1)^ones) / sqrt 2 of the two ends: even numbers of ones are doubled, odd ones vanish.
    assert np.allclose(example.counts, 2 * example.binomial * (np.arange(21) % 2 == 0), rtol=0, atol=1e-14)


@pins
def sylvester(example: Any) -> None:
    # LAPACK's measure: the residual over what rounding allows.
    A, B, U = example.A, example.B, example.U
    scale = (np.linalg.norm(A) + np.linalg.norm(B)) * np.linalg.norm(U)
    assert np.linalg.norm(A @ U + U @ B.T - example.F) < 30 * np.finfo(float).eps * scale
    assert example.difference < 1e-12
    assert np.linalg.norm(A - A.T) > 0.1 * np.linalg.norm(A)
    # Upwind differences make an M-matrix, whose inverse is positive; the plume drifts with the wind.
    assert U.min() > -1e-14 * U.max()
    drift = np.subtract(example.centre, example.chimney)
    assert abs(drift[1] / drift[0] - example.wind[1] / example.wind[0]) < 0.05


@pins
def multi_output_gp(example: Any) -> None:
    # The dense formulas: Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), (2.25), (2.26) and (2.30).
    K = np.kron(example.task, example.covariance(example.x, example.x, 1.0)) + example.sigma**2 * np.eye(example.data.size)
    cross = np.kron(example.task, example.covariance(example.fine, example.x, 1.0))
    y = example.data.ravel()
    variance = 1 - np.sum(cross * np.linalg.solve(K, cross.T).T, axis=1)
    assert np.allclose(example.mean.ravel(), cross @ np.linalg.solve(K, y), rtol=0, atol=1e-11)
    assert np.allclose(example.deviation.ravel() ** 2, variance, rtol=0, atol=1e-11)
    log_density = -0.5 * (y @ np.linalg.solve(K, y) + np.linalg.slogdet(2 * np.pi * K)[1])
    assert abs(example.log_likelihood(example.data, 1.0) - log_density) < 1e-9
    assert 0.5 < example.best < 2
    assert np.mean(abs(example.truth - example.mean) > 2 * example.deviation) < 0.1


@pins
def spline_surface(example: Any) -> None:
    # Nychka 1988: on average over the points, about as many intervals hold the truth as the level says.
    assert 0.90 < example.coverage < 0.99
    assert example.rmse < example.noise / 5
    # The noise is estimated to within four standard deviations of a mean of squares.
    assert abs(example.fit.noise_ / example.noise - 1) < 4 / np.sqrt(2 * example.data.size)
    assert example.fit.degrees_of_freedom_ < example.fit.coefficients_.size / 3


@pins
def one_hot_grid(example: Any) -> None:
    unseen, least = example.seen == 0, example.values["minimum norm"]
    assert unseen.any()
    assert np.abs(least[unseen]).max() < 1e-12
    sums = np.zeros(least.shape)
    np.add.at(sums, (example.i, example.j), example.observed)
    assert np.allclose(least[~unseen], (sums / np.maximum(example.seen, 1))[~unseen], rtol=0, atol=1e-10)  # the mean of each cell
    assert example.rmse["smoothing"] < 0.7 * example.rmse["minimum norm"]


@pins
def compressed_solution(example: Any) -> None:
    # Eckart & Young: what the best sum of r products misses are the singular values beyond r.
    for rank in example.ranks:
        assert abs(example.errors[rank] / example.missed[rank] - 1) < 1e-6
    assert abs(np.linalg.norm(example.singular_values) / example.size - 1) < 1e-12  # nothing is lost with all of them
    assert example.errors[example.good.rank] <= 1e-4 < example.errors[example.good.rank - 1]
    # The functions of an axis are orthonormal, and the solution is symmetric about the middle of the box: they are even or odd.
    first, second = example.shown.functions[0][:2]
    assert abs(first.l2_norm() - 1) < 1e-12
    assert abs(first(0.7) - first(2.3)) < 1e-9
    assert abs(second(0.7) + second(2.3)) < 1e-9


def test_every_example_is_in_the_registry() -> None:
    assert REGISTRY.keys() == {file.stem for file in FOLDER.glob("*.py")}


@pytest.mark.parametrize("name", REGISTRY)
def test_example(name: str) -> None:
    REGISTRY[name](importlib.import_module(f"examples.{name}"))


@pytest.mark.parametrize("name", REGISTRY)
def test_example_draws(name: str) -> None:
    """The suite makes every warning an error, those of drawing and layout too."""
    example = importlib.import_module(f"examples.{name}")
    drawn = example.draw()
    axes = np.ravel(drawn)
    assert all(ax.has_data() and ax.get_xlabel() for ax in axes)
    axes[0].figure.canvas.draw()
    assert example.draw(drawn) is drawn
    assert len(plt.get_fignums()) == 1


def test_an_example_runs_as_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints what matters, and the path of the picture that it leaves in out/."""
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(FOLDER / "first_solve.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("residual") for line in lines)
    assert (tmp_path / lines[-1].split()[-1]).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", REGISTRY)
def test_the_last_line_printed_is_the_picture(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text("utf-8")
    path = f"out/{name}.png"
    assert f'savefig("{path}"' in text
    assert text.rstrip().endswith(f'{path}")')
