"""Global variables: values of the workspace's own, which all of its flows read as `global.KEY`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session, col, select

from crm.field_values import TYPES
from crm.own import own
from crm.used_by import refuse_if_used
from crm.world_number import raise_world
from engine.core.program import NodeTypes
from schemas.error import Conflict, Invalid
from storage.table import GlobalRow

MOST_GLOBALS = 200
"""Global variables of a workspace: all of them are in memory while its flows run."""
LARGEST_VALUE = 10_000
"""Bytes of a value as JSON: as long as the longest message that could hold it."""


class WrongGlobalType(Invalid):
    """This value doesn't have the variable's type."""

    code = "wrong_global_type"


def list_globals(session: Session, tenant: int) -> list[GlobalRow]:
    """All global variables, by key."""
    return list(session.exec(select(GlobalRow).where(GlobalRow.tenant == tenant).order_by(col(GlobalRow.key))))


def create_global(
    session: Session, tenant: int, key: str, label: str, type: str, value: Any, now: datetime
) -> GlobalRow:
    """A new variable. Its key and type stay. Raises Conflict and WrongGlobalType."""
    known = list_globals(session, tenant)
    if any(row.key == key for row in known):
        raise Conflict(f"There is a global variable “{key}” already.")
    if len(known) >= MOST_GLOBALS:
        raise Conflict(f"There are {MOST_GLOBALS} global variables already. Delete one that nobody uses.")
    _check(key, type, value)
    row = GlobalRow(tenant=tenant, key=key, label=label or key, type=type, value=value, created_at=now)
    session.add(row)
    raise_world(session, tenant)
    session.flush()
    return row


def change_global(session: Session, tenant: int, id: int, changes: Mapping[str, Any]) -> GlobalRow:
    """Take over `label` and `value`. Flows that run read the new value at their next step. Raises WrongGlobalType."""
    row = own(session, GlobalRow, tenant, id, "global variable")
    if "value" in changes:
        _check(row.key, row.type, changes["value"])
        row.value = changes["value"]
    row.label = changes.get("label", row.label)
    session.add(row)
    raise_world(session, tenant)
    return row


def delete_global(session: Session, tenant: int, id: int, node_types: NodeTypes) -> None:
    """Remove a variable. Raises InUse."""
    row = own(session, GlobalRow, tenant, id, "global variable")
    refuse_if_used(session, tenant, node_types, "global", (row.key,), f"The global variable “{row.key}”")
    session.delete(row)
    raise_world(session, tenant)


def _check(key: str, type: str, value: Any) -> None:
    fits, example = TYPES[type]
    if value is not None and not fits(value):
        raise WrongGlobalType(f"The global variable “{key}” takes {example}.")
    if len(orjson.dumps(value)) > LARGEST_VALUE:
        raise WrongGlobalType(f"The value of “{key}” is longer than {LARGEST_VALUE:,} bytes. Make it shorter.")
