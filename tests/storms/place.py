"""The stores that outlive a process, and how the judge looks into them."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar
from unittest.mock import patch

import orjson
from sqlmodel import Session, create_engine, select

from crm.replay import load_record
from engine.core.desk import Desk, load_desk
from engine.core.history import Past, dump_step
from engine.core.value import Person, Run
from engine.runtime.memory.load import person
from engine.runtime.memory.state import State
from engine.runtime.memory.store import MemoryStore
from engine.runtime.protocol import Clock, Store
from schemas.effect import Message
from storage.column import from_micros, maybe_instant
from storage.desk import waiting
from storage.person import load_known
from storage.store import Store as SqliteStore
from storage.table import RunRow
from storage.writer import Writer
from tests.storage.world import new_file

T = TypeVar("T")
ALL = 1_000_000
"""Steps of a run that are made again: every one."""


@dataclass(frozen=True, slots=True)
class EventFact:
    """An event's row."""

    id: int
    source: str
    external_id: str
    kind: str
    state: str
    error: str


@dataclass(frozen=True, slots=True)
class MessageFact:
    """A row of a message that goes out."""

    id: int
    key: str
    conversation: int
    channel: int
    voice: str
    status: str
    on_unknown: str
    open: bool
    """The outbox must still look at it."""
    bulk: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A run as it stands, its history as rows keep it, and the messages that it made."""

    run: Run
    history: tuple[Past, ...]
    messages: Mapping[int, Message]
    whole: bool = True
    """The history goes on to where the run stands; a very long one is read in part."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the judge wants to know of a store."""

    events: tuple[EventFact, ...]
    messages: tuple[MessageFact, ...]
    inbound: tuple[tuple[int, int, str], ...]
    """(id, channel, external id)."""
    persons: tuple[Person, ...]
    dues: Mapping[int, datetime | None]
    """Waiting run -> when the timer looks at it."""
    steps: tuple[tuple[int, int, int], ...]
    """(run, number, event)."""
    desks: Mapping[int, Desk]
    calls: frozenset[int]
    """Calls that are not finished."""
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """Who has a conversation, and what its contact allows."""

    owner: str
    epoch: int
    opted_out: bool


class Place(Protocol):
    """A store's place: opened for each life of a process."""

    async def open(self, clock: Clock) -> Store:
        """The store, as a new process finds it."""
        ...

    async def touch(self, contact: int, field: str) -> bool:
        """Set a field of a contact as another writer does: its version is raised. False if there is no such contact."""
        ...

    async def floor(self, conversation: int) -> Floor | None:
        """Who has it now."""
        ...

    async def facts(self) -> Facts:
        """Everything."""
        ...

    async def close(self) -> None:
        """Nobody opens it any more."""
        ...


class MemoryPlace:
    """Plain dicts: what was committed stands, whoever dies."""

    def __init__(self) -> None:
        self.state = State()

    async def open(self, clock: Clock) -> Store:
        return MemoryStore(self.state, clock)

    async def touch(self, contact: int, field: str) -> bool:
        found = self.state.contacts.get(contact)
        if found is not None:
            tenant, known = found
            self.state.put_contact(tenant, replace(known, version=known.version + 1, fields={**known.fields, field: True}))
        return found is not None

    async def floor(self, conversation: int) -> Floor | None:
        found = self.state.conversations.get(conversation)
        if found is None:
            return None
        contact, known = found
        return Floor(known.owner, known.epoch, self.state.contacts[contact][1].opted_out)

    async def facts(self) -> Facts:
        state = self.state
        return Facts(
            tuple(
                EventFact(id, row.event.source, row.event.external_id, row.event.body.kind, row.state, row.error)
                for id, row in state.events.items()
            ),
            tuple(
                MessageFact(
                    id,
                    row.message.key,
                    row.message.conversation,
                    row.message.channel,
                    row.message.voice,
                    row.status,
                    row.message.on_unknown,
                    id in state.open.get(row.message.conversation, ()),
                    row.message.bulk,
                    row.message.at,
                )
                for id, row in state.messages.items()
            ),
            tuple((each.id, each.channel, each.external_id) for each in state.inbound.values()),
            tuple(person(state, contact) for _, contact in state.contacts.values()),
            {id: row.due for id, row in state.runs.items() if row.run.status == "waiting"},
            tuple((run, row.step.number, row.event) for run, rows in state.steps.items() for row in rows),
            {team: desk for (_, team), desk in state.desks.items()},
            frozenset(state.waiting_calls),
            tuple(self._record(row.run) for row in state.runs.values()),
        )

    def _record(self, run: Run) -> Record:
        state = self.state
        rows = state.steps.get(run.id, ())
        history = tuple(
            Past(row.step.number, row.event, row.at, orjson.loads(dump_step(row.step, state.events[row.event].event)))
            for row in rows
        )
        ids = [id for row in rows for id in row.step.messages]
        return Record(run, history, {id: state.messages[id].message for id in ids if id in state.messages})

    async def close(self) -> None:
        """Nothing is open."""


EVENTS = """
SELECT id, source, external_id, kind, CASE state WHEN 0 THEN 'pending' WHEN 1 THEN 'done' ELSE 'dead' END, error FROM event
"""
MESSAGES = """
SELECT id, key, conversation, channel, voice, status, on_unknown, next_at IS NOT NULL, bulk, created_at FROM message
WHERE direction = 'out' ORDER BY id
"""
INBOUND = "SELECT id, channel, provider_id FROM message WHERE direction = 'in'"
FLOOR = """
SELECT c.owner, c.epoch, t.opted_out FROM conversation AS c JOIN contact AS t ON t.id = c.contact WHERE c.id = ?
"""
TOUCH = "UPDATE contact SET version = version + 1, fields = json_set(fields, '$.' || ?, json('true')) WHERE id = ?"


class DirectWriter(Writer):
    """The writer without its thread: the same transactions where they are called. Handing over costs ten times the work."""

    async def run(
        self,
        job: Callable[[sqlite3.Connection], T],
        *,
        after: Callable[[T | None], None] | None = None,
        write: bool = True,
        rows: int = 0,
    ) -> T:
        await asyncio.sleep(0)
        result: T | None = None
        try:
            result = self._transact(job, time.monotonic(), write=write)
        finally:
            if after is not None:
                after(result)
        return result

    def look(self, statement: str, *values: object) -> Any:
        """The first row that a statement gives now."""
        assert self._connection is not None
        return self._connection.execute(statement, values).fetchone()

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class SqlitePlace:
    """A file. Each life has a store of its own, with nothing remembered; `threaded` ones have the writer's thread too."""

    def __init__(self, folder: Path, *, threaded: bool = False) -> None:
        new_file(folder)
        self._path = folder / "postdog.db"
        self._threaded = threaded
        self._store: SqliteStore | None = None

    async def open(self, clock: Clock) -> Store:
        await self.close()
        with patch("storage.store.Writer", Writer if self._threaded else DirectWriter):
            self._store = SqliteStore(self._path, clock)
        if self._threaded:
            self._store.writer.start()
        return self._store

    @property
    def store(self) -> SqliteStore:
        assert self._store is not None
        return self._store

    async def touch(self, contact: int, field: str) -> bool:
        return await self.store.write(lambda connection: connection.execute(TOUCH, (field, contact)).rowcount) == 1

    async def floor(self, conversation: int) -> Floor | None:
        writer = self.store.writer
        if isinstance(writer, DirectWriter):  # at once: in the background, another loop may commit before a turn is over
            row = writer.look(FLOOR, conversation)
        else:
            row = await self.store.write(lambda connection: connection.execute(FLOOR, (conversation,)).fetchone())
        return None if row is None else Floor(row[0], row[1], bool(row[2]))

    async def facts(self) -> Facts:
        async def rows(sql: str) -> list[tuple[Any, ...]]:
            return await self.store.write(lambda connection: connection.execute(sql).fetchall())

        contacts = [id for (id,) in await rows("SELECT id FROM contact")]
        known = await self.store.write(lambda connection: load_known(connection, contacts))
        dues = await rows("SELECT id, due FROM run WHERE status = 'waiting'")
        desks = await rows("SELECT team, version, state FROM desk")
        queues = {team: await self.store.write(partial(waiting, team=team)) for team, _, _ in desks}
        calls = frozenset(id for (id,) in await rows("SELECT id FROM call WHERE state = 0"))
        return Facts(
            tuple(EventFact(*row) for row in await rows(EVENTS)),
            tuple(MessageFact(*(*row[:-1], from_micros(row[-1]))) for row in await rows(MESSAGES)),
            tuple((id, channel, external) for id, channel, external in await rows(INBOUND)),
            tuple(each.person for each in known.values()),
            {id: maybe_instant(due) for id, due in dues},
            tuple((run, number, event) for run, number, event in await rows("SELECT run, number, event FROM step")),
            {team: load_desk(team, version, orjson.loads(state), queues[team]) for team, version, state in desks},
            calls,
            tuple(self._records()),
        )

    def _records(self) -> Iterator[Record]:
        engine = create_engine(f"sqlite:///{self._path}")
        with Session(engine) as session:
            for tenant, id in session.exec(select(RunRow.tenant, RunRow.id)).all():
                found = load_record(session, tenant, id, most=ALL)
                yield Record(found.story.run, found.history, found.messages, whole=len(found.history) == found.total)
        engine.dispose()

    async def close(self) -> None:
        if self._store is not None:
            await self._store.close()
            self._store = None
