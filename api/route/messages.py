"""/messages and /send: what is written to people, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from api.http.error import Detail, HttpError, ValidationFailed
from api.http.page import Page, page_of
from api.http.request import Answer, Request
from api.http.route import Route
from api.route.actor import acting_user
from api.route.external import external_id
from api.route.message_model import (
    JobAnswer,
    JobInput,
    ListMessages,
    MessageShown,
    SendAnswer,
    SendInput,
    shown_message,
)
from api.route.outcome import NotNow, value_of
from api.route.recipient import CONTACT, identity_of
from api.services import Services, Submitted
from crm.contacts import get_contact
from crm.messages import WantedMessages, get_message, list_messages
from crm.outgoing import TemplateNotApproved, TextTooLong, WrongParameters, check_outgoing
from crm.recipient import ChannelOff, Recipient, labelled_channel, recipient_of, sending_channel
from crm.render import render_for
from engine.core.value import Contact
from schemas.capability import Capabilities
from schemas.contact import Identity
from schemas.content import Content, Text
from schemas.error import NotFound
from schemas.event import NewEvent, SendMessage
from schemas.public_id import read_id
from storage.table import ChannelRow

TAGS = ("Messages",)
REFUSALS = (NotFound, ChannelOff, TemplateNotApproved, TextTooLong, WrongParameters, NotNow)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be sent, where and to whom."""

    channel: int
    content: Content
    recipient: Recipient
    user: int = 0


class MessageRoutes:
    """Messages."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def send_message(self, request: Request[SendInput]) -> Answer[SendAnswer]:
        """Send a message.

        To a phone number, an email address or a contact, over a channel. Somebody unknown becomes a contact. With an
        Idempotency-Key a repeated request sends nothing twice. 202 where it is not decided within 5 seconds.
        """
        body = request.body
        prepared = await self._services.store.read(lambda session: self._prepare(session, request))
        submitted = await self._submit(request, prepared, body.voice)
        answer = _sent(submitted)
        contact = prepared.recipient.contact
        message = read_id("msg", answer["message"]) if answer else None
        tenant = request.tenant
        made = await self._services.store.read(lambda session: get_message(session, tenant, message)) if message else None
        told = SendAnswer(
            id=message,
            status="queued",
            event_id=submitted.event,
            channel_id=prepared.channel,
            contact_id=made.contact if made else (contact.contact.id if contact else None),
            conversation_id=made.conversation if made else None,
            to=_shown_to(request, body.to),
        )
        return Answer(told, status=201 if answer else 202)

    async def send_text(self, request: Request[JobInput]) -> Answer[JobAnswer]:
        """Send a text to a phone number.

        `{name}`, `{custom}`, `{phone}` and spintax `{a|b}` in the message are filled in for the contact.
        """
        body, tenant = request.body, request.tenant
        key = external_id(request, self._services.random)

        def prepare(session: Session) -> Prepared:
            channel = labelled_channel(session, tenant, body.device_label)
            identity = Identity("phone", body.phone)
            recipient = recipient_of(session, tenant, identity)
            known = recipient.contact.contact if recipient.contact else Contact(0, identities=(identity,))
            text = Text(render_for(body.message, known, key))
            if not text.text.strip():
                message = "Nothing is left of the message once its fields are filled in. Add words of its own."
                raise ValidationFailed(message, type="nothing_left", details=[Detail(field="message", message=message)])
            return Prepared(channel.id, self._checked(session, tenant, channel, text), recipient)

        prepared = await self._services.store.read(prepare)
        submitted = await self._submit(request, prepared, "system", key)
        answer = _sent(submitted)
        job = read_id("msg", answer["message"]) if answer else None
        return Answer(JobAnswer(job_id=job, status="queued"), status=200 if answer else 202)

    async def list_messages(self, request: Request[None, ListMessages]) -> Page[MessageShown]:
        """List messages, the newest first."""
        query = request.query
        wanted = WantedMessages(query.conversation_id, query.contact_id, query.channel_id, query.direction, query.status)
        rows, total = await self._services.store.read(
            lambda session: list_messages(session, request.tenant, wanted, offset=query.offset, limit=query.limit)
        )
        return page_of(MessageShown, [shown_message(row) for row in rows], total, query)

    async def get_message(self, request: Request) -> MessageShown:
        """Read a message and what became of it."""
        tenant, id = request.tenant, request.id("message")
        return shown_message(await self._services.store.read(lambda session: get_message(session, tenant, id)))

    def _prepare(self, session: Session, request: Request[SendInput]) -> Prepared:
        body, tenant = request.body, request.tenant
        if (body.to is None) == (body.contact_id is None):
            message = "Say whom to write to: send either to or contact_id."
            raise ValidationFailed(message, type="one_recipient", details=[Detail(field="to", message=message)])
        channel = sending_channel(session, tenant, body.channel_id)
        if body.contact_id is not None:
            recipient = Recipient(get_contact(session, tenant, body.contact_id))
        elif body.to is not None and CONTACT.fullmatch(body.to):
            recipient = Recipient(get_contact(session, tenant, read_id("ct", body.to)))
        else:
            recipient = recipient_of(session, tenant, identity_of(body.to or ""))
        user = acting_user(session, request, body.user_id)
        return Prepared(channel.id, self._checked(session, tenant, channel, body.content.content()), recipient, user)

    def _checked(self, session: Session, tenant: int, channel: ChannelRow, content: Content) -> Content:
        kind = self._services.channel_types.get(channel.kind)
        capabilities = kind.capabilities if kind is not None else Capabilities()
        return check_outgoing(session, tenant, channel, content, capabilities)

    async def _submit(self, request: Request[Any], prepared: Prepared, voice: str, key: str = "") -> Submitted:
        body = SendMessage(prepared.content, prepared.channel, prepared.user, voice)
        contact = prepared.recipient.contact
        return await self._services.engine.submit(
            NewEvent(
                request.tenant,
                "api",
                key or external_id(request, self._services.random),
                request.now,
                body,
                contact=contact.contact.id if contact else 0,
                identities=prepared.recipient.identities,
            )
        )

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write = "messages:read", "messages:write"
        return (
            Route("POST", "/messages", self.send_message, TAGS, 201, (202,), REFUSALS, scope=write),
            Route("POST", "/send", self.send_text, TAGS, 200, (202,), REFUSALS, scope=write),
            Route("GET", "/messages", self.list_messages, TAGS, scope=read),
            Route("GET", "/messages/{message:msg}", self.get_message, TAGS, scope=read),
        )


def _sent(submitted: Submitted) -> Mapping[str, Any] | None:
    """The answer to a send. Somebody whom the channel can't reach is the caller's mistake (400), not a conflict."""
    try:
        return value_of(submitted)
    except NotNow as error:
        if error.type == "unknown_channel":
            raise ChannelOff from error
        if error.type == "no_address":
            raise UnreachableThere(error.message, details=[Detail(field="to", message=error.message)]) from error
        raise


class UnreachableThere(HttpError):
    """This contact has no address for this channel."""

    code = "no_address"


def _shown_to(request: Request[SendInput], to: str | None) -> str | None:
    return request.profile.phone(to) if to and to.startswith("+") else to
