"""Formulas given as strings: values against the mathematics, and one clear message for everything that is no formula."""

import ast
import copy
import dataclasses
import math
import operator
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorfem import _grammar
from tensorfem.expression import MAX_DEPTH, MAX_DIGITS, MAX_LENGTH, MAX_NODES, Expression, ExpressionError, parse

XY = ("x", "y")
X = np.linspace(-0.9, 0.7, 5)[:, None]
Y = np.linspace(0.2, 1.7, 4)[None, :]

# Every function of formulas: a reference on Python floats, its arguments in a formula, and in Python.
ONE = {name: getattr(math, name) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "atanh")}
ONE |= {"arc" + name[1:]: reference for name, reference in ONE.items() if name.startswith("a")}
ONE |= {"exp": math.exp, "cbrt": math.cbrt, "erf": math.erf, "abs": abs, "sign": lambda a: (a > 0) - (a < 0)}
POSITIVE = {"log": math.log, "ln": math.log, "log2": math.log2, "log10": math.log10, "sqrt": math.sqrt}
REFERENCES = {
    **{name: (reference, "x", lambda x, y: (x,)) for name, reference in ONE.items()},
    **{name: (reference, "y", lambda x, y: (y,)) for name, reference in POSITIVE.items()},
    **dict.fromkeys(("acosh", "arccosh"), (math.acosh, "1 + y", lambda x, y: (1 + y,))),
    **dict.fromkeys(("atan2", "arctan2"), (math.atan2, "x, y", lambda x, y: (x, y))),
    **dict.fromkeys(("min", "minimum"), (min, "x, y - 1, x*y", lambda x, y: (x, y - 1, x * y))),
    **dict.fromkeys(("max", "maximum"), (max, "x, y - 1, x*y", lambda x, y: (x, y - 1, x * y))),
    "hypot": (math.hypot, "x, y", lambda x, y: (x, y)),
    "floor": (math.floor, "3*x", lambda x, y: (3 * x,)),
    "ceil": (math.ceil, "3*x", lambda x, y: (3 * x,)),
    "heaviside": (lambda a, half: half if a == 0 else float(a > 0), "floor(3*x), y", lambda x, y: (math.floor(3 * x), y)),
    "where": (lambda condition, a, b: a if condition else b, "x < y - 1, x, y", lambda x, y: (x < y - 1, x, y)),
}


@pytest.mark.parametrize("name", sorted({*REFERENCES, *_grammar.FUNCTIONS}))
def test_function(name):
    reference, text, arguments = REFERENCES[name]
    wanted = [[reference(*arguments(x, y)) for y in Y[0].tolist()] for x in X[:, 0].tolist()]
    found = parse(f"{name}({text})", XY)(X, Y)
    np.testing.assert_allclose(np.broadcast_to(found, (5, 4)), wanted, rtol=1e-14, atol=1e-15)
    assert np.ptp(wanted) > 0


ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}
FORMULAS = {
    "1.5e1 + .5 - 2.": lambda x, y: 13.5,
    "pi - e": lambda x, y: math.pi - math.e,
    "x - y - 2": lambda x, y: (x - y) - 2,
    "x - (y - 2)": lambda x, y: x - y + 2,
    "x/y/4": lambda x, y: x / (4 * y),
    "x - y*3 + 1": lambda x, y: 1 + x - 3 * y,
    "y**x": lambda x, y: np.exp(x * np.log(y)),
    "y**2**3": lambda x, y: y**8,
    "-y**2": lambda x, y: -(y * y),
    "2**-y": lambda x, y: 1 / 2**y,
    " x\n\t+\r\ny ": lambda x, y: x + y,
    "exp(-x)*sin(pi*y)": lambda x, y: np.exp(-x) * np.sin(np.pi * y),
    "heaviside(floor(3*x) + 1)": lambda x, y: np.array([[0], [0], [0.5], [1], [1]]),
    "where(-0.6 < x < 0.6, 1, 2)": lambda x, y: np.array([[2], [1], [1], [1], [2]]),
    "where(x < 0 or y < 1, 1, 2)": lambda x, y: 1 + (x >= 0) * (y >= 1),
    "where(not x < 0 and y < 1 or x < -0.6, 1, 2)": lambda x, y: np.where(((x >= 0) & (y < 1)) | (x < -0.6), 1, 2),
}
FORMULAS |= {f"where(floor(3*x) {sign} -1, 1, 2)": lambda x, y, c=c: np.where(c(3 * x // 1, -1), 1, 2) for sign, c in ORDER.items()}


@pytest.mark.parametrize("text", FORMULAS)
def test_formula(text):
    found = parse(text, XY)(X, Y)
    np.testing.assert_allclose(*np.broadcast_arrays(found, FORMULAS[text](X, Y)), rtol=1e-14, atol=1e-15)
    assert type(found) is np.ndarray
    assert found.dtype == np.float64


@pytest.mark.parametrize(("text", "shape", "names"), [("x*x", (5, 1), "x"), ("2*y", (1, 4), "y"), ("x*y", (5, 4), "xy"), ("pi", (), "")])
def test_broadcasts_as_far_as_needed(text, shape, names):
    formula = parse(text, XY)
    assert formula(X, Y).shape == shape
    assert formula.variables == set(names)


def test_names_bind_in_their_order_and_integers_become_floats():
    assert parse("r - z/2", ("z", "r"))(8, 3) == -1
    assert parse("x2 - x10", ("x2", "x10"))(np.float32(1), [2, 3]).tolist() == [-1, -2]
    assert parse("x*x", ("x",))(np.array([50_000], dtype=np.int32)).tolist() == [2.5e9]


@pytest.mark.parametrize("text", ["x", "(x)", "+x", "where(x > -5, x, 0)", "abs(x)"])
def test_result_is_new(text):
    x = np.array([1.0, 2.0])
    parse(text, ("x",))(x)[:] = 7
    assert x.tolist() == [1, 2]


def test_undefined_values_are_returned_without_warning():
    with np.errstate(all="raise"):
        assert np.isnan(parse("log(x)", ("x",))([-1.0])).all()
        assert np.isposinf(parse("1/x + exp(1e5*x)", ("x",))([0.0, 1.0])).all()
        assert parse("1e-300*1e-300", ("x",))(1) == 0
        assert np.geterr()["divide"] == "raise"


def test_value_semantics():
    formula = parse("x + 1", XY)
    assert hash(formula) == hash(Expression("x + 1", XY))
    assert len({formula, Expression("x + 1", XY), parse("x + 1", ("x",)), parse("x+1", XY)}) == 3
    assert repr(formula) == "Expression(text='x + 1', names=('x', 'y'))"
    assert ast.unparse(formula.tree) == "x + 1"
    with pytest.raises(dataclasses.FrozenInstanceError):
        formula.text = "y"


def refused(text, message):
    """Check that parsing the text fails, with the message after the text."""
    with pytest.raises(ExpressionError, match=f"^{re.escape(f'formula {_grammar.quoted(text)}: ')}.*{re.escape(message)}"):
        parse(text, XY)


REFUSED = {
    "": 'it is empty; write a number or a formula in "x", "y"',
    " \n": "it is empty",
    "sin": 'the function "sin" at column 1 has no arguments; write sin(...)',
    "1 + sin x": 'the function "sin" at column 5 has no arguments; write sin(...)',
    "sinn(x)": 'unknown name "sinn" at column 1; did you mean "sin"? Allowed are the coordinates "x", "y", the constants "pi", "e", the',
    "x + PI": 'unknown name "PI" at column 5; did you mean "pi"?',
    "x + z": 'unknown name "z" at column 5. Allowed are the coordinates "x", "y", the constants "pi", "e", the functions "abs"',
    "x if y else 1": 'unknown name "if" at column 3; write where(condition, a, b). Allowed',
    '__import__("os")': 'unknown name "__import__" at column 1. Allowed',
    "(x for x in y)": 'unknown name "for" at column 4',
    "where(x>1and y>0, 1, 2)": '"1" at column 9 runs into "and" at column 10; write a space',
    "(x": '"(" at column 1 is never closed; add ")"',
    "x)": '")" at column 2 closes nothing',
    "x) + (y": '")" at column 2 closes nothing',
    "1,5*x": '"," at column 2 is outside the arguments of a function; decimals are written 1.5',
    "sin((x, y))": '"," at column 7 is outside the arguments of a function',
    "x +": "it ends too early; an operator stands between two operands, as in 2*x + 1",
    "x +\n* y": '"* y" at column 5 is out of place; an operator stands between',
    "007": '"007" at column 1 is out of place',
    "1 + sin(x, y)": '"sin(x, y)" at column 5 cannot be called so: sin takes 1 argument, got 2',
    "()": '"()" at column 1 is not part of formulas; write numbers, coordinates, operators',
    "sin(*x)": '"*x" at column 5 is not part of formulas',
    "sin(**x)": '"sin(**x)" at column 1 is not part of formulas',
    "x > 0": '"x > 0" at column 1 is a condition where a number is needed; write where(x > 0, 1, 0)',
    "x\n +\t(y\n> 0)": r'"y\n> 0" at column 7 is a condition where a number is needed',
    "-(not x > 0)": '"not x > 0" at column 3 is a condition where a number is needed',
    "sin(x > 0 or y > 0)": '"x > 0 or y > 0" at column 5 is a condition where a number is needed',
    "where(x, 1, 2)": '"x" at column 7 is a number where a condition is needed; compare it, as in x > 0',
    "where(x > 0 and y, 1, 2)": '"y" at column 17 is a number where a condition is needed',
    "1e999": 'the number "1e999" at column 1 is too large; the largest is 1.798e+308',
    "x + 9**9**9": '"9**9**9" at column 5 is inf, not a finite number',
    "2 - 1/(x*0 + 1/(1/0))": '"1/0" at column 17 is inf, not a finite number',
    "x + 1/(pi - pi)": '"1/(pi - pi)" at column 5 is inf',
    "log(0) + x": '"log(0)" at column 1 is -inf, not a finite number',
    "where(1 < 2, x, (-8)**(1/3))": '"(-8)**(1/3)" at column 17 is nan, not a finite number',
}

SECONDS = (" 2", " .5", " y", "(y)", " sin(y)")
REFUSED |= {first + second: "; write * between them, as in 2*x" for first in ("2", "1.5", "x", "pi", "(x)") for second in SECONDS}

HINTS, ALLOWED = _grammar._HINTS, "allowed are letters, digits, and + - * / ** ( ) , . < > <= >= == !="
FOREIGN = [*"[]{}.'\"`:;#@$?\\^%&|~!=\0\f", "//", "&&", "||", "\ud800", *"\xa0\xb2\u03c0\u2212\u2013\xd7\xb7\u221a\uff58\u0663"]
REFUSED |= {f"x {a} y": f"{_grammar.quoted(a)} at column 3 is not part of formulas; {HINTS.get(a, ALLOWED)}" for a in FOREIGN}
WORDS = ["lambda", "import", "True", "None", "j", "_000", "x10", "__builtins__", "pow", "await", "is", "in"]
REFUSED |= {f"x + {word}(y)": f'unknown name "{word}" at column 5{"; write" * (word in HINTS)}' for word in WORDS}

ARITIES = dict.fromkeys(REFERENCES, (1,)) | dict.fromkeys(("min", "max", "minimum", "maximum"), (2, 3, 4))
ARITIES |= dict.fromkeys(("hypot", "atan2", "arctan2"), (2,)) | {"where": (3,), "heaviside": (1, 2)}
CALLS = [(name, n, f"{name}({', '.join('x' * n)})") for name in REFERENCES for n in range(5) if n not in ARITIES[name]]
REFUSED |= {f"1 + {call}": f"cannot be called so: {name} takes {_grammar.FUNCTIONS[name].wording}, got {n}" for name, n, call in CALLS}


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text):
    refused(text, REFUSED[text])


ODD = [
    (3, XY, 'a formula is a string in the coordinates "x", "y", got 3'),
    ("1", "xy", 'names: got the single string "xy"; give a tuple'),
    ("1", ("x", "x"), 'names: "x", "x" are not distinct'),
    ("1", ("x", "2"), "names: '2' cannot name a coordinate; use letters"),
    ("1", ("x", 2), "names: 2 cannot name a coordinate"),
    ("1", ("x", "if"), "names: 'if' cannot name a coordinate"),
    ("1", ("x", "y\n"), r"names: 'y\n' cannot name a coordinate"),
    ("1", ("e",), 'names: "e" is a constant of formulas; choose another name'),
    ("1", ("sin",), 'names: "sin" is a function of formulas; choose another name'),
]


@pytest.mark.parametrize(("text", "names", "message"), ODD)
def test_refuses_odd_arguments(text, names, message):
    with pytest.raises(ExpressionError, match="^" + re.escape(message)):
        parse(text, names)


@pytest.mark.parametrize("arrays", [(), (1.0,), (1.0, 2.0, 3.0)])
def test_refuses_wrong_number_of_arrays(arrays):
    with pytest.raises(TypeError, match=rf"text='x'.* takes 2 arrays \(x, y\), got {len(arrays)}"):
        parse("x", XY)(*arrays)


DEEP = f"nested deeper than {MAX_DEPTH} levels; group a long sum in brackets"
LIMITS = [
    (lambda n: "x".ljust(n), MAX_LENGTH, f"{MAX_LENGTH + 1} characters are too long; the limit is {MAX_LENGTH}"),
    (lambda n: "(" * n + "x" + ")" * n, MAX_DEPTH, DEEP),
    (lambda n: "sin(" * n + "x" + ")" * n, MAX_DEPTH - 1, DEEP),
    (lambda n: "-" * n + "x", MAX_DEPTH - 1, DEEP),
    (lambda n: "x" + " + 1" * n, MAX_DEPTH - 1, DEEP),
    (lambda n: f"min({'x,' * (n - 3)}x)", MAX_NODES, f"{MAX_NODES + 1} numbers, names and operations are too many; the limit is"),
    (lambda n: "x*" + "9" * n, MAX_DIGITS, f"at column 3 has {MAX_DIGITS + 1} digits, the limit is {MAX_DIGITS}"),
]


@pytest.mark.parametrize(("text", "most", "message"), LIMITS)
def test_limits(text, most, message):
    formula = parse(text(most), ("x",))
    again = pickle.loads(pickle.dumps(copy.deepcopy(formula)))
    assert again == formula
    assert np.isfinite(again(0.5))
    refused(text(most + 1), message)


@pytest.mark.parametrize("piece", ["(", "-", "not ", "x**", "x+", "sin(", "-(", "x<", "["])
@pytest.mark.parametrize("length", [MAX_LENGTH - 10, 200_000])
def test_deep_nesting_is_refused_before_it_harms(piece, length):
    text = piece * (length // len(piece)) + "x"
    deep = "is not part" if piece == "[" else f"{DEEP}|numbers, names and operations are too many"
    with pytest.raises(ExpressionError, match=rf'^formula ".{{57}}\.\.\.": .*({"limit is 10000" if length == 200_000 else deep})'):
        parse(text, ("x",))


PIECES = [*"xyz2e(),+-*/<. \n", "0.5", "1e400", "sin", "where", "min", "**", "==", " and ", " not "]
ALMOST = st.text("xyez0123.+-*/()<>=!, \t\nandorti_^", max_size=40) | st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


@given(st.text(max_size=40) | ALMOST)
def test_any_text_is_a_formula_or_refused(text):
    try:
        formula = parse(text, XY)
    except ExpressionError:
        return
    assert formula(X, Y).dtype == np.float64
    assert ast.dump(formula.tree) == ast.dump(ast.parse(" ".join(text.split()), mode="eval").body)


@dataclasses.dataclass(frozen=True)
class Sample:
    """A formula as text, what it means, and whether a part of it without coordinates is not finite."""

    text: str
    value: object
    constant: bool
    wrong: bool = False


def combined(pattern, *parts):
    text, meaning = pattern
    constant = all(part.constant for part in parts)

    def value(x, y):
        return meaning(*(part.value(x, y) for part in parts))

    with np.errstate(all="ignore"):
        wrong = any(part.wrong for part in parts) or (constant and not np.isfinite(value(None, None)))
    return Sample(text.format(*(part.text for part in parts)), value, constant, wrong)


COORDINATES = [Sample("x", lambda x, y: x, constant=False), Sample("y", lambda x, y: y, constant=False)]
NUMBERS = [Sample(text, lambda x, y, text=text: np.float64(text), constant=True) for text in ("0", "1", "2", "3.5", ".25", "1e3", "40")]
LEAVES = st.sampled_from([*COORDINATES * 3, *NUMBERS])
UNARY = [("(-{})", operator.neg), ("(+{})", operator.pos), *((name + "({})", getattr(np, name)) for name in ("sin", "exp", "sqrt", "log"))]
SIGNS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow}
BINARY = [*((f"({{}} {sign} {{}})", meaning) for sign, meaning in SIGNS.items()), ("atan2({}, {})", np.arctan2)]


def grown(parts):
    def applied(patterns, *operands):
        return st.builds(combined, st.sampled_from(patterns), *operands)

    conditions = applied([(f"{{}} {sign} {{}}", meaning) for sign, meaning in ORDER.items()], parts, parts)
    conditions |= applied([("not ({})", np.logical_not)], conditions)
    conditions |= applied([("({} and {})", np.logical_and), ("({} or {})", np.logical_or)], conditions, conditions)
    return applied(UNARY, parts) | applied(BINARY, parts, parts) | applied([("where({}, {}, {})", np.where)], conditions, parts, parts)


@given(st.recursive(LEAVES, grown, max_leaves=12))
def test_generated_formulas(sample):
    if sample.wrong:
        refused(sample.text, "not a finite number")
        return
    with np.errstate(all="ignore"):
        wanted = np.asarray(sample.value(X, Y), dtype=np.float64)
    np.testing.assert_array_equal(parse(sample.text, XY)(X, Y), wanted, strict=True)
