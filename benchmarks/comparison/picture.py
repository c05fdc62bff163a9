"""Time and memory against unknowns, both logarithmic: one picture for each dimension, one column for each degree."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter
from scipy.optimize import isotonic_regression

from benchmarks.comparison.table import total_seconds

Results = Sequence[dict[str, Any]]
COLORS = {
    "tensorfem": "#d62728", "tensorfem AMG": "#ff9f6b", "pyamg": "#1f77b4", "pyamg SA": "#6baed6",
    "scikit-fem": "#2ca02c", "NGSolve": "#9467bd",
    "SciPy LU": "#8c564b", "two dstn": "0.35", "2 d matmul": "0.5", "copy": "0.65",
}  # fmt: skip
FLOORS = ("two dstn", "2 d matmul", "copy")
ROWS = {"seconds": "setup, load and solve (s)", "memory": "peak memory (MB)"}
GAP = 0.055  # least distance of two labels, in parts of the axes' height
LEADER = {"arrowstyle": "-", "linewidth": 0.6, "alpha": 0.45, "shrinkA": 1, "shrinkB": 4, "relpos": (0.0, 0.5)}
GRADED = "tensorfem graded"


def draw(results: Results, dimension: int, path: Path) -> None:
    """Save the picture of one dimension; float64, uniform meshes, and tensorfem's graded ones dashed."""
    kept = [r for r in results if r["case"]["dimension"] == dimension and r["case"]["dtype"] == "float64" and "seconds" in r]
    degrees = sorted({r["case"]["degree"] for r in kept})
    if not degrees:
        return
    figure, axes = plt.subplots(2, len(degrees), figsize=(6.6 * len(degrees), 8.4), squeeze=False, sharex=True, sharey="row")
    for column, degree in enumerate(degrees):
        for ax, what in zip(axes[:, column], ROWS, strict=True):
            lines = _lines([r for r in kept if r["case"]["degree"] == degree], what)
            for name, points in lines.items():
                _line(ax, name, *np.transpose(points))
            _style(ax, lines, ROWS[what] if column == 0 else "")
        axes[0, column].set_title(f"degree {degree}", fontsize=11)
        axes[1, column].set_xlabel("unknowns N")
    for row in axes:  # the limits are shared, and known only now
        for ax in row:
            _label(ax)
    figure.suptitle(
        f"Poisson's equation in {dimension}D, uniform mesh, float64\n(dashed: graded; grey: bare operations; band: as N)",
        fontsize=12,
    )
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def _lines(results: Results, what: str) -> dict[str, list[tuple[float, float]]]:
    """Points by name of the line, sizes growing."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for result in sorted(results, key=lambda r: r["case"]["unknowns"]):
        graded, peer = result["case"]["graded"], result["peer"]
        if (graded and peer != "tensorfem") or (what == "memory" and peer in FLOORS):
            continue
        value = total_seconds(result) if what == "seconds" else (result["memory"] or 0) / 1e6
        if value > 0:
            lines.setdefault(GRADED if graded else peer, []).append((result["case"]["unknowns"], value))
    return lines


def _line(ax: Any, name: str, unknowns: Any, values: Any) -> None:
    floor, graded = name in FLOORS, name == GRADED
    color = COLORS[name.removesuffix(" graded")]
    ax.loglog(
        unknowns, values, "s:" if floor else "o--" if graded else "o-", color=color, label=name,
        markersize=3.5 if floor else 5, linewidth=2.2 if name == "tensorfem" else 1.4, zorder=3 if name.startswith("tensorfem") else 2,
    )  # fmt: skip


def _style(ax: Any, lines: dict[str, list[tuple[float, float]]], label: str) -> None:
    ax.set_ylabel(label)
    ax.grid(True, which="major", color="0.9", linewidth=0.8)
    ax.xaxis.set_major_locator(LogLocator(10))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.spines[["top", "right"]].set_visible(False)
    points = np.array([point for line in lines.values() for point in line])
    if not points.size:
        return
    low, high = points[:, 0].min(), points[:, 0].max()
    ends = np.array([low, max(high, 4 * low)])
    ax.set_xlim(low / 1.3, 1.3 * ends[1])
    height = np.exp(np.mean(np.log(points[:, 1]))) / np.sqrt(ends.prod())
    ax.plot(ends, height * ends, color="0.85", linewidth=5, alpha=0.6, zorder=0, solid_capstyle="butt", label="_in proportion")


def _label(ax: Any) -> None:
    """The name and the slope of each line beside the axes, as high as its end where the others leave room."""
    named = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    if not named:
        return
    ends = [ax.transAxes.inverted().transform(ax.transData.transform(line.get_xydata()[-1])) for line in named]
    order = np.argsort([height for _, height in ends])
    for index, level in zip(order, _apart(np.array([ends[i][1] for i in order])), strict=True):
        line, color = named[index], named[index].get_color()
        ax.annotate(
            _words(line), tuple(ends[index]), (1.03, level), xycoords="axes fraction", color=color, fontsize=8.5, va="center",
            annotation_clip=False, arrowprops={**LEADER, "color": color},
        )  # fmt: skip


def _apart(heights: Any) -> Any:
    """Growing heights, moved as little as it takes (in squares) to keep the gap, and kept within the axes."""
    steps = GAP * np.arange(heights.size)
    levels = isotonic_regression(heights - steps).x + steps
    return levels - max(0.0, levels[-1] - 1.0)


def _words(line: Any) -> str:
    x, y = line.get_xydata().T
    name = str(line.get_label())
    return name if len(x) < 2 else f"{name}  $N^{{{np.polyfit(np.log(x), np.log(y), 1)[0]:.1f}}}$"
