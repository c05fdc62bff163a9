"""From what was measured on all levels to judged columns."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import is_number, real
from tensorfem.study.column import Column, difference_column, error_column, norm_target, quantity_target, touched, value_column
from tensorfem.study.finding import Target
from tensorfem.study.level import Results
from tensorfem.study.measure import Aims
from tensorfem.study.sequence import ProblemSequence

FloatArray = NDArray[np.float64]
INTEGRALS = ("l2", "h1")  # norms in which changes from level to level have an order: a maximum depends on where the nodes come to lie


def build_columns(sequence: ProblemSequence, aims: Aims, results: Results, expected: Any) -> Iterator[Column]:
    """One column per norm and quantity.

    Raises
    ------
    ValueError
        If `expected` is no order, or names no column.
    """
    levels = results.levels
    wanted = _wanted(expected, (*levels[0].errors, *aims.quantities), tuple(aims.quantities))
    sizes, rounding = np.array([level.size for level in levels]), np.array([level.rounding for level in levels])
    for name in (name for name in levels[0].errors if name in INTEGRALS or not sequence.partial):
        errors = np.array([level.errors[name] for level in levels])
        target = wanted.get(name) or norm_target(name, sequence.degree)
        scale = results.scales[name]
        if sequence.partial:
            differences = np.array([level.differences[name] for level in levels[1:]])
            yield difference_column(name, errors, differences, sizes, touched(differences, rounding[1:], scale), target)
        else:
            yield error_column(name, errors, sizes, touched(errors, rounding, scale), target)
    for name in aims.quantities:
        values = np.array([level.values[name] for level in levels])
        target = wanted.get(name) or quantity_target(sequence.degree)
        scale = max(float(np.abs(values).max()), results.scales["linf"])
        yield value_column(name, values, sizes, rounding, scale, target, None if sequence.partial else aims.targets.get(name))


def _wanted(expected: Any, names: tuple[str, ...], quantities: tuple[str, ...]) -> Mapping[str, Target]:
    given = expected if isinstance(expected, Mapping) else dict.fromkeys(quantities, expected) if is_number(expected) else {}
    if expected is not None and (not given or any(name not in names for name in given)):
        raise ValueError(f"expected: got {expected!r}; allowed is the order of a quantity, or a mapping from {', '.join(names)} to orders")
    return {name: Target(real(order, f'expected, "{name}"'), np.inf, settles=False) for name, order in given.items()}
