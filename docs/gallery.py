"""Makes docs/gallery.md: runs every example, and shows its picture beside what it says of itself and what it prints.

`make gallery` runs it. The pictures are kept small: at most 900 pixels wide, in a palette of 256 colours.
"""

import ast
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
WIDTH, COLOURS = 900, 256


def entry(program: Path) -> str:
    """Run one example in an empty folder; keep its picture, and give its part of the page."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, program], cwd=folder, capture_output=True, text=True, check=True)
        picture = Image.open(Path(folder) / "out" / f"{program.stem}.png").convert("RGB")
    picture.thumbnail((WIDTH, WIDTH))
    picture.quantize(COLOURS).save(ROOT / "docs" / "gallery" / f"{program.stem}.png", optimize=True)
    printed = "\n".join(line.rstrip() for line in done.stdout.splitlines() if not line.startswith("picture"))
    title, _, text = (ast.get_docstring(ast.parse(program.read_text("utf-8"))) or "").partition("\n\n")
    return f"""## [{program.stem}](../examples/{program.name})

{title}

{text.strip()}

![{program.stem}](gallery/{program.stem}.png)

```text
{printed}
```
"""


def main() -> None:
    """Write the page and its pictures."""
    (ROOT / "docs" / "gallery").mkdir(exist_ok=True)
    programs = sorted((ROOT / "examples").glob("*.py"))
    parts = [entry(program) for program in programs]
    page = "# Gallery\n\nEvery picture is made by a short program in `examples/`, and what it prints stands below it.\n\n"
    (ROOT / "docs" / "gallery.md").write_text(page + "\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
