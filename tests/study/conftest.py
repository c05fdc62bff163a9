"""What the tests of studies share: a smooth solution without symmetry, and the problem made for it on unequal axes."""

import tensorfem as tfem

BOX = {"x": (0.5, 2.0), "y": (-1.0, 2.0)}
SOLUTION = "exp(x)*sin(2*y) + x*y**2"


def space(cells=(6, 5), degree=2, **options):
    return tfem.box(**BOX, cells=cells, degree=degree, **options)


def made(cells=(6, 5), degree=2, text=SOLUTION, **options):
    return tfem.manufactured(text, space(cells, degree, **options))
