"""What one machine takes for one unit of the work that solvers are made of."""

from dataclasses import dataclass

FAR_ENTRIES = 4e6  # a field so long lies beyond the caches, and its memory is fetched anew each time


@dataclass(frozen=True)
class Machine:
    """Seconds per unit of work, as `this_machine` measures them.

    Attributes
    ----------
    call : float
        One operation on arrays so small that only Python's part of it counts.
    near, far : float
        Per entry of a field and pass over it: a sum, a product or an inner product, within the caches and beyond them.
    product : float
        Per multiplication and addition of a dense matrix product.
    band : float
        Per multiplication and addition of a sparse matrix along one axis of a field.
    transform : float
        Per entry and operation (by `transform_cost`) of a fast transform along one axis.
    eigenbasis, graded : float
        Per operation of the eigenbasis of one axis, and per unknown cubed of one that needs Jacobi's method.
    assembly : float
        Per entry and term of the explicit matrix, while it is made.
    sparse : float
        Per entry of a matrix that is multiplied by a vector.
    factorization : float
        Per operation of a sparse factorization.
    hierarchy, cycle : float
        Per entry of the matrix of an algebraic multigrid hierarchy while it is made, and (rows counted as some entries) in one V-cycle.
    """

    call: float
    near: float
    far: float
    product: float
    band: float
    transform: float
    eigenbasis: float
    graded: float
    assembly: float
    sparse: float
    factorization: float
    hierarchy: float
    cycle: float

    def passes(self, entries: float, count: float = 1.0) -> float:
        """Seconds of so many passes over a field of so many entries.

        Examples
        --------
        >>> machine = Machine(*[1e-9] * 13)
        >>> machine.passes(1e6, count=3)
        0.003
        """
        return count * float(entries) * (self.near + (self.far - self.near) * min(1.0, entries / FAR_ENTRIES))
