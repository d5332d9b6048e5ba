"""The configs of the nodes that go on in another flow, and what is wrong with what they give it and take from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictInt

from engine.core.check_words import suggestion
from engine.core.known_flow import KnownFlow
from engine.core.node import NodeConfig, Reference
from engine.core.scope import Scope
from engine.core.typed import WANTED, in_type
from nodes.form import MAX_LINE, Number, Switch, VariableName
from schemas.problem import Problem, pointer

MAX_GIVEN = 50
"""Inputs or outputs of one flow: more is a flow that should be two."""
Value = Annotated[str, Field(max_length=MAX_LINE)] | StrictInt | Number | StrictBool

FlowName = Annotated[str, Field(max_length=64)]
"""A flow's public id or key; empty while none is chosen."""


class GoToFlowConfig(NodeConfig):
    """Which flow, and what it is given."""

    flow: FlowName = Field(default="", description="The flow that starts instead of this one.", json_schema_extra={"ui": "flow"})
    inputs: dict[VariableName, Value] = Field(
        title="Give it",
        default_factory=dict,
        max_length=MAX_GIVEN,
        description="The other flow's inputs: texts with merge fields, numbers, true or false. One merge field keeps its type.",
        json_schema_extra={"ui": "flow_inputs", "flow": "flow"},
    )


class RunFlowConfig(NodeConfig):
    """Which flow, what it is given, and what comes back."""

    flow: FlowName = Field(default="", description="The flow that is run as a step.", json_schema_extra={"ui": "flow"})
    inputs: dict[VariableName, Value] = Field(
        title="Give it",
        default_factory=dict,
        max_length=MAX_GIVEN,
        description="The other flow's inputs: texts with merge fields, numbers, true or false. One merge field keeps its type.",
        json_schema_extra={"ui": "flow_inputs", "flow": "flow"},
    )
    outputs: dict[VariableName, VariableName] = Field(
        title="Take from it",
        default_factory=dict,
        max_length=MAX_GIVEN,
        description="Into which variable of this flow each output of the other goes, when it has completed.",
        json_schema_extra={"ui": "flow_outputs", "flow": "flow"},
    )
    outcome: VariableName | None = Field(
        title="Keep its outcome in",
        default=None,
        description="A variable for the outcome with which the other flow's End ended it.",
        json_schema_extra={"ui": "variable", "advanced": True},
    )
    waits_for_replies: Switch = Field(
        title="It may wait for replies",
        default=True,
        description="Off: the other flow only sends and waits for time, so that this one may run beside a conversation.",
        json_schema_extra={"ui": "switch", "advanced": True},
    )


def flow_reference(flow: str) -> tuple[Reference, ...]:
    """The flow, where one is chosen."""
    return (Reference("flow", flow, "/flow"),) if flow else ()


def texts_of(inputs: Mapping[str, Any]) -> dict[str, str]:
    """The texts among the inputs, by their pointer."""
    return {pointer("inputs", name): each for name, each in inputs.items() if isinstance(each, str) and each}


def input_problems(inputs: Mapping[str, Any], flow: KnownFlow) -> Iterator[Problem]:
    """Inputs that the other flow doesn't take, values of another type, and inputs that are not given."""
    for name, each in inputs.items():
        at = pointer("inputs", name)
        kind = flow.inputs.get(name)
        if kind is None:
            hint = suggestion(name, sorted(flow.inputs)) or "Remove it, or mark the variable as an input in the other flow."
            yield Problem("unknown_input", "error", at, f"“{flow.name}” takes no input “{name}”.", hint)
        elif not (isinstance(each, str) and "{" in each) and each != "" and in_type(kind, each) is None:
            yield Problem("wrong_type", "error", at, f"“{name}” takes {WANTED[kind]}.", "Correct the value, or choose another.")
    for name in sorted(flow.needed - inputs.keys()):
        message = f"“{flow.name}” takes “{name}”, which is not given: it is empty there."
        hint = "Give it, or give the variable a default in the other flow."
        yield Problem("input_not_given", "warning", "/inputs", message, hint)


def output_problems(outputs: Mapping[str, str], flow: KnownFlow, scope: Scope) -> Iterator[Problem]:
    """Outputs that the other flow doesn't give, and variables of another type."""
    for name, variable in outputs.items():
        at, kind = pointer("outputs", name), flow.outputs.get(name)
        declared = scope.build.types.get(variable)
        if kind is None:
            hint = suggestion(name, sorted(flow.outputs)) or "Remove it, or mark the variable as an output in the other flow."
            yield Problem("unknown_output", "error", at, f"“{flow.name}” gives no output “{name}”.", hint)
        elif declared is not None and declared not in (kind, "text"):
            message = f"“{variable}” takes {WANTED[declared]}, and “{name}” is {WANTED[kind]}."
            yield Problem("wrong_type", "warning", at, message, "Take it into a variable of the same type.")


def flow_problems(flow: str, scope: Scope) -> Iterator[Problem]:
    """No flow is chosen, or it isn't published and can't be gone on in."""
    if not flow:
        yield Problem("missing_flow", "error", "/flow", "It isn't said which flow.", "Choose a flow.")
    known = scope.flows.get(flow) if scope.flows is not None else None
    if known is not None and not known.live:
        message = f"“{known.name}” is not published: the run leaves by “failed”."
        yield Problem("flow_not_published", "warning", "/flow", message, "Publish that flow before this one.")
