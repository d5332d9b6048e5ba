"""What the texts and rules of a config read, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from engine.core.build import Build
from engine.core.check_said import unknown_path
from engine.core.check_words import suggestion
from engine.core.expression import kinds_of
from engine.core.expression_source import read_source
from engine.core.node import Reference
from engine.core.path import FIXED, named
from engine.core.rule import NOW, RELATIVE, each_test, expressions_of, problems_of_rule
from engine.core.scope import Scope
from engine.core.text import Resolve
from schemas.problem import Problem
from schemas.rule import Rule

Read = tuple[str, str]
"""(path, pointer relative to the config)."""
Sources = Mapping[str, str]
"""Texts by their pointer."""


def text_reads(sources: Sources, build: Build) -> tuple[Read, ...]:
    """Every path that the texts read, with where."""
    return tuple((path, at) for at, source in sources.items() for path in build.text(source).reads)


def rule_reads(rule: Rule, pointer: str, resolve: Resolve) -> tuple[Read, ...]:
    """Every path that a rule reads, with where."""
    found: list[Read] = []
    for at, source in expressions_of(rule, pointer):
        found += expression_reads(source, at, resolve)
    for at, test in each_test(rule, pointer):
        found.append((test.subject, at + "/subject"))
        if test.op in RELATIVE:
            found.append((NOW, at + "/op"))
    return tuple(found)


def field_references(reads: Iterable[Read]) -> tuple[Reference, ...]:
    """What of the workspace's own is among the paths: contact fields, global variables and hours must exist."""
    return tuple(Reference(*found, at) for path, at in reads if (found := named(path)) is not None)


def text_problems(sources: Sources, scope: Scope) -> Iterator[Problem]:
    """The {{paths}} that nobody knows."""
    for at, source in sources.items():
        for path in scope.build.text(source).unknown:
            yield unknown_path(path, at, scope)


def unknown_field(key: str, pointer: str, scope: Scope) -> Iterator[Problem]:
    """The problem of a contact field that is to be set, and that nobody made."""
    if scope.fields is not None and key not in scope.fields:
        hint = suggestion(key, sorted(scope.fields)) or "Create the field, or choose another."
        yield Problem("unknown_field", "error", pointer, f"There is no contact field “{key[:64]}”.", hint)


def rule_problems(rule: Rule, pointer: str, scope: Scope) -> Iterator[Problem]:
    """What is wrong with a rule."""
    for at, code, message, hint in problems_of_rule(rule, scope.build.resolve, pointer):
        yield Problem(code, "error", at, message, hint)
    for at, source in expressions_of(rule, pointer):
        yield from expression_problems(source, at, scope, boolean=True)


def expression_reads(source: str, at: str, resolve: Resolve) -> tuple[Read, ...]:
    """Every path that an expression reads, with where."""
    return tuple((path, at) for path in read_source(source).paths(resolve))


def expression_problems(source: str, at: str, scope: Scope, *, boolean: bool) -> Iterator[Problem]:
    """What is wrong with an expression, each with its line and column. Types are the declared ones, and the workspace's."""
    read = read_source(source)
    paths = read.paths(scope.build.resolve)
    owned = {f"global.{key}": type for key, type in (scope.globals or {}).items()}
    for path in paths:
        found = named(path)
        if found is not None and found[0] == "field" and scope.fields is not None and found[1] in scope.fields:
            owned[path] = scope.fields[found[1]]
    kinds = kinds_of(paths, scope.build.types, owned)
    faults = read.faults or scope.build.expressions.compile(read, kinds, boolean=boolean)
    for fault in faults if isinstance(faults, tuple) else ():
        hint = fault.hint
        if fault.code == "unknown_variable":
            hint = suggestion(fault.message.split("“")[-1].split("”")[0], sorted({*scope.variables, *FIXED})) or hint
        yield Problem(fault.code, "error", at, f"{_place(source, fault.at)}: {fault.message}", hint)


def _place(source: str, at: int) -> str:
    """Where in an expression, for people.

    >>> _place("a &&", 4), _place("a && b", 5)
    ('Column 5', 'Column 6')
    """
    line, begin = source.count("\n", 0, at), source.rfind("\n", 0, at) + 1
    column = f"olumn {at - begin + 1}"
    return f"Line {line + 1}, c{column}" if "\n" in source else f"C{column}"


def id_problems(ids: Mapping[str, str], reserved: Collection[str]) -> Iterator[Problem]:
    """Ids (by their pointer) that two items share, or that name a port which the node has anyway."""
    seen: set[str] = set()
    for at, id in ids.items():
        if id in reserved:
            yield Problem("reserved_id", "error", at, f"The id “{id}” is the name of another port.", "Choose a different id.")
        elif id in seen:
            yield Problem("duplicate_id", "error", at, f"Two items have the id “{id}”.", "Give each item an id of its own.")
        seen.add(id)
