"""The entry point: runs a command, and turns every error into one message and an exit code."""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import tensorfem.cli.exits as exits
from tensorfem.cli.arguments import parser
from tensorfem.cli.commands import COMMANDS
from tensorfem.cli.printing import Printer


def main(argv: Sequence[str] | None = None) -> int:
    """Run `tensorfem` with these arguments (those of the process by default) and return its exit code."""
    if argv is None:
        os.environ.setdefault("MPLBACKEND", "Agg")  # pictures go to files: no display is needed, nor looked for
    arguments = parser().parse_args(argv)
    printer = Printer(sys.stdout, as_json=getattr(arguments, "json", False), quiet=arguments.quiet)
    previous = signal.signal(signal.SIGTERM, _terminate)
    try:
        code = COMMANDS[arguments.command](arguments, printer)
        printer.flush()
    except BrokenPipeError:
        # The reader has seen enough (| head): what is left in the buffer goes nowhere, and the interpreter must not try again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.DONE
    except (Exception, KeyboardInterrupt, exits.Terminated) as error:  # noqa: BLE001 (the last resort: one message, exit code 5)
        code = exits.code_of(error)
        sys.stderr.write(f"tensorfem: {_message(error, code)}\n")
    finally:
        signal.signal(signal.SIGTERM, previous)
    return code


def _terminate(number: int, frame: FrameType | None) -> None:
    raise exits.Terminated


def _message(error: BaseException, code: int) -> str:
    match code:
        case exits.INTERRUPTED:
            return "interrupted"
        case exits.TERMINATED:
            return "terminated"
        case exits.INTERNAL:
            return f"an error of tensorfem itself, {type(error).__name__}: {error}; please report it with the problem file"
        case _:
            return str(error) or type(error).__name__
