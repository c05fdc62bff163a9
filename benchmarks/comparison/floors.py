"""The floors: what the machine takes for the transforms, the products or the copy that a solve is made of. They solve nothing."""

import numpy as np
import scipy.fft

from benchmarks.comparison.peer import Peer

WORKERS = 2


class Floor(Peer):
    """Bare operations on an array of the size of the unknowns; arrays are made beforehand."""

    package = "scipy"
    dtypes = ("float64", "float32")

    def setup(self):
        n = self.case.cells * self.case.degree - 1
        self.array = np.random.default_rng().standard_normal((n,) * self.case.dimension).astype(self.case.dtype)

    def load(self):
        """There is none."""

    def error(self):
        return None


class Transforms(Floor):
    """Two sine transforms, there and back."""

    name = "two dstn"

    @classmethod
    def refusal(cls, case):
        return "only for uniform meshes of degree 1" if case.graded or case.degree > 1 else ""

    def solve(self):
        for _ in range(2):
            result = scipy.fft.dstn(self.array, type=1, workers=WORKERS)
        return str(result.dtype)


class Products(Floor):
    """Two matrix products along each axis, each into an array that is there."""

    name = "2 d matmul"

    def setup(self):
        super().setup()
        n = self.array.shape[0]
        self.matrix = np.random.default_rng().standard_normal((n, n)).astype(self.case.dtype) / self.array.dtype.type(n) ** 0.5
        self.work = [np.zeros_like(self.array), np.zeros_like(self.array)]

    def solve(self):
        n, dimension = self.array.shape[0], self.array.ndim
        given, (taken, other) = self.array, self.work
        for axis in 2 * tuple(range(dimension)):
            # Axis 0 as one tall product, the last one too, those between as a stack.
            if axis == dimension - 1:
                np.matmul(given.reshape(-1, n), self.matrix, out=taken.reshape(-1, n))
            else:
                stack = (n**axis, n, -1)
                np.matmul(self.matrix, given.reshape(stack), out=taken.reshape(stack))
            given, taken, other = taken, other, taken
        return str(given.dtype)


class Copy(Floor):
    """One copy into an array that is there."""

    name = "copy"

    def setup(self):
        super().setup()
        self.work = np.zeros_like(self.array)

    def solve(self):
        np.copyto(self.work, self.array)
        return str(self.work.dtype)
