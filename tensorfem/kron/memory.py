"""How much memory there is, asked before much of it is taken."""

import os
from pathlib import Path


def available_memory() -> int:
    """Bytes of memory that can be taken now: free memory and caches where the system tells, physical memory elsewhere."""
    try:
        table = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    kilobytes = next(line.split()[1] for line in table.splitlines() if line.startswith("MemAvailable:"))
    return int(kilobytes) * 1024


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
