"""From the checked syntax tree of a formula to sympy, node by node: sympy is never handed a text."""

import ast
import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any

from tensorfem.expression import Expression

MAX_POWER = 1000  # of all exponents around one another: sympy multiplies out powers of numbers
MAX_OPERATIONS = 100  # in a formula: second derivatives of a product of n factors have about n**3, and are to take a second
LARGEST_INTEGER = 1000  # larger ones are kept as floats


class DerivationError(ValueError):
    """A formula of which no derivative can be given."""


@functools.cache
def import_sympy() -> Any:
    """The module sympy.

    Raises
    ------
    ImportError
        If it is not installed; the message says how to.
    """
    try:
        import sympy
    except ImportError as error:
        raise ImportError('manufactured problems need sympy, which is not installed: pip install "tensorfem[symbolic]"') from error
    return sympy


def symbolic(expression: Expression) -> Any:
    """The sympy expression of a checked formula.

    Raises
    ------
    DerivationError
        If it is made of what has no derivative, or is too large.

    Examples
    --------
    >>> from tensorfem.expression import parse
    >>> symbolic(parse("sqrt(x)*x", ("x",)))
    x**(3/2)
    """
    return _Translator(expression).tree()


class _Translator:
    """Makes a sympy expression of a checked syntax tree."""

    def __init__(self, expression: Expression) -> None:
        self.text, self.root = expression.text, expression.tree
        self.sympy = import_sympy()
        self.names: dict[str, Any] = {name: self.sympy.Symbol(name) for name in expression.names}
        self.names |= {"pi": self.sympy.pi, "e": self.sympy.E}

    def tree(self) -> Any:
        operations = sum(isinstance(node, ast.BinOp | ast.Call) for node in ast.walk(self.root))
        if operations > MAX_OPERATIONS:
            raise self._error(f"{operations} operations are too many to differentiate; the limit is {MAX_OPERATIONS}")
        result = self._expression(self.root, 1.0)
        if result.has(self.sympy.zoo, self.sympy.nan, self.sympy.oo, -self.sympy.oo, self.sympy.I):
            raise self._error("it has no finite real values")
        return result

    def _error(self, problem: str) -> DerivationError:
        return DerivationError(f'formula "{self.text}": {problem}')

    def _expression(self, node: ast.expr, power: float) -> Any:
        """The expression of a node that stands under exponents whose product is `power`."""
        match node:
            case ast.Constant(value=int() | float() as number):
                return constant(number)
            case ast.Name(id=name):
                return self.names[name]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                value = self._expression(operand, power)
                return -value if isinstance(sign, ast.USub) else value
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._power(left, right, power)
            case ast.BinOp(left=left, op=op, right=right):
                return _ARITHMETIC[type(op)](self._expression(left, power), self._expression(right, power))
            case ast.Call(func=ast.Name(id=name), args=args) if name in _functions():
                return _functions()[name](*(self._expression(argument, power) for argument in args))
        word, allowed = ast.unparse(node).partition("(")[0], ", ".join(sorted(_functions()))
        raise self._error(f"{word} has no derivative everywhere; use numbers, coordinates, + - * / ** and {allowed}")

    def _power(self, left: ast.expr, right: ast.expr, power: float) -> Any:
        exponent = self._expression(right, power)
        size = max(1.0, abs(float(exponent))) if exponent.is_number else 1.0
        if power * size > MAX_POWER:
            raise self._error(f"powers up to {power * size:g} are too high to differentiate; the limit is {MAX_POWER}")
        return self._expression(left, power * size) ** exponent


_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def constant(number: float) -> Any:
    """A number in sympy: a small integer, or a float."""
    sympy = import_sympy()
    whole = abs(number) <= LARGEST_INTEGER and number == int(number)
    return sympy.Integer(int(number)) if whole else sympy.Float(float(number))


@functools.cache
def _functions() -> dict[str, Callable[..., Any]]:
    """The functions of formulas that have a derivative everywhere inside their domain, in sympy."""
    sympy = import_sympy()
    same = "sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh exp log sqrt erf atan2".split()
    functions: dict[str, Callable[..., Any]] = {name: getattr(sympy, name) for name in same}
    functions |= {"arc" + name[1:]: function for name, function in functions.items() if name[0] == "a"}
    functions |= {"ln": sympy.log, "log2": lambda x: sympy.log(x) / sympy.log(2), "log10": lambda x: sympy.log(x) / sympy.log(10)}
    return functions | {"hypot": lambda x, y: sympy.sqrt(x**2 + y**2), "cbrt": _cube_root()}


@functools.cache
def _cube_root() -> Any:
    """The real cube root, which sympy has for positive numbers only."""

    class cbrt(import_sympy().Function):  # type: ignore[misc]  # noqa: N801
        def fdiff(self, argindex: int = 1) -> Any:
            return 1 / (3 * self.func(self.args[0]) ** 2)

    return cbrt
