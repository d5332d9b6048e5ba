"""What was measured, as a table for people and a line of JSON for machines."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "latest.jsonl"


@dataclass(frozen=True)
class Figure:
    """One figure. `ratio` is value to floor where a floor was measured in the same run; `reach` what it should be."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    reach: str = ""
    met: bool = True


def write(figures: Iterable[Figure]) -> None:
    """Print the table and write the lines."""
    listed = list(figures)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("".join(json.dumps(asdict(figure)) + "\n" for figure in listed))
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'figure':58} {'value':>12} {'unit':10} {'floor':>12} {'ratio':>7}  reach")
    for each in listed:
        floor = f"{each.floor:12,.1f}" if each.floor is not None else " " * 12
        ratio = f"{each.ratio:7.3f}" if each.ratio is not None else " " * 7
        mark = "" if each.met else "  MISSED"
        print(f"{each.name:58} {each.value:12,.1f} {each.unit:10} {floor} {ratio}  {each.reach}{mark}")
