"""How many calls may be in flight: a share for each sort, and in it one for each place that is called.

So webhooks that hang hold up neither files nor what conversations wait for, and one address that hangs holds up no other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.core.decision import Call
from engine.core.telling import WEBHOOK

Sort = Literal["run", "webhook", "own"]
"""Whose call it is: a run's, which a contact waits for; a webhook's; our own work (files, read marks, notices)."""


@dataclass(frozen=True, slots=True)
class Share:
    """Calls of a sort in flight: in all, and to one place (a host, a webhook, a workspace's AI)."""

    most: int
    place: int


SHARES: Mapping[Sort, Share] = {"run": Share(48, 16), "webhook": Share(24, 4), "own": Share(8, 8)}
"""A run's call and a webhook wait more than they hold, some 256 KB. A file may be 100 MB: more would fill memory or the line."""


def sort_of(call: Call) -> Sort:
    """Whose call it is."""
    if call.run:
        return "run"
    return "webhook" if call.kind == WEBHOOK else "own"


@dataclass(frozen=True, slots=True)
class Room:
    """What is free beside the calls in flight, which are counted by sort, and by sort and place."""

    flying: Mapping[Sort, int] = field(default_factory=dict)
    places: Mapping[tuple[Sort, str], int] = field(default_factory=dict)

    def sorts(self) -> list[Sort]:
        """Those of which more may be made."""
        return [sort for sort, share in SHARES.items() if self.flying.get(sort, 0) < share.most]

    def full(self, sort: Sort) -> list[str]:
        """The places to which no more of this sort may go."""
        return [place for (each, place), many in self.places.items() if place and each == sort and many >= SHARES[sort].place]

    def pick(self, sort: Sort, ready: Iterable[tuple[int, str]]) -> list[int]:
        """The calls (id, place) that find room, in their order. One that names no place counts in its sort alone."""
        share, picked = SHARES[sort], list[int]()
        left, there = share.most - self.flying.get(sort, 0), Counter(dict(self.places))
        for id, place in ready:
            if len(picked) >= left:
                break
            if place and there[sort, place] >= share.place:
                continue
            there[sort, place] += 1
            picked.append(id)
        return picked
