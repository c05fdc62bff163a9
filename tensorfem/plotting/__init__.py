"""Pictures of fields and data sampled on a rectilinear grid: arrays, axes and names in, a matplotlib axes out.

Nothing here knows a space or a field, and nothing outside this folder imports matplotlib, which is imported at the first picture.
"""

from typing import TYPE_CHECKING

from tensorfem.late import late

if TYPE_CHECKING:
    from tensorfem.plotting.agreement import draw_agreement
    from tensorfem.plotting.animation import animate
    from tensorfem.plotting.arrows import arrow_places, draw_arrows
    from tensorfem.plotting.convergence import draw_convergence
    from tensorfem.plotting.criterion import draw_criterion
    from tensorfem.plotting.curve_band import draw_band
    from tensorfem.plotting.drawing import draw
    from tensorfem.plotting.factors import draw_factors
    from tensorfem.plotting.fit_panels import draw_fit
    from tensorfem.plotting.isosurfaces import isosurface
    from tensorfem.plotting.pair import compare, draw_error
    from tensorfem.plotting.spectrum import plot_spectrum
    from tensorfem.plotting.thumbnails import thumbnail
    from tensorfem.plotting.tiles import draw_points, draw_tiles

__getattr__ = late(
    __name__,
    {
        "animate": "animation",
        "arrow_places": "arrows",
        "compare": "pair",
        "draw": "drawing",
        "draw_agreement": "agreement",
        "draw_arrows": "arrows",
        "draw_band": "curve_band",
        "draw_convergence": "convergence",
        "draw_criterion": "criterion",
        "draw_error": "pair",
        "draw_factors": "factors",
        "draw_fit": "fit_panels",
        "draw_points": "tiles",
        "draw_tiles": "tiles",
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
    "draw_agreement",
    "draw_arrows",
    "draw_band",
    "draw_convergence",
    "draw_criterion",
    "draw_error",
    "draw_factors",
    "draw_fit",
    "draw_points",
    "draw_tiles",
    "isosurface",
    "plot_spectrum",
    "thumbnail",
]
