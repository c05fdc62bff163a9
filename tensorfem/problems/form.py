"""The bilinear form of an elliptic problem in Kronecker form: the reduced operator, and the coupling that lifts boundary values."""

import abc
import functools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis import AxisMatrices, mass
from tensorfem.boundary import Condition, Dirichlet, Robin
from tensorfem.kron import KroneckerOperator, KroneckerProduct, KroneckerSum, Pencil, SeparableOperator, apply_sum
from tensorfem.problems.coefficients import AxisCoefficient
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
Ends = tuple[tuple[bool, bool], ...]
Ranges = tuple[slice, ...]


class Form(abc.ABC):
    """A bilinear form over a space, with the unknowns of Dirichlet faces known."""

    @property
    @abc.abstractmethod
    def free(self) -> tuple[slice, ...]:
        """The free unknowns of each axis."""

    @abc.abstractmethod
    def operator(self) -> KroneckerOperator:
        """The form over the free unknowns."""

    @abc.abstractmethod
    def lift(self, boundary: FloatArray, target: FloatArray) -> None:
        """Take the form of boundary values off a load vector, in place.

        Parameters
        ----------
        boundary : array of the space's shape
            Coefficients that are zero at all free unknowns.
        target : array of the free unknowns
        """


class KroneckerForm(Form):
    """A form in Kronecker form: boundary values are lifted face by face."""

    @abc.abstractmethod
    def coupled(self, rows: Ranges, columns: Ranges, coefficients: FloatArray) -> FloatArray:
        """The form of a function, whose coefficients in the space are given for the `columns`, against the free functions in `rows`."""

    @abc.abstractmethod
    def reach(self, axis: int, column: slice) -> slice:
        """The free functions of an axis that meet one function of it."""

    def lift(self, boundary: FloatArray, target: FloatArray) -> None:
        """Layer by layer of the unknowns that are not free."""
        for axis, columns in _layers(self.free, boundary.shape):
            block = boundary[columns]
            if block.any():
                rows = tuple(self.reach(i, columns[i]) if i == axis else slice(0, n) for i, n in enumerate(target.shape))
                target[rows] -= self.coupled(rows, columns, block)


@dataclass(frozen=True, eq=False)
class SumForm(KroneckerForm):
    """A form that is a Kronecker sum: ``sum_i K_i (x) masses + shift masses``."""

    axes: tuple[AxisMatrices, ...]
    dirichlet: Ends
    shift: float

    @property
    def free(self) -> tuple[slice, ...]:
        """What the Dirichlet ends leave of each axis."""
        return tuple(axis.free(ends) for axis, ends in zip(self.axes, self.dirichlet, strict=True))

    def operator(self) -> KroneckerSum:
        """The Kronecker sum of the axes' pencils."""
        kinds = [_likeness(*pair) for pair in zip(self.axes, self.dirichlet, strict=True)]
        made: dict[Any, Pencil] = {}
        for kind, axis, ends in zip(kinds, self.axes, self.dirichlet, strict=True):
            if kind not in made:
                made[kind] = axis.restrict(ends)
        return KroneckerSum([made[kind] for kind in kinds], self.shift)

    @functools.cached_property
    def _couplings(self) -> list[tuple[Any, Any]]:
        return [axis.coupling(ends) for axis, ends in zip(self.axes, self.dirichlet, strict=True)]

    def coupled(self, rows: Ranges, columns: Ranges, coefficients: FloatArray) -> FloatArray:
        """By the rectangular factors ``K[free, all]`` and ``M[free, all]``."""
        factors = [[m[row, column] for m in pair] for pair, row, column in zip(self._couplings, rows, columns, strict=True)]
        stiffness, masses = zip(*factors, strict=True)
        return apply_sum(stiffness, masses, self.shift, coefficients)

    def reach(self, axis: int, column: slice) -> slice:
        """Where stiffness or mass have entries."""
        return _span(matrix[:, column] for matrix in self._couplings[axis])


@dataclass(frozen=True, eq=False)
class TermsForm(KroneckerForm):
    """A form that is a sum of Kronecker products of full matrices, with a Kronecker sum near it."""

    terms: tuple[tuple[Any, ...], ...]
    masses: tuple[Any, ...]
    nearest: SumForm
    shift: float

    @property
    def free(self) -> tuple[slice, ...]:
        """Those of the nearest Kronecker sum: they depend on the Dirichlet ends alone."""
        return self.nearest.free

    def operator(self) -> SeparableOperator:
        """The sum over the free unknowns; it knows the nearest Kronecker sum."""
        definite = self.shift >= 0
        return SeparableOperator(
            [self._reduced(term) for term in self.terms],
            approximation=self.nearest.operator() if definite else None,
            definite=definite,
            shift=self.shift,
            mass=self._reduced(self.masses),
        )

    def _reduced(self, factors: tuple[Any, ...]) -> KroneckerProduct:
        return KroneckerProduct(*(factor[free, free] for factor, free in zip(factors, self.free, strict=True)))

    def coupled(self, rows: Ranges, columns: Ranges, coefficients: FloatArray) -> FloatArray:
        """By the rectangular factors of each term."""
        cuts = list(zip(self.free, rows, columns, strict=True))
        products = [
            KroneckerProduct(*(m[free][row, column] for m, (free, row, column) in zip(term, cuts, strict=True))) for term in self.terms
        ]
        return SeparableOperator(products).apply(coefficients)

    def reach(self, axis: int, column: slice) -> slice:
        """Where any of the terms' factors has entries."""
        return _span(term[axis][self.free[axis], column] for term in self.terms)


def elliptic_form(
    space: Space, diffusion: Sequence[AxisCoefficient], product: bool, reaction: Sequence[AxisCoefficient], conditions: dict[str, Condition]
) -> Form:
    """The form of ``-div(a grad u) + c u`` with Robin terms, as a Kronecker sum wherever it is one.

    A `product` diffusion weights the masses too: a reaction or a Robin term, whose masses are not weighted, then breaks the sum; but not
    where all that varies, and all Robin ends, belong to one axis, whose stiffness matrix then takes them in.
    """
    dirichlet, robin = dirichlet_ends(space, conditions), robin_coefficients(space, conditions)
    shift = exact_sum([part.least for part in reaction])
    varying = [part.less(part.least) if part.varies else None for part in reaction]
    weights = [part.weight if product else 1.0 for part in diffusion]
    axes = tuple(
        AxisMatrices(basis, diffusion=a.weight, weight=w, reaction=r, robin=h)
        for basis, a, w, r, h in zip(space.bases, diffusion, weights, varying, robin, strict=True)
    )
    reacts = shift != 0 or any(r is not None for r in varying)
    if not product or not (reacts or any(map(any, robin))):
        return SumForm(axes, dirichlet, shift)
    busy = _busy_axes(diffusion, reaction, robin)
    if shift >= 0 and len(busy) <= 1:
        return SumForm(_with_reaction(axes, (busy or [0])[0], reaction, shift), dirichlet, 0.0)
    masses = tuple(mass(basis) for basis in space.bases)
    terms = _product_terms(space, masses, diffusion, reaction if reacts else (), robin)
    return TermsForm(terms, masses, nearest_sum(space, diffusion, reaction, dirichlet, robin), shift)


def _layers(free: Ranges, shape: tuple[int, ...]) -> Iterator[tuple[int, Ranges]]:
    """All unknowns that are not free, in layers of one function across an axis, each unknown in one of them; with that axis."""
    for axis, (own, size) in enumerate(zip(free, shape, strict=True)):
        for held in (*range(own.start), *range(own.stop, size)):
            yield axis, (*free[:axis], slice(held, held + 1), *(slice(0, n) for n in shape[axis + 1 :]))


def _span(columns: Iterable[Any]) -> slice:
    """From the first row with an entry to the last."""
    rows = np.concatenate([column.nonzero()[0] for column in columns])
    return slice(int(rows.min()), int(rows.max()) + 1) if rows.size else slice(0, 0)


def _likeness(axis: AxisMatrices, dirichlet: tuple[bool, bool]) -> Any:
    """What axes with the same matrices share: they get one pencil, whose eigenbasis is computed once. An axis like no other is itself."""
    if callable(axis.diffusion) or callable(axis.weight) or axis.reaction is not None:
        return id(axis)
    basis = axis.basis
    kind = (type(basis), basis.degree, getattr(basis, "continuity", None), basis.mesh.periodic, basis.mesh.sizes.tobytes())
    return (*kind, axis.diffusion, axis.weight, axis.robin, dirichlet)


def exact_sum(values: Sequence[float]) -> float:
    """The sum of a few numbers, 0 where it is what decimals leave in floats: 0.1 + 0.2 - 0.3 is no reaction."""
    total = math.fsum(values)
    return 0.0 if abs(total) <= 4 * np.finfo(float).eps * sum(map(abs, values)) else total


def dirichlet_ends(space: Space, conditions: dict[str, Condition]) -> Ends:
    """Which ends of each axis are Dirichlet's."""
    low, high = ([isinstance(conditions.get(name + end), Dirichlet) for name in space.names] for end in "-+")
    return tuple(zip(low, high, strict=True))


def robin_coefficients(space: Space, conditions: dict[str, Condition]) -> tuple[tuple[float, float], ...]:
    """The Robin coefficients at the ends of each axis, 0 where there is none."""
    return tuple(_robin(name, conditions) for name in space.names)


def _robin(name: str, conditions: dict[str, Condition]) -> tuple[float, float]:
    ends = [conditions.get(name + end) for end in "-+"]
    low, high = (float(end.coefficient) if isinstance(end, Robin) else 0.0 for end in ends)
    return low, high


def _busy_axes(
    diffusion: Sequence[AxisCoefficient], reaction: Sequence[AxisCoefficient], robin: Sequence[tuple[float, float]]
) -> list[int]:
    """The axes along which coefficients vary, or that have Robin ends."""
    parts = zip(diffusion, reaction, robin, strict=True)
    return [axis for axis, (a, r, h) in enumerate(parts) if a.varies or r.varies or any(h)]


def _with_reaction(
    axes: tuple[AxisMatrices, ...], busy: int, reaction: Sequence[AxisCoefficient], shift: float
) -> tuple[AxisMatrices, ...]:
    """The axes, one of which takes in the reaction and its own Robin ends, divided by the weights of the others' masses: numbers."""
    share = math.prod(axis.weight for i, axis in enumerate(axes) if i != busy and not callable(axis.weight))
    own, part = axes[busy], reaction[busy]
    total = part.less(part.least - shift)
    one = AxisMatrices(
        own.basis,
        diffusion=own.diffusion,
        weight=own.weight,
        reaction=(lambda x: total(x) / share) if part.varies or shift else None,
        robin=(own.robin[0] / share, own.robin[1] / share),
    )
    return (*axes[:busy], one, *axes[busy + 1 :])


def _product_terms(
    space: Space,
    plain: tuple[Any, ...],
    diffusion: Sequence[AxisCoefficient],
    reaction: Sequence[AxisCoefficient],
    robin: Sequence[tuple[float, float]],
) -> tuple[tuple[Any, ...], ...]:
    weighted = [AxisMatrices(basis, diffusion=a.weight, weight=a.weight) for basis, a in zip(space.bases, diffusion, strict=True)]
    masses, roots = [axis.mass() for axis in weighted], [axis.root() for axis in weighted]
    terms = [(*masses[:i], sparse.csr_array(root.T @ root), *masses[i + 1 :]) for i, root in enumerate(roots)]
    return (*terms, *lower_terms(space, plain, reaction, robin))


def lower_terms(
    space: Space, plain: tuple[Any, ...], reaction: Sequence[AxisCoefficient], robin: Sequence[tuple[float, float]]
) -> Iterator[tuple[Any, ...]]:
    """The Kronecker products of a reaction that is a sum of functions of one coordinate, and of Robin conditions."""
    for i, part in enumerate(reaction):
        if part.varies or part.least:
            yield (*plain[:i], mass(space.bases[i], part.weight), *plain[i + 1 :])
    for i, (basis, ends) in enumerate(zip(space.bases, robin, strict=True)):
        if any(ends):
            places = [0, basis.size - 1]
            corner = sparse.csr_array(sparse.coo_array((np.array(ends), (places, places)), shape=(basis.size, basis.size)))
            yield (*plain[:i], corner, *plain[i + 1 :])


def nearest_sum(
    space: Space,
    diffusion: Sequence[AxisCoefficient],
    reaction: Sequence[AxisCoefficient],
    dirichlet: Ends,
    robin: Sequence[tuple[float, float]],
) -> SumForm:
    """The Kronecker sum with the product's weights in all masses; reaction and Robin coefficients are divided by the weights' means."""
    means = np.array([a.mean for a in diffusion])
    axes = tuple(
        AxisMatrices(basis, diffusion=a.weight, weight=a.weight, robin=(h[0] * a.mean / means.prod(), h[1] * a.mean / means.prod()))
        for basis, a, h in zip(space.bases, diffusion, robin, strict=True)
    )
    return SumForm(axes, dirichlet, sum(part.mean for part in reaction) / float(means.prod()))
