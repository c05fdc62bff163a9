"""Sequences of fields in time."""

from xml.etree import ElementTree

import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOXML import vtkXMLRectilinearGridReader

import tensorfem as tfem
from tensorfem.export import write_collection

SPACE = tfem.box(x=(0, 1), y=(0, 2), cells=(3, 2))


def fields(count):
    return (tfem.interpolate(SPACE, float(k)) for k in range(count))


def entries(path):
    return [(float(entry.get("timestep")), entry.get("file")) for entry in ElementTree.parse(path).iter("DataSet")]


def test_every_time_has_its_field(tmp_path):
    times = [0.1 * k - 0.2 for k in range(11)]
    tfem.write_pvd(tmp_path / "heat.pvd", fields(11), times, name="T", gradient="cells")
    found = entries(tmp_path / "heat.pvd")
    assert [time for time, _ in found] == times
    assert [file for _, file in found] == [f"heat_{k:02}.vtr" for k in range(11)]
    for k, (_, file) in enumerate(found):
        reader = vtkXMLRectilinearGridReader()
        reader.SetFileName(str(tmp_path / file))
        reader.Update()
        assert set(vtk_to_numpy(reader.GetOutput().GetPointData().GetArray("T"))) == {float(k)}
        assert reader.GetOutput().GetCellData().HasArray("grad_T")


def test_files_are_named_from_the_folder_of_the_collection(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_collection("a.pvd", ["steps/u<0>.vtr", tmp_path / "b.vtr", tmp_path.parent / "c.vtr"], [0, 1, 2])
    assert [file for _, file in entries("a.pvd")] == ["steps/u<0>.vtr", "b.vtr", "../c.vtr"]


@pytest.mark.parametrize("count", [0, 2, 4])
def test_as_many_fields_as_times(count, tmp_path):
    with pytest.raises(ValueError, match=f"fields: (got {count} for|there are more than the) 3 times; one for each is needed"):
        tfem.write_pvd(tmp_path / "heat.pvd", fields(count), [0, 1, 2])
    assert not (tmp_path / "heat.pvd").exists()
    with pytest.raises(ValueError, match=f"files: got {count} for 3 times; one for each is needed"):
        write_collection(tmp_path / "heat.pvd", ["u.vtr"] * count, [0, 1, 2])


@pytest.mark.parametrize(
    ("times", "words"),
    [([0, 1, 1], "must increase, but 1.0 comes before 1.0 at entry 1"), ([], "at least 1"), ([0, float("nan")], "entry 1")],
)
def test_times_increase(times, words, tmp_path):
    with pytest.raises(ValueError, match=f"times: .*{words}"):
        tfem.write_pvd(tmp_path / "heat.pvd", fields(len(times)), times)
    assert not list(tmp_path.iterdir())


def test_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match=r"does not end in '.pvd'"):
        tfem.write_pvd(tmp_path / "heat.vtr", fields(1), [0])
    (tmp_path / "heat.pvd").touch()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        tfem.write_pvd(tmp_path / "heat.pvd", fields(1), [0], overwrite=False)
    assert [file.name for file in tmp_path.iterdir()] == ["heat.pvd"]
