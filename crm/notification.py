"""What a webhook is told: the body, made of a call's facts and of the tables as they stand when it is first sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from crm.message_event import delivery_event, message_event
from schemas.base62 import encode
from schemas.notification import AGAIN
from schemas.public_id import public_id
from storage.table import ContactRow, ConversationRow, FlowRow, IdentityRow, UserRow


def notification(session: Session, tenant: int, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """`{"id", "type", "event", "timestamp", "created_at", "data"}`; None where what it is about is gone.

    `facts` are a call's data, as `engine.core.telling` and `storage.told` write them.
    """
    event = str(facts["event"])
    if event.startswith("message."):
        told = message_event(session, tenant, int(facts["message"]), event.removeprefix("message."))
        return None if told is None else {**told, "type": event, "event": event}
    if event.startswith(AGAIN):
        return delivery_event(session, tenant, int(facts["message"]), event.removeprefix(AGAIN))
    data = _data(session, tenant, event, facts)
    if data is None:
        return None
    return envelope("evt_" + encode(int(facts["key"])), event, datetime.fromisoformat(facts["at"]), data)


def envelope(id: str, event: str, at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    """The body around some data. Kind and time stand there twice, for readers of either style."""
    when = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"id": id, "type": event, "event": event, "timestamp": when, "created_at": when, "data": dict(data)}


def _data(session: Session, tenant: int, event: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    contact = _contact(session, tenant, int(facts["contact"]))
    if contact is None:
        return None
    match event.partition(".")[0]:
        case "contact":
            return {"contact": contact, "changes": [_change(*each) for each in facts["changes"]]}
        case "conversation":
            return _conversation(session, tenant, facts, contact)
        case "run":
            return {**_run(session, tenant, facts), "outcome": facts["reason"], "contact": contact}
        case _:
            return {**facts["data"], **_origin(session, tenant, facts, contact)}


def _origin(session: Session, tenant: int, facts: Mapping[str, Any], contact: dict[str, Any]) -> dict[str, Any]:
    return {"contact": contact, **_run(session, tenant, facts), "node": facts["node"]}


def _contact(session: Session, tenant: int, id: int) -> dict[str, Any] | None:
    row = session.get(ContactRow, id)
    if row is None or row.tenant != tenant:
        return None
    wanted = select(IdentityRow).where(IdentityRow.contact == id).order_by(col(IdentityRow.position))
    identities = [{"kind": each.kind, "value": each.value} for each in session.exec(wanted)]
    return {
        "id": public_id("ct", id),
        "name": row.name,
        "language": row.language,
        "phone": next((each["value"] for each in identities if each["kind"] == "phone"), None),
        "email": next((each["value"] for each in identities if each["kind"] == "email"), None),
        "identities": identities,
        "tags": list(row.tags),
        "fields": dict(row.fields),
        "opted_out": row.opted_out,
    }


def _change(op: str, key: str, value: Any) -> dict[str, Any]:
    """One operation on a contact in plain words: `{"changed": "field", "key": "plan", "value": "gold"}`."""
    changed = {
        "set_field": "field", "add_tag": "tag_added", "remove_tag": "tag_removed", "add_identity": "identity_added",
        "set_consent": "consent",
    }.get(op, op.removeprefix("set_"))  # fmt: skip
    return {"changed": changed, **({"key": key} if key else {}), "value": value}


def _conversation(
    session: Session, tenant: int, facts: Mapping[str, Any], contact: dict[str, Any]
) -> dict[str, Any] | None:
    row = session.get(ConversationRow, int(facts["conversation"]))
    if row is None or row.tenant != tenant:
        return None
    agent = session.get(UserRow, int(facts["agent"])) if facts["agent"] else None
    return {
        "conversation_id": public_id("cv", row.id),
        "channel_id": public_id("ch", row.channel),
        "agent": {"id": public_id("usr", agent.id), "name": agent.name, "email": agent.email} if agent else None,
        "team_id": public_id("team", int(facts["team"])) if facts["team"] else None,
        "contact": contact,
    }


def _run(session: Session, tenant: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    flow = session.get(FlowRow, int(facts["flow"]))
    return {
        "run_id": public_id("run", int(facts["run"])),
        "flow_id": public_id("flow", int(facts["flow"])),
        "flow_name": flow.name if flow is not None and flow.tenant == tenant else "",
    }
