"""A moving picture: a sequence of fields on one grid, drawn one after the other on one scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.checks import real, real_vector
from tensorfem.plotting.canvas import set_title
from tensorfem.plotting.drawing import Drawing, drawing
from tensorfem.plotting.samples import Samples, scaled
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap


def animate(
    frames: Sequence[ArrayLike],
    coordinates: Sequence[ArrayLike],
    names: Sequence[str],
    *,
    times: ArrayLike | None = None,
    ax: Axes | None = None,
    kind: str = "auto",
    at: Sequence[float | Sequence[float]] | None = None,
    mesh: Sequence[ArrayLike] | None = None,
    label: str = "u",
    cmap: str | Colormap = "viridis",
    levels: int | Sequence[float] | None = None,
    limits: Sequence[float] | None = None,
    colorbar: bool = True,
    fps: float = 10.0,
) -> FuncAnimation:
    """Animate fields on one grid, with one scale for all: ``animate(...).save("u.gif", writer="pillow")``.

    Parameters
    ----------
    frames
        One array of samples for each picture. A sequence that makes its arrays when asked is asked twice for each.
    times
        One number for each frame, written above it.
    fps
        Frames per second.
    coordinates, names, ax, kind, at, mesh, label, cmap, levels, limits, colorbar
        As of `draw`. The limits are by default those of all frames together.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        Keep it as long as it is to run. ``save("u.gif", writer="pillow")`` needs no other program, other formats need ffmpeg. In a
        notebook, ``IPython.display.HTML(animation.to_jshtml())`` shows it.

    Raises
    ------
    ValueError
        Without frames, if `times` do not fit or `fps` is not positive, and as of `draw`.

    Examples
    --------
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> animation = animate([[0, 1], [1, 0]], [[0.0, 1.0]], ["x"], times=[0.0, 0.5], ax=Figure().add_subplot())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     animation.save(f"{folder}/u.gif", writer="pillow", dpi=50)
    """
    from matplotlib.animation import FuncAnimation

    if not len(frames):
        raise ValueError("frames: there is none to draw")
    if real(fps, "fps") <= 0:
        raise ValueError(f"fps: got {fps!r}; allowed is a positive number of frames per second")
    stamps = None if times is None else real_vector(times, "times", 1)
    if stamps is not None and stamps.size != len(frames):
        raise ValueError(f"times: got {stamps.size} for {len(frames)} frames; one is needed for each")
    sampled = partial(Samples.of, coordinates=coordinates, names=names)
    if limits is None:
        ends = np.array([_ends(sampled(frame)) for frame in frames])
        limits = (float(ends[:, 0].min()), float(ends[:, 1].max()))
    first = sampled(frames[0], limits=limits)
    style = Style(label, cmap, levels, colorbar, at, mesh)
    movie = Movie(frames, partial(sampled, limits=limits), drawing(first, kind, at), style, stamps, ax)
    movie.show(0)
    figure = movie.ax.figure.figure
    if ax is None:  # its layout is settled, and would cost more than the pictures if it were tried anew for each
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    return FuncAnimation(figure, movie.show, frames=len(frames), interval=1000 / fps, cache_frame_data=False)


@dataclass
class Movie:
    """The frames, and what the one shown now consists of."""

    frames: Sequence[ArrayLike]
    sampled: Callable[[ArrayLike], Samples]
    drawing: Drawing
    style: Style
    times: NDArray[np.float64] | None
    ax: Any
    drawn: list[Any] = field(default_factory=list)

    def show(self, frame: int) -> list[Artist]:
        """Replace what is drawn by a frame; whatever else is in the axes stays."""
        for artist in self.drawn:
            if artist.axes is not None:  # labels go with their contours
                artist.remove()
        before = set() if self.ax is None else set(_content(self.ax))
        self.ax = self.drawing(self.sampled(self.frames[frame]), self.style, self.ax)
        self.drawn = [artist for artist in _content(self.ax) if artist not in before]
        if self.style.color is None and (lines := [artist for artist in self.drawn if artist in self.ax.lines]):
            self.style = replace(self.style, color=lines[0].get_color())  # else each frame takes the next one
        self.style = replace(self.style, colorbar=self.style.colorbar and None)  # one bar is enough
        if self.times is not None:
            set_title(self.ax, f"t = {self.times[frame]:.4g}")
        return self.drawn


def _content(ax: Any) -> list[Artist]:
    return [*ax.collections, *ax.lines, *ax.texts, *ax.patches]


def _ends(samples: Samples) -> tuple[float, float]:
    low, high = scaled(np.array(samples.span), samples.exponent).tolist()
    return low, high
