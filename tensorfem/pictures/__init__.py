"""Pictures of fields: what they show, handed to `tensorfem.plotting` as arrays."""

from tensorfem.pictures.animation import animate
from tensorfem.pictures.picture import compare, isosurface, plot, plot_error
from tensorfem.pictures.summary import summary
from tensorfem.pictures.view import View

__all__ = ["View", "animate", "compare", "isosurface", "plot", "plot_error", "summary"]
