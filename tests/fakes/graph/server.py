"""The Graph half of the fake: sends, media, templates and phone numbers under /v{N}.{M}/. `create_app` makes it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

from tests.fakes.graph import control, limits, media, sending, templates
from tests.fakes.graph.callbacks import Deliverer
from tests.fakes.graph.errors import GraphError, JsonObject, error_body
from tests.fakes.graph.keys import DELIVERER, STATE
from tests.fakes.graph.settings import Settings
from tests.fakes.graph.state import State

VERSION = re.compile(r"v[1-9][0-9]*\.[0-9]+")


def create_app(settings: Settings) -> web.Application:
    """The whole fake as an aiohttp application; its callbacks run while the application runs."""
    app = web.Application(client_max_size=limits.UPLOAD_BYTES + limits.MIB, middlewares=[recorded])
    app[STATE] = State(settings)
    app.cleanup_ctx.append(delivering)
    app.on_shutdown.append(let_go)
    control.add_routes(app.router)
    app.router.add_get("/_media/{token}", media.download)
    app.router.add_post("/{version}/{owner}/messages", sending.send)
    app.router.add_post("/{version}/{owner}/media", media.upload)
    app.router.add_get("/{version}/{owner}/message_templates", templates.listing)
    app.router.add_post("/{version}/{owner}/message_templates", templates.create)
    app.router.add_delete("/{version}/{owner}/message_templates", templates.delete)
    app.router.add_get("/{version}/{owner}", show)
    app.router.add_delete("/{version}/{owner}", media.delete)
    return app


async def delivering(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as session:
        app[DELIVERER] = Deliverer(app[STATE], session)
        loop = asyncio.create_task(app[DELIVERER].run())
        yield
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        await app[DELIVERER].close()


async def let_go(app: web.Application) -> None:
    """Ends the requests that a fault keeps hanging, so that shutdown is quick."""
    app[STATE].release.set()
    app[STATE].hold = ()
    app[STATE].let_go()
    await app[STATE].announce()


@web.middleware
async def recorded(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Keeps what came in and what was answered, checks token and version, and turns GraphError into Meta's body."""
    if request.path.startswith("/_control/"):
        return await handler(request)
    state = request.app[STATE]
    entry: JsonObject = {"method": request.method, "path": request.path, "at": state.now(), "body": None}
    entry["http_status"] = None  # stays so when the request was left without an answer
    entry["error_code"] = None
    state.requests.append(entry)
    try:
        entry["body"] = await body_of(request)
        authorize(request, state)
        answer = await handler(request)
    except GraphError as error:
        entry["error_code"] = error.code
        answer = web.json_response(error_body(error, state.trace()), status=error.http_status)
    except web.HTTPException as missing:
        unknown = GraphError(2500, f"Unknown path components: {request.path}", status=missing.status, subcode=1)
        answer = web.json_response(error_body(unknown, state.trace()), status=missing.status)
    entry["http_status"] = answer.status
    await state.announce()
    return answer


async def body_of(request: web.Request) -> Any:
    """The JSON body for the record; None for uploads, the text itself when it is not JSON."""
    if request.content_type != "application/json":
        return None
    raw = await request.read()
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


def authorize(request: web.Request, state: State) -> None:
    if request.headers.get("Authorization") != f"Bearer {state.settings.token}":
        raise GraphError(190)
    version = request.match_info.get("version")
    if version is not None and not VERSION.fullmatch(version):
        raise GraphError(2500, f"Unknown path components: {request.path}", status=400, subcode=1)


async def show(request: web.Request) -> web.Response:
    """A phone number or a media object by id."""
    state = request.app[STATE]
    owner = request.match_info["owner"]
    if owner != state.settings.phone_number_id:
        return await media.show(request)
    number: JsonObject = {
        "verified_name": state.settings.verified_name,
        "code_verification_status": "VERIFIED",
        "display_phone_number": f"+{state.settings.display_phone_number}",
        "quality_rating": "GREEN",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "status": "CONNECTED",
        "name_status": "APPROVED",
        "messaging_limit_tier": "TIER_250",
        "id": owner,
    }
    wanted = request.query.get("fields")
    names = [*wanted.split(","), "id"] if wanted else list(number)
    return web.json_response({name: number[name] for name in dict.fromkeys(names) if name in number})
