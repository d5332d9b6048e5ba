"""/contacts/…/timeline and notes: a contact's history, and what colleagues write down."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sqlmodel import Session

from api.http.error import Forbidden
from api.http.model import IdOf, Input, Instant, Output, Query
from api.http.profile import NATIVE
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.services import Services
from crm.timeline import Happening, add_note, get_note, notes, timeline
from schemas.error import Conflict, NotFound
from schemas.public_id import public_id

TAGS = ("Contacts",)
PREFIXES = {"message_in": "msg", "message_out": "msg", "flow_started": "run", "flow_ended": "run"}


class TimelineQuery(Query):
    """How far back: what was before an instant, such as that of the last line of the part before."""

    before: Instant | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AddNote(Input):
    """What is worth knowing."""

    text: Annotated[str, Field(min_length=1, max_length=5_000, examples=["Prefers to be called after six."])]


class HappeningShown(Output):
    """A line of a contact's history.

    `text` is what was said, the flow's name, or the note; `detail` a message's status, or how a run ended. `id` is that of the
    message or the run; a note's is a number.
    """

    at: Instant
    what: Literal["message_in", "message_out", "flow_started", "flow_ended", "note"]
    id: str
    text: str
    detail: str
    user_id: Annotated[int, IdOf("usr")] | None
    conversation_id: Annotated[int, IdOf("cv")] | None
    run_id: Annotated[int, IdOf("run")] | None


class TimelineRoutes:
    """A contact's history."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def read_timeline(self, request: Request[None, TimelineQuery]) -> Items[HappeningShown]:
        """Read what happened with a contact, the newest first: messages, flows, notes."""
        query, tenant, contact = request.query, request.tenant, request.id("contact")
        found = await self._services.store.read(
            lambda session: timeline(session, tenant, contact, before=query.before, limit=query.limit)
        )
        return Items[HappeningShown](data=tuple(_shown(each) for each in found))

    async def list_notes(self, request: Request) -> Items[HappeningShown]:
        """Read what colleagues wrote down about a contact, the newest first."""
        tenant, contact = request.tenant, request.id("contact")
        found = await self._services.store.read(lambda session: notes(session, tenant, contact))
        return Items[HappeningShown](data=tuple(_shown(each) for each in found))

    async def add_note(self, request: Request[AddNote]) -> HappeningShown:
        """Write down something about a contact."""
        tenant, contact, user = request.tenant, request.id("contact"), request.principal.user or 0
        made = await self._services.store.write(
            lambda session: add_note(session, tenant, contact, request.body.text, user, request.now)
        )
        return _shown(made)

    async def delete_note(self, request: Request) -> None:
        """Delete a note. Agents delete their own only."""
        who, tenant, contact = request.principal, request.tenant, request.id("contact")
        text = request.name("note")
        note = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0

        def work(session: Session) -> None:
            row = get_note(session, tenant, contact, note)
            if who.role == "agent" and row.user != who.user:
                raise Forbidden("You can only delete notes of your own.", type="missing_role")
            session.delete(row)

        await self._services.store.write(work)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        one, write = "/contacts/{contact:ct}", "contacts:note"
        return (
            Route("GET", one + "/timeline", self.read_timeline, TAGS, scope="contacts:read", profiles=(NATIVE,)),
            Route("GET", one + "/notes", self.list_notes, TAGS, scope="contacts:read", profiles=(NATIVE,)),
            Route("POST", one + "/notes", self.add_note, TAGS, 201, scope=write, errors=(Conflict,), profiles=(NATIVE,)),
            Route("DELETE", one + "/notes/{note}", self.delete_note, TAGS, scope=write, errors=(NotFound,), profiles=(NATIVE,)),
        )


def _shown(each: Happening) -> HappeningShown:
    prefix = PREFIXES.get(each.what)
    return HappeningShown(
        at=each.at,
        what=each.what,
        id=public_id(prefix, each.id) if prefix else str(each.id),
        text=each.text,
        detail=each.detail,
        user_id=each.user or None,
        conversation_id=each.conversation or None,
        run_id=each.run or None,
    )
