"""Publishing: a draft becomes an immutable version that lives; and what becomes of the runs on older ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, col, func, select

from crm.flows import content_hash, get_flow
from crm.scope import load_scope
from crm.standing import groups_on
from crm.triggers import clear_schedules, set_triggers
from crm.world_number import raise_world
from engine.core.check import Checked, check
from engine.core.program import NodeTypes, Program
from schemas.capability import Capabilities
from schemas.error import Conflict, Invalid, NotFound
from schemas.problem import Problem
from storage.table import FlowRow, FlowVersionRow

Policy = Literal["stay", "move", "restart", "end"]


class FlowInvalid(Invalid):
    """This flow has errors. Mend them, then publish."""

    code = "flow_invalid"

    def __init__(self, problems: tuple[Problem, ...] = ()) -> None:
        errors = [problem for problem in problems if problem.level == "error"]
        count = f"{len(errors)} errors, the first:" if len(errors) > 1 else "an error:"
        super().__init__(f"This flow has {count} {errors[0].message} {errors[0].hint}".rstrip() if errors else None)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Standing:
    """How many runs stand at a node of a version now, or run another flow there."""

    version: int
    number: int
    node: str
    runs: int


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish did, or would do. `version` is None in a dry run that would make a new one."""

    flow: FlowRow
    version: FlowVersionRow | None
    new: bool
    """A new version was made: nothing that was ever published of this flow is the same."""
    problems: tuple[Problem, ...]
    standing: tuple[Standing, ...]
    """The runs on other versions, which the policy is about."""

    @property
    def document(self) -> Mapping[str, Any]:
        """The document that the problems are about."""
        return self.flow.draft if self.version is None else self.version.document


@dataclass(frozen=True, slots=True)
class Around:
    """What publishing needs from the server."""

    node_types: NodeTypes
    capabilities: Mapping[str, Capabilities]
    random: Callable[[int], bytes]


def check_flow(session: Session, tenant: int, document: Any, around: Around, flow: int = 0) -> Checked:
    """Everything that is wrong with a document, seen from this workspace; `flow` is the one whose document it is."""
    scope = load_scope(session, tenant, around.capabilities, around.node_types, document, flow)
    return check(document, around.node_types, scope)


def publish_flow(
    session: Session,
    tenant: int,
    flow: int,
    around: Around,
    now: datetime,
    *,
    note: str = "",
    policy: Policy = "stay",
    user: int = 0,
    dry_run: bool = False,
) -> Published:
    """Make the draft live. The same content as an earlier version makes that one live again. Raises FlowInvalid, Conflict."""
    row = get_flow(session, tenant, flow)
    checked, program = _sound(session, row, row.draft, around)
    hash = content_hash(row.draft)
    same = session.exec(
        select(FlowVersionRow).where(FlowVersionRow.flow == flow, FlowVersionRow.hash == hash).order_by(col(FlowVersionRow.id))
    ).first()
    standing = standing_on(session, row, but=same.id if same else 0)
    if dry_run:
        return Published(row, same, same is None, checked.problems, standing)
    version = same or _new_version(session, row, hash, note, user, now)
    _go_live(session, row, version, program, policy, around, now)
    return Published(row, version, same is None, checked.problems, standing)


def roll_back(
    session: Session, tenant: int, flow: int, number: int, around: Around, now: datetime, *, policy: Policy = "stay"
) -> Published:
    """Make an older version live again. It is checked anew: what it refers to may be gone."""
    row = get_flow(session, tenant, flow)
    version = get_version(session, tenant, flow, number)
    checked, program = _sound(session, row, version.document, around)
    standing = standing_on(session, row, but=version.id)
    _go_live(session, row, version, program, policy, around, now)
    return Published(row, version, False, checked.problems, standing)


def deactivate_flow(session: Session, tenant: int, flow: int) -> FlowRow:
    """Nothing starts this flow any more; runs that are inside go on to their end."""
    row = get_flow(session, tenant, flow)
    if row.live_version:
        row.live_version = 0
        session.add(row)
        clear_schedules(session, row.id)
        raise_world(session, tenant)
    return row


def list_versions(session: Session, tenant: int, flow: int) -> list[FlowVersionRow]:
    """What was published of a flow, the newest first."""
    get_flow(session, tenant, flow)
    wanted = select(FlowVersionRow).where(FlowVersionRow.flow == flow, FlowVersionRow.tenant == tenant)
    return list(session.exec(wanted.order_by(col(FlowVersionRow.number).desc())))


def get_version(session: Session, tenant: int, flow: int, number: int) -> FlowVersionRow:
    """The version with this number. Raises NotFound."""
    wanted = select(FlowVersionRow).where(
        FlowVersionRow.tenant == tenant, FlowVersionRow.flow == flow, FlowVersionRow.number == number
    )
    row = session.exec(wanted).first()
    if row is None:
        raise NotFound(f"This flow has no version {number}.")
    return row


def standing_on(session: Session, row: FlowRow, *, but: int = 0) -> tuple[Standing, ...]:
    """How many runs stand where, in all versions of the flow but one."""
    numbers = {version.id: version.number for version in list_versions(session, row.tenant, row.id) if version.id != but}
    counts: Counter[tuple[int, str]] = Counter()
    for each in groups_on(session, row.tenant, numbers):
        counts[each.version, each.node] += each.runs
    found = [Standing(version, numbers[version], node, runs) for (version, node), runs in counts.items()]
    return tuple(sorted(found, key=lambda each: (each.number, each.node)))


def _sound(session: Session, row: FlowRow, document: Any, around: Around) -> tuple[Checked, Program]:
    if row.archived:
        raise Conflict("This flow is archived. Bring it back first, then publish it.")
    checked = check_flow(session, row.tenant, document, around, row.id)
    if checked.program is None:
        raise FlowInvalid(checked.problems)
    return checked, checked.program


def _new_version(session: Session, row: FlowRow, hash: str, note: str, user: int, now: datetime) -> FlowVersionRow:
    last = session.exec(select(func.max(FlowVersionRow.number)).where(FlowVersionRow.flow == row.id)).one()
    version = FlowVersionRow(
        tenant=row.tenant,
        flow=row.id,
        number=(last or 0) + 1,
        document=row.draft,
        hash=hash,
        note=note,
        published_at=now,
        published_by=user,
    )
    session.add(version)
    session.flush()
    return version


def _go_live(
    session: Session, row: FlowRow, version: FlowVersionRow, program: Program, policy: Policy, around: Around, now: datetime
) -> None:
    row.live_version, row.interactive = version.id, program.interactive
    session.add(row)
    version.successor = None
    session.add(version)
    if policy != "stay":
        for other in list_versions(session, row.tenant, row.id):
            if other.id != version.id:
                other.successor = {"policy": policy, "version": version.id}
                session.add(other)
    set_triggers(session, row, replace(program, version=version.id, flow=row.id), around.random, now)
    raise_world(session, row.tenant)
    session.flush()
