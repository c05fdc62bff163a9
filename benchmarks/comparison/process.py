"""Memory of this process, as Linux counts it."""

from pathlib import Path

CLEAR = Path("/proc/self/clear_refs")


def resident(what: str) -> int:
    """VmRSS or VmHWM, the resident memory of this process now or at its peak, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(what)))


def reset_peak() -> int | None:
    """Set VmHWM back to VmRSS, and give that; None where the system cannot."""
    if not CLEAR.exists():
        return None
    CLEAR.write_text("5", encoding="ascii")
    return resident("VmRSS")


def peak_above(before: int | None) -> int | None:
    """What the peak is above the resident memory before."""
    return None if before is None else resident("VmHWM") - before
