"""Flow documents made from sound ones by small changes, always the same for the same seed."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from typing import Any

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 5, 20, 21, 1.5, 5.0, 1_000_000, "", "5", "1", "true", "x", "a b", "next", "text", "keyword",
    "reply", "P1D", "P400D", "P366DT1S", "PT0S", "P1M", "P1W2D", "p1d", "09:00", "24:00", "25:00", "2026-12-24", "2026-02-30",
    "2026-1-5", "2026-12-24T09:00:00Z", "today", "mon", "Europe/Berlin", "Middle/Earth", "end", "handoff", "(", "id\n", "ä",
    "x" * 70, "x" * 201, "x" * 1001, [], [1], ["a"], ["a", 5], [[]], {}, {"kind": "text"}, {"kind": "message"}, {"x": 1},
    {"all": []}, {"subject": "message.text", "op": "is", "value": "a"}, {"not": {"subject": "x", "op": "is_set"}},
    {"any": [{"subject": "x"}]},
)  # fmt: skip
KEYS = ("kind", "type", "id", "text", "from", "from_", "schema_", "x", "all", "not", "value", "name", "config", "date", "a b")


def mutated(bases: Sequence[Any], count: int, seed: int) -> Iterator[Any]:
    """So many documents, each a base with one to three changes."""
    chance = random.Random(seed)
    for _ in range(count):
        document = copy.deepcopy(chance.choice(bases))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            document = _change(document, chance)
        yield document


def _change(document: Any, chance: random.Random) -> Any:
    places = list(_places(document))
    if not places:
        return copy.deepcopy(chance.choice(VALUES))
    holder, key = chance.choice(places)
    match chance.randrange(8):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[chance.choice(KEYS)] = copy.deepcopy(chance.choice(VALUES))
        case 2 if isinstance(holder, dict) and isinstance(key, str):
            holder[chance.choice((key + "s", key.upper(), chance.choice(KEYS)))] = holder.pop(key)
        case 3 if isinstance(holder[key], list):
            holder[key] = holder[key] * chance.choice((2, 4, 30))
        case 4 if isinstance(holder[key], str):
            text = holder[key]
            holder[key] = chance.choice((text + "\n", " " + text, text.upper(), text * 3, text[:-1], text + "!"))
        case 5 if isinstance(holder[key], int | float):
            holder[key] = chance.choice(
                (-holder[key], holder[key] + 0.5, float(holder[key]), str(holder[key]), holder[key] * 100)
            )
        case 6:
            holder[key] = [holder[key]]
        case _:
            holder[key] = copy.deepcopy(chance.choice(VALUES))
    return document


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from _places(inner)
