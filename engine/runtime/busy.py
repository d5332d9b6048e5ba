"""Whom the batches under way meet: what must wait until they are committed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.core.value import Person
from engine.runtime.protocol import Batch
from schemas.event import Event


@dataclass(frozen=True, slots=True)
class Busy:
    """The events, lanes and addresses of batches that were taken and not yet committed.

    An event of an address that is under way waits too, whoever has it now: the batch may give it to somebody.
    """

    events: frozenset[int] = frozenset()
    contacts: frozenset[int] = frozenset()
    teams: frozenset[tuple[int, int]] = frozenset()
    """(tenant, team)."""
    identities: frozenset[tuple[int, str, str]] = frozenset()
    """(tenant, kind, value)."""

    @classmethod
    def of(cls, batches: Iterable[Batch]) -> Busy:
        """Everything in these batches."""
        events: set[int] = set()
        contacts: set[int] = set()
        teams: set[tuple[int, int]] = set()
        identities: set[tuple[int, str, str]] = set()
        for batch in batches:
            events.update(event.id for event in batch.statuses)
            for lane in batch.contacts:
                contacts.add(lane.person.contact.id)
                events.update([event.id for event in lane.events])
                identities.update(_addresses(lane.person, lane.events))
            for team in batch.teams:
                teams.add((team.events[0].tenant, team.team))
                events.update(event.id for event in team.events)
        return cls(frozenset(events), frozenset(contacts), frozenset(teams), frozenset(identities))

    def holds(self, person: Person, events: Sequence[Event]) -> bool:
        """Whether a contact's lane must wait."""
        if person.contact.id in self.contacts:
            return True
        return bool(self.identities) and not self.identities.isdisjoint(_addresses(person, events))


def _addresses(person: Person, events: Sequence[Event]) -> list[tuple[int, str, str]]:
    """Those that the person has, and those by which the events found it."""
    tenant, had = events[0].tenant, person.contact.identities
    found = [(tenant, each.kind, each.value) for each in had]
    for event in events:
        if event.identities != had:
            found.extend([(tenant, each.kind, each.value) for each in event.identities])
    return found
