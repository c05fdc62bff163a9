"""The explicit matrix: that of the tabulated functions at all Gauss points, entry by entry."""

import functools

import numpy as np
import scipy.sparse as sparse

from tensorfem.cells import assembly


def by_tables(operator):
    """The form as products of the matrices of all Gauss points."""

    def tabulation(derived):
        return functools.reduce(sparse.kron, [axis.slopes if k == derived else axis.values for k, axis in enumerate(operator.axes)])

    weights = functools.reduce(np.multiply.outer, [axis.weights.ravel() for axis in operator.axes])
    parts = [entry for (i, j), a in operator.components() for entry in {(i, j, id(a)): a, (j, i, id(a)): a}.items()]
    parts.append(((-1, -1, 0), operator.reaction))
    return sum(
        tabulation(i).T @ sparse.diags_array((weights * operator.at_points(a)).ravel()) @ tabulation(j) for (i, j, _), a in parts
    ).toarray()


def test_matrix_is_that_of_the_tables(operator, monkeypatch) -> None:
    """In several slabs, sorted, without repeated entries."""
    monkeypatch.setattr(assembly, "slabs", lambda rows, entries, most: [slice(i, min(i + 2, rows)) for i in range(0, rows, 2)])
    matrix, expected = operator.tosparse(), by_tables(operator)
    np.testing.assert_allclose(matrix.toarray(), expected, rtol=0, atol=1e-13 * np.abs(expected).max())
    assert matrix.has_canonical_format
    assert matrix.nnz == operator.entries
