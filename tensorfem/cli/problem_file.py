"""Problem files: a TOML document as a problem, a solver, a study and outputs."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tensorfem.boundary import Dirichlet, Neumann, Robin
from tensorfem.cli.document import Document, Section, formula, integer, number, one_of, text
from tensorfem.cli.geometry import space_of
from tensorfem.coefficient import Product, Sum
from tensorfem.load_vector import METHODS
from tensorfem.problems import Poisson
from tensorfem.problems.faces import ON_CONFLICT
from tensorfem.problems.poisson import ON_INCOMPATIBLE
from tensorfem.solvers import AMG, CG, Auto, Direct, FastDiagonalization, Jacobi, Multigrid, Preconditioner, Solver
from tensorfem.space import Space
from tensorfem.study import manufactured

SOLVERS: dict[str, Callable[..., Solver]] = {
    "auto": Auto,
    "direct": Direct,
    "cg": CG,
    "amg": AMG,
    "multigrid": Multigrid,
    "fast-diagonalization": FastDiagonalization,
}
PRECONDITIONERS: dict[str, Callable[[], Preconditioner]] = {
    "jacobi": Jacobi,
    "amg": AMG,
    "multigrid": Multigrid,
    "fast-diagonalization": FastDiagonalization,
}
STOPPING = ("rtol", "atol", "maxiter")
SETTINGS = {"auto": ("rtol",), "cg": (*STOPPING, "preconditioner"), "amg": STOPPING, "multigrid": STOPPING}  # direct solvers have none
CONDITIONS = (
    "a number or formula (a Dirichlet value), { dirichlet = value }, { neumann = flux }, "
    "{ robin = coefficient, flux = ... } or { robin = coefficient, ambient = ... }"
)
DIFFUSIONS = "a positive number, a formula, a list (one entry per axis), { product = [...] }, or a tensor as a list of rows"
DATA = ("source", "manufactured", "diffusion", "reaction", "exact")
CHOICES = {"load": METHODS, "on_conflict": ON_CONFLICT, "on_incompatible": ON_INCOMPATIBLE}
OUTPUTS = ("picture", "vtk", "data", "netcdf", "table", "study_picture")


@dataclass(frozen=True, eq=False)
class StudySettings:
    """The `[study]` table: how often to refine, which axes, and a quantity where no exact solution is known."""

    levels: int = 4
    axes: tuple[str, ...] | None = None
    quantity: Callable[[Any], float] | None = None


@dataclass(frozen=True, eq=False)
class ProblemFile:
    """What a problem file says.

    Attributes
    ----------
    problem : Poisson
    solver : Solver
    exact : exact solution, string or None
    study : StudySettings
    outputs : dict of Path
        The files to write, by kind; relative paths start at the problem file's folder.
    """

    path: Path
    problem: Poisson
    solver: Solver
    exact: Any
    study: StudySettings
    outputs: dict[str, Path]


def read_problem_file(path: Path) -> ProblemFile:
    """Read and check a problem file.

    Raises
    ------
    ProblemFileError
        With file, line and key of whatever is wrong.
    """
    document = Document(path)
    root = document.root.allow(["space", "problem", "boundary", "solver", "study", "output"])
    if "space" not in root:
        raise root.error("", "the table [space] is missing")
    space = space_of(root.section("space"))
    problem, exact = _problem(root, space)
    return ProblemFile(path, problem, _solver(root.section("solver")), exact, _study(root.section("study"), space), _outputs(root))


def _problem(root: Section, space: Space) -> tuple[Poisson, Any]:
    section = root.section("problem").allow([*DATA, *CHOICES])
    options: dict[str, Any] = {
        "diffusion": section.get("diffusion", 1.0, _diffusion, DIFFUSIONS),
        "reaction": section.get("reaction", 0.0, _reaction, "a number, a formula, or { sum = [...] }"),
    }
    if "manufactured" in section:
        for key in ("source", "exact"):
            if key in section:
                raise section.error(key, "a manufactured problem derives it from the solution; leave it out")
        solution = section.get("manufactured", "", text, "a formula for the solution")
        kinds = {face: _kind(root.section("boundary"), face) for face in root.section("boundary").values} or "dirichlet"
        problem, derived = section.attempt("manufactured", lambda: manufactured(solution, space, boundary=kinds, **options))
        return replace(problem, load=_choice(section, "load")), derived
    if "source" not in section:
        raise section.error("", "source is missing; give a number or a formula (or manufactured, the solution itself)")
    source = section.get("source", 0.0, formula, "a number or a formula")
    exact = section.get("exact", None, formula, "a number or a formula")
    if exact is not None:
        section.attempt("exact", lambda: space.datum(exact, "exact"))
    options |= {key: _choice(section, key) for key in CHOICES}
    boundary = {face: _condition(root.section("boundary"), face) for face in root.section("boundary").values}
    return _located(root, lambda: Poisson(space, source, boundary=boundary or None, **options)), exact


def _choice(section: Section, key: str) -> str:
    """One word of those allowed; the first by default."""
    choice: str = section.get(key, CHOICES[key][0], one_of(*CHOICES[key]), " or ".join(CHOICES[key]))
    return choice


def _located(root: Section, make: Callable[[], Poisson]) -> Poisson:
    """What the library makes of the file; its errors, which start with the argument's name or name a face, are reported there."""
    try:
        problem = make()
        problem.space.datum(problem.source, "source")
    except ValueError as error:
        argument, _, rest = str(error).partition(": ")
        face = re.search(r'face "([^"]+)"', str(error))
        section = root.section("boundary" if argument.startswith("boundary") else "problem")
        key = face.group(1) if face and argument.startswith("boundary") else argument.split(",")[0]
        raise section.error(key if key in section else "", rest or str(error)) from error
    return problem


def _diffusion(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) != {"product"}:
            raise ValueError("a table has the one key product")
        return Product(*(formula(entry) for entry in value["product"]))
    if isinstance(value, list) and any(isinstance(row, list) for row in value):
        if not all(isinstance(row, list) for row in value):
            raise ValueError("a tensor is a list of rows, each a list")
        return [[formula(entry) for entry in row] for row in value]
    return tuple(formula(entry) for entry in value) if isinstance(value, list) else formula(value)


def _reaction(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) != {"sum"}:
            raise ValueError("a table has the one key sum")
        return Sum(*(formula(entry) for entry in value["sum"]))
    return formula(value)


def _condition(boundary: Section, face: str) -> Any:
    value = boundary.values[face]
    if not isinstance(value, dict):
        return Dirichlet(boundary.get(face, 0.0, formula, CONDITIONS))
    section = boundary.section(face).allow(["dirichlet", "neumann", "robin", "flux", "ambient"])
    given = {key: section.get(key, 0.0, formula, "a number or a formula") for key in value}
    match sorted(given):
        case ["dirichlet"]:
            return Dirichlet(given["dirichlet"])
        case ["neumann"]:
            return Neumann(given["neumann"])
        case ["robin"] | ["flux", "robin"] | ["ambient", "robin"]:
            coefficient = section.get("robin", 0.0, number, "a number >= 0")
            return section.attempt("robin", lambda: Robin(coefficient, flux=given.get("flux"), ambient=given.get("ambient")))
        case _:
            raise boundary.error(face, f"got {value!r}; allowed is {CONDITIONS}")


def _kind(boundary: Section, face: str) -> Any:
    """The kind of a face of a manufactured problem, which has no data of its own."""
    value = boundary.values[face]
    if isinstance(value, dict):
        section = boundary.section(face).allow(["robin"])
        return ("robin", section.get("robin", 0.0, number, "a number >= 0"))
    return boundary.get(face, "", one_of("dirichlet", "neumann"), '"dirichlet", "neumann" or { robin = coefficient }')


def _solver(section: Section) -> Solver:
    section.allow(["name", "rtol", "atol", "maxiter", "preconditioner"])
    name = section.get("name", "auto", one_of(*SOLVERS), ", ".join(SOLVERS))
    settings: dict[str, Any] = {}
    for key, check, allowed in (("rtol", number, "a number"), ("atol", number, "a number"), ("maxiter", integer, "an integer")):
        if key in section:
            settings[key] = section.get(key, 0.0, check, allowed)
    if "preconditioner" in section:
        kind = section.get("preconditioner", "", one_of(*PRECONDITIONERS), ", ".join(PRECONDITIONERS))
        settings["preconditioner"] = PRECONDITIONERS[kind]()
    surplus = [key for key in settings if key not in SETTINGS.get(name, ())]
    if surplus:
        raise section.error(surplus[0], f'solver "{name}" has no such setting')
    return section.attempt("name", lambda: SOLVERS[name](**settings))


def _study(section: Section, space: Space) -> StudySettings:
    section.allow(["levels", "axes", "point", "quantity"])
    levels = section.get("levels", 4, integer, "an integer >= 2")
    if not 2 <= levels <= 12:
        raise section.error("levels", f"got {levels}; allowed is an integer from 2 to 12")
    axes = section.get("axes", None, _axes_of(space), f"a list of axes among {', '.join(space.names)}")
    quantity: Callable[[Any], float] | None = None
    if "quantity" in section:
        kind = section.get("quantity", "", one_of("integral", "max", "min"), '"integral", "max" or "min"')
        quantity = lambda field: float(getattr(field, kind)())  # noqa: E731
    if "point" in section:
        if quantity is not None:
            raise section.error("point", "a study follows one quantity: give point or quantity")
        point = section.get("point", (), _point_in(space), f"a point [{', '.join(space.names)}] within the box")
        quantity = lambda field: float(field(*point))  # noqa: E731
    return StudySettings(levels, axes, quantity)


def _axes_of(space: Space) -> Callable[[Any], tuple[str, ...] | None]:
    def check(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or any(name not in space.names for name in value):
            raise TypeError
        return tuple(value)

    return check


def _point_in(space: Space) -> Callable[[Any], list[float]]:
    def check(value: Any) -> list[float]:
        if not isinstance(value, list) or len(value) != space.dimension:
            raise TypeError
        point = [number(entry) for entry in value]
        if any(not low <= x <= high for x, (low, high) in zip(point, space.bounds, strict=True)):
            raise ValueError("it lies outside the box")
        return point

    return check


def _outputs(root: Section) -> dict[str, Path]:
    section = root.section("output").allow(OUTPUTS)
    return {key: Path(section.get(key, "", text, "a path")) for key in OUTPUTS if key in section}
