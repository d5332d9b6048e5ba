"""Teams: who is in them, how much each agent takes, when they are open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from crm.hours import list_hours
from crm.own import free_key, own, slug
from crm.used_by import refuse_if_used
from crm.world_number import raise_world
from engine.core.program import NodeTypes
from schemas.error import Conflict, Invalid, Refused
from schemas.event import NewEvent, TeamChanged
from schemas.public_id import public_id
from storage.table import ConversationRow, TeamMemberRow, TeamRow, UserRow


class UnknownHours(Invalid):
    """There are no hours of this name. Create them first."""

    code = "unknown_hours"


class UnknownMember(Invalid):
    """There is no such user. A team's members are users of this workspace."""

    code = "unknown_member"


def list_teams(session: Session, tenant: int) -> list[TeamRow]:
    """All teams, the one of everyone first."""
    wanted = select(TeamRow).where(TeamRow.tenant == tenant)
    return list(session.exec(wanted.order_by(col(TeamRow.everyone).desc(), col(TeamRow.id))))


def get_team(session: Session, tenant: int, team: int) -> TeamRow:
    """The team. Raises NotFound."""
    return own(session, TeamRow, tenant, team, "team")


def members_of(session: Session, row: TeamRow) -> list[int]:
    """The users in a team; in the team of everyone: all users."""
    if row.everyone:
        wanted = select(UserRow.id).where(UserRow.tenant == row.tenant, col(UserRow.removed_at).is_(None))
        return sorted(session.exec(wanted))
    return sorted(session.exec(select(TeamMemberRow.user).where(TeamMemberRow.team == row.id)))


def create_team(
    session: Session,
    tenant: int,
    name: str,
    now: datetime,
    *,
    key: str = "",
    capacity: int = 5,
    strategy: str = "round_robin",
    hours: dict[str, Any] | str | None = None,
    members: Iterable[int] = (),
) -> TeamRow:
    """A new team. A key that is asked for must be free; else one is made from the name."""
    taken = {team.key for team in list_teams(session, tenant)}
    if key in taken:
        raise Conflict(f"There is a team with the key “{key}” already. Choose another.")
    row = TeamRow(
        tenant=tenant,
        key=key or free_key(slug(name), taken, "team"),
        name=name,
        capacity=capacity,
        strategy=strategy,
        hours=_known(session, tenant, hours),
        created_at=now,
    )
    session.add(row)
    session.flush()
    _set_members(session, row, members)
    raise_world(session, tenant)
    return row


def update_team(
    session: Session, tenant: int, team: int, changes: Mapping[str, Any], token: str, now: datetime
) -> tuple[TeamRow, list[NewEvent]]:
    """Take over `name`, `capacity`, `strategy`, `hours` and `members`; and the event by which its lane looks again.

    Append the event after the commit. `token` is unique per call.
    """
    row = get_team(session, tenant, team)
    for key in ("name", "capacity", "strategy", "hours"):
        if key in changes:
            setattr(row, key, _known(session, tenant, changes[key]) if key == "hours" else changes[key])
    session.add(row)
    if "members" in changes:
        if row.everyone:
            raise Refused("Everyone is in this team. Add and remove users instead.")
        _set_members(session, row, changes["members"])
    raise_world(session, tenant)
    return row, [team_changed(row, token, now)]


def teams_with_hours(session: Session, tenant: int, key: str) -> list[TeamRow]:
    """The teams that keep these named hours."""
    return [team for team in list_teams(session, tenant) if team.hours == key]


def _known(session: Session, tenant: int, hours: dict[str, Any] | str | None) -> dict[str, Any] | str | None:
    """The hours as they are kept. Raises UnknownHours where there are none of this name."""
    if isinstance(hours, str) and hours not in {row.key for row in list_hours(session, tenant)}:
        raise UnknownHours(f"There are no hours called “{hours}”. Create them first, or use another key.")
    return hours


def delete_team(session: Session, tenant: int, team: int, node_types: NodeTypes) -> None:
    """Remove a team. Refused for the team of everyone, where a published flow uses it, and while conversations are in it."""
    row = get_team(session, tenant, team)
    if row.everyone:
        raise Refused("The team of everyone can't be deleted: it takes what names no team.")
    refuse_if_used(session, tenant, node_types, "team", (row.key, public_id("team", row.id)), f"The team “{row.name}”")
    count = session.exec(
        select(func.count()).select_from(ConversationRow).where(
            ConversationRow.team == team, col(ConversationRow.owner).in_(("QUEUE", "AGENT"))
        )
    ).one()  # fmt: skip
    if count:
        raise Conflict(f"{count} open conversations are with this team. Resolve or transfer them first.")
    _set_members(session, row, ())
    session.delete(row)
    raise_world(session, tenant)


def team_changed(row: TeamRow, token: str, now: datetime) -> NewEvent:
    """The event that makes a team's lane look at its queue again."""
    return NewEvent(row.tenant, "team", f"changed:{row.id}:{token}", now, TeamChanged(), team=row.id)


def _set_members(session: Session, row: TeamRow, members: Iterable[int]) -> None:
    wanted = set(members)
    known = set(
        session.exec(
            select(UserRow.id).where(
                UserRow.tenant == row.tenant, col(UserRow.id).in_(wanted), col(UserRow.removed_at).is_(None)
            )
        )
    )
    if unknown := wanted - known:
        raise UnknownMember(f"There is no user {public_id('usr', min(unknown))}. A team's members are users of this workspace.")
    for member in session.exec(select(TeamMemberRow).where(TeamMemberRow.team == row.id)):
        if member.user not in wanted:
            session.delete(member)
        wanted.discard(member.user)
    for user in sorted(wanted):
        session.add(TeamMemberRow(team=row.id, user=user, tenant=row.tenant))
    session.flush()
