"""Threads: pieces of one field worked on side by side. NumPy, SciPy and compiled kernels let go of the interpreter meanwhile."""

import contextlib
import contextvars
import functools
import itertools
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

VARIABLE = "TENSORFEM_NUM_THREADS"
MOST = 16  # by default; more wait for the memory

Piece = TypeVar("Piece")
_asked: contextvars.ContextVar[int | None] = contextvars.ContextVar("_asked", default=None)  # for how many threads, by `with_threads`
_here = threading.local()  # marks the threads of the pool: work in one does not start more


def thread_count() -> int:
    """How many threads work on one field: what the environment variable TENSORFEM_NUM_THREADS says, else the cores that are there.

    Within `with_threads` it is what was asked for there.

    Raises
    ------
    ValueError
        If the variable is no whole number of at least 1.
    """
    if (asked := _asked.get()) is not None:
        return asked
    given = os.environ.get(VARIABLE)
    if given is None:
        return min(MOST, cores())
    if not given.strip().isdecimal() or int(given) < 1:
        raise ValueError(f"{VARIABLE}: got {given!r}; allowed is a whole number of at least 1 (this process may use {cores()} cores)")
    return int(given)


@contextlib.contextmanager
def with_threads(threads: int | None) -> Iterator[None]:
    """Have all that is called within a with-block take so many threads; None changes nothing.

    Examples
    --------
    >>> with with_threads(3):
    ...     thread_count()
    3
    """
    token = _asked.set(_asked.get() if threads is None else threads)
    try:
        yield
    finally:
        _asked.reset(token)


def parts(length: int, count: int) -> list[slice]:
    """So many rows, cut into at most so many parts of about one size.

    Examples
    --------
    >>> [(rows.start, rows.stop) for rows in parts(5, 2)]
    [(0, 2), (2, 5)]
    """
    ends = [length * i // count for i in range(count + 1)]
    return [slice(start, stop) for start, stop in itertools.pairwise(ends) if start < stop]


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def inside() -> bool:
    """Whether this thread works on a piece of `in_threads`: what runs here should start no threads itself."""
    return getattr(_here, "working", False)


def in_threads(work: Callable[[Piece], object], pieces: Iterable[Piece], threads: int | None = None) -> None:
    """Call a function for every piece, several at a time; it comes back when all are done.

    The pieces must not write to the same places. What is called should spend its time in NumPy, SciPy or a kernel, and not in matrix
    products: BLAS has threads of its own. In a thread of this kind, and where only one is wanted, the pieces are worked on in turn.

    Parameters
    ----------
    work : function
        Its exceptions are raised here, the first piece's first.
    pieces : iterable
    threads : int, optional
        How many at a time; `thread_count()` by default.

    Examples
    --------
    >>> import numpy as np
    >>> field = np.ones((4, 3))
    >>> in_threads(lambda rows: np.multiply(field[rows], 2.0, out=field[rows]), [slice(0, 2), slice(2, 4)])
    >>> float(field.sum())
    24.0
    """
    todo, count = list(pieces), thread_count() if threads is None else threads
    helpers = min(count, len(todo)) - 1
    if helpers < 1 or inside():
        for piece in todo:
            work(piece)
        return
    # This thread works too, and each takes the next piece: a task for the pool per piece would take longer than many a piece itself.
    waiting, errors = deque(enumerate(todo)), dict[int, Exception]()
    drain = functools.partial(_drain, work, waiting, errors)
    # A thread starts with the defaults of NumPy's errstate, which lives in the context: each takes a copy of the caller's.
    futures = [_pool(count - 1).submit(contextvars.copy_context().run, drain) for _ in range(helpers)]
    _here.working = True
    try:
        drain()
    finally:
        _here.working = False
        waiting.clear()
        for future in futures:
            if not future.cancel():
                future.result()  # none works on after this returns
    if errors:
        raise errors[min(errors)]


def _drain(work: Callable[[Piece], object], waiting: deque[tuple[int, Piece]], errors: dict[int, Exception]) -> None:
    """Work on one piece after the other until none is left."""
    while waiting:
        try:
            number, piece = waiting.popleft()
        except IndexError:  # another thread took the last one
            return
        try:
            work(piece)
        except Exception as error:  # noqa: BLE001 - it is raised by the caller
            errors[number] = error


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="tensorfem", initializer=_mark)


def _mark() -> None:
    _here.working = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a child has no threads but one
