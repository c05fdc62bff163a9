"""Compiled cell operators: the image of a field in one pass over it and over the coefficients.

Beside each kernel there is the path of `tensorfem.cells.quadrature_form`, which is the reference of the tests, and runs elsewhere.
"""

from tensorfem.late import late

__getattr__ = late(__name__, {"add_factorized": "factorized", "linear_image": "linear"})
