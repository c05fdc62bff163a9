"""Sweeps over a field in place: slabs of rows or blocks of columns, each worked on while it is in the cache."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tensorfem.kron.mode_product import Array
from tensorfem.kron.slabs import slabs
from tensorfem.kron.threads import in_threads

THREAD_ENTRIES = 1 << 16  # of a piece for one thread: half a megabyte fits the cache of one core
PRODUCT_ENTRIES = 1 << 19  # of a piece for matrix products, which is what they keep besides the field: at most
FEWEST_PRODUCT_ENTRIES = 1 << 17  # and at least, where that is more than a quarter of the field
COLUMNS = 16  # a block of columns has a multiple of these: whole cache lines

Piece = tuple[slice, slice, slice]  # of the batch, of the rows, of the columns
Transform = Callable[
    [Array, int, Array, bool], None
]  # of an array, along an axis, into another array, whether the first may be overwritten


class Sweep:
    """A field on which sweeps work in place, one after the other; the first of them may read from another array.

    Parameters
    ----------
    field : (batch, n_0, n_1, ...) array
        C-contiguous.
    workspace : array of bytes, optional
        Left over from another sweep.
    """

    def __init__(self, field: Array, workspace: Array | None = None) -> None:
        self.shape, self.workspace = field.shape, workspace
        self.field = field.reshape(*field.shape[:2], math.prod(field.shape[2:]))
        self._source: Array | None = None

    def start_from(self, source: Array) -> None:
        """Let the first sweep read from here, an array of as many entries."""
        if source.flags.c_contiguous:
            self._source = source.reshape(self.field.shape)
        else:
            target = self.field.reshape(source.shape)
            in_threads(lambda rows: np.copyto(target[rows], source[rows]), slabs(len(source), source[0].size, THREAD_ENTRIES))

    def rows(self, work: Callable[[Array, int], None]) -> None:
        """Call ``work(slab, start)`` for slabs (batch, rows, n_1, ...) that begin at row `start`."""

        def visit(piece: Piece) -> None:
            self._fetch(piece)
            work(self._slab(self.field[piece]), piece[1].start)

        self._visit(visit, self._row_pieces(THREAD_ENTRIES))

    def columns(self, work: Callable[[Array, slice], None]) -> None:
        """Call ``work(fields, columns)``: whole fields (batch, n_0, all columns), and those columns of them that are to be worked on."""

        def visit(piece: Piece) -> None:
            self._fetch(piece)
            work(self.field[piece[0]], piece[2])

        self._visit(visit, self._column_pieces(THREAD_ENTRIES))

    def transform(self, transforms: Sequence[tuple[Transform, int]]) -> None:
        """Transform axes one after the other, by matrix products: slabs of rows go to and fro between field and workspace.

        The axes are those of an array (batch, n_0, n_1, ...): some of 2, 3, ..., or 1 alone, for which the pieces are blocks of columns.
        """
        by_columns = transforms[0][1] == 1
        for piece in (self._column_pieces if by_columns else self._row_pieces)(self._product_entries()):
            source, target = self._ends(piece)
            spare = self._spare(target.shape)
            if not by_columns:
                source, target, spare = (self._slab(array) for array in (source, target, spare))
            _transform_in_turn(transforms, source, target, spare)
        self._source = None

    def transform_around(self, forward: Transform, middle: Callable[[Array, slice, int], None], backward: Transform) -> None:
        """Transform axis 0 by matrix products, call ``middle(transformed, columns, start)``, and transform back.

        `transformed` is C-contiguous, (batch, n_0, count); its `columns` are those of the field from `start` on.
        """
        for piece in self._column_pieces(self._product_entries()):
            source, target = self._ends(piece)
            spare = self._spare(target.shape)
            forward(source, 1, spare, source is target)
            parts = slabs(spare.shape[2], spare.shape[0] * spare.shape[1], THREAD_ENTRIES)
            in_threads(lambda part, p=spare, c=piece[2].start: middle(p, part, c + part.start), parts)  # type: ignore[misc]
            backward(spare, 1, target, True)
        self._source = None

    def _visit(self, visit: Callable[[Piece], None], pieces: Iterator[Piece]) -> None:
        in_threads(visit, pieces)
        self._source = None

    def _fetch(self, piece: Piece) -> None:
        if self._source is not None:
            np.copyto(self.field[piece], self._source[piece], casting="same_kind")

    def _ends(self, piece: Piece) -> tuple[Array, Array]:
        """Where a transform reads from, and where its result belongs: the same array, if it may be overwritten."""
        target = self.field[piece]
        if self._source is not None and self._source.dtype == self.field.dtype:
            return self._source[piece], target
        self._fetch(piece)
        return target, target

    def _slab(self, rows: Array) -> Array:
        return rows.reshape(*rows.shape[:2], *self.shape[2:])

    def _product_entries(self) -> int:
        return max(FEWEST_PRODUCT_ENTRIES, min(PRODUCT_ENTRIES, self.field.size // 4))

    def _spare(self, shape: tuple[int, ...]) -> Array:
        """A workspace of the field's type."""
        size = math.prod(shape) * self.field.dtype.itemsize
        if self.workspace is None or self.workspace.size < size:
            self.workspace = None  # given back before more is taken
            self.workspace = np.empty(size, dtype=np.uint8)
        return self.workspace[:size].view(self.field.dtype).reshape(shape)

    def _row_pieces(self, entries: int) -> Iterator[Piece]:
        batch, rows, columns = self.field.shape
        for fields in slabs(batch, rows * columns, entries):
            for part in slabs(rows, (fields.stop - fields.start) * columns, entries):
                yield fields, part, slice(0, columns)

    def _column_pieces(self, entries: int) -> Iterator[Piece]:
        batch, rows, columns = self.field.shape
        for fields in slabs(batch, rows * columns, entries):
            width = entries // ((fields.stop - fields.start) * rows)
            width = max(COLUMNS, width - width % COLUMNS)
            for start in range(0, columns, width):
                yield fields, slice(0, rows), slice(start, min(start + width, columns))


def _transform_in_turn(transforms: Sequence[tuple[Transform, int]], source: Array, target: Array, spare: Array) -> None:
    """All transforms, the last of which writes to `target`; `source` may be in the same memory."""
    own = np.may_share_memory(source, target)
    for left, (transform, axis) in zip(range(len(transforms) - 1, -1, -1), transforms, strict=True):
        out = spare if left % 2 else target
        if own and out is target and source is not spare:
            np.copyto(spare, source)
            source = spare
        transform(source, axis, out, own)
        source, own = out, True


def multiply(matrix: Array, array: Array, axis: int, out: Array) -> None:
    """A mode product with a square matrix, into another array; neither needs more than that reshaping takes no copy."""
    shape = (math.prod(array.shape[:axis]), array.shape[axis], math.prod(array.shape[axis + 1 :]))
    source, result = array.reshape(shape), out.reshape(shape)
    if shape[2] == 1:
        np.matmul(source[:, :, 0], matrix.T, out=result[:, :, 0])
    elif shape[0] == 1:
        np.matmul(matrix, source[0], out=result[0])
    else:
        np.matmul(matrix, source, out=result)
