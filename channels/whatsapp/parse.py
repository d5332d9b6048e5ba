"""A webhook's body as events: every element of every nested array (entries, changes, messages and statuses). Pure, total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from channels.parsed import Attention, Echo, Parsed, TemplateReport
from channels.protocol import ChannelRef
from channels.whatsapp.account import TEMPLATE_FIELDS, account_news, preferences, template_report
from channels.whatsapp.inbound import echoed, received
from channels.whatsapp.read import instant, keep_raw, mapping, objects, read_json, text
from channels.whatsapp.status import account_errors, reported
from schemas.event import NewEvent

Item = NewEvent | Attention | TemplateReport | Echo
ECHOES = {"message_echoes": "message_echoes", "smb_message_echoes": "message_echoes"}


def parse(body: bytes, channel: ChannelRef, now: datetime) -> Parsed:
    """All that the body says, in its order; the same message or status twice counts once.

    Source of the shapes: "Webhooks: messages and statuses" of Meta's documentation, and its public OpenAPI examples (v23.0).
    A number that isn't this channel's goes to the tenant's channel for it; without one it is told as attention.
    """
    try:
        hook = read_json(body)
    except ValueError:
        problem = Attention("not_json", "warning", "A signed webhook could not be read: it isn't JSON.", now, channel.id)
        return Parsed(attention=(problem,))
    items = list(_items(hook, channel, now))
    events: dict[tuple[str, str], NewEvent] = {}
    for item in items:
        if isinstance(item, NewEvent):
            events.setdefault((item.source, item.external_id), item)
    return Parsed(
        tuple(events.values()),
        tuple(item for item in items if isinstance(item, Attention)),
        tuple(item for item in items if isinstance(item, TemplateReport)),
        tuple({item.external_id: item for item in items if isinstance(item, Echo)}.values()),
    )


def _items(hook: Any, channel: ChannelRef, now: datetime) -> Iterator[Item]:
    for entry in objects(mapping(hook).get("entry")):
        at = instant(entry.get("time"), now)
        for change in objects(entry.get("changes")):
            field, value = text(change.get("field"), 64), mapping(change, "value")
            number = text(mapping(value, "metadata").get("phone_number_id"), 64)
            target = channel.named(number)
            if target is None:
                told = f"A webhook told of the number {number}, which no channel has. Connect it, or unsubscribe it."
                yield Attention("unknown_number", "warning", told, at, channel.id, keep_raw(change))
                continue
            yield from _change(field, value, channel.tenant, target, at, now)


def _change(field: str, value: Mapping[str, Any], tenant: int, channel: int, at: datetime, now: datetime) -> Iterator[Item]:
    if field in ("messages", ""):
        yield from received(value, tenant, channel, now)
        yield from reported(value, tenant, channel, now)
        yield from account_errors(value, channel, now)
    elif field in ECHOES:
        yield from echoed(value, ECHOES[field], channel, now)
    elif field == "user_preferences":
        yield from preferences(value, tenant, channel, now)
    elif field in TEMPLATE_FIELDS and (report := template_report(value, at)) is not None:
        yield report
    else:
        yield account_news(field, value, channel, at)
