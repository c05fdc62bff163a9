"""Squares of numbers, turned in registers: entries of neighbouring lines, which lie along memory, become rows of lanes, and back."""

from typing import Any

from numba import types

from tensorfem.kron.kernels.lanes import Lanes, instruction, ir, place, read_lanes, spread, write_lanes


def _turned(builder: Any, rows: list[Any]) -> list[Any]:
    """The transpose of a square, by exchanges at the distances 1, 2, 4, ... (Eklundh, IEEE Trans. Computers C-21 (1972))."""
    count, distance = len(rows), 1
    while distance < count:
        upper = [i if not i & distance else count + i - distance for i in range(count)]
        lower = [i + distance if not i & distance else count + i for i in range(count)]
        masks = [ir.Constant(ir.VectorType(ir.IntType(32), count), mask) for mask in (upper, lower)]
        for i in range(count):
            if not i & distance:
                pair = rows[i], rows[i + distance]
                rows[i], rows[i + distance] = (builder.shuffle_vector(*pair, mask) for mask in masks)
        distance *= 2
    return rows


class _Square:
    """The two sides of a square: `outside`, where the lines are, and `inside`, the rows of the block, each row with its weight."""

    def __init__(self, context: Any, builder: Any, kinds: Any, values: Any) -> None:
        self.context, self.builder, self.kinds = context, builder, kinds
        self.flat, offsets, column, self.rows, places, weights, part = values
        self.lanes, intp = Lanes(kinds[0].dtype), context.get_value_type(types.intp)
        steps = [intp(i) for i in range(self.lanes.count)]
        entries = [builder.add(column, step) for step in steps]
        self.outside = [builder.add(self._number(1, offsets, step), column) for step in steps]
        wide = intp(2 * self.lanes.count)
        self.inside = [builder.add(builder.mul(self._number(4, places, entry), wide), part) for entry in entries]
        self.weights = [self._number(5, weights, entry) for entry in entries]

    def _number(self, argument: int, array: Any, index: Any) -> Any:
        return self.builder.load(place(self.context, self.builder, self.kinds[argument], array, index))

    def _weighted(self, values: list[Any]) -> list[Any]:
        vector = self.context.get_value_type(self.lanes)
        return [self.builder.fmul(value, spread(self.builder, vector, w)) for value, w in zip(values, self.weights, strict=True)]

    def bring_in(self) -> None:
        lines = [read_lanes(self.context, self.builder, self.kinds[0], self.flat, index) for index in self.outside]
        for index, row in zip(self.inside, self._weighted(_turned(self.builder, lines)), strict=True):
            write_lanes(self.context, self.builder, self.kinds[3], self.rows, index, row)

    def bring_out(self) -> None:
        rows = [read_lanes(self.context, self.builder, self.kinds[3], self.rows, index) for index in self.inside]
        for index, line in zip(self.outside, _turned(self.builder, self._weighted(rows)), strict=True):
            write_lanes(self.context, self.builder, self.kinds[0], self.flat, index, line)


@instruction
def square_in(_: Any, flat: Any, offsets: Any, column: Any, rows: Any, places: Any, weights: Any, part: Any) -> Any:
    """Entries from `column` on of the lines at `offsets`, to the rows at `places` (register `part` of them), times their weights."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        _Square(context, builder, call.args, values).bring_in()
        return context.get_dummy_value()

    return types.void(flat, offsets, types.intp, rows, places, weights, types.intp), generate


@instruction
def square_out(_: Any, flat: Any, offsets: Any, column: Any, rows: Any, places: Any, weights: Any, part: Any) -> Any:
    """The reverse of `square_in`: from the rows at `places`, times their weights, to the lines."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        _Square(context, builder, call.args, values).bring_out()
        return context.get_dummy_value()

    return types.void(flat, offsets, types.intp, rows, places, weights, types.intp), generate
