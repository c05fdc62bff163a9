"""What the packages export is there, whether imported early or late, and is no module that hides what it defines."""

import importlib
import types

import pytest

PACKAGES = ["tensorfem", "tensorfem.axis", "tensorfem.kron", "tensorfem.plotting", "tensorfem.study", "tensorfem.solvers"]


@pytest.mark.parametrize("package", PACKAGES)
def test_each_name_is_what_it_says(package: str) -> None:
    module = importlib.import_module(package)
    assert len(module.__all__) == len(set(module.__all__))
    for name in module.__all__:
        thing = getattr(module, name)
        assert not isinstance(thing, types.ModuleType), name
        if isinstance(thing, types.FunctionType | type):
            assert thing.__name__ == name


@pytest.mark.parametrize("package", PACKAGES)
def test_another_name_is_an_attribute_error(package: str) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = importlib.import_module(package).nothing
