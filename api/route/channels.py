"""/channels: where the workspace talks with people."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError
from sqlmodel import Session

from api.channel_config import channel_type, joined, read_settings, shown_config
from api.http.model import IdOf, Input, Instant, Output
from api.http.request import Request
from api.http.route import Route
from api.route.free_json import JsonObject
from api.route.listing import Items
from api.services import Services
from channels.config import secret_fields
from channels.protocol import ChannelType
from channels.webchat.kind import WebchatType
from crm.channels import (
    create_channel,
    delete_channel,
    get_channel,
    list_channels,
    secrets_of,
    set_config,
    update_channel,
)
from crm.used_by import InUse
from schemas.error import Conflict
from schemas.public_id import public_id
from storage.secret import UnreadableSecret
from storage.table import ChannelRow

TAGS = ("Channels",)
EDITORS = ("owner", "editor")
WEBCHAT = WebchatType.kind
Name = Annotated[str, Field(min_length=1, max_length=100, examples=["Support chat"])]
Label = Annotated[str, Field(max_length=64, description="A device label.", examples=["primary"])]
Config = Annotated[JsonObject, Field(description="The settings of this kind of channel, see /channel-kinds.")]


class CreateChannel(Input):
    """A channel to be connected."""

    kind: Annotated[str, Field(min_length=1, max_length=64, examples=["webchat", "whatsapp"])]
    name: Name
    label: Label = ""
    config: Config = Field(default_factory=dict)


class ChangeChannel(Input):
    """What is to change. Settings that are not given stay, secrets too."""

    name: Name | None = None
    label: Label | None = None
    on: Annotated[bool | None, Field(description="False: switched off, it sends nothing and takes nothing in.")] = None
    config: Config | None = None


class SetUpStep(Output):
    """A step by which a channel comes to work. `at` is when it was done, where that is known."""

    key: Annotated[str, Field(examples=["access_token", "webhook", "arrived"])]
    label: str
    done: bool
    hint: Annotated[str, Field(description="What to do, where it isn't done.")]
    at: Instant | None = None


class Channel(Output):
    """A connected channel. Of a secret setting it says only whether it is set: `{"set": true}`."""

    id: Annotated[int, IdOf("ch")]
    kind: str
    name: str
    label: str
    address: str
    config: dict[str, Any]
    status: str
    attention: Annotated[str, Field(description="What is wrong and what to do next; empty: nothing.")]
    webhook_url: Annotated[str, Field(description="Where the provider calls us.")]
    page_url: Annotated[str | None, Field(description="Web chat: the page on which to chat.")]
    embed: Annotated[str | None, Field(description="Web chat: the line of HTML that puts it on a site.")]
    last_inbound_at: Instant | None
    created_at: Instant
    updated_at: Instant | None


class ChannelStatus(Output):
    """How a channel is, and how far its connection has come."""

    status: str
    attention: str
    last_inbound_at: Instant | None
    last_inbound_summary: str
    steps: tuple[SetUpStep, ...]


class ChannelTest(Output):
    """Whether the channel can be used, and if not, what to do; and what the provider says of it, where it can be asked."""

    ok: bool
    problem: str
    name: str = ""
    address: str = ""
    quality: str = ""
    limit: str = ""


class ChannelKind(Output):
    """A kind of channel that can be connected, and the JSON Schema of its settings."""

    kind: str
    label: str
    config_schema: dict[str, Any]


class ChannelRoutes:
    """Channels."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_channel_kinds(self, request: Request) -> Items[ChannelKind]:
        """List the kinds of channel that can be connected."""
        kinds = self._services.channel_types.values()
        return Items[ChannelKind](
            data=tuple(
                ChannelKind(kind=kind.kind, label=kind.label, config_schema=kind.Config.model_json_schema()) for kind in kinds
            )
        )

    async def list_channels(self, request: Request) -> Items[Channel]:
        """List the channels."""
        rows = await self._services.store.read(lambda session: list_channels(session, request.tenant))
        return Items[Channel](data=tuple(self._shown(row) for row in rows))

    async def create_channel(self, request: Request[CreateChannel]) -> Channel:
        """Connect a channel."""
        body, tenant, box = request.body, request.tenant, self._services.secrets
        settings = read_settings(channel_type(self._services.channel_types, body.kind), body.config)
        row = await self._services.store.write(
            lambda session: create_channel(
                session,
                tenant,
                body.kind,
                body.name,
                settings.shown,
                settings.secrets,
                box,
                request.now,
                address=settings.address,
                label=body.label,
            )
        )
        await self._changed(row)
        return self._shown(row)

    async def get_channel(self, request: Request) -> Channel:
        """Read a channel."""
        return self._shown(await self._row(request))

    async def change_channel(self, request: Request[ChangeChannel]) -> Channel:
        """Change a channel's name, settings or secrets, or switch it on or off."""
        body, tenant, channel, box = request.body, request.tenant, request.id("channel"), self._services.secrets
        kinds = self._services.channel_types

        def work(session: Session) -> ChannelRow:
            row = update_channel(session, tenant, channel, request.now, name=body.name, label=body.label, on=body.on)
            if body.config is None:
                return row
            before = {**row.config, **secrets_of(row, box)}
            settings = read_settings(channel_type(kinds, row.kind), body.config, before)
            return set_config(
                session, tenant, channel, settings.shown, settings.secrets, box, request.now, address=settings.address
            )

        row = await self._services.store.write(work)
        await self._changed(row)
        return self._shown(row)

    async def delete_channel(self, request: Request) -> None:
        """Disconnect and delete a channel. Refused while a published flow names it; conversations stay."""
        tenant, channel, types = request.tenant, request.id("channel"), self._services.node_types
        await self._services.store.write(lambda session: delete_channel(session, tenant, channel, types))
        self._services.worlds.changed(tenant)
        await self._services.channels_changed(channel)

    async def read_channel_status(self, request: Request) -> ChannelStatus:
        """Say how a channel is."""
        row = await self._row(request)
        return ChannelStatus(
            status=row.status,
            attention=row.attention,
            last_inbound_at=row.last_inbound_at,
            last_inbound_summary=row.last_inbound_summary,
            steps=self._steps(row),
        )

    async def test_channel(self, request: Request) -> ChannelTest:
        """Check a channel: its settings and secrets, and whether the provider takes them. It is connected anew."""
        row = await self._row(request)
        try:
            kind = channel_type(self._services.channel_types, row.kind)
            joined(kind, row.config, secrets_of(row, self._services.secrets))
        except UnreadableSecret as error:
            return ChannelTest(ok=False, problem=error.message)
        except ValidationError as error:
            missing = ", ".join(str(finding["loc"][0]) for finding in error.errors() if finding["loc"])
            return ChannelTest(ok=False, problem=f"These settings are missing or wrong: {missing}. Enter them again.")
        await self._services.channels_changed(row.id)
        health = await self._services.health(row.id)
        if health is None:
            return ChannelTest(ok=not row.attention, problem=row.attention)
        problem = health.problem or row.attention
        return ChannelTest(
            ok=not problem,
            problem=problem,
            name=health.name,
            address=health.address,
            quality=health.quality,
            limit=health.limit,
        )

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write, one = "channels:read", "channels:write", "/channels/{channel:ch}"
        return (
            Route("GET", "/channel-kinds", self.list_channel_kinds, TAGS, scope=read),
            Route("GET", "/channels", self.list_channels, TAGS, scope=read),
            Route("POST", "/channels", self.create_channel, TAGS, 201, scope=write, roles=EDITORS, errors=(Conflict,)),
            Route("GET", one, self.get_channel, TAGS, scope=read),
            Route("PATCH", one, self.change_channel, TAGS, scope=write, roles=EDITORS, errors=(Conflict,)),
            Route("DELETE", one, self.delete_channel, TAGS, scope=write, roles=EDITORS, errors=(InUse,)),
            Route("GET", one + "/status", self.read_channel_status, TAGS, scope=read),
            Route("POST", one + "/test", self.test_channel, TAGS, scope=write, idempotency="off"),
        )

    async def _row(self, request: Request) -> ChannelRow:
        return await self._services.store.read(lambda session: get_channel(session, request.tenant, request.id("channel")))

    async def _changed(self, row: ChannelRow) -> None:
        self._services.worlds.changed(row.tenant)
        await self._services.channels_changed(row.id)

    def _steps(self, row: ChannelRow) -> tuple[SetUpStep, ...]:
        """The settings that must be given, then the provider's first calls."""
        kind = self._services.channel_types.get(row.kind)
        if kind is None:
            return ()
        secret = secret_fields(kind.Config)
        steps = [
            SetUpStep(
                key=name,
                label=field.title or name,
                done=row.secrets is not None if name in secret else bool(row.config.get(name)),
                hint=field.description or "Fill it in.",
            )
            for name, field in kind.Config.model_fields.items()
            if field.is_required()
        ]
        if takes_webhooks(kind):
            came = row.last_inbound_at
            hint = "Enter the webhook address and the verify token at the provider, then write to the channel."
            steps.append(SetUpStep(key="arrived", label="Something arrived", done=came is not None, hint=hint, at=came))
        return tuple(steps)

    def _shown(self, row: ChannelRow) -> Channel:
        kind = self._services.channel_types.get(row.kind)
        page = f"{self._services.public_url}/chat/{public_id('ch', row.id)}" if row.kind == WEBCHAT else None
        return Channel(
            id=row.id,
            kind=row.kind,
            name=row.name,
            label=row.label,
            address=row.address,
            config=shown_config(kind, row.config, row.secrets is not None),
            status=row.status,
            attention=row.attention,
            webhook_url=f"{self._services.public_url}/hooks/{row.kind}/{public_id('ch', row.id)}",
            page_url=page,
            embed=f'<script src="{page}/widget.js" async></script>' if page else None,
            last_inbound_at=row.last_inbound_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


def takes_webhooks(kind: ChannelType[Any]) -> bool:
    """Whether a kind of channel is told of by its provider."""
    return type(kind).parse is not ChannelType.parse
