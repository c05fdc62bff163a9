"""What the tests of problems share: the registry of solvers, and a solution with every datum of the problem that it solves."""

from collections.abc import Callable, Sequence
from math import pi, prod
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

TIGHT = 1e-12
SOLVERS = (
    tfem.Auto(),
    tfem.Direct(),
    tfem.FastDiagonalization(),
    tfem.CG(rtol=TIGHT),
    tfem.CG(rtol=TIGHT, preconditioner=tfem.Jacobi()),
    tfem.CG(rtol=TIGHT, preconditioner=tfem.AMG()),
    tfem.CG(rtol=TIGHT, preconditioner=tfem.FastDiagonalization()),
    tfem.AMG(rtol=TIGHT),
)


class Profile:
    """A function of one coordinate with two derivatives, smooth and without symmetry; periodic where the axis is."""

    def __init__(self, bounds: tuple[float, float], periodic: bool, phase: float, frequency: float) -> None:
        self.start, self.length = bounds[0], bounds[1] - bounds[0]
        self.periodic, self.phase = periodic, phase
        self.frequency = 2 * pi * max(1, round(frequency / 2 / pi)) if periodic else frequency

    def __call__(self, x: Any, derivative: int = 0) -> Any:
        s = (np.asarray(x) - self.start) / self.length
        wave = self.frequency**derivative * np.sin(self.frequency * s + self.phase + derivative * pi / 2)
        value = 1.5 * (derivative == 0) + wave if self.periodic else 0.6**derivative * np.exp(0.6 * s) + 0.5 * wave
        return value / self.length**derivative

    @property
    def mean(self) -> float:
        """By a Gauss rule that is exact to rounding."""
        points, weights = np.polynomial.legendre.leggauss(40)
        return float(self(self.start + self.length * (points + 1) / 2) @ weights / 2)


class Manufactured:
    """The solution ``u = prod_i g_i(x_i) + sum_i (i + 1) g_i(x_i) / 2`` of ``-div(a grad u) + c u = f``, a diagonal.

    `ends` says what stands at the two ends of each axis: D, N, R (Robin by flux), A (Robin by an ambient value), or PP, periodic.
    """

    def __init__(
        self, space: tfem.Space, ends: Sequence[str], diffusion: Sequence[float] = (), reaction: float = 0.0, frequency: float = 5.0
    ) -> None:
        self.space, self.ends = space, tuple(ends)
        self.diffusion, self.reaction = tuple(diffusion) or (1.0,) * space.dimension, reaction
        self.profiles = [
            Profile(bounds, end == "PP", 0.4 + 0.7 * i, frequency) for i, (bounds, end) in enumerate(zip(space.bounds, ends, strict=True))
        ]
        self.floating = reaction == 0 and not set("".join(ends)) & set("DRA")
        means = [g.mean for g in self.profiles]
        self.mean = prod(means) + sum((i + 1) * m / 2 for i, m in enumerate(means)) if self.floating else 0.0

    def u(self, *x: Any) -> Any:
        """The solution; of mean zero where nothing else fixes its mean."""
        values = [g(t) for g, t in zip(self.profiles, x, strict=True)]
        return prod(values) + sum((i + 1) * v / 2 for i, v in enumerate(values)) - self.mean

    def _derivative(self, axis: int, order: int, x: Sequence[Any]) -> Any:
        others = prod(g(t) for i, (g, t) in enumerate(zip(self.profiles, x, strict=True)) if i != axis)
        return self.profiles[axis](x[axis], order) * (others + (axis + 1) / 2)

    def gradient(self, *x: Any) -> tuple[Any, ...]:
        """Its gradient."""
        return tuple(self._derivative(axis, 1, x) for axis in range(len(x)))

    def source(self, *x: Any) -> Any:
        """The right-hand side f."""
        return sum(-a * self._derivative(i, 2, x) for i, a in enumerate(self.diffusion)) + self.reaction * self.u(*x)

    def flux(self, axis: int, sign: int) -> Callable[..., Any]:
        """a du/dn through a face."""
        return lambda *x: sign * self.diffusion[axis] * self._derivative(axis, 1, x)

    def condition(self, kind: str, axis: int, sign: int) -> Any:
        """The condition of one kind that the solution meets on a face."""
        flux, h = self.flux(axis, sign), 1.3 + axis + sign / 4
        match kind:
            case "D":
                return tfem.Dirichlet(self.u)
            case "N":
                return tfem.Neumann(flux)
            case "R":
                return tfem.Robin(h, flux=lambda *x: flux(*x) + h * self.u(*x))
        return tfem.Robin(h, ambient=lambda *x: flux(*x) / h + self.u(*x))

    @property
    def boundary(self) -> dict[str, Any]:
        """The conditions of all faces."""
        rows = [(i, name, end) for i, (name, end) in enumerate(zip(self.space.names, self.ends, strict=True)) if end != "PP"]
        return {name + face: self.condition(end[k], i, 2 * k - 1) for i, name, end in rows for k, face in enumerate("-+")}

    def problem(self, **options: Any) -> tfem.Poisson:
        """The problem; options replace its data."""
        data = {"source": self.source, "diffusion": self.diffusion, "reaction": self.reaction, "boundary": self.boundary}
        return tfem.Poisson(self.space, **{**data, **options})


@pytest.fixture(scope="session")
def manufactured() -> type[Manufactured]:
    """The class of solutions with their data."""
    return Manufactured


@pytest.fixture(params=SOLVERS, ids=repr)
def solver(request: pytest.FixtureRequest) -> Any:
    """Every solver in turn, iterations at a relative tolerance of 1e-12."""
    return request.param
