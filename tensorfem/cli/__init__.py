"""The command line: `tensorfem solve | study | explain | init | bench`."""

from tensorfem.cli.main import main

__all__ = ["main"]
