"""The Poisson problem on a box."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem import html
from tensorfem.boundary import conditions_by_face
from tensorfem.field import Field
from tensorfem.kron import KroneckerOperator, KroneckerSum
from tensorfem.problems.coefficients import diffusion_coefficients, reaction_coefficients
from tensorfem.problems.faces import ON_CONFLICT, add_fluxes, lifting
from tensorfem.problems.form import Form, elliptic_form
from tensorfem.report import Report, Stopwatch, peak_memory
from tensorfem.solvers import Auto, ConvergenceError, LinearSolution, Solver, check_resonance
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
ON_INCOMPATIBLE = ("error", "project")
DEFECT = 0.01  # of the sum of |b|: a larger defect is a mistake in the data, a smaller one quadrature
TRUSTED_RESIDUAL, TRUSTED_BACKWARD_ERROR = 1e-6, 1e-10  # a solve that meets neither is refused


class Poisson:
    """The problem ``-div(a grad u) + c u = f`` on a box.

    Parameters
    ----------
    space : Space
    source : number, string, callable, `Product`, `Sum` or array of nodal values
        f. A callable gets open coordinate arrays (which broadcast to the grid) and returns an array that broadcasts to the grid.
    diffusion : number, tuple or `Product`
        a > 0. A tuple is the diagonal of a tensor: one entry per axis, each a number, string or function of its own coordinate. In one
        dimension a string or function will do.
    reaction : number or `Sum`
        c; it may be negative (Helmholtz). In one dimension a string or function will do.
    boundary : condition, datum or mapping
        `Dirichlet`, `Neumann` or `Robin` for all faces; a number, string or callable, which is a Dirichlet value for all; or a mapping
        from faces ("x-", "x+", ...; "*" for those not named) to these. May be left out only where all axes are periodic.
    on_conflict : {"error", "average"}
        What to do where the Dirichlet values of two faces differ on their shared edge.
    on_incompatible : {"error", "project"}
        What to do where nothing fixes the mean of u and the data do not balance (source and fluxes do not add up to zero).

    Raises
    ------
    ValueError
        If an argument is not what is allowed; the message says what is.

    Notes
    -----
    Where nothing fixes the mean of u (Neumann or periodic all around and no reaction) the solution of mean zero is returned.

    Examples
    --------
    >>> import tensorfem as tfem
    >>> space = tfem.box(x=(0, 1), y=(0, 1), cells=32, degree=2)
    >>> u = tfem.Poisson(space, source=1.0, boundary=0.0).solve()
    >>> round(float(u(0.5, 0.5)), 6)  # 0.0736713532... by the series
    0.073671
    """

    def __init__(
        self,
        space: Space,
        source: Any,
        *,
        diffusion: Any = 1.0,
        reaction: Any = 0.0,
        boundary: Any = None,
        on_conflict: str = "error",
        on_incompatible: str = "error",
    ) -> None:
        if not isinstance(space, Space):
            raise ValueError(f"space: got {space!r}; allowed is a Space, as made by box or Space")
        self.space = space
        self.source = source
        self.diffusion = diffusion
        self.reaction = reaction
        self.boundary = boundary
        self.on_conflict = _choice(on_conflict, "on_conflict", ON_CONFLICT)
        self.on_incompatible = _choice(on_incompatible, "on_incompatible", ON_INCOMPATIBLE)
        self.conditions = conditions_by_face(boundary, space.faces)
        self._form: Form = elliptic_form(
            space, *diffusion_coefficients(space, diffusion), reaction_coefficients(space, reaction), self.conditions
        )
        for name, free in zip(space.names, self._form.free, strict=True):
            if free.stop <= free.start:
                raise ValueError(f"space: axis {name} has no unknown between its Dirichlet ends; use more cells or a higher degree")

    @functools.cached_property
    def operator(self) -> KroneckerOperator:
        """The reduced operator over the free unknowns, in Kronecker form."""
        return self._form.operator()

    @functools.cached_property
    def _lifting(self) -> FloatArray | None:
        return lifting(self.space, self.conditions, self.on_conflict)

    @functools.cached_property
    def rhs(self) -> FloatArray:
        """The reduced right-hand side: the load, fluxes added, Dirichlet values lifted."""
        whole = self.space.load(self.source)
        add_fluxes(self.space, self.conditions, whole)
        reduced = np.ascontiguousarray(whole[self._form.free])
        del whole
        if self._lifting is not None:
            reduced -= self._form.couple(self._lifting)
        return reduced

    def refined(self, axes: Sequence[str] | None = None) -> "Poisson":
        """The same problem on the mesh with every cell halved, of all axes or of those named.

        Raises
        ------
        ValueError
            If the source is an array of nodal values, which says nothing between the nodes, or there is no such axis.
        """
        if isinstance(self.source, np.ndarray) and self.source.ndim:
            raise ValueError("source: an array of nodal values cannot be refined; give a number, a string or a function")
        return Poisson(
            self.space.refined(axes),
            self.source,
            diffusion=self.diffusion,
            reaction=self.reaction,
            boundary=self.boundary,
            on_conflict=self.on_conflict,
            on_incompatible=self.on_incompatible,
        )

    def solve(self, solver: Solver | None = None) -> Field:
        """Solve the problem.

        Parameters
        ----------
        solver : Solver, optional
            `Direct`, `CG`, `AMG`, `FastDiagonalization`, or `Auto`, the default, which chooses.

        Returns
        -------
        Field
            With a `report`.

        Raises
        ------
        ValueError
            If the data are not usable, not compatible or resonant, or the solver cannot treat the problem.
        MemoryError
            If the solve would not fit into memory.
        ConvergenceError
            If an iteration does not converge, or the true residual shows that the solve went wrong.
        """
        if solver is not None and not isinstance(solver, Solver):
            raise ValueError(f"solver: got {solver!r}; allowed are Direct(), CG(), AMG(), FastDiagonalization() and Auto()")
        clock = Stopwatch()
        with clock.phase("assembly"):
            operator = self.operator
        with clock.phase("load"):
            rhs = self.rhs
        if operator.null_vector is not None and self.on_incompatible == "error":
            _require_compatible(rhs)
        with clock.phase("setup"):
            if isinstance(operator, KroneckerSum) and operator.shift < 0:
                check_resonance(operator.spectrum())
            chosen, reason = (Auto() if solver is None else solver).choose(operator)
            prepared = chosen.prepare(operator)
        with clock.phase("solve"):
            solution = prepared(rhs)
        with clock.phase("residual"):
            residual, backward_error = _trusted(solution)
        report = Report(
            solver=repr(chosen),
            reason=reason,
            unknowns=operator.shape[0],
            shape=operator.output_shape,
            seconds=clock.seconds,
            memory=peak_memory(),
            converged=solution.converged,
            stopped=solution.reason,
            residual=residual,
            backward_error=backward_error,
            iterations=solution.iterations,
            null_space="none" if operator.null_vector is None else "constants (the solution of mean zero is given)",
            defect=solution.defect,
        )
        return self.field(solution.value, report)

    def field(self, value: FloatArray, report: Report | None = None) -> Field:
        """The field of a solution, or an iterate, of the reduced system: Dirichlet values put in, mean zero where nothing fixes it."""
        value = value.reshape(self.operator.output_shape)
        if value.shape == self.space.shape:
            coefficients = value
        else:
            coefficients = np.zeros(self.space.shape) if self._lifting is None else self._lifting.copy()
            coefficients[self._form.free] = value
        if self.operator.null_vector is not None:
            coefficients = coefficients - Field.adopt(self.space, coefficients).mean()
        return Field.adopt(self.space, coefficients, report)

    def _repr_html_(self) -> str:
        data = [(name, html.brief(getattr(self, name))) for name in ("source", "diffusion", "reaction")]
        faces = [(face, html.brief(condition)) for face, condition in self.conditions.items()]
        return html.table([*self.space.facts, *data, *faces], caption="Poisson: -div(diffusion grad u) + reaction u = source")

    def __repr__(self) -> str:
        data = ", ".join(f"{name}={getattr(self, name)!r}" for name in ("source", "diffusion", "reaction", "boundary"))
        return f"Poisson({self.space!r}, {data})"


def _choice(value: str, name: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{name}: got {value!r}; allowed are {', '.join(map(repr, allowed))}")
    return value


def _require_compatible(rhs: FloatArray) -> None:
    """Refuse a right-hand side whose sum, which nothing in the operator can balance, is more than an error of quadrature."""
    scale = float(np.max(np.abs(rhs))) or 1.0
    defect, total = float(np.sum(rhs / scale)), float(np.sum(np.abs(rhs / scale)))
    if abs(defect) > DEFECT * total:
        raise ValueError(
            "the data are not compatible: nothing fixes the mean of u, so source and boundary fluxes must add up to 0, "
            f"but they add up to {defect * scale:.6g} ({abs(defect) / total:.2g} times the sum of their sizes); balance them, "
            'give a face a Dirichlet or Robin condition, or pass on_incompatible="project"'
        )


def _trusted(solution: LinearSolution) -> tuple[float, float]:
    """The residual and the backward error, where one of them is small enough."""
    residual, backward_error = float(solution.residual or 0.0), float(solution.backward_error or 0.0)
    if not (residual <= TRUSTED_RESIDUAL or backward_error <= TRUSTED_BACKWARD_ERROR):
        figures = f"the true relative residual is {residual:.2g}, the backward error {backward_error:.2g}"
        raise ConvergenceError(f"the solve went wrong: {figures}; try another solver", solution)
    return residual, backward_error
