"""Teams' desks as rows: the seats in one, and each conversation that waits in its own, so that a long queue costs nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

import orjson

from engine.core.desk import Desk, dump_desk, load_desk
from engine.core.queue import Queued
from storage.memory import Memory

VERSIONS = "SELECT team, version FROM desk WHERE team IN (SELECT value FROM json_each(?))"
DESKS = "SELECT team, version, state FROM desk WHERE team IN (SELECT value FROM json_each(?))"
# `place` grows: who comes again goes to the end.
WAITING = """
SELECT conversation, contact, claim, since, depth, agent, strategy, priority FROM queued WHERE team = ? ORDER BY place
"""
DESK = """
INSERT INTO desk (team, tenant, version, state) VALUES (?, ?, ?, ?)
ON CONFLICT (team) DO UPDATE SET version = excluded.version, state = excluded.state
"""
LEAVE = "DELETE FROM queued WHERE team = ? AND conversation = ?"
COME = """
INSERT INTO queued (tenant, team, conversation, contact, claim, since, depth, agent, strategy, priority)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def load_desks(connection: sqlite3.Connection, memory: Memory, teams: Collection[int]) -> dict[int, Desk]:
    """The desks of these teams. One that is remembered in its version is not read again."""
    desks = {team: Desk(team) for team in teams}
    for team, version, state in connection.execute(DESKS, (_json(teams),)) if desks else ():
        known = memory.desk(team)
        if known is None or known.version != version:
            known = load_desk(team, version, orjson.loads(state), waiting(connection, team))
        desks[team] = known
    return desks


def waiting(connection: sqlite3.Connection, team: int) -> list[Queued]:
    """Who waits for a team, in order."""
    return [Queued(*row) for row in connection.execute(WAITING, (team,))]


def desk_versions(connection: sqlite3.Connection, teams: Collection[int]) -> dict[int, int]:
    """The versions of these teams' desks, as far as they have any."""
    return dict(connection.execute(VERSIONS, (_json(teams),)))


def write_desk(connection: sqlite3.Connection, tenant: int, before: Desk, after: Desk) -> None:
    """Write what changed."""
    team = after.team
    connection.execute(DESK, (team, tenant, after.version, orjson.dumps(dump_desk(after)).decode()))
    gone, came = after.queue.changes(before.queue)
    connection.executemany(LEAVE, [(team, conversation) for conversation in gone])
    connection.executemany(
        COME,
        [
            (tenant, team, q.conversation, q.contact, q.claim, q.since, q.depth, q.agent, q.strategy, q.priority)
            for q in came
        ],
    )


def _json(teams: Collection[int]) -> str:
    return orjson.dumps(list(teams)).decode()
