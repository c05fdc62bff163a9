"""The Poisson problem on a box."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem import html
from tensorfem.boundary import Condition, conditions_by_face
from tensorfem.cells import CellOperator
from tensorfem.checks import choice
from tensorfem.field import Field
from tensorfem.kron import KroneckerOperator
from tensorfem.load_vector import METHODS, QUADRATURE
from tensorfem.problems.abrupt import AbruptChange, abrupt_changes
from tensorfem.problems.coefficient_data import kept, refined
from tensorfem.problems.elliptic import Elliptic
from tensorfem.problems.explanation import Explanation, explain
from tensorfem.problems.faces import ON_CONFLICT, add_fluxes, face_datum, lifting
from tensorfem.problems.form import Form
from tensorfem.problems.lifting import SmoothLifting
from tensorfem.problems.reduced_system import ReducedSystem
from tensorfem.problems.trust import hold_on_mean, require_compatible, trusted
from tensorfem.report import Report, Stopwatch
from tensorfem.solvers import Auto, ConvergenceError, Solver
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
ON_INCOMPATIBLE = ("error", "project")


@dataclass(frozen=True, eq=False, repr=False)
class Poisson:
    """The problem ``-div(a grad u) + c u = f`` on a box.

    Parameters
    ----------
    space : Space
    source : number, string, callable, `Product`, `Sum`, `Field` or array of nodal values
        f. A callable gets open coordinate arrays (which broadcast to the grid) and returns an array that broadcasts to the grid. A field,
        on whatever mesh over the box, is integrated exactly.
    diffusion : number, string, callable, tuple, `Product`, `Field`, array, `CellValues` or tensor
        a > 0. A string or callable is a function of all coordinates. An array holds nodal values or, exactly, one number per cell, whatever
        its shape says; `CellValues(array)` says it where both are possible. A tuple is the diagonal of a tensor: one entry per axis, each
        a number, string or function of its OWN coordinate. A full tensor, symmetric and positive definite, is a list of d lists of d
        entries, each a number, string, function of all coordinates, field or `CellValues`; or a (d, d) array of numbers.
    reaction : number, string, callable, `Sum`, `Field`, array or `CellValues`
        c; it may be negative (Helmholtz).
    boundary : condition, datum or mapping
        `Dirichlet`, `Neumann` or `Robin` for all faces; a number, string or callable, which is a Dirichlet value for all; or a mapping
        from faces ("x-", "x+", ...; "*" for those not named) to these. May be left out only where all axes are periodic.
    load : {"quadrature", "interpolate"}
        How the source is integrated: by degree + 1 Gauss points per cell and axis, or as the function of the space that takes its values at
        the nodes. That takes fewer samples; the order of convergence is the same, the error somewhat larger.
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

    Coefficients are looked at in all Gauss points, degree + 1 per cell and axis. Those that are found to be numbers, products (diffusion)
    or sums (reaction) of functions of one coordinate each keep the Kronecker form of the operator, as do sums of up to three products
    where they are cheaper to apply than cells. Others are kept cell by cell, of degree 1 as one number per cell. A coefficient may jump:
    on cell faces nothing is lost, inside cells the order of convergence is: `abrupt_changes` finds such jumps, and studies tell of them.
    Fluxes are those of the tensor, ``(a grad u) . n``.

    Solvers that iterate solve for the correction to a smooth extension of the Dirichlet values, and stop relative to its right-hand side:
    `rhs` grows as the cells next to the values shrink. Iterates that are shown are those of the whole solution.

    Examples
    --------
    >>> import tensorfem as tfem
    >>> space = tfem.box(x=(0, 1), y=(0, 1), cells=32, degree=2)
    >>> u = tfem.Poisson(space, source=1.0, boundary=0.0).solve()
    >>> round(float(u(0.5, 0.5)), 6)  # 0.0736713532... by the series
    0.073671
    """

    space: Space
    source: Any
    diffusion: Any = field(default=1.0, kw_only=True)
    reaction: Any = field(default=0.0, kw_only=True)
    boundary: Any = field(default=None, kw_only=True)
    load: str = field(default=QUADRATURE, kw_only=True)
    on_conflict: str = field(default="error", kw_only=True)
    on_incompatible: str = field(default="error", kw_only=True)

    def __post_init__(self) -> None:
        space = self.space
        if not isinstance(space, Space):
            raise ValueError(f"space: got {space!r}; allowed is a Space, as made by box or Space")
        choice(self.load, "load", METHODS)
        choice(self.on_conflict, "on_conflict", ON_CONFLICT)
        choice(self.on_incompatible, "on_incompatible", ON_INCOMPATIBLE)
        # Arrays and mappings are the caller's, and may change later: the problem keeps its own.
        object.__setattr__(self, "source", space.checked_source(self.source, "source"))
        for name in ("diffusion", "reaction"):
            object.__setattr__(self, name, kept(space, getattr(self, name), name))
        object.__setattr__(self, "boundary", dict(self.boundary) if isinstance(self.boundary, Mapping) else self.boundary)
        for face, condition in self.conditions.items():
            face_datum(space, face, condition)
        for name, free in zip(space.names, self._elliptic.form.free, strict=True):
            if free.stop <= free.start:
                raise ValueError(f"space: axis {name} has no unknown between its Dirichlet ends; use more cells or a higher degree")

    @functools.cached_property
    def conditions(self) -> dict[str, Condition]:
        """The boundary condition of each face."""
        return conditions_by_face(self.boundary, self.space.faces)

    @functools.cached_property
    def _elliptic(self) -> Elliptic:
        return Elliptic.of(self.space, self.diffusion, self.reaction, self.conditions)

    @functools.cached_property
    def operator(self) -> KroneckerOperator:
        """The reduced operator over the free unknowns: in Kronecker form, or a `CellOperator` as `cell_operator` is."""
        return self._elliptic.form.operator()

    @property
    def cell_operator(self) -> CellOperator:
        """The operator cell by cell, whatever its structure: what `Multigrid` works on. Of degree 1 it takes means, as `rhs` need not."""
        return self._elliptic.in_cells.operator()

    @functools.cached_property
    def _lifting(self) -> FloatArray | None:
        return lifting(self.space, self.conditions, self.on_conflict)

    @property
    def _smooth_lifting(self) -> SmoothLifting | None:
        return None if self._lifting is None else SmoothLifting(self._lifting, self.space.nodes, self._elliptic.form.free)

    @functools.cached_property
    def rhs(self) -> FloatArray:
        """The reduced right-hand side: the load, fluxes added, Dirichlet values lifted by a function that is zero at all free unknowns."""
        return self._reduced(self._elliptic.form)

    @functools.cached_property
    def _cell_rhs(self) -> FloatArray:
        """That of `cell_operator`: where coefficients are means over cells, so are those next to Dirichlet faces."""
        return self.rhs if self.cell_operator is self.operator else self._reduced(self._elliptic.in_cells)

    def _reduced(self, form: Form) -> FloatArray:
        reduced = self.space.load(self.source, method=self.load, functions=form.free)
        add_fluxes(self.space, self.conditions, form.free, reduced)
        if self._lifting is not None:
            form.lift(self._lifting, reduced)
        reduced.setflags(write=False)  # it is kept, and solved with again
        return reduced

    def refined(self, axes: Sequence[str] | None = None) -> "Poisson":
        """The same problem on the mesh with every cell halved, of all axes or of those named.

        Raises
        ------
        ValueError
            If a datum is an array of nodal values, which says nothing between the nodes, or there is no such axis.
        """
        if isinstance(self.source, np.ndarray):
            raise ValueError("source: an array of nodal values cannot be refined; give a number, a string or a function")
        space, chosen = self.space.refined(axes), range(self.space.dimension)
        halved = [axis for axis in chosen if axes is None or self.space.names[axis] in axes]
        return replace(
            self, space=space, diffusion=refined(self.diffusion, halved, "diffusion"), reaction=refined(self.reaction, halved, "reaction")
        )

    def solve(self, solver: Solver | None = None) -> Field:
        """Solve the problem.

        Parameters
        ----------
        solver : Solver, optional
            `Direct`, `CG`, `AMG`, `Multigrid`, `FastDiagonalization`, or `Auto`, the default, which chooses.

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
            raise ValueError(f"solver: got {solver!r}; allowed are Direct(), CG(), AMG(), Multigrid(), FastDiagonalization() and Auto()")
        clock, wanted = Stopwatch(), Auto() if solver is None else solver
        with clock.phase("assembly"):
            operator = self.cell_operator if wanted.in_cells else self.operator
        with clock.phase("load"):
            rhs = self._cell_rhs if wanted.in_cells else self.rhs
        if operator.null_vector is not None and self.on_incompatible == "error":
            require_compatible(rhs)
        with clock.phase("setup"):
            chosen, reason = wanted.choose(operator)
            system = ReducedSystem.of(operator, rhs, self._smooth_lifting if chosen.iterates else None)
            prepared = system.told(chosen).prepare(operator)
        try:
            with clock.phase("solve"):
                solution = prepared(system.rhs)
            with clock.phase("residual"):
                residual, backward_error = trusted(solution, chosen, hold_on_mean(self.space, self._elliptic.reaction, self.conditions))
        except ConvergenceError as error:
            error.solution = system.whole(error.solution)
            raise
        whole = system.whole(solution)
        report = Report.of(
            whole,
            solver=repr(chosen),
            reason=reason,
            seconds=clock.seconds,
            residual=residual,
            backward_error=backward_error,
            coefficients=self._elliptic.description,
        )
        return self._with_boundary(whole.value, report)

    def explain(self) -> Explanation:
        """Say what the problem is made of, and what a solve would take by every solver on this machine; nothing is solved.

        Returns
        -------
        Explanation
            A record that prints as a table: structure, forecasts of seconds and memory, and what `Auto` takes and why.

        Raises
        ------
        ValueError
            If the data are not usable. The source is sampled on one slab only.
        """
        return explain(self.space, self.source, self.conditions, self.operator, load=self.load, coefficients=self._elliptic.words)

    def abrupt_changes(self) -> tuple[AbruptChange, ...]:
        """Diffusion, reaction and source where they jump inside cells, or change faster than cells resolve.

        Returns
        -------
        tuple of AbruptChange
            Records with `words`, by coefficient: in how many cells, where first, and at which coordinates to put mesh nodes.
        """
        return tuple(abrupt_changes(self.space, {name: getattr(self, name) for name in ("diffusion", "reaction", "source")}))

    def field(self, value: Any) -> Field:
        """The field of a vector of the reduced system, a solution or an iterate: Dirichlet values put in, mean zero where nothing fixes it.

        Parameters
        ----------
        value : array of the operator's shape, or flat
            It is copied.

        Raises
        ------
        ValueError
            If it has another shape, or is not real and finite.
        """
        array = np.array(value)
        shape = self.operator.output_shape
        if array.shape not in {shape, (self.operator.shape[0],)} or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
            raise ValueError(
                f"value: got an array of shape {array.shape} and type {array.dtype}; allowed are finite real ones of {shape}, or flat"
            )
        return self._with_boundary(array.reshape(shape).astype(np.float64), None)

    def _with_boundary(self, value: FloatArray, report: Report | None) -> Field:
        if value.shape == self.space.shape:
            coefficients = value
        else:
            coefficients = np.zeros(self.space.shape) if self._lifting is None else self._lifting.copy()
            coefficients[self._elliptic.form.free] = value
        if self.operator.null_vector is not None:
            coefficients -= Field.adopt(self.space, coefficients).mean()
        return Field.adopt(self.space, coefficients, report)

    def _repr_html_(self) -> str:
        data = [(name, html.brief(getattr(self, name))) for name in ("source", "diffusion", "reaction")]
        faces = [(face, html.brief(condition)) for face, condition in self.conditions.items()]
        return html.table([*self.space.facts, *data, *faces], caption="Poisson: -div(diffusion grad u) + reaction u = source")

    def __repr__(self) -> str:
        data = ", ".join(f"{name}={getattr(self, name)!r}" for name in ("source", "diffusion", "reaction", "boundary"))
        load = "" if self.load == QUADRATURE else f", load={self.load!r}"
        return f"Poisson({self.space!r}, {data}{load})"
