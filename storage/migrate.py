"""Bring a database file to this release's tables, or say where it stands."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from schemas.error import Conflict
from storage.url import sqlite_file

SCRIPTS = Path(__file__).parent / "migration"


class NewerDatabase(Conflict):
    """The database was written by a newer release of PostDog. Install that release, or restore a backup."""

    code = "newer_database"


def upgrade(url: str, to: str = "head") -> str:
    """Create the file if there is none, apply what is missing up to a revision, and give the one it now stands at.

    Raises InvalidDatabaseUrl, or NewerDatabase for a revision that this release doesn't know.
    """
    sqlite_file(url).parent.mkdir(parents=True, exist_ok=True)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    found = current(url)
    if found is not None and found not in known:
        raise NewerDatabase
    engine = create_engine(f"sqlite:///{sqlite_file(url)}", poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            command.upgrade(_config(connection), to)
        return head() if to == "head" else to
    finally:
        engine.dispose()


def current(url: str) -> str | None:
    """The revision of the file; None if there is no file or no table in it."""
    path = sqlite_file(url)
    if not path.exists():
        return None
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def head() -> str:
    """The revision that this release works with."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _begin(connection: Connection) -> None:
    """Lock the file at once: two processes that start together migrate one after the other, or not at all."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
