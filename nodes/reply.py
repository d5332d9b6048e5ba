"""Waiting for an answer: what came is read as what was asked for, and asked for again where it doesn't fit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from engine.core.answer import Accepted, Answer, Refused, read_answer, refused
from engine.core.build import Build
from engine.core.calendar import zone
from engine.core.degrade import fit
from engine.core.message import said
from engine.core.node import Behaviour, Fail, Go, HandOver, Outcome, Park
from engine.core.phone import guess_country
from engine.core.plain import plain
from engine.core.text import Text as Written
from engine.core.visit import Visit
from nodes.message import PLAIN_CHANNEL
from nodes.wait_config import ReplyWait
from schemas.answer import Expect
from schemas.content import Cards, Content, Text, Unsupported, dump_content
from schemas.duration import parse_duration
from schemas.event import Body, MessageReceived, WaitDue

MAX_SHOWN = 60  # characters of an answer that the history repeats

Read = Callable[[Visit, MessageReceived], Answer]
Keep = Callable[[Visit, Any], Outcome]
"""Keeps what was accepted, and says where it leads."""
Again = Callable[[Visit, Refused, int], Outcome]
"""Asks once more after a refusal; so many retries are left then."""


def hearing(read: Read, keep: Keep, again: Again) -> Callable[[Visit, Body], Outcome | None]:
    """What a wait for a reply does with what comes: read it, keep it or ask again, as often as its data says."""

    def resume(visit: Visit, body: Body) -> Outcome | None:
        if not isinstance(body, MessageReceived):
            return Go("timeout", "no answer in time") if isinstance(body, WaitDue) else None
        answer = read(visit, body)
        if isinstance(answer, Accepted):
            return keep(visit, answer.value)
        if visit.refuse_reply():
            return HandOver(reason=f"too many answers that don't fit: {answer.code}")
        left = visit.run.wait.data.get("retries", 0) if visit.run.wait else 0
        return again(visit, answer, left - 1) if left > 0 else Fail("invalid", answer.code, answer.message)

    return resume


def reply_behaviour(config: ReplyWait, build: Build) -> Behaviour:
    """Parks for a reply, reads it, and asks again as often as the config says."""
    seconds = int(parse_duration(config.timeout).total_seconds()) if config.timeout else None
    retry_text = asked_again(config.retry_text, build)

    def park(left: int, reason: str = "") -> Park:
        data: dict[str, Any] = {"retries": left}
        if config.accept_earlier:
            data["accept_earlier"] = True
        return Park("reply", timeout=seconds, data=data, reason=reason)

    first = park(config.retries)

    def enter(visit: Visit) -> Outcome:
        return first

    def keep(visit: Visit, found: Any) -> Outcome:
        value = written(found)
        if config.save_as:
            visit.set(config.save_as, value)
        return Go("next", plain(value)[:MAX_SHOWN])

    def again(visit: Visit, why: Refused, left: int) -> Outcome:
        text = visit.say(retry_text) if retry_text is not None else visit.own_words(why.said)
        visit.send(fit(Text(text), visit.channel.capabilities if visit.channel else PLAIN_CHANNEL))
        return park(left, f"asked again: {why.code}")

    return Behaviour(enter, hearing(reader(config.expect, build), keep, again))


def asked_again(own: str, build: Build) -> Written | None:
    """What is said to an answer that doesn't fit: the step's own words, else the flow's; None: what is expected."""
    words = own if own.strip() else build.settings.retry_text
    return build.text(words) if words.strip() else None


def written(found: Any) -> Any:
    """An answer as a variable keeps it: dates as ISO 8601."""
    return found.isoformat() if isinstance(found, date) else found


WRITTEN_BY_COUNTRY = frozenset({"number", "date", "phone"})
"""What is written otherwise elsewhere: only these need the contact's country, which costs a look at the phone number."""


def reader(expect: Expect, build: Build) -> Read:
    """Reads a written answer as what is expected."""
    phone = build.resolve("contact.phone") if expect.kind in WRITTEN_BY_COUNTRY else None

    def read(visit: Visit, received: MessageReceived) -> Answer:
        content = received.content
        if isinstance(content, Unsupported):
            return refused("not_text", "unreadable")
        text, world = said(content), visit.turn.world
        alike = expect.kind == "number" and text.isdecimal()  # plain digits are the same number everywhere
        number = phone(visit) if phone is not None and not alike else None
        return read_answer(
            expect,
            content.kind,
            text,
            _payload(content),
            now=visit.now,
            timezone=zone(visit.zone_name(), world.timezone),
            country=(guess_country(number) if number else None) or world.country,
        )

    return read


def _payload(content: Content) -> dict[str, Any]:
    """What came with a message besides its text; of shared contact cards, the first phone number."""
    if type(content) is Text:
        return {}
    if isinstance(content, Cards):
        numbers = [
            entry.get("phone") or entry.get("wa_id")
            for card in content.cards
            if isinstance(entries := card.get("phones"), list)
            for entry in entries
            if isinstance(entry, dict)
        ]
        return {"phone": next((each for each in numbers if isinstance(each, str)), None)}
    return {key: value for key, value in dump_content(content).items() if key not in ("kind", "text")}
