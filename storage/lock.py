"""One server for one database file: the lock beside it, held as long as the server lives."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.error import Conflict
from storage.url import sqlite_file

SUFFIX = "-lock"
"""What the lock's file has behind the database's name, as SQLite's own `-wal` and `-shm`. It stays: whoever removed it while
another opens it would let two in."""
MAX_NOTED = 100  # bytes of the note that says who holds it


class AlreadyServed(Conflict):
    """Another PostDog server works on this database. Stop it first, or give this one a folder of its own."""

    code = "already_served"


@contextmanager
def sole_server(url: str) -> Iterator[None]:
    """Hold the database for this process. Raises AlreadyServed while another holds it, and OSError where no file can be made.

    The system keeps the lock (flock(2)) and takes it back when the process is gone, however it went. Not the database itself is
    locked: commands read and write beside a server.
    """
    database = sqlite_file(url).resolve()
    database.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(lock_file(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServed(_refusal(database, os.pread(lock, MAX_NOTED, 0))) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(lock)  # and with it the lock


def lock_file(database: Path) -> Path:
    """The file that is locked.

    >>> lock_file(Path("data/postdog.db")).as_posix()
    'data/postdog.db-lock'
    """
    return database.with_name(database.name + SUFFIX)


def _refusal(database: Path, noted: bytes) -> str:
    who = f" (process {noted.decode()})" if noted.isdigit() else ""
    return (
        f"Another PostDog server{who} works on {database}. One database has one server: stop the other, or give this one "
        "a folder of its own with POSTDOG_DATA_DIR."
    )
