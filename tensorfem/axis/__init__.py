"""One dimension: meshes, quadrature, bases and their matrices."""

from tensorfem.axis.basis import Basis
from tensorfem.axis.bspline import BSpline
from tensorfem.axis.lagrange import Lagrange
from tensorfem.axis.matrices import AxisMatrices, Weight, bilinear, convection, mass, stiffness
from tensorfem.axis.mesh import Mesh, graded, interval
from tensorfem.axis.overlap import overlap
from tensorfem.axis.quadrature import Quadrature, gauss_legendre, gauss_lobatto

__all__ = [
    "AxisMatrices",
    "BSpline",
    "Basis",
    "Lagrange",
    "Mesh",
    "Quadrature",
    "Weight",
    "bilinear",
    "convection",
    "gauss_legendre",
    "gauss_lobatto",
    "graded",
    "interval",
    "mass",
    "overlap",
    "stiffness",
]
