"""Data that jump inside cells, or change faster than cells resolve: found from samples, with the place of the jump."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tensorfem.coefficient import Datum, Product, Sum, own_coordinate_data
from tensorfem.load_vector import TensorFunction
from tensorfem.problems.cell_variation import CellVariation
from tensorfem.problems.coefficient_data import is_tensor
from tensorfem.problems.crossing import Crossing
from tensorfem.space import Space

LARGEST = 700.0  # logarithm of a factor that is still a float
EXAMINED = 24  # cells at most, of all that are steep
SAME = 1e-3  # of a cell: so near to one another two planes are one


@dataclass(frozen=True)
class AbruptChange:
    """What changes abruptly inside cells.

    Attributes
    ----------
    where : str
        "diffusion", "reaction" or "source", and which part of it.
    factor : float or None
        Of a diffusion: the largest value over the smallest, across the change.
    size : float
        Of others: the change as a part of the largest absolute value.
    width : float
        0 for a jump; else the width of the layer.
    cells, of : int
        In how many of how many cells.
    names : tuple of str
    place : tuple of float
        Of the change in the first of the cells.
    planes : tuple of (str, float)
        Coordinates at which it jumps across one axis, where jumps are of this kind.
    """

    where: str
    factor: float | None
    size: float
    width: float
    cells: int
    of: int
    names: tuple[str, ...]
    place: tuple[float, ...]
    planes: tuple[tuple[str, float], ...]

    @property
    def jumps(self) -> bool:
        """Whether it is a jump, and no layer."""
        return self.width == 0

    @property
    def words(self) -> str:
        """What changes, how much, in how many cells and where."""
        amount = f"{self.size:.2g} of its largest value" if self.factor is None else f"the factor {self.factor:.6g}"
        how = "jumps by" if self.jumps else f"changes within a width of {self.width:.1g} by"
        first = ", ".join(f"{name} = {x:.6g}" for name, x in zip(self.names, self.place, strict=True))
        what = self.where + ("," if "," in self.where else "")
        return f"the {what} {how} {amount} inside {self.cells:,} of {self.of:,} cells, first at {first}"


def abrupt_changes(space: Space, data: dict[str, Any]) -> Iterator[AbruptChange]:
    """The data that change abruptly inside cells, one record for each.

    Numbers, fields, arrays and `CellValues` do not. Functions and formulas are sampled in all cells; in cells where nearly all of the
    variation lies between two samples, the way from the least to the largest one is halved again and again: a jump stays, a layer does not.

    Parameters
    ----------
    space : Space
    data : dict
        "diffusion", "reaction" and "source", as `Poisson` keeps them.

    Raises
    ------
    ValueError
        If a function fails.

    Examples
    --------
    >>> import tensorfem as tfem
    >>> (found,) = abrupt_changes(tfem.box(x=(0, 1), cells=8), {"diffusion": "where(x < 1/3, 1, 10)"})
    >>> print(found.words)
    the diffusion jumps by the factor 10 inside 1 of 8 cells, first at x = 0.333333
    """
    for where, given in data.items():
        for datum, positive in _functions(space, given, where):
            axes = [space.names.index(name) for name in datum.names]
            variation = CellVariation([space.bases[axis] for axis in axes], datum, positive=positive)
            others = [basis.mesh.cells for axis, basis in enumerate(space.bases) if axis not in axes]
            found = _found(variation, math.prod(others))
            if found is not None:
                yield found


def _functions(space: Space, given: Any, where: str) -> Iterator[tuple[Datum, bool]]:
    """The functions that a datum is made of, and whether they are positive."""
    positive = where == "diffusion"
    if isinstance(given, Product | Sum):
        yield from ((datum, positive) for datum in given.data(space.names, where))
    elif is_tensor(given):
        entries = [(i, j, given[i][j]) for i in range(len(given)) for j in range(i, len(given))]
        kept = {id(entry) if callable(entry) else entry: (i, j, entry) for i, j, entry in entries[::-1] if _is_function(entry)}
        yield from ((space.datum(entry, f"{where}, entry {i}, {j}"), positive and i == j) for i, j, entry in list(kept.values())[::-1])
    elif isinstance(given, tuple | list):
        yield from ((datum, positive) for datum in own_coordinate_data(tuple(given), space.names, where) if _is_function(datum.given))
    elif _is_function(given):
        yield space.datum(given, where), positive


def _is_function(given: Any) -> bool:
    """Whether something may jump anywhere; a `Field` does not, although it can be called."""
    return isinstance(given, str) or (callable(given) and not isinstance(given, TensorFunction))


def _found(variation: CellVariation, others: int) -> AbruptChange | None:
    steep = variation.steep
    examined = steep[:: max(1, -(-len(steep) // EXAMINED))]
    crossings = [Crossing(variation, cell) for cell in examined]
    jumps = [crossing for crossing in crossings if crossing.jumps]
    met = jumps or [crossing for crossing in crossings if crossing.is_layer]
    if not met:
        return None
    largest = max(crossing.change for crossing in met)
    return AbruptChange(
        where=variation.datum.where,
        factor=math.exp(min(largest, LARGEST)) if variation.positive else None,
        size=-math.expm1(-largest) if variation.positive else largest,
        width=0.0 if jumps else min(crossing.width for crossing in met),
        cells=len(steep) * others,
        of=math.prod(variation.cells) * others,
        names=variation.datum.names,
        place=met[0].seen_at,
        planes=_planes(variation, jumps),
    )


def _planes(variation: CellVariation, jumps: Sequence[Crossing]) -> tuple[tuple[str, float], ...]:
    """The planes that jumps lie on, each once; none where most lie on none. At an edge of a block even a jump across an axis does not."""
    axes = [jump.axis(variation) for jump in jumps]
    if axes.count(None) > len(axes) / 2:
        return ()
    places = sorted((axis, float(jump.place[axis])) for axis, jump in zip(axes, jumps, strict=True) if axis is not None)
    same = [SAME * float(mesh.sizes.min()) for mesh in variation.meshes]
    new = [k for k, (axis, x) in enumerate(places) if k == 0 or places[k - 1][0] != axis or x - places[k - 1][1] > same[axis]]
    return tuple((variation.datum.names[axis], x) for axis, x in (places[k] for k in new))
