"""Data files and wishes that `tensorfem fit` cannot use: one line that says where and why, and no file."""

import numpy as np
import pytest

from tensorfem.cli import exits
from tests.cli.surface_files import NOISY, X, Y, rows, save

POINT = "write a decimal point and no other separator in a number, as in"
BAD_TEXTS = {
    "": "d.csv: the file is empty; its first line must name the columns",
    "\n \n": "d.csv: the file is empty",
    "0,1\n1,2\n2,3\n3,4\n4,5\n": "d.csv:1: the first line holds numbers; it must name the columns",
    "x,,v\n1,2,3\n": "d.csv:1:2: this column has no name; give it one, or leave out the separator before it",
    "x,x\n1,2\n": 'd.csv:1:2: this column has the name "x", as an earlier one',
    "x,v\n1,2\n2,3\n3,4\n": "d.csv: got 3 rows of data; at least 4 with a value are needed",
    "x,v\n": "d.csv: got 0 rows of data; at least 4",
    "x,v\n1,2\n2,\n3,nan\n4,5\n5,6\n": "d.csv: got 5 rows of data, 2 of them without a value; at least 4 with a value are needed",
    "x,v\n1,2\n\n2,3\n3\n4,5\n": "d.csv:5: got 1 column; the first line names 2: x, v; give every row as many; an empty cell needs",
    "x,v\n1;2\n2;3\n3;4\n4;5\n": "d.csv:2: got 1 column; the first line names 2: x, v; this line has semicolons where the first has commas",
    "x,v\n1,5,2,7\n": "d.csv:2: got 4 columns; the first line names 2: x, v; if these are decimal commas, write decimal points: 3.14",
    "x v\n1,2\n": "d.csv:2: got 2 columns; the first line names 1: x v; the first line must name every column, with the same separator",
    "x v\n1 2\n2 3\n": "d.csv:2:1: x v: got '1 2'; allowed is a finite number (as has 1 more cell of this column); these are several",
    "x;v\n1;2\n2;3,14\n": f"d.csv:3:2: v: got '3,14'; allowed is a finite number; {POINT} 3.14",
    'x,v\n1,2\n"-2,5e3",3\n': f"d.csv:3:1: x: got '-2,5e3'; allowed is a finite number; {POINT} -2.5e3",
    'x,v\n1,2\n2,"1,234.5"\n': f"d.csv:3:2: v: got '1,234.5'; allowed is a finite number; {POINT} 1234.5",
    "x,v\n1,2\n2,abc\n3,4\n4,5\n": "d.csv:3:2: v: got 'abc'; allowed is a finite number; leave a cell empty where nothing was",
    "x,v\n1,2\n2,abc\n": "d.csv:3:2: v: got 'abc'",  # before rows are counted
    "x,y,v\n1,0,2\n2,0,\n3,0,NA\n4,0,5\n": "d.csv:4:3: v: got 'NA'",  # before the layout is looked at
    "x,v\n1,2\n2,inf\n3,4\n4,-1e999\n": "d.csv:3:2: v: got 'inf'; allowed is a finite number (as has 1 more cell of this column); l",
    "x,v\n1,2\n2,3\nnan,4\n4,5\n": "d.csv:4:1: x: got 'nan'; allowed is a finite number; give every row a number, or name the columns",
    "x,v\n1,2\n2,3\n,4\n4,5\n": "d.csv:4:1: x: got an empty cell; allowed is a finite number; give every row a number",
    "x,v\n1,1_0\n2,1\n3,4\n4,5\n": "d.csv:2:2: v: got '1_0'",
    'x,v\n1,2\n"2,3\n3,4\n4,5\n': "this is no CSV",
    "v\n1\n2\n3\n4\n": "d.csv: there is no coordinate beside the values v",
    "x,y,v\n1,0,2\n2,0,3\n3,0,4\n4,0,5\n": "d.csv: y is 0 in every row; leave this column out by naming the others: --x",
    "x,y,v\n1,0,2\n2,0,3\n3,0,4\n4,0,5\n5,1,\n": "d.csv: y is 0 in every row with a value; leave this column out",
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
    ({"x": X, "T": np.where(np.arange(16) == 3, np.inf, X)}, "row 3 has the value inf; allowed are finite numbers; a value may be NaN"),
    ({"x": np.where(X > 2, np.nan, X), "T": X}, "row 11 has the coordinate nan; allowed are finite numbers"),
    ({"x": X, "T": np.where(np.arange(16) < 3, X, np.nan)}, "got 16 rows of data, 13 of them without a value; at least 4 with a value"),
    ({"x": X[:3], "T": X[:3]}, "got 3 rows of data; at least 4 with a value are needed"),
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
        (["--degree", "0"], "--degree: got '0'; allowed are integers >= 1"),
        (["--degree", "3,6"], "--degree: got '3,6'; allowed are integers from 1 to 5 with commas between them"),
        (["--degree", "3,2,1"], "tensorfem: --degree: got 3 values; the data have 2 axes"),
        (["--rank", "2", "--degree", "3"], "--rank: a sum of products has no --degree"),
        (["--smoothing", "best"], "--smoothing: got 'best'; allowed are gcv, reml, or numbers >= 0"),
        (["--smoothing", "1,-2"], "--smoothing: got '1,-2'"),
        (["--x", "x,,y"], "--x: got 'x,,y'; allowed are names"),
        (["--cells", "3,4,5"], "tensorfem: --cells: got 3; the data have 2 axes"),
        (["--cells", "40", "--smoothing", "0"], "--smoothing: got 0, but 144 observations do not fix 1849 coefficients; smooth ("),
        (["--cells", "40", "--smoothing", "0"], "or numbers > 0), or use fewer --cells\n"),
        (["--x", "x", "--y", "y", "--family", "binomial"], "d.csv: y: for the family 'binomial', the share 2.5 is no number from 0 to 1"),
        (["--x", "x", "--y", "y", "--family", "binomial"], "and trials as --weight\n"),
        (["--rank", "0"], "--rank: got '0'; allowed are integers >= 1"),
        (["--rank", "1,2"], "--rank: got '1,2'; allowed is one integer >= 1"),
        (["--rank", "2", "--cells", "3"], "--rank: a sum of products has no --cells; leave one of both out"),
        (["--rank", "2", "--robust"], "--rank: a sum of products has no --robust"),
        (["--family", "gamma"], "invalid choice: 'gamma'"),
        (["--rank", "10"], "tensorfem: --rank: got 10"),
        (["--penalty", "1,2,3"], "tensorfem: --penalty: got 3 values; the data have 2 axes"),
        (["--penalty", "9,2"], "tensorfem: --penalty: got 9"),
        (["--family", "poisson"], "d.csv: T: for the family 'poisson', the count -"),
        (["--robust", "--family", "poisson"], "tensorfem: --robust: got True with the family 'poisson'"),
        (["--rank", "2", "--x", "T,x", "--y", "y"], "a sum of products needs a grid, gaps allowed"),
    ],
)
def test_bad_wishes(run, tmp_path, wishes, message):
    code, _, err = run("fit", save(tmp_path / "d.csv", rows()), *wishes)
    assert code == exits.USAGE
    assert message in err
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("-1", "d.csv:9:4: w: got -1; allowed are weights >= 0"),
        ("", "d.csv:9:4: w: got no weight beside a value; allowed are weights >= 0; a weight of 0 leaves a value out"),
        ("much", "d.csv:9:4: w: got 'much'; allowed is a finite number; a weight of 0"),
    ],
)
def test_bad_weights_in_a_table(run, tmp_path, cell, message):
    lines = [f"{x},{y},{T},{cell if k == 7 else 1}" for k, (x, y, T) in enumerate(rows())]
    (tmp_path / "d.csv").write_text("\n".join(["x,y,T,w", *lines]))
    code, _, err = run("fit", tmp_path / "d.csv", "--weight", "w")
    assert code == exits.USAGE
    assert message in err


def test_bad_weights_in_an_archive(run, tmp_path):
    for weights, message in (
        (NOISY, "w has entries that are negative or not finite; allowed are weights >= 0"),
        (np.where(NOISY > 0, np.nan, 1.0), "w has entries that are negative or not finite"),
        (X, "w has shape (16,); allowed is that of the values, (16, 9)"),
    ):
        np.savez(tmp_path / "d.npz", x=X, y=Y, T=NOISY, w=weights)
        code, _, err = run("fit", tmp_path / "d.npz", "--weight", "w", "--y", "T")
        assert code == exits.USAGE
        assert message in err


def test_files_that_are_not_there_and_other_endings(run, tmp_path):
    for name, message in (("d.csv", "there is no file"), ("d.txt", "a file ending in '.txt'; allowed are .csv and .npz")):
        code, _, err = run("fit", tmp_path / name)
        assert code == exits.USAGE
        assert message in err
    (tmp_path / "d.csv").mkdir()
    assert "d.csv: this is a folder; name a file in it that ends in .csv or .npz" in run("fit", tmp_path / "d.csv")[2]
