"""The linear system of a square with 512 cells a side, degree 1, by fast diagonalization and by pyamg (Ruge-Stuben and CG).

Both get the assembled system; setup and solve are measured. Fast diagonalization uses that the grid is a tensor product, pyamg would
solve on any mesh.
"""

import numpy as np
import pyamg

import tensorfem as tfem
from benchmarks.timing import interleaved, machine, show

CELLS, RTOL = 512, 1e-8


def main():
    space = tfem.box(x=(0, 1), y=(0, 1), cells=CELLS)
    source = "exp(x)*y"
    rhs = tfem.Poisson(space, source=source, boundary=0.0).rhs
    matrix = tfem.Poisson(space, source=source, boundary=0.0).operator.tosparse().tocsr()
    flat = rhs.ravel()

    def ours():
        operator = tfem.Poisson(space, source=source, boundary=0.0).operator  # a new one: the old one keeps its eigenbases
        return tfem.FastDiagonalization().prepare(operator)(rhs).value

    def theirs():
        return pyamg.ruge_stuben_solver(matrix).solve(flat, tol=RTOL, accel="cg")

    seconds = interleaved({"ours": ours, "theirs": theirs}, rounds=5)
    difference = np.linalg.norm(ours().ravel() - theirs()) / np.linalg.norm(theirs())
    show("fast diagonalization", 1e3 * seconds["ours"], "ms")
    show(f"pyamg {pyamg.__version__}, relative residual {RTOL:g}", 1e3 * seconds["theirs"], "ms")
    show("pyamg over fast diagonalization", seconds["theirs"] / seconds["ours"], "")
    print(f"    relative difference of the two solutions {difference:.0e}")


if __name__ == "__main__":
    print(machine())
    main()
