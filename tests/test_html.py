"""Notebooks get tables: well-formed, escaped, with the facts in them."""

import base64
import time
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.html import LONGEST, brief, table

VOID = {"img"}


class Page(HTMLParser):
    """Reads a page; complains about what is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self.feed(text)
        self.close()
        if self.open:
            raise ValueError(f"not closed: {self.open}")

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag in {"td", "th", "caption"}:
            self.cells.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open.pop() != tag:
            raise ValueError(f"{tag} closed out of order")

    def handle_data(self, data: str) -> None:
        self.cells[-1] += data

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.seen}


EVIL = '<script>alert("1 & 2")</script>\'"><img src=x>'


def test_every_text_is_escaped_and_comes_out_as_it_was():
    page = Page(table([(EVIL, EVIL, 3)], header=(EVIL, "b", "c"), caption=EVIL))
    assert page.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert page.cells == [EVIL, EVIL, "b", "c", EVIL, EVIL, "3"]


def test_rows_are_named_by_their_first_cell():
    page = Page(table([("a", 1), ("b", 2)], header=("name", "value")))
    assert [attrs["scope"] for tag, attrs in page.seen if tag == "th"] == ["col", "col", "row", "row"]
    assert page.cells == ["name", "value", "a", "1", "b", "2"]
    assert Page(table([])).cells == []


def test_a_picture_stands_beside_the_table():
    (image,) = (attrs for tag, attrs in Page(table([], png=b"\x89PNG\x00")).seen if tag == "img")
    assert base64.b64decode(str(image["src"]).removeprefix("data:image/png;base64,")) == b"\x89PNG\x00"
    assert image["alt"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.ones((3, 4)), "array of shape (3, 4)"),
        (np.float64(2.0), "np.float64(2.0)"),
        (np.sin, "sin()"),
        (lambda x: x, "<lambda>()"),
        (tfem.Dirichlet(1.5), "Dirichlet(value=1.5)"),
        ((1, "a\nb"), "(1, 'a\\nb')"),
    ],
)
def test_brief(value, text):
    assert brief(value) == text


def test_brief_is_brief_and_the_same_tomorrow():
    assert len(brief("x" * 1000)) == LONGEST
    assert " at 0x" not in brief(tfem.Dirichlet(lambda x: x))


def facts(thing: Any) -> str:
    page = Page(thing._repr_html_())
    assert page.tags <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "img"}
    return " | ".join(page.cells)


def test_space_problem_field_and_report():
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(6, 4), degree=2)
    problem = tfem.Poisson(space, source="where(x < 0.5, 1, 0)", boundary={"x-": 0.0, "*": tfem.Neumann(flux=0.0)}, diffusion=(1.0, 3.0))
    u = problem.solve()
    assert "Space of 117 unknowns | x | Lagrange(degree=2, 6 cells on [0, 1], 13 unknowns) | y" in facts(space)
    assert "source | 'where(x < 0.5, 1, 0)' | diffusion | (1.0, 3.0)" in facts(problem)
    assert "x- | Dirichlet" in facts(problem)
    assert "Field of 117 unknowns" in facts(u)
    assert f"{u.min():.6g} to {u.max():.6g} at the nodes | solved by | FastDiagonalization()" in facts(u)
    report = facts(u.report)
    assert all(line[12:] in report for line in str(u.report).splitlines())


@pytest.mark.parametrize(("d", "picture"), [(1, True), (2, True), (3, False)])
def test_a_field_has_a_small_picture_of_one_or_two_axes(d, picture):
    sides = dict(zip("xyz"[:d], [(0, 1), (0, 2), (0, 3)], strict=False))
    html = tfem.interpolate(tfem.box(**sides, cells=3), 1.0)._repr_html_()
    sources = [str(attrs["src"]) for tag, attrs in Page(html).seen if tag == "img"]
    assert len(sources) == picture
    for source in sources:
        assert base64.b64decode(source.partition(",")[2])[:4] == b"\x89PNG"
    assert len(html) < 20_000


def test_a_large_field_is_quick():
    u = tfem.interpolate(tfem.box(x=(0, 1), y=(0, 1), cells=1000), "x*y")
    u._repr_html_()
    start = time.process_time()
    u._repr_html_()
    assert time.process_time() - start < 1.0
