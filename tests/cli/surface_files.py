"""Files of a noisy surface on an unequal grid, and what is read back."""

import csv

import numpy as np

X, Y = np.linspace(0.0, 3.0, 16), np.array([0.0, 1.0, 2.5, 3.0, 4.5, 5.0, 7.0, 8.0, 9.5])
SURFACE = np.sin(X)[:, None] * np.cos(Y / 3)
NOISY = SURFACE + 0.1 * np.random.default_rng(20260801).standard_normal(SURFACE.shape)


def rows(values=NOISY):
    """The points of the grid and a value each, y fastest."""
    return np.column_stack([axis.ravel() for axis in np.meshgrid(X, Y, indexing="ij")] + [np.ravel(values)])


def written(path):
    """The rows of a CSV file: a mapping from names to numbers each; what is empty is NaN."""
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: float(text or "nan") for name, text in row.items()} for row in csv.DictReader(file)]


def save(path, table, header="x,y,T"):
    path.write_text("\n".join([header, *(",".join(repr(float(number)) for number in row) for row in table)]) + "\n", encoding="utf-8")
    return path
