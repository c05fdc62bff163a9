"""A small picture of a field for a notebook's summary."""

from __future__ import annotations

import io
from collections.abc import Sequence

from numpy.typing import ArrayLike

from tensorfem.plotting.drawing import draw

INCHES, DPI = (2.2, 1.5), 100


def thumbnail(values: ArrayLike, coordinates: Sequence[ArrayLike]) -> bytes:
    """Draw samples of one or two axes without marks and labels, as a PNG file.

    Parameters
    ----------
    values, coordinates
        As of `draw`; a hundred samples along an axis are more than can be seen.

    Raises
    ------
    ValueError
        As of `draw`.

    Examples
    --------
    >>> thumbnail([0, 1], [[0.0, 1.0]])[1:4]
    b'PNG'
    """
    from matplotlib.figure import Figure

    figure = Figure(INCHES, DPI)
    ax = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    draw(values, coordinates, [""] * len(coordinates), ax=ax, colorbar=False).set_axis_off()
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight", pad_inches=0.02)
    return file.getvalue()
