"""The fake Graph server judges as Meta does: its examples pass, its limits refuse, its webhooks are signed."""

import asyncio
import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.fakes.graph import hooks, inbound, limits
from tests.fakes.graph.callbacks import plan
from tests.fakes.graph.client import FakeGraph
from tests.fakes.graph.settings import Chaos, Settings
from tests.fakes.graph.state import Accepted

EXAMPLES = json.loads((Path(hooks.__file__).parent / "examples.json").read_text("utf-8"))
SECRET = "s3cret"
TO = "16505551234"
TEXT = {"messaging_product": "whatsapp", "to": TO, "type": "text", "text": {"body": "Hi"}}


@dataclass
class Hook:
    """Our side of the webhooks: keeps what came, answers what it is told to."""

    url: str = ""
    bodies: list[Any] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    wrong: int = 0

    async def take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        digest = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        self.wrong += digest != request.headers["X-Hub-Signature-256"]
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            assert raw.isascii()
            self.bodies.append(json.loads(raw))
        return web.Response(status=status)

    def statuses(self) -> list[dict[str, Any]]:
        values = [c["value"] for body in self.bodies for entry in body["entry"] for c in entry["changes"]]
        return [status for value in values for status in value.get("statuses", [])]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    kept = Hook()
    app = web.Application()
    app.router.add_post("/hook", kept.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield kept
    await runner.cleanup()


def settings(hook: Hook, **changes: Any) -> Settings:
    calm = Settings(hook_url=hook.url, app_secret=SECRET, retry_base_s=0.0, retry_limit=5, hook_connections=1)
    return replace(calm, clock=lambda: 1_750_000_000.0, **changes)


@pytest.fixture
async def graph(hook: Hook) -> AsyncIterator[FakeGraph]:
    async with FakeGraph.in_process(settings(hook)) as fake:
        yield fake


async def call(
    graph: FakeGraph, method: str, path: str, body: Any = None, token: str = "graph-token"
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{graph.base_url}/v23.0/{path}"
    async with graph.session.request(method, url, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def send(graph: FakeGraph, body: Any) -> tuple[int, Any]:
    return await call(graph, "POST", "106540352242922/messages", body)


async def upload(graph: FakeGraph, content: bytes, mime_type: str) -> tuple[int, Any]:
    form = aiohttp.FormData({"messaging_product": "whatsapp", "type": mime_type})
    form.add_field("file", io.BytesIO(content), filename="file", content_type=mime_type)
    url = f"{graph.base_url}/v23.0/106540352242922/media"
    headers = {"Authorization": "Bearer graph-token"}
    async with graph.session.post(url, data=form, headers=headers) as answer:
        return answer.status, await answer.json()


def merged(**changes: Any) -> dict[str, Any]:
    return {**TEXT, **changes}


def buttons(*pairs: tuple[str, str], **changes: Any) -> dict[str, Any]:
    options = [{"type": "reply", "reply": {"id": key, "title": title}} for key, title in pairs]
    interactive = {"type": "button", "body": {"text": "Choose"}, "action": {"buttons": options}, **changes}
    return {"messaging_product": "whatsapp", "to": TO, "type": "interactive", "interactive": interactive}


def rows(*sizes: int, row: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    sections: list[dict[str, Any]] = []
    for index, size in enumerate(sizes):
        options = [{"id": f"{index}-{number}", "title": "Row", **(row or {})} for number in range(size)]
        sections.append({"title": f"Section {index}", "rows": options})
    action = {"button": "Open", "sections": sections}
    interactive = {"type": "list", "body": {"text": "Choose"}, "action": action, **changes}
    return {"messaging_product": "whatsapp", "to": TO, "type": "interactive", "interactive": interactive}


def filled(value: Any, media: dict[str, str], kind: str = "") -> Any:
    """An example with its placeholders filled in: media ids, addresses, numbers, a header type."""
    if isinstance(value, dict):
        known = value.get("type", kind) if "to" in value else kind
        return {
            key: media[known] if key == "id" and kind in media else filled(item, media, key)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [filled(item, media, kind) for item in value]
    if not isinstance(value, str):
        return value
    named = {"<HEADER_TYPE>": "text", "language-and-locale-code": "en_US", "template-name": "template_name"}
    if "Phone-Number" in value:
        return TO
    if "http(s)://" in value:
        return "https://example.org/file"
    # the placeholders of section titles and of one body are longer than what they stand for may be
    return named.get(value, value.strip("<>")[:20] if value.startswith("<") else value)


ORDER = {"type": "BODY", "text": "{{1}} costs {{2}} on {{3}}"}
PICTURE = {"type": "HEADER", "format": "IMAGE"}
QUICK = {"type": "QUICK_REPLY", "text": "Yes"}
BY_EXAMPLE: dict[str, list[dict[str, Any]]] = {
    "Send Catalog Template Message": [ORDER, {"type": "BUTTONS", "buttons": [{"type": "CATALOG", "text": "View"}]}],
    "Send Flow Template Message": [{"type": "BODY", "text": "Go"}, {"type": "BUTTONS", "buttons": [{"type": "FLOW"}]}],
    "Send Message Template Interactive": [PICTURE, ORDER, {"type": "BUTTONS", "buttons": [QUICK, QUICK]}],
    "Send Message Template Media": [PICTURE, ORDER],
    "Send Sample Issue Resolution Template": [
        {"type": "BODY", "text": "Hi {{1}}"},
        {"type": "BUTTONS", "buttons": [QUICK, QUICK]},
    ],
    "Send Test Message": [{"type": "BODY", "text": "Hello World"}],
}


@pytest.mark.parametrize("name", list(EXAMPLES["msgs"]))
async def test_each_of_metas_examples_is_accepted(graph: FakeGraph, name: str) -> None:
    types = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/ogg", "sticker": "image/webp"}
    media = {}
    for kind, mime_type in {**types, "document": "application/pdf"}.items():
        media[kind] = (await upload(graph, b"x", mime_type))[1]["id"]
    body = filled(EXAMPLES["msgs"][name], media)
    if "template" in body:
        components = BY_EXAMPLE.get(name, [ORDER])
        await graph.rules(templates=[{"name": body["template"]["name"], "components": components}])
    status, answer = await send(graph, body)
    assert (status, answer.get("error")) == (200, None)
    accepted = await graph.sent()
    assert answer == {"success": True} if "status" in body else [item["body"] for item in accepted] == [body]


def test_there_are_fifty_and_sixteen_examples() -> None:
    assert (len(EXAMPLES["msgs"]), len(EXAMPLES["hooks"])) == (50, 16)


CTA = {"name": "cta_url", "parameters": {"display_text": "Open", "url": "https://example.org"}}
BEYOND = [
    buttons(("a", "A"), header={"type": "text", "text": "H"}, footer={"text": "F"}),
    buttons(("a", "A"), type="cta_url", action=CTA),
    buttons(("a", "A"), type="location_request_message", action={"name": "send_location"}),
    buttons(("a", "A"), type="catalog_message", action={"name": "catalog_message"}),
    rows(10),
    rows(5, 5, body={"text": "x" * 4096}),
    merged(text={"body": "x" * 4096}, biz_opaque_callback_data="k" * 512),
    merged(type="reaction", reaction={"message_id": "wamid.x", "emoji": ""}) | {"text": None},
    buttons(("i" * 256, "t" * 20), ("b", "B"), ("c", "C")),
]


@pytest.mark.parametrize("body", BEYOND)
async def test_the_edge_of_each_limit_is_accepted(graph: FakeGraph, body: dict[str, Any]) -> None:
    body = {key: value for key, value in body.items() if value is not None}
    status, answer = await send(graph, body)
    assert (status, answer.get("error")) == (200, None)


IMAGE = {"messaging_product": "whatsapp", "to": TO, "type": "image"}
LINK = "https://example.org/x.jpg"
REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "no product": ({key: value for key, value in TEXT.items() if key != "messaging_product"}, 100),
    "no recipient": ({key: value for key, value in TEXT.items() if key != "to"}, 100),
    "no payload": ({"messaging_product": "whatsapp", "to": TO, "type": "text"}, 131008),
    "no type": ({key: value for key, value in rows(1).items() if key != "type"}, 131008),
    "unknown kind": (merged(type="hologram"), 100),
    "unknown key": (merged(surprise=1), 100),
    "unknown inner key": (merged(text={"body": "Hi", "colour": "red"}), 100),
    "two payloads": (merged(image={"link": LINK}), 100),
    "not a phone": (merged(to="Bob"), 131009),
    "not a user id": ({**{k: v for k, v in TEXT.items() if k != "to"}, "recipient": "bob"}, 131009),
    "empty text": (merged(text={"body": ""}), 131008),
    "long text": (merged(text={"body": "x" * 4097}), 100),
    "long callback data": (merged(biz_opaque_callback_data="k" * 513), 100),
    "group": (merged(recipient_type="crowd"), 100),
    "media without source": ({**IMAGE, "image": {"caption": "c"}}, 131008),
    "media with two sources": ({**IMAGE, "image": {"id": "1", "link": LINK}}, 100),
    "media with an odd link": ({**IMAGE, "image": {"link": "ftp://example.org"}}, 131009),
    "unknown media": ({**IMAGE, "image": {"id": "1"}}, 131009),
    "long caption": ({**IMAGE, "image": {"link": LINK, "caption": "c" * 1025}}, 131009),
    "caption on audio": ({**IMAGE, "type": "audio", "audio": {"link": LINK, "caption": "c"}}, 100),
    "no buttons": (buttons(), 131009),
    "four buttons": (buttons(*[(str(number), str(number)) for number in range(4)]), 131009),
    "long title": (buttons(("a", "t" * 21)), 131009),
    "long id": (buttons(("i" * 257, "A")), 131009),
    "twice the same id": (buttons(("a", "A"), ("a", "B")), 131009),
    "id with an edge space": (buttons(("a ", "A")), 131009),
    "long button body": (buttons(("a", "A"), body={"text": "x" * 1025}), 131009),
    "long footer": (buttons(("a", "A"), footer={"text": "x" * 61}), 131009),
    "long header": (buttons(("a", "A"), header={"type": "text", "text": "x" * 61}), 131009),
    "no body": ({**buttons(("a", "A")), "interactive": {"type": "button", "action": {"buttons": []}}}, 131008),
    "eleven rows": (rows(6, 5), 131009),
    "eleven sections": (rows(*[1] * 11), 131009),
    "no section": (rows(), 131009),
    "long row title": (rows(1, row={"title": "t" * 25}), 131009),
    "long row description": (rows(1, row={"description": "d" * 73}), 131009),
    "long row id": (rows(1, row={"id": "i" * 201}), 131009),
    "same row id": (rows(2, row={"id": "a"}), 131009),
    "picture on a list": (rows(1, header={"type": "image", "image": {"link": LINK}}), 100),
    "long cta label": (
        buttons(type="cta_url", action={**CTA, "parameters": {"display_text": "x" * 21, "url": LINK}}),
        131009,
    ),
    "latitude": (merged(type="location", location={"latitude": 91, "longitude": 0}) | {"text": None}, 131009),
    "to itself": (merged(to="15550783881"), 131021),
    "unknown template": ({**IMAGE, "type": "template", "template": {"name": "x", "language": {"code": "de"}}}, 132001),
}


@pytest.mark.parametrize("name", list(REFUSED))
async def test_what_meta_refuses_is_refused_in_its_shape(graph: FakeGraph, name: str) -> None:
    body, code = REFUSED[name]
    body = {key: value for key, value in body.items() if value is not None}
    status, answer = await send(graph, body)
    error = answer["error"]
    assert (error["code"], status) == (code, 404 if code == 132001 else 400)
    assert set(error) == {"message", "type", "code", "error_data", "fbtrace_id"}
    assert set(error["error_data"]) == {"messaging_product", "details"}
    assert error["message"].startswith(f"(#{code})")
    assert await graph.sent() == []
    assert [(entry["http_status"], entry["error_code"]) for entry in await graph.requests()] == [(status, code)]


async def test_token_number_and_version_are_checked(graph: FakeGraph) -> None:
    status, answer = await call(graph, "POST", "106540352242922/messages", TEXT, token="other")
    assert (status, answer["error"]["code"]) == (401, 190)
    status, answer = await call(graph, "POST", "999/messages", TEXT)
    assert (status, answer["error"]["code"], answer["error"]["error_subcode"]) == (400, 100, 33)
    status, answer = await call(graph, "POST", "../latest/106540352242922/messages", TEXT)
    assert (status, answer["error"]["code"]) == (400, 2500)
    status, answer = await call(graph, "GET", "106540352242922?fields=verified_name")
    assert (status, answer) == (200, {"verified_name": "Lucky Shrub", "id": "106540352242922"})


async def test_templates_are_listed_in_pages_created_as_pending_and_judged_when_sent(graph: FakeGraph) -> None:
    body: dict[str, Any] = {"type": "BODY", "text": "Hi {{1}}", "example": {"body_text": [["Ann"]]}}
    new = {"name": "greeting", "language": "en_US", "category": "UTILITY", "components": [body]}
    path = "102290129340398/message_templates"
    status, created = await call(graph, "POST", path, new)
    assert (status, created["status"]) == (200, "PENDING")
    assert (await call(graph, "POST", path, new))[1]["error"]["error_subcode"] == 2388024
    names = []
    _, page = await call(graph, "GET", f"{path}?limit=1")
    names += [item["name"] for item in page["data"]]
    after = page["paging"]["cursors"]["after"]
    _, page = await call(graph, "GET", f"{path}?limit=1&after={after}")
    names += [item["name"] for item in page["data"]]
    assert (names, page["paging"].get("next")) == (["hello_world", "greeting"], None)

    def message(*words: str) -> dict[str, Any]:
        parameters = [{"type": "text", "text": word} for word in words]
        components = [{"type": "body", "parameters": parameters}]
        template = {"name": "greeting", "language": {"code": "en_US"}, "components": components}
        return {"messaging_product": "whatsapp", "to": TO, "type": "template", "template": template}

    for state, words, code in [
        ("PENDING", ["Ann"], 132001),
        ("APPROVED", ["Ann"], None),
        ("APPROVED", [], 132000),
        ("APPROVED", ["x" * 1024], 132005),
        ("PAUSED", ["Ann"], 132015),
        ("DISABLED", ["Ann"], 132016),
    ]:
        await graph.rules(templates=[{"name": "greeting", "status": state}])
        _, answer = await send(graph, message(*words))
        assert answer.get("error", {}).get("code") == code, (state, words)


async def test_media_goes_up_and_comes_down_for_five_minutes(graph: FakeGraph) -> None:
    picture = b"picture!" * 200_000
    _, answer = await upload(graph, picture, "image/jpeg")
    status, facts = await call(graph, "GET", answer["id"])
    assert (status, facts["file_size"], facts["sha256"]) == (200, len(picture), hashlib.sha256(picture).hexdigest())
    async with graph.session.get(facts["url"]) as download:
        assert download.status == 401
    headers = {"Authorization": "Bearer graph-token"}
    async with graph.session.get(facts["url"], headers=headers) as download:
        assert (download.status, await download.read()) == (200, picture)
    await graph.advance(limits.MEDIA_URL_S + 1)
    async with graph.session.get(facts["url"], headers=headers) as download:
        assert download.status == 404
    assert (await call(graph, "DELETE", answer["id"])) == (200, {"success": True})
    assert (await call(graph, "GET", answer["id"]))[0] == 400
    status, answer = await upload(graph, b"x" * (5 * limits.MIB + 1), "image/png")
    assert (status, answer["error"]["code"]) == (400, 131053)
    status, answer = await upload(graph, b"x", "application/zip")
    assert (status, answer["error"]["code"]) == (400, 100)
    await graph.fault(code=131052, endpoint="download")
    async with graph.session.get(facts["url"], headers=headers) as download:
        assert (await download.json())["error"]["code"] == 131052


async def test_the_number_and_the_pair_are_throttled_and_recover(graph: FakeGraph) -> None:
    await graph.rules(number_rate=2, pair_burst=3)
    codes = [(await send(graph, TEXT))[1].get("error", {}).get("code") for _ in range(3)]
    assert codes == [None, None, 130429]
    await graph.advance(1)
    codes = [(await send(graph, TEXT))[1].get("error", {}).get("code") for _ in range(2)]
    assert codes == [None, 131056]
    await graph.advance(6)
    assert (await send(graph, TEXT))[0] == 200
    assert (await send(graph, merged(to="16505550000")))[0] == 200


async def test_the_window_the_list_and_the_undeliverable(graph: FakeGraph, hook: Hook) -> None:
    await graph.recipient(TO, window="refuse", last_inbound_age=limits.WINDOW_S + 1)
    assert (await send(graph, TEXT))[1]["error"]["code"] == 131047
    template = {"name": "hello_world", "language": {"code": "en_US"}}
    by_template = {"messaging_product": "whatsapp", "to": TO, "type": "template", "template": template}
    assert (await send(graph, by_template))[0] == 200
    assert (await graph.inbound(TO, "Hello"))["http_status"] == 200
    assert (await send(graph, TEXT))[0] == 200
    await graph.rules(allowed=[TO])
    assert (await send(graph, merged(to="16505550000")))[1]["error"]["code"] == 131030
    await graph.rules(allowed=None)
    await graph.recipient("16505550000", fail=131026)
    await graph.recipient("16505550001", window="fail")
    for number in ("16505550000", "16505550001"):
        assert (await send(graph, merged(to=number, biz_opaque_callback_data=number)))[0] == 200
    assert await graph.settled()
    failed = [item for item in hook.statuses() if item["status"] == "failed"]
    assert [(item["biz_opaque_callback_data"], item["errors"][0]["code"]) for item in failed] == [
        ("16505550000", 131026),
        ("16505550001", 131047),
    ]


async def test_statuses_are_signed_ordered_and_tried_again(graph: FakeGraph, hook: Hook) -> None:
    hook.answers = [500, 503]
    _, answer = await send(graph, merged(biz_opaque_callback_data="k1"))
    assert await graph.settled()
    told = hook.statuses()
    assert sorted(item["status"] for item in told) == ["delivered", "read", "sent"]
    assert {(item["id"], item["biz_opaque_callback_data"]) for item in told} == {(answer["messages"][0]["id"], "k1")}
    assert hook.wrong == 0
    assert (await graph.stats())["callbacks"]["retries"] == 2
    hook.answers = [500] * 18
    await send(graph, TEXT)
    assert await graph.settled()
    assert (await graph.stats())["callbacks"]["given_up"] == 3


def test_chaos_is_seeded_and_does_all_of_its_tricks() -> None:
    names = ("sent", "delivered", "read")
    calm = plan(names, 1.0, Chaos(), Random(1))
    assert [(item.name, item.delay) for item in calm] == [("sent", 1.0), ("delivered", 2.0), ("read", 3.0)]
    wild = Chaos(early=1, late=1, twice=1, disorder=1, late_s=5)
    assert plan(names, 1.0, wild, Random(1)) == plan(names, 1.0, wild, Random(1))
    for step in (0.0, 1.0):
        mixed = plan(names, step, Chaos(disorder=1), Random(1))
        assert [item.name for item in mixed] != list(names)
        assert sorted(item.name for item in mixed) == sorted(names)
    assert len(plan(names, 1.0, Chaos(twice=1), Random(1))) == 6
    assert min(item.delay for item in plan(names, 1.0, Chaos(late=1, late_s=5), Random(1))) == 6.0
    assert plan(names, 1.0, Chaos(early=1), Random(1))[0].early


async def test_wild_callbacks_come_early_twice_and_in_nested_arrays(hook: Hook) -> None:
    chaos = Chaos(early=1, late=0.5, twice=1, disorder=1, batch=1, late_s=0.0)
    async with FakeGraph.in_process(settings(hook, chaos=chaos, seed=3)) as graph:
        for number in range(10):
            _, answer = await send(graph, merged(biz_opaque_callback_data=str(number)))
            assert answer["messages"][0]["id"] in {item["id"] for item in hook.statuses()}
        assert await graph.settled()
    told = [(item["biz_opaque_callback_data"], item["status"]) for item in hook.statuses()]
    assert sorted(told) == sorted([(str(n), s) for n in range(10) for s in ("sent", "delivered", "read")] * 2)
    assert max(len(body["entry"]) for body in hook.bodies) > 1
    changes = [change for body in hook.bodies for entry in body["entry"] for change in entry["changes"]]
    assert max(len(entry["changes"]) for body in hook.bodies for entry in body["entry"]) > 1
    assert max(len(change["value"]["statuses"]) for change in changes) > 1


async def test_without_callbacks_nothing_is_told(hook: Hook) -> None:
    async with FakeGraph.in_process(settings(hook, callbacks=False)) as graph:
        assert (await send(graph, TEXT))[0] == 200
        assert await graph.settled()
    assert hook.bodies == []


def by_example(name: str) -> dict[str, Any]:
    """What a test would say to the control API to get this example's message."""
    value = EXAMPLES["hooks"][name]["entry"][0]["changes"][0]["value"]
    message = dict(value["messages"][0])
    kind = message["type"]
    inner = message.get("interactive")
    if inner:
        message.update({"type": inner["type"], inner["type"]: inner[inner["type"]]})
    assert kind
    return {**message, "name": "Sheena Nelson"}


PEOPLE = [name for name in EXAMPLES["hooks"] if not name.startswith(("Group", "Image"))]


@pytest.mark.parametrize("name", PEOPLE)
def test_what_a_customer_does_is_told_as_in_metas_example(name: str) -> None:
    request = by_example(name)
    part = inbound.message(request, request["id"], 0.0, "15550783881", [], None, "")
    told = hooks.spread(Settings(), "messages", [part], None)["entry"][0]["changes"]
    assert told == EXAMPLES["hooks"][name]["entry"][0]["changes"]


@pytest.mark.parametrize("name", list(EXAMPLES["hooks"]))
async def test_any_body_is_signed_and_sent_as_it_is(graph: FakeGraph, hook: Hook, name: str) -> None:
    assert await graph.raw(EXAMPLES["hooks"][name]) == 200
    assert (hook.bodies, hook.wrong) == ([EXAMPLES["hooks"][name]], 0)
    await graph.raw({}, {"X-Hub-Signature-256": "sha256=00"})
    assert hook.wrong == 1


def test_the_body_is_escaped_as_meta_does() -> None:
    assert hooks.encode({"a": "ä/<@%"}) == b'{"a":"\\u00e4\\/\\u003C\\u0040\\u0025"}'
    # the worked example of RFC 4231, test case 2
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hooks.signature("Jefe", b"what do ya want for nothing?") == f"sha256={digest}"


async def test_a_customer_taps_shows_a_picture_and_has_no_phone(graph: FakeGraph, hook: Hook) -> None:
    await graph.rules(callbacks=False)
    _, answer = await send(graph, buttons(("yes", "Yes, please"), ("no", "No")))
    await graph.press(TO, "Yes, please")
    await graph.inbound(TO, type="image", image={"caption": "Look"}, media={"base64": "eHl6"})
    await graph.inbound(None, "Hi", bsuid="US.13491208655302741918", username="sheena")
    values = [body["entry"][0]["changes"][0]["value"] for body in hook.bodies]
    tap, picture, text = (value["messages"][0] for value in values)
    assert tap["interactive"] == {"type": "button_reply", "button_reply": {"id": "yes", "title": "Yes, please"}}
    assert tap["context"] == {"from": "15550783881", "id": answer["messages"][0]["id"]}
    example = EXAMPLES["hooks"]["Image Message"]["entry"][0]["changes"][0]["value"]["messages"][0]
    assert set(picture) == set(example)
    assert set(picture["image"]) == {*example["image"], "url"}
    headers = {"Authorization": "Bearer graph-token"}
    async with graph.session.get(picture["image"]["url"], headers=headers) as download:
        assert await download.read() == b"xyz"
    assert "from" not in text
    assert values[2]["contacts"] == [
        {"profile": {"name": "Sheena Nelson", "username": "sheena"}, "user_id": "US.13491208655302741918"}
    ]
    to_bsuid = {key: value for key, value in TEXT.items() if key != "to"} | {"recipient": "US.13491208655302741918"}
    _, answer = await send(graph, to_bsuid)
    assert answer["contacts"] == [{"input": "US.13491208655302741918", "user_id": "US.13491208655302741918"}]
    with pytest.raises(ValueError, match="Maybe"):
        await graph.press(TO, "Maybe")


async def test_several_customers_write_in_one_body_and_copies_repeat_it(graph: FakeGraph, hook: Hook) -> None:
    acts = [{"from": f"1650555{n:04}", "text": f"Message {n}", "copies": 2} for n in range(12)]
    answer = await graph.batch(*acts)
    assert (len(set(answer["ids"])), answer["http_statuses"]) == (12, [200, 200])
    assert hook.bodies[0] == hook.bodies[1]
    entries = hook.bodies[0]["entry"]
    texts = [m["text"]["body"] for e in entries for c in e["changes"] for m in c["value"]["messages"]]
    assert texts == [f"Message {n}" for n in range(12)]
    assert len(entries) > 1


async def test_faults_refuse_hang_or_take_without_an_answer(graph: FakeGraph) -> None:
    await graph.fault(code=131056, count=2, recipient=TO)
    assert (await send(graph, merged(to="16505550000")))[0] == 200
    assert [(await send(graph, TEXT))[1]["error"]["code"] for _ in range(2)] == [131056, 131056]
    await graph.fault(code=131000, http_status=503)
    assert (await send(graph, TEXT))[0] == 503
    await graph.fault("accept_then_drop")
    with pytest.raises(aiohttp.ClientError):
        await send(graph, merged(biz_opaque_callback_data="a"))
    await graph.fault("drop_before")
    with pytest.raises(aiohttp.ClientError):
        await send(graph, merged(biz_opaque_callback_data="b"))
    for mode in ("timeout_before", "accept_then_hang"):
        await graph.fault(mode)
        hanging = asyncio.create_task(send(graph, merged(biz_opaque_callback_data=mode)))
        count = len(await graph.requests()) + 1
        await graph.requests(count=count)
        if mode == "accept_then_hang":
            assert [item["key"] for item in await graph.sent(TO, count=2)] == ["a", mode]
        assert not hanging.done()
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
    await graph.reset()
    assert (await send(graph, TEXT))[0] == 200
    with pytest.raises(ValueError, match="mode"):
        await graph.fault("explode")


async def test_duplicates_are_counted_and_order_is_kept_per_recipient(graph: FakeGraph) -> None:
    for key, to in [("1", TO), ("x", "16505550000"), ("2", TO), ("1", TO), ("1", TO)]:
        assert (await send(graph, merged(to=to, biz_opaque_callback_data=key)))[0] == 200
    verdict = await graph.stats()
    assert (verdict["accepted"], verdict["duplicates"], verdict["duplicate_keys"]) == (5, 2, {"1": 3})
    assert verdict["order"] == {TO: ["1", "2", "1", "1"], "16505550000": ["x"]}


async def test_the_answer_shows_the_number_that_stands_behind_the_dialled_one(graph: FakeGraph) -> None:
    await graph.recipient("5531988888888", wa_id="553188888888")
    _, answer = await send(graph, merged(to="+55 31 98888-8888"))
    assert answer["contacts"] == [{"input": "+55 31 98888-8888", "wa_id": "553188888888"}]


async def test_a_template_change_is_told(graph: FakeGraph, hook: Hook) -> None:
    await graph.control("POST", "template", {"name": "hello_world", "status": "PAUSED"})
    change = hook.bodies[0]["entry"][0]["changes"][0]
    assert (change["field"], change["value"]["event"]) == ("message_template_status_update", "PAUSED")


async def test_as_a_process_it_remembers_over_a_restart(hook: Hook, tmp_path: Path) -> None:
    given = replace(settings(hook), state_file=tmp_path / "sent.jsonl")
    async with FakeGraph.process(given, arguments=["--callbacks", "none"]) as graph:
        assert graph.pid is not None
        assert (await send(graph, merged(biz_opaque_callback_data="k")))[0] == 200
        assert (await graph.inbound(TO, "grüezi"))["http_status"] == 200
    assert hook.wrong == 0
    async with FakeGraph.process(given, arguments=["--callbacks", "none"]) as graph:
        assert (await send(graph, merged(biz_opaque_callback_data="k")))[0] == 200
        sent = await graph.sent(TO)
        assert [item["seq"] for item in sent] == [0, 1]
        assert len({item["id"] for item in sent}) == 2
        assert (await graph.stats())["duplicates"] == 1


def test_a_status_names_only_the_user_id_where_there_is_no_phone() -> None:
    message = Accepted(0, "wamid.x", "US.1", "text", None, 0.0, {})
    status = hooks.status(message, "sent", 5.9, None, "US.1", Random(1))
    assert (status["timestamp"], status["recipient_user_id"], "recipient_id" in status) == ("5", "US.1", False)
