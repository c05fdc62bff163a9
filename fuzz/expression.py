"""Fuzz the formula parser: nothing but `ExpressionError` may come out, and what parses must evaluate."""

import sys

import atheris

with atheris.instrument_imports(include=["tensorfem"]):
    import numpy as np

    from tensorfem.expression import ExpressionError, parse

POINTS = (np.linspace(-2.0, 2.0, 5)[:, None], np.linspace(0.0, 1.0, 3)[None, :])


def one_input(data: bytes) -> None:
    """Parse and evaluate one text."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        expression = parse(text, ("x", "y"))
    except ExpressionError:
        return
    values = expression(*POINTS)
    if values.dtype != np.float64 or np.broadcast_shapes(values.shape, (5, 3)) != (5, 3):
        raise AssertionError(f"{text!r} gave {values.dtype} of shape {values.shape}")


atheris.Setup(sys.argv, one_input)
atheris.Fuzz()
