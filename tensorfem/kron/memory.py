"""How much memory there is, asked before much of it is taken."""

import os
from pathlib import Path

UNKNOWN = 1 << 62  # where no system tells, nothing is refused


def available_memory() -> int:
    """Bytes of memory that can be taken now: what the system says is free, or physical memory, or no limit where it says neither."""
    return min(_free(), _granted())


def _free() -> int:
    try:
        table = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else UNKNOWN
    found = [int(line.split()[1]) * 1024 for line in table.splitlines() if line.startswith("MemAvailable:")]
    return found[0] if found else UNKNOWN


def _granted() -> int:
    """What a container may take."""
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return UNKNOWN
    return int(limit) if limit.isdigit() else UNKNOWN


def require_memory(needed: float, what: str, instead: str) -> None:
    """Refuse work that would not fit.

    Raises
    ------
    MemoryError
        If `needed` bytes are more than can be taken; the message says how much, for what, and what to do instead.
    """
    available = available_memory()
    if needed > available:
        raise MemoryError(f"{what} needs about {needed / 1e9:.3g} GB, this machine has {available / 1e9:.3g} GB free; {instead}")
