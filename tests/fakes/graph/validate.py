"""Decides whether the body of a send is one that Meta takes: the envelope and the plain kinds.

Strict: an unknown key, a missing key or a value out of its limits raises GraphError. The shapes are those of the 50
examples in `examples.json`; what is accepted beyond them names its source.
"""

import re
from collections.abc import Callable

from tests.fakes.graph import limits, shape
from tests.fakes.graph.errors import GraphError, JsonObject
from tests.fakes.graph.validate_interactive import check_interactive
from tests.fakes.graph.validate_template import check_template

PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{3,24}")
# Business-scoped user ids: Meta's page on usernames; the parent form is `US.ENT.123` (2026-03-31)
BSUID = re.compile(r"[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}")

# `biz_opaque_callback_data`: "Cloud API messages reference", and pywa's `tracker`. `recipient`: pywa 4, for a BSUID.
OPTIONAL = ("recipient_type", "type", "context", "biz_opaque_callback_data", "to", "recipient")


def check_message(body: JsonObject) -> str:
    """The kind of a valid message; raises GraphError for any other."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")
    # two examples have no type: "Send Text Message with Preview URL" and "Send Reply to List Message"
    untyped = "interactive" if "interactive" in body and "context" in body else "text"
    kind = shape.one_of(body.get("type", untyped), "type", KINDS)
    if kind not in body:
        raise GraphError(131008, f"Parameter '{kind}' is mandatory for type '{kind}'.")
    shape.obj(body, "message", ["messaging_product", kind], OPTIONAL)
    check_recipient(body)
    if "recipient_type" in body:
        shape.one_of(body["recipient_type"], "recipient_type", ["individual"])
    if "context" in body:
        shape.text(shape.obj(body["context"], "context", ["message_id"])["message_id"], "context['message_id']", 512)
    if "biz_opaque_callback_data" in body:
        data = body["biz_opaque_callback_data"]
        shape.text(data, "biz_opaque_callback_data", limits.CALLBACK_DATA, code=100)
    KINDS[kind](body[kind])
    return kind


def check_recipient(body: JsonObject) -> None:
    """One of `to` (a phone) and `recipient` (a business-scoped user id); with both, Meta uses `to`."""
    if body.get("to") is None and body.get("recipient") is None:
        raise GraphError(100, "The parameter to is required.")
    if body.get("to") is not None:
        if not PHONE.fullmatch(shape.text(body["to"], "to", 32)):
            raise GraphError(131009, "Param to must be a valid phone number.")
    elif not BSUID.fullmatch(shape.text(body["recipient"], "recipient", 160)):
        raise GraphError(131009, "Param recipient must be a valid business-scoped user ID.")


def check_mark_read(body: JsonObject) -> None:
    """`status: read` for an inbound message, optionally with the typing indicator."""
    shape.obj(body, "message", ["messaging_product", "status", "message_id"], ["typing_indicator"])
    if body["messaging_product"] != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")
    shape.one_of(body["status"], "status", ["read"])
    if not shape.text(body["message_id"], "message_id", 512).startswith("wamid."):
        raise GraphError(131009, "Param message_id is not a valid message ID.")
    if "typing_indicator" in body:
        shape.one_of(shape.obj(body["typing_indicator"], "typing_indicator", ["type"])["type"], "type", ["text"])


def check_text(value: object) -> None:
    fields = shape.obj(value, "text", ["body"], ["preview_url"])
    shape.text(fields["body"], "text['body']", limits.TEXT_BODY, code=100)
    if "preview_url" in fields:
        shape.flag(fields["preview_url"], "text['preview_url']")


def media_check(kind: str, *optional: str) -> Callable[[object], None]:
    """The check of one media kind: an id or a link, never both, and the named extras."""

    def check(value: object) -> None:
        fields = shape.obj(value, kind, [], ["id", "link", *optional])
        given = [key for key in ("id", "link") if key in fields]
        if len(given) != 1:
            raise GraphError(100 if given else 131008, f"Param {kind} needs exactly one of 'id' and 'link'.")
        if "id" in fields:
            shape.text(fields["id"], f"{kind}['id']", 128)
        else:
            shape.link(fields["link"], f"{kind}['link']")
        if "caption" in fields:
            shape.text(fields["caption"], f"{kind}['caption']", limits.CAPTION)
        if "filename" in fields:
            shape.text(fields["filename"], f"{kind}['filename']", 240)
        if "voice" in fields:
            shape.flag(fields["voice"], f"{kind}['voice']")

    return check


def check_location(value: object) -> None:
    fields = shape.obj(value, "location", ["latitude", "longitude"], ["name", "address"])
    shape.number(fields["latitude"], "location['latitude']", -90, 90)
    shape.number(fields["longitude"], "location['longitude']", -180, 180)
    for key in fields.keys() & {"name", "address"}:
        shape.text(fields[key], f"location['{key}']", 1000)


def check_reaction(value: object) -> None:
    fields = shape.obj(value, "reaction", ["message_id"], ["emoji"])
    shape.text(fields["message_id"], "reaction['message_id']", 512)
    shape.text(fields.get("emoji", ""), "reaction['emoji']", 16, shortest=0)  # empty removes it: Meta's reaction page


NAMES = ("first_name", "last_name", "middle_name", "prefix", "suffix")
PARTS: dict[str, tuple[str, ...]] = {
    "addresses": ("city", "country", "country_code", "state", "street", "type", "zip"),
    "emails": ("email", "type"),
    "phones": ("phone", "type", "wa_id"),
    "urls": ("url", "type"),
}


def check_contacts(value: object) -> None:
    for card in shape.items(value, "contacts", 1, 257):
        fields = shape.obj(card, "contacts", ["name"], ["birthday", "org", *PARTS])
        name = shape.obj(fields["name"], "contacts['name']", ["formatted_name"], NAMES)
        if len(name) < 2:
            raise GraphError(131009, "Contact name needs at least one more name field beside formatted_name.")
        for key, allowed in PARTS.items():
            for part in shape.items(fields.get(key, []), f"contacts['{key}']", 0, 100):
                shape.obj(part, f"contacts['{key}']", [], allowed)
        if "org" in fields:
            shape.obj(fields["org"], "contacts['org']", [], ["company", "department", "title"])
        birthday = fields.get("birthday", "2000-01-01")
        if not isinstance(birthday, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", birthday):
            raise GraphError(131009, "Param contacts['birthday'] must be YYYY-MM-DD.")


KINDS: dict[str, Callable[[object], None]] = {
    "text": check_text,
    "image": media_check("image", "caption"),
    "video": media_check("video", "caption"),
    "audio": media_check("audio", "voice"),  # `voice`: Meta's audio messages page, voice messages
    "document": media_check("document", "caption", "filename"),
    "sticker": media_check("sticker"),
    "location": check_location,
    "contacts": check_contacts,
    "reaction": check_reaction,
    "interactive": check_interactive,
    "template": check_template,
}
