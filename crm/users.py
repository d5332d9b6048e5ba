"""Users: who signs in, with which role, and whether they are there."""

from __future__ import annotations

import re
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from crm.own import own
from crm.teams import team_changed
from crm.used_by import refuse_if_used
from crm.world_number import raise_world
from engine.core.program import NodeTypes
from schemas.error import Conflict, Invalid
from schemas.event import NewEvent, PresenceChanged
from schemas.public_id import public_id
from storage.table import ConversationRow, TeamMemberRow, TeamRow, UserRow

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
"""What can be an address; whether it is one, only a message to it can tell."""


class InvalidEmail(Invalid):
    """This is not an e-mail address. It looks like name@example.com."""

    code = "invalid_email"


def list_users(session: Session, tenant: int) -> list[UserRow]:
    """All users who were not removed, the oldest first."""
    wanted = select(UserRow).where(UserRow.tenant == tenant, col(UserRow.removed_at).is_(None))
    return list(session.exec(wanted.order_by(col(UserRow.id))))


def get_user(session: Session, tenant: int, user: int) -> UserRow:
    """The user. Raises NotFound, also for one who was removed."""
    row = own(session, UserRow, tenant, user, "user")
    return row if row.removed_at is None else own(session, UserRow, 0, user, "user")


def create_user(session: Session, tenant: int, email: str, name: str, role: str, now: datetime) -> UserRow:
    """A new user, or one who was removed and is back."""
    address = email.strip().lower()
    if not EMAIL.fullmatch(address) or len(address) > 254:
        raise InvalidEmail
    row = session.exec(select(UserRow).where(UserRow.tenant == tenant, UserRow.email == address)).first()
    if row is not None and row.removed_at is None:
        raise Conflict(f"There is a user with the address {address} already.")
    if row is None:
        row = UserRow(tenant=tenant, email=address, name=name, role=role, created_at=now)
    else:
        row.name, row.role, row.removed_at = name, role, None
    session.add(row)
    raise_world(session, tenant)
    session.flush()
    return row


def update_user(session: Session, tenant: int, user: int, *, name: str | None = None, role: str | None = None) -> UserRow:
    """Another name or role. The last owner stays one."""
    row = get_user(session, tenant, user)
    if role is not None and role != "owner":
        _keep_an_owner(session, row)
    row.name = name if name is not None else row.name
    row.role = role or row.role
    session.add(row)
    raise_world(session, tenant)
    return row


def set_presence(
    session: Session, tenant: int, user: int, presence: str, token: str, now: datetime
) -> tuple[UserRow, list[NewEvent]]:
    """Whether the user is there, and the events that tell the lanes of all teams of the user; append them after the commit."""
    row = get_user(session, tenant, user)
    row.presence = presence
    session.add(row)
    events = [
        NewEvent(
            tenant, "presence", f"{team.id}:{user}:{token}", now, PresenceChanged(agent=user, presence=presence), team=team.id
        )
        for team in teams_of(session, tenant, user)
    ]
    return row, events


def teams_of(session: Session, tenant: int, user: int) -> list[TeamRow]:
    """The teams that a user is in, the one of everyone included."""
    member = select(TeamMemberRow.team).where(TeamMemberRow.user == user)
    wanted = select(TeamRow).where(TeamRow.tenant == tenant, or_(col(TeamRow.everyone).is_(True), col(TeamRow.id).in_(member)))
    return list(session.exec(wanted.order_by(col(TeamRow.id))))


def remove_user(
    session: Session, tenant: int, user: int, node_types: NodeTypes, token: str, now: datetime
) -> list[NewEvent]:
    """Take a user away: out of all teams, offline. What the user wrote and did stays.

    Refused for the last owner, where a published flow names the user, and while conversations are with the user.
    """
    row = get_user(session, tenant, user)
    _keep_an_owner(session, row)
    refuse_if_used(session, tenant, node_types, "user", (public_id("usr", user),), f"The user “{row.name or row.email}”")
    open_ = select(func.count()).select_from(ConversationRow).where(
        ConversationRow.agent == user, ConversationRow.tenant == tenant, ConversationRow.owner == "AGENT"
    )  # fmt: skip
    if count := session.exec(open_).one():
        raise Conflict(f"{count} open conversations are with this user. Resolve or transfer them first.")
    _, events = set_presence(session, tenant, user, "offline", token, now)
    events += [team_changed(team, token, now) for team in teams_of(session, tenant, user)]
    for member in session.exec(select(TeamMemberRow).where(TeamMemberRow.user == user, TeamMemberRow.tenant == tenant)):
        session.delete(member)
    row.removed_at = now
    session.add(row)
    raise_world(session, tenant)
    return events


def _keep_an_owner(session: Session, row: UserRow) -> None:
    owners = [user for user in list_users(session, row.tenant) if user.role == "owner"]
    if row.role == "owner" and len(owners) == 1:
        raise Conflict("This is the last owner. Make somebody else an owner first.")
