"""The product's own SQL without the product: the statements of a run, recorded with their values, and played again bare.

What is played is what ran: the same texts, values and transactions on a copy of the same file, in one thread, with nothing
between two statements. So it is what the database alone costs, and the rest of an event's time is ours.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.stage import open_stage
from benchmarks.throughput import Throughput, play
from benchmarks.workload import SAID
from storage.connection import connect

MOST = 5_000
"""Contacts that are recorded: their statements stay in memory, some 20 KB a message with its values."""


@dataclass
class Tape:
    """Statements in their order: (many, text, values)."""

    calls: list[tuple[bool, str, Any]] = field(default_factory=list)
    running: bool = False


@dataclass(frozen=True)
class Writes:
    """Events a second of the statements alone, and of the run that they were recorded from."""

    events_per_second: float
    recorded: Throughput
    statements: int


async def measure_writes(folder: Path, contacts: int) -> Writes:
    """Record the workload for so many contacts, at most MOST, then play its statements on a copy of the file as it was before."""
    contacts = min(contacts, MOST)
    tape, copy = Tape(), folder / "copy.db"
    with patch("storage.writer.connect", lambda path: _recording(path, tape)):
        async with open_stage(folder / "recorded") as stage:
            _copy(stage.graph.store.path, copy)
            tape.running = True
            recorded = await play(stage, contacts)
    seconds = play_again(tape, copy)
    return Writes(contacts * len(SAID) / seconds, recorded, len(tape.calls))


def play_again(tape: Tape, path: Path) -> float:
    """Seconds to run the statements of the tape."""
    connection = connect(path)
    begun = time.perf_counter()
    for many, text, values in tape.calls:
        if many:
            connection.executemany(text, values)
        else:
            connection.execute(text, values).fetchall()
    seconds = time.perf_counter() - begun
    connection.close()
    return seconds


def _recording(path: Path, tape: Tape) -> sqlite3.Connection:
    class Recording(sqlite3.Connection):
        def execute(self, text: str, values: Any = (), /) -> sqlite3.Cursor:
            if tape.running:
                tape.calls.append((False, text, values))
            return super().execute(text, values)

        def executemany(self, text: str, values: Iterable[Any], /) -> sqlite3.Cursor:
            kept = list(values)
            if tape.running:
                tape.calls.append((True, text, kept))
            return super().executemany(text, kept)

    return connect(path, Recording)


def _copy(path: Path, to: Path) -> None:
    source, target = sqlite3.connect(path), sqlite3.connect(to)
    source.backup(target)
    source.close()
    target.close()
