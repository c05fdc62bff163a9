"""Helmholtz: the sound of a loudspeaker in a room of 5 x 4 m with hard walls, away from and near a resonance.

The pressure solves -(p_xx + p_yy) - k^2 p = f with k = 2 pi frequency / c: a negative reaction. Near a resonance one mode
cos(m pi x / 5) cos(n pi y / 4) drowns all others; at one there is no solution, and tensorfem says so.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tensorfem as tfem
from tensorfem.kron import KroneckerSum

length, width, c = 5.0, 4.0, 343.0  # m, m, m/s
speaker, radius = (1.2, 0.8), 0.15  # m
listener = (4.0, 3.2)  # m
space = tfem.box(x=(0, length), y=(0, width), cells=(20, 16), degree=6)


def source(x, y):
    return np.exp(-((x - speaker[0]) ** 2 + (y - speaker[1]) ** 2) / radius**2)


def room(frequency):
    """The problem at a frequency in Hz."""
    return tfem.Poisson(space, source=source, reaction=-((2 * np.pi * frequency / c) ** 2), boundary=tfem.Neumann(0.0))


def modal_sum(frequency, x, y):
    """The same pressure from the exact modes, of which the loudspeaker excites those that vary slowly over its radius."""

    def mode(n, side, place, middle):
        norm = np.where(n == 0, side, side / 2)
        excited = radius * np.sqrt(np.pi) * np.exp(-((n * np.pi * radius / side / 2) ** 2)) * np.cos(n * np.pi * middle / side)
        return np.cos(n * np.pi * place / side) * excited / norm

    m, n = np.arange(60)[:, None], np.arange(60)
    eigenvalues = (m * np.pi / length) ** 2 + (n * np.pi / width) ** 2
    modes = mode(m, length, x, speaker[0]) * mode(n, width, y, speaker[1])
    return float(np.sum(modes / (eigenvalues - (2 * np.pi * frequency / c) ** 2)))


def heard(frequency):
    """The pressure at the listener. Only the shift depends on the frequency: the eigenbases of the axes are computed once for all."""
    operator = KroneckerSum(silent.operator.pencils, shift=-((2 * np.pi * frequency / c) ** 2))
    pressure = tfem.FastDiagonalization().prepare(operator)(silent.rhs).value
    return float(tfem.Field(space, pressure)(*listener))


silent = room(0.0)
frequencies = np.linspace(20, 100, 201)
response = np.array([abs(heard(frequency)) for frequency in frequencies])

resonance = c / 2 * np.hypot(1 / length, 1 / width)  # Hz, of the mode (1, 1)
near = 1.001 * resonance
fast, direct = room(near).solve(tfem.FastDiagonalization()), room(near).solve(tfem.Direct())
expected = modal_sum(near, *listener)

eigenvalues = silent.operator.spectrum().eigenvalues()
eigenvalue = float(eigenvalues[1, 1])
try:
    tfem.Poisson(space, source=source, reaction=-eigenvalue, boundary=tfem.Neumann(0.0)).solve()
    refusal = ""
except ValueError as error:
    refusal = str(error)


def draw(axes=None):
    """The pressure near the resonance of the mode (1, 1), and what the listener hears at all frequencies."""
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained", width_ratios=(1, 1.1))[1]
    fast.plot(ax=axes[0], cmap="RdBu_r", label="pressure")
    axes[0].plot(*speaker, "k*", markersize=10)
    axes[0].annotate("loudspeaker", speaker, xytext=(0, 8), textcoords="offset points", ha="center")
    axes[0].plot(*listener, "ko")
    axes[0].annotate("listener", listener, xytext=(0, 7), textcoords="offset points", ha="center")
    axes[0].set(xlabel="x [m]", ylabel="y [m]", title=f"{near:.2f} Hz, 0.1 % above a resonance")
    axes[1].semilogy(frequencies, response, "C0")
    for m in range(3):
        for n in range(3):
            mode = c / 2 * np.hypot(m / length, n / width)
            if frequencies[0] < mode < frequencies[-1]:
                axes[1].axvline(mode, color="0.7", linestyle=":", zorder=0)
                axes[1].text(mode, 1.01, f"{m},{n}", ha="center", transform=axes[1].get_xaxis_transform())
    axes[1].set(xlabel="frequency [Hz]", ylabel="|pressure| at the listener", xlim=(frequencies[0], frequencies[-1]))
    return axes


if __name__ == "__main__":
    print(fast.report)
    print(f"listener    {float(fast(*listener)):.9f} fast, {float(direct(*listener)):.9f} direct, {expected:.9f} by the modal sum")
    print(f"at it       {refusal}")
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/helmholtz.png", dpi=150)
    print("picture     out/helmholtz.png")
