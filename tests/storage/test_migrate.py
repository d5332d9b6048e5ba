"""The migrations make exactly the tables that the models describe, and refuse a database of a newer release."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from storage import migrate
from storage.table import METADATA


def described(path: Path) -> dict[str, str]:
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    ours = {name: " ".join(sql.split()) for name, sql in found if name not in ("alembic_version", "sqlite_sequence")}
    return {name: sql.replace(" ,", ",").replace(" )", ")") for name, sql in ours.items()}  # as ALTER TABLE writes it


def test_migrations_make_exactly_the_models(tmp_path: Path) -> None:
    migrate.upgrade(f"sqlite:///{tmp_path}/migrated.db")
    engine = create_engine(f"sqlite:///{tmp_path}/created.db")
    METADATA.create_all(engine)
    engine.dispose()
    assert described(tmp_path / "migrated.db") == described(tmp_path / "created.db")


def test_a_second_upgrade_does_nothing_and_a_newer_file_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/postdog.db"
    assert migrate.current(url) is None
    assert migrate.upgrade(url) == migrate.upgrade(url) == migrate.current(url) == migrate.head()
    with sqlite3.connect(tmp_path / "postdog.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(migrate.NewerDatabase):
        migrate.upgrade(url)


def test_timeouts_whose_message_was_on_its_way_are_kept(tmp_path: Path) -> None:
    url, path = f"sqlite:///{tmp_path}/postdog.db", tmp_path / "postdog.db"
    migrate.upgrade(url, to="0014")
    with sqlite3.connect(path) as connection:
        put(connection, "run", id=1, wait_id=4, due=90_000_000)  # asked a moment ago
        put(connection, "message", id=11, run=1, arm_wait=4, arm_seconds=60, created_at=5_000_000, next_at=0)
        put(connection, "run", id=2, wait_id=7, due=70_000_000)  # armed
        put(connection, "message", id=12, run=2, arm_wait=None, arm_seconds=60, created_at=5_000_000, next_at=None)
        put(connection, "run", id=3, wait_id=9, due=90_000_000)  # went on since
        put(connection, "message", id=13, run=3, arm_wait=8, arm_seconds=60, created_at=5_000_000, next_at=0)
    connection.close()
    migrate.upgrade(url)
    with sqlite3.connect(path) as connection:
        runs = connection.execute("SELECT id, due, awaits FROM run ORDER BY id").fetchall()
        messages = connection.execute("SELECT DISTINCT timeout_at FROM message").fetchall()
    connection.close()
    assert runs == [(1, 65_000_000, 11), (2, 70_000_000, None), (3, 90_000_000, None)]
    assert messages == [(None,)]


def put(connection: sqlite3.Connection, table: str, **given: object) -> None:
    """A row that waits, with 0 or "" in the columns that must hold something."""
    told = connection.execute(f"PRAGMA table_info({table})").fetchall()
    empty = {name: "" if kind in ("VARCHAR", "TEXT") else 0 for _, name, kind, must, *_ in told if must}
    row = empty | ({"status": "waiting"} if table == "run" else {"status": "queued", "direction": "out"}) | given
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))


def test_the_history_survives_being_appended(tmp_path: Path) -> None:
    url, path = f"sqlite:///{tmp_path}/postdog.db", tmp_path / "postdog.db"
    migrate.upgrade(url, to="0015")
    steps = [(run, number, 1, 10 * run + number, 5, '{"path":[]}') for run in (2, 1) for number in (2, 1)]
    with sqlite3.connect(path) as connection:
        connection.executemany("INSERT INTO step (run, number, tenant, event, at, data) VALUES (?, ?, ?, ?, ?, ?)", steps)
    connection.close()
    migrate.upgrade(url)
    with sqlite3.connect(path) as connection:
        kept = connection.execute("SELECT run, number, tenant, event, at, data FROM step ORDER BY run, number").fetchall()
    connection.close()
    assert kept == sorted(steps)
