"""The grammar of formulas: which words and signs may stand in a text, and what the nodes of its syntax tree mean in NumPy.

This is the allow-list: what is not named here is no part of a formula, and `tensorfem.expression` refuses it.
"""

import ast
import math
import operator
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial, reduce
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy.special import erf

MAX_LENGTH = 10_000  # characters in a formula
MAX_NODES = 2_000  # numbers, names and operations in it
MAX_DEPTH = 100  # levels of nesting, of brackets and of the syntax tree
MAX_DIGITS = 30  # digits of an integer
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels; group a long sum in brackets, as in (a + b) + (c + d)"

Kind = Literal["number", "condition"]
NUMBER: Kind = "number"
CONDITION: Kind = "condition"
Token = re.Match[str]

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<word>[A-Za-z_][A-Za-z_0-9]*)
      | (?P<foreign>//|&&|\|\|)
      | (?P<sign>\*\*|[<>=!]=|[-+*/(),<>])
      | (?P<rest>.)""",
    re.VERBOSE | re.DOTALL,
)
_CONNECTIVES = ("and", "or", "not")
_HINTS = {
    "^": "write powers with **, as in x**2",
    "//": "write floor(a / b)",
    "%": "write a - b*floor(a / b)",
    "=": 'compare with "=="',
    "&": 'write "and" between conditions',
    "&&": 'write "and" between conditions',
    "|": 'write "or" between conditions, abs(x) for the absolute value',
    "||": 'write "or" between conditions',
    "~": 'write "not" before a condition',
    "!": 'write "not" before a condition',
    "if": "write where(condition, a, b)",
    "pow": "write powers with **, as in x**2",
    "power": "write powers with **, as in x**2",
    "lambda": "write the formula alone, as in sin(x)",
    "[": "group with ( and )",
    "{": "group with ( and )",
    "\N{MINUS SIGN}": 'write the minus sign of the keyboard, "-"',
    "\N{EN DASH}": 'write the minus sign of the keyboard, "-"',
    "\N{MULTIPLICATION SIGN}": 'write "*"',
    "\N{MIDDLE DOT}": 'write "*"',
    "\N{GREEK SMALL LETTER PI}": 'write "pi"',
    "\N{SUPERSCRIPT TWO}": "write **2",
    "\N{SQUARE ROOT}": "write sqrt(...)",
}


def quoted(text: str, width: int = 60) -> str:
    """The text, or its beginning, in double quotes and safe to print."""
    shown = text if len(text) <= width else text[: width - 3] + "..."
    return '"' + repr(shown)[1:-1] + '"'


def listed(words: Iterable[str]) -> str:
    """The words in double quotes, separated by commas."""
    return ", ".join(f'"{word}"' for word in words) or "none"


def problem_of(text: str, names: Sequence[str]) -> str | None:
    """What is wrong with the words and signs of a text, or None: from here on it is known to be plain ASCII."""
    tokens = [token for token in _TOKEN.finditer(text) if token.lastgroup != "space"]
    for token in tokens:
        if problem := _problem_of_token(token, names):
            return problem
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if problem := _problem_of_pair(token, following):
            return problem
    return _problem_of_brackets(tokens)


def _problem_of_token(token: Token, names: Sequence[str]) -> str | None:
    match token.lastgroup:
        case "number":
            return _problem_of_number(token)
        case "word":
            return _problem_of_word(token, names)
        case "sign":
            return None
    hint = _HINTS.get(token[0], "allowed are letters, digits, and + - * / ** ( ) , . < > <= >= == !=")
    return f"{_place(token)} is not part of formulas; {hint}"


def _place(token: Token) -> str:
    return f"{quoted(token[0], 20)} at column {token.start() + 1}"


def _problem_of_number(token: Token) -> str | None:
    if token[0].isdigit() and len(token[0]) > MAX_DIGITS:
        return f"the number {_place(token)} has {len(token[0])} digits, the limit is {MAX_DIGITS}; write it as 1.5e40"
    if not math.isfinite(float(token[0])):
        return f"the number {_place(token)} is too large; the largest is {sys.float_info.max:.4g}"
    return None


def _problem_of_word(token: Token, names: Sequence[str]) -> str | None:
    known = (*names, *CONSTANTS, *FUNCTIONS, *_CONNECTIVES)
    if token[0] in known:
        return None
    near = get_close_matches(token[0].lower(), known, 1)
    hint = f"; {_HINTS[token[0]]}." if token[0] in _HINTS else f'; did you mean "{near[0]}"?' if near else "."
    allowed = f"the coordinates {listed(names)}, the constants {listed(CONSTANTS)}, the functions {listed(sorted(FUNCTIONS))}"
    return f"unknown name {_place(token)}{hint} Allowed are {allowed}"


def _problem_of_pair(token: Token, following: Token | None) -> str | None:
    """Functions without arguments, and operands side by side as in 2x."""
    if token[0] in FUNCTIONS:
        called = following is not None and following[0] == "("
        return None if called else f"the function {_place(token)} has no arguments; write {token[0]}(...)"
    if following and (token[0] == ")" or _is_operand(token)) and (following[0] == "(" or _is_operand(following)):
        return f"{_place(token)} stands beside {_place(following)}; write * between them, as in 2*x"
    if following and token.lastgroup == "number" and following.lastgroup == "word" and token.end() == following.start():
        return f"{_place(token)} runs into {_place(following)}; write a space between them"
    return None


def _is_operand(token: Token) -> bool:
    return token.lastgroup != "sign" and token[0] not in _CONNECTIVES


def _problem_of_brackets(tokens: Sequence[Token]) -> str | None:
    opened: list[tuple[Token, bool]] = []  # each open bracket, and whether it holds the arguments of a function
    for previous, token in zip([None, *tokens[:-1]], tokens, strict=True):
        match token[0]:
            case "(":
                opened.append((token, previous is not None and previous[0] in FUNCTIONS))
            case ")" if opened:
                opened.pop()
            case ")":
                return f"{_place(token)} closes nothing; remove it, or open a bracket before it"
            case "," if not (opened and opened[-1][1]):
                return f"{_place(token)} is outside the arguments of a function; decimals are written 1.5"
        if len(opened) > MAX_DEPTH:
            return TOO_DEEP
    return f'{_place(opened[-1][0])} is never closed; add ")"' if opened else None


class Function(NamedTuple):
    """A function of formulas: what computes it, how many arguments it accepts, and that number in words."""

    apply: Callable[..., Any]
    arities: range
    wording: str


def _one(apply: Callable[..., Any]) -> Function:
    return Function(apply, range(1, 2), "1 argument")


def _two(apply: Callable[..., Any]) -> Function:
    return Function(apply, range(2, 3), "2 arguments")


def _fold(apply: Callable[..., Any], *values: Any) -> Any:
    return reduce(apply, values)


def _many(apply: Callable[..., Any]) -> Function:
    return Function(partial(_fold, apply), range(2, sys.maxsize), "2 arguments or more")


def _chain(tests: Sequence[Callable[..., Any]], *values: Any) -> Any:
    """The chained comparison a < b < c, which holds where a < b and b < c."""
    return reduce(np.logical_and, (test(left, right) for test, left, right in zip(tests, values, values[1:], strict=False)))


def _heaviside(x: Any, at_zero: Any = 0.5) -> Any:
    return np.heaviside(x, at_zero)


FUNCTIONS: Mapping[str, Function] = {
    **{name: _one(getattr(np, name)) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "log10", "log2")},
    **{name: _one(getattr(np, name)) for name in ("sqrt", "cbrt", "abs", "sign", "floor", "ceil")},
    **{a + name: _one(getattr(np, "arc" + name)) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh") for a in ("a", "arc")},
    "ln": _one(np.log),
    "erf": _one(erf),
    "atan2": _two(np.arctan2),
    "arctan2": _two(np.arctan2),
    "hypot": _two(np.hypot),
    "min": _many(np.minimum),
    "minimum": _many(np.minimum),
    "max": _many(np.maximum),
    "maximum": _many(np.maximum),
    "heaviside": Function(_heaviside, range(1, 3), "1 or 2 arguments (x, value at 0)"),
    "where": Function(np.where, range(3, 4), "3 arguments (condition, a, b)"),
}
CONSTANTS: Mapping[str, np.float64] = {"pi": np.float64(np.pi), "e": np.float64(np.e)}

_ARITHMETIC: Mapping[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_SIGNS: Mapping[type[ast.unaryop], Callable[..., Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[..., Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_LOGIC: Mapping[type[ast.boolop], Callable[..., Any]] = {ast.And: np.logical_and, ast.Or: np.logical_or}


class Step(NamedTuple):
    """How a node is computed: `apply` to the values of `operands`, each of the kind `takes` says; the result is of the kind `gives`."""

    apply: Callable[..., Any]
    operands: Sequence[ast.expr]
    takes: Sequence[Kind]
    gives: Kind


def step(node: ast.expr) -> Step:
    """How the operation at `node` is computed; a ValueError, to be read after the place of the node, where it is none of formulas."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return Step(_ARITHMETIC[type(op)], (left, right), (NUMBER, NUMBER), NUMBER)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Step(np.logical_not, (operand,), (CONDITION,), CONDITION)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _SIGNS:
            return Step(_SIGNS[type(op)], (operand,), (NUMBER,), NUMBER)
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARISONS for op in ops):
            tests = [_COMPARISONS[type(op)] for op in ops]
            return Step(partial(_chain, tests), (left, *others), (NUMBER,) * (1 + len(others)), CONDITION)
        case ast.BoolOp(op=op, values=values):
            return Step(partial(_fold, _LOGIC[type(op)]), values, (CONDITION,) * len(values), CONDITION)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return _call(name, args)
    raise ValueError("is not part of formulas; write numbers, coordinates, operators and functions of them")


def _call(name: str, args: Sequence[ast.expr]) -> Step:
    function = FUNCTIONS[name]
    if len(args) not in function.arities:
        raise ValueError(f"cannot be called so: {name} takes {function.wording}, got {len(args)}")
    takes: tuple[Kind, ...] = (CONDITION, NUMBER, NUMBER) if name == "where" else (NUMBER,) * len(args)
    return Step(function.apply, args, takes, NUMBER)


def evaluate(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """The value of a checked tree, where `values` gives the value of each name, the constants included."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return np.float64(number)
        case ast.Name(id=name):
            return values[name]
    how = step(node)
    return how.apply(*(evaluate(operand, values) for operand in how.operands))
