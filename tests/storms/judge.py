"""What must hold when a storm is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from engine.core.desk import Seat
from engine.core.replay import replay
from tests.core.scene import SITE
from tests.property.life import owners_agree
from tests.storms.book import CAPACITY, Book
from tests.storms.frame import over_at
from tests.storms.people import AGENTS
from tests.storms.place import Facts
from tests.storms.provider import Sight

PATIENCE = timedelta(minutes=20)
"""What was said within this time may still be on its way: twice what retries may take."""
SIGHTS_PER_CLAIM = 2
"""The message, and its template where the window proved closed."""


def judge(facts: Facts, book: Book, sights: list[Sight], touched: dict[int, set[str]], now: datetime) -> Iterator[str]:
    """What is broken, in plain sentences."""
    yield from _events(facts, book)
    yield from _runs(facts, now)
    yield from _histories(facts, book)
    yield from _sends(facts, book, sights)
    yield from _outbox(facts, book, now)
    yield from _people(facts)
    for person in facts.persons:
        missing = touched.get(person.contact.id, set()) - set(person.contact.fields)
        if missing:
            yield f"contact {person.contact.id} lost what another writer wrote: {sorted(missing)}"


def _events(facts: Facts, book: Book) -> Iterator[str]:
    """Everything that was acknowledged was decided, once."""
    there = {(each.source, each.external_id) for each in facts.events}
    for key in sorted((book.acknowledged | book.born) - there):
        yield f"event {key} was acknowledged and is lost"
    for each in facts.events:
        if each.state != "done":
            yield f"event {each.id} ({each.kind}) is {each.state}: {each.error[-300:]}"
        elif each.id not in book.done:
            yield f"event {each.id} ({each.kind}) is done, but was never decided"
    for id, answer in book.told:
        if answer != book.answers.get(id):
            yield f"who waited for event {id} got {answer}, but it was decided {book.answers.get(id)}"
    inbound = Counter((channel, external) for _, channel, external in facts.inbound)
    for wrote, count in inbound.items():
        if count != 1:
            yield f"inbound message {wrote} stands {count} times in the thread"
    if set(inbound) != set(book.received):
        yield f"inbound messages differ from what was decided: {set(inbound) ^ set(book.received)}"


def _runs(facts: Facts, now: datetime) -> Iterator[str]:
    """Steps are numbered once each; a run that waits has a time at which somebody looks at it, and none of its flows is over."""
    for (run, number), count in Counter((run, number) for run, number, _ in facts.steps).items():
        if count != 1:
            yield f"step {number} of run {run} was made {count} times"
    latest: dict[int, int] = {}
    for run, number, _ in facts.steps:
        latest[run] = max(number, latest.get(run, 0))
    for person in facts.persons:
        for run_ in person.runs:
            if run_.step < latest.get(run_.id, 0):
                yield f"run {run_.id} stands at step {run_.step}, but step {latest[run_.id]} was made"
            if run_.status == "waiting" and facts.dues.get(run_.id) is None:
                yield f"run {run_.id} waits, but no timer will ever look at it"
            if run_.status == "waiting" and over_at(run_) < now:
                yield f"run {run_.id} waits, but its time, or that of a flow in which it stands, is over"


def _histories(facts: Facts, book: Book) -> Iterator[str]:
    """Each run's history, made again on its versions, comes to the same, and to the run as it stands."""
    for record in facts.records:
        if not record.history:
            yield f"run {record.run.id} has no history"
        for step in replay(book.world, record.run, record.history, record.messages, whole=record.whole):
            book.counts["steps made again"] += 1
            for words in step.differences:
                yield f"step {step.past.number} of run {record.run.id}, made again, differs: {words}"


def _sends(facts: Facts, book: Book, sights: list[Sight]) -> Iterator[str]:
    """In each conversation in order, and once each."""
    known = {message.id: message for message in facts.messages}
    for id in sorted(set(book.made) ^ set(known)):
        yield f"message {book.made.get(id, id)} was decided, but is not in the store, or the other way round"
    if len({message.key for message in facts.messages}) != len(facts.messages):
        yield "two messages have one key"
    latest: dict[tuple[int, bool, bool], int] = {}
    for sight in sights:
        message = known.get(sight.message)
        if message is None:
            yield f"the provider saw message {sight.message}, which is not in the store"
            continue
        queue = (message.conversation, message.voice == "human", message.bulk)
        if latest.get(queue, 0) > message.id:
            yield f"message {message.key} left after message {known[latest[queue]].key}, which is younger"
        latest[queue] = message.id
    taken = Counter(sight.message for sight in sights if sight.taken)
    for id, count in taken.items():
        message = known.get(id)
        most = 1 if message is None or message.channel == SITE or message.on_unknown == "keep" else 2
        if count > most:
            yield f"the contact got message {id} {count} times, at most {most} is allowed"
    for id, count in Counter(sight.message for sight in sights).items():
        if count > book.claims[id] * SIGHTS_PER_CLAIM:
            yield f"message {id} left {count} times with {book.claims[id]} attempts"


def _outbox(facts: Facts, book: Book, now: datetime) -> Iterator[str]:
    """Nothing is stuck."""
    for message in facts.messages:
        if message.open and message.at < now - PATIENCE:
            yield f"message {message.key} of {message.at:%d. %H:%M} is {message.status} and stuck"
        if not message.open and message.status in ("queued", "claimed"):
            yield f"message {message.key} is {message.status}, but the outbox doesn't look at it"
    waits = [run.wait for person in facts.persons for run in person.runs if run.wait is not None]
    young = {wait.data.get("call") for wait in waits if wait.opened_at > now - PATIENCE}
    if facts.calls - young:
        yield f"calls {sorted(facts.calls - young)} are not finished"


def _people(facts: Facts) -> Iterator[str]:
    """One owner each, and the desks know what the conversations say."""
    where: dict[int, str] = {}
    for person in facts.persons:
        try:
            owners_agree(person)
        except AssertionError as error:
            yield f"owners of contact {person.contact.id} disagree: {error} {person.conversations} {person.runs}"
        for each in person.conversations:
            if each.owner == "AGENT" and each.team:
                where[each.id] = f"seat {each.agent} of team {each.team}"
            elif each.owner == "QUEUE":
                where[each.id] = f"queue of team {each.team}, {each.claim}"
    there: dict[int, str] = {}
    for desk in facts.desks.values():
        for agent, seat in desk.seats.items():
            for id in seat.conversations:
                if id in there:
                    yield f"conversation {id} is in two places: {there[id]}, {agent}"
                there[id] = f"seat {agent} of team {desk.team}"
        for queued in desk.queue:
            if queued.conversation in there:
                yield f"conversation {queued.conversation} is in two places: {there[queued.conversation]}, queue"
            there[queued.conversation] = f"queue of team {desk.team}, {queued.claim}"
            for member in AGENTS if not queued.agent else (queued.agent,):
                seat = desk.seats.get(member, Seat())
                if _belongs(member, desk.team) and seat.presence == "online" and len(seat.conversations) < CAPACITY:
                    yield f"conversation {queued.conversation} waits while agent {member} is free"
    for id in sorted(set(where) | set(there)):
        if where.get(id) != there.get(id):
            yield f"conversation {id} is at {where.get(id, 'nobody')}, but its team says {there.get(id, 'nobody')}"


def _belongs(agent: int, team: int) -> bool:
    return team == 8 or agent != 33
