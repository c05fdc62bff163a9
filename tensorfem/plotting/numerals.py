"""How numbers are written along an axis: few digits, powers of ten in mathematical type, the unit of extreme values named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.ticker import Formatter


def formatter(exponent: int = 0) -> Formatter:
    """Give the formatter of values in units of 10**exponent."""
    from matplotlib.ticker import FuncFormatter, ScalarFormatter

    if exponent:
        named = FuncFormatter(plain)
        named.set_offset_string(rf"$\times10^{{{exponent}}}$")
        return named
    scalar = ScalarFormatter(useMathText=True)
    scalar.set_powerlimits((-3, 4))
    return scalar


def format_axis(axis: Axis, exponent: int = 0) -> None:
    """Set the formatter of a linear axis; a logarithmic one, or one the caller has formatted, keeps its own."""
    from matplotlib.ticker import ScalarFormatter

    if exponent or type(axis.get_major_formatter()) is ScalarFormatter:
        axis.set_major_formatter(formatter(exponent))


def set_marks(axis: Axis, most: int, prune: Literal["lower"] | None) -> None:
    """Limit the number of marks, and leave out the lowest on request; marks that the caller has set stay as they are."""
    from matplotlib.ticker import AutoLocator

    locator = axis.get_major_locator()
    if type(locator) is AutoLocator:
        locator.set_params(nbins=most, prune=prune)


def text(value: float, exponent: int = 0) -> str:
    r"""Write one number times 10**exponent to four digits.

    Examples
    --------
    >>> text(3.14159), text(0.25, -299), text(0.0)
    ('3.142', '$2.5\\times10^{-300}$', '0')
    """
    mantissa, _, power = (f"{value:.3e}" if exponent else f"{value:.4g}").partition("e")
    total = exponent + int(power or 0)
    mantissa = f"{float(mantissa):g}"
    mantissa = mantissa.replace("-", "\N{MINUS SIGN}")
    return rf"${mantissa}\times10^{{{total}}}$" if total else mantissa


def plain(value: float, position: int | None = None) -> str:
    """Write a number as matplotlib's formatters are asked to, without a unit.

    Examples
    --------
    >>> plain(-0.25)
    '\N{MINUS SIGN}0.25'
    """
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def power(value: float, position: int | None = None, *, exponent: int = 0) -> str:
    r"""Write a positive number times 10**exponent, a power of ten as such.

    Examples
    --------
    >>> power(1e-5), power(1e-3, exponent=-200), power(2e-5)
    ('$10^{-5}$', '$10^{-203}$', '$2\\times10^{-5}$')
    """
    mantissa, _, tens = f"{value:.3e}".partition("e")
    factor = "" if float(mantissa) == 1 else rf"{float(mantissa):g}\times"
    return rf"${factor}10^{{{int(tens) + exponent}}}$"
