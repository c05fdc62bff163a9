"""A grid of 12 x 10 cells with 150 noisy observations of sin(x) cos(y), each in one cell: some cells are seen often, some never.

Every cell has a value of its own. Least squares of minimum norm takes the mean of each cell's observations, and 0 where there are none;
smoothing lets neighbours help, and fills what was not seen.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from tensorfem import plotting
from tensorfem.regression import OneHot, SeparableRegressor

noise, count = 0.4, 150
ends = np.linspace(0, 2 * np.pi, 13), np.linspace(0, np.pi, 11)
x, y = ((end[:-1] + end[1:]) / 2 for end in ends)
truth = np.sin(x)[:, None] * np.cos(y)

generator = np.random.default_rng(1210)
i, j = generator.integers(12, size=count), generator.integers(10, size=count)
points = np.column_stack([x[i], y[j]])
observed = truth[i, j] + noise * generator.standard_normal(count)
seen = np.zeros(truth.shape, dtype=int)
np.add.at(seen, (i, j), 1)

bases = tuple(OneHot(end) for end in ends)
fits = {
    "minimum norm": SeparableRegressor(bases, smoothing="minimum norm").fit(points, observed),
    "smoothing": SeparableRegressor(bases, smoothing="gcv").fit(points, observed),
}
values = {name: fit.predict((x, y)) for name, fit in fits.items()}
errors = {name: value - truth for name, value in values.items()}
rmse = {name: np.sqrt(np.mean(error**2)) for name, error in errors.items()}


def draw(axes=None):
    """Truth and fits above; below how often each cell was seen, and the errors."""
    if axes is None:
        axes = plt.subplots(2, 3, figsize=(11, 4.4), layout="compressed", sharex=True, sharey=True)[1]
    pictures = {"truth": truth, **values}
    for ax, (name, value) in zip(axes[0], pictures.items(), strict=True):
        last = name == "smoothing"
        plotting.draw_tiles(value, (x, y), "xy", ax=ax, label="value", limits=(-1, 1), colorbar=last)
        ax.set_title(name)
    often = np.where(seen, seen, np.nan)
    plotting.draw_tiles(often, (x, y), "xy", ax=axes[1, 0], label="times", cmap="YlGn", limits=(0, seen.max()))
    axes[1, 0].set_title(f"observations; grey: none ({np.sum(seen == 0)} cells)")
    for ax, (name, error) in zip(axes[1, 1:], errors.items(), strict=True):
        last = name == "smoothing"
        plotting.draw_tiles(error, (x, y), "xy", ax=ax, label="error", cmap="RdBu_r", limits=(-1, 1), colorbar=last)
        ax.set_title(f"error, RMSE {rmse[name]:.3f}")
    return axes


if __name__ == "__main__":
    print(f"{count} observations of noise {noise}, {np.sum(seen == 0)} of {seen.size} cells without any")
    for name, fit in fits.items():
        print(f"{name:<13} RMSE {rmse[name]:.4f}, largest error {np.abs(errors[name]).max():.3f}, freedom {fit.degrees_of_freedom_:.1f}")
    Path("out").mkdir(exist_ok=True)
    draw()[0, 0].figure.savefig("out/one_hot_grid.png", dpi=150)
    print("picture       out/one_hot_grid.png")
