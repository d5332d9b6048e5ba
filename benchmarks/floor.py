"""The bare writes that an event can't do without: an intake row with its unique key, a state, an outbox row."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

BATCH = 256
SCHEMA = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
CREATE TABLE event (id INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT);
CREATE TABLE state (contact INTEGER PRIMARY KEY, body TEXT);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, contact INTEGER, body TEXT);
"""
BODY = "x" * 150
STATE = "y" * 300


def floor_events_per_second(folder: Path, contacts: int, turns: int) -> float:
    """Events a second, 256 a transaction, one thread, synchronous=FULL."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.executescript(SCHEMA)
    events = [(turn, contact) for turn in range(turns) for contact in range(contacts)]
    begun = time.perf_counter()
    for start in range(0, len(events), BATCH):
        some = events[start : start + BATCH]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO event (key, body) VALUES (?, ?)", [(f"{c}:{t}", BODY) for t, c in some])
        connection.executemany(
            "INSERT INTO state VALUES (?, ?) ON CONFLICT (contact) DO UPDATE SET body = excluded.body",
            [(contact, STATE) for _, contact in some],
        )
        connection.executemany("INSERT INTO outbox (contact, body) VALUES (?, ?)", [(c, BODY) for _, c in some])
        connection.execute("COMMIT")
    seconds = time.perf_counter() - begun
    connection.close()
    return len(events) / seconds
