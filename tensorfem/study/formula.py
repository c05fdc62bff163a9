"""Formulas that can be differentiated, and called: sympy expressions computed in NumPy node by node, without generated code."""

import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

from tensorfem.expression import Expression
from tensorfem.study.symbolic import import_sympy, symbolic

NUMPY_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "cbrt")},
    **{"a" + name: getattr(np, "arc" + name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "erf": erf,
    "atan2": np.arctan2,
    "cot": lambda x: 1 / np.tan(x),
}


@dataclass(frozen=True, eq=False)
class Formula:
    """A sympy expression in coordinates as a function of arrays; it prints as a formula that `tensorfem.expression.parse` reads.

    Attributes
    ----------
    tree : sympy.Expr
    names : tuple of str
        The coordinates, in the order of a call's arguments.

    Examples
    --------
    >>> from tensorfem.expression import parse
    >>> wave = Formula.of(parse("sin(pi*x)*y**2", ("x", "y")))
    >>> wave.derivative("x")
    pi*y**2*cos(pi*x)
    >>> float(wave.derivative("y")(0.5, 3.0))
    6.0
    """

    tree: Any
    names: tuple[str, ...]

    @classmethod
    def of(cls, expression: Expression, names: tuple[str, ...] | None = None) -> "Formula":
        """From a checked formula; as a function of more coordinates than occur in it, if `names` are given.

        Raises
        ------
        DerivationError
            If it is made of what has no derivative, or is too large.
        """
        return cls(symbolic(expression), expression.names if names is None else names)

    def derivative(self, name: str) -> "Formula":
        """The derivative along one coordinate."""
        return Formula(self.tree.diff(import_sympy().Symbol(name)), self.names)

    def __call__(self, *coordinates: ArrayLike) -> NDArray[np.float64]:
        """Values at coordinates, which broadcast; what is undefined is nan or inf."""
        values = {name: np.asarray(array, dtype=float) for name, array in zip(self.names, coordinates, strict=True)}
        with np.errstate(all="ignore"):
            return np.asarray(_evaluate(self.tree, values, {}), dtype=float)

    def __repr__(self) -> str:
        return str(_printer().doprint(self.tree))


def _evaluate(tree: Any, values: Mapping[str, Any], known: dict[Any, Any]) -> Any:
    """The value of an expression; equal parts are computed once, and on the axes that occur in them only."""
    if tree not in known:
        known[tree] = _value(tree, values, known)
    return known[tree]


def _value(tree: Any, values: Mapping[str, Any], known: dict[Any, Any]) -> Any:
    if tree.is_Symbol:
        return values[tree.name]
    if tree.is_Number or tree.is_NumberSymbol:
        return _float(tree)
    operands = [_evaluate(part, values, known) for part in tree.args]
    if tree.is_Add:
        return functools.reduce(operator.add, operands)
    if tree.is_Mul:
        return functools.reduce(operator.mul, operands)
    if tree.is_Pow:
        return np.sqrt(operands[0]) if tree.exp.is_Number and operands[1] == 0.5 else operands[0] ** operands[1]
    return NUMPY_FUNCTIONS[type(tree).__name__](*operands)


def _float(number: Any) -> np.float64:
    try:
        return np.float64(float(number))
    except OverflowError:
        return np.float64(np.inf if number > 0 else -np.inf)


@functools.cache
def _printer() -> Any:
    class Printer(import_sympy().printing.str.StrPrinter):  # type: ignore[misc]
        def _print_Float(self, number: Any) -> str:  # noqa: N802
            return repr(float(number))

        def _print_Exp1(self, number: Any) -> str:  # noqa: N802
            return "e"

        def _print_cot(self, node: Any) -> str:
            return f"(1/tan({self.doprint(node.args[0])}))"

    return Printer()
