"""What a Kronecker sum gets from its axes: eigenvalues, Schur forms, determinants, functions.

Each name is imported at first use: no solver needs them, and `import tensorfem` would wait.
"""

from typing import TYPE_CHECKING

from tensorfem.late import late

if TYPE_CHECKING:
    from tensorfem.kron.spectral.axis_modes import Modes, modes
    from tensorfem.kron.spectral.determinant import sum_slogdet
    from tensorfem.kron.spectral.eigenvalues import all_sums, smallest_sums
    from tensorfem.kron.spectral.eigenvectors import SumEigenpairs, smallest_eigenpairs
    from tensorfem.kron.spectral.functions import Function, apply_function, axis_exponential, function_diagonal, inverse_diagonal
    from tensorfem.kron.spectral.resonance import describe, require_regular, spectral_resonance
    from tensorfem.kron.spectral.schur import SchurSum

__getattr__ = late(
    __name__,
    {
        "Function": "functions",
        "Modes": "axis_modes",
        "SchurSum": "schur",
        "SumEigenpairs": "eigenvectors",
        "all_sums": "eigenvalues",
        "apply_function": "functions",
        "axis_exponential": "functions",
        "describe": "resonance",
        "function_diagonal": "functions",
        "inverse_diagonal": "functions",
        "modes": "axis_modes",
        "require_regular": "resonance",
        "smallest_eigenpairs": "eigenvectors",
        "smallest_sums": "eigenvalues",
        "spectral_resonance": "resonance",
        "sum_slogdet": "determinant",
    },
)

__all__ = [
    "Function",
    "Modes",
    "SchurSum",
    "SumEigenpairs",
    "all_sums",
    "apply_function",
    "axis_exponential",
    "describe",
    "function_diagonal",
    "inverse_diagonal",
    "modes",
    "require_regular",
    "smallest_eigenpairs",
    "smallest_sums",
    "spectral_resonance",
    "sum_slogdet",
]
