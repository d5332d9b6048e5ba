"""The share: takes events, commits what was decided of them, and lets timers ring. This process owns all lanes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from engine.runtime.busy import Busy
from engine.runtime.protocol import Batch, Committed, Decided, Offer
from storage.commit import Rows, write
from storage.dead import DeadEvent, dead_events, kill, prune_chunk, prune_rest, replay
from storage.decided import Plan, plan_commit
from storage.due import next_due, ring
from storage.memory import Memory
from storage.status import Appearance
from storage.take import take
from storage.writer import Writer

_Written = tuple[Plan, Rows, int]


class SqliteShare:
    """`Share` on the one writer. What is taken and not committed is taken again; of two commits of it the first counts."""

    def __init__(self, writer: Writer, appearance: Appearance, memory: Memory | None = None) -> None:
        self._writer = writer
        self._appearance = appearance
        self._memory = memory or Memory()
        self._tenant = 0
        self._behind = False
        """More waits were due than the last call took."""

    async def take(self, limit: int, now: datetime, beside: Sequence[Batch] = ()) -> Batch | None:
        """Up to `limit` undecided events with what they need loaded; None if there are none."""
        busy = Busy.of(beside)
        while True:
            outcome = await self._writer.run(
                lambda connection: take(connection, self._memory, limit, self._tenant, busy), write=False, rows=limit
            )
            if outcome.unreadable:
                await self._writer.run(partial(kill, events=outcome.unreadable, now=now))
            if outcome.batch is not None:
                self._tenant = outcome.batch.tenants[-1]
            if outcome.batch is not None or not outcome.unreadable:
                return outcome.batch

    async def commit(self, batch: Batch, decided: Sequence[Decided], now: datetime, offer: Offer | None = None) -> Committed:
        """One transaction for all of it. Raises StoreUnavailable; then nothing was changed, and the events are free again."""

        def job(connection: sqlite3.Connection) -> _Written:
            plan = plan_commit(connection, batch, decided)
            return plan, *write(connection, plan, batch.handle, self._appearance, now, offer)

        def after(written: _Written | None) -> None:
            if written is None:
                self._memory.forget(lane.person.contact.id for lane in batch.contacts)
                return
            self._memory.forget(written[0].stale)
            for known in written[1].persons:
                self._memory.put(known)
            for team in written[0].teams:
                self._memory.put_desk(team.desk)

        plan, rows, born = await self._writer.run(job, after=after, rows=len(decided) or 1)
        return Committed(
            again=tuple(sorted(plan.again)),
            messages=len(rows.outbound),
            born=born,
            calls=len(rows.calls) + rows.told,
            dead=tuple(rows.dead),
            moved=tuple(rows.moved),
            claims=tuple(rows.claims.values()),
        )

    async def due(self, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Turn runs whose time has come into events; how many, and when the next one is due."""
        if not self._behind:  # a look writes nothing, and stands in nobody's way
            first = await self._writer.run(next_due, write=False, rows=1)
            if first is None or first > now:
                return 0, first
        count, upcoming = await self._writer.run(lambda connection: ring(connection, now, limit))
        self._behind = upcoming is not None and upcoming <= now
        return count, upcoming

    async def forget(self, contacts: Iterable[int] | None = None) -> None:
        """Forget remembered persons: all, or these (after rows of theirs were written past the engine)."""
        ids = None if contacts is None else list(contacts)
        await self._writer.run(lambda _: self._memory.forget(ids), write=False)

    async def dead_events(self, tenant: int, limit: int = 100) -> list[DeadEvent]:
        """The newest events of a tenant that could not be decided."""
        return await self._writer.run(lambda connection: dead_events(connection, tenant, limit), write=False)

    async def replay_event(self, tenant: int, event: int) -> bool:
        """Let a dead event be decided once more; False if it is not a dead one of this tenant."""
        return await self._writer.run(lambda connection: replay(connection, tenant, event))

    async def prune(self, now: datetime) -> int:
        """Delete done events and calls older than 8 days, in short transactions; how many rows went."""
        gone = await self._writer.run(lambda connection: prune_rest(connection, now))
        for table in ("event", "call"):
            after: int | None = 0
            while after is not None:
                deleted, after = await self._writer.run(partial(prune_chunk, table=table, after=after, now=now))
                gone += deleted
        return gone
