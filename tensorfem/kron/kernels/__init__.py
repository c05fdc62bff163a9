"""Compiled kernels: loops that NumPy cannot fuse, in machine code made at first use and kept on disk.

Every kernel has a NumPy or SciPy path beside it, which is the reference of the tests, and runs where numba is not installed and on
fields so small that loading numba would take longer than it saves. `import tensorfem` never imports numba.
"""

import functools
import importlib.util

from tensorfem.late import late

COMPILED_ENTRIES = 1 << 17  # of a field from which on kernels pay: below, NumPy takes a millisecond and loading numba half a second

__getattr__ = late(
    __name__,
    {
        **dict.fromkeys(("CHUNK", "LONGEST", "add_bands", "half_bandwidth", "narrow_sum"), "sum_apply"),
        "butterfly_lines": "reflection",
        "butterfly_rows": "reflection",
        "contract_lines": "contraction",
        "contract_rows": "contraction",
        "divide": "banded_solve",
        "scatter_rows": "contraction",
        "solve_banded": "banded_solve",
        "solve_tridiagonal": "banded_solve",
        "transform_lines": "transform",
        "wide_sum": "wide_apply",
    },
)


@functools.cache
def available() -> bool:
    """Whether numba is installed."""
    return importlib.util.find_spec("numba") is not None


def pays(entries: int) -> bool:
    """Whether work on a field of so many entries goes to the kernels."""
    return entries >= COMPILED_ENTRIES and available()
