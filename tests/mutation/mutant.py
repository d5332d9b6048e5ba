"""Flows with one small mistake in them: an edge cut or led elsewhere, a rule turned round, a boundary moved."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from schemas.duration import format_duration, parse_duration

STRICTER = {"gte": "gt", "gt": "gte", "lte": "lt", "lt": "lte"}
RULES = ("rule", "all", "any", "not")


@dataclass(frozen=True)
class Mutant:
    """A document with one mistake. Only a conversation that comes to `node` (and leaves it by `port`, if given) can tell."""

    name: str
    node: str
    port: str
    document: dict[str, Any]


def mutants(document: dict[str, Any]) -> Iterator[Mutant]:
    """Every mistake of these kinds that can be made in a flow."""
    yield from _edges(document)
    for at, node in enumerate(document["nodes"]):
        for place, rule in _tests(node["config"]):
            for what, wrong in _wrong(rule):
                changed = copy.deepcopy(document)
                _put(changed["nodes"][at]["config"], place, wrong)
                yield Mutant(f"{node['id']}: {_said(rule)} {what}", node["id"], "", changed)


def _edges(document: dict[str, Any]) -> Iterator[Mutant]:
    nodes = [node["id"] for node in document["nodes"] if node["type"] != "trigger"]
    for at, edge in enumerate(document["edges"]):
        port, target = edge.get("port", "next"), edge["to"]
        cut = {**document, "edges": document["edges"][:at] + document["edges"][at + 1 :]}
        yield Mutant(f"{edge['from']}.{port}: cut", edge["from"], port, cut)
        elsewhere = nodes[(nodes.index(target) + 1) % len(nodes)]
        led = {**document, "edges": [*document["edges"][:at], {**edge, "to": elsewhere}, *document["edges"][at + 1 :]]}
        yield Mutant(f"{edge['from']}.{port}: led to {elsewhere} instead of {target}", edge["from"], port, led)


def _tests(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Every test of every rule in a config, with its place."""
    match value:
        case {"subject": _, "op": _}:
            yield place, value
        case dict():
            for key, inner in value.items():
                yield from _tests(inner, (*place, key))
        case list():
            for index, inner in enumerate(value):
                yield from _tests(inner, (*place, index))


def _wrong(test: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "negated", {"not": test}
    op, value = test["op"], test.get("value")
    if op in STRICTER:
        yield f"as {STRICTER[op]}", {**test, "op": STRICTER[op]}
    match value:
        case int() | float() if not isinstance(value, bool):
            yield f"with {value + 1}", {**test, "value": value + 1}
        case str() if op in ("in_next", "in_last"):
            longer = format_duration(parse_duration(value) + timedelta(hours=1))
            yield f"with {longer}", {**test, "value": longer}
        case [low, high] if op == "between":
            for moved in ([_more(low), high], [low, _more(high)]):
                yield f"with {moved}", {**test, "value": moved}
        case [_, _, *_]:
            for index, word in enumerate(value):
                yield f"without {word!r}", {**test, "value": value[:index] + value[index + 1 :]}


def _more(value: Any) -> Any:
    """The next value: a number and one, a time of day and a minute.

    >>> _more(5), _more("09:59"), _more("23:59")
    (6, '10:00', '00:00')
    """
    if isinstance(value, str):
        hours, minutes = map(int, value.split(":")[:2])
        return f"{(hours + (minutes + 1) // 60) % 24:02}:{(minutes + 1) % 60:02}"
    return value + 1


def _put(config: Any, place: tuple[str | int, ...], value: Any) -> None:
    for key in place[:-1]:
        config = config[key]
    config[place[-1]] = value


def _said(test: dict[str, Any]) -> str:
    return " ".join(str(test[key]) for key in ("subject", "op", "value") if key in test)
