"""A saved field comes back as it was: the same space, every bit of its coefficients, its report."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tensorfem as tfem
from tensorfem.axis import Basis
from tensorfem.export import read_npz, write_npz
from tensorfem.storage import FORMAT, plain

GRADED = tfem.Lagrange(tfem.graded(0, 1, 4, 1e6, toward="right"), 3)
SPLINE = tfem.BSpline(tfem.interval(-1, 1.5, 5), 4, continuity=1)
PERIODIC = tfem.BSpline(tfem.Mesh([0.0, 0.3, 0.4, 2.0], periodic=True), 2)
LINE = tfem.Lagrange(tfem.interval(0, 1e-3, 2, periodic=True), 1)
SPACES = [tfem.Space(*bases) for bases in ([PERIODIC], [GRADED, SPLINE], [SPLINE, GRADED, LINE], [GRADED, PERIODIC, LINE, SPLINE, LINE])]


def field(space):
    generator = np.random.default_rng()
    return tfem.Field(space, generator.standard_normal(space.shape))


@pytest.mark.parametrize("space", SPACES, ids=lambda space: f"{space.dimension} axes")
def test_there_and_back(space, tmp_path):
    u = field(space)
    u.save(tmp_path / "u.npz")
    v = tfem.load(tmp_path / "u.npz")
    assert np.array_equal(v.coefficients, u.coefficients)
    assert np.array_equal(v.values, u.values)
    assert repr(v) == repr(u)
    for ours, theirs in zip(u.space.bases, v.space.bases, strict=True):
        assert type(ours) is type(theirs)
        assert np.array_equal(ours.mesh.nodes, theirs.mesh.nodes)
        assert np.array_equal(ours.nodes, theirs.nodes)
        assert vars(ours).get("continuity") == vars(theirs).get("continuity")
    points = [np.random.default_rng().uniform(*bounds, 20) for bounds in space.bounds]
    assert np.array_equal(v(*points), u(*points))
    assert v.report is None
    v.save(tmp_path / "v.npz")
    assert (tmp_path / "v.npz").read_bytes() == (tmp_path / "u.npz").read_bytes()


@settings(deadline=None, max_examples=30)
@given(arrays.arrays(np.float64, SPACES[0].shape, elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_every_bit(tmp_path_factory, coefficients):
    path = tmp_path_factory.getbasetemp() / "bits.npz"
    tfem.Field(SPACES[0], coefficients).save(path)
    assert tfem.load(path).coefficients.tobytes() == coefficients.tobytes()


class TestReport:
    @pytest.fixture
    def solved(self, tmp_path):
        u = tfem.Poisson(tfem.box(x=(0, 1), y=(0, 2), cells=(5, 4)), source=1.0, boundary=0.0).solve()
        u.save(tmp_path / "u.npz")
        return u, tmp_path / "u.npz"

    def test_there_and_back(self, solved):
        u, path = solved
        assert tfem.load(path).report == u.report

    def test_of_another_version_is_left_out(self, solved):
        u, path = solved
        for change in ({"more": 1}, {"shape": 3}, {"seconds": "fast"}, {"residual": None}):
            header, contents = read_npz(path, FORMAT)
            write_npz(path, FORMAT, header | {"report": header["report"] | change}, contents)
            v = tfem.load(path)
            assert v.report is None
            assert np.array_equal(v.values, u.values)
            u.save(path)

    def test_with_numbers_of_numpy(self, solved):
        u, path = solved
        u.report = dataclasses.replace(u.report, residual=np.float64(0.5), iterations=np.int64(3), converged=np.True_)
        u.save(path)
        assert tfem.load(path).report == u.report

    def test_is_made_plain(self):
        given = {"a": (1, [2.5, None]), 3: {"b": np.float32(0.5)}, "c": tfem.Direct}
        assert json.loads(json.dumps(plain(given))) == {"a": [1, [2.5, None]], "3": {"b": 0.5}, "c": str(tfem.Direct)}


AXIS = {"basis": "lagrange", "degree": 2, "periodic": False}
NODES, VALUES = np.array([0.0, 1.0, 3.0]), np.arange(5.0)
WRONG = {
    "no axes": ({}, {}, r"axes: got None beside 2 arrays; allowed is a list"),
    "too few axes": ({"axes": []}, {}, "axes: got "),
    "too many axes": ({"axes": [AXIS, AXIS]}, {}, "axes: got "),
    "no description": ({"axes": [3]}, {}, "axes: got 3; allowed is a basis of 'lagrange', 'bspline'"),
    "unknown basis": ({"axes": [AXIS | {"basis": "wavelet"}]}, {}, "allowed is a basis of"),
    "basis of no name": ({"axes": [AXIS | {"basis": ["lagrange"]}]}, {}, "allowed is a basis of"),
    "no degree": ({"axes": [{"basis": "lagrange", "periodic": False}]}, {}, "axes: got .*'degree'"),
    "large degree": ({"axes": [AXIS | {"degree": 10**9}]}, {}, "degree: got 1000000000"),
    "true as degree": ({"axes": [AXIS | {"degree": True}]}, {}, "degree: got True"),
    "continuity of Lagrange elements": ({"axes": [AXIS | {"continuity": 0}]}, {}, "axes: got .*continuity"),
    "no period": ({"axes": [{"basis": "lagrange", "degree": 2}]}, {}, "allowed are the settings"),
    "period in words": ({"axes": [AXIS | {"periodic": "yes"}]}, {}, "allowed are the settings"),
    "more settings": ({"axes": [AXIS | {"more": 1}]}, {}, "allowed are the settings"),
    "no coefficients": ({"axes": [AXIS]}, {"coefficients": None, "others": VALUES}, "no array 'coefficients'"),
    "no nodes": ({"axes": [AXIS]}, {"nodes_0": None, "nodes_1": NODES}, "no array 'nodes_0'"),
    "other shape": ({"axes": [AXIS]}, {"coefficients": np.zeros(4)}, r"coefficients: got an array of shape \(4,\)"),
    "not finite": ({"axes": [AXIS]}, {"coefficients": VALUES * np.nan}, "coefficients: the value at node .* is nan"),
    "nodes that decrease": ({"axes": [AXIS]}, {"nodes_0": NODES[::-1]}, "nodes: node 1"),
    "nodes of two axes": ({"axes": [AXIS]}, {"nodes_0": NODES[None]}, "nodes: got an array of shape"),
}


@pytest.mark.parametrize(("header", "changes", "words"), WRONG.values(), ids=WRONG)
def test_what_is_no_field_is_refused(header, changes, words, tmp_path):
    contents = {"coefficients": VALUES, "nodes_0": NODES} | changes
    write_npz(tmp_path / "u.npz", FORMAT, header, {name: array for name, array in contents.items() if array is not None})
    with pytest.raises(ValueError, match=rf"^path: '.*/u.npz' holds no right field: .*{words}.*; write it anew$"):
        tfem.load(tmp_path / "u.npz")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*AXIS, "continuity"]) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)
SETTINGS = st.fixed_dictionaries({name: st.just(value) | JSON for name, value in AXIS.items()}, optional={"continuity": JSON})


@settings(deadline=None)
@given(axes=st.lists(SETTINGS, min_size=1, max_size=1) | JSON, report=JSON)
def test_any_header_is_a_field_or_refused(tmp_path_factory, axes, report):
    path = tmp_path_factory.getbasetemp() / "any.npz"
    write_npz(path, FORMAT, {"axes": axes, "report": report}, {"coefficients": VALUES, "nodes_0": NODES})
    try:
        u = tfem.load(path)
    except ValueError as caught:
        if not str(caught).startswith("path: "):
            raise
    else:
        assert np.array_equal(u.coefficients, VALUES)


def test_unknown_bases_are_refused(tmp_path):
    class Hats(tfem.Lagrange):
        pass

    assert issubclass(Hats, Basis)
    u = tfem.interpolate(tfem.Space(Hats(tfem.interval(0, 1, 2), 1)), 1.0)
    with pytest.raises(ValueError, match=r"space: files do not know the basis Hats.*; they know 'lagrange', 'bspline'"):
        u.save(tmp_path / "u.npz")
    assert not list(tmp_path.iterdir())


def test_overwriting_can_be_refused(tmp_path):
    u = field(SPACES[1])
    u.save(tmp_path / "u.npz")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        u.save(tmp_path / "u.npz", overwrite=False)
