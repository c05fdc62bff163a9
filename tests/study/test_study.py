"""What a study gives out: tables that can be read back, a picture that shows the numbers."""

import csv
import io
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

import tensorfem as tfem
from tensorfem.plotting import draw_convergence
from tensorfem.study.table import Table


def problem():
    return tfem.manufactured("exp(x)*sin(2*y)", tfem.box(x=(0, 1), y=(0, 2), cells=(4, 6), degree=2))


def make(kind):
    made, exact = problem()
    if kind == "norms":
        return tfem.refinement_study(made, 3, exact=exact)
    if kind == "one axis":
        return tfem.refinement_study(made, 4, exact=exact, axes="x")
    return tfem.refinement_study(made, 4, quantity={"mean": lambda u: u.mean(), "up_flux": lambda u: u.gradient(0.5, 2.0)[1]})


KINDS = ("norms", "one axis", "quantities")
STUDIES = {}


@pytest.fixture(params=KINDS)
def study(request):
    if request.param not in STUDIES:
        STUDIES[request.param] = make(request.param)
    return STUDIES[request.param]


def test_text(study):
    lines = str(study).splitlines()
    assert lines[0].startswith("Refinement study: Poisson, Lagrange of degree 2, ")
    assert lines[2].split()[:4] == ["cells", "unknowns", "h", "seconds"]
    rows = lines[3 : 3 + len(study.levels)]
    assert [row.split("  ")[0].strip() or row.split()[0] for row in rows]
    assert len({len(line) for line in lines[2 : 3 + len(study.levels)]}) == 1, "columns are flush"
    assert lines[4 + len(study.levels)].split()[0] == "expected"
    verdict = next(k for k, line in enumerate(lines) if line.startswith(study.verdict))
    assert " ".join(line.strip() for line in lines[verdict:]) == f"{study.verdict}: {study.reason}"
    assert max(map(len, lines)) <= max(study.table.width, 100)


def test_markdown(study):
    subject, _, *table, _, verdict = study.to_markdown().splitlines()
    assert subject in str(study)
    assert {line.count("|") for line in table} == {len(study.table.headers) + 1}
    assert re.fullmatch(r"\|( -+: \|)+", table[1])
    assert len(table) == len(study.levels) + 3
    assert verdict == f"**{study.verdict}**: {study.reason}"


def test_latex(study):
    comment, begin, top, *rows, bottom, end = study.to_latex().splitlines()
    assert comment == f"% {study.verdict}: {study.reason}"
    assert begin == rf"\begin{{tabular}}{{{'r' * len(study.table.headers)}}}"
    assert (top.strip(), bottom.strip(), end) == (r"\toprule", r"\bottomrule", r"\end{tabular}")
    body = [row for row in rows if row.strip() != r"\midrule"]
    assert len(body) == len(study.levels) + 2
    for row in body:
        assert row.endswith(r" \\")
        assert row.count(" & ") == len(study.table.headers) - 1
        assert row.count("$") % 2 == 0
        assert not re.search(r"[0-9]e[-+]|(?<!\\)_", row)


def test_csv_has_every_digit(study):
    rows = list(csv.DictReader(io.StringIO(study.to_csv())))
    assert [(int(row["cells_x"]), int(row["cells_y"])) for row in rows] == [level.cells for level in study.levels]
    assert [(float(row["h_x"]), float(row["h_y"]), float(row["h"])) for row in rows] == [
        (*level.sizes, level.size) for level in study.levels
    ]
    assert [int(row["unknowns"]) for row in rows] == [level.unknowns for level in study.levels]
    for name, orders in study.pairwise_orders.items():
        np.testing.assert_array_equal([float(row[f"{name}_order"] or "nan") for row in rows], orders)
    for name, numbers in (study.errors | study.values).items():
        if name in study.orders:
            assert [float(row[name]) for row in rows] == numbers.tolist()


def test_latex_escapes():
    table = Table(("a_b", "50 %", "h1"), (("1,234,567", "1.5e-03", "8 x 4 x 2"), (r"\x", "-2e+05", "~^")), ("", "", ""))
    assert table.to_latex().splitlines()[2:7] == [
        r"  a\_b & 50 \% & $H^1$ \\",
        r"  \midrule",
        r"  1\,234\,567 & $1.5 \times 10^{-3}$ & $8 \times 4 \times 2$ \\",
        r"  \textbackslash{}x & $-2 \times 10^{5}$ & \textasciitilde{}\textasciicircum{} \\",
        r"  \midrule",
    ]


def test_markdown_escapes():
    assert Table(("a|b",), (("1",),), ("",)).to_markdown().splitlines()[0] == r"| a\|b |"


class TestPlot:
    def test_shows_the_errors(self, study):
        ax = study.plot()
        assert (ax.get_xscale(), ax.get_yscale(), ax.get_xlabel()) == ("log", "log", "cell size h")
        shown = {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}
        for column, line in zip(study.columns, shown.values(), strict=True):
            np.testing.assert_array_equal(line.get_xdata(), study.sizes)
            np.testing.assert_allclose(line.get_ydata(), column.plotted)
        assert len(ax.lines) - len(shown) == len(set(study.expected.values()))

    def test_ax_in_ax_out(self, study):
        ax = Figure().add_subplot()
        assert study.plot(ax) is ax


class TestDrawConvergence:
    SIZES = (0.5, 0.25, 0.125, 0.0625)

    def draw(self, errors, **options):
        return draw_convergence(self.SIZES, errors, ax=Figure().add_subplot(), **options)

    @pytest.mark.parametrize("slope", [1, 2.5])
    def test_reference_lines_have_their_slope_and_lie_below(self, slope):
        h = np.array(self.SIZES)
        ax = self.draw({"a": 3 * h**slope, "b": h**slope}, slopes={"a": slope, "b": slope})
        x, y = ax.lines[-1].get_data()
        np.testing.assert_allclose(np.diff(np.log(y)) / np.diff(np.log(x)), slope)
        assert (y < 3 * x**slope).all()
        assert [text.get_text() for text in ax.texts] == ["$h$" if slope == 1 else "$h^{2.5}$"]

    def test_the_line_leaves_out_sizes_beyond_the_least_error(self):
        ax = self.draw({"a": [1e-2, 1e-6, 1e-12, 1e-9]}, slopes={"a": 4})
        assert ax.lines[-1].get_xdata().min() == 0.125

    def test_zeros_leave_gaps(self):
        ax = self.draw({"exact": [0.0] * 4, "a": [1.0, 0.0, np.nan, 0.5]}, slopes={"exact": 2, "a": 2})
        np.testing.assert_array_equal(ax.lines[1].get_ydata(), [1.0, np.nan, np.nan, 0.5])
        assert len(ax.lines) == 3
        assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.5", "0.062"]

    def test_label_and_markers(self):
        ax = self.draw({"a": [1, 1, 1, 1]}, label="distance")
        assert ax.get_ylabel() == "distance"
        assert len(ax.lines) == 1
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a"]

    @pytest.mark.parametrize(
        ("errors", "options", "message"),
        [
            ({"a": [1.0, 2.0]}, {}, r'errors: "a" has shape \(2,\); one error is needed for each of the 4 sizes'),
            ({"a": [0.0] * 4}, {}, "errors: none is positive"),
            ({}, {}, "errors: none is positive"),
            ({"a": [1.0] * 4}, {"slopes": {"a": np.inf}}, 'slopes, "a": got inf'),
        ],
    )
    def test_bad_errors(self, errors, options, message):
        with pytest.raises(ValueError, match=message):
            self.draw(errors, **options)

    @pytest.mark.parametrize(("sizes", "message"), [([1.0, 0.0], "sizes: got .* positive"), ([1.0], "sizes: got an array of shape")])
    def test_bad_sizes(self, sizes, message):
        with pytest.raises(ValueError, match=message):
            draw_convergence(sizes, {"a": [1.0, 1.0]})
