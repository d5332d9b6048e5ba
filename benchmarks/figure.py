"""What was measured, as a table for people and a line of JSON for machines."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results" / "latest.jsonl"


@dataclass(frozen=True)
class Figure:
    """One figure. `ratio` is value to floor where a floor was measured in the same run; `reach` what it should be, if anything.

    `name` is for machines and stays; `label` is for people.
    """

    name: str
    label: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    reach: str = ""
    met: bool = True


def against(name: str, label: str, value: float, unit: str, floor: float, least: float, of: str) -> Figure:
    """A figure that should be at least this share of a floor."""
    ratio = value / floor
    return Figure(name, label, value, unit, floor, ratio, f"at least {least:.2f} of {of}", ratio >= least)


def below(name: str, label: str, value: float, unit: str, most: float) -> Figure:
    """A figure that should be at most so much."""
    return Figure(name, label, value, unit, reach=f"at most {most:,g} {unit}", met=value <= most)


def machine() -> str:
    """What it was measured on."""
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = next((line.split(": ", 1)[1] for line in info.read_text().splitlines() if line.startswith("model name")), cpu)
    busy = f", load {os.getloadavg()[0]:.1f}"
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}{busy}"


def write(figures: Iterable[Figure], results: Path, console: Console) -> None:
    """Print the table and write the lines."""
    table = Table(title="PostDog, measured", caption=machine(), title_justify="left", caption_justify="left")
    for heading in ("figure", "value", "unit", "floor", "ratio", "should be", ""):
        table.add_column(heading, justify="right" if heading in ("value", "floor", "ratio") else "left")
    listed = list(figures)
    for each in listed:
        table.add_row(
            each.label,
            _number(each.value),
            each.unit,
            "" if each.floor is None else _number(each.floor),
            "" if each.ratio is None else f"{each.ratio:.3f}",
            each.reach,
            ("[green]met[/green]" if each.met else "[red]missed[/red]") if each.reach else "",
        )
    console.print(table)
    results.parent.mkdir(exist_ok=True)
    results.write_text("".join(json.dumps(asdict(figure)) + "\n" for figure in listed))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.1f}" if value >= 10 else f"{value:,.3g}"
