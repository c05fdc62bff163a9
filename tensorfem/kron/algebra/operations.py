"""The algebra of structured operators: sums, products, multiples and powers, which stay structured."""

import functools
import numbers
import operator as operators_of_python
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron.algebra.combination import CombinedOperator
from tensorfem.kron.algebra.composition import ComposedOperator
from tensorfem.kron.algebra.conjugate import ConjugateOperator
from tensorfem.kron.lazy_array import KroneckerArray, is_scalar
from tensorfem.kron.mode_product import Factor
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.product import KroneckerProduct
from tensorfem.kron.separable import SeparableOperator

# A product of sums is expanded up to this many terms: it then has factors again. Beyond, applying sum after sum is cheaper.
MOST_TERMS = 64


def added(left: KroneckerOperator, right: Any, sign: int = 1) -> Any:
    """The sum or difference: a `SeparableOperator` of all terms, or a `CombinedOperator` where not all are Kronecker products.

    Raises
    ------
    ValueError
        If the shapes differ, or if `right` is no operator, sparse matrix or 0.
    """
    if is_scalar(right) and right == 0:  # so that sum(operators) works
        return left
    other = _operator(right)
    if other is None:
        raise ValueError(f"+: got {_told(right)}; allowed beside an operator are operators and sparse matrices: use operator.toarray()")
    if left.shape != other.shape:
        raise ValueError(f"+: got operators of shapes {left.shape} and {other.shape}; allowed are equal shapes")
    ours, theirs = _terms(left), _terms(other)
    if not ours or not theirs or (left.output_shape, left.input_shape) != (other.output_shape, other.input_shape):
        return CombinedOperator([left, other], [1, sign])
    definite = sign > 0 and all(getattr(part, "definite", False) for part in (left, other))
    return SeparableOperator([*ours, *(theirs if sign > 0 else (-term for term in theirs))], definite=definite)


def multiplied(left: KroneckerOperator, right: Any) -> Any:
    """The product with an operator or a sparse matrix, which is an operator; with a lazy array; or with a vector in any form.

    Two Kronecker products whose factors fit are multiplied factor by factor, ``(A (x) B)(C (x) D) = AC (x) BD``; sums of them are
    expanded up to 64 terms. Everything else becomes a `ComposedOperator`, whatever the shapes of the fields in between.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    if isinstance(right, KroneckerArray):
        return _on_lazy(left, right)
    other = _operator(right)
    if other is None:
        return left.matvec(right)
    if left.shape[1] != other.shape[0]:
        raise ValueError(
            f"@: got operators of shapes {left.shape} and {other.shape}; the columns of the first must be the rows of the second"
        )
    ours, theirs = _terms(left), _terms(other)
    if not 0 < len(ours) * len(theirs) <= MOST_TERMS or left.input_shape != other.output_shape:
        return ComposedOperator(left, other)
    products = [_mixed(a, b) for a in ours for b in theirs]
    return products[0] if len(products) == 1 else SeparableOperator(products, definite=False)


def _mixed(left: KroneckerProduct, right: KroneckerProduct) -> KroneckerProduct:
    return KroneckerProduct(*(a @ b for a, b in zip(left.factors, right.factors, strict=True)))


def _on_lazy(left: KroneckerOperator, array: KroneckerArray) -> Any:
    """A Kronecker product times a product of vectors, or of matrices' columns, is one again where the factors fit."""
    fits = array.ndim in (1, 2) and left.input_shape == tuple(factor.shape[0] for factor in array.factors)
    if not fits or not isinstance(left, KroneckerProduct):
        return left.matvec(array.toarray())
    return KroneckerArray(*(a @ b for a, b in zip(left.factors, array.factors, strict=True)))


def scaled(operator: KroneckerOperator, number: Any, *, divide: bool = False) -> Any:
    """The operator times a number, or divided by one.

    Raises
    ------
    ValueError
        For anything but a number, for one that is not finite, and for a division by zero.
    """
    value: Any = number[()] if isinstance(number, np.ndarray) and number.ndim == 0 else number
    sign = "/" if divide else "*"
    if not is_scalar(value):
        raise ValueError(f"{sign}: got {_told(number)}; allowed beside an operator are numbers; products of operators are written @")
    if divide and value == 0:
        raise ValueError("/: got 0; an operator is divided by a number that is not zero")
    own = getattr(operator, "_scaled", None)
    factor = 1 / value if divide else value
    if not np.isfinite(factor):
        raise ValueError(f"{sign}: got {value!r}, which multiplies the operator by {factor!r}; allowed are finite numbers")
    if own is not None:
        return own(factor)
    terms = _terms(operator)
    if not terms:
        return CombinedOperator([operator], [factor])
    definite = getattr(operator, "definite", False) and np.isrealobj(factor) and factor > 0
    return SeparableOperator([term * factor for term in terms], definite=definite)


def power(operator: KroneckerOperator, exponent: Any) -> Any:
    """The product of `exponent` times the operator; of its inverse if negative; the identity if 0.

    Raises
    ------
    ValueError
        If the operator is not square, the exponent no integer, or negative where no inverse is known.
    """
    if not isinstance(exponent, numbers.Integral) or isinstance(exponent, bool):
        raise ValueError(f"**: got the exponent {exponent!r}; allowed are integers")
    if operator.shape[0] != operator.shape[1]:
        raise ValueError(f"**: got an operator of shape {operator.shape}; allowed is a square one")
    if exponent < 0:
        if not hasattr(operator, "inverse"):
            raise ValueError(f"**: got the exponent {exponent}, but {operator!r} has no inverse() from its factors; use a solver")
        return power(operator.inverse(), -exponent)
    if exponent == 0:
        return KroneckerProduct(*(sparse.eye_array(n, dtype=operator.dtype, format="csr") for n in operator.input_shape))
    if isinstance(operator, KroneckerProduct) and operator.input_shape == operator.output_shape:
        return KroneckerProduct(*(_matrix_power(factor, int(exponent)) for factor in operator.factors))
    return functools.reduce(operators_of_python.matmul, [operator] * int(exponent))


def _matrix_power(factor: Factor, exponent: int) -> Factor:
    """By repeated squaring."""
    result = None
    while exponent:
        exponent, odd = divmod(exponent, 2)
        if odd:
            result = factor if result is None else result @ factor
        factor = factor @ factor if exponent else factor
    return result


def conjugated(operator: KroneckerOperator) -> KroneckerOperator:
    """The conjugate of a complex operator: as it knows itself, or of its terms, or of all of it."""
    own, terms = getattr(operator, "_conj", None), _terms(operator)
    if own is not None:
        conjugate: KroneckerOperator = own()
        return conjugate
    return SeparableOperator([term.conj() for term in terms], definite=False) if terms else ConjugateOperator(operator)


def _terms(operator: KroneckerOperator) -> tuple[KroneckerProduct, ...]:
    return tuple(getattr(operator, "terms", ()))


def _operator(thing: Any) -> KroneckerOperator | None:
    """Operators as they are; a sparse matrix is one with a single factor."""
    if sparse.issparse(thing):
        return KroneckerProduct(thing)
    return thing if isinstance(thing, KroneckerOperator) else None


def _told(thing: Any) -> str:
    shape = getattr(thing, "shape", None)
    return f"{thing!r}" if is_scalar(thing) else f"{type(thing).__name__}" + (f" of shape {shape}" if shape else "")
