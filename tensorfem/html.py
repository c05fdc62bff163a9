"""Tables in HTML, which notebooks show in place of a repr; every text in them is escaped."""

import base64
import re
from collections.abc import Iterable, Sequence

import numpy as np

LONGEST = 100  # characters of one value
CELL = 'style="text-align: left; padding: 2px 8px"'  # notebooks set numbers and texts to the right


def table(rows: Iterable[Sequence[object]], *, header: Sequence[object] = (), caption: str = "", png: bytes | None = None) -> str:
    """A table whose first column names the rows.

    Parameters
    ----------
    rows : iterable of sequences
        The cells of each row; what is no text becomes one by `str`.
    header : sequence
        The names of the columns, if they need any.
    caption : str
    png : bytes, optional
        A picture to stand beside the table.

    Returns
    -------
    str

    Examples
    --------
    >>> print(table([("source", "x < 1")], caption="Data"))
    <table><caption ...>Data</caption><tbody><tr><th scope="row" ...>source</th><td ...>x &lt; 1</td></tr></tbody></table>
    """
    parts = ["<table>"]
    if caption:
        parts.append(f'<caption style="text-align: left; font-weight: bold">{escape(caption)}</caption>')
    if header:
        names = "".join(f'<th scope="col" {CELL}>{escape(str(name))}</th>' for name in header)
        parts.append(f"<thead><tr>{names}</tr></thead>")
    parts += ["<tbody>", *map(_row, rows), "</tbody></table>"]
    whole = "".join(parts)
    if png is None:
        return whole
    data = base64.b64encode(png).decode("ascii")
    image = f'<img alt="picture" src="data:image/png;base64,{data}">'
    return f'<div style="display: flex; align-items: center; gap: 12px">{whole}{image}</div>'


def brief(value: object) -> str:
    """What a datum is, in one line: an array by its shape, a function by its name, the rest by its repr, cut where it is long.

    Examples
    --------
    >>> brief(np.zeros((3, 2))), brief(brief), brief("exp(x)")
    ('array of shape (3, 2)', 'brief()', "'exp(x)'")
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return f"array of shape {value.shape}"
    text = (
        f"{value.__name__}()" if callable(value) and hasattr(value, "__name__") else re.sub(r" at 0x\w+", "", " ".join(repr(value).split()))
    )
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def _row(cells: Sequence[object]) -> str:
    name, *values = (escape(str(cell)) for cell in cells)
    rest = "".join(f"<td {CELL}>{value}</td>" for value in values)
    return f'<tr><th scope="row" {CELL}>{name}</th>{rest}</tr>'


def escape(text: str) -> str:
    """A text as it stands in HTML."""
    import html  # not needed before the first table, and its list of entities takes a while

    return html.escape(text)
