"""The command line: `tensorfem solve | study | fit | explain | init | bench`."""

from tensorfem.cli.main import main

__all__ = ["main"]
