"""Penalized regression written out with np.kron, and reweighted by hand: what the fits of all kinds are held against."""

import functools
from typing import Any, NamedTuple

import numpy as np

from tensorfem.regression import OneHot, Polynomials, SeparableRegressor

RNG = np.random.default_rng(61_507)
# Bases, lengths of the axes, orders of the penalty, smoothing.
SETTINGS: dict[str, tuple[Any, tuple[int, ...], Any, tuple[float, ...]]] = {
    "one axis": ((7,), (40,), 2, (1e-3,)),
    "two axes": ((5, 3), (17, 12), (2, 1), (1e-2, 2e-2)),
    "three axes": ((4, Polynomials(2, (0, 1)), OneHot(3)), (9, 6, 3), 1, (1e-2, 3e-2, 0.1)),
    "four axes": ((2, 1, 1, Polynomials(1, (0, 1))), (7, 6, 5, 4), (2, 2, 1, 1), (1e-2, 1e-2, 0.1, 1.0)),
}


def axes_of(name: str) -> tuple[np.ndarray, ...]:
    bases, lengths, _, _ = SETTINGS[name]
    return tuple(np.arange(float(n)) if isinstance(b, OneHot) else np.linspace(0, 1, n) ** 1.5 for b, n in zip(bases, lengths, strict=True))


def estimator(name: str, **settings: Any) -> SeparableRegressor:
    bases, _, penalty, smoothing = SETTINGS[name]
    return SeparableRegressor(bases, **({"penalty": penalty, "smoothing": smoothing} | settings))


def table_of(name: str, count: int = 150) -> np.ndarray:
    """Scattered points whose extremes are the bounds of the axes."""
    axes = axes_of(name)
    columns = [
        RNG.choice(x, count) if isinstance(b, OneHot) else RNG.uniform(0, 1, count) for b, x in zip(SETTINGS[name][0], axes, strict=True)
    ]
    return np.vstack([[x[0] for x in axes], [x[-1] for x in axes], np.stack(columns, axis=1)])


def dense(matrix: Any) -> np.ndarray:
    return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix)


class Reference(NamedTuple):
    """A weighted penalized fit: weighted squares over the number of data of weight, and the roughness."""

    design: np.ndarray
    roughness: list[np.ndarray]
    values: np.ndarray
    weights: np.ndarray
    smoothing: tuple[float, ...]

    @property
    def count(self) -> int:
        return int(np.count_nonzero(self.weights))

    @property
    def penalty(self) -> np.ndarray:
        return np.asarray(sum(s * P for s, P in zip(self.smoothing, self.roughness, strict=True)))

    @property
    def gram(self) -> np.ndarray:
        return (self.design.T * self.weights) @ self.design / self.count

    @property
    def matrix(self) -> np.ndarray:
        return self.gram + self.penalty

    @property
    def coefficients(self) -> np.ndarray:
        return np.linalg.solve(self.matrix, self.design.T @ (self.weights * self.values) / self.count)

    @property
    def degrees(self) -> float:
        return float(np.trace(np.linalg.solve(self.matrix, self.gram)))

    @property
    def squares(self) -> float:
        return float(np.sum(self.weights * (self.values - self.design @ self.coefficients) ** 2))

    @property
    def gcv(self) -> float:
        return self.count * self.squares / (self.count - self.degrees) ** 2

    @property
    def reml(self) -> float:
        eigenvalues = np.linalg.eigvalsh(self.penalty)
        positive = eigenvalues[eigenvalues > 1e-9 * eigenvalues[-1]]
        free = self.count - (eigenvalues.size - positive.size)
        penalized = self.squares + self.count * self.coefficients @ self.penalty @ self.coefficients
        return float(free * np.log(penalized / self.count) + np.linalg.slogdet(self.matrix)[1] - np.sum(np.log(positive)))

    def variances(self, rows: np.ndarray) -> np.ndarray:
        """For noise 1 at weight 1."""
        return np.sum(rows * np.linalg.solve(self.matrix, rows.T).T, axis=1) / self.count


def reference(fitted: SeparableRegressor, X: Any, values: Any, weights: Any = None) -> Reference:
    """The fit written out, from the bases and the smoothing of an estimator; NaN has no weight."""
    axes = X if isinstance(X, tuple) else tuple(np.asarray(X).T)
    matrices = [dense(basis.matrix(x)) for basis, x in zip(fitted.bases_, axes, strict=True)]
    grams = [B.T @ B / len(B) for B in matrices]
    roots = [dense(b.root(int(k))) for b, k in zip(fitted.bases_, np.broadcast_to(fitted.penalty, len(axes)), strict=True)]
    roughness = [
        functools.reduce(np.kron, [R.T @ R if i == axis else G for i, (R, G) in enumerate(zip(roots, grams, strict=True))])
        for axis in range(len(axes))
    ]
    flat = np.ravel(values)
    kept = np.where(np.isnan(flat), 0.0, 1.0 if weights is None else np.ravel(weights))
    return Reference(rows(matrices, grid=isinstance(X, tuple)), roughness, np.nan_to_num(flat), kept, fitted.smoothing_)


def rows(matrices: list[np.ndarray], *, grid: bool) -> np.ndarray:
    if grid:
        return functools.reduce(np.kron, matrices)
    return functools.reduce(lambda A, B: (A[:, :, None] * B[:, None, :]).reshape(len(A), -1), matrices)
