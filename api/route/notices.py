"""/notices: what flows tell the teams."""

from __future__ import annotations

from typing import Annotated

from sqlmodel import Session

from api.http.model import IdOf, Input, Instant, Output
from api.http.request import Request
from api.http.route import Route
from api.route.actor import acting_user, required_user
from api.services import Services
from crm.notices import list_notices, mark_seen
from schemas.error import NotFound
from storage.table import NoticeRow

TAGS = ("Notices",)


class NoticeShown(Output):
    """What a flow tells a team, and about whom."""

    id: Annotated[int, IdOf("ntc")]
    team_id: Annotated[int, IdOf("team")]
    contact_id: Annotated[int, IdOf("ct")]
    contact_name: str
    conversation_id: Annotated[int, IdOf("cv")] | None
    flow_id: Annotated[int, IdOf("flow")]
    text: str
    at: Instant


class Notices(Output):
    """The newest notices; `unseen` counts those that the user has not looked at."""

    data: tuple[NoticeShown, ...]
    unseen: int


class SeenNotices(Input):
    """Up to which notice the user has looked."""

    up_to: Annotated[int, IdOf("ntc")]
    user_id: Annotated[int, IdOf("usr")] | None = None


class NoticeRoutes:
    """Notices."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_notices(self, request: Request) -> Notices:
        """List the newest 50 notices for the teams of whoever is signed in; for a key, of all teams."""

        def work(session: Session) -> Notices:
            rows, unseen = list_notices(session, request.tenant, acting_user(session, request, None))
            return Notices(data=tuple(_shown(row, name) for row, name in rows), unseen=unseen)

        return await self._services.store.read(work)

    async def see_notices(self, request: Request[SeenNotices]) -> None:
        """Note that a user has looked at the notices up to one."""

        def work(session: Session) -> None:
            user = required_user(session, request, request.body.user_id)
            mark_seen(session, request.tenant, user, request.body.up_to)

        await self._services.store.write(work)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        return (
            Route("GET", "/notices", self.list_notices, TAGS, scope="conversations:read"),
            Route("POST", "/notices/seen", self.see_notices, TAGS, scope="conversations:write", errors=(NotFound,)),
        )


def _shown(row: NoticeRow, name: str) -> NoticeShown:
    return NoticeShown(
        id=row.id,
        team_id=row.team,
        contact_id=row.contact,
        contact_name=name,
        conversation_id=row.conversation or None,
        flow_id=row.flow,
        text=row.text,
        at=row.at,
    )
