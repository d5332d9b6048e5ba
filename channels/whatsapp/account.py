"""The other fields of a webhook: templates, the number's quality, the account, a person's preferences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from channels.parsed import Attention, AttentionLevel, TemplateReport, TemplateState
from channels.whatsapp.identity import identities_of
from channels.whatsapp.read import first, instant, keep_raw, mapping, objects, text
from schemas.contact import ContactChange
from schemas.event import ChangeContact, NewEvent

Value = Mapping[str, Any]

TEMPLATE_STATES: Mapping[str, TemplateState] = {
    "PENDING": "pending",
    "IN_APPEAL": "pending",
    "APPROVED": "approved",
    "REINSTATED": "approved",
    "UNARCHIVED": "approved",
    "REJECTED": "rejected",
    "PAUSED": "paused",
    "DISABLED": "disabled",
    "PENDING_DELETION": "disabled",
    "DELETED": "disabled",
    "ARCHIVED": "disabled",
}
"""Meta's word -> ours. FLAGGED, LOCKED and LIMIT_EXCEEDED leave a template sendable as it was."""

BROKEN = frozenset({"DISABLED_UPDATE", "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED", "PARTNER_REMOVED", "ACCOUNT_RESTRICTION"})
WARNING = frozenset({"FLAGGED", "DOWNGRADE", "ACCOUNT_VIOLATION", "PARTNER_APP_UNINSTALLED"})
"""Events of the account and of the number that somebody must see."""

TEMPLATE_FIELDS = frozenset(
    {
        "message_template_status_update",
        "message_template_quality_update",
        "message_template_components_update",
        "template_category_update",
    }
)


def template_report(value: Value, now: datetime) -> TemplateReport | None:
    """News of a template from any of TEMPLATE_FIELDS; None if it names none."""
    name = text(value.get("message_template_name"), 512)
    if not name:
        return None
    event = text(value.get("event"), 64).upper()
    reason = text(value.get("reason"), 256)
    rejection = first(mapping(value, "rejection_info"), "reason", "recommendation")
    title = first(mapping(value, "other_info"), "title", "description")
    return TemplateReport(
        name,
        text(value.get("message_template_language"), 32),
        instant(value.get("timestamp"), now),
        provider_id=text(value.get("message_template_id"), 64),
        status=TEMPLATE_STATES.get(event, ""),
        event=event,
        reason=": ".join(part for part in ("" if reason.upper() == "NONE" else reason, rejection or title) if part)[:500],
        category=first(value, "new_category", "message_template_category")[:64],
        quality=first(value, "new_quality_score")[:64],
    )


def preferences(value: Value, tenant: int, channel: int, now: datetime) -> Iterator[NewEvent]:
    """`user_preferences[]`: a person stops marketing messages, or takes them again."""
    contacts = objects(value.get("contacts"))
    for item in objects(value.get("user_preferences")):
        wanted = text(item.get("value"), 64).lower()
        sender = contacts[0] if len(contacts) == 1 else {}
        people = identities_of(first(item, "wa_id") or first(sender, "wa_id"), first(item, "user_id") or first(sender, "user_id"))
        if wanted not in ("stop", "resume") or not people:
            continue
        at = instant(item.get("timestamp"), now)
        moment = text(item.get("timestamp"), 20) or str(int(at.timestamp()))
        change = ChangeContact((ContactChange("set_consent", value=wanted == "resume"),), actor="whatsapp")
        key = f"preference:{people[0].value}:{moment}:{wanted}"
        yield NewEvent(tenant, f"channel:{channel}", key, at, change, identities=people)


def account_news(field: str, value: Value, channel: int, at: datetime) -> Attention:
    """Anything else that Meta tells: kept raw, shown if it stops or endangers sending."""
    event = text(value.get("event"), 64).upper()
    level: AttentionLevel = "warning" if event in WARNING or field == "account_alerts" else "info"
    if event in BROKEN:
        level = "broken"
    said = first(value, "alert_description", "ban_info", "title")
    words = " ".join(part for part in (field.replace("_", " "), event.replace("_", " ").lower()) if part)
    told = f"Meta tells of this account: {words}{': ' + said if said else ''}."
    advice = "" if level == "info" else " Look at it in WhatsApp Manager."
    pause = event in ("FLAGGED", "DOWNGRADE")
    return Attention(event or field, level, (told + advice)[:1000], at, channel, keep_raw(value), pause_campaigns=pause)
