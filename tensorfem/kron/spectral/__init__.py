"""What a Kronecker sum gets from its axes: eigenvalues, Schur forms, determinants, functions.

Each name is imported at first use: no solver needs them, and `import tensorfem` would wait.
"""

from typing import TYPE_CHECKING

from tensorfem.late import late

if TYPE_CHECKING:
    from tensorfem.kron.spectral.axis_modes import Modes, modes
    from tensorfem.kron.spectral.determinant import sum_slogdet
    from tensorfem.kron.spectral.eigenvalues import all_sums, smallest_sums
    from tensorfem.kron.spectral.functions import Function, along_axes, apply_function, axis_exponential, check_condition, function_diagonal
    from tensorfem.kron.spectral.resonance import describe, spectral_resonance
    from tensorfem.kron.spectral.schur import SchurSum

__getattr__ = late(
    __name__,
    {
        "Function": "functions",
        "Modes": "axis_modes",
        "SchurSum": "schur",
        "all_sums": "eigenvalues",
        "along_axes": "functions",
        "apply_function": "functions",
        "axis_exponential": "functions",
        "check_condition": "functions",
        "describe": "resonance",
        "function_diagonal": "functions",
        "modes": "axis_modes",
        "smallest_sums": "eigenvalues",
        "spectral_resonance": "resonance",
        "sum_slogdet": "determinant",
    },
)

__all__ = [
    "Function",
    "Modes",
    "SchurSum",
    "all_sums",
    "along_axes",
    "apply_function",
    "axis_exponential",
    "check_condition",
    "describe",
    "function_diagonal",
    "modes",
    "smallest_sums",
    "spectral_resonance",
    "sum_slogdet",
]
