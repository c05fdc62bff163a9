"""Time and memory against unknowns, both logarithmic: one picture for each dimension, one column for each degree."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from benchmarks.comparison.table import total_seconds

Results = Sequence[dict[str, Any]]
COLORS = {
    "tensorfem": "#d62728", "tensorfem AMG": "#ff9f6b", "pyamg": "#1f77b4", "scikit-fem": "#2ca02c", "NGSolve": "#9467bd",
    "SciPy LU": "#8c564b", "two dstn": "0.35", "2 d matmul": "0.5", "copy": "0.65",
}  # fmt: skip
FLOORS = ("two dstn", "2 d matmul", "copy")
ROWS = {"seconds": "setup, load and solve (s)", "memory": "peak memory (MB)"}
GAP = 0.062  # least distance of two labels, in parts of the axes' height
LABELLED = "tensorfem", "graded"


def draw(results: Results, dimension: int, path: Path) -> None:
    """Save the picture of one dimension; float64, uniform meshes, and tensorfem's graded ones dashed."""
    kept = [r for r in results if r["case"]["dimension"] == dimension and r["case"]["dtype"] == "float64" and "seconds" in r]
    degrees = sorted({r["case"]["degree"] for r in kept})
    if not degrees:
        return
    figure, axes = plt.subplots(2, len(degrees), figsize=(6.2 * len(degrees), 8.4), squeeze=False, sharex=True, sharey="row")
    for column, degree in enumerate(degrees):
        for ax, what in zip(axes[:, column], ROWS, strict=True):
            lines = _lines([r for r in kept if r["case"]["degree"] == degree], what)
            for name, points in lines.items():
                _line(ax, name, *np.transpose(points))
            _style(ax, lines, ROWS[what] if column == 0 else "")
        axes[0, column].set_title(f"degree {degree}", fontsize=11)
        axes[1, column].set_xlabel("unknowns")
    for row in axes:  # the limits are shared, and known only now
        for ax in row:
            _label(ax)
    figure.suptitle(f"Poisson's equation in {dimension}D, uniform mesh, float64 (dashed: graded; grey: bare operations)", fontsize=12)
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
            lines.setdefault(" ".join(LABELLED) if graded else peer, []).append((result["case"]["unknowns"], value))
    return lines


def _line(ax: Any, name: str, unknowns: Any, values: Any) -> None:
    floor, graded = name in FLOORS, name.endswith("graded")
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
    ax.set_xlim(low / 1.4, max(high, 4 * low) * 9)  # room for the names
    ends = np.array([low, max(high, 4 * low)])
    height = np.exp(np.mean(np.log(points[:, 1]))) / np.sqrt(ends.prod())
    ax.plot(ends, height * ends, color="0.8", linewidth=5, alpha=0.6, zorder=0, solid_capstyle="butt", label="_in proportion")


def _label(ax: Any) -> None:
    """The name and the slope of each line at its end, moved apart where they would meet."""
    ends = []
    for line in ax.get_lines():
        if line.get_label().startswith("_"):
            continue
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        name = line.get_label()
        if len(x) > 1:
            name += f"  N$^{{{np.polyfit(np.log(x), np.log(y), 1)[0]:.1f}}}$"
        point = ax.transAxes.inverted().transform(ax.transData.transform((x[-1], y[-1])))
        ends.append((point[1], point[0], name, line.get_color()))
    level = -1.0
    for height, across, name, color in sorted(ends):
        level = max(height, level + GAP)
        ax.annotate(
            name, (across, height), (across + 0.025, level), xycoords="axes fraction", color=color, fontsize=8.5, va="center",
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3},
        )  # fmt: skip
