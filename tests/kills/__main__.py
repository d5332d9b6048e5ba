"""`python -m tests.kills [--kills N]`: kill -9 under load, and what the provider saw of it."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.kills.kills import kills


def main() -> int:
    """1 if anything was lost, doubled, reordered, or unknown without cause."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=10, help="how many (default: 10)")
    asked, begun = parser.parse_args(), time.perf_counter()
    with TemporaryDirectory() as folder:
        verdict = asyncio.run(kills(Path(folder), asked.kills))
    print(verdict)
    print(f"{time.perf_counter() - begun:.1f} s; {'well' if verdict.well else 'NOT WELL'}")
    return 0 if verdict.well else 1


if __name__ == "__main__":
    sys.exit(main())
