"""Formulas as sums of products of functions of one coordinate each, where they are such sums."""

import ast
import functools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tensorfem import _grammar
from tensorfem._grammar import CONSTANTS
from tensorfem.expression import Expression

FloatArray = NDArray[np.float64]
Term = Mapping[str, ast.expr]  # the function of each coordinate that occurs, and the constant factor under the empty name
MOST_TERMS, HIGHEST_POWER = 8, 4  # of a sum that is worth splitting, and of a sum that is multiplied out


def separated(formula: Expression, points: Sequence[FloatArray]) -> list[list[FloatArray]] | None:
    """The values of a formula on a tensor grid as a sum of outer products, at 1D cost.

    Sums are split, products of sums multiplied out, quotients and whole powers of products taken factor by factor, and the exponential of
    a sum becomes a product. What is no sum of at most 8 products by these rules stays whole.

    Parameters
    ----------
    formula : Expression
    points : sequence of (n_i,) arrays
        One per coordinate.

    Returns
    -------
    list of lists of arrays, or None
        For each product one array per coordinate, of length n_i, or 1 where it is constant. None where the formula is no such sum.

    Examples
    --------
    >>> x, y = np.array([0.0, 1.0]), np.array([2.0, 3.0, 4.0])
    >>> separated(Expression("exp(x)*y", ("x", "y")), [x, y])
    [[array([1.        , 2.71828183]), array([2., 3., 4.])]]
    >>> separated(Expression("sin(x*y)", ("x", "y")), [x, y])
    """
    terms = _split(formula.tree, frozenset(formula.names))
    if terms is None:
        return None
    with np.errstate(all="ignore"):
        return [_values(term, formula.names, points) for term in terms]


def _values(term: Term, names: Sequence[str], points: Sequence[FloatArray]) -> list[FloatArray]:
    known = {**CONSTANTS, **dict(zip(names, points, strict=True))}
    values = [np.atleast_1d(np.asarray(_grammar.evaluate(term[n], known), float)) if n in term else np.ones(1) for n in names]
    if "" in term:
        values[0] = values[0] * np.asarray(_grammar.evaluate(term[""], known), float)
    return values


def _split(node: ast.expr, names: frozenset[str]) -> list[Term] | None:
    own = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} & names
    if len(own) <= 1:
        return [{min(own, default=""): node}]
    match node:
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
            sign = ast.Constant(-1.0 if isinstance(op, ast.USub) else 1.0)
            return _products([{"": sign}], _split(operand, names))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _sum(_split(left, names), _split(right, names))
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _sum(_split(left, names), _products([{"": ast.Constant(-1.0)}], _split(right, names)))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _products(_split(left, names), _split(right, names))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _quotients(_split(left, names), _split(right, names))
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=int() | float() as power)) if power == int(power):
            return _power(_split(base, names), int(power))
        case ast.Call(func=ast.Name(id="exp"), args=[argument]):
            return _exponential(_split(argument, names))
    return None


def _sum(left: list[Term] | None, right: list[Term] | None) -> list[Term] | None:
    if left is None or right is None or len(left) + len(right) > MOST_TERMS:
        return None
    return [*left, *right]


def _products(left: list[Term] | None, right: list[Term] | None) -> list[Term] | None:
    if left is None or right is None or len(left) * len(right) > MOST_TERMS:
        return None
    return [_product(one, other, ast.Mult()) for one in left for other in right]


def _quotients(left: list[Term] | None, right: list[Term] | None) -> list[Term] | None:
    if left is None or right is None or len(right) > 1:
        return None
    return [_product(one, right[0], ast.Div()) for one in left]


def _product(one: Term, other: Term, operation: ast.operator) -> Term:
    unit = ast.Constant(1.0)
    return {name: ast.BinOp(one.get(name, unit), operation, other[name]) if name in other else one[name] for name in {**one, **other}}


def _power(base: list[Term] | None, power: int) -> list[Term] | None:
    """A whole power: of one product, factor by factor; of a sum, multiplied out."""
    if base is None:
        return None
    if len(base) == 1:
        return [{name: ast.BinOp(factor, ast.Pow(), ast.Constant(power)) for name, factor in base[0].items()}]
    if not 0 < power <= HIGHEST_POWER:
        return None
    result: list[Term] | None = base
    for _ in range(power - 1):
        result = _products(result, base)
    return result


def _exponential(terms: list[Term] | None) -> list[Term] | None:
    """The exponential of a sum of functions of one coordinate each: the product of theirs."""
    if terms is None or any(len(term.keys() - {""}) > 1 for term in terms):
        return None
    result: Term = {}
    for term in terms:
        factor = _whole(term)
        result = _product(result, {max(term): ast.Call(ast.Name("exp"), [factor], [])}, ast.Mult())
    return [result]


def _whole(term: Term) -> ast.expr:
    """The factors of a term, multiplied."""
    factors: list[ast.expr] = list(term.values())
    return functools.reduce(lambda whole, factor: ast.BinOp(whole, ast.Mult(), factor), factors)
