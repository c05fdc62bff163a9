"""Kronecker algebra: operators that remember their one-dimensional factors. It knows nothing of finite elements."""

from typing import TYPE_CHECKING

from tensorfem.kron.eigenbasis import DenseEigenbasis, Eigenbasis, dense_eigenbasis
from tensorfem.kron.memory import available_memory, require_memory
from tensorfem.kron.mode_product import Array, mode_product
from tensorfem.kron.mode_solve import mode_solve
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.pencil import Pencil, Trigonometry
from tensorfem.kron.product import KroneckerProduct, SeparableOperator, outer
from tensorfem.kron.slabs import nonzero_rows, slabs
from tensorfem.kron.spectrum import Spectrum
from tensorfem.kron.sum import KroneckerSum, apply_sum
from tensorfem.kron.trigonometric import KINDS, Kind, TrigonometricEigenbasis
from tensorfem.late import late

if TYPE_CHECKING:
    from tensorfem.kron.blocks import BlockDiagonal, block_diag
    from tensorfem.kron.canonical_polyadic import CanonicalPolyadic, cp
    from tensorfem.kron.circulant import BlockCirculant, block_circulant
    from tensorfem.kron.curvature import kfac_update
    from tensorfem.kron.face_splitting import RowKronecker, row_kron
    from tensorfem.kron.indexed import IndexedProduct
    from tensorfem.kron.least_squares import LeastSquares, lstsq
    from tensorfem.kron.nearest import NearestKronecker, nearest_kronecker

# What no solver needs is imported at first use. A module must not have the name of what it defines: importing it would hide that.
__getattr__ = late(
    __name__,
    {
        "BlockCirculant": "circulant",
        "BlockDiagonal": "blocks",
        "CanonicalPolyadic": "canonical_polyadic",
        "IndexedProduct": "indexed",
        "LeastSquares": "least_squares",
        "NearestKronecker": "nearest",
        "RowKronecker": "face_splitting",
        "block_circulant": "circulant",
        "block_diag": "blocks",
        "cp": "canonical_polyadic",
        "kfac_update": "curvature",
        "lstsq": "least_squares",
        "nearest_kronecker": "nearest",
        "row_kron": "face_splitting",
    },
)

__all__ = [
    "KINDS",
    "Array",
    "BlockCirculant",
    "BlockDiagonal",
    "CanonicalPolyadic",
    "DenseEigenbasis",
    "Eigenbasis",
    "IndexedProduct",
    "Kind",
    "KroneckerOperator",
    "KroneckerProduct",
    "KroneckerSum",
    "LeastSquares",
    "NearestKronecker",
    "Pencil",
    "RowKronecker",
    "SeparableOperator",
    "Spectrum",
    "TrigonometricEigenbasis",
    "Trigonometry",
    "apply_sum",
    "available_memory",
    "block_circulant",
    "block_diag",
    "cp",
    "dense_eigenbasis",
    "kfac_update",
    "lstsq",
    "mode_product",
    "mode_solve",
    "nearest_kronecker",
    "nonzero_rows",
    "outer",
    "require_memory",
    "row_kron",
    "slabs",
]
