"""Ready-made flows in a workspace: one that goes on in others brings them along."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from crm.flows import create_flow, dump_document, flow_by_key, save_draft
from crm.used_by import references_of
from engine.core.program import NodeTypes
from schemas.flow import FlowDocument
from schemas.public_id import public_id
from storage.table import FlowRow


def create_with_others(
    session: Session,
    tenant: int,
    document: FlowDocument,
    ready_made: Mapping[str, FlowDocument],
    node_types: NodeTypes,
    now: datetime,
    *,
    key: str = "",
) -> list[FlowRow]:
    """The flow, and after it those that it brought along.

    A flow that it names by the key of a ready-made one is taken where the workspace has one with this key, and made where it
    has none; then it is named by its id.
    """
    row = create_flow(session, tenant, document, now, key=key)
    return [row, *_link(session, row, document, ready_made, node_types, now)]


def _link(
    session: Session,
    row: FlowRow,
    document: FlowDocument,
    ready_made: Mapping[str, FlowDocument],
    node_types: NodeTypes,
    now: datetime,
) -> list[FlowRow]:
    """Make what a flow names by the key of a ready-made one, and name it by its id."""
    draft: Any = dump_document(document)
    made: list[FlowRow] = []
    for each in references_of(document, node_types):
        if each.kind != "flow" or each.id not in ready_made:
            continue
        other = flow_by_key(session, row.tenant, each.id)
        if other is None:
            other = create_flow(session, row.tenant, ready_made[each.id], now, key=each.id)
            made += [other, *_link(session, other, ready_made[each.id], ready_made, node_types, now)]
        _put(draft, each.pointer, public_id("flow", other.id))
    linked = FlowDocument.model_validate(draft)
    if linked != document:
        save_draft(session, row, linked, now)
        row.revision = 1  # nobody has seen it before
    return made


def _put(document: Any, pointer: str, value: str) -> None:
    *path, last = pointer.split("/")[1:]
    for part in path:
        document = document[int(part)] if isinstance(document, list) else document[part]
    document[last] = value
