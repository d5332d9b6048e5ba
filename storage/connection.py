"""How a connection to the file is set up, and what SQLite's troubles mean in plain words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

BUSY_SECONDS = 2.0
"""How long a write waits for another process's lock: longer than any transaction of ours, shorter than a webhook's patience."""
LEAST_PATIENCE = 0.05
"""Seconds that a write still waits for the lock after it stood in the queue too long: the lock may be free by now."""

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an acknowledged event survives a power cut; with group commit this costs 15 %
    "PRAGMA foreign_keys=OFF",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-32768",  # KiB: with twice as much an event costs the same, as the system keeps the pages too
    "PRAGMA wal_autocheckpoint=4096",  # pages, 16 MiB: the hot ones are written to the file once for many commits
    "PRAGMA journal_size_limit=67108864",  # a WAL that grew under a long read is cut back to 64 MiB
)

_LOCKED = "The database is locked by another process. Close what else uses the file; writing goes on by itself then."
_TROUBLES = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: "The disk is full. Free some space; writing goes on by itself then.",
    sqlite3.SQLITE_IOERR: "The disk failed while the database was read or written. Check the disk.",
    sqlite3.SQLITE_CANTOPEN: "The database file can't be opened. Check that its folder exists and may be written to.",
    sqlite3.SQLITE_READONLY: "The database file may not be written to. Check its permissions.",
    sqlite3.SQLITE_CORRUPT: "The database file is damaged. Restore a backup.",
    sqlite3.SQLITE_NOTADB: "The database file is not a database. Check POSTDOG_DATABASE_URL.",
}
_BROKEN = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def connect(path: Path, factory: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
    """A connection that writes: autocommit, so that `BEGIN` and `COMMIT` are ours. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256, factory=factory
    )
    try:
        for pragma in PRAGMAS:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def be_patient(connection: sqlite3.Connection, waited: float = 0.0) -> None:
    """Wait for another process's lock from now on, for what is left of BUSY_SECONDS after `waited` seconds in the queue.

    While the lock stays, the writes behind one another must not wait for it anew each, or the last would wait for minutes.
    """
    connection.execute(f"PRAGMA busy_timeout={int(1000 * max(BUSY_SECONDS - waited, LEAST_PATIENCE))}")


def explain(error: BaseException) -> str:
    """What a trouble with the file means and what to do; "" if it is no trouble of the file but of the statement."""
    return _TROUBLES.get(_code(error), "")


def is_broken(error: BaseException) -> bool:
    """Whether the connection should be opened anew."""
    return _code(error) in _BROKEN


def is_locked(error: BaseException) -> bool:
    """Whether another process holds the file."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _code(error: BaseException) -> int:
    """SQLite's primary result code: the lowest byte of the extended one. -1 for other errors."""
    if not isinstance(error, sqlite3.Error):
        return -1
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else int(code) & 0xFF
