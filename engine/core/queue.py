"""Who waits for a team, in order: a value of which a changed copy costs little, however many wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.core.evolve import evolve
from schemas.value import value

QUEUE_CHANGES = 256
"""Changes of a queue that are kept beside the many who wait: what one batch makes. Copying so few takes some µs."""


@value(frozen=True, slots=True)
class Queued:
    """A conversation that waits for an agent."""

    conversation: int
    contact: int
    claim: str
    since: str
    depth: int
    agent: int = 0
    strategy: str = "round_robin"
    priority: int = 0


class Queue:
    """Conversations in the order of their coming, each once. Never changed: `put` and `without` give another one.

    The many are shared between copies, and the changes since are kept beside them; after QUEUE_CHANGES all are written anew.

    >>> queue = Queue().put(Queued(5, 1, "a", "", 0)).put(Queued(6, 2, "b", "", 0)).without(5)
    >>> [each.conversation for each in queue], len(queue), queue.get(5)
    ([6], 1, None)
    """

    __slots__ = ("_came", "_gone", "_many")

    def __init__(self, waiting: Iterable[Queued] = ()) -> None:
        self._many: Mapping[int, Queued] = {each.conversation: each for each in waiting}
        self._gone: frozenset[int] = frozenset()
        """Of the many, those that left."""
        self._came: Mapping[int, Queued] = {}
        """Those that came since, after the many."""

    def get(self, conversation: int) -> Queued | None:
        """The conversation's place; None if it doesn't wait."""
        came = self._came.get(conversation)
        return came if came is not None or conversation in self._gone else self._many.get(conversation)

    def put(self, queued: Queued) -> Queue:
        """With this one at the end; it leaves the place that it had.

        It is kept as a copy, so that one and the same value has always stood at one place.
        """
        left = self.without(queued.conversation)
        return left._changed(left._gone, {**left._came, queued.conversation: evolve(queued)})

    def without(self, *conversations: int) -> Queue:
        """Without these."""
        there = {each for each in conversations if self.get(each) is not None}
        if not there:
            return self
        came = {id: each for id, each in self._came.items() if id not in there}
        return self._changed(self._gone.union(there.intersection(self._many)), came)

    def changes(self, before: Queue) -> tuple[list[int], list[Queued]]:
        """What makes this queue of an earlier one: who leaves, then who comes, in order."""
        if self._many is before._many:
            maybe_gone: Iterable[int] = self._gone.union(before._came)
            maybe_came: Iterable[Queued] = self._came.values()
        else:
            maybe_gone, maybe_came = [each.conversation for each in before], self
        gone = [id for id in maybe_gone if (old := before.get(id)) is not None and self.get(id) is not old]
        return gone, [each for each in maybe_came if before.get(each.conversation) is not each]

    def __iter__(self) -> Iterator[Queued]:
        yield from (each for id, each in self._many.items() if id not in self._gone)
        yield from self._came.values()

    def __len__(self) -> int:
        return len(self._many) - len(self._gone) + len(self._came)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Queue) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Queue({list(self)!r})"

    def _changed(self, gone: frozenset[int], came: Mapping[int, Queued]) -> Queue:
        changed = Queue()
        changed._many, changed._gone, changed._came = self._many, gone, came
        return Queue(changed) if len(gone) + len(came) > QUEUE_CHANGES else changed
