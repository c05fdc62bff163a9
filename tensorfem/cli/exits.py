"""Exit codes, and which error ends in which."""

import errno

from tensorfem.solvers import ConvergenceError

DONE, CHECK_FAILED, USAGE, NOT_CONVERGED, RESOURCES, INTERNAL, TERMINATED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 143, 130

TABLE = """exit codes:
  0    done
  1    solved, but a check failed (a study's verdict is not PASS)
  2    the command line or the file cannot be used
  3    a solver did not converge
  4    memory, disk or time did not suffice
  5    an error of tensorfem itself
  130  interrupted (Ctrl-C); 143 terminated"""


class Terminated(BaseException):
    """The process was asked to end (SIGTERM)."""


def code_of(error: BaseException) -> int:
    """The exit code for an error."""
    match error:
        case KeyboardInterrupt():
            return INTERRUPTED
        case Terminated():
            return TERMINATED
        case ConvergenceError():
            return NOT_CONVERGED
        case MemoryError():
            return RESOURCES
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG | errno.EMFILE | errno.EIO):
            return RESOURCES
        case ValueError() | OSError():
            return USAGE
        case _:
            return INTERNAL
