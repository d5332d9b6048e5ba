"""What the server needs in memory when many conversations are under way."""

from __future__ import annotations

from benchmarks.figure import Figure, below
from benchmarks.http import Product

MOST_MB = 300


def figure(done: Product) -> Figure:
    """The server's resident memory once the workload was played: each contact's run is active, parked until an agent takes it."""
    return below("memory", f"memory of the server with {done.kept.active_runs:,} active runs", done.megabytes, "MB", MOST_MB)
