"""The gallery shows every example, each with a picture that is there and no picture that is not shown."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "gallery.md").read_text("utf-8")


def test_it_shows_every_example_once() -> None:
    examples = sorted(file.stem for file in (ROOT / "examples").glob("*.py"))
    assert re.findall(r"^## \[(\w+)\]\(\.\./examples/\1\.py\)$", PAGE, re.MULTILINE) == examples
    assert re.findall(r"^!\[(\w+)\]\(gallery/\1\.png\)$", PAGE, re.MULTILINE) == examples
    assert sorted(file.stem for file in (ROOT / "docs" / "gallery").iterdir()) == examples


def test_its_pictures_are_small_pictures() -> None:
    for picture in (ROOT / "docs" / "gallery").iterdir():
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 300_000, picture.name
