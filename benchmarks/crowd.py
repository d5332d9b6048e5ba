"""A database with many people in it: rows of the product's own shape, copied by SQL from one that the product wrote itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.event_loop import run_async
from benchmarks.stage import all_sent, open_stage
from benchmarks.workload import inbound
from schemas.contact import Identity
from storage.part import part_of

FIRST_ID = 2**40
"""Ids of copied rows begin here: far above those that events give."""
APART = 1024
"""Between the ids of two people, as between those of two events."""
DUE_IN = timedelta(days=30)
"""Nobody's reply is overdue unless a measurement says so."""
SEED = 99_999_999
"""The contact that the product writes itself, and that is copied."""

# The run and the person that are copied, the messages that her wait stands on (as JSON), and when her run began.
FIRST = """
SELECT r.id, r.contact, json_extract(CAST(r.state AS TEXT), '$[1][5]'), r.started_at
FROM run AS r JOIN identity AS i ON i.contact = r.contact WHERE i.value = ?
"""
# Each copied person has a contact, two identities, a conversation, a run that waits for a reply with a timeout, and its history,
# of which only the place in the index matters.
COPIES: Mapping[str, Mapping[str, str]] = {
    "contact": {"id": ":first + i * :apart", "part": "part_of(i)"},
    "identity": {"contact": ":first + i * :apart", "value": "replace(value, '99999999', printf('%08d', i))"},
    "conversation": {"id": ":first + i * :apart + 1", "contact": ":first + i * :apart"},
    "run": {
        "id": ":first + i * :apart + 2",
        "contact": ":first + i * :apart",
        "conversation": ":first + i * :apart + 1",
        "due": ":due",
        "awaits": "NULL",
        "state": "CAST(replace(CAST(state AS TEXT), :message, '[]') AS BLOB)",
    },
    "step": {"run": ":first + i * :apart + 2", "data": "'{}'"},
}
COPIED = {"contact": "id = :contact", "step": "run = :run"}
"""Which rows of a table are copied, where it isn't those of the contact."""


@dataclass(frozen=True)
class Crowd:
    """A folder with a database that holds so many people."""

    folder: Path
    people: int


def gather(folder: Path, people: int, before: int = 0) -> Crowd:
    """A crowd of so many people in this folder, which holds `before` of them; the ones of before stay as they are."""
    if not before:
        run_async(_first(folder))
    with closing(sqlite3.connect(folder / "postdog.db", isolation_level=None)) as connection:
        connection.create_function("part_of", 1, lambda i: part_of(1, Identity("whatsapp", f"49151{i:08d}")), deterministic=True)
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-262144")
        first, contact, message, begun = connection.execute(FIRST, (f"49151{SEED:08d}",)).fetchone()
        values = {
            "first": FIRST_ID,
            "apart": APART,
            "due": begun + DUE_IN // timedelta(microseconds=1),
            "message": message,
            "contact": contact,
            "run": first,
            "start": before,
            "stop": people,
        }
        connection.execute("BEGIN")
        for table, changed in COPIES.items():
            connection.execute(_copy(connection, table, changed), values)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = connection.execute("SELECT count(*) FROM run WHERE status = 'waiting'").fetchone()[0]
    assert found >= people, f"{people} waits were to be made, {found} are there"
    return Crowd(folder, people)


def _copy(connection: sqlite3.Connection, table: str, changed: Mapping[str, str]) -> str:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    given = ", ".join(changed.get(column, column) for column in columns)
    return f"""
        WITH RECURSIVE number(i) AS (SELECT :start UNION ALL SELECT i + 1 FROM number WHERE i + 1 < :stop)
        INSERT INTO {table} ({", ".join(columns)})
        SELECT {given} FROM number CROSS JOIN (SELECT * FROM {table} WHERE {COPIED.get(table, "contact = :contact")})
    """


async def _first(folder: Path) -> None:
    """The person that is copied: written by the product, from her first message to the question that waits for her reply."""
    async with open_stage(folder) as stage:
        await stage.graph.runtime.start()
        await stage.graph.runtime.append([inbound(stage.tenant, stage.channel, SEED, 0, stage.graph.clock.now())])
        await all_sent(stage.graph.counters, 1)
        await stage.graph.runtime.stop()
