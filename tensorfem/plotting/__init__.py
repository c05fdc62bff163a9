"""Pictures of fields sampled on a rectilinear grid: arrays, axes and names in, a matplotlib axes out.

Nothing here knows a space or a field, and nothing outside this folder imports matplotlib, which is imported at the first picture.
"""

from typing import TYPE_CHECKING

from tensorfem.late import late

if TYPE_CHECKING:
    from tensorfem.plotting.animation import animate
    from tensorfem.plotting.arrows import arrow_places, draw_arrows
    from tensorfem.plotting.convergence import draw_convergence
    from tensorfem.plotting.drawing import draw
    from tensorfem.plotting.isosurfaces import isosurface
    from tensorfem.plotting.pair import compare, draw_error
    from tensorfem.plotting.spectrum import plot_spectrum
    from tensorfem.plotting.thumbnails import thumbnail

__getattr__ = late(
    __name__,
    {
        "animate": "animation",
        "arrow_places": "arrows",
        "compare": "pair",
        "draw": "drawing",
        "draw_arrows": "arrows",
        "draw_convergence": "convergence",
        "draw_error": "pair",
        "isosurface": "isosurfaces",
        "plot_spectrum": "spectrum",
        "thumbnail": "thumbnails",
    },
)

__all__ = [
    "animate",
    "arrow_places",
    "compare",
    "draw",
    "draw_arrows",
    "draw_convergence",
    "draw_error",
    "isosurface",
    "plot_spectrum",
    "thumbnail",
]
