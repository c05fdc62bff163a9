"""Operators made of blocks: block diagonal and block circulant, applied and solved with block by block."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron.blocks.block_solve import Solve, block_solver, solve_in_form
from tensorfem.kron.inputs import finite_matrix
from tensorfem.kron.mode_product import Array, Factor
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.product import KroneckerProduct

Block = KroneckerOperator | Factor


def as_block(block: Block, name: str) -> KroneckerOperator:
    """A structured operator as it is, a matrix as a product of one factor.

    Raises
    ------
    ValueError
        If it is no matrix with entries, or they are not finite.
    """
    return block if isinstance(block, KroneckerOperator) else KroneckerProduct(finite_matrix(block, name))


class BlockDiagonal(KroneckerOperator):
    """Blocks along the diagonal, of any sizes; fields are flat: the blocks' own fields one after the other. See `block_diag`."""

    def __init__(self, blocks: Sequence[KroneckerOperator]) -> None:
        self.blocks = tuple(blocks)
        self.output_shape = (sum(block.shape[0] for block in self.blocks),)
        self.input_shape = (sum(block.shape[1] for block in self.blocks),)
        self.dtype = np.result_type(*(block.dtype for block in self.blocks))

    def _pieces(self, array: Array, side: int) -> list[Array]:
        ends = np.cumsum([block.shape[side] for block in self.blocks])
        return np.split(array, ends[:-1], axis=-1)

    def apply(self, array: Array) -> Array:
        """Each block to its piece of the field."""
        batch = array.shape[:-1]
        pieces = zip(self.blocks, self._pieces(array, 1), strict=True)
        applied = (block.apply(x.reshape(*batch, *block.input_shape)).reshape(*batch, block.shape[0]) for block, x in pieces)
        return np.concatenate(list(applied), axis=-1)

    def solve(self, rhs: Any) -> Array:
        """Solve block by block; each is factorized once, when first solved with.

        Raises
        ------
        ValueError
            If a block is not square or singular (it is named, with its condition number), or for a right-hand side of another shape.
        """
        return solve_in_form(self, self._solve_rows, rhs)

    def _solve_rows(self, rows: Array) -> Array:
        return np.concatenate([solve(piece) for solve, piece in zip(self._solvers, self._pieces(rows, 0), strict=True)], axis=-1)

    @functools.cached_property
    def _solvers(self) -> tuple[Solve, ...]:
        count = len(self.blocks)
        return tuple(block_solver(block, f"block_diag: block {i} of {count}") for i, block in enumerate(self.blocks))

    @property
    def T(self) -> "BlockDiagonal":
        """The transposed blocks."""
        return BlockDiagonal([block.T for block in self.blocks])

    def diagonal(self) -> Array:
        """The blocks' diagonals, one after the other.

        Raises
        ------
        ValueError
            If a block is not square.
        """
        for i, block in enumerate(self.blocks):
            if block.shape[0] != block.shape[1]:
                raise ValueError(f"block_diag: block {i} has shape {block.shape}; a diagonal needs square blocks, or take tosparse()")
        return np.concatenate([block.diagonal().ravel() for block in self.blocks])

    def norm_bound(self) -> float:
        """The largest of the blocks' bounds."""
        return max(block.norm_bound() for block in self.blocks)

    @property
    def entries(self) -> int:
        """The blocks' nonzeros added up."""
        return sum(block.entries for block in self.blocks)

    def _sparse(self) -> Any:
        return sparse.block_diag([block.tosparse() for block in self.blocks], format="csr")


def block_diag(*blocks: Block) -> BlockDiagonal:
    """The operator with the given blocks along its diagonal, kept as they are; `matvec` and `solve` go block by block.

    Parameters
    ----------
    *blocks : arrays, sparse arrays or structured operators
        Of any shapes. A field is flat: what belongs to block 0 comes first, each piece in C order. Right-hand sides are batches of fields.

    Raises
    ------
    ValueError
        Without blocks, or if a matrix is empty or has entries that are not finite.

    Examples
    --------
    >>> operator = block_diag(np.array([[2.0]]), KroneckerProduct(np.eye(2), np.array([[0.0, 1.0], [1.0, 0.0]])))
    >>> operator @ np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    array([2., 3., 2., 5., 4.])
    >>> operator.solve(np.array([2.0, 3.0, 2.0, 5.0, 4.0]))
    array([1., 2., 3., 4., 5.])
    """
    if not blocks:
        raise ValueError("block_diag: got no blocks; give at least one")
    return BlockDiagonal([as_block(block, f"block_diag: block {i}") for i, block in enumerate(blocks)])
