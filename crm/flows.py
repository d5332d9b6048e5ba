"""Flows: drafts that are saved, listed, copied, archived and deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError
from sqlmodel import Session, col, func, or_, select

from crm.entry import Entries, entries_of
from crm.own import free_key, own, slug
from crm.used_by import refuse_if_used
from crm.world_number import raise_world
from engine.core.program import NodeTypes
from engine.core.value import LIVE
from schemas.error import Conflict, Invalid
from schemas.flow import MAX_DOCUMENT_BYTES, FlowDocument
from schemas.migration import migrate
from schemas.public_id import public_id
from storage.table import FlowRow, FlowVersionRow, RunRow, ScheduleRow, TriggerAddressRow

MOST_FLOWS = 2_000
"""Flows of a workspace: all live ones are held in memory, compiled."""


NEWER: dict[str, Any] = {"language": None, "translations": {}}
NEWER_SETTINGS: dict[str, Any] = {"error_flow": None, "on_no_match": "error", "reply_timeout": None, "retry_text": ""}
NEWER_VARIABLES: dict[str, Any] = {"input": False, "output": False}
"""What documents didn't have at first, with its default: without it the hash is what it was."""


class NewerFlow(Invalid):
    """This flow was made by a newer release of PostDog. Install that release, then open the flow again."""

    code = "newer_schema"


class FlowTooLarge(Invalid):
    """This flow is too large. Split it into several flows."""

    code = "flow_too_large"


@dataclass(frozen=True, slots=True)
class FlowState:
    """A flow with what is known of it: its live version, and how many runs stand in it now."""

    row: FlowRow
    live: FlowVersionRow | None
    waiting: int
    changed: bool
    """The draft differs from what is live, the layout aside."""
    entries: Entries
    """Of what is live; of the draft where nothing is."""

    @property
    def status(self) -> str:
        """archived, live or draft."""
        return "archived" if self.row.archived else "live" if self.live else "draft"


def dump_document(document: FlowDocument) -> dict[str, Any]:
    """The document as it is stored: as it was written, without what was left to defaults."""
    return {"schema": document.schema_, **document.model_dump(mode="json", by_alias=True, exclude_unset=True)}


def read_document(stored: Mapping[str, Any]) -> FlowDocument:
    """A stored document in its current form. Raises NewerFlow for one that a newer release has written."""
    try:
        return FlowDocument.model_validate(migrate(stored))
    except ValidationError as error:
        raise NewerFlow from error


def content_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 over what a flow does, in hex: layout, notes and what is written out of the defaults don't count.

    >>> content_hash({"name": "A"}) == content_hash({"schema": 1, "name": "A", "edges": [], "layout": {"a": {"x": 1, "y": 2}}})
    True
    """
    full = read_document(document).model_dump(mode="json", by_alias=True, exclude={"layout", "notes"})
    parts = ((full, NEWER), (full["settings"], NEWER_SETTINGS), *((each, NEWER_VARIABLES) for each in full["variables"]))
    for part, newer in parts:
        for key, default in newer.items():
            if part[key] == default:
                del part[key]
    return hashlib.sha256(orjson.dumps(full, option=orjson.OPT_SORT_KEYS)).hexdigest()


def get_flow(session: Session, tenant: int, flow: int) -> FlowRow:
    """The flow. Raises NotFound."""
    return own(session, FlowRow, tenant, flow, "flow")


def flow_by_key(session: Session, tenant: int, key: str) -> FlowRow | None:
    """The flow with this key, None if there is none."""
    return session.exec(select(FlowRow).where(FlowRow.tenant == tenant, FlowRow.key == key)).first()


def list_flows(
    session: Session,
    tenant: int,
    node_types: NodeTypes,
    *,
    archived: bool | None = False,
    live: bool | None = None,
    search: str = "",
    offset: int = 0,
    limit: int = 100,
) -> tuple[list[FlowState], int]:
    """A page of the flows, the last changed first, and how many there are. None: all. `search` is a part of name or key."""
    matching: list[Any] = [FlowRow.tenant == tenant]
    if archived is not None:
        matching.append(col(FlowRow.archived).is_(archived))
    if live is not None:
        matching.append(FlowRow.live_version != 0 if live else FlowRow.live_version == 0)
    if search:
        named = (col(FlowRow.name), col(FlowRow.key))
        matching.append(or_(*(column.icontains(search, autoescape=True) for column in named)))
    total = session.exec(select(func.count()).select_from(FlowRow).where(*matching)).one()
    order = (col(FlowRow.updated_at).desc(), col(FlowRow.id).desc())
    rows = list(session.exec(select(FlowRow).where(*matching).order_by(*order).offset(offset).limit(limit)))
    lives = {row.live_version for row in rows if row.live_version}
    versions = {each.id: each for each in session.exec(select(FlowVersionRow).where(col(FlowVersionRow.id).in_(lives)))}
    inside = dict(
        session.exec(
            select(RunRow.flow, func.count())
            .where(RunRow.tenant == tenant, col(RunRow.flow).in_([row.id for row in rows]), col(RunRow.status).in_(LIVE))
            .group_by(col(RunRow.flow))
        ).all()
    )
    return [_state(row, versions.get(row.live_version), inside.get(row.id, 0), node_types) for row in rows], total


def state_of(session: Session, row: FlowRow, node_types: NodeTypes) -> FlowState:
    """The flow with its live version, the number of its runs, and how it is entered."""
    live = session.get(FlowVersionRow, row.live_version) if row.live_version else None
    return _state(row, live, count_live_runs(session, row), node_types)


def _state(row: FlowRow, live: FlowVersionRow | None, inside: int, node_types: NodeTypes) -> FlowState:
    entries = entries_of(live.document if live else row.draft, node_types)
    return FlowState(row, live, inside, live is None or _differs(row.draft, live), entries)


def _differs(draft: Mapping[str, Any], live: FlowVersionRow) -> bool:
    if draft == live.document:
        return False
    try:
        return content_hash(draft) != live.hash
    except NewerFlow:
        return True


def count_live_runs(session: Session, row: FlowRow) -> int:
    """How many runs of the flow have not ended."""
    wanted = select(func.count()).select_from(RunRow)
    return session.exec(
        wanted.where(RunRow.tenant == row.tenant, RunRow.flow == row.id, col(RunRow.status).in_(LIVE))
    ).one()


def create_flow(session: Session, tenant: int, document: FlowDocument, now: datetime, *, key: str = "") -> FlowRow:
    """A new flow with this draft. A key that is asked for must be free; else one is made from the name."""
    taken = set(session.exec(select(FlowRow.key).where(FlowRow.tenant == tenant)))
    if key in taken:
        raise Conflict(f"There is a flow with the key “{key}” already. Choose another.")
    if len(taken) >= MOST_FLOWS:
        raise Conflict(f"There are {MOST_FLOWS:,} flows already. Delete some that nobody uses.")
    row = FlowRow(
        tenant=tenant,
        key=key or free_key(slug(document.name), taken, "flow"),
        name=document.name,
        draft=_checked_size(dump_document(document)),
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row


def save_draft(session: Session, row: FlowRow, document: FlowDocument, now: datetime) -> FlowRow:
    """The next revision of the draft; the flow takes its name from it. Saving what is there already changes nothing."""
    draft = _checked_size(dump_document(document))
    if draft == row.draft:
        return row
    row.draft, row.name = draft, document.name
    row.revision += 1
    row.updated_at = now
    session.add(row)
    return row


def rename_flow(session: Session, row: FlowRow, name: str, now: datetime) -> FlowRow:
    """The flow under another name, in its draft too."""
    return save_draft(session, row, read_document(row.draft).model_copy(update={"name": name}), now)


def import_flow(session: Session, tenant: int, key: str, document: FlowDocument, now: datetime) -> FlowRow:
    """The flow with this key with this draft; made, if there is none."""
    row = flow_by_key(session, tenant, key)
    return create_flow(session, tenant, document, now, key=key) if row is None else save_draft(session, row, document, now)


def duplicate_flow(session: Session, tenant: int, flow: int, now: datetime, name: str | None = None) -> FlowRow:
    """A new flow with the same draft."""
    row = get_flow(session, tenant, flow)
    copy = name or f"{row.name[:190]} (copy)"
    return create_flow(session, tenant, read_document(row.draft).model_copy(update={"name": copy}), now)


def set_archived(session: Session, row: FlowRow, archived: bool, now: datetime) -> FlowRow:
    """Put a flow away, or bring it back. Only what isn't live can be put away; runs that are inside go on to their end."""
    if archived and row.live_version:
        raise Conflict("This flow is live. Deactivate it first, then archive it.")
    if row.archived != archived:
        row.archived = archived
        row.updated_at = now
        row.revision += 1
        session.add(row)
        raise_world(session, row.tenant)
    return row


def delete_flow(session: Session, tenant: int, flow: int, node_types: NodeTypes) -> None:
    """Remove a flow. Refused while it is live, while runs are inside, and where a published flow starts it.

    Its published versions stay: the history of its runs refers to them.
    """
    row = get_flow(session, tenant, flow)
    if row.live_version:
        raise Conflict("This flow is live. Deactivate it first, then delete it.")
    if count := count_live_runs(session, row):
        raise Conflict(f"{count} contacts are in this flow. Stop their runs, or wait until they end; archive it meanwhile.")
    refuse_if_used(session, tenant, node_types, "flow", (public_id("flow", flow), row.key), f"The flow “{row.name}”", but=flow)
    for address in session.exec(select(TriggerAddressRow).where(TriggerAddressRow.flow == flow)):
        session.delete(address)
    for schedule in session.exec(select(ScheduleRow).where(ScheduleRow.flow == flow)):
        session.delete(schedule)
    session.delete(row)
    raise_world(session, tenant)


def _checked_size(draft: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(orjson.dumps(draft))
    except orjson.JSONEncodeError as error:
        raise Invalid("Whole numbers in a flow must fit into 64 bits, and nothing may be nested more than 250 deep.") from error
    if size > MAX_DOCUMENT_BYTES:
        most = f"{MAX_DOCUMENT_BYTES / 1e6:g} MB at most are taken"
        raise FlowTooLarge(f"This flow has {size / 1e6:.1f} MB; {most}. Split it into several flows.")
    return draft
