"""A solution and coefficients that are no sums of few separable terms, with all their derivatives."""

from collections.abc import Callable
from typing import Any

import numpy as np

import tensorfem as tfem

ROOT = np.array([[1.0, 0.3, -0.2], [0.0, 1.2, 0.4], [0.0, 0.0, 0.8]])
TURN = np.array([[0.5, -0.2, 0.1], [0.0, 0.6, 0.3], [0.0, 0.0, 0.7]])
KINDS = {"number": "a number", "diagonal": "a diagonal tensor", "tensor": "a full tensor"}
ROBIN = 1.7


class Waves:
    """``u = exp(p.x) cos(w.x)`` with diffusion ``A + B exp(sin(k.x) / 2)`` and reaction ``c (2 + cos(k.x))``; A and B definite.

    Along the periodic axes all are periodic with period 1.
    """

    def __init__(self, space: tfem.Space, kind: str, reaction: float = 0.0, periodic: str = "") -> None:
        d = space.dimension
        self.space, self.kind, self.level, self.axes = space, kind, reaction, range(d)
        around = np.array([name in periodic for name in space.names])
        self.p = np.where(around, 0.0, np.array([0.4, -0.3, 0.2])[:d])
        self.w = np.where(around, 2 * np.pi, np.array([1.9, 1.4, 1.1])[:d])
        self.k = np.where(around, 2 * np.pi, np.array([1.5, -1.2, 1.0])[:d])
        A, B = ROOT[:d, :d] @ ROOT[:d, :d].T, TURN[:d, :d] @ TURN[:d, :d].T
        self.A, self.B = {"number": (np.eye(d), 0.6 * np.eye(d)), "diagonal": (np.diag(np.diag(A)), np.diag(np.diag(B)))}.get(kind, (A, B))

    def _phase(self, direction: np.ndarray, x: tuple[Any, ...]) -> Any:
        return sum(factor * t for factor, t in zip(direction, x, strict=True))

    def u(self, *x: Any) -> Any:
        return np.exp(self._phase(self.p, x)) * np.cos(self._phase(self.w, x))

    def slope(self, i: int, *x: Any) -> Any:
        phase = self._phase(self.w, x)
        return np.exp(self._phase(self.p, x)) * (self.p[i] * np.cos(phase) - self.w[i] * np.sin(phase))

    def gradient(self, *x: Any) -> tuple[Any, ...]:
        return tuple(self.slope(i, *x) for i in self.axes)

    def bend(self, i: int, j: int, *x: Any) -> Any:
        p, w, phase = self.p, self.w, self._phase(self.w, x)
        return np.exp(self._phase(p, x)) * ((p[i] * p[j] - w[i] * w[j]) * np.cos(phase) - (p[i] * w[j] + p[j] * w[i]) * np.sin(phase))

    def a(self, i: int, j: int) -> Callable[..., Any]:
        A, B, k = float(self.A[i, j]), float(self.B[i, j]), self.k
        if A == B == 0:
            return lambda *x: 0.0 * x[0]
        return lambda *x: A + B * np.exp(np.sin(self._phase(k, x)) / 2)

    def derived(self, along: int, i: int, j: int, *x: Any) -> Any:
        """The derivative of an entry of the diffusion."""
        phase = self._phase(self.k, x)
        return self.B[i, j] * np.exp(np.sin(phase) / 2) * np.cos(phase) / 2 * self.k[along]

    def c(self, *x: Any) -> Any:
        return self.level * (2 + np.cos(self._phase(self.k, x) + x[0] * 0))

    def source(self, *x: Any) -> Any:
        pairs = [(i, j) for i in self.axes for j in self.axes]
        second = sum(self.derived(i, i, j, *x) * self.slope(j, *x) + self.a(i, j)(*x) * self.bend(i, j, *x) for i, j in pairs)
        return self.c(*x) * self.u(*x) - second

    def flux(self, axis: int, sign: int) -> Callable[..., Any]:
        return lambda *x: sign * sum(self.a(axis, j)(*x) * self.slope(j, *x) for j in self.axes)

    @property
    def diffusion(self) -> Any:
        if self.kind == "number":
            return self.a(0, 0)
        return [[self.a(i, j) if i == j or self.kind == "tensor" else 0.0 for j in self.axes] for i in self.axes]

    def condition(self, face: str, kind: str) -> Any:
        flux = self.flux(self.space.names.index(face[0]), 1 if face[1] == "+" else -1)
        robin = tfem.Robin(ROBIN, flux=lambda *x: flux(*x) + ROBIN * self.u(*x))
        return {"D": tfem.Dirichlet(self.u), "N": tfem.Neumann(flux), "R": robin}[kind]

    def problem(self, ends: str) -> tfem.Poisson:
        """With one kind of condition per face: D, N or R."""
        boundary = {face: self.condition(face, kind) for face, kind in zip(self.space.faces, ends, strict=True)}
        reaction = self.c if self.level else 0.0
        return tfem.Poisson(self.space, self.source, diffusion=self.diffusion, reaction=reaction, boundary=boundary or None)
