"""The files of `tensorfem fit`: what of the input is used, what is written when, and that nothing else is touched."""

import json
import os

import numpy as np
import pytest

from tensorfem.cli import exits
from tensorfem.regression import SeparableRegressor
from tests.cli.surface_files import NOISY, SURFACE, X, Y, rows, save, written


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_columns_that_are_not_used_may_hold_anything(run, tmp_path):
    lines = ["station;lat;x;v", *(f"site {k};;{k};{k % 3}" for k in range(8))]
    (tmp_path / "d.csv").write_text("\ufeff" + "\r\n".join([*lines, "", ""]), encoding="utf-8")
    code, out, err = run("fit", tmp_path / "d.csv", "--x", "x")
    assert (code, err) == (exits.DONE, "")
    assert "8 values of v" in out
    assert "not used: station, lat\n" in out
    assert json.loads(run("fit", tmp_path / "d.csv", "--x", "x", "--force", "--json")[1])["data"]["not_used"] == ["station", "lat"]


def test_arrays_that_are_not_used(run, tmp_path):
    np.savez(tmp_path / "d.npz", x=X, y=Y, lat=np.arange(3), T=NOISY)
    code, out, _ = run("fit", tmp_path / "d.npz", "--x", "x,y")
    assert code == exits.DONE
    assert "not used: lat\n" in out


def test_nothing_to_note(run, tmp_path):
    _, out, _ = run("fit", save(tmp_path / "d.csv", rows()))
    assert not any(note in out for note in ("not used", "not observed", "no field"))


@pytest.mark.parametrize(("old", "new"), [("d.csv", "d.CSV"), ("d.npz", "d.Npz")])
def test_endings_in_any_case(run, tmp_path, old, new):
    save(tmp_path / "d.csv", rows())
    np.savez(tmp_path / "d.npz", x=X, y=Y, T=NOISY)
    (tmp_path / old).rename(tmp_path / new)
    code, out, _ = run("fit", tmp_path / new)
    assert code == exits.DONE
    assert "144 values of T on a grid" in out


def test_counts_have_no_field(run, tmp_path):
    counts = np.random.default_rng(12).poisson(np.exp(2 + SURFACE))
    path = save(tmp_path / "d.csv", rows(counts))
    (tmp_path / "d-fit.npz").write_text("mine")
    code, out, _ = run("fit", path, "--family", "poisson", "--cells", "3")  # an old field is not in its way
    assert code == exits.DONE
    note = next(line for line in out.splitlines() if line.startswith("no field written: "))
    assert "the fitted mean of counts is the exponential of splines" in note
    assert note.endswith(f"{tmp_path}/d-fit.npz is of an earlier fit")
    assert out.count("wrote ") == 2
    assert (tmp_path / "d-fit.npz").read_text() == "mine"
    facts = json.loads(run("fit", path, "--family", "poisson", "--cells", "3", "--force", "--json")[1])
    assert "counts" in facts["no_field"]
    assert len(facts["files"]) == 2


def test_shares_have_no_field(run, tmp_path):
    table = np.column_stack([rows((np.arange(144) % 5) / 4), np.full(144, 4.0)])
    code, out, _ = run("fit", save(tmp_path / "d.csv", table, "x,y,p,n"), "--family", "binomial", "--weight", "n", "--cells", "2")
    assert code == exits.DONE
    assert "no field written: the fitted mean of shares is the logistic function of splines, and a field is splines alone\n" in out
    assert list(written(tmp_path / "d-fit.csv")[0]) == ["x", "y", "observed", "fitted", "lower", "upper", "residual"]
    assert json.loads(run("fit", tmp_path / "d.csv", "--x", "x,y", "--y", "p", "--force", "--json")[1])["no_field"] is None


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


@pytest.mark.parametrize("wishes", [["--y", "TT"], ["--x", "x,q"], ["--weight", "w"]])
def test_names_are_looked_at_before_outputs(run, tmp_path, wishes):
    path = save(tmp_path / "d.csv", rows())
    (tmp_path / "d-fit.csv").write_text("mine")
    code, _, err = run("fit", path, *wishes)
    assert code == exits.USAGE
    assert "d.csv: there is no column" in err


@pytest.mark.parametrize("wishes", [["--y", "TT"], ["--cells", "3,4,5"], ["--family", "poisson"], ["--rank", "10"]])
def test_no_folder_is_made_for_a_fit_that_fails(run, tmp_path, wishes):
    path = save(tmp_path / "d.csv", rows())
    assert run("fit", path, "-o", tmp_path / "new" / "deep", *wishes)[0] == exits.USAGE
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made(run, tmp_path, monkeypatch):
    path = save(tmp_path / "d.csv", rows())
    for folder in (path, path / "deep" / "er"):
        code, _, err = run("fit", path, "-o", folder)
        assert code == exits.USAGE
        assert f"--output: {path} is a file, no folder; name another folder" in err
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    assert f"--output: the folder {tmp_path} may not be written; allow it, or name another" in run("fit", path, "-o", tmp_path / "new")[2]
    assert list(tmp_path.iterdir()) == [path]


def test_a_picture_that_fails_leaves_the_files_alone(run, tmp_path, monkeypatch):
    path = save(tmp_path / "d.csv", rows())
    assert run("fit", path)[0] == exits.DONE
    before = contents(tmp_path)

    def fail(*_, **__):
        raise ValueError("plot: no picture today")

    monkeypatch.setattr(SeparableRegressor, "plot", fail)
    code, _, err = run("fit", path, "--force", "--smoothing", "1")
    assert (code, err) == (exits.USAGE, "tensorfem: plot: no picture today\n")
    assert contents(tmp_path) == before
    assert run("fit", path, "-o", tmp_path / "new")[0] == exits.USAGE
    assert contents(tmp_path) == before


def test_a_file_that_appears_meanwhile_is_kept(run, tmp_path, monkeypatch):
    path, plot = save(tmp_path / "d.csv", rows()), SeparableRegressor.plot

    def plot_slowly(*arguments, **options):
        (tmp_path / "d-fit.png").write_text("mine")
        return plot(*arguments, **options)

    monkeypatch.setattr(SeparableRegressor, "plot", plot_slowly)
    code, _, err = run("fit", path)
    assert code == exits.USAGE
    assert "d-fit.png' exists" in err
    assert (tmp_path / "d-fit.png").read_text() == "mine"


def test_the_help_tells_columns_and_files(run):
    code, out, _ = run("fit", "--help")
    assert code == exits.DONE
    names = ("observed", "fitted", "standard_error", "lower, upper", "residual", "DATA-fit.csv", "DATA-fit.png", "DATA-fit.npz")
    assert all(f"  {name} " in out for name in names)
    assert "not for counts and shares (--family poisson, binomial)" in out
    assert "A value may be empty or nan: it was not observed." in out
