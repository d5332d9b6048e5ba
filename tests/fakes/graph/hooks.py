"""Builds webhook bodies in Meta's shape and signs them. Pure; the shapes are the 16 hooks of `examples.json`."""

import hashlib
import hmac
import json
from random import Random
from typing import Any

from tests.fakes.graph.errors import JsonObject, webhook_error
from tests.fakes.graph.settings import Settings
from tests.fakes.graph.state import Accepted


def encode(body: Any) -> bytes:
    r"""JSON as Meta sends it: \u00e4 for non-ASCII in lower case, and `/`, `<`, `%`, `@` escaped too.

    Source: "Validating payloads" in Meta's Graph webhooks guide.
    """
    raw = json.dumps(body, ensure_ascii=True, separators=(",", ":"))
    # none of these occurs in JSON outside a string
    for char, escape in (("/", "\\/"), ("<", "\\u003C"), ("%", "\\u0025"), ("@", "\\u0040")):
        raw = raw.replace(char, escape)
    return raw.encode("ascii")


def signature(secret: str, raw: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def value(settings: Settings) -> JsonObject:
    metadata = {
        "display_phone_number": settings.display_phone_number,
        "phone_number_id": settings.phone_number_id,
    }
    return {"messaging_product": "whatsapp", "metadata": metadata}


def envelope(settings: Settings, groups: list[list[tuple[str, JsonObject]]]) -> JsonObject:
    """Entries (the outer list) of changes (field, value)."""
    entries = [
        {"id": settings.waba_id, "changes": [{"value": inner, "field": field} for field, inner in changes]}
        for changes in groups
    ]
    return {"object": "whatsapp_business_account", "entry": entries}


def spread(settings: Settings, key: str, parts: list[JsonObject], rng: Random | None) -> JsonObject:
    """Puts partial values (each with a list under `key`) into one body, in their order.

    Without a generator all stand in one entry and one change each; with one they are cut at random into entries and
    changes, and neighbours are merged into one list.
    """
    groups: list[list[tuple[str, JsonObject]]] = []
    for part in parts:
        choice = rng.randrange(3) if rng is not None else 1
        if not groups or choice == 0:
            groups.append([("messages", {**value(settings), **part})])
        elif choice == 1:
            groups[-1].append(("messages", {**value(settings), **part}))
        else:
            merge(groups[-1][-1][1], key, part)
    return envelope(settings, groups)


def merge(into: JsonObject, key: str, part: JsonObject) -> None:
    """Adds the elements of a part to a value; a contact that is there already is not repeated."""
    into[key] = [*into.get(key, []), *part[key]]
    fresh = [contact for contact in part.get("contacts", []) if contact not in into.get("contacts", [])]
    if fresh:
        into["contacts"] = [*into.get("contacts", []), *fresh]


def status(message: Accepted, name: str, at: float, code: int | None, bsuid: str | None, rng: Random) -> JsonObject:
    """One element of `statuses[]`. Pricing per message (PMP) since July 2025; `conversation` comes only sometimes.

    Source: Meta's "Status messages webhook reference"; `recipient_user_id` from its page on business-scoped user ids.
    """
    result: JsonObject = {
        "id": message.id,
        "status": name,
        "timestamp": str(int(at)),
        "recipient_id": message.recipient,
    }
    if bsuid is not None:
        result["recipient_user_id"] = bsuid
        if bsuid == message.recipient:
            del result["recipient_id"]
    if message.key is not None:
        result["biz_opaque_callback_data"] = message.key
    if code is not None:
        result["errors"] = [webhook_error(code)]
        return result
    category = "utility" if message.kind == "template" else "service"
    kind = "regular" if message.kind == "template" else "free_customer_service"
    result["pricing"] = {"billable": kind == "regular", "pricing_model": "PMP", "category": category, "type": kind}
    if rng.random() < 0.5:
        result["conversation"] = {"id": f"{rng.getrandbits(128):032x}", "origin": {"type": category}}
    return result


def customer(request: JsonObject) -> JsonObject:
    """One element of `contacts[]`. Without a phone only the business-scoped user id stands there.

    `user_id`, `profile.username`: Meta's page on usernames and business-scoped user ids (2026-03-31).
    """
    profile = {"name": request.get("name", "Sheena Nelson")}
    if "username" in request:
        profile["username"] = request["username"]
    contact: JsonObject = {"profile": profile}
    wa_id = request["wa_id"] if "wa_id" in request else request.get("from")
    if wa_id is not None:
        contact["wa_id"] = wa_id
    if request.get("bsuid") is not None:
        contact["user_id"] = request["bsuid"]
    return contact
