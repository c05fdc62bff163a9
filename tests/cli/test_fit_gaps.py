"""Values that are empty or NaN: not observed, whatever the layout of the file."""

import json

import numpy as np
import pytest

from tensorfem.cli import exits
from tensorfem.regression import SeparableRegressor
from tests.cli.surface_files import NOISY, X, Y, rows, save, written

GONE = [3, 70, 71, 140]
NOTHING = ["", "nan", " NaN", "-nan"]


def gappy(path, table, header="x,y,T", texts=NOTHING):
    """A CSV file without the values of the rows that are gone."""
    lines = [[repr(float(number)) for number in row] for row in table]
    for k, text in zip(GONE, texts, strict=True):
        lines[k][2] = text
    path.write_text("\n".join([header, *map(",".join, lines)]), encoding="utf-8")
    return path


def with_gaps(values=NOISY):
    values = values.copy()
    values.flat[GONE] = np.nan
    return values


def test_cells_of_a_grid(run, tmp_path):
    path = gappy(tmp_path / "d.csv", rows())
    code, out, err = run("fit", path, "--cells", "4")
    assert (code, err) == (exits.DONE, "")
    assert "140 values of T on a grid of 16 x 9 points along x, y, 4 points not observed\n" in out
    assert out.splitlines().count("not observed: 4 values of T, empty or NaN in the file") == 1
    table = written(tmp_path / "d-fit.csv")
    assert [k for k, row in enumerate(table) if np.isnan(row["observed"])] == GONE
    assert [k for k, row in enumerate(table) if np.isnan(row["residual"])] == GONE
    model = SeparableRegressor(4).fit((X, Y), with_gaps())
    np.testing.assert_allclose([row["fitted"] for row in table], model.predict((X, Y)).ravel(), rtol=1e-7, atol=1e-8)
    assert json.loads(run("fit", path, "--force", "--json")[1])["data"]["empty"] == 4


def test_an_empty_cell_is_as_good_as_no_row(run, tmp_path):
    run("fit", gappy(tmp_path / "a.csv", rows()), "--cells", "4", "--smoothing", "1e-3")
    code, out, _ = run("fit", save(tmp_path / "b.csv", np.delete(rows(), GONE, axis=0)), "--cells", "4", "--smoothing", "1e-3")
    assert code == exits.DONE
    assert "4 points not observed" in out
    assert "not observed:" not in out  # no cell was empty
    assert (tmp_path / "a-fit.csv").read_text() == (tmp_path / "b-fit.csv").read_text()


def test_a_point_that_is_missing(run, tmp_path):
    code, out, _ = run("fit", gappy(tmp_path / "d.csv", rows(), texts=["", "1", "2", "3"]), "--cells", "2")
    assert code == exits.DONE
    assert "143 values of T on a grid of 16 x 9 points along x, y, 1 point not observed\n" in out
    assert "not observed: 1 value of T, empty or NaN in the file\n" in out


@pytest.mark.parametrize(("count", "wishes"), [(1, ["--robust"]), (2, []), (2, ["--weight", "w"]), (3, [])])
def test_scattered_points(run, tmp_path, count, wishes):
    """Rows without a value change nothing of the fit to the others, and get fitted values themselves where these reach."""
    points = np.random.default_rng(31).random((144, count))
    points[1], points[GONE] = -0.5, 0.5
    values, weights = np.sin(3 * points[:, 0]) + points[:, -1] ** 2, 1.0 + np.arange(144) % 3
    table = np.column_stack([points, values, weights])
    header = [*"abc"[:count], "v", "w"]
    lines = [[repr(float(number)) for number in row] for row in table]
    for k in GONE:
        lines[k][count] = ""
    lines[GONE[0]][count + 1] = ""  # nor is a weight needed there
    lines[1][count] = ""  # a corner of the box
    lines.append(lines[20].copy())  # a point twice: no grid, whatever the number of coordinates
    (tmp_path / "d.csv").write_text("\n".join(map(",".join, [header, *lines])))
    named = ["--x", ",".join(header[:count]), "--y", "v"]
    code, out, err = run("fit", tmp_path / "d.csv", *named, *wishes, "--cells", "2", "--smoothing", "1e-4")
    assert (code, err) == (exits.DONE, "")
    assert "140 values of v at scattered points" in out
    assert "not observed: 5 values of v, empty or NaN in the file\nnot fitted: 1 point without a value, outside the box" in out
    kept = [k for k in [*range(144), 20] if k not in (1, *GONE)]
    model = SeparableRegressor(2, smoothing=1e-4, robust="--robust" in wishes)
    model.fit(points[kept], values[kept], weights[kept] if "--weight" in wishes else None)
    result = written(tmp_path / "d-fit.csv")
    assert [k for k, row in enumerate(result) if np.isnan(row["observed"])] == [1, *GONE]
    assert [k for k, row in enumerate(result) if np.isnan(row["fitted"])] == [1]
    inside = [0, *range(2, 144), 20]
    fitted = [row["fitted"] for row in result if not np.isnan(row["fitted"])]
    np.testing.assert_allclose(fitted, model.predict(points[inside]), rtol=1e-8, atol=1e-9)  # ten digits are written


def test_weights_beside_empty_cells(run, tmp_path):
    weights = np.where(np.arange(144) % 5 == 0, 0.2, 1.0)
    path = gappy(tmp_path / "d.csv", np.column_stack([rows(), weights]), "x,y,T,w")
    path.write_text(path.read_text().replace(",,1.0\n", ",,\n"))  # no value, nor a weight
    assert ",,\n" in path.read_text()
    code, out, _ = run("fit", path, "--weight", "w", "--y", "T", "--cells", "4", "--smoothing", "1e-3")
    assert code == exits.DONE
    assert "not used" not in out
    model = SeparableRegressor(4, smoothing=1e-3).fit((X, Y), with_gaps(), weights.reshape(NOISY.shape))
    np.testing.assert_allclose([row["fitted"] for row in written(tmp_path / "d-fit.csv")], model.predict((X, Y)).ravel(), atol=1e-8)


ARCHIVES = {
    "axes": {"x": X, "y": Y, "T": with_gaps()},
    "columns": dict(zip("xyT", rows(with_gaps()).T, strict=True)),
    "one table": {"T": rows(with_gaps())},
}


@pytest.mark.parametrize("arrays", ARCHIVES.values(), ids=ARCHIVES)
def test_arrays(run, tmp_path, arrays):
    np.savez(tmp_path / "d.npz", **arrays)
    code, out, err = run("fit", tmp_path / "d.npz", "--cells", "4")
    assert (code, err) == (exits.DONE, "")
    assert "140 values of T on a grid of 16 x 9 points" in out
    assert "not observed: 4 values of T, empty or NaN in the file\n" in out
    fitted = [row["fitted"] for row in written(tmp_path / "d-fit.csv")]
    np.testing.assert_allclose(fitted, SeparableRegressor(4).fit((X, Y), with_gaps()).predict((X, Y)).ravel(), rtol=1e-7, atol=1e-8)


def test_weights_in_an_archive_where_nothing_was_observed(run, tmp_path):
    weights = np.where(np.isnan(with_gaps()), np.nan, 2.0)
    np.savez(tmp_path / "d.npz", x=X, y=Y, T=with_gaps(), w=weights)
    assert run("fit", tmp_path / "d.npz", "--weight", "w", "--y", "T", "--cells", "4")[0] == exits.DONE
    fitted = [row["fitted"] for row in written(tmp_path / "d-fit.csv")]
    np.testing.assert_allclose(fitted, SeparableRegressor(4).fit((X, Y), with_gaps()).predict((X, Y)).ravel(), rtol=1e-5, atol=1e-6)
