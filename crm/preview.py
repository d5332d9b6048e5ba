"""What publishing would do, said before: the difference to what is live, and what becomes of the contacts inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from crm.compare import Change, compare
from crm.flows import NewerFlow, content_hash, get_flow
from crm.outline import Outline
from crm.publish import Around, check_flow
from engine.core.carry import same_wait
from engine.core.program import NodeTypes
from engine.core.value import LIVE
from schemas.problem import Problem
from storage.table import FlowRow, FlowVersionRow, RunRow

EMPTY: Mapping[str, Any] = {"nodes": [], "edges": []}


@dataclass(frozen=True, slots=True)
class Inside:
    """Runs that stand at a node of an older version. `moves`: publishing with `move` takes them along."""

    version: int
    number: int
    node: str
    label: str
    runs: int
    moves: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing a draft would mean. `same` is the version that has this content already."""

    row: FlowRow
    live: FlowVersionRow | None
    same: FlowVersionRow | None
    problems: tuple[Problem, ...]
    sound: bool
    changes: tuple[Change, ...]
    inside: tuple[Inside, ...]

    @property
    def runs(self) -> int:
        """Contacts on other versions than the one that would live."""
        return sum(each.runs for each in self.inside)

    @property
    def moved(self) -> int:
        """Of these, how many `move` would take along; the others would stay on their version."""
        return sum(each.runs for each in self.inside if each.moves)


def preview_draft(session: Session, tenant: int, flow: int, around: Around) -> Preview:
    """What publishing the draft would do. Never refuses: problems are a part of it."""
    row = get_flow(session, tenant, flow)
    checked = check_flow(session, tenant, row.draft, around, row.id)
    live = session.get(FlowVersionRow, row.live_version) if row.live_version else None
    same = _same(session, row)
    return Preview(
        row=row,
        live=live,
        same=same,
        problems=checked.problems,
        sound=checked.program is not None,
        changes=compare(live.document if live else EMPTY, row.draft, around.node_types),
        inside=standing_inside(session, row, row.draft, around.node_types, but=same.id if same else 0),
    )


def standing_inside(
    session: Session, row: FlowRow, document: Mapping[str, Any], node_types: NodeTypes, *, but: int = 0
) -> tuple[Inside, ...]:
    """Who stands where on other versions of a flow, and whether a move to this document would take them along.

    A run inside a subflow, or in this flow as one, stays where it is (`engine.core.carry`).
    """
    alone_there = col(RunRow.version) == col(RunRow.at_version)
    wanted = (
        select(RunRow.at_version, RunRow.node, alone_there, func.count())
        .join(FlowVersionRow, col(FlowVersionRow.id) == col(RunRow.at_version))
        .where(FlowVersionRow.flow == row.id, RunRow.tenant == row.tenant, col(RunRow.status).in_(LIVE))
        .where(RunRow.at_version != but)
        .group_by(col(RunRow.at_version), col(RunRow.node), alone_there)
    )
    groups = list(session.exec(wanted))
    versions = {id: session.get_one(FlowVersionRow, id) for id in {group[0] for group in groups}}
    outlines = {id: Outline(version.document, node_types) for id, version in versions.items()}
    target = Outline(document, node_types)
    found = [
        Inside(
            version=version,
            number=versions[version].number,
            node=node,
            label=outlines[version].title(node),
            runs=count,
            moves=bool(alone) and _moves(outlines[version], target, node),
        )
        for version, node, alone, count in groups
    ]
    return tuple(sorted(found, key=lambda each: (each.number, each.node, each.moves)))


def _moves(old: Outline, new: Outline, node: str) -> bool:
    before, after = old.nodes.get(node), new.nodes.get(node)
    if before is None or after is None or before.get("type") != after.get("type"):
        return False
    kinds = [{port.id: port.kind for port in outline.ports(node)} for outline in (old, new)]
    return same_wait(*kinds)


def _same(session: Session, row: FlowRow) -> FlowVersionRow | None:
    try:
        hash = content_hash(row.draft)
    except NewerFlow:
        return None
    wanted = select(FlowVersionRow).where(FlowVersionRow.flow == row.id, FlowVersionRow.hash == hash)
    return session.exec(wanted.order_by(col(FlowVersionRow.id))).first()
