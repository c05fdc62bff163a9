"""A spline surface through noisy data on an unequal grid, and how sure it is: the 95 % band holds the truth at about 95 % of the points.

Cubic B-splines with a penalty on second derivatives; generalized cross-validation chooses one smoothing parameter per axis. The band is
that of Wahba (1983) and Nychka (1988), from the exact diagonal of the covariance.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from tensorfem import plotting
from tensorfem.regression import SeparableRegressor

noise = 0.3
x, y = 3 * np.linspace(0, 1, 90) ** 1.5, 2 - 2 * np.linspace(1, 0, 60) ** 1.3  # measured more closely at one end
generator = np.random.default_rng(1988)


def surface(x, y):
    return np.sin(3 * x) * np.exp(-y) + 0.5 * np.tanh(4 * (y - 0.3 * x - 0.4))


truth = surface(x[:, None], y)
data = truth + noise * generator.standard_normal(truth.shape)
fit = SeparableRegressor(bases=(24, 16), smoothing="gcv").fit((x, y), data)

error = fit.predict((x, y)) - truth
rmse = np.sqrt(np.mean(error**2))
lower, upper = fit.band((x, y), 0.95)
coverage = np.mean((lower <= truth) & (truth <= upper))
row = 20  # of the cut along x


def draw(axes=None):
    """Data, fit, its standard error, and the cut with its band."""
    if axes is None:
        axes = plt.subplots(2, 2, figsize=(9.5, 7), layout="constrained")[1]
    limits = (truth.min() - noise, truth.max() + noise)
    plotting.draw_tiles(data, (x, y), "xy", ax=axes[0, 0], bounds=[(0, 3), (0, 2)], limits=limits)
    fit.to_field().plot(ax=axes[0, 1], label="fit", limits=limits)
    fit.plot_standard_error(axes[1, 0])
    for ax, title in zip(
        axes.flat, ("data", f"fit, RMSE {rmse:.3f}", "standard error of the fit", f"cut at y = {y[row]:.2f}"), strict=True
    ):
        ax.set(title=title, aspect="auto")
    band = (lower[:, row], upper[:, row])
    plotting.draw_band(
        x, fit.predict((x, y))[:, row], band, "x", data=(x, data[:, row]), ax=axes[1, 1], label="fit", band_label="95 % band"
    )
    axes[1, 1].plot(x, truth[:, row], "k--", linewidth=1, label="truth")
    axes[1, 1].legend(frameon=False)
    return axes


if __name__ == "__main__":
    print(f"smoothing  {fit.smoothing_[0]:.2g} along x, {fit.smoothing_[1]:.2g} along y, by GCV")
    print(f"freedom    {fit.degrees_of_freedom_:.1f} effective degrees of {fit.coefficients_.size} coefficients")
    print(f"noise      {fit.noise_:.4f} estimated, {noise} true")
    print(f"RMSE       {rmse:.4f}, {noise / rmse:.1f} times less than the noise")
    print(f"coverage   {100 * coverage:.1f} % of the truth lies in the 95 % band")
    Path("out").mkdir(exist_ok=True)
    draw()[0, 0].figure.savefig("out/spline_surface.png", dpi=150)
    print("picture    out/spline_surface.png")
