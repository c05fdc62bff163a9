"""What `tensorfem init` writes: a problem file with every table in it, explained."""

TEMPLATE = """\
# A problem for tensorfem:  -div(a grad u) + c u = f  on a box.
# Solve it with `tensorfem solve THIS`, check it with `tensorfem study THIS`.
# Formulas are strings in the coordinates x, y, z: + - * / **, sin cos exp log sqrt abs where ..., pi.

[space]
x = [0.0, 1.0]                  # one, two or three axes: x; x and y; x, y and z
y = [0.0, 2.0]
cells = [32, 64]                # one number for all axes, or one per axis
degree = 2
basis = "lagrange"              # or "bspline"
periodic = []                   # e.g. ["x"]
# grading.y = { size_ratio = 100.0, toward = "left" }    # left, right, middle, both

[problem]
source = "exp(x)*y"             # f
diffusion = 1.0                 # a: a number, "1 + x*y", [a_x, a_y], { product = ["1 + x", "2"] }, or a tensor [[2, "y"], ["y", 3]]
reaction = 0.0                  # c: a number, "x*y", or { sum = ["x**2", "y"] }
# load = "interpolate"          # f by its values at the nodes: fewer samples than by "quadrature", which is more accurate
# exact = "..."                 # the solution, where it is known: its errors are reported
# manufactured = "sin(pi*x)*y"  # instead of source and exact: both, and the boundary data, are derived from this solution;
#                               # faces then name their kind: "dirichlet", "neumann", { robin = 2.0 } (needs the extra "symbolic")

[boundary]                      # faces "x-", "x+", "y-", ...; "*" covers those not named
"x-" = 0.0                      # a value is a Dirichlet condition
"y-" = { neumann = 1.0 }        # the flux a du/dn
"y+" = { robin = 2.0, ambient = 0.5 }    # a du/dn + 2 u = 2 * 0.5
"*" = { dirichlet = "0" }

[solver]
name = "auto"                   # or "direct", "cg", "amg", "multigrid", "fast-diagonalization"
# rtol = 1e-10                  # of iterations: "direct" and "fast-diagonalization" have no such setting

[study]
levels = 4
point = [0.5, 1.0]              # the quantity followed where no exact solution is known; or quantity = "integral"

[output]                        # paths start at this file's folder
picture = "solution.png"
vtk = "solution.vtr"            # for ParaView
data = "solution.npz"           # tensorfem.load reads it
study_picture = "study.png"
"""
