"""/hooks/{kind}/{channel}: where providers tell what happened. 200 means that it is durable, and never anything else."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiohttp import web
from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from api.http.error import BadRequest, Unauthorized
from api.http.read import body_bytes
from api.http.request import Request, Response
from api.http.route import Route
from api.services import Services
from channels.error import SignatureMissing, SignatureWrong
from channels.parsed import Parsed
from channels.protocol import ChannelRef, ChannelType
from crm.doors import Door, TemplateNews, find_door, note_attention, note_call, note_templates
from engine.runtime.protocol import StoreUnavailable
from schemas.error import NotFound, PostDogError, Refused, Unavailable
from schemas.event import MessageReceived, StatusReported

TAGS = ("Webhooks in",)
BODY_LIMIT = 3 * 1024 * 1024
"""Bytes. Meta's webhooks have at most 3 MB."""
BODY_SECONDS = 10.0
KEPT = timedelta(seconds=5)
"""How long a channel's settings are kept. A signature that fails against kept ones is checked against the present ones."""
MOST_KEPT = 1_000
NOTED = timedelta(seconds=30)
"""The channel's line about what came last is written so often at most: a row for each message would cost as much as it."""
TELLING = MessageReceived, StatusReported
"""Events that name a channel."""

log: structlog.stdlib.BoundLogger = structlog.get_logger("postdog.hooks")


class NotTaken(Unavailable):
    """This could not be stored now. Send it again later."""

    code = "not_taken"


@dataclass(frozen=True, slots=True)
class Opened:
    """A channel at its door with its settings read."""

    door: Door
    kind: ChannelType[Any]
    config: BaseModel
    at: datetime

    @property
    def channel(self) -> ChannelRef:
        """As the channel's kind knows it."""
        return ChannelRef(self.door.tenant, self.door.channel, self.door.address, self.door.siblings)


class ChannelHooks:
    """The webhook addresses of all channels."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._kept: OrderedDict[tuple[str, int], Opened] = OrderedDict()
        self._opening: dict[tuple[str, int], asyncio.Task[Opened]] = {}
        self._noted: dict[int, datetime] = {}

    async def handshake(self, request: Request) -> Response:
        """Prove to a provider that this address is ours."""
        opened = await self._open(request, fresh=True)
        answer = opened.kind.handshake(request.raw.query, opened.config)
        if answer is None:
            raise Refused("The verify token is wrong. Enter the channel's own at the provider.")
        channel, now = opened.channel.id, request.now
        await self._services.store.write(lambda session: note_call(session, channel, "the webhook address was confirmed", now))
        return web.Response(text=answer, content_type="text/plain")

    async def receive(self, request: Request) -> Response:
        """Take what a provider tells.

        Answered with 200 once everything in it is durable; the same webhook twice counts once.
        """
        body = await body_bytes(request.raw, BODY_LIMIT, BODY_SECONDS)
        try:
            opened = await self._verified(request, body)
            parsed = opened.kind.parse(body, opened.channel, request.now)
            if any(each.code == "not_json" for each in parsed.attention):
                raise BadRequest("The body is not valid JSON.", type="malformed_json")
            if parsed.events:
                await self._services.engine.append(parsed.events)
            await self._keep(opened, parsed, request.now)
        except StoreUnavailable as error:
            raise NotTaken from error
        return web.Response(text="", status=200)

    async def _verified(self, request: Request, body: bytes) -> Opened:
        """The channel, once the signature was checked. Raises Unauthorized (401) and SignatureWrong (403)."""
        for fresh in (False, True):
            opened = await self._open(request, fresh)
            try:
                opened.kind.verify(request.raw.headers, body, opened.config)
            except SignatureMissing as error:
                raise Unauthorized(error.message, type=error.code) from error
            except SignatureWrong:
                if fresh or opened.at == request.now:
                    raise
                continue
            return opened
        raise SignatureWrong

    async def _open(self, request: Request, fresh: bool) -> Opened:
        name, channel = request.name("kind"), request.id("channel")
        kind = self._services.channel_types.get(name)
        if kind is None:
            raise NotFound(f"There is no kind of channel called “{name[:64]}”.")
        kept = self._kept.get((name, channel))
        if kept is not None and not fresh and request.now - kept.at < KEPT:
            return kept
        self._kept.pop((name, channel), None)
        if fresh:
            return await self._read(kind, channel, request.now)
        opening = self._opening.get((name, channel))
        if opening is None:  # of hundreds that come at once, one looks
            opening = self._opening[name, channel] = asyncio.create_task(self._read(kind, channel, request.now))
            opening.add_done_callback(lambda _: self._opening.pop((name, channel)))
        return await asyncio.shield(opening)

    async def _read(self, kind: ChannelType[Any], channel: int, now: datetime) -> Opened:
        secrets = self._services.secrets
        door = await self._services.store.read(lambda session: find_door(session, kind.kind, channel, secrets))
        try:
            config: BaseModel = kind.Config.model_validate(dict(door.settings))
        except ValidationError as error:
            raise NotTaken("This channel's settings can't be read. Save them again.") from error
        opened = self._kept[kind.kind, channel] = Opened(door, kind, config, now)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return opened

    async def _keep(self, opened: Opened, parsed: Parsed, now: datetime) -> None:
        """What concerns the channel and its templates. The events are durable: what fails here is only logged."""
        tenant = opened.door.tenant
        news = [
            TemplateNews(each.name, each.language, each.status, each.reason, each.provider_id)
            for each in parsed.templates
            if each.status
        ]
        broken = {each.channel: each.message for each in parsed.attention if each.level == "broken"}
        for each in parsed.attention:
            log.warning("channel_attention", channel=each.channel, code=each.code, level=each.level, detail=each.message)
        seen = self._due(parsed, opened.door.channel, now)
        for echo in parsed.echoes:
            log.info("echo_not_kept", channel=echo.channel, external_id=echo.external_id)
        if not (news or broken or seen):
            return
        try:
            changed = await self._services.store.write(lambda session: _note(session, tenant, news, broken, seen, now))
        except (StoreUnavailable, PostDogError) as error:
            if news or broken:
                raise NotTaken from error
            return
        if changed:
            self._services.worlds.changed(tenant)

    def _due(self, parsed: Parsed, channel: int, now: datetime) -> dict[int, str]:
        """The channels whose line is to be written now, with the line."""
        named = {event.body.channel for event in parsed.events if isinstance(event.body, TELLING)} or {channel}
        due = [each for each in named if each not in self._noted or now - self._noted[each] >= NOTED]
        if not due:
            return {}
        self._noted.update(dict.fromkeys(due, now))
        return dict.fromkeys(due, _line(parsed))

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        path = "/hooks/{kind}/{channel:ch}"
        return (
            Route("GET", path, self.handshake, TAGS, errors=(Refused,), public=True, profiles=(), produces="text/plain"),
            Route(
                "POST",
                path,
                self.receive,
                TAGS,
                errors=(SignatureWrong, NotTaken, Unauthorized),
                public=True,
                profiles=(),
                body_limit=BODY_LIMIT,
                quiet=True,
                consumes=("application/json",),
                produces="text/plain",
            ),
        )


def _note(
    session: Session,
    tenant: int,
    news: list[TemplateNews],
    broken: Mapping[int, str],
    seen: Mapping[int, str],
    now: datetime,
) -> bool:
    for channel, line in seen.items():
        note_call(session, channel, line, now)
    for channel, message in broken.items():
        note_attention(session, channel, message)
    return note_templates(session, tenant, news, now)


def _line(parsed: Parsed) -> str:
    """What a webhook said, in one line for people."""
    if not parsed.events:
        return parsed.attention[0].message if parsed.attention else "A webhook without news."
    counted = Counter(event.body.kind for event in parsed.events)
    return ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in counted.items())
