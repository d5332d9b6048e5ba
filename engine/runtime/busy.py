"""Whom the batches under way meet: what must wait until they are committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.core.value import Person
from engine.runtime.protocol import Batch
from schemas.contact import Identity
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
    identities: frozenset[tuple[int, Identity]] = frozenset()
    """(tenant, identity)."""

    @classmethod
    def of(cls, batches: Iterable[Batch]) -> Busy:
        """Everything in these batches."""
        events: set[int] = set()
        contacts: set[int] = set()
        teams: set[tuple[int, int]] = set()
        identities: set[tuple[int, Identity]] = set()
        for batch in batches:
            events.update(event.id for event in batch.statuses)
            for lane in batch.contacts:
                contacts.add(lane.person.contact.id)
                tenant = lane.events[0].tenant
                identities.update((tenant, each) for each in lane.person.contact.identities)
                for event in lane.events:
                    events.add(event.id)
                    identities.update((tenant, each) for each in event.identities)
            for team in batch.teams:
                teams.add((team.events[0].tenant, team.team))
                events.update(event.id for event in team.events)
        return cls(frozenset(events), frozenset(contacts), frozenset(teams), frozenset(identities))

    def holds(self, person: Person, events: Iterable[Event]) -> bool:
        """Whether a contact's lane must wait."""
        if person.contact.id in self.contacts:
            return True
        if not self.identities:
            return False
        had = person.contact.identities
        return any((event.tenant, each) in self.identities for event in events for each in (*had, *event.identities))
