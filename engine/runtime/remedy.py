"""What a provider's answer makes of a claim: the settlement, and what it says about the channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.runtime.backoff import backoff
from engine.runtime.pace import BROKEN, THROTTLED, Pace
from engine.runtime.protocol import Accepted, Claim, Lost, Refused, Settlement
from schemas.capability import Capabilities
from schemas.content import Content, TemplateMessage
from schemas.value import value

GIVE_UP = timedelta(minutes=10)
"""After the first attempt: an answer that comes later belongs to another conversation."""
HOLD_LIMIT = timedelta(hours=24)
"""A throttled channel holds what it has; after a day it is no answer any more."""
UNKNOWN_WAIT = timedelta(seconds=60)
"""Meta's status callbacks come within seconds; after this a lost answer is taken as not sent."""
THROTTLE_CONTACT = 4.0
"""Seconds to the power of the attempt: what Meta asks for after 131056 (too many messages to one person)."""
MAX_POWER = 5
"""4^5 s = 17 minutes is past the give-up already."""

Prepared = Content | Settlement


@value(frozen=True, slots=True)
class Sent:
    """A claim with what was really said."""

    claim: Claim
    content: Content
    capabilities: Capabilities


def before_send(claim: Claim, capabilities: Capabilities, now: datetime) -> Prepared:
    """What to say, or a settlement where nothing may be said: an ambiguous claim, or free text outside the window."""
    if claim.ambiguous and not capabilities.idempotent:
        return in_doubt(claim, now, "the sender stopped before the answer came")
    content = claim.message.content
    if capabilities.window is None or isinstance(content, TemplateMessage):
        return content
    if claim.window_until is not None and now < claim.window_until:
        return content
    return claim.message.fallback or _closed(claim, now)


def in_doubt(claim: Claim, now: datetime, detail: str) -> Settlement:
    """The provider may have it: wait once for a status and send again, or leave it, as the node says.

    One that was sent a second time already is left, even if that sender died: there is no third time.
    """
    final = claim.unknown or claim.message.on_unknown == "keep"
    retry_at = None if final else now + UNKNOWN_WAIT
    return Settlement(claim.message.id, "unknown", now, code="unknown", detail=detail, retry_at=retry_at)


def give_back(claim: Claim, at: datetime, now: datetime) -> Settlement:
    """It was not sent, through no fault of its own: ready again at `at`."""
    return Settlement(claim.message.id, "retry", now, retry_at=at)


def after_send(sent: Sent, answer: Accepted | Refused | Lost, pace: Pace, now: datetime) -> Settlement | Content:
    """The settlement; or content to be sent instead, where the window proved closed and there is a fallback."""
    claim, message = sent.claim, sent.claim.message
    match answer:
        case Accepted(provider_id=provider_id, identities=identities):
            pace.accepted()
            said = None if sent.content is message.content else sent.content
            return Settlement(message.id, "accepted", now, provider_id=provider_id, identities=identities, content=said)
        case Lost(detail=detail):
            if not sent.capabilities.idempotent:
                return in_doubt(claim, now, detail)
            again = _again(claim, Refused("lost", detail, "retry"), now, None)
            return again if again.outcome == "retry" else replace(again, outcome="unknown")
        case Refused(remedy="window_closed"):
            if message.fallback is not None and sent.content is message.content:
                return message.fallback
            return _closed(claim, now)
        case Refused(remedy="throttle_channel"):
            return _again(claim, answer, now, pace.hold(now, answer.after, THROTTLED), HOLD_LIMIT)
        case Refused(remedy="channel_broken"):
            return _again(claim, answer, now, pace.hold(now, answer.after, BROKEN))
        case Refused(remedy="throttle_contact"):
            seconds = THROTTLE_CONTACT ** min(claim.attempt, MAX_POWER)
            return _again(claim, answer, now, now + timedelta(seconds=max(seconds, answer.after or 0.0)))
        case Refused(remedy="retry"):
            return _again(claim, answer, now, None)
        case Refused():
            return _failed(claim, answer.code, answer.detail, now)


def _again(claim: Claim, answer: Refused, now: datetime, retry_at: datetime | None, patience: timedelta = GIVE_UP) -> Settlement:
    """Give it back until `retry_at` (None: by back-off), or fail it if that would be too late to be an answer."""
    if retry_at is None:
        wait = answer.after if answer.after is not None else backoff(claim.message.key, claim.attempt)
        retry_at = now + timedelta(seconds=wait)
    if retry_at > (claim.first_attempt_at or claim.message.at) + patience:
        return _failed(claim, answer.code, answer.detail, now)
    return Settlement(claim.message.id, "retry", now, code=answer.code, detail=answer.detail, retry_at=retry_at)


def _closed(claim: Claim, now: datetime) -> Settlement:
    return _failed(claim, "window_closed", "the contact last wrote too long ago for free text", now)


def _failed(claim: Claim, code: str, detail: str, now: datetime) -> Settlement:
    return Settlement(claim.message.id, "failed", now, code=code, detail=detail)
