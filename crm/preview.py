"""What publishing would do, said before: the difference to what is live, and what becomes of the contacts inside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from crm.compare import Change, compare
from crm.flows import NewerFlow, content_hash, get_flow
from crm.outline import Outline
from crm.publish import Around, list_versions
from crm.scope import load_scope
from crm.standing import Group, groups_on
from engine.core.carry import same_wait
from engine.core.check import check
from engine.core.program import NodeTypes
from engine.core.scope import Scope
from schemas.problem import Problem
from storage.table import FlowRow, FlowVersionRow

EMPTY: Mapping[str, Any] = {"nodes": [], "edges": []}


@dataclass(frozen=True, slots=True)
class Inside:
    """Runs that stand at a node of an older version, or run another flow there. `moves`: publishing takes them along."""

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


@dataclass(frozen=True, slots=True)
class Standing:
    """What a preview reads: the flow, who stands where on its versions, and what its draft may refer to."""

    row: FlowRow
    live: FlowVersionRow | None
    same: FlowVersionRow | None
    scope: Scope
    groups: tuple[Group, ...]
    versions: Mapping[int, FlowVersionRow]


def read_draft(session: Session, tenant: int, flow: int, around: Around) -> Standing:
    """What a preview of the flow's draft is made of. Raises NotFound."""
    row = get_flow(session, tenant, flow)
    live, same = session.get(FlowVersionRow, row.live_version) if row.live_version else None, _same(session, row)
    others = [version.id for version in list_versions(session, tenant, flow) if same is None or version.id != same.id]
    groups = tuple(groups_on(session, tenant, others))
    versions = {id: session.get_one(FlowVersionRow, id) for id in {group.version for group in groups}}
    scope = load_scope(session, tenant, around.capabilities, around.node_types, row.draft, row.id)
    return Standing(row, live, same, scope, groups, versions)


def preview_draft(read: Standing, node_types: NodeTypes) -> Preview:
    """What publishing the draft would do. Never refuses: problems are a part of it. Takes some 100 ms for 500 nodes."""
    draft = read.row.draft
    checked = check(draft, node_types, read.scope)
    return Preview(
        row=read.row,
        live=read.live,
        same=read.same,
        problems=checked.problems,
        sound=checked.program is not None,
        changes=compare(read.live.document if read.live else EMPTY, draft, node_types),
        inside=_inside(read, node_types, talks=checked.program is not None and checked.program.interactive),
    )


def _inside(read: Standing, node_types: NodeTypes, *, talks: bool) -> tuple[Inside, ...]:
    """Who stands where on other versions, and whether a move to the draft would take them along (`engine.core.carry`).

    Those stay that speak beside others, where the draft `talks`. A run in several flows is told at the node of each: each of
    them is moved for itself.
    """
    outlines = {id: Outline(version.document, node_types) for id, version in read.versions.items()}
    target = Outline(read.row.draft, node_types)
    counts: Counter[tuple[int, str, bool]] = Counter()
    for version, node, interactive, count in read.groups:
        stays = talks and not interactive
        counts[version, node, not stays and _moves(outlines[version], target, node)] += count
    found = [
        Inside(version, read.versions[version].number, node, outlines[version].title(node), count, moves)
        for (version, node, moves), count in counts.items()
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
