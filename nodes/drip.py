"""What Add to drip and Remove from drip share: the flow that they name, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.node import Reference
from engine.core.scope import Scope
from engine.core.visit import Visit
from schemas.problem import Problem


def flow_of(visit: Visit, reference: str | None) -> int:
    """The live flow that a document names; 0 where there is none."""
    return visit.turn.world.flow_keys.get(reference or "", 0)


def flow_references(flow: str | None) -> tuple[Reference, ...]:
    """The flow that a config names."""
    return (Reference("flow", flow, "/flow"),) if flow else ()


def missing_flow(flow: str | None) -> Iterator[Problem]:
    """The problem of a config that names no flow yet."""
    if not flow:
        yield Problem("missing_target", "error", "/flow", "It isn't said which flow is meant.", "Choose a flow.")


def talking_flow(flow: str | None, scope: Scope) -> Iterator[Problem]:
    """The problem of a flow that talks itself: started here, it would end the one that starts it."""
    if flow and flow in scope.talking:
        message = "This flow waits for replies or people, so it would end the conversation's present flow when it starts."
        hint = "Choose a flow that only sends and waits; to go on in this one, use Go to flow or Run flow."
        yield Problem("interactive_flow", "warning", "/flow", message, hint)
