"""/events: what became of a request that was answered with 202, and events that could not be decided."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import Field

from api.http.model import IdOf, Instant, Output
from api.http.page import Page, PageQuery, page_of
from api.http.request import Request
from api.http.route import Route
from api.route.message_model import ContactId
from api.services import Services
from crm.events import STATES, NotDead, State, get_event, list_events, replay_event
from storage.table import EventRow

TAGS = ("Events",)


class ListEvents(PageQuery):
    """Which events: those that could not be decided, or those that still wait."""

    state: Annotated[Literal["dead", "pending"], Field(description="The state.")] = "dead"


class Refusal(Output):
    """Why the engine refused."""

    code: str
    message: str
    hint: str


class EventShown(Output):
    """An event: `answer` is what came of it, `problem` why it was refused, `error` why it could not be decided."""

    id: Annotated[int, IdOf("ev")]
    kind: str
    source: str
    state: State
    contact_id: ContactId | None
    team_id: Annotated[int, IdOf("team")] | None
    at: Instant
    received_at: Instant
    done_at: Instant | None
    attempts: int
    answer: dict[str, Any] | None
    problem: Refusal | None
    error: str
    trace: tuple[str, ...]
    body: dict[str, Any]


class EventRoutes:
    """Events."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_events(self, request: Request[None, ListEvents]) -> Page[EventShown]:
        """List events that could not be decided, the newest first, each with its error."""
        query = request.query
        rows, total = await self._services.store.read(
            lambda session: list_events(session, request.tenant, query.state, offset=query.offset, limit=query.limit)
        )
        return page_of(EventShown, [_shown(row) for row in rows], total, query)

    async def get_event(self, request: Request) -> EventShown:
        """Read an event and what came of it. Events are kept for 8 days."""
        tenant, id = request.tenant, request.id("event")
        return _shown(await self._services.store.read(lambda session: get_event(session, tenant, id)))

    async def replay_event(self, request: Request) -> EventShown:
        """Have a dead event decided once more."""
        tenant, id = request.tenant, request.id("event")
        return _shown(await self._services.store.write(lambda session: replay_event(session, tenant, id)))

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        one = "/events/{event:ev}"
        return (
            Route("GET", "/events", self.list_events, TAGS, scope="events:read"),
            Route("GET", one, self.get_event, TAGS, scope="events:read"),
            Route("POST", one + "/replay", self.replay_event, TAGS, errors=(NotDead,), scope="events:write"),
        )


def _shown(row: EventRow) -> EventShown:
    answer = row.answer or {}
    problem = answer.get("problem")
    return EventShown(
        id=row.id,
        kind=row.kind,
        source=row.source,
        state=STATES[row.state],
        contact_id=row.contact or None,
        team_id=row.team or None,
        at=row.at,
        received_at=row.received_at,
        done_at=row.done_at,
        attempts=row.attempts,
        answer=answer.get("value"),
        problem=Refusal(code=problem["code"], message=problem["message"], hint=problem["hint"]) if problem else None,
        error=row.error,
        trace=tuple(row.trace or ()),
        body=orjson.loads(row.body),
    )
