"""Kronecker algebra: operators that remember their one-dimensional factors. It knows nothing of finite elements."""

from typing import TYPE_CHECKING

from tensorfem.kron.eigenbasis import DenseEigenbasis, Eigenbasis, dense_eigenbasis
from tensorfem.kron.lazy_array import KroneckerArray
from tensorfem.kron.memory import available_memory, require_memory
from tensorfem.kron.mode_product import Array, mode_product
from tensorfem.kron.mode_solve import mode_solve
from tensorfem.kron.nested_sum import apply_sum
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.pencil import Pencil, Trigonometry
from tensorfem.kron.product import KroneckerProduct, diagonal_product, outer
from tensorfem.kron.separable import SeparableOperator
from tensorfem.kron.slabs import nonzero_rows, slabs
from tensorfem.kron.spectrum import Spectrum
from tensorfem.kron.sum import KroneckerSum
from tensorfem.kron.trigonometric import KINDS, Kind, TrigonometricEigenbasis
from tensorfem.late import late

if TYPE_CHECKING:
    from tensorfem.kron.blocks import BlockDiagonal, block_diag
    from tensorfem.kron.canonical_polyadic import CanonicalPolyadic, cp
    from tensorfem.kron.circulant import BlockCirculant, block_circulant
    from tensorfem.kron.combination import CombinedOperator
    from tensorfem.kron.composition import ComposedOperator
    from tensorfem.kron.conjugate import ConjugateOperator
    from tensorfem.kron.construction import kron
    from tensorfem.kron.convolution import convolution_matrix, gaussian_kernel
    from tensorfem.kron.curvature import kfac_update
    from tensorfem.kron.eigenvalues import smallest_sums
    from tensorfem.kron.face_splitting import RowKronecker, row_kron
    from tensorfem.kron.filters import filter_operator, separable_filter
    from tensorfem.kron.grids import coordinate_products, coordinates, grid_points
    from tensorfem.kron.indexed import IndexedProduct
    from tensorfem.kron.least_squares import LeastSquares, lstsq
    from tensorfem.kron.nearest import NearestKronecker, nearest_kronecker
    from tensorfem.kron.separation import separate
    from tensorfem.kron.sum_of_matrices import kronsum
    from tensorfem.kron.sylvester import solve_generalized_sylvester, solve_sylvester
    from tensorfem.kron.vectorization import unvec, vec

# What no solver needs is imported at first use. A module must not have the name of what it defines: importing it would hide that.
__getattr__ = late(
    __name__,
    {
        "CombinedOperator": "combination",
        "ComposedOperator": "composition",
        "ConjugateOperator": "conjugate",
        "convolution_matrix": "convolution",
        "coordinate_products": "grids",
        "coordinates": "grids",
        "filter_operator": "filters",
        "gaussian_kernel": "convolution",
        "grid_points": "grids",
        "kron": "construction",
        "kronsum": "sum_of_matrices",
        "separable_filter": "filters",
        "separate": "separation",
        "smallest_sums": "eigenvalues",
        "solve_generalized_sylvester": "sylvester",
        "solve_sylvester": "sylvester",
        "unvec": "vectorization",
        "vec": "vectorization",
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
    "CombinedOperator",
    "ComposedOperator",
    "ConjugateOperator",
    "DenseEigenbasis",
    "Eigenbasis",
    "IndexedProduct",
    "Kind",
    "KroneckerArray",
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
    "convolution_matrix",
    "coordinate_products",
    "coordinates",
    "cp",
    "dense_eigenbasis",
    "diagonal_product",
    "filter_operator",
    "gaussian_kernel",
    "grid_points",
    "kfac_update",
    "kron",
    "kronsum",
    "lstsq",
    "mode_product",
    "mode_solve",
    "nearest_kronecker",
    "nonzero_rows",
    "outer",
    "require_memory",
    "row_kron",
    "separable_filter",
    "separate",
    "slabs",
    "smallest_sums",
    "solve_generalized_sylvester",
    "solve_sylvester",
    "unvec",
    "vec",
]
