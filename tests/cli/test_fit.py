"""`tensorfem fit`: the report, the files, and how it ends."""

import csv
import json

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.cli import exits
from tensorfem.regression import SeparableRegressor

X, Y = np.linspace(0.0, 3.0, 16), np.array([0.0, 1.0, 2.5, 3.0, 4.5, 5.0, 7.0, 8.0, 9.5])
SURFACE = np.sin(X)[:, None] * np.cos(Y / 3)
NOISY = SURFACE + 0.1 * np.random.default_rng(20260801).standard_normal(SURFACE.shape)


def rows(values=NOISY):
    """The points of the grid and a value each, y fastest."""
    return np.column_stack([axis.ravel() for axis in np.meshgrid(X, Y, indexing="ij")] + [np.ravel(values)])


def written(path):
    """The rows of a CSV file: a mapping from names to numbers each; what is empty is NaN."""
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: float(text or "nan") for name, text in row.items()} for row in csv.DictReader(file)]


def save(path, table, header="x,y,T"):
    path.write_text("\n".join([header, *(",".join(repr(float(number)) for number in row) for row in table)]) + "\n", encoding="utf-8")
    return path


def test_a_grid_in_a_csv_file(run, tmp_path):
    code, out, err = run("fit", save(tmp_path / "d.csv", rows()))
    assert (code, err) == (exits.DONE, "")
    assert "144 values of T on a grid of 16 x 9 points along x, y" in out
    assert all(f"wrote       {tmp_path / f'd-fit.{ending}'}" in out for ending in ("csv", "png", "npz"))
    model = SeparableRegressor().fit((X, Y), NOISY)
    table = written(tmp_path / "d-fit.csv")
    assert list(table[0]) == ["x", "y", "observed", "fitted", "standard_error", "residual"]
    fitted = np.array([row["fitted"] for row in table]).reshape(NOISY.shape)
    np.testing.assert_allclose(fitted, model.predict((X, Y)), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose([row["standard_error"] for row in table], model.standard_error((X, Y)).ravel(), rtol=1e-3)
    np.testing.assert_allclose([row["residual"] for row in table], (NOISY - fitted).ravel(), rtol=1e-3, atol=1e-9)
    np.testing.assert_array_equal([[row["x"], row["y"], row["observed"]] for row in table], rows())
    field = tfem.load(tmp_path / "d-fit.npz")
    assert field(1.5, 4.0) == pytest.approx(model.predict([[1.5, 4.0]])[0], abs=1e-12)
    assert (tmp_path / "d-fit.png").read_bytes().startswith(b"\x89PNG")


def test_the_order_of_rows_and_columns_is_free(run, tmp_path):
    shuffled = np.random.default_rng(5).permutation(rows())[:, [2, 1, 0]]
    run("fit", save(tmp_path / "a.csv", rows()))
    code, out, _ = run("fit", save(tmp_path / "b.csv", shuffled, "T,y,x"), "--x", "x,y", "--y", "T")
    assert code == exits.DONE
    assert "on a grid of 16 x 9 points" in out
    assert (tmp_path / "a-fit.csv").read_text() == (tmp_path / "b-fit.csv").read_text()


ARRAYS = {
    "axes": {"x": X, "y": Y, "T": NOISY},
    "falling axis": {"x": X[::-1], "y": Y, "T": NOISY[::-1]},
    "one table": {"T": rows()},
    "points and values": {"X": rows()[:, :2], "T": rows()[:, 2]},
    "columns": dict(zip("xyT", rows().T, strict=True)),
}


@pytest.mark.parametrize("arrays", ARRAYS.values(), ids=ARRAYS)
def test_arrays_in_an_npz_file(run, tmp_path, arrays):
    np.savez(tmp_path / "d.npz", **arrays)
    code, out, err = run("fit", tmp_path / "d.npz")
    assert (code, err) == (exits.DONE, "")
    assert "144 values of T on a grid of 16 x 9 points along x" in out
    fitted = np.array([row["fitted"] for row in written(tmp_path / "d-fit.csv")])
    np.testing.assert_allclose(fitted, SeparableRegressor().fit((X, Y), NOISY).predict((X, Y)).ravel(), rtol=1e-8, atol=1e-9)


def test_settings_arrive(run, tmp_path):
    path = save(tmp_path / "d.csv", rows())
    code, out, _ = run("fit", path, "--cells", "5,3", "--penalty", "1", "--smoothing", "1e-3,2e-2", "--json")
    facts = json.loads(out)
    model = SeparableRegressor((5, 3), penalty=1, smoothing=(1e-3, 2e-2)).fit((X, Y), NOISY)
    assert (code, facts["schema"], facts["command"], facts["criterion"]) == (exits.DONE, 1, "fit", None)
    assert facts["smoothing"] == [1e-3, 2e-2]
    assert facts["coefficients"] == (5 + 3) * (3 + 3)
    assert facts["degrees_of_freedom"] == pytest.approx(model.degrees_of_freedom_)
    assert facts["r2"] == pytest.approx(model.score((X, Y), NOISY))
    assert facts["files"] == [str(tmp_path / f"d-fit.{ending}") for ending in ("csv", "png", "npz")]
    assert json.loads(run("fit", path, "--smoothing", "reml", "--force", "--json")[1])["criterion"] == "reml"


def test_gaps_and_scattered_points(run, tmp_path):
    kept = np.random.default_rng(77).random(144) < 0.7
    save(tmp_path / "gaps.csv", rows()[kept])
    code, out, _ = run("fit", tmp_path / "gaps.csv", "--cells", "3")
    assert code == exits.DONE
    assert f"{kept.sum()} values of T on a grid of 16 x 9 points along x, y, {144 - kept.sum()} points not observed" in out
    table = written(tmp_path / "gaps-fit.csv")
    assert [not np.isnan(row["observed"]) for row in table] == kept.tolist()
    assert [not np.isnan(row["residual"]) for row in table] == kept.tolist()
    fitted = np.array([row["fitted"] for row in table])
    assert np.sqrt(np.mean((fitted - SURFACE.ravel()) ** 2)) < 0.08  # in the gaps too
    twice = np.concatenate([rows()[kept], rows()[kept]])  # no grid, as points come twice
    code, out, _ = run("fit", save(tmp_path / "twice.csv", twice), "--cells", "3", "--smoothing", "1e-4")
    assert code == exits.DONE
    assert f"{2 * kept.sum()} values of T at scattered points along x, y" in out
    model = SeparableRegressor((3, 3), smoothing=1e-4).fit(twice[:, :2], twice[:, 2])
    np.testing.assert_allclose([row["fitted"] for row in written(tmp_path / "twice-fit.csv")], model.predict(twice[:, :2]), rtol=1e-8)


def test_weights_and_outliers(run, tmp_path):
    weights = np.where(np.arange(144) % 5 == 0, 0.2, 1.0)
    path = save(tmp_path / "d.csv", np.column_stack([rows(), weights]), "x,y,T,w")
    assert run("fit", path, "--weight", "w", "--cells", "4", "--smoothing", "1e-3")[0] == exits.DONE
    model = SeparableRegressor(4, smoothing=1e-3).fit((X, Y), NOISY, weights.reshape(NOISY.shape))
    np.testing.assert_allclose([row["fitted"] for row in written(tmp_path / "d-fit.csv")], model.predict((X, Y)).ravel(), atol=1e-8)
    wild = NOISY.copy()
    wild[3, 4], wild[10, 2] = 30.0, -30.0
    code, out, _ = run("fit", save(tmp_path / "wild.csv", rows(wild)), "--robust", "--cells", "4", "--smoothing", "1e-3")
    assert code == exits.DONE
    assert int(out.partition("outliers    ")[2].split()[0]) >= 2
    fitted = np.array([row["fitted"] for row in written(tmp_path / "wild-fit.csv")])
    assert np.sqrt(np.mean((fitted - SURFACE.ravel()) ** 2)) < 0.1


def test_counts(run, tmp_path):
    counts = np.random.default_rng(12).poisson(np.exp(2 + SURFACE))
    code, out, _ = run("fit", save(tmp_path / "d.csv", rows(counts)), "--family", "poisson", "--cells", "3")
    assert code == exits.DONE
    assert "noise" not in out
    table = written(tmp_path / "d-fit.csv")
    assert list(table[0]) == ["x", "y", "observed", "fitted", "lower", "upper", "residual"]
    assert all(0 < row["lower"] < row["fitted"] < row["upper"] for row in table)
    assert not (tmp_path / "d-fit.npz").exists()
    code, _, err = run("fit", save(tmp_path / "bad.csv", rows()), "--family", "poisson")
    assert code == exits.USAGE
    assert "poisson" in err


def test_a_sum_of_products(run, tmp_path):
    path = save(tmp_path / "d.csv", np.delete(rows(SURFACE + np.outer(X, Y)), [3, 70, 140], axis=0))
    code, out, err = run("fit", path, "--rank", "2")
    assert (code, err) == (exits.DONE, "")
    assert "141 values of T on a grid of 16 x 9 points along x, y, 3 points not observed" in out
    table = written(tmp_path / "d-fit.csv")
    assert list(table[0]) == ["x", "y", "observed", "fitted", "residual"]
    fitted = np.array([row["fitted"] for row in table]).reshape(SURFACE.shape)
    np.testing.assert_allclose(fitted, SURFACE + np.outer(X, Y), atol=1e-5)  # of rank two, and so the gaps are known
    assert [k for k, row in enumerate(table) if np.isnan(row["observed"])] == [3, 70, 140]
    assert tfem.load(tmp_path / "d-fit.npz")(X[4], Y[5]) == pytest.approx(fitted[4, 5], abs=1e-9)
    facts = json.loads(run("fit", path, "--rank", "1", "--force", "--json")[1])
    assert (facts["rank"], len(facts["weights"])) == (1, 1)
    assert facts["relative_error"] > 0.01


def test_one_axis_three_axes_and_a_folder(run, tmp_path):
    (tmp_path / "out").mkdir()
    line = save(tmp_path / "line.csv", np.column_stack([X, np.sin(X)]), "t,v")
    assert run("fit", line, "-o", tmp_path / "out", "--quiet") == (exits.DONE, "", "")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["line-fit.csv", "line-fit.npz", "line-fit.png"]
    np.savez(tmp_path / "box.npz", a=X, b=Y, c=X[:5], v=NOISY[:, :, None] * X[:5])
    code, out, _ = run("fit", tmp_path / "box.npz", "--cells", "3")
    assert code == exits.DONE
    assert "720 values of v on a grid of 16 x 9 x 5 points along a, b, c" in out


def test_columns_that_are_not_used_may_hold_anything(run, tmp_path):
    lines = ["station;x;v", *(f"site {k};{k};{k % 3}" for k in range(8))]
    (tmp_path / "d.csv").write_text("\ufeff" + "\r\n".join([*lines, "", ""]), encoding="utf-8")
    code, out, err = run("fit", tmp_path / "d.csv", "--x", "x")
    assert (code, err) == (exits.DONE, "")
    assert "8 values of v" in out


BAD_TEXTS = {
    "": "d.csv: the file is empty; its first line must name the columns",
    "\n \n": "d.csv: the file is empty",
    "0,1\n1,2\n2,3\n3,4\n4,5\n": "d.csv:1: the first line holds numbers; it must name the columns",
    "x,,v\n1,2,3\n": "d.csv:1:2: this column has no name",
    "x,x\n1,2\n": 'd.csv:1:2: this column has the name "x", as an earlier one',
    "x,v\n1,2\n2,3\n3,4\n": "d.csv: got 3 rows of data; at least 4 are needed",
    "x,v\n1,2\n\n2,3\n3\n4,5\n": "d.csv:5: got 1 columns; the first line names 2: x, v",
    "x,v\n1,2\n2,abc\n3,4\n4,5\n": "d.csv:3:2: v: got 'abc'; allowed is a finite number",
    "x,v\n1,2\n2,3\nnan,4\n4,5\n": "d.csv:4:1: x: got 'nan'; allowed is a finite number",
    "x,v\n1,2\n2,\n3,4\n4,5\n": "d.csv:3:2: v: got ''; allowed is a finite number; leave out the rows",
    "x,v\n1,1_0\n2,1\n3,4\n4,5\n": "d.csv:2:2: v: got '1_0'",
    'x,v\n1,2\n"2,3\n3,4\n4,5\n': "this is no CSV",
    "v\n1\n2\n3\n4\n": "d.csv: there is no coordinate beside the values v",
    "x,y,v\n1,0,2\n2,0,3\n3,0,4\n4,0,5\n": "d.csv: y is 0 in every row; leave this column out by naming the others: --x",
}


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_bad_csv_files(run, tmp_path, text):
    path = tmp_path / "d.csv"
    path.write_text(text)
    code, out, err = run("fit", path)
    assert (code, out) == (exits.USAGE, "")
    assert err.startswith(f"tensorfem: {tmp_path}/d.csv")
    assert BAD_TEXTS[text] in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]


def test_bytes_that_are_no_text(run, tmp_path):
    (tmp_path / "d.csv").write_bytes(b"x,v\n1,2\n\xff,3\n")
    code, _, err = run("fit", tmp_path / "d.csv")
    assert code == exits.USAGE
    assert "d.csv:3: byte 8 is not UTF-8" in err


BAD_ARRAYS = [
    ({}, "there is no array in it"),
    ({"x": X, "T": np.array(["a"] * 16)}, "T has <U1 data of shape (16,); allowed are arrays of real numbers"),
    ({"x": X, "T": np.array([None] * 16)}, "this is no archive of arrays as numpy.savez writes it"),
    ({"x": X, "y": Y, "T": NOISY.T}, "got x (16,), y (9,) and T (9, 16); allowed are axes"),
    ({"x": np.where(X > 2, np.nan, X), "y": Y, "T": NOISY}, "x must have at least two points, all finite and different"),
    ({"x": X, "y": np.floor(Y / 2), "T": NOISY}, "y must have at least two points, all finite and different"),
    ({"x": X, "y": Y, "T": np.full(NOISY.shape, np.nan)}, "T must have at least 4 finite values; NaN stands for"),
    ({"x": X, "T": np.where(np.arange(16) == 3, np.inf, X)}, "row 3 is not finite"),
    ({"x": X[:3], "T": X[:3]}, "got 3 rows of data; at least 4 are needed"),
]


@pytest.mark.parametrize(("arrays", "message"), BAD_ARRAYS)
def test_bad_npz_files(run, tmp_path, arrays, message):
    np.savez(tmp_path / "d.npz", **arrays)
    code, out, err = run("fit", tmp_path / "d.npz")
    assert (code, out) == (exits.USAGE, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"\x93NUMPY\x01\x00", b"x,y\n1,2\n"])
def test_files_that_are_no_npz(run, tmp_path, content):
    (tmp_path / "d.npz").write_bytes(content)
    code, _, err = run("fit", tmp_path / "d.npz")
    assert code == exits.USAGE
    assert "d.npz: this is no archive of arrays as numpy.savez writes it" in err


def test_a_bare_array_is_no_npz(run, tmp_path):
    with (tmp_path / "d.npz").open("wb") as file:
        np.save(file, NOISY)
    assert "this is no archive of arrays" in run("fit", tmp_path / "d.npz")[2]


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (["--y", "TT"], 'd.csv: there is no column "TT"; did you mean "T"? The columns are x, y, T'),
        (["--x", "x,q"], 'd.csv: there is no column "q"; the columns are x, y, T'),
        (["--x", "x,T", "--y", "T"], "d.csv: a column is named twice among x, T, T"),
        (["--x", "x,y,T"], "d.csv: no column is left for the values; name it by --y"),
        (["--weight", "T", "--y", "T"], "d.csv: a column is named twice"),
        (["--cells", "0"], "--cells: got '0'; allowed are integers >= 1 with commas between them"),
        (["--cells", "3,b"], "--cells: got '3,b'"),
        (["--penalty", "-1"], "--penalty"),
        (["--smoothing", "best"], "--smoothing: got 'best'; allowed are gcv, reml, or numbers >= 0"),
        (["--smoothing", "1,-2"], "--smoothing: got '1,-2'"),
        (["--x", "x,,y"], "--x: got 'x,,y'; allowed are names"),
        (["--cells", "3,4,5"], "bases: got 3; the data have 2 axes"),
        (["--rank", "0"], "--rank: got '0'; allowed are integers >= 1"),
        (["--rank", "1,2"], "--rank: got '1,2'; allowed is one integer >= 1"),
        (["--rank", "2", "--cells", "3"], "--rank: a sum of products has no --cells; leave one of both out"),
        (["--rank", "2", "--robust"], "--rank: a sum of products has no --robust"),
        (["--family", "gamma"], "invalid choice: 'gamma'"),
        (["--rank", "10"], "rank: got 10"),
        (["--rank", "2", "--x", "T,x", "--y", "y"], "a sum of products needs a grid, gaps allowed"),
        (["-o", "nowhere"], "--output: there is no folder nowhere; make it first"),
    ],
)
def test_bad_wishes(run, tmp_path, wishes, message):
    code, _, err = run("fit", save(tmp_path / "d.csv", rows()), *wishes)
    assert code == exits.USAGE
    assert message in err
    assert len(list(tmp_path.iterdir())) == 1


def test_bad_weights(run, tmp_path):
    table = np.column_stack([rows(), np.where(np.arange(144) == 7, -1.0, 1.0)])
    _, _, err = run("fit", save(tmp_path / "d.csv", table, "x,y,T,w"), "--weight", "w")
    assert "d.csv:9:4: w: got -1; allowed are weights >= 0" in err
    np.savez(tmp_path / "d.npz", x=X, y=Y, T=NOISY, w=NOISY)
    assert "w has negative or infinite entries" in run("fit", tmp_path / "d.npz", "--weight", "w", "--y", "T")[2]
    np.savez(tmp_path / "d.npz", x=X, y=Y, T=NOISY, w=X)
    assert "w has shape (16,); allowed is that of the values, (16, 9)" in run("fit", tmp_path / "d.npz", "--weight", "w", "--y", "T")[2]


def test_files_that_are_not_there_and_other_endings(run, tmp_path):
    for name, message in (("d.csv", "there is no file"), ("d.txt", "a file ending in '.txt'; allowed are .csv and .npz")):
        code, _, err = run("fit", tmp_path / name)
        assert code == exits.USAGE
        assert message in err


def test_files_are_replaced_on_request_only(run, tmp_path):
    path = save(tmp_path / "d.csv", rows())
    (tmp_path / "d-fit.png").write_text("mine")
    code, _, err = run("fit", path)
    assert (code, (tmp_path / "d-fit.png").read_text()) == (exits.USAGE, "mine")
    assert "d-fit.png exists; pass --force to replace it" in err
    assert not (tmp_path / "d-fit.csv").exists()
    assert run("fit", path, "--force")[0] == exits.DONE
    assert (tmp_path / "d-fit.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "d-fit.npz").unlink()
    (tmp_path / "d-fit.npz").mkdir()
    assert "is a directory; name another folder by --output" in run("fit", path, "--force")[2]
