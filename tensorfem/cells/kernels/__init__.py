"""Compiled cell operators: the image of a field in one pass over it and over the coefficients.

Beside each kernel there is the path of `tensorfem.cells.quadrature_form`, which is the reference of the tests, and runs elsewhere.
"""

import tensorfem.kron.kernels as kernels
from tensorfem.late import late

IMAGE, RESIDUAL, RELAX, RELAX_FROM_ZERO = range(4)  # what becomes of the image in `linear_image`
WORK = 8  # times that of one pass over a field: on so much smaller fields do these kernels pay

__getattr__ = late(__name__, {"add_factorized": "factorized", "addresses": "factorized", "linear_image": "linear"})


def pays(unknowns: int) -> bool:
    """Whether a form over so many unknowns goes to the kernels."""
    return kernels.pays(WORK * unknowns)
