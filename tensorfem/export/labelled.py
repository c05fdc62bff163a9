"""Labelled arrays: values with the names and coordinates of their axes, for xarray, and through it netCDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from xarray import DataArray

INTEGERS = range(-(2**31), 2**31)  # what netCDF 3 knows, which is what SciPy writes


def labelled(
    values: ArrayLike, coordinates: Sequence[ArrayLike], names: Sequence[str], *, name: str, attributes: Mapping[str, Any] | None = None
) -> DataArray:
    """A copy of samples on a rectilinear grid as an `xarray.DataArray`.

    Parameters
    ----------
    values : (n1, ..., nd) array_like
    coordinates : d arrays of lengths n1, ..., nd
    names : d names of the axes
    name : str
        The name of the array, that of the variable in a netCDF file.
    attributes : mapping, optional
        Facts of any kind. They are made such that ``.to_netcdf(path, engine="scipy")`` can write them: mappings are flattened with "_"
        between the keys, truth is 1 or 0, integers beyond 32 bits become floats, None is left out, anything else becomes its text.

    Returns
    -------
    xarray.DataArray

    Raises
    ------
    ValueError
        If the number of axes, coordinates and names differ, or a coordinate array is of another length than its axis.
    ModuleNotFoundError
        Without xarray.

    Examples
    --------
    >>> values, facts = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], {"seconds": {"solve": 0.5}}
    >>> data = labelled(values, ([0, 1], [0, 1, 2]), ("x", "y"), name="u", attributes=facts)
    >>> float(data.sel(x=1, y=2)), data.attrs
    (6.0, {'seconds_solve': 0.5})
    """
    try:
        import xarray
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("labelled arrays need xarray; install it by: pip install 'tensorfem[xarray]'", name="xarray") from error
    array, axes = np.array(values), [np.array(axis) for axis in coordinates]
    if array.shape != tuple(axis.size for axis in axes) or len(names) != array.ndim:
        raise ValueError(
            f"values: shape {array.shape} with coordinates of lengths {tuple(axis.size for axis in axes)} and {len(names)} names; "
            "every axis of the values needs its coordinates and a name"
        )
    labels = [str(label) for label in names]
    attrs = dict(_plain(attributes or {}))
    return xarray.DataArray(array, coords=dict(zip(labels, axes, strict=True)), dims=labels, name=str(name), attrs=attrs)


def _plain(attributes: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Attributes as numbers, texts and arrays of numbers."""
    for key, value in attributes.items():
        if isinstance(value, Mapping):
            yield from _plain(value, f"{before}{key}_")
        elif value is not None:
            yield f"{before}{key}", _plain_value(value)


def _plain_value(value: Any) -> Any:
    array = np.asarray(value)
    if array.ndim > 1 or array.dtype.kind not in "biuf":
        return str(value)
    if array.dtype.kind != "f":
        exact = all(number in INTEGERS for number in array.ravel().tolist())
        array = array.astype(np.int32 if exact else np.float64)
    return array.item() if array.ndim == 0 else array.astype(np.float64) if array.dtype.kind == "f" else array
