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
