"""Formulas in the coordinates, given as strings: checked character by character and node by node, never handed to `eval`."""

import ast
import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem import _grammar
from tensorfem._grammar import CONDITION, CONSTANTS, FUNCTIONS, MAX_DEPTH, MAX_DIGITS, MAX_LENGTH, MAX_NODES, NUMBER, Kind, listed, quoted

__all__ = ["MAX_DEPTH", "MAX_DIGITS", "MAX_LENGTH", "MAX_NODES", "Expression", "ExpressionError", "parse"]


class ExpressionError(ValueError):
    """A formula that cannot be used; the message says what is wrong with it, where, and what to write instead."""


@dataclass(frozen=True)
class Expression:
    """A formula in the coordinates, checked once and cheap to call many times.

    Formulas consist of numbers, the coordinates, the constants `pi` and `e`, the operations `+ - * / **`, functions
    such as `sin`, `exp`, `sqrt`, `atan2`, `min`, and `where(condition, a, b)`, whose condition is made of comparisons,
    `and`, `or` and `not`. Conditions are no numbers: write `where(x > 0, 1, 0)` for an indicator function.

    Parameters
    ----------
    text : str
        The formula; at most `MAX_LENGTH` characters.
    names : tuple of str
        The coordinates that may occur in it, in the order in which their values are passed to a call.

    Attributes
    ----------
    variables : frozenset of str
        The coordinates that do occur.
    tree : ast.expr
        The checked syntax tree; not to be changed.

    Raises
    ------
    ExpressionError
        Where the text is no formula, exceeds a limit, or a part of it without coordinates is not finite, as 1/0.

    Examples
    --------
    >>> import numpy as np
    >>> formula = Expression("exp(-x)*y**2", ("x", "y"))
    >>> formula(np.array([[0.0], [np.log(2)]]), np.array([[1.0, 2.0, 3.0]]))
    array([[1. , 4. , 9. ],
           [0.5, 2. , 4.5]])
    >>> sorted(formula.variables)
    ['x', 'y']
    """

    text: str
    names: tuple[str, ...]
    variables: frozenset[str] = field(init=False, repr=False, compare=False)
    tree: ast.expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check names and text, and keep the tree."""
        object.__setattr__(self, "names", _checked_names(self.names))
        tree = _Reader(self.text, self.names).read()
        words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        object.__setattr__(self, "variables", words.intersection(self.names))
        object.__setattr__(self, "tree", tree)

    def __call__(self, *coordinates: ArrayLike) -> NDArray[np.float64]:
        """Evaluate at coordinates, which broadcast against each other (open grids do).

        Parameters
        ----------
        *coordinates : array_like of float
            One array or number for each of `names`, in their order.

        Returns
        -------
        ndarray of float64
            A new array, broadcast only as far as the coordinates that occur need: of dimension 0 for a constant
            formula. What is undefined (`log(x)` at x = -1) is nan or inf; no warning is given.
        """
        if len(coordinates) != len(self.names):
            raise TypeError(f"{self!r} takes {len(self.names)} arrays ({', '.join(self.names)}), got {len(coordinates)}")
        arrays = {name: np.asarray(array, dtype=np.float64) for name, array in zip(self.names, coordinates, strict=True)}
        with np.errstate(all="ignore"):
            value = _grammar.evaluate(self.tree, {**CONSTANTS, **arrays})
        return np.array(value) if isinstance(self.tree, ast.Name) else np.asarray(value)


def parse(text: str, names: tuple[str, ...]) -> Expression:
    """The formula `text` in the coordinates `names`.

    Parameters
    ----------
    text : str
        The formula, as in `Expression`.
    names : tuple of str
        The coordinates that may occur in it.

    Returns
    -------
    Expression
        To be called with one array for each of `names`.

    Raises
    ------
    ExpressionError
        Where the text is no formula; the message says where and why.

    Examples
    --------
    >>> parse("where(x < 1/2, 1, 10)", ["x"])([0.25, 0.75])
    array([ 1., 10.])
    >>> parse("2*sinn(x)", ["x"])
    Traceback (most recent call last):
    tensorfem.expression.ExpressionError: formula "2*sinn(x)": unknown name "sinn" at column 3; did you mean "sin"? ...
    """
    return Expression(text, names)


def _checked_names(names: Iterable[str]) -> tuple[str, ...]:
    if isinstance(names, str):
        raise ExpressionError(f'names: got the single string {quoted(names)}; give a tuple of names, such as ("x", "y")')
    names = tuple(names)
    for name in names:
        if not isinstance(name, str) or not re.fullmatch("[A-Za-z_][A-Za-z_0-9]*", name) or keyword.iskeyword(name):
            raise ExpressionError(f"names: {name!r} cannot name a coordinate; use letters, digits and _, as in x1")
        if name in CONSTANTS or name in FUNCTIONS:
            raise ExpressionError(
                f'names: "{name}" is a {"constant" if name in CONSTANTS else "function"} of formulas; choose another name'
            )
    if len(set(names)) < len(names):
        raise ExpressionError(f"names: {listed(names)} are not distinct; name each coordinate once")
    return names


class _Reader:
    """Reads one formula: first its words and signs, so that Python's parser never meets anything else, then its tree."""

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        self.text = text
        self.names = names

    def read(self) -> ast.expr:
        """The checked tree."""
        self._check_text()
        try:
            tree = self._tree()
            with np.errstate(all="ignore"):
                self._check(tree, NUMBER)
        except (RecursionError, MemoryError):
            raise self._error(_grammar.TOO_DEEP) from None
        return tree

    def _error(self, problem: str) -> ExpressionError:
        return ExpressionError(f"formula {quoted(self.text)}: {problem}")

    def _check_text(self) -> None:
        if not isinstance(self.text, str):
            raise ExpressionError(f"a formula is a string in the coordinates {listed(self.names)}, got {self.text!r}")
        if len(self.text) > MAX_LENGTH:
            raise self._error(f"{len(self.text)} characters are too long; the limit is {MAX_LENGTH}, write a function instead")
        if not self.text.strip():
            raise self._error(f'it is empty; write a number or a formula in {listed(self.names)}, such as "0"')
        if problem := _grammar.problem_of(self.text, self.names):
            raise self._error(problem)

    def _tree(self) -> ast.expr:
        """The tree of the scanned text. The bracket before it makes `col_offset` the column counted from 1, as all text is ASCII."""
        try:
            tree = ast.parse("(" + re.sub(r"\s", " ", self.text) + ")", mode="eval").body
        except SyntaxError as error:
            column = (error.offset or 2) - 1
            rest = self.text[column - 1 :].strip()
            problem = f"{quoted(rest, 20)} at column {column} is out of place" if rest else "it ends too early"
            raise self._error(f"{problem}; an operator stands between two operands, as in 2*x + 1") from None
        nodes = sum(isinstance(node, ast.expr) for node in ast.walk(tree))
        if nodes > MAX_NODES:
            raise self._error(f"{nodes} numbers, names and operations are too many; the limit is {MAX_NODES}, write a function instead")
        return tree

    def _place(self, node: ast.expr) -> str:
        return f"{quoted(self.text[node.col_offset - 1 : (node.end_col_offset or 0) - 1])} at column {node.col_offset}"

    def _check(self, node: ast.expr, wanted: Kind, depth: int = 1) -> Any:
        """Check `node` and all below it; its value, or None where coordinates occur in it."""
        if depth > MAX_DEPTH:
            raise self._error(_grammar.TOO_DEEP)
        gives, value = self._leaf(node) or self._operation(node, depth)
        if gives != wanted:
            hint = "write where(x > 0, 1, 0)" if gives == CONDITION else "compare it, as in x > 0"
            raise self._error(f"{self._place(node)} is a {gives} where a {wanted} is needed; {hint}")
        if value is not None and not np.isfinite(value):
            raise self._error(f"{self._place(node)} is {value}, not a finite number; change this part")
        return value

    def _leaf(self, node: ast.expr) -> tuple[Kind, Any] | None:
        match node:
            case ast.Constant(value=int() | float() as number):
                return NUMBER, np.float64(number)
            case ast.Name(id=name) if name in self.names:
                return NUMBER, None
            case ast.Name(id=name) if name in CONSTANTS:
                return NUMBER, CONSTANTS[name]
        return None

    def _operation(self, node: ast.expr, depth: int) -> tuple[Kind, Any]:
        try:
            how = _grammar.step(node)
        except ValueError as error:
            raise self._error(f"{self._place(node)} {error}") from None
        values = [self._check(operand, kind, depth + 1) for operand, kind in zip(how.operands, how.takes, strict=True)]
        return how.gives, None if any(value is None for value in values) else how.apply(*values)
