"""`python -m benchmarks`: measures, prints a table, and exits with 1 where something should be better or does not add up."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from benchmarks.figure import RESULTS, Figure, write
from benchmarks.optional import NotInstalled
from benchmarks.row import QUICK, ROWS, Run, Size


def main() -> int:
    """Run the measurements; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(ROWS), help="this row only; may be given several times")
    parser.add_argument("--quick", action="store_true", help="a small run that shows that everything works, and judges no speed")
    parser.add_argument("--folder", type=Path, help="where the databases are made, a gigabyte; else where the system wants them")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the JSON lines go")
    given = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160)
    figures: list[Figure] = []
    broken = 0
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="postdog-bench-") as folder:
        run = Run(QUICK if given.quick else Size(), Path(folder))
        for name in given.only or ROWS:
            begun = time.monotonic()
            try:
                found = list(ROWS[name](run))
            except NotInstalled as missing:
                console.print(f"{name}: {missing}", style="yellow", highlight=False, markup=False)
                continue
            except (AssertionError, TimeoutError, RuntimeError) as error:
                broken += 1
                console.print(f"[red]{name} does not add up:[/red] {error or type(error).__name__}")
                continue
            figures.extend(found)
            console.print(f"{name}: measured in {time.monotonic() - begun:.0f} s", style="dim")
        write(figures, given.results, console)
    missed = 0 if given.quick else sum(not figure.met for figure in figures)
    return 1 if broken or missed else 0


if __name__ == "__main__":
    sys.exit(main())
