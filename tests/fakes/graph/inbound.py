"""Turns what a test says a customer did into one message of a webhook. Pure."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from tests.fakes.graph.errors import JsonObject
from tests.fakes.graph.hooks import customer
from tests.fakes.graph.state import Accepted, Media

MEDIA_KINDS = ("image", "video", "audio", "document", "sticker")
# `nfm_reply` is the completion of a WhatsApp Flow: Meta's Flows guide, and pywa's FlowCompletion
REPLIES = {"button_reply", "list_reply", "nfm_reply"}


def message(
    request: JsonObject, wamid: str, at: float, business: str, sent: list[Accepted], media: Media | None, url: str
) -> JsonObject:
    """The partial value {contacts, messages} for one inbound; `sent`: those to this customer, oldest first."""
    kind = str(request.get("type", "text"))
    result: JsonObject = {"id": wamid, "timestamp": str(int(request.get("timestamp", at)))}
    if request.get("from") is not None:
        result["from"] = request["from"]
    if request.get("bsuid") is not None:
        result["from_user_id"] = request["bsuid"]  # [mem] beside `contacts[].user_id` on Meta's page on usernames
    for name in ("referral", "context"):
        if name in request:
            result[name] = request[name]
    if "context_id" in request:
        result["context"] = {"from": business, "id": request["context_id"]}
    fill(result, kind, request, business, sent, media, url)
    part: JsonObject = {"messages": [result]}
    if kind != "system":  # Meta: "system messages webhooks don't include a contacts array"
        part["contacts"] = [customer(request)]
    return part


def fill(
    result: JsonObject,
    kind: str,
    request: JsonObject,
    business: str,
    sent: list[Accepted],
    media: Media | None,
    url: str,
) -> None:
    """Adds `type` and the payload of one kind."""
    result["type"] = kind
    if kind == "text":
        body = request.get("text", "")
        result["text"] = body if isinstance(body, dict) else {"body": body}
    elif kind == "press":
        tapped, source = choice(sent, str(request["press"]))
        result.update(tapped)
        result["context"] = {"from": business, "id": source}
    elif kind in REPLIES:
        result.update({"type": "interactive", "interactive": {"type": kind, kind: request[kind]}})
    elif kind in MEDIA_KINDS and media is not None:
        result[kind] = {"mime_type": media.mime_type, "sha256": sha256(media), "id": media.id, "url": url}
        result[kind].update(request.get(kind, {}))  # caption, filename, voice, animated
    elif kind == "unsupported":
        details = {"details": "Message type is currently not supported."}
        error = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown"}
        result["errors"] = request.get("errors", [{**error, "error_data": details}])
    else:
        result[kind] = request.get(kind, {})


def sha256(media: Media) -> str:
    """The base64 digest that stands in hooks."""
    return base64.b64encode(hashlib.sha256(media.content).digest()).decode()


def choice(sent: list[Accepted], wanted: str) -> tuple[JsonObject, str]:
    """The tap for the id or title of the newest message that offers it; raises LookupError when none does."""
    for candidate in reversed(sent):
        for identifier, title, tap in offers(candidate):
            if wanted in (identifier, title):
                return tap, candidate.id
    raise LookupError(f"No message to this customer offers {wanted!r}.")


def offers(sent: Accepted) -> Iterator[tuple[str, str, JsonObject]]:
    """What can be tapped on a sent message: (id, title, payload of the tap)."""
    if sent.kind == "interactive":
        action = sent.body["interactive"]["action"]
        for button in action.get("buttons", []):
            yield from offer("button_reply", button["reply"])
        for section in action.get("sections", []):
            for row in section.get("rows", []):
                yield from offer("list_reply", row)
    elif sent.kind == "template":
        for part in sent.body["template"].get("components", []):
            if str(part.get("sub_type")).lower() == "quick_reply":
                payload: Any = part["parameters"][0].get("payload")
                yield str(payload), str(payload), {"type": "button", "button": {"payload": payload, "text": payload}}


def offer(kind: str, option: JsonObject) -> Iterator[tuple[str, str, JsonObject]]:
    tap = {"type": "interactive", "interactive": {"type": kind, kind: dict(option)}}
    yield option["id"], option["title"], tap
