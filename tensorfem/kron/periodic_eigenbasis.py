"""Periodic axes of equal cells: a Fourier transform over the cells, and a small eigenproblem for each frequency."""

import copy
import math
from typing import Any

import numpy as np
from scipy import fft

from tensorfem.kron.eigenbasis import Eigenbasis, dense_eigenbasis
from tensorfem.kron.mode_product import Array
from tensorfem.kron.threads import inside, thread_count


class PeriodicEigenbasis(Eigenbasis):
    """The eigenbasis of an axis that a shift by one cell leaves as it is: its matrices are block circulant.

    With N cells of m unknowns each, the matrices of frequency k are ``B(k) = sum_c B_c exp(2 pi i k c / N)`` and M(k) likewise, from the
    first block rows; ``B(k)^H B(k) w = lambda M(k) w`` are N/2 + 1 problems of m unknowns. An eigenvector is ``w exp(2 pi i k c / N)`` in
    cell c; its real and imaginary parts belong to one eigenvalue (Davis, "Circulant Matrices", 1979, section 5.6). Singular values of
    B(k) are taken, never eigenvalues of the formed K.

    The order is by frequency: the constant comes first where it is a null vector.

    Parameters
    ----------
    root : (q N, n) sparse array
        B with ``K = B^T B``: q rows per cell.
    mass : (n, n) sparse array
    period : int
        m, the unknowns of one cell.
    null_vector : (n,) array, optional
        Known null vector of B.
    """

    def __init__(self, root: Any, mass: Any, period: int, null_vector: Array | None = None) -> None:
        self.cells, self.period = mass.shape[0] // period, period
        roots, masses = self._symbols(root), self._symbols(mass)
        first = dense_eigenbasis(roots[0].real, masses[0].real, None if null_vector is None else null_vector[:period])
        lower = np.linalg.cholesky(masses)
        inverse = np.linalg.inv(lower)  # of a few unknowns, and well conditioned: mass matrices of equal cells are
        _, singular, right = np.linalg.svd(roots @ np.conj(np.swapaxes(inverse, 1, 2)), full_matrices=False)
        self._vectors = np.conj(np.swapaxes(inverse, 1, 2)) @ np.conj(np.swapaxes(right, 1, 2))[:, :, ::-1]
        eigenvalues = singular[:, ::-1] ** 2
        self._vectors[0], eigenvalues[0] = first.vectors, first.stiffness
        if self.cells % 2 == 0:  # alternating vectors are real
            last = dense_eigenbasis(roots[-1].real, masses[-1].real)
            self._vectors[-1], eigenvalues[-1] = last.vectors, last.stiffness
        paired = np.repeat(eigenvalues, 2, axis=0)[1:]  # one block of the first frequency, and of the last one of an even number
        self.stiffness = paired[: self.cells].ravel()
        self.mass = np.ones_like(self.stiffness)

    def _symbols(self, matrix: Any) -> Array:
        """The matrices of the frequencies 0, ..., N/2, (N/2 + 1, rows, m)."""
        rows = matrix.shape[0] // self.cells
        blocks = matrix[:rows].toarray().reshape(rows, self.cells, self.period)
        return np.conj(np.moveaxis(np.fft.rfft(blocks, axis=1), 1, 0))

    def astype(self, dtype: Any) -> "PeriodicEigenbasis":
        """The basis with its vectors in the precision of a type."""
        own = np.result_type(np.finfo(dtype).dtype, np.complex64)
        if self._vectors.dtype == own:
            return self
        cast = copy.copy(self)
        cast._vectors = self._vectors.astype(own)
        return cast

    def analyse(self, array: Array, axis: int, *, out: Array | None = None, overwrite: bool = False) -> Array:
        """A transform over the cells, then the adjoint of each frequency's vectors."""
        return self._by_parts(self._analyse, array, axis)

    def synthesise(self, array: Array, axis: int, *, out: Array | None = None, overwrite: bool = False) -> Array:
        """Each frequency's vectors, then the transform back."""
        return self._by_parts(self._synthesise, array, axis)

    def _by_parts(self, transform: Any, array: Array, axis: int) -> Array:
        """Apply a real transform along an axis; to complex numbers part by part."""
        lines = np.moveaxis(array, axis, -1)
        shape = (math.prod(lines.shape[:-1]), self.cells, self.period)
        parts = [np.ascontiguousarray(part).reshape(shape) for part in ((lines.real, lines.imag) if np.iscomplexobj(lines) else (lines,))]
        done = [transform(part) for part in parts]
        result: Array = done[0] if len(done) == 1 else done[0] + 1j * done[1]
        return np.moveaxis(result.reshape(lines.shape), -1, axis)

    def _analyse(self, lines: Array) -> Array:
        spectrum = fft.rfft(lines, axis=1, norm="ortho", workers=_workers())
        modes = np.moveaxis(np.matmul(np.moveaxis(spectrum, 1, 0), np.conj(self._vectors)), 0, 1)
        packed = np.empty((len(lines), self.cells, self.period), dtype=modes.real.dtype)
        pairs = (self.cells - 1) // 2
        packed[:, 0] = modes[:, 0].real
        np.multiply(modes[:, 1 : 1 + pairs].real, math.sqrt(2), out=packed[:, 1 : 1 + 2 * pairs : 2])
        np.multiply(modes[:, 1 : 1 + pairs].imag, math.sqrt(2), out=packed[:, 2 : 1 + 2 * pairs : 2])
        if self.cells % 2 == 0:
            packed[:, -1] = modes[:, -1].real
        return packed

    def _synthesise(self, packed: Array) -> Array:
        pairs = (self.cells - 1) // 2
        modes = np.zeros((len(packed), self.cells // 2 + 1, self.period), dtype=np.result_type(packed.dtype, np.complex64))
        modes[:, 0] = packed[:, 0]
        np.multiply(packed[:, 1 : 1 + 2 * pairs : 2], math.sqrt(0.5), out=modes.real[:, 1 : 1 + pairs])
        np.multiply(packed[:, 2 : 1 + 2 * pairs : 2], math.sqrt(0.5), out=modes.imag[:, 1 : 1 + pairs])
        if self.cells % 2 == 0:
            modes[:, -1] = packed[:, -1]
        spectrum = np.moveaxis(np.matmul(np.moveaxis(modes, 1, 0), np.swapaxes(self._vectors, 1, 2)), 0, 1)
        return np.asarray(fft.irfft(spectrum, n=self.cells, axis=1, norm="ortho", workers=_workers()))


def _workers() -> int:
    return 1 if inside() else thread_count()
