"""Progress on stderr: only for a person who has waited a second."""

import math
import os
import time
from types import TracebackType
from typing import Self, TextIO

PATIENCE = 1.0  # seconds before anything is shown
INTERVAL = 0.2  # seconds between updates


class Progress:
    """One line that is overwritten, on a terminal only; gone when the work is done.

    Parameters
    ----------
    stream : text stream
    quiet : bool
        Whether to show nothing at all.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream = stream
        self._shown = not quiet and stream.isatty()
        self._start = time.monotonic()
        self._last = -math.inf
        self._width = 0
        self._bold = ("\x1b[1m", "\x1b[0m") if not os.environ.get("NO_COLOR") else ("", "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()

    def update(self, text: str, fraction: float | None = None) -> None:
        """Show where the work stands; with a fraction of the whole, also when it will be done."""
        now = time.monotonic()
        elapsed = now - self._start
        if not self._shown or elapsed < PATIENCE or now - self._last < INTERVAL:
            return
        self._last = now
        left = f", about {_duration(elapsed * (1 - fraction) / fraction)} left" if fraction else ""
        line = f"{text} ({_duration(elapsed)}{left})"
        start, end = self._bold
        self._stream.write(f"\r{start}{line}{end}" + " " * max(0, self._width - len(line)))
        self._stream.flush()
        self._width = max(self._width, len(line))


def convergence_fraction(residual: float, first: float, target: float) -> float | None:
    """How much of a linear convergence from the first residual to the target is done; None where it cannot be told.

    Examples
    --------
    >>> convergence_fraction(1e-5, first=1.0, target=1e-10)
    0.5
    """
    if not 0 < target < residual < first:
        return None
    return math.log(first / residual) / math.log(first / target)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
