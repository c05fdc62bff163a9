"""`tensorfem fit`: the report, the files, and how it ends."""

import json

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.cli import exits
from tensorfem.regression import SeparableRegressor
from tests.cli.surface_files import NOISY, SURFACE, X, Y, rows, save, written


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


def test_the_degree_arrives(run, tmp_path):
    path = save(tmp_path / "d.csv", rows())
    code, out, _ = run("fit", path, "--cells", "5,3", "--degree", "1,4", "--smoothing", "1e-3")
    assert code == exits.DONE
    assert "basis       BSpline(degree=1, 5 cells on [0, 3], 6 unknowns) along x" in out
    model = SeparableRegressor((5, 3), degree=(1, 4), smoothing=1e-3).fit((X, Y), NOISY)
    np.testing.assert_allclose([row["fitted"] for row in written(tmp_path / "d-fit.csv")], model.predict((X, Y)).ravel(), atol=1e-9)
    assert tfem.load(tmp_path / "d-fit.npz").coefficients.shape == (5 + 1, 3 + 4)
    facts = json.loads(run("fit", path, "--degree", "2", "--cells", "4", "--force", "--json")[1])
    assert facts["coefficients"] == (4 + 2) * (4 + 2)


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
    code, out, _ = run("fit", save(tmp_path / "wild.csv", rows(wild)), "--robust", "--cells", "4")
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


def test_one_axis_three_axes_and_a_new_folder(run, tmp_path):
    line = save(tmp_path / "line.csv", np.column_stack([X, np.sin(X)]), "t,v")
    assert run("fit", line, "-o", tmp_path / "new" / "out", "--quiet") == (exits.DONE, "", "")
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == ["line-fit.csv", "line-fit.npz", "line-fit.png"]
    np.savez(tmp_path / "box.npz", a=X, b=Y, c=X[:5], v=NOISY[:, :, None] * X[:5])
    code, out, _ = run("fit", tmp_path / "box.npz", "--cells", "3")
    assert code == exits.DONE
    assert "720 values of v on a grid of 16 x 9 x 5 points along a, b, c" in out
