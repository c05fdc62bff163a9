"""Spectra in order, their counting function, and Weyl's law where the eigenvalues are known."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from tensorfem.plotting import plot_spectrum
from tensorfem.plotting.spectrum import POINTS, weyl_count

EXACT = np.pi**2 * (np.arange(1, 401)[:, None] ** 2 + np.arange(1, 401) ** 2 / 4.0)  # of the Laplacian on (0, 1) x (0, 2), zero around


def test_in_order_whatever_the_shape():
    ax = plot_spectrum([[30.0, 10.0], [20.0, 40.0]])
    assert ax.lines[0].get_xydata().tolist() == [[1, 10], [2, 20], [3, 30], [4, 40]]
    assert [ax.get_xscale(), ax.get_yscale(), ax.get_xlabel(), ax.get_ylabel()] == ["log", "log", "number", "eigenvalue"]
    assert ax.get_legend() is None


def test_how_many_lie_below():
    ax = plot_spectrum([30.0, 10.0, 20.0, 20.0], count=True)
    (steps,) = ax.lines
    assert steps.get_drawstyle() == "steps-post"
    assert steps.get_xydata().tolist() == [[10, 1], [20, 2], [20, 3], [30, 4]]
    assert ax.get_xlabel() == "eigenvalue"


def test_weyls_law_of_a_rectangle_and_of_a_box():
    """The next term is that of the boundary: the relative difference falls like the root of the eigenvalue."""
    bounds = np.array([1e4, 4e4, 1.6e5])
    counted = np.array([np.count_nonzero(bound >= EXACT) for bound in bounds])
    differences = 1 - counted / weyl_count(bounds, 2.0, 2)
    perimeter = 6 / (4 * np.pi) * np.sqrt(bounds) / weyl_count(bounds, 2.0, 2)
    np.testing.assert_allclose(differences, perimeter, rtol=0.15)
    assert weyl_count(np.array([4 * np.pi**2]), 3.0, 3) == pytest.approx(4 * np.pi)  # the volume of the unit ball, 3 times


@pytest.mark.parametrize("count", [False, True])
def test_the_law_is_drawn(count):
    values = EXACT[:40, :80]
    curve, law = plot_spectrum(values, volume=2.0, count=count).lines
    numbers, line = law.get_xydata().T[:: -1 if count else 1]
    np.testing.assert_allclose(numbers, line * 2.0 / (4 * np.pi))
    assert line[0] == pytest.approx(values.min())
    assert [text.get_text() for text in plt.gca().get_legend().get_texts()] == ["eigenvalues", "Weyl's law"]
    assert curve.get_label() == "eigenvalues"


def test_a_flat_array_needs_its_dimension():
    _, law = plot_spectrum(EXACT[:9, :9].ravel(), volume=2.0, dimension=2).lines
    numbers, values = law.get_xydata().T
    np.testing.assert_allclose(numbers, values * 2.0 / (4 * np.pi))


def test_zero_and_negative_eigenvalues_are_shown():
    ax = plot_spectrum([-30.0, 1e-15, 20.0, 50.0], volume=1.0)
    assert ax.get_yscale() == "symlog"
    assert ax.lines[0].get_ydata().tolist() == [-30, 0, 20, 50]
    ax.figure.canvas.draw()
    plot_spectrum([0.0]).figure.canvas.draw()
    plot_spectrum([-3.0, -2.0], volume=1.0).figure.canvas.draw()


def test_many_are_thinned_from_the_first_to_the_last():
    ax = plot_spectrum(EXACT)
    numbers = ax.lines[0].get_xdata()
    assert [*numbers[:5], numbers[-1]] == [1, 2, 3, 4, 5, EXACT.size]
    assert numbers.size <= POINTS
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), np.sort(EXACT.ravel())[numbers - 1])


def test_ax_in_ax_out_and_the_input_stays():
    ax, values = plt.figure().add_subplot(), np.array([3.0, 1.0, 1e-14])
    assert plot_spectrum(values, ax=ax, label="fine") is ax
    assert values.tolist() == [3, 1, 1e-14]
    assert ax.lines[0].get_label() == "fine"


@pytest.mark.parametrize(
    ("values", "wishes", "message"),
    [
        ([], {}, "^eigenvalues: got an array of shape"),
        ([1.0, np.nan], {}, "^eigenvalues: entry 1 is nan"),
        ([1j], {}, "^eigenvalues: .*complex"),
        ([1.0], {"volume": -1}, "^volume: got -1; allowed is a positive number"),
        ([1.0], {"volume": 1.0, "dimension": 0}, "^dimension: got 0; allowed is an integer >= 1"),
    ],
)
def test_errors(values, wishes, message):
    with pytest.raises(ValueError, match=message):
        plot_spectrum(values, **wishes)
    assert not plt.get_fignums()
