"""What a published flow can be started by from outside: webhook addresses and schedules."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from crm.own import own
from crm.settings import read_settings
from engine.core.calendar import next_fire, zone
from engine.core.program import Program
from engine.core.trigger import OnSchedule, OnWebhook, Trigger
from storage.table import FlowRow, ScheduleRow, TriggerAddressRow

TOKEN_BYTES = 24
"""192 random bits: nobody finds an address by trying."""
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    """A trigger node of a live version, with its address or its next time where it has one."""

    node: str
    trigger: Trigger
    token: str = ""
    next_at: datetime | None = None


def set_triggers(session: Session, row: FlowRow, program: Program, random: Callable[[int], bytes], now: datetime) -> None:
    """Make the addresses that the version needs and set its schedules. An address stays as long as its node's id does."""
    known = {address.node for address in _addresses(session, row.id)}
    default = read_settings(session, row.tenant)[1].timezone or "UTC"
    schedules = {schedule.node: schedule for schedule in _schedules(session, row.id)}
    for node, trigger in program.triggers.items():
        match trigger.on:
            case OnWebhook() if node not in known:
                token = base64.urlsafe_b64encode(random(TOKEN_BYTES)).decode()
                session.add(
                    TriggerAddressRow(
                        tenant=row.tenant, flow=row.id, node=node, token=token, token_hash=token_hash(token), created_at=now
                    )
                )
            case OnSchedule() as on:
                schedule = schedules.pop(node, None) or ScheduleRow(tenant=row.tenant, flow=row.id, version=0, node=node)
                schedule.version = program.version
                schedule.next_at = _next(on, default, schedule.next_at, now)
                session.add(schedule)
            case _:
                pass
    for left in schedules.values():
        session.delete(left)


def clear_schedules(session: Session, flow: int) -> None:
    """No schedule of this flow fires any more. Its addresses are kept, for when it is published again."""
    for schedule in _schedules(session, flow):
        session.delete(schedule)


def list_triggers(session: Session, tenant: int, flow: int, program: Program | None) -> list[TriggerFacts]:
    """The triggers of the live version, with addresses and times."""
    own(session, FlowRow, tenant, flow, "flow")
    addresses = {address.node: address.token for address in _addresses(session, flow)}
    times = {schedule.node: schedule.next_at for schedule in _schedules(session, flow)}
    return [
        TriggerFacts(
            node, trigger, addresses.get(node, "") if isinstance(trigger.on, OnWebhook) else "", times.get(node)
        )
        for node, trigger in (program.triggers if program else {}).items()
    ]


def address_of(session: Session, token: str) -> TriggerAddressRow | None:
    """The trigger behind a secret address; None if there is none."""
    return session.exec(select(TriggerAddressRow).where(TriggerAddressRow.token_hash == token_hash(token))).first()


def renew_address(
    session: Session, tenant: int, flow: int, node: str, random: Callable[[int], bytes]
) -> TriggerAddressRow | None:
    """A new secret address for a trigger whose old one leaked; the old one stops at once. None if it has none."""
    own(session, FlowRow, tenant, flow, "flow")
    found = next((address for address in _addresses(session, flow) if address.node == node), None)
    if found is not None:
        found.token = base64.urlsafe_b64encode(random(TOKEN_BYTES)).decode()
        found.token_hash = token_hash(found.token)
        session.add(found)
    return found


def token_hash(token: str) -> str:
    """Under what an address is found: SHA-256 in hex, so that the search takes no time that tells of the token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _next(on: OnSchedule, default: str, before: datetime | None, now: datetime) -> datetime | None:
    """When it fires next. A time that has come and was not yet taken stays, if the schedule still means it."""
    tz = zone(on.timezone, default)
    if before is not None and before <= now and next_fire(on.cron, tz, before - SECOND) == before:
        return before
    return next_fire(on.cron, tz, now)


def _addresses(session: Session, flow: int) -> list[TriggerAddressRow]:
    return list(session.exec(select(TriggerAddressRow).where(TriggerAddressRow.flow == flow)))


def _schedules(session: Session, flow: int) -> list[ScheduleRow]:
    return list(session.exec(select(ScheduleRow).where(ScheduleRow.flow == flow)))
