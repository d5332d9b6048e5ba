"""The one writer: a thread that owns the one connection that writes, and runs whole transactions on it.

Callers on the event loop hand it a function and await its result, so nobody awaits between two statements. Jobs of the engine
that stand in the queue together share a commit (group commit): while one commit waits for the disk, the next group gathers.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from engine.runtime.protocol import StoreUnavailable
from storage.connection import be_patient, connect, explain, is_broken, is_locked

T = TypeVar("T")
GROUP = 1_024
"""Rows (events, messages) that share a commit, some 30 ms: with more the disk's wait is paid off, and the next waiter's grows."""


class WriterClosed(StoreUnavailable):
    """The store is closed."""


@dataclass(slots=True)
class _Job:
    """A transaction to run, and who waits for it. `rows`, its weight, is set where it may share its commit with others."""

    run: Callable[[sqlite3.Connection], Any]
    after: Callable[[Any], None] | None
    write: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    asked: float
    """When it was handed in, by the monotonic clock."""
    rows: int = 0


class Writer:
    """Runs functions as transactions, one after the other, in the order of the calls."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._connection: sqlite3.Connection | None = None
        self._thread = threading.Thread(target=self._work, name="postdog-writer", daemon=True)
        self._closed = False
        self._locked = False
        """The last transaction found the file locked by another process."""
        self.commits = 0
        """Transactions that wrote: for metrics and tests."""

    def start(self) -> None:
        """Begin to work. Once only."""
        self._thread.start()

    async def run(
        self,
        job: Callable[[sqlite3.Connection], T],
        *,
        after: Callable[[T | None], None] | None = None,
        write: bool = True,
        rows: int = 0,
    ) -> T:
        """The result of `job(connection)`, run as one transaction: all of it is durable when this returns, or none of it.

        `after` runs in the writer's thread when the transaction is over, with the result or, where it failed, with None; also
        when the caller stopped waiting. With `rows`, about how many it touches, the job may share its commit with others like
        it, so it must be able to run again. Raises StoreUnavailable when the file can't be written (locked, disk full), and
        what the job raises.
        """
        if self._closed:
            raise WriterClosed("The database is closed: the server is shutting down.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(job, after, write, loop, future, time.monotonic(), rows))
        return await future

    async def close(self) -> None:
        """Finish what was handed in, then close the file."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    # --- in the thread ---------------------------------------------------------------------------------------------------
    def _work(self) -> None:
        held: _Job | None = None
        while (job := held or self._jobs.get()) is not None:
            group, held, stop = self._gather(job)
            self._serve(group)
            if stop:
                break
        if self._connection is not None:
            self._connection.close()

    def _gather(self, first: _Job) -> tuple[list[_Job], _Job | None, bool]:
        """The jobs that share a commit with the first; the next one, if it was taken out; whether the end was seen."""
        group, rows = [first], first.rows
        while first.rows and rows < GROUP:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                break
            if job is None:
                return group, None, True
            if not job.rows or rows + job.rows > GROUP:
                return group, job, False
            group.append(job)
            rows += job.rows
        return group, None, False

    def _serve(self, group: Sequence[_Job]) -> None:
        asked = group[0].asked
        if len(group) > 1:
            write = any(job.write for job in group)
            try:
                results = self._transact(lambda connection: [job.run(connection) for job in group], asked, write=write)
            except StoreUnavailable as error:
                _tell([(job, None) for job in group if job.write or not write], error)
                for job in group:
                    if write and not job.write:  # reading goes on while nobody can write
                        self._serve((job,))
                return
            except Exception:
                for job in group:  # one of them is at fault: each on its own
                    self._serve((job,))
                return
            _tell(list(zip(group, results, strict=True)))
            return
        job = group[0]
        try:
            result = self._transact(job.run, asked, write=job.write)
        except BaseException as error:
            _tell([(job, None)], error)
        else:
            _tell([(job, result)])

    def _transact(self, run: Callable[[sqlite3.Connection], T], asked: float, *, write: bool) -> T:
        connection, was_locked = None, self._locked
        try:
            connection = self._connection = self._connection or connect(self._path)
            if was_locked:
                be_patient(connection, waited=time.monotonic() - asked)
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            result = run(connection)
            connection.execute("COMMIT")
            if was_locked and write:  # a read says nothing about the lock
                self._locked = False
                be_patient(connection)
        except BaseException as error:
            self._locked = was_locked or is_locked(error)
            self._undo(connection, error)
            words = explain(error)
            if words:
                raise StoreUnavailable(words) from error
            raise
        self.commits += write
        return result

    def _undo(self, connection: sqlite3.Connection | None, error: BaseException) -> None:
        if connection is None:
            return
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            error = sqlite3.OperationalError("rollback failed")
            self._connection = None
        if is_broken(error):
            self._connection = None
        if self._connection is None:
            connection.close()


def _tell(done: Sequence[tuple[_Job, Any]], error: BaseException | None = None) -> None:
    """Hand the results to who waits, to each event loop all at once: waking it costs as much as ten rows."""
    told: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any, BaseException | None]]] = {}
    for job, result in done:
        trouble = error
        if job.after is not None:
            try:
                job.after(result)
            except Exception as raised:
                trouble = error or raised
        told.setdefault(job.loop, []).append((job.future, result, trouble))
    for loop, results in told.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, results)


def _resolve(results: Sequence[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
    for future, result, error in results:
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
