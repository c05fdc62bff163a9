"""The command line: what can be said, and its help."""

import argparse
from pathlib import Path

import tensorfem.cli.exits as exits


def parser() -> argparse.ArgumentParser:
    """The parser of `tensorfem`."""
    top = argparse.ArgumentParser(
        prog="tensorfem",
        description="Solve partial differential equations on boxes, described in a problem file (TOML).",
        epilog=exits.TABLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in (
        ("solve", "solve the problem; the report goes to stdout, files where the problem file says"),
        ("study", "refine the mesh again and again, and judge whether to believe the solution"),
        ("explain", "say what a solve would take by every solver, and solve nothing"),
    ):
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        command.add_argument("file", type=Path, metavar="FILE.toml", help="the problem file; `tensorfem init` writes one")
        _add_common(command)
        if name != "explain":
            command.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where files go (default: the problem file's folder)")
            command.add_argument("--force", action="store_true", help="replace files that exist")
            command.add_argument("--anywhere", action="store_true", help="allow outputs outside that folder")
    init = commands.add_parser("init", help="write a problem file with every setting in it, explained")
    init.add_argument("file", type=Path, nargs="?", default=Path("problem.toml"), metavar="FILE.toml")
    init.add_argument("--force", action="store_true", help="replace a file that exists")
    init.add_argument("--quiet", action="store_true", help="print nothing but errors")
    bench = commands.add_parser("bench", help="time the solvers on this machine")
    bench.add_argument("--cells", type=int, default=48, help="cells of each of three axes (default: %(default)s)")
    _add_common(bench)
    return top


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print one JSON document with a schema version")
    command.add_argument("--quiet", action="store_true", help="print nothing but errors")
