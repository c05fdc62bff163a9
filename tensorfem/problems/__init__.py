"""Problems: data in, fields out."""

from tensorfem.problems.poisson import Poisson

__all__ = ["Poisson"]
