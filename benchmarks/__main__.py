"""`python -m benchmarks`: measures, prints a table, and exits with 1 where a reach is missed."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks.figure import Figure, write
from benchmarks.floor import floor_events_per_second
from benchmarks.interpreter import microseconds_per_event
from benchmarks.throughput import measure
from benchmarks.workload import SAID
from benchmarks.writes import measure_writes

INTERPRETER_US = 25.0
OF_FLOOR = 0.20
OF_WRITES = 0.5


def main() -> int:
    """Run all measurements; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--contacts", type=int, default=20_000, help="contacts of the workload, three messages each")
    contacts = parser.parse_args().contacts
    interpreter = microseconds_per_event(min(contacts, 5_000))
    with tempfile.TemporaryDirectory() as folder:
        floor = floor_events_per_second(Path(folder), contacts, len(SAID))
        done = asyncio.run(measure(Path(folder) / "data", contacts))
        writes = asyncio.run(measure_writes(Path(folder), contacts)).events_per_second
    ratio, of_writes = done.events_per_second / floor, done.events_per_second / writes
    write(
        [
            Figure("interpreter, state decoded and encoded", interpreter, "µs/event", reach="<= 25 µs", met=interpreter <= 25),
            Figure("bare writes (floor)", floor, "events/s"),
            Figure(
                "inbound messages, each answered, sent to a null channel, settled",
                done.events_per_second,
                "events/s",
                floor,
                ratio,
                f">= {OF_FLOOR} of the floor",
                ratio >= OF_FLOOR,
            ),
            Figure("the product's own SQL, played bare (writes)", writes, "events/s", floor, writes / floor),
            Figure(
                "  the same messages against writes",
                done.events_per_second,
                "events/s",
                writes,
                of_writes,
                f">= {OF_WRITES} of writes",
                of_writes >= OF_WRITES,
            ),
            Figure("  rows: runs", done.runs, "rows"),
            Figure("  rows: messages sent", done.sent, "rows"),
        ]
    )
    return 0 if interpreter <= INTERPRETER_US and ratio >= OF_FLOOR and of_writes >= OF_WRITES else 1


if __name__ == "__main__":
    sys.exit(main())
