"""The block circulant operator: a convolution along the index of the blocks, hence diagonal by blocks after a Fourier transform."""

import functools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.fft
import scipy.sparse as sparse

from tensorfem.kron.blocks.block_solve import Solve, factorized, solve_in_form
from tensorfem.kron.blocks.diagonal import Block, as_block
from tensorfem.kron.mode_product import Array
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.product import KroneckerProduct

# A sum of sparse blocks that is fuller than this is multiplied as a dense one.
DENSE_SHARE = 0.25


class BlockCirculant(KroneckerOperator):
    """Block (i, j) is ``blocks[(i - j) mod count]``. See `block_circulant`."""

    def __init__(self, blocks: Sequence[KroneckerOperator]) -> None:
        self.blocks = tuple(blocks)
        self.count = len(self.blocks)
        structured = {(block.output_shape, block.input_shape) for block in self.blocks if not _is_matrix(block)}
        flat = ((self.blocks[0].shape[0],), (self.blocks[0].shape[1],))
        output_shape, input_shape = structured.pop() if len(structured) == 1 else flat
        self.output_shape = (self.count, *output_shape)
        self.input_shape = (self.count, *input_shape)
        self.dtype = np.result_type(*(block.dtype for block in self.blocks))

    def apply(self, array: Array) -> Array:
        """By Fourier transform, or block by block where they are structured or so few are nonzero that this takes fewer operations."""
        batch = array.shape[: array.ndim - len(self.input_shape)]
        fields = array.reshape(-1, self.count, self.blocks[0].shape[1])
        result = self._by_blocks(fields) if self._rolls else self._by_transform(fields)
        return result.reshape(*batch, *self.output_shape)

    @functools.cached_property
    def _rolls(self) -> bool:
        if not all(map(_is_matrix, self.blocks)):
            return True
        entries = [block.entries for block in self.blocks]
        return sum(entries) <= 2 * max(entries)

    def _by_blocks(self, fields: Array) -> Array:
        """``y_i = sum_j C_j x_(i-j)``: each block goes to all fields at once."""
        shape = (len(fields), self.count, self.blocks[0].shape[0])
        applied = (block.apply(fields.reshape(-1, self.count, *block.input_shape)).reshape(shape) for block in self.blocks)
        return functools.reduce(operator.add, (np.roll(term, j, axis=1) for j, term in enumerate(applied)))

    def _by_transform(self, fields: Array) -> Array:
        return self._transformed([functools.partial(operator.matmul, symbol) for symbol in self._symbols], fields)

    def _transformed(self, maps: Sequence[Solve], fields: Array) -> Array:
        """Transform along the index of the blocks, apply one map per frequency to (n, batch) columns, transform back."""
        if self.dtype.kind == "c":
            return self._back(scipy.fft.ifft, maps, scipy.fft.fft(fields, axis=1))
        if fields.dtype.kind == "c":
            return self._transformed(maps, fields.real) + 1j * self._transformed(maps, fields.imag)
        return self._back(functools.partial(scipy.fft.irfft, n=self.count), maps, scipy.fft.rfft(fields, axis=1))

    @staticmethod
    def _back(inverse: Any, maps: Sequence[Solve], spectra: Array) -> Array:
        columns = np.stack([function(spectra[:, f].T) for f, function in enumerate(maps)])
        result: Array = inverse(columns, axis=0)
        return np.ascontiguousarray(result.transpose(2, 0, 1))

    @functools.cached_property
    def _symbols(self) -> list[Any]:
        """The block of each frequency f, ``sum_j exp(-2 pi i f j / count) C_j``: all, or the first half where the blocks are real."""
        transform: Any = scipy.fft.fft if self.dtype.kind == "c" else scipy.fft.rfft
        matrices = [block.factors[0] if _is_matrix(block) else block.tosparse() for block in self.blocks]  # type: ignore[attr-defined]
        if not all(map(sparse.issparse, matrices)):
            return list(transform(np.stack([_dense(matrix) for matrix in matrices]), axis=0))
        pattern = sparse.csr_array(functools.reduce(operator.add, (abs(matrix).astype(bool) for matrix in matrices)))
        pattern.sort_indices()
        values = transform(np.stack([_values_in(pattern, matrix) for matrix in matrices]), axis=0)
        symbols = [sparse.csr_array((data, pattern.indices, pattern.indptr), shape=pattern.shape) for data in values]
        full = pattern.nnz > DENSE_SHARE * pattern.shape[0] * pattern.shape[1]
        return [symbol.toarray() for symbol in symbols] if full else symbols

    def solve(self, rhs: Any) -> Array:
        """Solve with one block per frequency; each is factorized once, at the first solve.

        Raises
        ------
        ValueError
            If the blocks are not square, if a frequency's block is singular (both named, with the condition number), or for a right-hand
            side of another shape.
        """
        return solve_in_form(self, self._solve_rows, rhs)

    def _solve_rows(self, rows: Array) -> Array:
        fields = rows.reshape(len(rows), self.count, self.blocks[0].shape[0])
        return self._transformed(self._solvers, fields).reshape(len(rows), self.shape[1])

    @functools.cached_property
    def _solvers(self) -> list[Solve]:
        name = "block_circulant: the block of frequency"
        return [factorized(symbol, f"{name} {f} of {self.count}") for f, symbol in enumerate(self._symbols)]

    @property
    def T(self) -> "BlockCirculant":
        """The circulant of the transposed blocks, in reversed order after the first."""
        return BlockCirculant([self.blocks[-j].T for j in range(self.count)])

    def diagonal(self) -> Array:
        """The diagonal of the first block, once for each block row."""
        return np.tile(self.blocks[0].diagonal().ravel(), self.count).reshape(self.output_shape)

    def norm_bound(self) -> float:
        """The sum of the blocks' bounds: each block row holds all of them."""
        return sum(block.norm_bound() for block in self.blocks)

    @property
    def entries(self) -> int:
        """Each block row holds all blocks."""
        return self.count * sum(block.entries for block in self.blocks)

    def _sparse(self) -> Any:
        rows = np.arange(self.count)
        shift = [sparse.coo_array((np.ones(self.count, bool), (rows, (rows - j) % self.count))) for j in range(self.count)]
        parts = [sparse.kron(shift[j], block.tosparse(), format="coo") for j, block in enumerate(self.blocks)]
        data, row, col = (np.concatenate([getattr(part, name) for part in parts]) for name in ("data", "row", "col"))
        return sparse.csr_array((data, (row, col)), shape=self.shape)


def _is_matrix(block: KroneckerOperator) -> bool:
    return isinstance(block, KroneckerProduct) and len(block.factors) == 1


def _dense(matrix: Any) -> Array:
    return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix)


def _values_in(pattern: Any, matrix: Any) -> Array:
    """The entries of a sparse matrix at the places of a larger pattern, zeros elsewhere."""
    keys = [each.row.astype(np.int64) * pattern.shape[1] + each.col for each in (pattern.tocoo(), matrix.tocoo())]
    values = np.zeros(pattern.nnz, dtype=matrix.dtype)
    np.add.at(values, np.searchsorted(keys[0], keys[1]), matrix.tocoo().data)
    return values


def block_circulant(blocks: Sequence[Block]) -> BlockCirculant:
    """The operator whose block (i, j) is ``blocks[(i - j) mod count]``: the given blocks are its first block column.

    It is a convolution along the index of the blocks: a Fourier transform along it leaves one independent block per frequency (Davis,
    "Circulant Matrices", 1979), which `matvec` and `solve` use; real data take the real transform. Structured blocks are applied as they
    are, each to all fields at once; for `solve` the sums of one block's size are formed, one per frequency, never the whole.

    Parameters
    ----------
    blocks : sequence of arrays, sparse arrays or structured operators, all of one shape (m, n)

    Returns
    -------
    BlockCirculant
        On fields of shape (count, n), or (count, \\*input_shape) where the structured blocks share a tensor shape.

    Raises
    ------
    ValueError
        Without blocks, if their shapes differ, or if a matrix is empty or has entries that are not finite.

    Examples
    --------
    >>> operator = block_circulant([np.array([[2.0]]), np.array([[1.0]]), np.array([[0.0]])])
    >>> operator.toarray()
    array([[2., 0., 1.],
           [1., 2., 0.],
           [0., 1., 2.]])
    """
    checked = [as_block(block, f"block_circulant: block {j}") for j, block in enumerate(blocks)]
    if not checked:
        raise ValueError("block_circulant: got no blocks; give at least one")
    for j, block in enumerate(checked):
        if block.shape != checked[0].shape:
            raise ValueError(
                f"block_circulant: block {j} has shape {block.shape}, block 0 has {checked[0].shape}; all must share one shape"
            )
    return BlockCirculant(checked)
