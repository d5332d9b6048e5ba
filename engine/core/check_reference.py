"""Checks of what a flow names outside itself: teams, users, templates, flows, channels, media and contact fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.core.check_model import Models
from engine.core.check_part import Graph, Part
from engine.core.check_words import suggestion
from engine.core.node import Reference
from engine.core.path import named
from engine.core.scope import Scope
from schemas.problem import Problem, pointer

APPROVED = "approved"


def reference_problems(models: Models, graph: Graph, scope: Scope) -> Iterator[Problem]:
    """References to what doesn't exist. What the scope doesn't know isn't judged."""
    team = models.settings.handoff_team
    if team and scope.teams is not None and team not in scope.teams:
        yield _missing("team", team, "/settings/handoff_team", scope.teams)
    error_flow = models.settings.error_flow
    if error_flow and scope.flows is not None and error_flow not in scope.flows:
        yield _missing("flow", error_flow, "/settings/error_flow", scope.flows)
    elif error_flow and scope.flows and not scope.flows[error_flow].live:
        message = f"“{scope.flows[error_flow].name}” is not published: nothing starts when a run fails."
        yield Problem("flow_not_published", "warning", "/settings/error_flow", message, "Publish that flow too.")
    for part in graph.parts.values():
        if part.ready is None:
            continue
        base = pointer("nodes", part.index, "config")
        for reference in part.ready.uses.references:
            yield from reference_problem(reference, base + reference.pointer, scope)
        yield from _paths(part, base, scope)


def reference_problem(reference: Reference, where: str, scope: Scope) -> Iterator[Problem]:
    """The problem of what doesn't exist, or isn't ready; none where the scope doesn't know."""
    known = {
        "team": scope.teams,
        "user": scope.users,
        "template": scope.templates,
        "flow": scope.flows,
        "channel": scope.channel_ids,
        "media": scope.media,
        "field": scope.fields,
        "global": scope.globals,
        "hours": scope.hours,
        "secret": scope.secrets,
    }[reference.kind]
    if known is None:
        return
    if reference.id not in known:
        yield _missing(reference.kind, reference.id, where, known)
    elif reference.kind == "template" and scope.templates:
        status = scope.templates[reference.id]
        if status.lower() != APPROVED:
            message = f"The template “{reference.id}” is {status.lower()}; it can't be sent until it is approved."
            yield Problem("template_not_approved", "warning", where, message, "Wait for the approval, or choose another.")


def _missing(kind: str, id: str, where: str, known: Collection[str]) -> Problem:
    near = suggestion(id, sorted(known))
    if kind == "field":
        message = f"There is no contact field “{id[:64]}”; it will be empty."
        return Problem("unknown_field", "warning", where, message, near or "Create the field, or choose another.")
    if kind == "global":
        message = f"There is no global variable “{id[:64]}”; it will be empty."
        hint = near or "Create it in Settings, or choose another."
        return Problem("unknown_global", "warning", where, message, hint)
    if kind == "hours":
        message = f"There are no hours called “{id[:64]}”."
        return Problem("unknown_hours", "error", where, message, near or "Create them in Settings, or choose others.")
    if kind == "secret":
        message = f"There is no secret “{id[:64]}”; what sends it fails until it is entered."
        return Problem("unknown_secret", "warning", where, message, near or "Enter it in Settings, under Secrets.")
    if kind == "template":
        message = f"The template “{id[:64]}” is not recorded here; WhatsApp decides whether it can be sent."
        return Problem("unknown_template", "warning", where, message, near or "Record it once it is approved, or choose another.")
    noun = "media file" if kind == "media" else kind
    message = f"There is no {noun} “{id[:64]}”."
    return Problem(f"unknown_{kind}", "error", where, message, near or f"Choose one that exists, or create this {noun} first.")


def _paths(part: Part, base: str, scope: Scope) -> Iterator[Problem]:
    """Paths such as contact.fields.KEY whose field nobody has made."""
    told = {reference.pointer for reference in part.ready.uses.references} if part.ready else set()
    for path, at in part.ready.uses.reads if part.ready else ():
        found = named(path)
        if found is not None and at not in told and found[1].isidentifier():
            yield from reference_problem(Reference(*found, at), base + at, scope)
