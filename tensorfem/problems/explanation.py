"""What a solve would take by every solver, and which one would be chosen: said without solving."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tensorfem import html
from tensorfem.boundary import Condition, Dirichlet
from tensorfem.cells import CellOperator
from tensorfem.kron import KroneckerSum, Pencil, available_memory
from tensorfem.kron.trigonometric import transform_cost
from tensorfem.load_vector import QUADRATURE
from tensorfem.problems.load_time import load_seconds
from tensorfem.solvers import AMG, CG, Auto, Direct, FastDiagonalization, Jacobi, Multigrid, Solver
from tensorfem.solvers.calibration import this_machine
from tensorfem.solvers.effort import apply_seconds
from tensorfem.solvers.forecast import Forecast
from tensorfem.solvers.machine import Machine
from tensorfem.space import Space

SOLVERS: tuple[Solver, ...] = (
    FastDiagonalization(),
    Direct(),
    AMG(),
    CG(),
    CG(preconditioner=Jacobi()),
    CG(preconditioner=FastDiagonalization()),
)
RESIDUAL_PASSES, FIELD_PASSES, LIFTING_PASSES = 5, 4, 4
HEADER = ("solver", "seconds", "setup", "solve", "iterations", "memory")


@dataclass(frozen=True)
class Explanation:
    """What a problem is made of, and what a solve of it would take on this machine; printed as a table.

    Attributes
    ----------
    unknowns : int
        Free unknowns of the linear system.
    shape : tuple of int
        The same, per axis.
    structure : dict
        What was found, in words: of each axis, of the operator, of its null space.
    machine : str
        What was measured of this machine, in words; the forecasts stand on it.
    load, rest : float
        Seconds of the right-hand side, and of the true residual and the field; every solver's total has them.
    forecasts : tuple of Forecast
        One for each solver; seconds of setup and solve alone, memory of the whole.
    choice : Solver
        What `Auto` takes.
    reason : str
        Why.
    free : int
        Bytes of memory that can be taken now.
    """

    unknowns: int
    shape: tuple[int, ...]
    structure: dict[str, str]
    machine: str
    load: float
    rest: float
    forecasts: tuple[Forecast, ...]
    choice: Solver
    reason: str
    free: int

    def seconds(self, forecast: Forecast) -> float:
        """Seconds from the problem to the field."""
        return self.load + forecast.seconds + self.rest

    def rows(self) -> dict[str, str]:
        """The upper part of the table: what each line is about, and what it says."""
        return {
            "unknowns": f"{self.unknowns:,} ({' x '.join(map(str, self.shape))}); a field of them takes {_memory(8.0 * self.unknowns)}",
            **self.structure,
            "machine": self.machine,
            "memory": f"{_memory(self.free)} free",
            "seconds": f"{_seconds(self.load)} of the load and {_seconds(self.rest)} of the residual and the field are in every total",
            "choice": f"{self.choice!r}: {self.reason}",
        }

    def lines(self) -> list[tuple[str, ...]]:
        """The middle part: the figures of each solver."""
        return [self._line(forecast) for forecast in self.forecasts]

    def notes(self) -> list[str]:
        """The lower part: why solvers cannot be used, and what else is to be known."""
        return [f"{forecast.solver} {_verb(forecast)}{forecast.note}" for forecast in self.forecasts if forecast.note]

    def _line(self, forecast: Forecast) -> tuple[str, ...]:
        if not forecast.treats:
            return (forecast.solver, *["-"] * (len(HEADER) - 1))
        times = [_seconds(value) for value in (self.seconds(forecast), forecast.setup, forecast.solve)]
        return (forecast.solver, *times, f"{forecast.iterations or '-'}", _memory(forecast.memory))

    def __str__(self) -> str:
        lines = [HEADER, *self.lines()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        table = ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines]
        above = [f"{name:<11} {text}" for name, text in self.rows().items()]
        notes = self.notes()
        return "\n".join([*above, "", *table, *[""] * bool(notes), *notes])

    def _repr_html_(self) -> str:
        notes = [(note,) for note in self.notes()]
        return html.table(self.rows().items(), caption="Explanation") + html.table(self.lines(), header=HEADER) + html.table(notes)


def _measured(machine: Machine) -> str:
    """What was measured of the machine, in units that can be compared with its data sheet: a pass reads two numbers and writes one."""
    entry = machine.transform * transform_cost("dirichlet-dirichlet", 128)
    return (
        f"matrix products {2e-9 / machine.product:.3g} GFLOP/s, passes over a field {24e-9 / machine.far:.3g} GB/s (in the caches "
        f"{24e-9 / machine.near:.3g}), a sine transform {1e9 * entry:.2g} ns per unknown of an axis of 128 cells"
    )


def _verb(forecast: Forecast) -> str:
    return ": " if forecast.usable else ("does not fit: " if forecast.treats else "cannot treat it: ")


def explain(
    space: Space,
    source: Any,
    conditions: dict[str, Condition],
    operator: Any,
    *,
    load: str = QUADRATURE,
    coefficients: Mapping[str, str] | None = None,
) -> Explanation:
    """Say what a problem is made of and what a solve would take; nothing is solved, the source is sampled on one slab.

    Parameters
    ----------
    space : Space
    source : as of `Poisson`
    conditions : dict
        The condition of each face.
    operator : operator
        The reduced one.
    load : str
        How the source is integrated, as of `Poisson`.
    coefficients : mapping of str to str, optional
        What was found of each coefficient.

    Returns
    -------
    Explanation

    Raises
    ------
    ValueError
        If the source fails on the slab.
    """
    machine, size = this_machine(), operator.shape[0]
    lifted = any(isinstance(c, Dirichlet) and not (isinstance(c.value, int | float) and c.value == 0) for c in conditions.values())
    lifting = apply_seconds(operator, machine) + machine.passes(space.size, LIFTING_PASSES) if lifted else 0.0
    residual = apply_seconds(operator, machine) + machine.passes(size, RESIDUAL_PASSES) + machine.passes(space.size, FIELD_PASSES)
    choice, reason = Auto().choose(operator)
    solvers = (*SOLVERS, Multigrid()) if isinstance(operator, CellOperator) else SOLVERS
    solvers = solvers if choice in solvers else (*solvers, choice)
    around = 8.0 * space.size * (2 if lifted else 1)  # the field itself, and what carries its boundary values
    return Explanation(
        unknowns=size,
        shape=operator.output_shape,
        structure={**_structure(space, conditions, operator), **(coefficients or {})},
        machine=_measured(machine),
        load=load_seconds(space, source, load, machine) + lifting,
        rest=residual,
        forecasts=tuple(_with_field(solver.forecast(operator, machine), around) for solver in solvers),
        choice=choice,
        reason=reason,
        free=available_memory(),
    )


def _with_field(forecast: Forecast, around: float) -> Forecast:
    """The forecast with what is held besides, while the solver works."""
    memory, free = forecast.memory + around, available_memory()
    if not forecast.treats:
        return forecast
    if memory <= free:
        return replace(forecast, memory=memory)
    return replace(forecast, memory=memory, fits=False, note=f"it needs {_memory(memory)}, {_memory(free)} are free")


def _structure(space: Space, conditions: dict[str, Condition], operator: Any) -> dict[str, str]:
    nearest = getattr(operator, "kronecker_approximation", lambda: None)()
    pencils = (None,) * space.dimension if nearest is None else nearest.pencils
    axes = {f"axis {name}": _axis(space, i, conditions, pencils[i]) for i, name in enumerate(space.names)}
    null_space = "none" if operator.null_vector is None else "constants (the solution of mean zero is given)"
    return {**axes, "operator": _form(operator), "null space": null_space}


def _axis(space: Space, index: int, conditions: dict[str, Condition], pencil: Pencil | None) -> str:
    basis, name = space.bases[index], space.names[index]
    ends = [type(conditions[name + end]).__name__ for end in "-+"] if name + "-" in conditions else ["periodic"]
    cells = f"{basis.mesh.cells} {'equal' if basis.mesh.uniform else 'unequal'} cells"
    return f"{cells}, {type(basis).__name__} of degree {basis.degree}, {' and '.join(ends)}; {_eigenbasis(pencil)}"


def _eigenbasis(pencil: Pencil | None) -> str:
    if pencil is None:
        return "no eigenbasis"
    if pencil.is_circulant:
        return "eigenbasis by Fourier transforms over the cells"
    if pencil.is_symmetric and not pencil.is_trigonometric:
        return f"eigenbasis by even and odd halves, matrices of {(pencil.size + 1) // 2} and {pencil.size // 2} unknowns"
    if pencil.is_trigonometric:
        return "eigenbasis of sines and cosines, by fast transforms"
    why = "" if pencil.trigonometry is None else ", faster here than transforms of this length"
    return f"eigenbasis as a matrix of {pencil.size} x {pencil.size}{why}"


def _form(operator: Any) -> str:
    if isinstance(operator, KroneckerSum):
        shift = "" if operator.shift == 0 else f", shifted by {operator.shift:.6g}"
        return f"a Kronecker sum{shift}: exactly inverted by the eigenbases of its axes"
    if isinstance(operator, CellOperator):
        return "coefficients in cells: it is applied cell by cell, and no matrix is formed"
    return (
        f"a sum of {len(operator.terms)} Kronecker products, no Kronecker sum: the product diffusion weights the masses of its own terms, "
        "and not those of a reaction or a Robin condition"
    )


def _seconds(value: float) -> str:
    return f"{value:.2g} s" if value < 99.5 else f"{value:,.0f} s"


def _memory(value: float) -> str:
    if value >= 1e12:
        return f"{value / 1e9:,.0f} GB"
    return f"{value / 1e9:.3g} GB" if value >= 1e9 else f"{value / 1e6:.3g} MB"
