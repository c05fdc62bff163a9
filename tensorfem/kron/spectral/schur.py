"""Kronecker sums of matrices without orthogonal eigenvectors: solved by the Schur forms of the axes and back substitution."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron.eigenbasis import DenseEigenbasis
from tensorfem.kron.matrix import dense
from tensorfem.kron.mode_product import Array, mode_product
from tensorfem.kron.pencil import Pencil
from tensorfem.kron.spectral.triangular import substitute_back

# Times eps and the norms of the factors: what rounding leaves of an eigenvalue of the sum that is zero.
PIVOT = 8.0
ALIASED, PADDING = 128, 8  # sizes whose multiples are padded, and by how many unknowns


class SchurForm(NamedTuple):
    """``left K right = stiffness`` and ``left M right = mass`` upper triangular; the stiffness may have real blocks of two rows.

    The mass is None where it is the identity. Eigenvalues are the quotients of the diagonals.
    """

    left: Array
    right: Array
    stiffness: Array
    mass: Array | None

    @property
    def diagonals(self) -> tuple[Array, Array]:
        """The diagonals, those of real blocks replaced by the blocks' pairs of eigenvalues."""
        pivots = np.diag(self.stiffness).astype(complex)
        below = np.diag(self.stiffness, -1)
        where = np.flatnonzero(below)
        # LAPACK leaves blocks with equal diagonal entries: their eigenvalues are these, plus and minus the root of a negative product.
        offsets = 1j * np.sqrt(np.abs(below * np.diag(self.stiffness, 1))[where])
        pivots[where] += offsets
        pivots[where + 1] -= offsets
        return pivots, np.ones(len(pivots)) if self.mass is None else np.diag(self.mass)


def schur_form(pencil: Pencil, *, real: bool = False) -> SchurForm:
    """The Schur form of a pencil: by eigenvectors where it is Hermitian, by QR without and by QZ with a mass matrix.

    Parameters
    ----------
    pencil : Pencil
    real : bool
        Whether a real matrix without mass shall have its real form, with blocks of two rows on the diagonal.

    Examples
    --------
    >>> form = schur_form(Pencil(np.array([[0.0, 0.0], [2.0, 3.0]]), np.eye(2), unit_mass=True))
    >>> [float(value) for value in sorted(form.diagonals[0].real)]
    [0.0, 3.0]
    """
    if pencil.is_hermitian:
        return _diagonal_form(pencil)
    # Real matrices are decomposed in real arithmetic, in a third of the time, and made triangular afterwards.
    arithmetic: Any = "complex" if pencil.is_complex else "real"
    K = dense(pencil.stiffness)
    if pencil.unit_mass:
        S, Z = _padded(lambda K: linalg.schur(K, output=arithmetic), (K, 0.0))
        if not real and not pencil.is_complex:
            S, Z = linalg.rsf2csf(S, Z)
        return SchurForm(Z.conj().T, Z, S, None)
    S, T, Q, Z = _padded(lambda K, M: linalg.qz(K, M, output=arithmetic), (K, 0.0), (dense(pencil.mass), 1.0))
    return _without_blocks(S, T, Q, Z)


def _padded(decompose: Callable[..., Sequence[Array]], *matrices: tuple[Array, float]) -> Sequence[Array]:
    """Decompose matrices, those of certain sizes with some unknowns added that are coupled to none and left out of the result.

    LAPACK rotates rows. Where these have their entries a multiple of 1 KiB apart, they fall on few lines of the cache: at 512 unknowns
    that takes twice the time of 513. Beside each matrix stands the diagonal entry of the unknowns added.
    """
    size = len(matrices[0][0])
    if size % ALIASED:
        return decompose(*(matrix for matrix, _ in matrices))
    whole = decompose(*(linalg.block_diag(matrix, entry * np.eye(PADDING)) for matrix, entry in matrices))
    if any(array[:size, size:].any() for array in whole):  # LAPACK has mixed them in
        return decompose(*(matrix for matrix, _ in matrices))
    return [array[:size, :size] for array in whole]


def _without_blocks(S: Array, T: Array, Q: Array, Z: Array) -> SchurForm:
    """The form ``K = Q S Z^H``, ``M = Q T Z^H``, where each block of two rows has been made triangular by its own QZ."""
    blocks = np.flatnonzero(np.diag(S, -1))
    S, T, Q, Z = (array.astype(np.result_type(array, np.complex64)) for array in (S, T, Q, Z))
    for start in blocks:
        block = slice(start, start + 2)
        *_, q, z = linalg.qz(S[block, block], T[block, block], output="complex")
        for matrix in (S, T):
            matrix[block] = q.conj().T @ matrix[block]
            matrix[:, block] = matrix[:, block] @ z
            matrix[start + 1, start] = 0.0
        Q[:, block], Z[:, block] = Q[:, block] @ q, Z[:, block] @ z
    return SchurForm(Q.conj().T, Z, S, T)


def _diagonal_form(pencil: Pencil) -> SchurForm:
    basis = pencil.eigenbasis()
    vectors = basis.vectors if isinstance(basis, DenseEigenbasis) else basis.backward(np.eye(pencil.size), 0)
    return SchurForm(vectors.conj().T, vectors, np.diag(basis.eigenvalues), None)


class SchurSum:
    """The inverse of a Kronecker sum, by unitary factors: ``A = (Q_0 (x) Q_1 ...) U (Z_0 (x) Z_1 ...)^H`` with U upper triangular.

    Parameters
    ----------
    pencils : sequence of Pencil
        One per axis; without masses and on at most two axes real matrices are kept real.
    shift : float

    References
    ----------
    Bartels & Stewart, "Solution of the matrix equation AX + XB = C", Comm. ACM 15 (1972).
    Gardiner, Laub, Amato & Moler, "Solution of the Sylvester matrix equation AXB^T + CXD^T = E", ACM Trans. Math. Softw. 18 (1992).
    """

    def __init__(self, pencils: Sequence[Pencil], shift: float) -> None:
        real = len(pencils) <= 2 and not any(p.is_complex for p in pencils) and all(p.unit_mass or p.is_hermitian for p in pencils)
        forms = {pencil: schur_form(pencil, real=real) for pencil in dict.fromkeys(pencils)}
        self.forms = [forms[pencil] for pencil in pencils]
        self.shift = shift
        self.is_real = not any(pencil.is_complex for pencil in pencils)

    def resonance(self) -> tuple[complex, ...] | None:
        """The eigenvalues, one per axis, that add up to nothing but rounding (with the shift), or None where the sum is regular."""
        pivots = np.abs(self._sum([form.diagonals for form in self.forms]))
        norms = [(linalg.norm(S), 1.0 if T is None else linalg.norm(T)) for _, _, S, T in self.forms]
        place = np.unravel_index(int(np.argmin(pivots)), pivots.shape)
        if pivots[place] > PIVOT * np.finfo(float).eps * abs(self._sum(norms, absolute=True)):
            return None
        with np.errstate(divide="ignore", invalid="ignore"):  # a singular mass has infinite eigenvalues
            return tuple(complex(np.divide(*(d[i] for d in form.diagonals))) for form, i in zip(self.forms, place, strict=True))

    def _sum(self, pairs: Sequence[tuple[Any, Any]], *, absolute: bool = False) -> Any:
        """The sum, over the axes, of the firsts of the pairs beside the seconds of the others, and the shift times all seconds."""
        total, product = abs(self.shift) if absolute else self.shift, 1.0
        for first, second in pairs:
            total = np.multiply.outer(total, second) + np.multiply.outer(product, first)
            product = np.multiply.outer(product, second)
        return total

    def solve(self, rhs: Array) -> Array:
        """Apply the inverse to an array of shape (\\*batch, \\*shape)."""
        if self.is_real and np.iscomplexobj(rhs):  # complex arithmetic knows no blocks of two rows
            return np.asarray(self.solve(rhs.real) + 1j * self.solve(rhs.imag))
        work = rhs.astype(np.result_type(rhs.dtype, np.float64, *self._dtypes), copy=True)
        for axis, form in zip(self._axes, self.forms, strict=True):
            work = mode_product(form.left, work, axis)
        flat = work.reshape(-1, *work.shape[work.ndim - len(self.forms) :])
        for field in flat:
            self._substitute(field)
        for axis, form in zip(self._axes, self.forms, strict=True):
            work = mode_product(form.right, work, axis)
        return work.real if self.is_real else work

    def _substitute(self, field: Array) -> None:
        stiffness, masses = [form.stiffness for form in self.forms], [form.mass for form in self.forms]
        if len(self.forms) == 1:  # a second axis of one unknown, where the stiffness is zero
            substitute_back([*stiffness, np.zeros((1, 1))], [*masses, None], 1.0, self.shift, field[:, None])
        else:
            substitute_back(stiffness, masses, 1.0, self.shift, field)

    @property
    def _axes(self) -> range:
        return range(-len(self.forms), 0)

    @functools.cached_property
    def _dtypes(self) -> list[Any]:
        return [array.dtype for form in self.forms for array in form if array is not None]
