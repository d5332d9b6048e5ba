"""The public side of web chat: plain aiohttp routes, which strangers call."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import WSCloseCode, web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import Session

from api.chat.audience import Audience
from api.chat.connection import House
from api.chat.door import Door, NoSuchChat, OpenChat
from api.chat.limit import (
    ADDRESS_UPLOADS,
    CONNECTIONS,
    PAGES,
    SESSIONS,
    UPLOADS,
    UPLOADS_AT_ONCE,
    UPLOADS_PER_ADDRESS,
    ChatSettings,
    Gate,
    Slots,
)
from api.chat.lobby import Lobby
from api.chat.page import Pages
from api.chat.reference import Upload, write_reference
from api.chat.upload import take_file
from api.http.error import BodyTimeout, MalformedJson
from api.services import Services
from crm.media import SALT_BYTES, StoredFile, keep, link, remove_file
from crm.webchat import Chat, add_visitor, find_visitor, is_long_ago, note_visit
from engine.runtime.feed import Hub
from schemas.public_id import public_id

TOKEN_BYTES = 32
VISITOR_BYTES = 12
"""96 bits: unique without asking."""
BODY_SECONDS = 10.0
SESSION_BYTES = 4 * 1024
METHODS = "GET, POST, OPTIONS"


class SessionAsked(BaseModel):
    """What the browser remembers."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    token: str | None = Field(None, max_length=200)


class ChatRoutes:
    """Page, config, session, upload and the live connection. Add `start` and `stop` to the application's hooks."""

    def __init__(self, services: Services, hub: Hub, settings: ChatSettings | None = None) -> None:
        settings = settings or ChatSettings()
        self._services = services
        self._door = Door(services, settings)
        self._gate = Gate(services.clock)
        self._pages = Pages()
        self._audience = Audience(hub, services.clock)
        self._lobby = Lobby(House(services, self._audience, self._gate), self._door, settings)
        self._uploads = Slots(UPLOADS_PER_ADDRESS, UPLOADS_AT_ONCE)
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def mount(self, app: web.Application) -> None:
        """Add the routes; before the application starts."""
        at = "/chat/{channel}"
        app.add_routes(
            [
                web.get("/chat/assets/{file}", self.asset),
                web.get(at, self.page),
                web.get(f"{at}/", self.slash),
                web.get(f"{at}/widget.js", self.widget),
                web.get(f"{at}/config", self.config),
                web.post(f"{at}/session", self.session),
                web.post(f"{at}/media", self.media),
                web.get(f"{at}/ws", self.live),
                *(web.options(f"{at}/{name}", self.preflight) for name in ("config", "session", "media")),
            ]
        )

    async def start(self) -> None:
        """Follow what is committed. Before the first request."""
        self._tasks = (asyncio.create_task(self._audience.listen()), asyncio.create_task(self._audience.beat()))

    async def stop(self) -> None:
        """Send every browser away so that it comes back to whoever serves next. Before the engine stops."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._audience.close(WSCloseCode.GOING_AWAY, "the server restarts")

    async def channel_changed(self, channel: int) -> None:
        """A channel's settings changed: its browsers come back and read them anew."""
        await self._audience.close(WSCloseCode.SERVICE_RESTART, "settings changed", channel)

    # --- pages ---------------------------------------------------------------------------------------------------------------
    async def page(self, request: web.Request) -> web.StreamResponse:
        """The chat."""
        self._gate.take(PAGES, self._door.address(request))
        try:
            opened = await self._door.chat(request)
        except NoSuchChat as error:
            return self._pages.missing(error.message)
        return self._pages.page(opened.config)

    async def slash(self, request: web.Request) -> web.StreamResponse:
        """The page's files are found relative to its address without a slash at the end."""
        raise web.HTTPPermanentRedirect(request.rel_url.with_path(request.rel_url.path.rstrip("/"), keep_query=True))

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """A script, a style or a picture of the page."""
        return self._pages.asset(request.match_info["file"])

    async def widget(self, request: web.Request) -> web.StreamResponse:
        """The launcher. It is the same for all chats, so it asks no table."""
        return self._pages.widget()

    # --- calls ---------------------------------------------------------------------------------------------------------------
    async def preflight(self, request: web.Request) -> web.StreamResponse:
        """What a page of an allowed site may call."""
        _, headers = await self._enter(request)
        allowed = {"Access-Control-Allow-Methods": METHODS, "Access-Control-Allow-Headers": "Content-Type, X-Visitor-Token"}
        return web.Response(status=204, headers=headers | allowed | {"Access-Control-Max-Age": "600"})

    async def config(self, request: web.Request) -> web.StreamResponse:
        """How the chat looks."""
        self._gate.take(PAGES, self._door.address(request))
        opened, headers = await self._enter(request)
        config = opened.config
        shown = {
            "name": config.name or opened.chat.name,
            "greeting": config.greeting or None,
            "colour": config.colour,
            "logo_url": config.logo_url,
            "placeholder": config.placeholder or None,
            "locale": config.locale or None,
            "poweredBy": config.powered_by,
            "max_upload_bytes": config.max_upload_bytes,
        }
        return web.json_response(shown, headers=headers)

    async def session(self, request: web.Request) -> web.StreamResponse:
        """The visitor behind a token, or a new visitor with a new one."""
        self._gate.take(SESSIONS, self._door.address(request))
        opened, headers = await self._enter(request)
        asked = await _read_session(request)
        chat, now = opened.chat, self._services.clock.now()
        found = await self._known(chat, asked.token) if asked.token else None
        if found is not None and asked.token is not None:
            return web.json_response({"token": asked.token, "visitor": found}, headers=headers)
        random = self._services.random
        token, visitor = f"wct_{random(TOKEN_BYTES).hex()}", f"vis_{random(VISITOR_BYTES).hex()}"
        await self._services.store.write(lambda session: add_visitor(session, chat, visitor, token, now))
        return web.json_response({"token": token, "visitor": visitor}, headers=headers)

    async def media(self, request: web.Request) -> web.StreamResponse:
        """Keep a visitor's file, and say by what it can be sent."""
        address, data_dir = self._door.address(request), self._services.data_dir
        self._gate.take(ADDRESS_UPLOADS, address)
        opened, headers = await self._enter(request)
        chat = opened.chat
        visitor = await self._door.visitor(chat, request.headers.get("X-Visitor-Token", ""))
        self._gate.take(UPLOADS, f"{chat.channel}:{visitor}")
        with self._uploads.one(address, "Several files are on their way already. Wait until they arrived, then try again."):
            file = await take_file(request, data_dir, self._services.random(SALT_BYTES), opened.config.max_upload_bytes)
        upload, url = await self._keep(chat, file)
        shown = {
            "media": write_reference(self._services.secrets, chat, visitor, upload),
            "url": url,
            "mime": upload.mime,
            "name": upload.name,
        }
        return web.json_response(shown, status=201, headers=headers)

    async def live(self, request: web.Request) -> web.StreamResponse:
        """The live connection; the first frame says who it is."""
        address = self._door.address(request)
        self._gate.take(CONNECTIONS, address)
        opened, _ = await self._enter(request)
        return await self._lobby.serve(request, opened.chat, address)

    # --- shared --------------------------------------------------------------------------------------------------------------
    async def _enter(self, request: web.Request) -> tuple[OpenChat, dict[str, str]]:
        """The chat and the headers for an allowed page of another origin. Raises NoSuchChat or OriginRefused."""
        opened = await self._door.chat(request)
        origin = self._door.origin(request, opened.config)
        headers = {"Vary": "Origin", "Cache-Control": "no-store"}
        return opened, headers | ({"Access-Control-Allow-Origin": origin} if origin else {})

    async def _known(self, chat: Chat, token: str) -> str | None:
        now = self._services.clock.now()

        def find(session: Session) -> tuple[str, bool] | None:
            row = find_visitor(session, chat.channel, token)
            return None if row is None else (row.visitor, is_long_ago(row, now))

        found = await self._services.store.read(find)
        if found is None:
            return None
        visitor, long_ago = found
        if long_ago:
            await self._services.store.write(lambda session: note_visit(session, chat.channel, visitor, now))
        return visitor

    async def _keep(self, chat: Chat, file: StoredFile) -> tuple[Upload, str]:
        now = self._services.clock.now()

        def store(session: Session) -> tuple[Upload, str, bool]:
            row, new = keep(session, chat.tenant, file, now)
            return Upload(public_id("med", row.id), row.mime, row.filename), link(row), new

        upload, url, new = await self._services.store.write(store)
        if not new:
            await asyncio.to_thread(remove_file, self._services.data_dir, file.path)
        return upload, url


async def _read_session(request: web.Request) -> SessionAsked:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.clone(client_max_size=SESSION_BYTES).read()
        return SessionAsked.model_validate_json(body)
    except TimeoutError as error:
        raise BodyTimeout from error
    except ValidationError as error:
        raise MalformedJson('Send a JSON object such as {"token": null}.') from error
