"""Add to drip: starts another flow beside this one, for the same contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field

from engine.core.build import Build
from engine.core.node import Behaviour, Fail, Go, Look, NodeConfig, NodeType, Outcome, Port, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.compute import operand
from nodes.drip import flow_of, flow_references, missing_flow, talking_flow
from nodes.finding import field_references, text_problems, text_reads
from nodes.form import PublicId, VariableName
from nodes.set_config import Value
from schemas.event import StartFlow, StopRun
from schemas.problem import Problem, pointer

FAILED = "failed"
MAX_GIVEN = 50
"""Values that are handed over: more can't be read as one step."""


class GivenConfig(NodeConfig):
    """A variable of the other flow, and what it starts with."""

    variable: VariableName = Field(description="The other flow's variable.", json_schema_extra={"ui": "plain"})
    value: Value = Field(
        default="",
        description="A text with merge fields, a number, or true or false.",
        json_schema_extra={"ui": "line"},
    )


class AddToDripConfig(NodeConfig):
    """Which flow, what it is given, and what happens to somebody who is in it already."""

    flow: PublicId | None = Field(
        default=None,
        description="The flow that starts: one that sends and waits, without questions.",
        json_schema_extra={"ui": "flow"},
    )
    again: Literal["keep", "restart"] = Field(
        title="Who is in it already",
        default="keep",
        description="Whether somebody who is in that flow already stays where they are, or begins anew.",
        json_schema_extra={"ui": "choice", "labels": {"keep": "Stays where they are", "restart": "Begins anew"}},
    )
    give: tuple[GivenConfig, ...] = Field(
        title="Variables",
        default=(),
        max_length=MAX_GIVEN,
        description="What the other flow's variables start with.",
        json_schema_extra={"ui": "items", "advanced": True},
    )


class AddToDrip(NodeType[AddToDripConfig]):
    """Starts another flow beside this one, for the same contact, and goes on at once: a series of messages over days.

    ```json
    {"flow": "flow_2", "give": [{"variable": "plan", "value": "gold"}]}
    ```

    The other flow starts by an event of its own, after this step. Port `failed` where it is not published. A contact who opted
    out, or whom its trigger doesn't let in again, is not started; the event's trace says so.
    """

    name = "add_to_drip"
    Config = AddToDripConfig
    look = Look(
        label="Add to drip",
        group="actions",
        icon="circle-plus",
        colour="violet",
        description="Starts a series of messages beside this flow.",
        card="{flow}",
    )
    starter: Mapping[str, Any] = {}
    example: Mapping[str, Any] = {"flow": "flow_2", "give": [{"variable": "plan", "value": "gold"}]}

    def ports(self, config: AddToDripConfig) -> tuple[Port, ...]:
        """On, or there is no such flow to start."""
        return (Port("next", "Then"), Port(FAILED, "Not published", "error"))

    def compile(self, config: AddToDripConfig, build: Build) -> Behaviour:
        """Values become getters here; the start itself is an event of the contact's own lane."""
        given = [(each.variable, operand(each.value, build)) for each in config.give]
        restart = config.again == "restart"

        def enter(visit: Visit) -> Outcome:
            flow = flow_of(visit, config.flow)
            if not flow:
                return Fail(FAILED, "not_published", "the flow is not published")
            variables = {name: get(visit) for name, get in given}
            contact = visit.turn.contact.id
            if restart:
                visit.emit(StopRun(0, "restarted", flow=flow), contact=contact)
            visit.emit(StartFlow(flow, variables=variables, reason="drip", unless_in_it=not restart), contact=contact)
            return Go("next", f"{config.flow} starts beside this flow")

        return Behaviour(enter)

    def uses(self, config: AddToDripConfig, build: Build) -> Uses:
        """The flow, and the merge fields of what it is given."""
        reads = text_reads(_sources(config), build)
        references = (*flow_references(config.flow), *field_references(reads))
        return Uses(reads=reads, references=references, decides=tuple(dict.fromkeys(path for path, _ in reads)))

    def check(self, config: AddToDripConfig, scope: Scope) -> Iterable[Problem]:
        """No flow, one that talks itself, unknown merge fields, a variable that is given twice."""
        yield from missing_flow(config.flow)
        yield from talking_flow(config.flow, scope)
        yield from text_problems(_sources(config), scope)
        seen: set[str] = set()
        for at, each in enumerate(config.give):
            if each.variable in seen:
                message = f"“{each.variable}” is given twice; the last one counts."
                yield Problem("given_twice", "warning", pointer("give", at, "variable"), message, "Remove one of them.")
            seen.add(each.variable)


def _sources(config: AddToDripConfig) -> dict[str, str]:
    texts = ((pointer("give", at, "value"), each.value) for at, each in enumerate(config.give))
    return {at: text for at, text in texts if isinstance(text, str) and text}
