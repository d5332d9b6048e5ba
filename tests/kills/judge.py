"""What the provider got, against what was acknowledged: lost, doubled, reordered, unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Said = tuple[str, int]
"""A person, and the number that this person wrote; the flow answers with the same number."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The four numbers, and what they are counted of."""

    kills: int
    after_accept: int
    """Kills with sends between the provider's acceptance and our commit."""
    in_flight: tuple[int, ...]
    """Sends in flight at each kill, as the file had them."""
    acknowledged: int
    answered: int
    lost: int
    doubled: int
    reordered: int
    unknown: int

    @property
    def well(self) -> bool:
        """True if all that is promised holds."""
        return (self.lost, self.doubled, self.reordered) == (0, 0, 0) and self.unknown <= sum(self.in_flight)

    def __str__(self) -> str:
        flights = ", ".join(map(str, self.in_flight))
        return "\n".join(
            (
                f"{self.kills} kills with {flights} sends in flight, {self.after_accept} of them after the provider's acceptance",
                f"events acknowledged {self.acknowledged:>8,}   answered {self.answered:,}",
                f"events lost         {self.lost:>8,}",
                f"messages doubled    {self.doubled:>8,}",
                f"messages reordered  {self.reordered:>8,}",
                f"unknown             {self.unknown:>8,}   of {sum(self.in_flight):,} in flight at the kills",
            )
        )


def count(acknowledged: Iterable[Said], got: Sequence[Said]) -> Mapping[str, int]:
    """The judge's three numbers; `got` is what the provider accepted, in its order.

    >>> count([("a", 1), ("a", 2), ("b", 1)], [("a", 2), ("a", 1), ("a", 1)])
    {'lost': 1, 'doubled': 1, 'reordered': 1}
    """
    times = Counter(got)
    latest: dict[str, int] = {}
    reordered = 0
    for person, number in dict.fromkeys(got):
        reordered += number < latest.get(person, 0)
        latest[person] = max(number, latest.get(person, 0))
    return {
        "lost": len(set(acknowledged) - times.keys()),
        "doubled": sum(many - 1 for many in times.values()),
        "reordered": reordered,
    }
