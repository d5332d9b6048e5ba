"""DESIGN.md, "Rows per answered message": what one message in and its answer cost, counted by SQLite itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from engine.runtime.protocol import Offer, Settlement
from storage.store import Store
from tests.storage.world import LEASE, NOW, message, step

TABLES = ("event", "contact", "identity", "contact_tag", "conversation", "run", "message", "step", "node_count", "call")


@contextmanager
def counting(connection: sqlite3.Connection) -> Iterator[tuple[dict[str, int], list[str]]]:
    """Rows written by table, and the statements that were run."""
    connection.execute("CREATE TEMP TABLE written (name TEXT)")
    for table in TABLES:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TEMP TRIGGER count_{table}_{verb} AFTER {verb} ON main.{table} "
                f"BEGIN INSERT INTO written VALUES ('{table}'); END"
            )
    written: dict[str, int] = {}
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    yield written, statements
    connection.set_trace_callback(None)
    written.update(connection.execute("SELECT name, count(*) FROM written GROUP BY name").fetchall())


async def one_message(store: Store, *numbers: int) -> None:
    await store.append([message(number, f"v{number % 16}") for number in numbers])
    committed = await step(store, offer=Offer(256, NOW + LEASE, {}))
    assert committed is not None
    settlements = [Settlement(each.message.id, "accepted", NOW, f"wamid.{each.message.id}") for each in committed.claims]
    await store.settle(settlements, NOW)


async def test_rows_of_an_answered_message_of_a_known_contact(store: Store) -> None:
    await one_message(store, 0)
    connection = store.writer._connection
    assert connection is not None
    with counting(connection) as (written, _):
        await one_message(store, 16)
    assert written == {
        "event": 2,  # appended, done
        "contact": 1,  # the toy engine changes a field each time
        "conversation": 1,
        "run": 1,
        "message": 3,  # in, out (claimed as it is made); settled
        "step": 1,
        "node_count": 1,
    }


async def test_a_batch_of_many_runs_no_more_statements_than_a_batch_of_one(store: Store) -> None:
    """Prepared statements per take and commit, apart from their rows: the same for 1 message as for 16."""
    await one_message(store, *range(16))
    connection = store.writer._connection
    assert connection is not None
    counts = []
    for numbers in ((100,), tuple(range(112, 128))):
        await store.append([message(number, f"v{number % 16}") for number in numbers])
        with _traced(connection) as statements:
            await step(store)
        counts.append(len({each.split("VALUES")[0][:60] for each in statements}))
    assert counts[0] == counts[1]
    assert counts[0] <= 24


@contextmanager
def _traced(connection: sqlite3.Connection) -> Iterator[list[str]]:
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    yield statements
    connection.set_trace_callback(None)
