"""What the share remembers of persons and desks between batches, so that who is busy is not loaded again for each event."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from engine.core.desk import Desk
from storage.person import Known

REMEMBERED = 10_000
"""Persons, the ones used last: some 30 MB. A commit compares versions, so an old one is found out, never believed."""


class Memory:
    """A bounded map of persons, and the desks of teams. Used by the writer's thread alone."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._desks: dict[int, Desk] = {}

    def get(self, contact: int) -> Known | None:
        """The person as it was last committed here, or None."""
        known = self._known.get(contact)
        if known is not None:
            self._known.move_to_end(contact)
        return known

    def put(self, known: Known) -> None:
        """Remember a person as it stands now."""
        self._known[known.person.contact.id] = known
        self._known.move_to_end(known.person.contact.id)
        if len(self._known) > self._size:
            self._known.popitem(last=False)

    def desk(self, team: int) -> Desk | None:
        """A team's desk as it was last committed here, or None. Whoever uses it compares its version."""
        return self._desks.get(team)

    def put_desk(self, desk: Desk) -> None:
        """Remember a desk as it stands now."""
        self._desks[desk.team] = desk

    def forget(self, contacts: Iterable[int] | None = None) -> None:
        """Forget these persons, or all."""
        if contacts is None:
            self._known.clear()
            self._desks.clear()
            return
        for contact in contacts:
            self._known.pop(contact, None)
