"""Checks of variables: declared twice, never used, of another type than their default, read before anything sets them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import networkx as nx

from engine.core.check_model import Models
from engine.core.check_part import Graph, Part
from engine.core.check_said import settings_reads
from engine.core.check_words import suggestion
from engine.core.path import FIXED
from engine.core.trigger import OnApi
from schemas.flow import VariableType
from schemas.problem import Problem, pointer

_WANTED: dict[VariableType, str] = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2026-12-24",
    "list": "a list",
    "object": "an object",
}


def variable_problems(models: Models, graph: Graph, told: Collection[str] = ()) -> Iterator[Problem]:
    """Everything about variables and paths; `told` are the pointers at which an unknown name was already reported."""
    yield from _declarations(models)
    yield from (problem for problem in _unknown_paths(graph) if problem.pointer not in told)
    if models.complete:
        yield from _unused(models, graph)
        yield from _unset(models, graph)


def _declarations(models: Models) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, variable in models.variables:
        if variable.name in first:
            message = f"The variable “{variable.name}” is declared twice."
            yield Problem("duplicate_variable", "error", pointer("variables", index, "name"), message, "Remove one of them.")
        first.setdefault(variable.name, index)
        if variable.default is not None and not _fits(variable.default, variable.type):
            message = f"“{variable.name}” starts with a value that is not {_WANTED[variable.type]}."
            where = pointer("variables", index, "default")
            yield Problem("bad_default", "error", where, message, "Correct the value or the type.")


def _fits(value: Any, type: VariableType) -> bool:
    match type:
        case "text":
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "date":
            return isinstance(value, str) and _is_date(value)
        case "list":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _unknown_paths(graph: Graph) -> Iterator[Problem]:
    known = sorted({*FIXED, *graph.names})
    for part in graph.parts.values():
        for path, at in part.ready.uses.reads if part.ready else ():
            if graph.resolve(path) is None:
                hint = suggestion(path, known) or "Declare the variable, or choose a contact field."
                where = pointer("nodes", part.index, "config") + at
                yield Problem("unknown_variable", "error", where, f"Nothing is known as “{path[:64]}”.", hint)


def _variable(path: str, graph: Graph) -> str:
    """The variable that a path reads, or ""."""
    name = path.removeprefix("var.")
    return name if name in graph.names else ""


def _reads(part: Part, graph: Graph) -> Iterator[tuple[str, str]]:
    for path, at in part.ready.uses.reads if part.ready else ():
        if name := _variable(path, graph):
            yield name, at


def _unused(models: Models, graph: Graph) -> Iterator[Problem]:
    used = {name for part in graph.parts.values() for name, _ in _reads(part, graph)}
    used.update(_variable(path, graph) for path, _ in settings_reads(models.settings, graph.resolve))
    used.update(name for part in graph.parts.values() if part.ready for name in part.ready.writes)
    for index, variable in models.variables:
        if variable.name not in used:
            message = f"The variable “{variable.name}” is declared, but no node uses it."
            yield Problem("unused_variable", "info", pointer("variables", index), message, "Remove it if it isn't needed.")


def _unset(models: Models, graph: Graph) -> Iterator[Problem]:
    """Variables that no way to the node sets. Bits of one number stand for variables; each knot of nodes is seen once."""
    bits = {name: 1 << place for place, name in enumerate(sorted(graph.names))}
    always = _bits((variable.name for _, variable in models.variables if variable.default is not None), bits)
    declared = _bits((variable.name for _, variable in models.variables), bits)
    writes = {id: _bits(part.ready.writes if part.ready else (), bits) for id, part in graph.parts.items()}
    entries = {
        id: declared if part.ready and part.ready.trigger and isinstance(part.ready.trigger.on, OnApi) else 0
        for id, part in graph.parts.items()
        if part.starts
    }
    after: dict[str, int] = dict.fromkeys(graph.parts, 0)
    reached: set[str] = set()
    for knot in reversed(list(nx.strongly_connected_components(graph.links))):
        come = always
        for id in knot:
            come |= entries.get(id, 0)
            for before in graph.links.predecessors(id):
                come |= after[before]
            if id in entries or any(before in reached for before in graph.links.predecessors(id)):
                reached.update(knot)
        inside = _union(writes[id] for id in knot)
        for id in knot:
            after[id] = come | inside
            if id in reached:
                yield from _unset_at(graph.parts[id], come | inside, bits, graph)


def _unset_at(part: Part, may_be_set: int, bits: dict[str, int], graph: Graph) -> Iterator[Problem]:
    told: set[tuple[str, str]] = set()
    for name, at in _reads(part, graph):
        if not bits[name] & may_be_set and (name, at) not in told:
            told.add((name, at))
            message = f"Nothing sets “{name}” on the way to {part.title}, so it is empty there."
            hint = "Give it a default, or set it in a node before."
            yield Problem("unset_variable", "warning", pointer("nodes", part.index, "config") + at, message, hint)


def _bits(names: Any, bits: dict[str, int]) -> int:
    return _union(bits[name] for name in names)


def _union(masks: Any) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union
