"""The control API under /_control/: act as a customer, arm faults, set rules, ask what was sent.

Our own API, so bodies are strict: an unknown key is refused with 400 and its name.
"""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from aiohttp import web

from tests.fakes.graph import hooks, inbound, limits, media, templates
from tests.fakes.graph.errors import JsonObject
from tests.fakes.graph.keys import DELIVERER, STATE
from tests.fakes.graph.sending import MODES
from tests.fakes.graph.settings import Chaos
from tests.fakes.graph.state import Fault, Rule, State

MAX_WAIT_S = 60.0
SETTABLE = ("number_rate", "pair_burst", "pair_interval_s", "callbacks", "status_delay_s", "hook_url", "hang_s")


def add_routes(router: web.UrlDispatcher) -> None:
    gets = {"sent": sent, "requests": requests, "stats": stats, "idle": idle, "held": held}
    posts = {"inbound": act, "raw": raw, "faults": faults, "rules": rules, "reset": reset, "clock": clock, "hold": hold}
    for name, handler in gets.items():
        router.add_get(f"/_control/{name}", handler)
    posts["template"] = template
    for name, handler in posts.items():
        router.add_post(f"/_control/{name}", handler)


def bad(message: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=message)


async def until(state: State, ready: Callable[[], bool], request: web.Request) -> bool:
    """Waits for ready(), at most ?timeout seconds; whether it came true."""
    timeout = min(float(request.query.get("timeout", "0")), MAX_WAIT_S)
    async with state.changed:
        try:
            await asyncio.wait_for(state.changed.wait_for(ready), timeout)
        except TimeoutError:
            return ready()
    return True


async def act(request: web.Request) -> web.Response:
    """One inbound or a list of them (then one body with nested arrays); ids and the hook's first answer come back.

    `copies` sends the same body again; `retry: false` gives up after the first attempt.
    """
    state = request.app[STATE]
    wanted = await request.json()
    several = wanted if isinstance(wanted, list) else [wanted]
    parts = []
    for item in several:
        try:
            parts.append(one_inbound(state, item, str(request.url.origin())))
        except LookupError as error:
            raise bad(str(error)) from None
    rng = state.rng("inbound", state.next_number()) if len(parts) > 1 else None
    body = hooks.spread(state.settings, "messages", parts, rng)
    ids = [message["id"] for part in parts for message in part["messages"]]
    statuses = [
        await tell(request, body, retry=several[0].get("retry", True)) for _ in range(several[0].get("copies", 1))
    ]
    return web.json_response({"ids": ids, "id": ids[0], "http_status": statuses[0], "http_statuses": statuses})


def one_inbound(state: State, item: JsonObject, base: str) -> JsonObject:
    """The partial value for one customer act; opens the window and stores the media it brings."""
    people = {str(item[key]) for key in ("from", "wa_id", "bsuid") if item.get(key) is not None}
    if not people:
        raise LookupError("An inbound needs `from` or `bsuid`.")
    for person in people:
        state.heard_from(person)
        if item.get("bsuid") is not None and person != item["bsuid"]:
            state.rules[person] = replace(state.rule(person), bsuid=item["bsuid"])
    stored = None
    url = ""
    if item.get("type") in inbound.MEDIA_KINDS:
        given = item.get("media", {})
        content = base64.b64decode(given.get("base64", "")) or b"media"
        mime_type = given.get("mime_type", DEFAULT_MIME[item["type"]])
        name = given.get("filename", "")
        stored = media.store(state, mime_type, content, name, limits.INBOUND_MEDIA_LIFE_S)
        url = media.address(state, base, stored)  # in hooks since 2025-11-12: Meta's media webhook reference
    offered = [message for message in state.sent if message.recipient in people]
    wamid = item.get("id") or state.new_wamid(min(people))
    business = state.settings.display_phone_number
    return inbound.message(item, wamid, state.now(), business, offered, stored, url)


DEFAULT_MIME = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/ogg",
    "document": "application/pdf",
    "sticker": "image/webp",
}


async def tell(request: web.Request, body: Any, *, retry: bool, headers: dict[str, str] | None = None) -> int | None:
    """The status of the first attempt; unless it was 200, goes on in the background when `retry`."""
    deliverer = request.app[DELIVERER]
    if not request.app[STATE].settings.hook_url:
        raise bad("This server has no hook URL; start it with one or set hook_url by /_control/rules.")
    status = await deliverer.attempt(body, headers or {})
    if status != 200 and retry:
        deliverer.post(body, headers)
    return status


async def raw(request: web.Request) -> web.Response:
    """Signs and sends {body, headers?, retry?}; a header may replace the signature."""
    wanted = await request.json()
    status = await tell(request, wanted["body"], retry=wanted.get("retry", False), headers=wanted.get("headers"))
    return web.json_response({"http_status": status})


async def faults(request: web.Request) -> web.Response:
    wanted = await request.json()
    known = {field.name for field in fields(Fault)}
    if unknown := wanted.keys() - known:
        raise bad(f"Unknown keys: {sorted(unknown)}")
    if wanted.get("mode", "error") not in MODES:
        raise bad(f"mode is one of {MODES}")
    request.app[STATE].faults.append(Fault(**wanted))
    return web.json_response({"armed": len([fault for fault in request.app[STATE].faults if fault.count > 0])})


async def rules(request: web.Request) -> web.Response:
    """{recipients{wa_id: Rule + last_inbound_age}, allowed, chaos, templates[], and the settings of SETTABLE}."""
    state = request.app[STATE]
    wanted = await request.json()
    if unknown := wanted.keys() - {"recipients", "allowed", "chaos", "templates", *SETTABLE}:
        raise bad(f"Unknown keys: {sorted(unknown)}")
    for recipient, change in wanted.get("recipients", {}).items():
        if "last_inbound_age" in change:
            change["last_inbound"] = state.now() - change.pop("last_inbound_age")
        if unknown := change.keys() - {field.name for field in fields(Rule)}:
            raise bad(f"Unknown keys: {sorted(unknown)}")
        if "statuses" in change:
            change["statuses"] = tuple(change["statuses"])
        state.rules[recipient] = replace(state.rule(recipient), **change)
    if "allowed" in wanted:
        state.allowed = None if wanted["allowed"] is None else set(wanted["allowed"])
    for item in wanted.get("templates", []):
        templates.put(state, item)
    changes = {key: wanted[key] for key in SETTABLE if key in wanted}
    if "chaos" in wanted:
        changes["chaos"] = Chaos(**wanted["chaos"])
    state.settings = replace(state.settings, **changes)
    state.number = None
    state.pairs.clear()
    return web.json_response({"ok": True})


async def template(request: web.Request) -> web.Response:
    """Changes a template and tells it by `message_template_status_update`."""
    state = request.app[STATE]
    wanted = await request.json()
    item = templates.put(state, wanted)
    status = await tell(request, templates.status_hook(state, item, wanted.get("reason", "NONE")), retry=True)
    return web.json_response({"id": item.id, "http_status": status})


async def clock(request: web.Request) -> web.Response:
    """Moves the virtual clock forward by {advance} seconds: windows, throttles and media addresses age."""
    state = request.app[STATE]
    state.clock_offset += float((await request.json())["advance"])
    return web.json_response({"now": state.now()})


async def sent(request: web.Request) -> web.Response:
    """Accepted messages in order; ?recipient, ?after=seq; ?count=N&timeout=S waits until there are so many."""
    state = request.app[STATE]
    recipient = request.query.get("recipient")
    after = int(request.query.get("after", "-1"))
    count = int(request.query.get("count", "0"))
    await until(state, lambda: len(found(state, recipient, after)) >= count, request)
    return web.json_response([message.as_json() for message in found(state, recipient, after)])


def found(state: State, recipient: str | None, after: int) -> list[Any]:
    return [message for message in state.sent_to(recipient) if message.seq > after]


async def requests(request: web.Request) -> web.Response:
    """Everything received under Graph's paths; ?count=N&timeout=S waits until there are so many."""
    state = request.app[STATE]
    count = int(request.query.get("count", "0"))
    await until(state, lambda: len(state.requests) >= count, request)
    return web.json_response(state.requests)


async def stats(request: web.Request) -> web.Response:
    return web.json_response({**request.app[STATE].stats(), "callbacks": dict(request.app[DELIVERER].counts)})


async def idle(request: web.Request) -> web.Response:
    """Whether no callback is planned or on its way; ?timeout=S waits for that."""
    deliverer = request.app[DELIVERER]
    return web.json_response({"idle": await until(request.app[STATE], deliverer.idle, request)})


async def hold(request: web.Request) -> web.Response:
    """{where: ["before" | "after" | ""], release}: holds the sends to come, in turn; `release` lets go those that are held.

    A send held before its acceptance is never accepted; the statuses of one held after it are told once it is let go. Neither
    is answered.
    """
    state = request.app[STATE]
    wanted = await request.json()
    places = tuple(wanted.get("where", state.hold))
    if unknown := {*places} - {"before", "after", ""}:
        raise bad(f"`where` lists before, after and nothing, not {sorted(unknown)}")
    state.hold = places
    if wanted.get("release", False):
        state.let_go()
    return web.json_response({"held": state.held})


async def held(request: web.Request) -> web.Response:
    """How many sends are held; ?count=N&timeout=S waits until there are so many."""
    state = request.app[STATE]
    count = int(request.query.get("count", "0"))
    await until(state, lambda: state.held >= count, request)
    return web.json_response({"held": state.held})


async def reset(request: web.Request) -> web.Response:
    """Forgets everything but the settings; hanging requests are let go, planned callbacks dropped."""
    old = request.app[STATE]
    await request.app[DELIVERER].close()
    old.release.set()
    old.forget()
    return web.json_response({"ok": True})
