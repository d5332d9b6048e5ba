"""Plays a scenario's steps on a real server: a signed webhook or a chat's socket for the contact, the API for everybody else."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson

from schemas.duration import parse_duration
from schemas.public_id import read_id
from simulator.scenario import Scenario, Step
from tests.fakes.graph.client import FakeGraph
from tests.integration.server import Server
from tests.integration.visitor import Tab, Visitor

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
FILES = {"image": ("a.png", "image/png"), "video": ("a.mp4", "video/mp4"), "document": ("a.pdf", "application/pdf")}
BYTES = {"image": PNG, "video": b"\0\0\0\x18ftypmp42" + b"\0" * 64, "document": b"%PDF-1.4\n%%EOF\n"}
LOST = ("failed", "skipped", "queued")
GRAPH_CODES = {"window_closed": 131047}


@dataclass
class Real:
    """One workspace of the server, with one flow, one channel, one contact and one agent."""

    url: str
    session: aiohttp.ClientSession
    scenario: Scenario
    document: dict[str, Any]
    graph: FakeGraph | None = None
    tab: Tab | None = None
    tenant: int = 0
    key: str = ""
    flow: str = ""
    channel: str = ""
    user: str = ""
    contact: int = 0
    count: int = 0
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    hooks: dict[str, str] = field(default_factory=dict)
    opened: AsyncExitStack = field(default_factory=AsyncExitStack)

    # --- asking ----------------------------------------------------------------------------------------------------------
    async def ask(self, method: str, path: str, body: Any = None, *, well: tuple[int, ...] = (200, 201, 202, 204)) -> Any:
        """One request of the API, with the workspace's key."""
        headers = {"Authorization": f"Bearer {self.key}"}
        async with self.session.request(method, self.url + path, json=body, headers=headers) as answer:
            told = await answer.json() if answer.content_type == "application/json" else None
            assert answer.status in well, (method, path, body, answer.status, told)
            return told

    async def door(self, door: str, /, **given: Any) -> Any:
        """What only the test may do (see `tests.parity.serve`)."""
        async with self.session.post(f"{self.url}/_test/{door}", json=given) as answer:
            assert answer.status == 200, (door, given, await answer.text())
            return await answer.json()

    async def idle(self) -> None:
        """Until nothing happens any more at this instant."""
        await self.door("idle", tenant=self.tenant)

    # --- before it begins ------------------------------------------------------------------------------------------------
    async def set_up(self, name: str, others: dict[str, Any]) -> None:
        """The workspace as the scenario wants it; `others` are flows in which the flow goes on, by their keys."""
        self.others = list(others.values())
        scenario = self.scenario
        self.now = scenario.at.astimezone(UTC)
        await self.door("clock", at=self.now.isoformat())
        made = await self.door("workspace", name=name)
        self.tenant, self.key = made["tenant"], made["key"]
        await self.door("calls", tenant=self.tenant, given=scenario.calls)
        await self.ask("PATCH", "/v1/settings", {"timezone": scenario.timezone})
        await self.ask("POST", "/v1/webhooks", {"url": "https://example.com/hook", "events": ["flow.event"]})
        known = {each["key"]: each["id"] for each in (await self.ask("GET", "/v1/hours"))["data"]}
        for key, hours in scenario.named_hours.items():
            schedule = {"hours": hours.model_dump(mode="json", by_alias=True)}
            await (self.ask("PATCH", f"/v1/hours/{known[key]}", schedule) if key in known
                   else self.ask("POST", "/v1/hours", {"key": key, **schedule}))  # fmt: skip
        for key, value in scenario.globals.items():
            kind = {bool: "boolean", int: "number", float: "number", list: "list"}.get(type(value), "text")
            await self.ask("POST", "/v1/globals", {"key": key, "type": kind, "value": value})
        self.user = (await self.ask("POST", "/v1/users", {"name": "Kim", "email": f"{name}@example.com", "role": "agent"}))["id"]
        if scenario.agents == "closed":
            (team,) = (await self.ask("GET", "/v1/teams"))["data"]
            await self.ask("PATCH", f"/v1/teams/{team['id']}", {"hours": {"weekly": []}})
        for channel in (await self.ask("GET", "/v1/channels"))["data"]:  # a new workspace has a chat of its own
            await self.ask("DELETE", f"/v1/channels/{channel['id']}")
        for template in scenario.templates:
            parameters = sorted(set(re.findall(r"\{\{(\w+)\}\}", template.body)))
            await self.door("template", tenant=self.tenant, parameters=parameters, **template.model_dump())
        if scenario.channel == "whatsapp":
            await self._connect_whatsapp()
        else:
            await self._connect_chat()
        for key, document in others.items():
            made = await self.ask("POST", "/v1/flows", {"document": document, "key": key})
            await self.ask("POST", f"/v1/flows/{made['id']}/publish", {})
        flow = await self.ask("POST", "/v1/flows", {"document": self.document})
        self.flow = flow["id"]
        await self.ask("POST", f"/v1/flows/{self.flow}/publish", {})
        for trigger in (await self.ask("GET", f"/v1/flows/{self.flow}/triggers"))["data"]:
            if trigger["url"]:
                self.hooks[trigger["node"]] = "/hooks/" + trigger["url"].split("/hooks/", 1)[1]
        await self._make_contact()
        await self._presence("online" if scenario.agents == "closed" else scenario.agents)

    async def _connect_whatsapp(self) -> None:
        assert self.graph is not None
        settings = self.graph.settings
        config = {
            "phone_number_id": settings.phone_number_id,
            "access_token": settings.token,
            "app_secret": settings.app_secret,
            "verify_token": "verify",
            "base_url": self.graph.base_url,
        }
        await self.graph.rules(templates=[graph_template(each) for each in templates_in([self.document, *self.others])])
        body = {"kind": "whatsapp", "name": "Shop", "config": config}
        self.channel = (await self.ask("POST", "/v1/channels", body))["id"]

    async def _connect_chat(self) -> None:
        self.channel = (await self.ask("POST", "/v1/channels", {"kind": "webchat", "name": "Shop", "config": {}}))["id"]
        async with self.session.post(f"{self.url}/chat/{self.channel}/session", json={}) as answer:
            told = await answer.json()
            assert answer.status == 200, told
        server = Server(folder=None, url=self.url)  # type: ignore[arg-type]
        visitor = Visitor(server, self.channel, told["token"], told["visitor"], self.session)
        self.tab = await self.opened.enter_async_context(visitor.connect())

    async def _make_contact(self) -> None:
        person = self.scenario.contact
        given = {"set_name": person.name, "set_language": person.language, "set_timezone": person.timezone}
        changes = [{"op": op, "value": value} for op, value in given.items() if value is not None]
        changes += [{"op": "add_tag", "key": tag} for tag in person.tags]
        changes += [{"op": "set_field", "key": key, "value": value} for key, value in person.fields.items()]
        self.contact = await self.door("contact", tenant=self.tenant, identities=self._identities(), changes=changes)

    def _identities(self) -> list[list[str]]:
        phone = self.scenario.contact.phone
        known = [["phone", phone]] if phone else []
        if self.tab is not None:
            return [["webchat", f"{read_id('ch', self.channel)}:{self.tab.visitor.visitor}"], *known]
        return [["whatsapp", phone.removeprefix("+")], *known]

    # --- what happens ----------------------------------------------------------------------------------------------------
    async def step(self, step: Step) -> None:
        """One thing that happens, and all that follows from it."""
        match step.word:
            case "say":
                await self._write({"type": "text", "text": {"body": step.say}}, {"kind": "text", "text": step.say})
            case "press":
                await self._press(step.press or "")
            case "media":
                await self._file(step.media or "image")
            case "location" if step.location is not None:
                place = step.location.model_dump()
                await self._write({"type": "location", "location": place}, {"kind": "location", **place})
            case "start" if step.start is not None:
                await self._start(step.start.node, step.start.variables)
            case "event" if step.event is not None:
                body = {"name": step.event.name, "data": step.event.data}
                await self.ask("POST", f"/v1/contacts/{self.contact}/events", body)
            case "tag":
                await self.ask("PATCH", f"/v1/contacts/{self.contact}", {"tag": step.tag})
            case "wait":
                self.now += parse_duration(step.wait or "")
                await self.door("advance", tenant=self.tenant, to=self.now.isoformat())
            case "until" if step.until is not None:
                self.now = max(self.now, step.until.astimezone(UTC))
                await self.door("advance", tenant=self.tenant, to=self.now.isoformat())
            case "fail":
                await self._fail(str(step.fail))
            case "agent" if step.agent in ("online", "busy", "offline"):
                await self._presence(step.agent)
            case "agent":
                path = {"claims": "claim", "resolves": "resolve", "returns": "return"}[step.agent or ""]
                await self.ask("POST", f"/v1/conversations/{await self.conversation()}/{path}", {"user_id": self.user})
            case "agent_says":
                body = {"content": {"type": "text", "text": step.agent_says}, "user_id": self.user}
                await self.ask("POST", f"/v1/conversations/{await self.conversation()}/messages", body)
            case other:
                raise AssertionError(f"{other} is nothing that a real server can be made to do")
        await self.idle()

    async def conversation(self) -> str:
        """The id of the one conversation."""
        (only,) = (await self.ask("GET", f"/v1/conversations?contact_id={self.contact}"))["data"]
        return str(only["id"])

    async def _presence(self, presence: str) -> None:
        await self.ask("PUT", f"/v1/users/{self.user}/presence", {"presence": presence})
        await self.idle()

    async def _write(self, whatsapp: dict[str, Any], chat: dict[str, Any]) -> None:
        if self.tab is None:
            await self._hook(whatsapp)
            return
        self.count += 1
        told = await self.tab.send(chat, f"client-{self.count:04}")
        assert told["status"] == "received", told

    async def _hook(self, message: dict[str, Any]) -> None:
        """A webhook as Meta signs it."""
        assert self.graph is not None
        self.count += 1
        sender = self.scenario.contact.phone.removeprefix("+")
        stamp = {"id": f"wamid.{self.tenant}.{self.count}", "timestamp": str(int(self.now.timestamp()))}
        whole = {"from": sender, **stamp, **message}
        profile = {"profile": {"name": self.scenario.contact.name or ""}, "wa_id": sender}
        number = self.graph.settings.phone_number_id
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550001111", "phone_number_id": number},
            "contacts": [profile],
            "messages": [whole],
        }
        change = {"field": "messages", "value": value}
        data = orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})
        secret = self.graph.settings.app_secret.encode()
        headers = {
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret, data, hashlib.sha256).hexdigest(),
            "Content-Type": "application/json",
        }
        async with self.session.post(f"{self.url}/hooks/whatsapp/{self.channel}", data=data, headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    async def _press(self, title: str) -> None:
        if self.tab is not None:
            shown = [each for each in (await self._thread()) if each["direction"] == "out"]
            for message in reversed(shown):
                for id, words in offered(message["content"]):
                    if title in (id, words):
                        content = {"kind": "choice", "button": id, "title": words, "message": message["id"]}
                        await self._write({}, content)
                        return
            raise AssertionError(f"nothing offers {title!r}")
        assert self.graph is not None
        for sent in reversed(await self.graph.sent()):
            for kind, id, words in taps(sent["body"]):
                if title in (id.rpartition("~")[0] or id, words):
                    reply = {"type": kind, kind: {"id": id, "title": words}}
                    await self._hook({"type": "interactive", "context": {"id": sent["id"]}, "interactive": reply})
                    return
        raise AssertionError(f"nothing offers {title!r}")

    async def _file(self, kind: str) -> None:
        if self.tab is None:
            await self._hook({"type": kind, kind: {"id": f"media-{self.count}", "mime_type": FILES[kind][1]}})
            return
        form = aiohttp.FormData()
        name, mime = FILES[kind]
        form.add_field("file", BYTES[kind], filename=name, content_type=mime)
        headers = {"X-Visitor-Token": self.tab.visitor.token}
        async with self.session.post(f"{self.url}/chat/{self.channel}/media", data=form, headers=headers) as answer:
            stored = await answer.json()
            assert answer.status == 201, stored
        await self._write({}, {"kind": kind, "media": stored["media"]})

    async def _start(self, node: str, variables: dict[str, Any]) -> None:
        on = next((each["config"]["on"] for each in self.document["nodes"] if each["id"] == node), {"kind": "api"})
        if on["kind"] == "webhook" and self.scenario.contact.phone and set(variables) <= set(on.get("variables", {})):
            body: dict[str, Any] = {}
            put(body, on["identity"]["phone"], self.scenario.contact.phone)
            for name, value in variables.items():
                put(body, on["variables"][name], value)
            async with self.session.post(self.url + self.hooks[node], json=body) as answer:
                assert answer.status == 202, await answer.text()
        elif on["kind"] == "api":
            body = {"contact_id": self.contact, "channel_id": self.channel, "variables": variables}
            await self.ask("POST", f"/v1/flows/{self.flow}/start", body, well=(200, 202, 409))
        else:
            given = {"flow": self.flow, "node": node, "channel": self.channel, "variables": variables, "reason": on["kind"]}
            await self.door("start", tenant=self.tenant, contact=self.contact, **given)

    async def _fail(self, code: str) -> None:
        if self.graph is not None:
            await self.graph.fault(code=GRAPH_CODES.get(code) or int(code), count=1)
        else:
            await self.door("fail", channel=self.channel, code=code)

    # --- what came of it -------------------------------------------------------------------------------------------------
    async def _thread(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = await self.ask("GET", f"/v1/messages?contact_id={self.contact}&limit=100&page={len(found) // 100 + 1}")
            found += page["data"]
            if not page["has_more"]:
                return sorted(found, key=lambda each: read_id("msg", each["id"]))

    async def told(self) -> dict[str, Any]:
        """Everything that can be compared."""
        runs = (await self.ask("GET", f"/v1/runs?contact_id={self.contact}&limit=100"))["data"]
        runs.sort(key=lambda run: read_id("run", run["id"]))
        steps = [(await self.ask("GET", f"/v1/runs/{run['id']}/steps?limit=100"))["data"] for run in runs]
        conversations = (await self.ask("GET", f"/v1/conversations?contact_id={self.contact}"))["data"]
        contact = await self.ask("GET", f"/v1/contacts/{self.contact}")
        return {
            "messages": await self._thread(),
            "runs": [{"status": run["status"], "reason": run["reason"], "variables": run["variables"]} for run in runs],
            "path": [
                [(each["node"], each["port"] or "", each["reason"]) for step in several for each in step["path"]]
                for several in steps
            ],
            "events": await self.door("events", tenant=self.tenant, contact=self.contact),
            "outside": await self.door("outside", tenant=self.tenant),
            "owner": conversations[0]["owner"] if conversations else "NONE",
            "contact": contact,
        }

    async def heard(self) -> list[str]:
        """What arrived at the contact: in the browser's thread, or at Graph."""
        if self.graph is not None:
            return [_read(each["body"]) for each in await self.graph.sent()]
        assert self.tab is not None
        visitor = self.tab.visitor
        delivered = [each for each in await self._thread() if each["direction"] == "in" or each["status"] not in LOST]
        async with asyncio.timeout(20), visitor.connect(after=0) as tab:  # as a browser that is opened anew
            while len(tab.shown) < len(delivered):
                await tab.frame("message")
        said = [each["content"] for each in tab.shown if each["from"] != "visitor"]
        return [str(each.get("text") or each.get("caption") or each["kind"]) for each in said]

    async def close(self) -> None:
        """Stop what still runs, so that it doesn't stand in the next scenario's way."""
        for run in (await self.ask("GET", f"/v1/runs?contact_id={self.contact}&limit=100"))["data"]:
            if run["status"] in ("waiting", "suspended"):
                await self.ask("POST", f"/v1/runs/{run['id']}/stop", {}, well=(200, 202, 404, 409))
        await self.idle()
        await self.opened.aclose()


def _read(body: dict[str, Any]) -> str:
    """What a person reads of a message as Graph got it."""
    kind = body["type"]
    if kind == "template":
        return f"template {body['template']['name']}"
    if kind == "interactive":
        return str(body["interactive"]["body"]["text"])
    return str(body["text"]["body"] if kind == "text" else body[kind].get("caption") or kind)


def templates_in(value: Any) -> list[dict[str, Any]]:
    """Every template that a flow names, as it names it."""
    if isinstance(value, dict):
        own = [value] if {"name", "language"} <= value.keys() else []
        return [*own, *(each for inner in value.values() for each in templates_in(inner))]
    return [each for inner in value for each in templates_in(inner)] if isinstance(value, list) else []


def graph_template(named: dict[str, Any]) -> dict[str, Any]:
    """A template with as many places as the flow fills, as Meta keeps it."""
    places = [*map(str, range(1, len(named.get("parameters", ())) + 1)), *named.get("named", {})]
    text = " ".join(["Dear customer", *("{{" + place + "}}" for place in places)])
    components: list[dict[str, Any]] = [{"type": "BODY", "text": text}]
    if buttons := named.get("buttons"):
        address = {"type": "URL", "text": "Open", "url": "https://example.com/{{1}}"}
        components.append({"type": "BUTTONS", "buttons": [address for _ in buttons]})
    return {"name": named["name"], "language": named["language"], "components": components}


def offered(content: dict[str, Any]) -> list[tuple[str, str]]:
    """The choices of a message as the API shows it."""
    rows = [row for section in content.get("sections", ()) for row in section["rows"]]
    return [(each["id"], each["title"]) for each in (*content.get("buttons", ()), *rows) if isinstance(each, dict)]


def taps(body: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(kind, id, title) of what can be tapped on a message as Graph got it."""
    action = body.get("interactive", {}).get("action", {})
    buttons = [("button_reply", each["reply"]["id"], each["reply"]["title"]) for each in action.get("buttons", ())]
    rows = [("list_reply", row["id"], row["title"]) for section in action.get("sections", ()) for row in section["rows"]]
    return [*buttons, *rows]


def put(body: Any, path: str, value: Any) -> None:
    """Set a value at a path such as `items[0].name`.

    >>> body = {}
    >>> put(body, "items[0].name", "Tea")
    >>> body
    {'items': [{'name': 'Tea'}]}
    """
    words: list[str | int] = [int(part[1:-1]) if part[0] == "[" else part for part in re.findall(r"[^.\[\]]+|\[\d+\]", path)]
    for at, word in enumerate(words):
        last = at == len(words) - 1
        empty: Any = [] if not last and isinstance(words[at + 1], int) else {}
        if isinstance(word, int):
            while len(body) <= word:
                body.append(empty)
        elif word not in body:
            body[word] = empty
        if last:
            body[word] = value
        body = body[word]
