"""Many waits: how late those are taken that come due together, and what the others cost in memory.

The timer has taken a wait when the wait's event is durable in the intake: from then on it can't be lost, and stands in its lane.
The worker takes it from there to decide it.

`python -m benchmarks.waits FOLDER DUE SECONDS LOOK` lets so many waits of a crowd come due within so many seconds, in a process
of its own whose memory is looked at when LOOK of them were decided, and prints one JSON line.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from array import array
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.event_loop import run_async
from benchmarks.crowd import APART, FIRST_ID, gather
from benchmarks.served import first_line, resident_megabytes, start
from benchmarks.stage import Stage, open_stage
from engine.runtime.protocol import Batch
from schemas.event import WaitDue
from storage.column import EPOCH, to_micros

AHEAD = timedelta(seconds=6)
"""The first comes due so long after the start, when everything stands."""
PATIENCE_S = 300.0

LEFT = timedelta(seconds=1)
"""So long after they were asked the questions left: each wait is put off once before its time comes."""

THESE = "contact >= :first AND contact < :last"
SPREAD = f"""
UPDATE run SET due = :begin - :left + CAST((contact - :first) / :apart * :step AS INTEGER), awaits = id + 1 WHERE {THESE}
"""
# The question that each of them awaits, with the instant until which it waits.
ASKED = f"""
INSERT INTO message ({{columns}})
SELECT {{given}} FROM run AS r CROSS JOIN (SELECT * FROM message WHERE direction = 'out' ORDER BY id LIMIT 1) AS m
WHERE r.{THESE.replace(" AND ", " AND r.")}
"""
ITS_OWN = {
    "id": "r.awaits",
    "contact": "r.contact",
    "conversation": "r.conversation",
    "run": "r.id",
    "timeout_at": "r.due + :left",
}


@dataclass(frozen=True)
class Waited:
    """Seconds from due to taken by the timer (its event is durable) and to taken by the worker; memory of the process in MB."""

    durable_p50: float
    durable_p99: float
    worker_p50: float
    worker_p99: float
    megabytes: float


def measure(folder: Path, pending: int, due: int, seconds: float, looked_at: int) -> Waited:
    """`pending` waits, `due` of them spread over so many seconds; memory is looked at when `looked_at` of them were decided.

    Raises AssertionError where one was not taken once.
    """
    gather(folder, pending)
    return asyncio.run(_ask(folder, due, seconds, looked_at))


async def _ask(folder: Path, due: int, seconds: float, looked_at: int) -> Waited:
    words = [str(folder), str(due), str(seconds), str(looked_at)]
    child = await start("benchmarks.waits", words, folder / "waits.log")
    try:
        found = await first_line(child, within_s=PATIENCE_S + 2 * seconds)
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()
    told = f"{due} waits came due, {found['taken']} were taken, {found['ended']} runs ended"
    assert (found["ended"], found["taken"]) == (due, due), told
    return Waited(**found["waited"])


class Watch:
    """Notes, of each wait, how long after its due its event was durable, and the worker took it."""

    def __init__(self, stage: Stage) -> None:
        self.durable, self.taken = array("d"), array("d")
        self._clock = stage.graph.clock
        self._take, self._due = stage.graph.store.take, stage.graph.store.due
        stage.graph.store.take, stage.graph.store.due = self.take, self.due
        self._rung: dict[datetime, datetime] = {}
        """When the timer began a transaction, by which its events are known, and when it was committed."""

    async def due(self, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """The store's own, looked at."""
        count, upcoming = await self._due(now, limit)
        self._rung[now] = self._clock.now()
        return count, upcoming

    async def take(self, *given: Any) -> Batch | None:
        """The store's own, looked at."""
        batch = await self._take(*given)
        at = self._clock.now()
        for lane in batch.contacts if batch is not None else ():
            for event in lane.events:
                if isinstance(event.body, WaitDue):
                    due = EPOCH + timedelta(microseconds=int(event.external_id.rpartition(":")[2]))
                    assert event.received_at is not None, "an event of the intake"
                    self.durable.append((self._rung[event.received_at] - due).total_seconds())
                    self.taken.append((at - due).total_seconds())
        return batch


def _spread(path: Path, values: Mapping[str, Any]) -> None:
    """Have the waits come due one after the other, each as one that awaits the question which it asked."""
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(message)")]
        given = [ITS_OWN.get(column, f"m.{column}") for column in columns]
        connection.execute(SPREAD, values)
        connection.execute(ASKED.format(columns=", ".join(columns), given=", ".join(given)), values)


async def _wait(folder: Path, due: int, seconds: float, looked_at: int) -> None:
    async with open_stage(folder) as stage:
        graph, watch = stage.graph, Watch(stage)
        begin = to_micros(graph.clock.now() + AHEAD)
        values = {"begin": begin, "first": FIRST_ID, "apart": APART, "last": FIRST_ID + due * APART, "step": seconds * 1e6 / due}
        _spread(graph.store.path, {**values, "left": LEFT // timedelta(microseconds=1)})
        await graph.runtime.start()
        async with asyncio.timeout(PATIENCE_S):
            megabytes = 0.0
            while (decided := graph.counters.counts["events_decided"]) < due:
                if not megabytes and decided >= looked_at:
                    megabytes = resident_megabytes(os.getpid())
                await asyncio.sleep(0.02)
        megabytes = megabytes or resident_megabytes(os.getpid())
        await graph.runtime.stop()
        counted = "SELECT count(*) FROM run WHERE status <> 'waiting'"
        ended = (await graph.store.write(lambda connection: connection.execute(counted).fetchone()))[0]
    late = [_at(values, share) for values in (watch.durable, watch.taken) for share in (0.5, 0.99)]
    waited = Waited(*late, megabytes)
    print(json.dumps({"ended": ended, "taken": len(watch.taken), "waited": waited.__dict__}), flush=True)


def _at(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


if __name__ == "__main__":
    run_async(_wait(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
