"""Notices: what flows tell teams, and what each user has seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, or_, select

from crm.own import own
from storage.table import ContactRow, NoticeRow, TeamMemberRow, TeamRow, UserRow

KEPT = timedelta(days=90)
MOST_SHOWN = 50


def add_notice(session: Session, tenant: int, call: int, facts: Mapping[str, Any], now: datetime) -> bool:
    """Keep a notice; False where this call wrote it before, or its contact is gone."""
    known = session.exec(select(NoticeRow.id).where(NoticeRow.call == call)).first()
    contact = session.get(ContactRow, int(facts["contact"]))
    if known is not None or contact is None or contact.tenant != tenant:
        return False
    session.add(
        NoticeRow(
            tenant=tenant,
            team=int(facts["team"]),
            contact=contact.id,
            conversation=int(facts["conversation"]),
            flow=int(facts["flow"]),
            call=call,
            text=str(facts["text"]),
            at=now,
        )
    )
    return True


def list_notices(session: Session, tenant: int, user: int) -> tuple[list[tuple[NoticeRow, str]], int]:
    """The newest notices for a user's teams with their contacts' names, and how many the user has not seen (0: for nobody)."""
    where: list[Any] = [NoticeRow.tenant == tenant, col(NoticeRow.team).in_(_teams(session, tenant, user))]
    rows = session.exec(select(NoticeRow).where(*where).order_by(col(NoticeRow.id).desc()).limit(MOST_SHOWN))
    seen = own(session, UserRow, tenant, user, "user").notices_seen if user else 0
    unseen = session.exec(select(func.count()).select_from(NoticeRow).where(*where, NoticeRow.id > seen)).one()
    shown = []
    for row in rows:
        contact = session.get(ContactRow, row.contact)
        shown.append((row, contact.name or "" if contact is not None else ""))
    return shown, unseen if user else 0


def mark_seen(session: Session, tenant: int, user: int, notice: int) -> None:
    """The user has looked at everything up to this notice. Raises NotFound for an unknown user."""
    row = own(session, UserRow, tenant, user, "user")
    if notice > row.notices_seen:
        row.notices_seen = notice
        session.add(row)


def prune_notices(session: Session, now: datetime) -> None:
    """Forget notices after `KEPT`."""
    session.exec(delete(NoticeRow).where(col(NoticeRow.at) < now - KEPT))


def _teams(session: Session, tenant: int, user: int) -> list[int]:
    """The teams whose notices a user sees; all of them for a key, which stands for no user."""
    wanted = select(TeamRow.id).where(TeamRow.tenant == tenant)
    if user:
        mine = select(TeamMemberRow.team).where(TeamMemberRow.tenant == tenant, TeamMemberRow.user == user)
        wanted = wanted.where(or_(col(TeamRow.everyone).is_(True), col(TeamRow.id).in_(mine)))
    return list(session.exec(wanted))
