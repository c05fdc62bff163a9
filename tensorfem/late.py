"""Names of a package that are imported at first use, as PEP 562 allows."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def late(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose names live in modules that are not imported with it.

    Parameters
    ----------
    package : str
        Its `__name__`.
    modules : mapping of str to str
        For each name the module, within the package, that defines it.

    Examples
    --------
    >>> late("collections", {"Mapping": "abc"})("Mapping")
    <class 'collections.abc.Mapping'>
    """

    def attribute(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{modules[name]}"), name)

    return attribute
