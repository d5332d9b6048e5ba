"""/conversations: threads with contacts, and what people do with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from api.http.error import Detail, ValidationFailed
from api.http.page import Page, PageQuery, page_of
from api.http.request import Answer, Request
from api.http.route import Handler, Route
from api.route.actor import acting_user, required_user
from api.route.conversation_model import (
    Claim,
    ConversationShown,
    GiveBack,
    ListConversations,
    Resolve,
    Say,
    Snooze,
    Transfer,
    shown_conversation,
)
from api.route.external import external_id
from api.route.message_model import MessageShown, SendAnswer, shown_message
from api.route.outcome import NotNow, value_of
from api.services import Services
from crm.conversations import Thread, Wanted, get_conversation, list_conversations
from crm.messages import list_messages, thread_of
from crm.outgoing import TemplateNotApproved, TextTooLong, WrongParameters, check_outgoing
from crm.recipient import ChannelOff, sending_channel
from crm.teams import get_team
from crm.users import get_user
from schemas.capability import Capabilities
from schemas.event import (
    Body,
    ClaimConversation,
    NewEvent,
    ResolveConversation,
    ReturnConversation,
    SendMessage,
    SnoozeConversation,
    TransferConversation,
)
from schemas.public_id import read_id

TAGS = ("Conversations",)
REFUSALS = (ChannelOff, TemplateNotApproved, TextTooLong, WrongParameters, NotNow)
Make = Callable[[Session, Thread], Body]


class ConversationRoutes:
    """Conversations."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_conversations(self, request: Request[None, ListConversations]) -> Page[ConversationShown]:
        """List conversations, the last active first."""
        query = request.query
        wanted = Wanted(
            owner=query.owner,
            status=query.status,
            agent=query.agent_id,
            team=query.team_id,
            channel=query.channel_id,
            contact=query.contact_id,
            unhandled=query.unhandled,
        )
        threads, total = await self._services.store.read(
            lambda session: list_conversations(session, request.tenant, wanted, offset=query.offset, limit=query.limit)
        )
        return page_of(ConversationShown, [self._shown(thread, request) for thread in threads], total, query)

    async def get_conversation(self, request: Request) -> ConversationShown:
        """Read a conversation."""
        return await self._read(request)

    async def list_conversation_messages(self, request: Request[None, PageQuery]) -> Page[MessageShown]:
        """List the messages of a conversation, the newest first."""
        query, tenant, id = request.query, request.tenant, request.id("conversation")
        rows, total = await self._services.store.read(
            lambda session: list_messages(
                session, tenant, thread_of(session, tenant, id), offset=query.offset, limit=query.limit
            )
        )
        return page_of(MessageShown, [shown_message(row) for row in rows], total, query)

    async def say(self, request: Request[Say]) -> Answer[SendAnswer]:
        """Write in a conversation in the name of a user, who thereby takes it."""
        body, tenant = request.body, request.tenant

        def make(session: Session, thread: Thread) -> tuple[Thread, SendMessage]:
            user = required_user(session, request, body.user_id)
            channel = sending_channel(session, tenant, thread.row.channel)
            capabilities = self._capabilities(channel.kind)
            content = check_outgoing(session, tenant, channel, body.content.content(), capabilities)
            return thread, SendMessage(content, channel.id, user, "human")

        thread, event = await self._services.store.read(
            lambda session: make(session, get_conversation(session, tenant, request.id("conversation")))
        )
        key = external_id(request, self._services.random)
        submitted = await self._services.engine.submit(
            NewEvent(tenant, "api", key, request.now, event, contact=thread.row.contact)
        )
        answer = value_of(submitted)
        told = SendAnswer(
            id=read_id("msg", answer["message"]) if answer else None,
            status="queued",
            event_id=submitted.event,
            channel_id=thread.row.channel,
            contact_id=thread.row.contact,
            conversation_id=thread.row.id,
            to=None,
        )
        return Answer(told, status=201 if answer else 202)

    async def claim(self, request: Request[Claim | None]) -> Answer[ConversationShown]:
        """Take a conversation, from the queue, from the bot, or (with `force`) from another agent.

        409 `already_claimed` where another agent has it.
        """
        body, id = request.body or Claim(), request.id("conversation")
        return await self._do(
            request, lambda session, _: ClaimConversation(id, required_user(session, request, body.user_id), body.force)
        )

    async def resolve(self, request: Request[Resolve | None]) -> Answer[ConversationShown]:
        """Say that a conversation is done."""
        body, id = request.body or Resolve(), request.id("conversation")
        return await self._do(
            request, lambda session, _: ResolveConversation(id, acting_user(session, request, body.user_id), body.note)
        )

    async def give_back(self, request: Request[GiveBack | None]) -> Answer[ConversationShown]:
        """Give a conversation back to the bot."""
        body, id = request.body or GiveBack(), request.id("conversation")
        return await self._do(
            request, lambda session, _: ReturnConversation(id, acting_user(session, request, body.user_id))
        )

    async def transfer(self, request: Request[Transfer]) -> Answer[ConversationShown]:
        """Give a conversation to another team's queue, or to an agent."""
        body, id, tenant = request.body, request.id("conversation"), request.tenant

        def make(session: Session, thread: Thread) -> Body:
            if body.team_id is None and body.agent_id is None:
                message = "Say who gets it: send team_id or agent_id."
                raise ValidationFailed(message, type="nobody_named", details=[Detail(field="team_id", message=message)])
            team = get_team(session, tenant, body.team_id).id if body.team_id is not None else 0
            agent = get_user(session, tenant, body.agent_id).id if body.agent_id is not None else 0
            return TransferConversation(id, team, agent, acting_user(session, request, body.user_id))

        return await self._do(request, make)

    async def snooze(self, request: Request[Snooze | None]) -> Answer[ConversationShown]:
        """Put a conversation aside until a time, or until the contact writes."""
        body, id = request.body or Snooze(), request.id("conversation")
        if body.until is not None and body.until <= request.now:
            message = "This time has passed. Send one that is to come."
            raise ValidationFailed(message, type="past_time", details=[Detail(field="until", message=message)])
        return await self._do(
            request, lambda session, _: SnoozeConversation(id, body.until, acting_user(session, request, body.user_id))
        )

    async def _do(self, request: Request[Any], make: Make) -> Answer[ConversationShown]:
        """Submit a command, and answer with the conversation as it is then: 202 where it is not decided yet."""
        tenant, id = request.tenant, request.id("conversation")

        def prepare(session: Session) -> tuple[int, Body]:
            thread = get_conversation(session, tenant, id)
            return thread.row.contact, make(session, thread)

        contact, body = await self._services.store.read(prepare)
        key = external_id(request, self._services.random)
        submitted = await self._services.engine.submit(NewEvent(tenant, "api", key, request.now, body, contact=contact))
        decided = value_of(submitted) is not None
        return Answer(await self._read(request), status=200 if decided else 202)

    async def _read(self, request: Request[Any]) -> ConversationShown:
        tenant, id = request.tenant, request.id("conversation")
        return self._shown(await self._services.store.read(lambda session: get_conversation(session, tenant, id)), request)

    def _shown(self, thread: Thread, request: Request[Any, Any]) -> ConversationShown:
        return shown_conversation(thread, self._capabilities(thread.channel_kind).window is not None, request.now)

    def _capabilities(self, kind: str) -> Capabilities:
        found = self._services.channel_types.get(kind)
        return found.capabilities if found is not None else Capabilities()

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write, one = "conversations:read", "conversations:write", "/conversations/{conversation:cv}"
        listing = (
            Route("GET", "/conversations", self.list_conversations, TAGS, scope=read),
            Route("GET", one, self.get_conversation, TAGS, scope=read),
            Route("GET", one + "/messages", self.list_conversation_messages, TAGS, scope=read),
            Route("POST", one + "/messages", self.say, TAGS, 201, (202,), REFUSALS, scope=write),
        )
        actions: dict[str, Handler] = {
            "claim": self.claim,
            "resolve": self.resolve,
            "return": self.give_back,
            "transfer": self.transfer,
            "snooze": self.snooze,
        }
        return listing + tuple(
            Route("POST", f"{one}/{word}", handler, TAGS, also=(202,), errors=(NotNow,), scope=write)
            for word, handler in actions.items()
        )
