"""The SQLite store as a whole: opened once, shared by all, closed last."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from engine.runtime.protocol import Clock, StoreUnavailable
from storage.answer import Answer, find_answer
from storage.call import SqliteCalls
from storage.connection import BUSY_SECONDS
from storage.idempotency import SqliteIdempotency
from storage.intake import SqliteIntake
from storage.migrate import current, head
from storage.outbox import SqliteOutbox
from storage.share import SqliteShare
from storage.status import Appearance
from storage.url import sqlite_file
from storage.writer import Writer

T = TypeVar("T")
READERS = 4
"""Connections that read beside the writer; WAL lets them read while it writes."""


class Store:
    """All protocols of `engine.runtime.protocol.Store` on one file, and how everything else reads and writes."""

    def __init__(self, path: Path, clock: Clock) -> None:
        appearance = Appearance()
        self.path = path
        self.writer = Writer(path)
        self.intake = SqliteIntake(self.writer, clock)
        self.share = SqliteShare(self.writer, appearance)
        self.outbox = SqliteOutbox(self.writer, appearance)
        self.calls = SqliteCalls(self.writer)
        self.idempotency = SqliteIdempotency(self.writer)
        self.engine = _reading(path)
        self.append = self.intake.append
        self.take, self.commit, self.due = self.share.take, self.share.commit, self.share.due
        self.claim, self.settle, self.next_ready = self.outbox.claim, self.outbox.settle, self.outbox.next_ready
        self.claim_calls, self.finish_calls = self.calls.claim_calls, self.calls.finish_calls
        self.next_call, self.take_back_calls = self.calls.next_call, self.calls.take_back_calls

    @classmethod
    async def open(cls, url: str, clock: Clock) -> Store:
        """The store of a migrated file. Raises InvalidDatabaseUrl, or StoreUnavailable where migrations are missing."""
        if current(url) != head():
            raise StoreUnavailable("The database is not up to date. Run: postdog migrate")
        store = cls(sqlite_file(url), clock)
        store.writer.start()
        return store

    async def answer(self, event: int) -> Answer:
        """The committed answer of an event; None while it is undecided, and if it has none."""
        return await self.writer.run(lambda connection: find_answer(connection, event), write=False)

    async def write(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run `job` in the writer's thread as one transaction: it commits when the job returns, rolls back when it raises.

        Never await or block in it. A change of a contact's row must raise its `version` and append its event
        (`storage.event_row.append_events`) in the same job. Raises StoreUnavailable when the file can't be written.
        """
        return await self.writer.run(job)

    async def change(self, job: Callable[[Session], T]) -> T:
        """Like `write`, with a SQLModel session. Rows that the job gives back are detached and readable."""
        return await self.writer.run(lambda connection: _in_session(connection, job))

    def session(self) -> AsyncSession:
        """A session that reads: `async with store.session() as session`. Writing through it fails."""
        return AsyncSession(self.engine, expire_on_commit=False)

    async def close(self) -> None:
        """Finish the writes that were handed in, then close the file."""
        await self.writer.close()
        await self.engine.dispose()


def raw(session: Session) -> sqlite3.Connection:
    """The connection under a session of `Store.change`, for hand-written statements in the same transaction."""
    connection = session.connection().connection.dbapi_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


def _in_session(connection: sqlite3.Connection, job: Callable[[Session], T]) -> T:
    """Run a job on a session over the writer's own connection; the writer begins and commits."""
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    for name in ("do_begin", "do_commit", "do_rollback", "do_close"):
        setattr(engine.dialect, name, _nothing)
    with Session(engine, expire_on_commit=False) as session:
        result = job(session)
        session.flush()
        session.expunge_all()
    return result


def _nothing(*_: object) -> None:
    """What the session does to the transaction: it is the writer's."""


def _reading(path: Path) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}", pool_size=READERS, max_overflow=0, connect_args={"timeout": BUSY_SECONDS}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def only_read(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA query_only=ON")

    return engine
