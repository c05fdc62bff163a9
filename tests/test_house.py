"""The rules of the house: who may import whom, and what library code never does.

A house is a mapping from names of modules to their source; a rule takes one and gives complaints, and is tried on bad ones too.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TypeVar

import pytest

FIELDS = "space box field evaluation norms load_vector report boundary coefficient sampling storage files pictures approximation"
# Bottom up. A module imports from the layers below its own, or from its own room: a folder, or files that belong together.
LAYERS: tuple[tuple[set[str], ...], ...] = (
    ({"checks"}, {"late"}),
    ({"kron"},),
    ({"axis"}, {"solvers"}, {"plotting"}, {"export"}, {"expression", "_grammar", "formula_terms"}, {"html"}),
    ({"cells"},),
    (set(FIELDS.split()),),
    ({"problems"},),
    ({"study"}, {"regression"}),
    ({"cli", "__main__"},),
    ({"__init__"},),
)

# Everybody has the standard library, NumPy and SciPy. These packages are for the modules named (as a pattern) only.
THIRD_PARTIES = {
    **dict.fromkeys(("matplotlib", "mpl_toolkits", "pyvista"), r"plotting(\..+)?"),
    **dict.fromkeys(("array_api_compat", "jax"), r"kron\.(portable(\..+)?|refinement)"),
    "numba": r"\w+\._?kernels(\..+)?",
    "pyamg": r"solvers(\..+)?",
    "sympy": r"study\.symbolic",
    "xarray": r"export(\..+)?",
}

FORBIDDEN_NAMES, MAY_PRINT = {"eval", "exec", "print", "__import__"}, r"cli(\..+)?|__main__"
FORBIDDEN_IMPORTS, LONGEST_FILE = {"pickle", "marshal", "shelve"}, 300

ROOT = Path(__file__).parents[1]
ROOMS = {name: (height, number) for height, layer in enumerate(LAYERS) for number, room in enumerate(layer) for name in room}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

House = Mapping[str, str]
Rule = Callable[[House], Iterator[str]]
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Node = TypeVar("Node", bound=ast.AST)

parse = cache(ast.parse)


def read(folder: str) -> dict[str, str]:
    """The source of all modules in a folder of the tree."""
    files = {file.relative_to(ROOT).with_suffix("").parts: file for file in sorted((ROOT / folder).rglob("*.py"))}
    return {".".join(parts).removesuffix(".__init__"): file.read_text("utf-8") for parts, file in files.items()}


def inside(module: str) -> str:
    """The name of a module within the package: `kron.sum` for tensorfem.kron.sum, `__init__` for tensorfem itself."""
    return module.partition(".")[2] or "__init__"


def room(module: str) -> tuple[int, int] | None:
    """The layer a module lives in and the number of its room there."""
    return ROOMS.get(inside(module).partition(".")[0])


def nodes(house: House, *kinds: type[Node]) -> Iterator[tuple[str, str, Node]]:
    """Every syntax node of some kinds, with its module and its place."""
    for module, text in house.items():
        for node in ast.walk(parse(text)):
            if isinstance(node, kinds):
                yield module, f"{module}:{getattr(node, 'lineno', '')}:", node


def targets(node: ast.AST, house: House) -> set[str]:
    """The modules that an import statement names; `from package import module` names the package and the module."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if not isinstance(node, ast.ImportFrom) or node.module is None or node.level:
        return set()
    members = {f"{node.module}.{alias.name}" for alias in node.names} & house.keys()
    return members | ({node.module} if node.module != "tensorfem" or len(members) < len(node.names) else set())


def own(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.partition(".")[0] == "tensorfem")


def type_only(tree: ast.Module) -> set[ast.AST]:
    """What stands under `if TYPE_CHECKING:`; it imports nothing when the program runs."""
    conditions = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")]
    return {node for condition in conditions for statement in condition.body for node in ast.walk(statement)}


def imports_point_down(house: House) -> Iterator[str]:
    yield from (f"{module}: has no place in LAYERS" for module in house if room(module) is None)
    for module, place, node in nodes(house, ast.Import, ast.ImportFrom):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"{place} relative import; write the full name of the module"
        here = room(module)
        for target in own(targets(node, house)):
            there = room(target)
            if here is None or there is None or (there != here and there[0] >= here[0]):
                yield f"{place} imports {target}, which is not in a layer below"


def no_import_cycles(house: House) -> Iterator[str]:
    graph: dict[str, set[str]] = {module: set() for module in house}
    for module, _, node in nodes(house, ast.Import, ast.ImportFrom):
        graph[module].update(own(targets(node, house)))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "import cycle: " + " <- ".join(error.args[1])


def no_own_import_in_functions(house: House) -> Iterator[str]:
    for _, place, function in nodes(house, *FUNCTIONS):
        for target in own(target for node in ast.walk(function) for target in targets(node, house)):
            yield f"{place} {function.name} imports {target}; import it at the top"


def third_parties_in_their_places(house: House) -> Iterator[str]:
    everywhere = {*sys.stdlib_module_names, "tensorfem", "numpy", "scipy"}
    for module, place, node in nodes(house, ast.Import, ast.ImportFrom):
        if node in type_only(parse(house[module])):
            continue
        for party in {target.partition(".")[0] for target in targets(node, house)} - everywhere:
            if party not in THIRD_PARTIES or not re.fullmatch(THIRD_PARTIES[party], inside(module)):
                yield f"{place} imports {party}, which has no place there in THIRD_PARTIES"


def no_forbidden_names(house: House) -> Iterator[str]:
    for module, place, node in nodes(house, ast.Name):
        allowed = node.id == "print" and re.fullmatch(MAY_PRINT, inside(module))
        if node.id in FORBIDDEN_NAMES and not allowed:
            yield f"{place} {node.id}"


def no_pickle(house: House) -> Iterator[str]:
    for _, place, node in nodes(house, ast.Import, ast.ImportFrom):
        yield from (f"{place} imports {name}" for name in targets(node, house) & FORBIDDEN_IMPORTS)
    for _, place, keyword in nodes(house, ast.keyword):
        if keyword.arg == "allow_pickle" and ast.unparse(keyword.value) != "False":
            yield f"{place} allow_pickle"


def no_assert(house: House) -> Iterator[str]:
    yield from (f"{place} assert; raise an error that says what to do" for _, place, _ in nodes(house, ast.Assert))


def no_bare_except(house: House) -> Iterator[str]:
    yield from (f"{place} bare except" for _, place, handler in nodes(house, ast.ExceptHandler) if handler.type is None)


def dimension_is_data(house: House) -> Iterator[str]:
    for _, place, function in nodes(house, *FUNCTIONS):
        if re.search(r"_\d+d$", function.name, re.IGNORECASE):
            yield f"{place} {function.name} is a function of one dimension"


def no_long_files(house: House) -> Iterator[str]:
    lengths = {module: len(text.splitlines()) for module, text in house.items()}
    yield from (f"{module}: {length} lines of {LONGEST_FILE}" for module, length in lengths.items() if length > LONGEST_FILE)


def public_names_have_docstrings(house: House) -> Iterator[str]:
    for module, text in house.items():
        if re.search(r"\._(?!_main__)", module):
            continue
        tree = parse(text)
        if not ast.get_docstring(tree):
            yield f"{module}: the module has no docstring"
        yield from (f"{module}:{node.lineno}: {node.name} has no docstring" for node in surface(tree) if not ast.get_docstring(node))


def surface(tree: ast.Module) -> Iterator[Definition]:
    """The classes and functions a module offers, and the public methods of classes without a base: heirs inherit the words."""
    assigned = [node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"]
    exported = ast.literal_eval(assigned[0]) if assigned else None
    for node in definitions(tree.body):
        if node.name in exported if exported is not None else node.name[0] != "_":
            yield node
            if isinstance(node, ast.ClassDef) and {ast.unparse(base) for base in node.bases} <= {"ABC", "abc.ABC", "NamedTuple"}:
                yield from (method for method in definitions(node.body) if method.name[0] != "_")


def definitions(body: list[ast.stmt]) -> list[Definition]:
    return [node for node in body if isinstance(node, Definition) and "overload" not in map(ast.unparse, node.decorator_list)]


# Each rule with houses that break it, and what its complaint must say.
RULES: dict[Rule, list[tuple[dict[str, str], str]]] = {
    imports_point_down: [
        ({"kron.a": "from tensorfem.axis.mesh import Mesh"}, "kron.a:1: imports tensorfem.axis.mesh,"),
        ({"axis.a": "import numpy, tensorfem.solvers"}, "imports tensorfem.solvers,"),
        ({"expression": "from tensorfem.axis import Mesh"}, "imports tensorfem.axis,"),
        ({"space": "from tensorfem import problems", "problems": ""}, "imports tensorfem.problems,"),
        ({"study.table": "def f():\n    if 1:\n        from tensorfem import Field"}, "table:3: imports tensorfem,"),
        ({"field": "if TYPE_CHECKING:\n    from tensorfem.problems import Poisson"}, "imports tensorfem.problems,"),
        ({"cli.a": "import tensorfem.attic"}, "imports tensorfem.attic,"),
        ({"attic.a": ""}, "attic.a: has no place"),
        ({"kron.a": "from . import b"}, "relative import"),
    ],
    no_import_cycles: [
        ({"field": "import tensorfem.space", "space": "from tensorfem.field import Field"}, "tensorfem.space <- "),
        ({"kron": "import tensorfem.kron.a", "kron.a": "from tensorfem.kron import b", "kron.b": ""}, "tensorfem.kron <- "),
        ({"kron.a": "from tensorfem import kron", "kron": "from tensorfem.kron.a import f"}, "tensorfem.kron <- "),
    ],
    no_own_import_in_functions: [
        ({"field": "def f():\n    for i in x:\n        import tensorfem.kron"}, "field:1: f imports tensorfem.kron;"),
        ({"field": "class A:\n    async def f():\n        from tensorfem import kron", "kron": ""}, "f imports tensorfem.kron;"),
    ],
    third_parties_in_their_places: [
        ({"field": "from matplotlib.axes import Axes"}, "imports matplotlib,"),
        ({"field": "def f():\n    import matplotlib.pyplot as plt"}, "field:2: imports matplotlib,"),
        ({"field": "if TYPE_CHECKING:\n    pass\nelse:\n    import xarray"}, "imports xarray,"),
        ({"problems.poisson": "import pyamg"}, "imports pyamg,"),
        ({"kron.sum": "import numba"}, "imports numba,"),
        ({"axis.basis": "from sympy import Expr"}, "imports sympy,"),
        ({"kron.sum": "import os, pandas.core"}, "imports pandas,"),
    ],
    no_forbidden_names: [
        ({"expression": "value = eval(text)"}, "expression:1: eval"),
        ({"expression": "run = [exec]"}, "exec"),
        ({"solvers.cg": "solve(callback=print)"}, "print"),
        ({"climate": "print()"}, "print"),
        ({"cli": "__import__('os')"}, "__import__"),
    ],
    no_pickle: [
        ({"field": "import pickle"}, "field:1: imports pickle"),
        ({"field": "def f():\n    from shelve import open"}, "imports shelve"),
        ({"load": "np.load(file, allow_pickle=True)"}, "load:1: allow_pickle"),
    ],
    no_assert: [({"axis.mesh": "def f(n):\n    assert n > 0"}, "axis.mesh:2: assert")],
    no_bare_except: [({"field": "try:\n    f()\nexcept:\n    pass"}, "field:3: bare except")],
    dimension_is_data: [
        ({"kron.a": "def mass_2d(): ..."}, "mass_2d"),
        ({"axis.a": "class A:\n    def _plot_3D(): ..."}, "_plot_3D"),
        ({"axis.a": "async def f_1d(): ..."}, "f_1d"),
    ],
    no_long_files: [({"space": "\n" * 301}, "space: 301 lines")],
    public_names_have_docstrings: [
        ({"kron": "import numpy"}, "kron: the module"),
        ({"__main__": "import sys"}, "__main__: the module"),
        ({"a": "'A.'\ndef f(): ..."}, "a:2: f has"),
        ({"a": "'A.'\nclass F: ..."}, "F has"),
        ({"a": "'A.'\nclass F(ABC):\n    'F.'\n    def g(self): ..."}, "g has"),
        ({"a": "'A.'\n__all__ = ['_f']\ndef _f(): ''"}, "_f has"),
    ],
}

IN_ORDER = {
    "__init__": "'The package.'\nfrom tensorfem.kron import add\nfrom tensorfem.field import Field",
    "kron": "'Algebra.'\nfrom tensorfem.kron.add import add\n__all__ = ['add']",
    "kron.add": "'Sums.'\nimport math, numpy\n__all__ = ['add']\ndef add():\n    'Add.'\ndef factor_of_2d_grid(): ...",
    "axis._kernels": "import numba\ndef f(): ...",
    "plotting.line": "'Lines.'\nfrom scipy import fft\ndef line():\n    'Draw.'\n    import matplotlib.pyplot",
    "space": "'Spaces.'\nclass Space(Base):\n    'Is one.'\n    def shape(self): ...\n    def _f(self): ...",
    "field": "'Fields.'\nfrom tensorfem.space import Space\nif typing.TYPE_CHECKING:\n    from xarray import DataArray",
    "report": "'Reports.'\n@overload\ndef f(): ...\ndef f():\n    'Report.'\n    load(allow_pickle=False)",
    "coefficient": "'Data.'\ntry:\n    ast.literal_eval('1')\nexcept ValueError: ...",
    "cli.solve": "'Solve.'\nfrom tensorfem import kron\nfrom tensorfem.field import Field\nprint(1)",
    "problems": "'Problems.'" + "\n" * 299,
}


def build(modules: House) -> dict[str, str]:
    return {f"tensorfem.{name}".removesuffix(".__init__"): text for name, text in modules.items()}


@pytest.mark.parametrize("rule", RULES)
def test_our_house_keeps(rule: Rule) -> None:
    house = read("tensorfem")
    assert {"tensorfem", "tensorfem.kron", "tensorfem.axis.mesh"} <= house.keys(), "the package was not found"
    complaints = "\n".join(rule(house))
    assert not complaints, complaints


@pytest.mark.parametrize("folder", ["tests", "examples", "benchmarks"])
def test_no_file_is_long_in(folder: str) -> None:
    complaints = "\n".join(no_long_files(read(folder)))
    assert not complaints, complaints


@pytest.mark.parametrize(("rule", "modules", "words"), [(rule, *sample) for rule, samples in RULES.items() for sample in samples])
def test_a_bad_house_is_refused(rule: Rule, modules: House, words: str) -> None:
    complaints = list(rule(build(modules)))
    assert len(complaints) == 1
    assert words in complaints[0]


@pytest.mark.parametrize("rule", RULES)
def test_a_house_in_order_is_accepted(rule: Rule) -> None:
    assert not list(rule(build(IN_ORDER)))
