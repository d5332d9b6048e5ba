"""`statuses[]` and `errors[]` of a webhook: what became of our messages, and what is wrong with the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from channels.parsed import Attention
from channels.whatsapp.errors import VERDICTS, explain, verdict
from channels.whatsapp.identity import identities_of, join
from channels.whatsapp.read import first, instant, keep_raw, mapping, objects, text
from schemas.contact import ContactChange, Identity
from schemas.event import ChangeContact, NewEvent, StatusReported

STATUSES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}
"""Meta's word -> ours. `played` tells of a voice message; no status of ours is beyond `read`."""

WINDOW_CLOSED = "window_closed"
MAX_ID = 2**63 - 1
Value = Mapping[str, Any]


def reported(value: Value, tenant: int, channel: int, now: datetime) -> Iterator[NewEvent | Attention]:
    """The statuses of one change; with code 131050 also the person's stop of marketing messages."""
    for status in objects(value.get("statuses")):
        wamid, word = text(status.get("id"), 512), text(status.get("status"), 64)
        at = instant(status.get("timestamp"), now)
        if not wamid or word not in STATUSES:
            yield Attention("unknown_status", "info", "A status of an unknown kind came in.", at, channel, keep_raw(status))
            continue
        people = _recipient(status, value)
        code, detail = _failure(status) if word == "failed" else (None, "")
        body = StatusReported(
            channel,
            wamid,
            STATUSES[word],
            message=our_message(status.get("biz_opaque_callback_data")),
            code=_word(code),
            detail=detail,
            identities=people,
        )
        source = f"channel:{channel}"
        yield NewEvent(tenant, source, f"{wamid}:{word}", at, body, identities=people)
        if code is None:
            continue
        found = verdict(code)
        if found.note == "opt_out" and people:
            change = ChangeContact((ContactChange("set_consent", value=False),), actor="whatsapp")
            yield NewEvent(tenant, source, f"{wamid}:opt_out", at, change, identities=people)
        if found.note in ("attention", "pause_campaigns"):
            yield _alarm(code, at, channel, status)


def account_errors(value: Value, channel: int, now: datetime) -> Iterator[Attention]:
    """`errors[]` beside no message and no status: they concern the whole account."""
    for error in objects(value.get("errors")):
        code = _code(error)
        yield _alarm(code if code is not None else -1, now, channel, error)


def our_message(data: Any) -> int:
    """Our message's id from the callback data that we gave with it; 0 if it isn't ours.

    >>> our_message("42"), our_message("order-7"), our_message(None)
    (42, 0, 0)
    """
    digits = text(data, 20)
    known = digits.isascii() and digits.isdigit() and int(digits) <= MAX_ID
    return int(digits) if known else 0


def _recipient(status: Value, value: Value) -> tuple[Identity, ...]:
    """Who the message went to; a wa_id here may differ from the number that we dialled. Nobody for a group."""
    if text(status.get("recipient_type")) == "group":
        return ()
    wa_id, user_id = text(status.get("recipient_id")), text(status.get("recipient_user_id"))
    found = identities_of(wa_id, user_id)
    for contact in objects(value.get("contacts")):
        if (wa_id and text(contact.get("wa_id")) == wa_id) or (user_id and text(contact.get("user_id")) == user_id):
            found = join(found, identities_of(contact.get("wa_id"), contact.get("user_id")))
    return found


def _word(code: int | None) -> str:
    """The code as the engine has it: the one failure that flows have a port for has one name, at the answer and later."""
    if code is None:
        return ""
    return WINDOW_CLOSED if verdict(code).remedy == WINDOW_CLOSED else str(code)


def _failure(status: Value) -> tuple[int | None, str]:
    error = next(iter(objects(status.get("errors"))), {})
    detail = first(mapping(error, "error_data"), "details") or first(error, "message", "title")
    code = _code(error)
    return code, explain(detail, verdict(code))[:1000] if code is not None else detail[:1000]


def _code(error: Value) -> int | None:
    digits = text(error.get("code"), 12)
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _alarm(code: int, at: datetime, channel: int, raw: Value) -> Attention:
    found = verdict(code)
    detail = first(mapping(raw, "error_data"), "details") or first(raw, "message", "title")
    told = f"Meta reports an error ({code}). {found.advice}" if code in VERDICTS else f"Meta reports an error: {detail or code}."
    return Attention(
        str(code) if code >= 0 else "account_error",
        "broken" if found.note == "attention" else "warning",
        told[:1000],
        at,
        channel,
        keep_raw(raw),
        pause_campaigns=found.note == "pause_campaigns",
    )
