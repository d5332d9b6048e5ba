"""What the texts and rules of a config read, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from engine.core.build import Build
from engine.core.check_words import suggestion
from engine.core.node import Reference
from engine.core.path import FIXED, named
from engine.core.rule import NOW, RELATIVE, each_test, problems_of_rule
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


def rule_reads(rule: Rule, pointer: str) -> tuple[Read, ...]:
    """Every path that a rule reads, with where."""
    found: list[Read] = []
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


def unknown_path(path: str, pointer: str, scope: Scope) -> Problem:
    """The problem of a path that nobody knows, with the nearest known one as a hint; or of a secret, that would be shown."""
    if path.startswith("secret."):
        words = f"The secret “{path.removeprefix('secret.')[:64]}” would be shown here."
        return Problem("secret_shown", "error", pointer, words, "Use secrets only where a step sends them, as Call API does.")
    near = suggestion(path, sorted({*scope.variables, *FIXED}))
    hint = near or "Add it to the flow's variables, or choose a contact field."
    return Problem("unknown_variable", "error", pointer, f"Nothing is known as “{path[:64]}”.", hint)


def unknown_field(key: str, pointer: str, scope: Scope) -> Iterator[Problem]:
    """The problem of a contact field that is to be set, and that nobody made."""
    if scope.fields is not None and key not in scope.fields:
        hint = suggestion(key, sorted(scope.fields)) or "Create the field, or choose another."
        yield Problem("unknown_field", "error", pointer, f"There is no contact field “{key[:64]}”.", hint)


def rule_problems(rule: Rule, pointer: str, resolve: Resolve) -> Iterator[Problem]:
    """What is wrong with a rule."""
    for at, code, message, hint in problems_of_rule(rule, resolve, pointer):
        yield Problem(code, "error", at, message, hint)


def id_problems(ids: Mapping[str, str], reserved: Collection[str]) -> Iterator[Problem]:
    """Ids (by their pointer) that two items share, or that name a port which the node has anyway."""
    seen: set[str] = set()
    for at, id in ids.items():
        if id in reserved:
            yield Problem("reserved_id", "error", at, f"The id “{id}” is the name of another port.", "Choose a different id.")
        elif id in seen:
            yield Problem("duplicate_id", "error", at, f"Two items have the id “{id}”.", "Give each item an id of its own.")
        seen.add(id)
