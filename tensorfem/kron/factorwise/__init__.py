"""What a Kronecker product gets from its factors, one by one: inverses, invariants, decompositions.

Each name is imported at first use: no solver needs them, and `import tensorfem` would wait.
"""

from typing import TYPE_CHECKING

from tensorfem.late import late

if TYPE_CHECKING:
    from tensorfem.kron.factorwise.decompositions import cholesky, eig, eigenvalues, eigh, qr, singular_values, svd
    from tensorfem.kron.factorwise.invariants import LogDeterminant, cond, det, diagonal, logdet, norm, rank, slogdet
    from tensorfem.kron.factorwise.inverse import inverses, pseudoinverses, solve

__getattr__ = late(
    __name__,
    {
        "LogDeterminant": "invariants",
        "cholesky": "decompositions",
        "cond": "invariants",
        "det": "invariants",
        "diagonal": "invariants",
        "eig": "decompositions",
        "eigenvalues": "decompositions",
        "eigh": "decompositions",
        "inverses": "inverse",
        "logdet": "invariants",
        "norm": "invariants",
        "pseudoinverses": "inverse",
        "qr": "decompositions",
        "rank": "invariants",
        "singular_values": "decompositions",
        "slogdet": "invariants",
        "solve": "inverse",
        "svd": "decompositions",
    },
)

__all__ = [
    "LogDeterminant",
    "cholesky",
    "cond",
    "det",
    "diagonal",
    "eig",
    "eigenvalues",
    "eigh",
    "inverses",
    "logdet",
    "norm",
    "pseudoinverses",
    "qr",
    "rank",
    "singular_values",
    "slogdet",
    "solve",
    "svd",
]
