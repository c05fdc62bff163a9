"""The solution of a problem as a function of its data, in any array library, with derivatives."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.checks import is_number
from tensorfem.kron import KroneckerSum, Pencil, require_memory
from tensorfem.kron.portable.application import PlacedProducts, PlacedSum
from tensorfem.kron.portable.inverse import PlacedInverse
from tensorfem.kron.portable.place import Place, held, is_foreign, is_traced, on_host
from tensorfem.problems.faces import add_fluxes
from tensorfem.problems.form import SumForm
from tensorfem.problems.poisson import Poisson
from tensorfem.solvers.fast_diagonalization import check_resonance

SQUARES = 4  # dense matrices of a whole axis, besides its root: mass, stiffness, eigenvectors, and one on the way


@dataclass(frozen=True, eq=False)
class SolutionMap:
    """The map from a Poisson problem's data to its solution, in PyTorch, JAX, CuPy or NumPy arrays.

    The libraries differentiate through it. The derivative is the adjoint solve: with ``A u = b`` and a function J of u, the gradient in
    b is ``A^-1 dJ/du``, and that in a parameter of A is ``-lambda^T (dA) u`` (Giles & Pierce, "An introduction to the adjoint approach to
    design", Flow, Turbulence and Combustion 65 (2000)). No iteration is differentiated: u is written as ``u0 + S (b - A u0)`` with the
    inverse S and the solution u0 held constant, so that its first derivatives are those of the solution.

    Parameters
    ----------
    problem : Poisson
        It gives the data that a call leaves out.

    Raises
    ------
    ValueError
        If the problem is no Kronecker sum.

    Examples
    --------
    >>> import numpy as np, tensorfem as tfem
    >>> space = tfem.box(x=(0, 1), y=(0, 2), cells=(4, 6))
    >>> solution = SolutionMap(tfem.Poisson(space, source=1.0, boundary=0.0))
    >>> u = solution(source=np.ones(space.shape))
    >>> bool(np.allclose(u, solution.problem.solve().coefficients))
    True
    """

    problem: Poisson

    def __post_init__(self) -> None:
        if not isinstance(self.problem._elliptic.form, SumForm):
            raise ValueError(
                f"SolutionMap: {self.problem!r} is no Kronecker sum; a diffusion that is one is a number or one function per axis"
            )

    def __call__(self, *, source: Any = None, boundary: Any = None, diffusion: Sequence[Any] | None = None, reaction: Any = None) -> Any:
        """The solution's coefficients, an array of the space's shape.

        Parameters
        ----------
        source : array of the space's shape, optional
            Coefficients of the source in the space's own basis (for Lagrange elements its values at the nodes).
        boundary : array of the space's shape, optional
            Coefficients of which those on Dirichlet faces are taken.
        diffusion : sequence with one entry per axis, optional
            Factors of the problem's own diffusion: a number, or an array with one factor per cell of the axis; positive.
        reaction : number or array without axes, optional
            The constant part of the reaction, in the place of the problem's. Where it is 0 and nothing fixes the mean of the solution,
            that mean is 0, and the data's incompatible part is left out.

        Raises
        ------
        ValueError
            If all are left out, or an array has another shape, library or device than it should, a factor is not positive, or the
            reaction is resonant.
        MemoryError
            If the matrices of the axes, which are dense, would not fit.
        """
        given = {"source": source, "boundary": boundary, "reaction": reaction}
        diffusion = self._entries(diffusion)
        arrays = [a for a in [*given.values(), *(diffusion or ())] if _is_array(a)]
        if not arrays:
            raise ValueError(
                "SolutionMap: got no array; give source, boundary, diffusion or reaction, which say what library to compute in"
            )
        place = Place.of("SolutionMap", *arrays)
        for name in ("source", "boundary"):
            self._require_shape(given[name], self.problem.space.shape, name)
        if tuple(getattr(reaction, "shape", ())) != () or isinstance(reaction, str | list | tuple):
            raise ValueError(f"reaction: got {reaction!r}; allowed is a number or an array without axes")
        for name, array in given.items():
            if array is not None and not _is_finite(array):
                raise ValueError(f"{name}: an entry is not finite; all must be")
        shift = self._form.shift if reaction is None else reaction
        stiffness, inverse = self._stiffness(place, diffusion, shift)
        lifted = self._lifted(place, boundary)
        rhs = self._load(place, source)
        if lifted is not None:
            rhs = rhs - PlacedSum(place, stiffness, self._masses(place), shift).apply(lifted)
        reduced = [k[:, free] for k, free in zip(stiffness, self._form.free, strict=True)]
        masses = [m[:, free] for m, free in zip(self._masses(place), self._form.free, strict=True)]
        now = PlacedSum(place, reduced, masses, shift)
        first = held(inverse.solve(held(rhs), shift=held(shift)))
        value = first + inverse.solve(rhs - now.apply(first), shift=held(shift))
        whole = self._extended(place, value)
        return whole if lifted is None else whole + lifted

    @property
    def _form(self) -> SumForm:
        form: SumForm = self.problem._elliptic.form  # type: ignore[assignment]
        return form

    @property
    def _operator(self) -> KroneckerSum:
        operator: KroneckerSum = self.problem.operator  # type: ignore[assignment]
        return operator

    @functools.cached_property
    def _matrices(self) -> list[tuple[Any, Any]]:
        """For each axis the root over all unknowns and the mass of the free ones against all."""
        made = [(axis.root(), axis.coupling(ends)[1]) for axis, ends in zip(self._form.axes, self._form.dirichlet, strict=True)]
        dense = sum(root.shape[0] * root.shape[1] + SQUARES * root.shape[1] ** 2 for root, _ in made)
        require_memory(8.0 * dense, f"SolutionMap: the dense matrices of the axes of {self.problem!r}", "use fewer cells along the longest")
        return made

    def _masses(self, place: Place) -> list[Any]:
        return [place.put(mass.toarray()) for _, mass in self._matrices]

    def _stiffness(self, place: Place, diffusion: Sequence[Any] | None, shift: Any) -> tuple[list[Any], PlacedInverse]:
        """K of the free unknowns against all, by axis, and the inverse for the present values of the factors and the shift."""
        weights = [None] * len(self._matrices) if diffusion is None else self._weights(place, diffusion)
        stiffness = []
        for (root, _), weight, free in zip(self._matrices, weights, self._form.free, strict=True):
            whole = place.put(root.toarray())
            rows = whole if weight is None else place.xp.reshape(weight, (-1, 1)) * whole
            stiffness.append(place.xp.matmul(whole[:, free].T, rows))
        operator = KroneckerSum(self._operator.pencils if diffusion is None else self._weighted(weights), _regular(shift))
        check_resonance(operator.spectrum())
        return stiffness, PlacedInverse.of(operator, place)

    def _entries(self, diffusion: Any) -> list[Any] | None:
        """The factors of the diffusion by axis; an array of them is taken apart."""
        if diffusion is None:
            return None
        names = self.problem.space.names
        if not (isinstance(diffusion, list | tuple) or (_is_array(diffusion) and len(diffusion.shape) > 0)):
            raise ValueError(f"diffusion: got {diffusion!r}; give one entry per axis ({', '.join(names)})")
        entries = list(map(np.asarray, diffusion)) if isinstance(diffusion, np.ndarray) else list(diffusion)
        if len(entries) != len(names):
            raise ValueError(f"diffusion: got {len(entries)} entries; this space has {len(names)} axes ({', '.join(names)})")
        return entries

    def _weights(self, place: Place, diffusion: Sequence[Any]) -> list[Any]:
        """The factor of each row of the roots: those of the diffusion take their cell's, all others 1."""
        bases = self.problem.space.bases
        weights = []
        for name, basis, (root, _), factors in zip(self.problem.space.names, bases, self._matrices, diffusion, strict=True):
            cells, points = basis.mesh.cells, basis.degree + 1
            if not (_is_array(factors) or is_number(factors)):
                raise ValueError(f"diffusion, axis {name}: got {factors!r}; allowed are a number and an array of shape ({cells},)")
            values = factors if _is_array(factors) else place.put(np.asarray(float(factors)))
            if tuple(values.shape) not in {(), (cells,)}:
                raise ValueError(
                    f"diffusion, axis {name}: got an array of shape {tuple(values.shape)}; allowed are a number and ({cells},)"
                )
            if not ((numbers := on_host(values, "diffusion")) > 0).all() or np.isinf(numbers).any():
                raise ValueError(f"diffusion, axis {name}: a factor is not positive and finite; all must be")
            of_cell = np.zeros((root.shape[0], cells))
            of_cell[np.arange(cells * points), np.repeat(np.arange(cells), points)] = 1.0
            rest = np.ones(root.shape[0])
            rest[: cells * points] = 0.0
            weights.append(place.xp.matmul(place.put(of_cell), values * place.put(np.ones(cells))) + place.put(rest))
        return weights

    def _weighted(self, weights: Sequence[Any]) -> list[Pencil]:
        """The operator's pencils with the roots' rows weighted, on the host."""
        pencils = []
        for pencil, weight in zip(self._operator.pencils, weights, strict=True):
            root = sparse.csr_array(sparse.diags_array(np.sqrt(on_host(weight, "diffusion").astype(float))) @ pencil.root)
            pencils.append(Pencil(sparse.csr_array(root.T @ root), pencil.mass, root, pencil.null_vector))
        return pencils

    def _load(self, place: Place, source: Any) -> Any:
        """The load of the free unknowns, fluxes added, nothing lifted."""
        problem, free = self.problem, self._form.free
        if source is None:
            reduced = problem.space.load(problem.source, method=problem.load, functions=free)
        else:
            reduced = np.zeros(problem.operator.output_shape)
        add_fluxes(problem.space, problem.conditions, free, reduced)
        fixed = place.put(reduced)
        return fixed if source is None else fixed + PlacedProducts(place, [self._plain_masses(place)]).apply(source)

    def _plain_masses(self, place: Place) -> list[Any]:
        plain = [replace(axis, weight=1.0).coupling(ends)[1] for axis, ends in zip(self._form.axes, self._form.dirichlet, strict=True)]
        return [place.put(mass.toarray()) for mass in plain]

    def _lifted(self, place: Place, boundary: Any) -> Any:
        """The Dirichlet values on the whole space, 0 on all free unknowns; None where all are 0."""
        if boundary is None:
            lifting = self.problem._lifting
            return None if lifting is None else place.put(lifting)
        mask = np.ones(self.problem.space.shape)
        mask[self._form.free] = 0.0
        return boundary * place.put(mask)

    def _extended(self, place: Place, value: Any) -> Any:
        """A field of the free unknowns on the whole space."""
        columns = [place.put(np.eye(basis.size)[:, free]) for basis, free in zip(self.problem.space.bases, self._form.free, strict=True)]
        return value if tuple(value.shape) == self.problem.space.shape else PlacedProducts(place, [columns]).apply(value)

    @staticmethod
    def _require_shape(array: Any, shape: tuple[int, ...], name: str) -> None:
        if array is not None and tuple(getattr(array, "shape", ())) != shape:
            what = f"an array of shape {tuple(array.shape)}" if _is_array(array) else f"a {type(array).__name__}"
            raise ValueError(f"{name}: got {what}; allowed is an array of shape {shape}, the space's")


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or is_foreign(value)


def _is_finite(data: Any) -> bool:
    present = held(data)
    return is_traced(present) or bool(np.isfinite(on_host(present, "data") if is_foreign(present) else present).all())


def _regular(shift: Any) -> float:
    """A shift as a number of the host: it says whether the sum is singular. What is complex, or not known yet, counts as positive."""
    present = held(shift)
    if is_traced(present) or np.iscomplexobj(number := on_host(present, "reaction") if is_foreign(present) else np.asarray(present)):
        return 1.0
    return float(number)
