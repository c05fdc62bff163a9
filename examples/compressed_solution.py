"""A solution in two axes as a sum of a few products of functions of one coordinate each: how fast its error falls with their number.

In the L2 norm the truncated singular value decomposition is the best sum of r products (Eckart & Young 1936), and what it misses are the
singular values beyond r. The source is a ridge across both axes, which no single product is close to.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tensorfem as tfem

space = tfem.box(x=(0, 3), y=(0, 2), cells=(48, 32), degree=4)
u = tfem.Poisson(space, source="exp(-3*(x - y - 0.5)**2)", boundary=0.0).solve()

ranks = tuple(range(1, 13))
fits = {rank: tfem.fit_separable(u, rank=rank) for rank in ranks}
size = u.l2_norm()
errors = {rank: u.l2_error(fit.to_field()) / size for rank, fit in fits.items()}
singular_values = fits[1].singular_values
missed = {rank: np.linalg.norm(singular_values[rank:]) / size for rank in ranks}
good = tfem.fit_separable(u, rtol=1e-4)
shown = fits[3]


def draw(axes=None):
    """The solution, the error against the number of products, and the functions of the first three products."""
    if axes is None:
        axes = plt.subplots(2, 2, figsize=(9.5, 6.6), layout="constrained")[1]
    u.plot(ax=axes[0, 0])
    axes[0, 0].set(title=f"solution, {space.size:,} unknowns", aspect="auto")
    axes[0, 1].semilogy(ranks, list(missed.values()), color="0.6", label="singular values beyond")
    axes[0, 1].semilogy(ranks, list(errors.values()), "C3o", label="error of the sum")
    title = f"below $10^{{-4}}$ with {100 * good.storage_ratio:.1f} % of the numbers"
    axes[0, 1].set(xlabel="number of products", ylabel="relative L2 error", xticks=ranks, title=title)
    axes[0, 1].legend(frameon=False)
    shown.plot_factors(axes[1])
    axes[1, 0].set_title(f"three products, relative error {100 * errors[3]:.1f} %")
    return axes


if __name__ == "__main__":
    print("products   relative L2 error   of the numbers")
    for rank, fit in fits.items():
        print(f"{rank:8}   {errors[rank]:17.2e}   {100 * fit.storage_ratio:12.2f} %")
    print(f"{good.rank} products suffice for a relative error of 1e-4")
    Path("out").mkdir(exist_ok=True)
    draw()[0, 0].figure.savefig("out/compressed_solution.png", dpi=150)
    print("picture out/compressed_solution.png")
