"""Tables of text: plain, Markdown, LaTeX; every entry but the header flush right."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LATEX_NAMES = {"l2": "$L^2$", "h1": "$H^1$", "linf": "$L^\\infty$", "h": "$h$"}
ESCAPES = {sign: f"\\{sign}" for sign in "&%$#_{}"} | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}


@dataclass(frozen=True)
class Table:
    """Headers, rows and a last row that stands apart (or is empty).

    Examples
    --------
    >>> print(Table(("h", "l2"), (("0.5", "1.2e-03"),), ("", "3")))
      h       l2
    0.5  1.2e-03
    <BLANKLINE>
               3
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    last: tuple[str, ...]

    @property
    def width(self) -> int:
        """Characters of a line of text."""
        return sum(self._widths) + 2 * (len(self.headers) - 1)

    @property
    def _widths(self) -> list[int]:
        return [max(map(len, column)) for column in zip(self.headers, *self.rows, self.last, strict=True)]

    def __str__(self) -> str:
        lines = ["  ".join(text.rjust(width) for text, width in zip(row, self._widths, strict=True)) for row in self._all]
        return "\n".join([*lines[:-1], "", lines[-1]])

    def to_markdown(self) -> str:
        """A table of GitHub's Markdown."""
        rule = tuple("-" * (width - 1) + ":" for width in self._widths)
        rows = (self.headers, rule, *self.rows, self.last)
        texts = [[_no_bars(text).rjust(width) for text, width in zip(row, self._widths, strict=True)] for row in rows]
        return "\n".join(f"| {' | '.join(row)} |" for row in texts)

    def to_latex(self) -> str:
        """A `tabular` with the rules of the package booktabs."""
        body = [f"  {' & '.join(map(_latex, row))} \\\\" for row in self._all]
        lines = [f"\\begin{{tabular}}{{{'r' * len(self.headers)}}}", "  \\toprule", body[0], "  \\midrule", *body[1:-1]]
        return "\n".join([*lines, "  \\midrule", body[-1], "  \\bottomrule", "\\end{tabular}"])

    @property
    def _all(self) -> Sequence[tuple[str, ...]]:
        return (self.headers, *self.rows, self.last)


def fixed(number: float) -> str:
    """A number with two decimals, and zero without a sign.

    Examples
    --------
    >>> fixed(-0.001), fixed(1.996)
    ('0.00', '2.00')
    """
    return f"{round(number, 2) + 0.0:.2f}"


def _no_bars(text: str) -> str:
    return text.replace("|", "\\|")


def _latex(text: str) -> str:
    if text in LATEX_NAMES:
        return LATEX_NAMES[text]
    power = re.fullmatch(r"(-?[0-9.]+)e([+-][0-9]+)", text)
    if power:
        return f"${power[1]} \\times 10^{{{int(power[2])}}}$"
    if re.fullmatch(r"[0-9]+( x [0-9]+)+", text):
        return f"${text.replace('x', chr(92) + 'times')}$"
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+", text):
        return text.replace(",", "\\,")
    return "".join(ESCAPES.get(sign, sign) for sign in text)
