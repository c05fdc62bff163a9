"""Multi-output Gaussian-process regression: three sensors see related signals, and each is estimated from all.

The covariance of sensors and places is K_task (x) K_x, and the noise adds sigma^2 I. Two small eigendecompositions (of 3 x 3 and of
40 x 40) give the posterior mean, its band and the log marginal likelihood of all 120 observations (Bonilla, Chai & Williams 2008;
Stegle et al. 2011). One sees the data, the mean and two standard deviations, the signals that made the data, and that the likelihood is
largest near the length scale 1 of the truth.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from tensorfem.kron import kron

sigma, scale = 0.3, 1.0
task = np.array([[1.0, 0.8, -0.6], [0.8, 1.0, -0.3], [-0.6, -0.3, 1.0]])
x, fine = np.linspace(0, 8, 40), np.linspace(-0.8, 8.8, 200)


def covariance(a, b, scale):
    """The squared exponential kernel."""
    return np.exp(-((a[:, None] - b) ** 2) / (2 * scale**2))


def eigen(scale):
    """The eigenvectors Q = Q_task (x) Q_x of the covariance, and its eigenvalues as a field."""
    (lam, V), (mu, W) = np.linalg.eigh(task), np.linalg.eigh(covariance(x, x, scale))
    return kron(V, W), np.multiply.outer(lam, mu)


def posterior(data, scale):
    """Mean and standard deviation of the signals at the fine places, as (task, place) arrays."""
    Q, eigenvalues = eigen(scale)
    cross = kron(task, covariance(fine, x, scale))
    mean = cross @ (Q @ (Q.T @ data / (eigenvalues + sigma**2)))
    # The rows of cross Q are a Kronecker product too; so are their squares, entry by entry.
    squares = kron(*[(c @ q) ** 2 for c, q in zip(cross.factors, Q.factors, strict=True)])
    explained = squares @ (1 / (eigenvalues + sigma**2))
    return mean, np.sqrt(np.outer(np.diag(task), np.ones(len(fine))) - explained)


def log_likelihood(data, scale):
    """log p(data) = -(y^T (K + sigma^2 I)^-1 y + log det(K + sigma^2 I) + N log 2 pi) / 2."""
    Q, eigenvalues = eigen(scale)
    total = eigenvalues + sigma**2
    return -0.5 * float(np.sum((Q.T @ data) ** 2 / total + np.log(2 * np.pi * total)))


rng = np.random.default_rng(61_803)
places = np.concatenate([x, fine])
roots = kron(np.linalg.cholesky(task), np.linalg.cholesky(covariance(places, places, 1.0) + 1e-10 * np.eye(len(places))))
signals = roots @ rng.standard_normal(roots.input_shape)
data = signals[:, : len(x)] + sigma * rng.standard_normal((len(task), len(x)))
truth = signals[:, len(x) :]
mean, deviation = posterior(data, scale)
scales = np.geomspace(0.3, 4, 60)
likelihoods = np.array([log_likelihood(data, s) for s in scales])
best = float(scales[likelihoods.argmax()])


def draw(axes=None):
    """Each sensor's data, mean and band of two standard deviations; the likelihood of length scales."""
    if axes is None:
        axes = plt.subplots(2, 2, figsize=(10, 6), layout="constrained")[1]
    for number, ax in enumerate(axes.flat[:3]):
        ax.fill_between(fine, *(mean[number] + sign * 2 * deviation[number] for sign in (-1, 1)), color=f"C{number}", alpha=0.25, lw=0)
        ax.plot(fine, mean[number], f"C{number}", label="mean, with a band of two deviations")
        ax.plot(fine, truth[number], "0.3", linestyle="--", linewidth=1, label="signal")
        ax.plot(x, data[number], "k.", markersize=4, label="data")
        ax.set(title=f"sensor {number + 1}", xlabel="x", ylabel="reading", xlim=(fine[0], fine[-1]))
    axes.flat[0].legend(fontsize="small")
    axes.flat[3].semilogx(scales, likelihoods, "0.3")
    axes.flat[3].axvline(best, color="C3", linestyle=":", label=f"largest at {best:.2f}")
    axes.flat[3].set(title="log marginal likelihood", xlabel="length scale", xlim=(scales[0], scales[-1]))
    axes.flat[3].set_xticks([0.3, 0.5, 1, 2, 4], ["0.3", "0.5", "1", "2", "4"])
    axes.flat[3].minorticks_off()
    axes.flat[3].legend()
    return axes


if __name__ == "__main__":
    outside = np.mean(abs(truth - mean) > 2 * deviation)
    print(f"{data.size} observations; the signal is outside the band at {100 * outside:.1f} % of the places")
    print(f"log marginal likelihood {log_likelihood(data, scale):.3f} at scale {scale}, largest at {best:.2f}")
    Path("out").mkdir(exist_ok=True)
    draw().flat[0].figure.savefig("out/multi_output_gp.png", dpi=150)
    print("picture out/multi_output_gp.png")
