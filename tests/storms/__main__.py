"""`python -m tests.storms --seeds N [--seed S] [--store memory|sqlite] [--log]`: storms from seeds, and what they came to."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.storms.fault import POINTS
from tests.storms.place import MemoryPlace, SqlitePlace
from tests.storms.storm import Report, storm

MEMORY_DISK = Path("/dev/shm")
"""Processes die here, machines don't: no disk is needed."""
THREADED = 10
"""One storm over SQLite in so many has the writer's thread: it takes some ten times longer."""


def weather(seed: int, store: str, *, verbose: bool = False) -> Report:
    """One storm in a loop of its own."""
    if store == "memory":
        return asyncio.run(storm(seed, MemoryPlace(), verbose=verbose))
    with TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None) as folder:
        return asyncio.run(storm(seed, SqlitePlace(Path(folder), threaded=seed % THREADED == 0), verbose=verbose))


def main() -> int:
    """Storms until the last seed; 1 if any broke something."""
    parser = argparse.ArgumentParser(prog="python -m tests.storms", description="Storms of seeded faults over the runtime.")
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds (default: 100)")
    parser.add_argument("--seed", type=int, default=0, help="the first of them (default: 0)")
    parser.add_argument("--store", choices=("memory", "sqlite"), default="memory")
    parser.add_argument("--log", action="store_true", help="print all that happened, of each storm")
    asked = parser.parse_args()
    logging.getLogger("engine.runtime").setLevel(logging.CRITICAL)  # a store that is out is no news here
    begun, counts, crashed, red = time.process_time(), Counter[str](), Counter[str](), []
    for seed in range(asked.seed, asked.seed + asked.seeds):
        report = weather(seed, asked.store, verbose=asked.log)
        counts.update(report.counts)
        crashed.update(report.crashed)
        if asked.log:
            print("\n".join(report.log))
        if report.broken:
            red.append(seed)
            print(f"seed {seed}:", *report.broken[:5], sep="\n  ")
    for name, count in sorted(counts.items()):
        print(f"{name:32} {count:>9,}")
    print(f"{sum(crashed.values()):,} crashes at {len(crashed)} of {len(POINTS)} points:")
    for point in POINTS:
        print(f"  {point:30} {crashed[point]:>9,}")
    print(f"{asked.seeds} storms over {asked.store} in {time.process_time() - begun:.1f} s of CPU; red: {red or 'none'}")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
