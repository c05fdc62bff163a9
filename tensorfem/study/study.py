"""The result of a refinement study."""

import csv
import io
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem import html
from tensorfem.plotting.convergence import draw_convergence
from tensorfem.problems.abrupt import AbruptChange
from tensorfem.study.column import Column
from tensorfem.study.level import Level
from tensorfem.study.measure import NORMS, THE_QUANTITY
from tensorfem.study.table import Table, fixed
from tensorfem.study.verdict import Verdict, label

FloatArray = NDArray[np.float64]
NARROWEST = 80  # columns of text that the verdict is wrapped to, at least


@dataclass(frozen=True, eq=False)
class Study:
    """Errors or values on successively finer meshes, the orders they fall with, and a verdict; printed as a table.

    Attributes
    ----------
    subject : str
        What was refined.
    levels : tuple of Level
        From coarse to fine: cells, sizes, unknowns, seconds, errors and values.
    columns : tuple of Column
        The same by norm and quantity, with orders.
    verdict : {"PASS", "FAIL", "UNDECIDED"}
    reason : str
        Why.
    """

    subject: str
    names: tuple[str, ...]
    levels: tuple[Level, ...]
    columns: tuple[Column, ...]
    verdict: Verdict
    reason: str

    @property
    def sizes(self) -> FloatArray:
        """The cell size of each level: the geometric mean over the refined axes."""
        return np.array([level.size for level in self.levels])

    @property
    def errors(self) -> dict[str, FloatArray]:
        """Errors by level, for each norm and each quantity whose exact value is known."""
        norms = {name: np.array([level.errors[name] for level in self.levels]) for name in self.levels[0].errors}
        return norms | {c.name: c.errors for c in self.columns if c.errors is not None}

    @property
    def values(self) -> dict[str, FloatArray]:
        """Values by level, for each quantity."""
        return {c.name: c.values for c in self.columns if c.values is not None}

    @property
    def orders(self) -> dict[str, float]:
        """The observed order of each column: that of the last pair (or triplet) of levels which rounding has not spoiled, else nan.

        Where data jump inside cells it is the order that fits all levels best.
        """
        return {c.name: c.finding.order for c in self.columns}

    @property
    def abrupt_changes(self) -> tuple[AbruptChange, ...]:
        """Data that jump inside cells of the finest level, or change faster than these resolve."""
        return self.levels[-1].abrupt

    @property
    def pairwise_orders(self) -> dict[str, FloatArray]:
        """All observed orders, by level; nan where it takes more levels to see one."""
        return {c.name: c.orders for c in self.columns}

    @property
    def expected(self) -> dict[str, float]:
        """The order that each column should have at least."""
        return {c.name: c.target.least for c in self.columns}

    @property
    def extrapolated(self) -> Any:
        """Richardson's limit of the quantity (a dict, where quantities have names); None without any, or on fewer than three levels."""
        return self._of_quantities({c.name: c.limit.extrapolated for c in self.columns if c.limit is not None})

    @property
    def gci(self) -> Any:
        """The grid convergence index of the quantity on the finest mesh, a fraction of its value; as `extrapolated`."""
        return self._of_quantities({c.name: c.limit.gci for c in self.columns if c.limit is not None})

    @staticmethod
    def _of_quantities(found: Mapping[str, float]) -> Any:
        return found[THE_QUANTITY] if set(found) == {THE_QUANTITY} else dict(found) or None

    @property
    def table(self) -> Table:
        """The study as a table: one row per level, and one of expected orders."""
        headers, last = ["cells", "unknowns", "h", "seconds"], ["expected", "", "", ""]
        rows = [
            [" x ".join(map(str, level.cells)), f"{level.unknowns:,}", f"{level.size:.3g}", f"{level.seconds:.2g}"] for level in self.levels
        ]
        for column in self.columns:
            for header, texts, expected in _printed(column):
                headers.append(header)
                last.append(expected)
                for row, text in zip(rows, texts, strict=True):
                    row.append(text)
        return Table(tuple(headers), tuple(map(tuple, rows)), tuple(last))

    def __str__(self) -> str:
        table = self.table
        verdict = textwrap.fill(f"{self.verdict}: {self.reason}", max(table.width, NARROWEST), subsequent_indent="  ")
        return f"{self.subject}\n\n{table}\n\n{verdict}"

    def _repr_html_(self) -> str:
        table = self.table
        rows = [*table.rows, table.last, (self.verdict, self.reason)]
        return html.table(rows, header=table.headers, caption=self.subject)

    def to_markdown(self) -> str:
        """The table and the verdict in Markdown."""
        return f"{self.subject}\n\n{self.table.to_markdown()}\n\n**{self.verdict}**: {self.reason}\n"

    def to_latex(self) -> str:
        """The table as a `tabular` that needs the package booktabs; the verdict is a comment before it."""
        return f"% {self.verdict}: {self.reason}\n{self.table.to_latex()}\n"

    def to_csv(self) -> str:
        """All numbers at full precision; cells and sizes axis by axis."""
        per_axis = [f"{word}_{name}" for word in ("cells", "h") for name in self.names]
        columns: dict[str, Any] = {}
        for c in self.columns:
            columns |= {c.name: c.values} if c.values is not None else {}
            columns |= {c.name if c.name in NORMS else f"{c.name}_error": c.errors} if c.errors is not None else {}
            columns |= {f"{c.name}_change": c.changes} if c.changes is not None else {}
            columns |= {f"{c.name}_order": c.orders}
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([*per_axis, "h", "unknowns", "seconds", *columns])
        for k, level in enumerate(self.levels):
            numbers = ["" if np.isnan(column[k]) else repr(float(column[k])) for column in columns.values()]
            writer.writerow([*level.cells, *level.sizes, level.size, level.unknowns, level.seconds, *numbers])
        return buffer.getvalue()

    def plot(self, ax: Any = None) -> Any:
        """Draw errors (of values alone: distances to their extrapolated limit) against the cell size, with lines of the expected slopes.

        Parameters
        ----------
        ax : matplotlib axes, optional
            A new figure by default.

        Returns
        -------
        matplotlib axes
        """
        errors = {label(c.name): c.plotted for c in self.columns}
        slopes = {label(c.name): c.target.least for c in self.columns}
        changes = any(c.changes is not None for c in self.columns)
        return draw_convergence(self.sizes, errors, slopes=slopes, ax=ax, label="change from level to level" if changes else "error")


def _printed(column: Column) -> list[tuple[str, list[str], str]]:
    """Headers, texts by level and what is expected: values, changes or errors, and orders."""
    name = column.name
    parts = [(name, _texts(column.values, "{:.12g}".format), "")] if column.values is not None else []
    if column.changes is not None:
        parts.append((f"{name} change", _texts(column.changes, "{:.2e}".format), ""))
    elif column.errors is not None:
        parts.append((name if name in NORMS else "error", _texts(column.errors, "{:.2e}".format), ""))
    return [*parts, ("order", _texts(column.orders, fixed), f"{column.target.least:g}")]


def _texts(numbers: FloatArray, written: Callable[[float], str]) -> list[str]:
    return ["" if np.isnan(number) else written(number) for number in numbers.tolist()]
