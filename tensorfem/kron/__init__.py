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
    from tensorfem.kron.algebra.combination import CombinedOperator
    from tensorfem.kron.algebra.composition import ComposedOperator
    from tensorfem.kron.algebra.conjugate import ConjugateOperator
    from tensorfem.kron.algebra.construction import kron
    from tensorfem.kron.approximation.canonical_polyadic import CanonicalPolyadic, cp
    from tensorfem.kron.approximation.curvature import kfac_update
    from tensorfem.kron.approximation.nearest import NearestKronecker, nearest_kronecker
    from tensorfem.kron.blocks.circulant import BlockCirculant, block_circulant
    from tensorfem.kron.blocks.diagonal import BlockDiagonal, block_diag
    from tensorfem.kron.equations.least_squares import LeastSquares, lstsq
    from tensorfem.kron.equations.sylvester import solve_generalized_sylvester, solve_sylvester
    from tensorfem.kron.equations.vectorization import unvec, vec
    from tensorfem.kron.filters.convolution import convolution_matrix, gaussian_kernel
    from tensorfem.kron.filters.filtering import filter_operator, separable_filter
    from tensorfem.kron.filters.grids import coordinate_products, coordinates, grid_points
    from tensorfem.kron.filters.separation import separate
    from tensorfem.kron.partial_spectrum import PartialSpectrum
    from tensorfem.kron.partial_sum import PartialSum
    from tensorfem.kron.rows.face_splitting import RowKronecker, row_kron
    from tensorfem.kron.rows.indexed import IndexedProduct
    from tensorfem.kron.slab_contraction import SlabContraction
    from tensorfem.kron.spectral.eigenvalues import smallest_sums
    from tensorfem.kron.sum_of_matrices import kronsum

# What no solver needs is imported at first use. A module must not have the name of what it defines: importing it would hide that.
__getattr__ = late(
    __name__,
    {
        "BlockCirculant": "blocks.circulant",
        "BlockDiagonal": "blocks.diagonal",
        "CanonicalPolyadic": "approximation.canonical_polyadic",
        "CombinedOperator": "algebra.combination",
        "ComposedOperator": "algebra.composition",
        "ConjugateOperator": "algebra.conjugate",
        "IndexedProduct": "rows.indexed",
        "LeastSquares": "equations.least_squares",
        "NearestKronecker": "approximation.nearest",
        "PartialSpectrum": "partial_spectrum",
        "PartialSum": "partial_sum",
        "RowKronecker": "rows.face_splitting",
        "SlabContraction": "slab_contraction",
        "block_circulant": "blocks.circulant",
        "block_diag": "blocks.diagonal",
        "convolution_matrix": "filters.convolution",
        "coordinate_products": "filters.grids",
        "coordinates": "filters.grids",
        "cp": "approximation.canonical_polyadic",
        "filter_operator": "filters.filtering",
        "gaussian_kernel": "filters.convolution",
        "grid_points": "filters.grids",
        "kfac_update": "approximation.curvature",
        "kron": "algebra.construction",
        "kronsum": "sum_of_matrices",
        "lstsq": "equations.least_squares",
        "nearest_kronecker": "approximation.nearest",
        "row_kron": "rows.face_splitting",
        "separable_filter": "filters.filtering",
        "separate": "filters.separation",
        "smallest_sums": "spectral.eigenvalues",
        "solve_generalized_sylvester": "equations.sylvester",
        "solve_sylvester": "equations.sylvester",
        "unvec": "equations.vectorization",
        "vec": "equations.vectorization",
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
    "PartialSpectrum",
    "PartialSum",
    "Pencil",
    "RowKronecker",
    "SeparableOperator",
    "SlabContraction",
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
