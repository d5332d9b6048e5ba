"""Which trigger an event starts: an index over all live programs of a tenant, built once per world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.core.fold import fold
from engine.core.keyword import KeywordIndex
from engine.core.trigger import OnContact, OnKeyword, OnMessage, Trigger
from engine.core.value import Contact
from schemas.public_id import read_id
from schemas.value import value

if TYPE_CHECKING:
    from engine.core.program import Program
    from engine.core.world import World


@dataclass(frozen=True, slots=True)
class Entry:
    """A trigger of a live program."""

    program: Program
    node: str
    trigger: Trigger
    channels: frozenset[int]

    @property
    def once_key(self) -> str:
        """Under which a contact remembers that this trigger started."""
        return f"{self.program.flow}:{self.node}"


@value(frozen=True, slots=True)
class Match:
    """A trigger that an event fits, and how well: 3 exact keyword, 2 other keyword, 1 any message."""

    entry: Entry
    rank: int
    reason: str


@dataclass(frozen=True, slots=True)
class TriggerIndex:
    """All triggers of the live programs, by what starts them."""

    keywords: KeywordIndex[Entry]
    any_message: tuple[Entry, ...]
    contact_created: tuple[Entry, ...]
    tag_added: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    interrupting: bool = True
    """Some trigger interrupts: messages are matched before the run that waits is asked."""

    def message(self, text: str, channel: int) -> list[Match]:
        """The triggers that a message fits, the best first: by rank, then priority, then the older flow."""
        found = [
            Match(entry, 3 if hit.kind == "exact" else 2, f"{hit.kind} keyword '{hit.word}'")
            for entry, hit in self.keywords.matches(fold(text), text)
        ]
        if self.any_message:
            found.extend([Match(entry, 1, "any message") for entry in self.any_message])
        fitting = [match for match in found if not match.entry.channels or channel in match.entry.channels]
        if len(fitting) > 1:
            fitting.sort(key=lambda match: (-match.rank, -match.entry.trigger.priority, match.entry.program.flow))
        return fitting


def index_triggers(programs: Iterable[Program]) -> TriggerIndex:
    """The index over these programs (the live version of each flow)."""
    entries = [entry for program in programs for entry in _entries(program)]
    tags: dict[str, tuple[Entry, ...]] = {}
    for entry in entries:
        if isinstance(entry.trigger.on, OnContact) and entry.trigger.on.what == "tag_added":
            tags[entry.trigger.on.tag] = (*tags.get(entry.trigger.on.tag, ()), entry)
    return TriggerIndex(
        keywords=KeywordIndex.of(
            (entry, entry.trigger.on.pattern) for entry in entries if isinstance(entry.trigger.on, OnKeyword)
        ),
        any_message=tuple(entry for entry in entries if isinstance(entry.trigger.on, OnMessage)),
        contact_created=tuple(
            entry
            for entry in entries
            if isinstance(entry.trigger.on, OnContact) and entry.trigger.on.what == "created"
        ),
        tag_added=tags,
        interrupting=any(entry.trigger.interrupts for entry in entries),
    )


def allowed(entry: Entry, contact: Contact, now: datetime) -> bool:
    """False if the trigger already started for this contact, and may not (yet) again."""
    trigger = entry.trigger
    if not trigger.once and trigger.again_after is None:
        return True
    started = contact.starts.get(entry.once_key)
    if started is None:
        return True
    return not trigger.once and now - datetime.fromisoformat(started) >= (trigger.again_after or timedelta(0))


def in_hours(entry: Entry, world: World, now: datetime) -> bool:
    """False if the trigger waits for hours that are closed now, or for closed ones that are open."""
    trigger = entry.trigger
    return not trigger.hours or (world.opening(trigger.hours, now) == now) is not trigger.closed


def entry_of(program: Program, node: str = "") -> Entry | None:
    """The entry at a trigger of a program: the named one, else the one for the API and people, else the first."""
    id = program.entry(node)
    return None if id is None else _entry(program, id)


def _entries(program: Program) -> Iterator[Entry]:
    for node in program.triggers:
        yield _entry(program, node)


def _entry(program: Program, node: str) -> Entry:
    trigger = program.triggers[node]
    return Entry(program, node, trigger, frozenset(read_id("ch", channel) for channel in trigger.channels))
