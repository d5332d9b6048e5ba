"""One of everything in a workspace, made through the API."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

import orjson
from sqlmodel import select

from storage.table import IdentityRow
from tests.contract.house import SECRET, House, whatsapp

PARTS = {
    "channel", "contact", "conversation", "delivery", "event", "field", "flow", "global", "hours", "key", "media", "message",
    "node", "number", "run", "simulation", "tag", "team", "template", "user", "webhook",
}  # fmt: skip


def asking(name: str, *, hook: bool = False) -> dict[str, Any]:
    """A flow that asks for a number and waits for it."""
    on: dict[str, Any] = {"kind": "api"}
    if hook:
        on = {"kind": "webhook", "identity": {"phone": "customer.phone"}, "name": "customer.name", "variables": {"sum": "sum"}}
    return {
        "schema": 1,
        "name": name,
        "nodes": [
            {"id": "start", "type": "trigger", "config": {"on": on}},
            {"id": "ask", "type": "send_message", "config": {"text": "How many, {{contact.name|there}}?"}},
            {"id": "answer", "type": "wait", "config": {"for": {"kind": "reply", "expect": {"kind": "number"}, "save_as": "n"}}},
            {"id": "thanks", "type": "send_message", "config": {"text": "{{n}} it is."}},
        ],
        "edges": [{"from": "start", "to": "ask"}, {"from": "ask", "to": "answer"}, {"from": "answer", "to": "thanks"}],
        "variables": [{"name": "sum", "type": "number"}],
    }


async def furnish(it: House, headers: dict[str, str], word: str, number: int) -> dict[str, Any]:
    """The ids of one of everything, by the names of the placeholders in paths. `word` stands in every name."""

    async def make(path: str, body: Any, status: int = 201) -> Any:
        return await it.call("POST", path, body, headers=headers, status=status)

    ids: dict[str, Any] = {"number": 1, "node": "start", "tag": f"{word}-tag"}
    ids["user"] = (await make("/v1/users", {"email": f"{word}@example.com", "name": f"{word} user"}))["id"]
    ids["team"] = (await make("/v1/teams", {"name": f"{word} team", "members": [ids["user"]]}))["id"]
    ids["field"] = (await make("/v1/fields", {"key": f"{word}_size", "label": f"{word} size"}))["id"]
    ids["global"] = (await make("/v1/globals", {"key": f"{word}_shop", "value": f"{word} shop"}))["id"]
    ids["hours"] = (await make("/v1/hours", {"key": f"{word}_shop", "label": f"{word} shop"}))["id"]
    hook = {"url": f"https://{word}.example/", "events": ["that.never.happens"]}
    ids["webhook"], ids["delivery"] = (await make("/v1/webhooks", hook))["id"], "dlv_1"
    ids["key"] = (await make("/v1/keys", {"name": f"{word} second key"}))["id"]
    channel = {"kind": "whatsapp", "name": f"{word} shop", "config": whatsapp(str(number))}
    ids["channel"] = (await make("/v1/channels", channel))["id"]
    template = {"name": f"{word}_order", "category": "UTILITY", "language": "en", "body": "Hi {{1}}, it is on its way!"}
    ids["template"] = (await make("/v1/templates", template))["id"]
    ids["media"] = await upload(it, headers, f"{word}.txt")
    flow = await make("/v1/flows", {"document": asking(f"{word} flow", hook=True)})
    ids["flow"] = flow["id"]
    await make(f"/v1/flows/{ids['flow']}/publish", {}, 200)
    ids["simulation"] = (await make("/v1/simulations", {"flow_id": ids["flow"]}))["id"]
    await said(it, ids["channel"], number, f"{word} hello")
    contact = {"name": f"{word} person", "phone": f"+4930{number}", "tags": [ids["tag"]], "fields": {f"{word}_size": "m"}}
    ids["contact"] = (await make("/v1/contacts", contact, 200))["id"]
    started = await make(f"/v1/flows/{ids['flow']}/start", {"contact_id": ids["contact"], "channel_id": ids["channel"]}, 200)
    ids["run"], ids["event"] = started["run_id"], started["event_id"]
    message = (await it.call("GET", "/v1/messages?direction=out", headers=headers))["data"][0]
    ids["message"], ids["conversation"] = message["id"], message["conversation_id"]
    assert set(ids) == PARTS
    return ids


async def said(it: House, channel: str, number: int, text: str, sender: str = "") -> None:
    """A signed WhatsApp webhook of the channel with this number: somebody, +4930{number} if not named, writes a text."""
    sender = sender or f"4930{number}"
    message = {"from": sender, "id": f"wamid.{sender}.{text}", "timestamp": str(int(it.clock.now().timestamp())), "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": str(number)},
        "contacts": [{"profile": {"name": text}, "wa_id": sender}],
        "messages": [{**message, "text": {"body": text}}],
    }
    change = {"field": "messages", "value": value}
    data = orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})
    signature = "sha256=" + hmac.new(SECRET.encode(), data, hashlib.sha256).hexdigest()
    sent = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
    reply = await it.ask("POST", f"/hooks/whatsapp/{channel}", headers=sent, data=data)
    assert reply.status == 200, reply.body
    for _ in range(200):
        known = await it.graph.tables.read(lambda session: session.exec(select(IdentityRow.value)).all())
        if sender in known:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("The message was not decided.")


async def upload(it: House, headers: dict[str, str], name: str) -> Any:
    """A small text file."""
    boundary = "cut"
    data = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: text/plain\r\n\r\n{name}\r\n--{boundary}--\r\n"
    )
    sent = {**headers, "Content-Type": f"multipart/form-data; boundary={boundary}"}
    reply = await it.ask("POST", "/v1/media", headers=sent, data=data.encode())
    assert reply.status == 201, reply.body
    return reply.body["id"]
