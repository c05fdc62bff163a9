"""The array libraries that the same tests run on: NumPy and the strict standard always, others where they are installed."""

import importlib.util
from dataclasses import dataclass
from typing import Any

import array_api_compat
import numpy as np
import pytest

from tensorfem.kron.portable.place import on_host


@dataclass(frozen=True)
class Library:
    """How arrays come to a library and back; `device` is where they live, if it is not the library's own choice."""

    name: str
    device: str | None = None

    @property
    def xp(self) -> Any:
        if self.name == "array-api-strict":
            return importlib.import_module("array_api_strict")
        return importlib.import_module({"jax": "jax.numpy"}.get(self.name, f"array_api_compat.{self.name}"))

    def array(self, host: Any, dtype: str | None = None) -> Any:
        host = np.array(host, dtype=dtype)
        return self.xp.asarray(host, dtype=getattr(self.xp, str(host.dtype)), device=self.device)

    def numpy(self, array: Any) -> np.ndarray:
        assert array_api_compat.array_namespace(array).__name__.rpartition(".")[2] == self.xp.__name__.rpartition(".")[2]
        return on_host(array, "array")

    def require(self) -> None:
        """Skip where the library or its device is not there."""
        module = self.name.replace("-", "_")
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{self.name} is not installed: make test-torch")
        if self.device and not importlib.import_module("torch").cuda.is_available():
            pytest.skip("torch finds no CUDA device")


@pytest.fixture(scope="session")
def _double_precision_in_jax() -> None:
    if importlib.util.find_spec("jax") is not None:
        importlib.import_module("jax").config.update("jax_enable_x64", True)


LIBRARIES = {name: Library(name) for name in ("numpy", "array-api-strict", "torch", "jax")} | {"torch-cuda": Library("torch", "cuda")}


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest, _double_precision_in_jax: None) -> Library:
    """Every library; a test of one names it by an indirect parameter."""
    library = LIBRARIES[request.param]
    library.require()
    return library


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5_120_677)
