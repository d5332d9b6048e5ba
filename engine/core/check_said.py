"""Checks of what the flow's settings say: paths that nobody knows, and what of the workspace's own doesn't exist."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.check_reference import reference_problem
from engine.core.check_words import suggestion
from engine.core.node import Reference
from engine.core.path import FIXED, named
from engine.core.scope import Scope
from engine.core.text import Resolve, compile_text
from engine.core.translate import texts_of
from schemas.flow import Settings
from schemas.problem import Problem


def settings_reads(settings: Settings, resolve: Resolve) -> tuple[tuple[str, str], ...]:
    """Every path that the texts of the settings read, with where in the settings."""
    return tuple((path, said.pointer) for said in texts_of(settings) for path in compile_text(said.text, resolve).reads)


def settings_references(settings: Settings, resolve: Resolve) -> tuple[Reference, ...]:
    """What of the workspace's own the texts of the settings name."""
    reads = settings_reads(settings, resolve)
    return tuple(Reference(*found, at) for path, at in reads if (found := named(path)) is not None)


def settings_problems(settings: Settings, scope: Scope) -> Iterator[Problem]:
    """What is wrong with these texts, pointers relative to the settings."""
    resolve = scope.build.resolve
    for said in texts_of(settings):
        for path in compile_text(said.text, resolve).unknown:
            yield unknown_path(path, said.pointer, scope)
    for reference in settings_references(settings, resolve):
        yield from reference_problem(reference, reference.pointer, scope)


def unknown_path(path: str, pointer: str, scope: Scope) -> Problem:
    """The problem of a path that nobody knows, with the nearest known one as a hint; or of a secret, that would be shown."""
    if path.startswith("secret."):
        words = f"The secret “{path.removeprefix('secret.')[:64]}” would be shown here."
        return Problem("secret_shown", "error", pointer, words, "Use secrets only where a step sends them, as Call API does.")
    near = suggestion(path, sorted({*scope.variables, *FIXED}))
    hint = near or "Add it to the flow's variables, or choose a contact field."
    return Problem("unknown_variable", "error", pointer, f"Nothing is known as “{path[:64]}”.", hint)
