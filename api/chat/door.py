"""Who may come in: which channel, from which page, with which token."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from pydantic import ValidationError
from sqlmodel import Session

from api.chat.address import client_address, read_networks
from api.chat.limit import ChatSettings
from api.http.error import Unauthorized
from api.services import Services
from channels.webchat.config import WebchatConfig
from channels.webchat.origin import allows, is_own
from crm.webchat import Chat, find_chat, find_visitor
from schemas.error import NotFound, Refused
from schemas.public_id import InvalidId, public_id, read_id


class NoSuchChat(NotFound):
    """There is no chat at this address. It may have been switched off."""

    code = "no_such_chat"


class OriginRefused(Refused):
    """This site may not use the chat. Its owner can add the site to the channel's allowed sites."""

    code = "origin_refused"


@dataclass(frozen=True, slots=True)
class OpenChat:
    """A chat that is on, with its settings."""

    chat: Chat
    config: WebchatConfig


class Door:
    """Reads what a request says of itself, and believes only what is checked."""

    def __init__(self, services: Services, settings: ChatSettings) -> None:
        self._services = services
        self._trusted = read_networks(settings.trusted_proxies)

    def address(self, request: web.Request) -> str:
        """The visitor's address, as a key for limits."""
        return client_address(request.remote, request.headers.getall("X-Forwarded-For", []), self._trusted)

    async def chat(self, request: web.Request) -> OpenChat:
        """The chat that the path names. Raises NoSuchChat."""
        name = request.match_info["channel"]
        try:
            channel = read_id("ch", name)
        except InvalidId as error:
            raise NoSuchChat from error
        chat = await self._services.store.read(lambda session: find_chat(session, channel))
        if chat is None or name != public_id("ch", channel):
            raise NoSuchChat
        try:
            return OpenChat(chat, WebchatConfig.model_validate(chat.config))
        except ValidationError as error:
            raise NoSuchChat("This chat's settings can't be read. Save them again.") from error

    def origin(self, request: web.Request, config: WebchatConfig) -> str:
        """The origin of the asking page where it is another one's and allowed; "" for our own page and for programs.

        Raises OriginRefused. Browsers always send `Origin` with what changes something and with WebSockets (RFC 6454, RFC 6455).
        """
        origin = request.headers.get("Origin", "")
        if not origin or is_own(origin, request.host, self._services.public_url):
            return ""
        if not allows(config.allowed_origins, origin):
            raise OriginRefused
        return origin

    async def visitor(self, chat: Chat, token: str) -> str:
        """The visitor with this token. Raises Unauthorized."""

        def find(session: Session) -> str:
            row = find_visitor(session, chat.channel, token)
            return "" if row is None else row.visitor

        found = await self._services.store.read(find) if token else ""
        if not found:
            raise Unauthorized("Your chat session is over. Load the page again.", type="invalid_token")
        return found
