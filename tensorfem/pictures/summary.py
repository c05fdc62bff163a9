"""What notebooks show of a field: facts, and a small picture."""

import numpy as np

from tensorfem import html, plotting
from tensorfem.pictures.view import Discrete, View

SMALL = 48  # samples along an axis of the picture


def summary(field: Discrete) -> str:
    """An HTML table of a field's space, range and solve; with a picture where it has one axis or two.

    Examples
    --------
    >>> import tensorfem as tfem
    >>> text = summary(tfem.interpolate(tfem.box(x=(0, 1), cells=2), "x"))
    >>> "0 to 1" in text, "image/png" in text
    (True, True)
    """
    values = field.space.nodal_values(field.coefficients)
    facts = [*field.space.facts, ("values", f"{values.min():.6g} to {values.max():.6g} at the nodes")]
    if field.report is not None:
        facts.append(("solved by", f"{field.report.solver}, relative residual {field.report.residual:.1e}"))
    return html.table(facts, caption=f"Field of {field.space.size:,} unknowns", png=_picture(field))


def _picture(field: Discrete) -> bytes | None:
    if field.space.dimension > 2:
        return None
    view = View.of(field.space)
    small = view.moved([np.linspace(points[0], points[-1], SMALL) for points in view.points])
    return plotting.thumbnail(small.samples(field), small.coordinates)
