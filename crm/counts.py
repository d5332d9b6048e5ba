"""How often the nodes of a flow were passed, and how many runs stand at each now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, func, select

from crm.publish import list_versions
from crm.standing import groups_on
from storage.table import NodeCountRow

PARKED = ""
"""The port under which it is counted that a run began to wait at a node."""


@dataclass(slots=True)
class NodeCount:
    """What happened at a node. `left` counts by port; `waiting` is now, whatever the time range.

    At a node that runs another flow those wait who stand in that one.
    """

    node: str
    left: dict[str, int] = field(default_factory=dict)
    parked: int = 0
    waiting: int = 0

    @property
    def reached(self) -> int:
        """How often runs came here: they left, still wait, or ended while they waited."""
        return max(sum(self.left.values()) + self.waiting, self.parked)


def count_nodes(
    session: Session,
    tenant: int,
    flow: int,
    *,
    number: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[NodeCount]:
    """The counts of each node, over one version or all. `since` (inclusive) and `until` count by whole hours."""
    versions = [row.id for row in list_versions(session, tenant, flow) if number is None or row.number == number]
    wanted = select(NodeCountRow.node, NodeCountRow.port, func.sum(NodeCountRow.count)).where(
        col(NodeCountRow.version).in_(versions), NodeCountRow.tenant == tenant
    )
    if since is not None:
        wanted = wanted.where(NodeCountRow.hour >= since.replace(minute=0, second=0, microsecond=0))
    if until is not None:
        wanted = wanted.where(NodeCountRow.hour < until)
    found: defaultdict[str, NodeCount] = defaultdict(lambda: NodeCount(""))
    for node, port, count in session.exec(wanted.group_by(NodeCountRow.node, NodeCountRow.port)):
        entry = found[node]
        entry.node = node
        if port == PARKED:
            entry.parked = int(count)
        else:
            entry.left[port] = int(count)
    for group in groups_on(session, tenant, versions):
        found[group.node].node = group.node
        found[group.node].waiting += group.runs
    return sorted(found.values(), key=lambda entry: entry.node)
