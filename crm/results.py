"""How runs ended, by the way by which they left a node: what the arms of a Split are compared by."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import text
from sqlmodel import Session

from crm.flows import get_flow

MOST_RUNS = 5_000
"""Of the newest runs: their histories are read, which takes some tens of microseconds each."""

# Each of the newest runs with the port by which it first left the node. A row's data is JSON text in bytes.
RESULTS = """
WITH newest AS (SELECT id, status, reason FROM run WHERE tenant = :tenant AND flow = :flow ORDER BY id DESC LIMIT :most),
passed AS (
  SELECT newest.id, newest.status, newest.reason, v.value ->> 1 AS port, min(step.number * 1000 + v.key)
  FROM newest JOIN step ON step.run = newest.id, json_each(CAST(step.data AS TEXT), '$.visited') AS v
  WHERE v.value ->> 0 = :node AND v.value ->> 1 <> '' GROUP BY newest.id)
SELECT port, status, reason, count(*) FROM passed GROUP BY port, status, reason ORDER BY port, count(*) DESC
"""


@dataclass(frozen=True, slots=True)
class Ending:
    """How some runs ended: their status, and End's outcome or the reason. `waiting` and `suspended` ones go on."""

    status: str
    outcome: str
    runs: int


@dataclass(slots=True)
class PortResult:
    """The runs that left by a port, and how they ended."""

    port: str
    runs: int = 0
    endings: list[Ending] = field(default_factory=list)


def results_of(session: Session, tenant: int, flow: int, node: str) -> list[PortResult]:
    """Each way out of a node that the newest `MOST_RUNS` runs of a flow took, with how these ended. Raises NotFound."""
    get_flow(session, tenant, flow)
    found: dict[str, PortResult] = {}
    facts = {"tenant": tenant, "flow": flow, "node": node, "most": MOST_RUNS}
    for port, status, reason, count in session.connection().execute(text(RESULTS), facts):
        result = found.setdefault(port, PortResult(port))
        result.runs += count
        result.endings.append(Ending(status, reason, count))
    return list(found.values())
