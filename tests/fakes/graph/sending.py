"""POST /messages: the order of Meta's checks, the armed faults, and the answer."""

import asyncio
import re

from aiohttp import web

from tests.fakes.graph.errors import GraphError, JsonObject
from tests.fakes.graph.keys import DELIVERER, STATE, unknown_object
from tests.fakes.graph.state import Accepted, Fault, State
from tests.fakes.graph.throttle import Bucket
from tests.fakes.graph.validate import check_mark_read, check_message
from tests.fakes.graph.validate_template import Template, check_fits

NO_ANSWER_BEFORE = ("timeout_before", "drop_before")
NO_ANSWER_AFTER = ("accept_then_hang", "accept_then_drop")
# what a gateway in front of Graph shows with a 502 or 503
GATEWAY_PAGE = "<html><body><h1>Sorry, something went wrong.</h1></body></html>"
MODES = ("error", *NO_ANSWER_BEFORE, *NO_ANSWER_AFTER)


async def send(request: web.Request) -> web.StreamResponse:
    """Accepts, refuses, or leaves without an answer, as limits, rules and faults say."""
    state = request.app[STATE]
    if request.match_info["owner"] != state.settings.phone_number_id:
        raise unknown_object(request.match_info["owner"])
    body = await json_object(request)
    if "status" in body:
        check_mark_read(body)
        return web.json_response({"success": True})
    recipient = recipient_of(body, state)
    fault = state.take_fault("messages", recipient)
    if fault is not None and fault.mode not in NO_ANSWER_AFTER:
        return await refuse(request, fault)
    kind = check_message(body)
    check_account(body, kind, recipient, state)
    held = state.where()
    if held == "before":  # and never accepted, as if the provider had died with it
        await state.keep()
        return await leave(request, hang=False)
    message = await state.accept(recipient, kind, body)
    if held == "after":
        await state.keep()
    await request.app[DELIVERER].accepted(message)
    if held == "after":
        return await leave(request, hang=False)
    if fault is not None:
        return await leave(request, hang=fault.mode == "accept_then_hang")
    return web.json_response(answer(message, state))


async def json_object(request: web.Request) -> JsonObject:
    """The body as an object; GraphError 100 for anything else."""
    try:
        body = await request.json()
    except ValueError:
        raise GraphError(100, "The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise GraphError(100, "The request body must be a JSON object.")
    return body


def recipient_of(body: JsonObject, state: State) -> str:
    """The wa_id that stands behind `to` (a rule may give another one: Brazil, Mexico), or the BSUID."""
    if body.get("to") is None:
        return str(body.get("recipient", ""))
    digits = re.sub(r"\D", "", str(body["to"]))
    return state.rule(digits).wa_id or digits


def check_account(body: JsonObject, kind: str, recipient: str, state: State) -> None:
    """What depends on the account and not on the body's shape: lists, windows, templates, media, throttles."""
    rule = state.rule(recipient)
    if recipient == state.settings.display_phone_number:
        raise GraphError(131021)
    if state.allowed is not None and recipient not in state.allowed:
        raise GraphError(131030)
    if rule.refuse is not None:
        raise GraphError(rule.refuse)
    if kind == "template":
        template = find_template(body["template"], state)
        if template is not None and template.category == "AUTHENTICATION" and body.get("to") is None:
            raise GraphError(131062)
        check_fits(body["template"], template)
    elif rule.window == "refuse" and state.window_closed(recipient):
        raise GraphError(131047)
    for name in media_ids(body, kind):
        stored = state.media.get(name)
        if stored is None or stored.expires < state.now():
            raise GraphError(131009, f"Param {kind}['id'] is not a valid media ID: {name}")
    throttle(recipient, state)


def media_ids(body: JsonObject, kind: str) -> list[str]:
    """The ids of stored media that a message names, in its payload, its header or its template."""
    holders = [body[kind]] if isinstance(body[kind], dict) else []
    if kind == "interactive":
        holders = [part for part in body[kind].get("header", {}).values() if isinstance(part, dict)]
    elif kind == "template":
        components = body[kind].get("components", [])
        parameters = [parameter for part in components for parameter in part["parameters"]]
        holders = [parameter[parameter["type"]] for parameter in parameters if isinstance(parameter, dict)]
    return [str(part["id"]) for part in holders if isinstance(part, dict) and "id" in part]


def find_template(wanted: JsonObject, state: State) -> Template | None:
    language = wanted["language"]["code"]
    return next((item for item in state.templates if (item.name, item.language) == (wanted["name"], language)), None)


def throttle(recipient: str, state: State) -> None:
    """130429 for the number, 131056 for the pair; a refused message takes no token of the pair."""
    settings = state.settings
    now = state.now()
    rate = settings.number_rate
    if rate > 0:
        state.number = state.number or Bucket(max(1.0, rate), rate, max(1.0, rate), now)
        if not state.number.take(now):
            raise GraphError(130429)
    burst = settings.pair_burst
    if burst > 0:
        pair = state.pairs.setdefault(recipient, Bucket(burst, 1 / settings.pair_interval_s, burst, now))
        if not pair.take(now):
            raise GraphError(131056)


async def refuse(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Carries out a fault that comes before acceptance."""
    if fault.mode in NO_ANSWER_BEFORE:
        return await leave(request, hang=fault.mode == "timeout_before")
    if fault.code is None:
        return web.Response(status=fault.http_status or 502, text=GATEWAY_PAGE, content_type="text/html")
    raise GraphError(fault.code, fault.details, status=fault.http_status)


async def leave(request: web.Request, *, hang: bool) -> web.StreamResponse:
    """Never answers: waits up to hang_s (or until reset or shutdown) when hanging, then cuts the connection."""
    state = request.app[STATE]
    if hang:
        try:
            await asyncio.wait_for(state.release.wait(), state.settings.hang_s)
        except TimeoutError:
            state.counters["hung"] += 1
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def answer(message: Accepted, state: State) -> JsonObject:
    """Meta's 200; `user_id` stands there once business-scoped user ids are known (Meta, 2026-03-31)."""
    if message.body.get("to") is None:
        contact: JsonObject = {"input": message.body["recipient"], "user_id": message.recipient}
    else:
        contact = {"input": message.body["to"], "wa_id": message.recipient}
        bsuid = state.rule(message.recipient).bsuid
        if bsuid is not None:
            contact["user_id"] = bsuid
    result: JsonObject = {"id": message.id}
    if message.kind == "template":
        result["message_status"] = "accepted"
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [result]}
