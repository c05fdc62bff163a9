"""Moving pictures of a sequence of fields, as of a solution in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from tensorfem import plotting
from tensorfem.pictures.view import Discrete, View


def animate(
    fields: Sequence[Discrete],
    times: Any = None,
    *,
    ax: Any = None,
    kind: str = "auto",
    at: Any = None,
    mesh: bool = False,
    label: str = "u",
    cmap: Any = "viridis",
    levels: Any = None,
    limits: Any = None,
    colorbar: bool = True,
    fps: float = 10.0,
) -> Any:
    """Animate fields on one box, with one scale for all; ``.save("u.gif", writer="pillow")`` writes a file.

    Parameters
    ----------
    fields : sequence of Field
        All on the box of the first one, on whose cells they are sampled.
    times : sequence of float, optional
        Written above the pictures.
    fps : float
        Frames per second.
    ax, kind, at, mesh, label, cmap, levels, colorbar
        As of `Field.plot`.
    limits : two numbers, optional
        The ends of the scale, by default the extremes of all fields.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        Keep it as long as it is to run.

    Raises
    ------
    ValueError
        If there is no field, one is none or lives on another box, or the number of times differs; and as of `Field.plot`.

    Examples
    --------
    >>> import tensorfem as tfem
    >>> fields = [tfem.interpolate(tfem.box(x=(0, 1), y=(0, 2), cells=8), f"x*y*{k}") for k in range(5)]
    >>> animate(fields, times=range(5)).save("u.gif", writer="pillow")  # doctest: +SKIP
    """
    if not fields or not all(isinstance(field, Discrete) for field in fields):
        raise ValueError(f"fields: got {fields!r}; allowed is a sequence of one Field or more")
    view = View.of(fields[0].space, at)
    return plotting.animate(
        Frames(view, fields),
        view.coordinates,
        view.names,
        times=times,
        ax=ax,
        kind=kind,
        at=view.at,
        mesh=view.mesh if mesh else None,
        label=label + view.where,
        cmap=cmap,
        levels=levels,
        limits=limits,
        colorbar=colorbar,
        fps=fps,
    )


@dataclass(frozen=True, eq=False)
class Frames(Sequence[NDArray[np.float64]]):
    """The samples of fields, made when they are asked for: those of a hundred boxes need not be in memory at once."""

    view: View
    fields: Sequence[Discrete]

    @overload
    def __getitem__(self, frame: int) -> NDArray[np.float64]: ...
    @overload
    def __getitem__(self, frame: slice) -> "Frames": ...
    def __getitem__(self, frame: int | slice) -> "NDArray[np.float64] | Frames":
        if isinstance(frame, slice):
            return Frames(self.view, self.fields[frame])
        return self.view.samples(self.fields[frame], f"fields[{frame}]")

    def __len__(self) -> int:
        return len(self.fields)
