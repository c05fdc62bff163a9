"""Results as a Markdown table."""

from collections.abc import Iterable, Sequence
from typing import Any

HEADINGS = ("case", "unknowns", "peer", "setup s", "load s", "solve s", "all s", "memory MB", "error", "iterations", "numbers")


def markdown(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown; bars within a cell are kept from dividing it."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def comparison_table(results: Iterable[dict[str, Any]]) -> str:
    """One line for each peer and case; what was not measured says why."""
    return markdown(HEADINGS, map(_row, results))


def total_seconds(result: dict[str, Any]) -> float:
    """All phases; of bare operations these alone, as their arrays are there already."""
    seconds: dict[str, float] = result["seconds"]
    return seconds["solve"] if result["error"] is None else sum(seconds.values())


def _row(result: dict[str, Any]) -> list[Any]:
    case = result["case"]
    start = [result["name"], f"{case['unknowns']:,}", result["peer"]]
    if "seconds" not in result:
        return [*start, *[""] * 7, result["note"]]
    seconds = result["seconds"]
    memory = "" if result["memory"] is None else f"{result['memory'] / 1e6:,.0f}"
    error = "" if result["error"] is None else f"{result['error']:.1e}"
    times = [f"{seconds[phase]:.3g}" for phase in ("setup", "load", "solve")] + [f"{total_seconds(result):.3g}"]
    return [*start, *times, memory, error, result.get("iterations") or "", result["dtype"]]
