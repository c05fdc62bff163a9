"""Animations: every frame shows its samples, on one scale, and nothing is left of the frame before."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.contour import ContourSet
from PIL import Image

from tensorfem.plotting import animate

AXES = (np.array([1.0, 1.2, 1.9, 3.1, 4.0]), np.array([-1.0, -0.9, 0.2, 1.0]), np.array([5.0, 5.25, 6.0]))
NAMES = ("x", "y", "z")


def frames(d: int, number: int = 3) -> list[np.ndarray]:
    return [(k + 1) % number + sum(np.ix_(*AXES[:d])) for k in range(number)]  # the lowest comes last


def shown(ax: Any) -> list[Any]:
    return [artist for artist in ax.collections if isinstance(artist, ContourSet)]


@pytest.fixture
def movie():
    """Make animations, and draw each once: matplotlib warns of those that never are."""
    made = []

    def make(*arguments: Any, **options: Any) -> Any:
        made.append(animate(*arguments, **options))
        return made[-1]

    yield make
    for animation in made:
        animation._draw_was_started = True


@pytest.mark.parametrize(("d", "kind"), [(1, "auto"), (2, "auto"), (2, "contours"), (2, "surface"), (3, "auto")])
def test_a_frame_replaces_the_one_before_on_the_same_scale(movie, d, kind):
    animation = movie(frames(d), AXES[:d], NAMES[:d], kind=kind, mesh=AXES[:d])
    (ax,) = plt.gcf().axes
    animation._func(0)
    counts = [len(ax.collections), len(ax.lines), len(ax.patches), len(ax.child_axes)]
    limits = [ax.get_ylim(), [(c.norm.vmin, c.norm.vmax) for c in shown(ax)][:1]]
    for k in (1, 2, 0):
        animation._func(k)
        if kind != "contours":
            assert [len(ax.collections), len(ax.lines), len(ax.patches), len(ax.child_axes)] == counts
        assert [ax.get_ylim(), [(c.norm.vmin, c.norm.vmax) for c in shown(ax)][:1]] == limits
    assert len(ax.child_axes) == int(d > 1)


def test_lines_show_their_frames_in_one_colour(movie):
    animation = movie(frames(1), AXES[:1], NAMES[:1])
    (ax,) = plt.gcf().axes
    drawn = []
    for k in range(3):
        animation._func(k)
        (line,) = ax.lines
        drawn.append((line.get_ydata().tolist(), line.get_color()))
    assert len({color for _, color in drawn}) == 1
    assert [values for values, _ in drawn] == [frame.tolist() for frame in frames(1)]
    assert ax.get_ylim()[0] < 1 < 6 < ax.get_ylim()[1]


def test_what_the_caller_drew_stays(movie):
    ax = plt.figure().add_subplot()
    ax.plot([2, 3], [0, 0], "r")
    ax.text(2, 0, "here")
    animation = movie(frames(2), AXES[:2], NAMES[:2], ax=ax, kind="contours")
    animation._func(1)
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0, 0]]
    assert "here" in [text.get_text() for text in ax.texts]


def test_times_are_written(movie):
    animation = movie(frames(2), AXES[:2], NAMES[:2], times=np.array([0.0, 0.25, 1e-9]))
    (ax,) = plt.gcf().axes
    titles = [animation._func(k) and ax.get_title() for k in range(3)]
    assert titles == ["t = 0", "t = 0.25", "t = 1e-09"]


def test_saved_as_gif(tmp_path):
    animation = animate(frames(2, 4), AXES[:2], NAMES[:2], fps=20)
    animation.save(tmp_path / "u.gif", writer="pillow", dpi=40)
    with Image.open(tmp_path / "u.gif") as image:
        assert image.n_frames == 4
        assert image.info["duration"] == 50
        first = np.asarray(image.convert("RGB"), dtype=float)
        image.seek(3)
        last = np.asarray(image.convert("RGB"), dtype=float)
    changed = np.abs(first - last).sum(axis=2) > 60
    rows, columns = (np.flatnonzero(changed.any(axis=k)) for k in (1, 0))
    assert changed.any()
    assert columns.max() < 0.9 * changed.shape[1]  # the colour bar and its numbers stay as they are
    assert rows.max() < 0.9 * changed.shape[0]


class Lazy(Sequence[np.ndarray]):
    def __init__(self) -> None:
        self.alive = 0

    def __len__(self) -> int:
        return 30

    def __getitem__(self, k: Any) -> np.ndarray:
        if k >= 30:
            raise IndexError
        self.alive += 1
        return frames(1, 30)[k]


def test_frames_may_be_made_when_they_are_asked_for(movie):
    asked = Lazy()
    movie(asked, AXES[:1], NAMES[:1], limits=(0, 40))
    assert asked.alive < 4
    asked = Lazy()
    movie(asked, AXES[:1], NAMES[:1])
    assert asked.alive < 34


@pytest.mark.parametrize(
    ("given", "wishes", "message"),
    [
        ([], {}, "^frames: there is none to draw"),
        (frames(1), {"times": [0.0]}, "^times: got 1 for 3 frames; one is needed for each"),
        (frames(1), {"fps": 0}, "^fps: got 0; allowed is a positive number"),
        (frames(1), {"fps": "fast"}, "^fps: got 'fast'"),
        (frames(1), {"kind": "surface"}, "^kind: got 'surface'"),
        ([*frames(1), np.zeros(4)], {}, "^coordinates: axis x has 5 nodes, the values have 4"),
    ],
)
def test_errors(given, wishes, message):
    with pytest.raises(ValueError, match=message):
        animate(given, AXES[:1], NAMES[:1], **wishes)
    assert not plt.get_fignums()
