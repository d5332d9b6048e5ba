"""Runs and their history, in a form for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from crm.journey import happened
from crm.own import own
from engine.core.codec import load_run
from engine.core.value import LIVE, Run
from storage.table import ContactRow, FlowRow, FlowVersionRow, MessageRow, RunRow, StepRow

OWN = "$"
"""Variables that begin so are the engine's own."""


@dataclass(frozen=True, slots=True)
class Story:
    """A run with the names of its flow and its contact, the number of its version, and the labels of its nodes."""

    row: RunRow
    run: Run
    flow: str
    version: int
    labels: Mapping[str, str]
    contact: str | None = None
    timeout_at: datetime | None = None
    """When the reply timeout ends that its question started; None before that left, and where there is none."""

    @property
    def until(self) -> datetime | None:
        """Until when it waits, as far as it can be said now."""
        wait, ends = self.run.wait, self.run.ends_at
        if wait is None or not self.run.live:
            return None
        return min(self.timeout_at, ends) if self.timeout_at is not None else self.row.due or wait.due

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the frame that moves, without the engine's own."""
        frame = self.run.frames[-1] if self.run.frames else None
        return {} if frame is None else {key: value for key, value in frame.variables.items() if not key.startswith(OWN)}


@dataclass(frozen=True, slots=True)
class Passed:
    """One visit of a node: by which port the run left ("" while it waits there), and why."""

    node: str
    label: str
    port: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One step of a run: what happened, also in words (`text`), which way it went and why, the messages that it made."""

    number: int
    at: datetime
    event: int
    kind: str
    text: str
    path: tuple[Passed, ...]
    messages: tuple[int, ...]
    reason: str


def list_runs(
    session: Session,
    tenant: int,
    *,
    contact: int | None = None,
    flow: int | None = None,
    status: str | None = None,
    live: bool | None = None,
    node: str | None = None,
    number: int | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Story], int]:
    """One page of runs, the newest first, and how many there are.

    With a `node` (and a version's `number`) those that stand at it in the flow, also where the flow is another one's subflow.
    """
    where: list[Any] = [RunRow.tenant == tenant]
    if flow is not None and (node is not None or number is not None):
        versions = select(FlowVersionRow.id).where(FlowVersionRow.tenant == tenant, FlowVersionRow.flow == flow)
        if number is not None:
            versions = versions.where(FlowVersionRow.number == number)
        where.append(col(RunRow.at_version).in_(versions))
        flow = None
    if node is not None:
        where.append(RunRow.node == node)
    if live is not None:
        where.append(col(RunRow.status).in_(LIVE) if live else col(RunRow.status).not_in(LIVE))
    for column, value in ((RunRow.contact, contact), (RunRow.flow, flow), (RunRow.status, status)):
        if value is not None:
            where.append(column == value)
    total = session.exec(select(func.count()).select_from(RunRow).where(*where)).one()
    page = session.exec(select(RunRow).where(*where).order_by(col(RunRow.id).desc()).offset(offset).limit(limit))
    return _stories(session, tenant, list(page)), total


def get_run(session: Session, tenant: int, id: int) -> Story:
    """The tenant's run. Raises NotFound."""
    return _stories(session, tenant, [own(session, RunRow, tenant, id, "run")])[0]


def history(session: Session, tenant: int, id: int, *, offset: int = 0, limit: int = 50) -> tuple[list[Chapter], int]:
    """One page of a run's steps, the first one first, and how many there are. Raises NotFound."""
    story = get_run(session, tenant, id)
    total = session.exec(select(func.count()).select_from(StepRow).where(StepRow.run == id)).one()
    page = session.exec(select(StepRow).where(StepRow.run == id).order_by(col(StepRow.number)).offset(offset).limit(limit))
    return [_chapter(row, story.labels) for row in page], total


def _stories(session: Session, tenant: int, rows: Sequence[RunRow]) -> list[Story]:
    flows = dict(
        session.exec(
            select(FlowRow.id, FlowRow.name).where(FlowRow.tenant == tenant, col(FlowRow.id).in_({row.flow for row in rows}))
        ).all()
    )
    wanted = {version for row in rows for version in (row.version, row.at_version)}
    versions = {
        each.id: each
        for each in session.exec(
            select(FlowVersionRow).where(FlowVersionRow.tenant == tenant, col(FlowVersionRow.id).in_(wanted))
        )
    }
    wanted_names = select(ContactRow.id, ContactRow.name).where(
        ContactRow.tenant == tenant, col(ContactRow.id).in_({row.contact for row in rows})
    )
    names = dict(session.exec(wanted_names).all())
    asked = select(MessageRow.id, MessageRow.timeout_at).where(
        MessageRow.tenant == tenant, col(MessageRow.id).in_({row.awaits for row in rows if row.awaits is not None})
    )
    timeouts = dict(session.exec(asked).all())
    return [
        _story(row, flows.get(row.flow, ""), versions, names.get(row.contact), timeouts.get(row.awaits or 0)) for row in rows
    ]


def _story(
    row: RunRow, flow: str, versions: Mapping[int, FlowVersionRow], contact: str | None, timeout_at: datetime | None
) -> Story:
    run = load_run(
        row.state,
        id=row.id,
        flow=row.flow,
        version=row.version,
        conversation=row.conversation,
        status=row.status,
        interactive=row.interactive,
        started_at=row.started_at,
        expires_at=row.expires_at,
        reason=row.reason,
    )
    labels: dict[str, str] = {}
    for version in (row.version, row.at_version):
        if version in versions:
            labels.update((node["id"], node.get("label") or node["id"]) for node in versions[version].document["nodes"])
    number = versions[row.version].number if row.version in versions else 0
    return Story(row, run, flow, number, labels, contact, timeout_at)


def _chapter(row: StepRow, labels: Mapping[str, str]) -> Chapter:
    data = row.data
    return Chapter(
        number=row.number,
        at=row.at,
        event=row.event,
        kind=data["event"]["kind"],
        text=happened(data["event"]),
        path=tuple(Passed(node, labels.get(node, node), port, reason) for node, port, reason, *_ in data["visited"]),
        messages=tuple(data["messages"]),
        reason=data["reason"],
    )
