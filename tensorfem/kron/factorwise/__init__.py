"""What a Kronecker product gets from its factors, one by one: inverses, invariants, decompositions.

Each name is imported at first use: no solver needs them, and `import tensorfem` would wait.
"""

from typing import TYPE_CHECKING

from tensorfem.late import late

if TYPE_CHECKING:
    from tensorfem.kron.factorwise.decompositions import cholesky, eig, eigenvalues, eigh, qr, singular_values, svd
    from tensorfem.kron.factorwise.invariants import cond, diagonal, norm, rank, slogdet
    from tensorfem.kron.factorwise.inverse import inverses, pseudoinverses, solve
    from tensorfem.kron.factorwise.smallest import smallest_products

__getattr__ = late(
    __name__,
    {
        "cholesky": "decompositions",
        "cond": "invariants",
        "diagonal": "invariants",
        "eig": "decompositions",
        "eigenvalues": "decompositions",
        "eigh": "decompositions",
        "inverses": "inverse",
        "norm": "invariants",
        "pseudoinverses": "inverse",
        "qr": "decompositions",
        "rank": "invariants",
        "singular_values": "decompositions",
        "slogdet": "invariants",
        "smallest_products": "smallest",
        "solve": "inverse",
        "svd": "decompositions",
    },
)

__all__ = [
    "cholesky",
    "cond",
    "diagonal",
    "eig",
    "eigenvalues",
    "eigh",
    "inverses",
    "norm",
    "pseudoinverses",
    "qr",
    "rank",
    "singular_values",
    "slogdet",
    "smallest_products",
    "solve",
    "svd",
]
