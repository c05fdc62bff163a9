"""The files that a command writes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tensorfem.cli.document import ProblemFileError
from tensorfem.cli.problem_file import ProblemFile
from tensorfem.export import atomic, write_text
from tensorfem.field import Field

FIELD_OUTPUTS = ("picture", "vtk", "data", "netcdf")
STUDY_OUTPUTS = ("table", "study_picture")


def resolved_outputs(file: ProblemFile, kinds: tuple[str, ...], folder: Path | None, *, force: bool, anywhere: bool) -> dict[str, Path]:
    """Where each output goes, checked before any work is done.

    Raises
    ------
    ProblemFileError
        If a path escapes its folder, is a directory, lies in a missing folder, or exists and may not be replaced.
    """
    base = (folder if folder is not None else file.path.parent).resolve()
    found = {}
    for kind in kinds:
        if kind not in file.outputs:
            continue
        path = (base / file.outputs[kind]).resolve()
        where = f"{file.path}: output.{kind}: {file.outputs[kind]}"
        if not anywhere and not path.is_relative_to(base):
            raise ProblemFileError(f"{where} lies outside {base}; use a path within it, or pass --anywhere")
        if path.is_dir():
            raise ProblemFileError(f"{where} is a directory; name a file")
        if not path.parent.is_dir():
            raise ProblemFileError(f"{where}: the folder {path.parent} does not exist; make it first")
        if path.exists() and not force:
            raise ProblemFileError(f"{where} exists; pass --force to replace it")
        found[kind] = path
    return found


def write_field(field: Field, paths: dict[str, Path]) -> list[Path]:
    """Write the outputs of a solve."""
    writers: dict[str, Callable[[Path], Any]] = {
        "picture": lambda path: save_figure(field.plot(), path),
        "vtk": field.to_vtk,
        "data": field.save,
        "netcdf": lambda path: _write_netcdf(field, path),
    }
    for kind, path in paths.items():
        writers[kind](path)
    return list(paths.values())


def write_study(study: Any, paths: dict[str, Path]) -> list[Path]:
    """Write the outputs of a study: its table in the format of the file's ending, its picture."""
    formats = {".md": study.to_markdown, ".tex": study.to_latex, ".csv": study.to_csv}
    for kind, path in paths.items():
        if kind == "table":
            make = formats.get(path.suffix, study.__str__)
            write_text(path, make() + "\n")
        else:
            save_figure(study.plot(), path)
    return list(paths.values())


def save_figure(ax: Any, path: Path, *, overwrite: bool = True) -> None:
    """Save the figure of an axes, in the format of the file's ending (PNG without one), whole or not at all."""
    with atomic(path, overwrite=overwrite) as file:
        ax.figure.savefig(file, format=path.suffix.removeprefix(".") or "png", dpi=150, bbox_inches="tight")


def _write_netcdf(field: Field, path: Path) -> None:
    with atomic(path) as file:
        file.write(field.to_xarray().to_netcdf(engine="scipy"))
