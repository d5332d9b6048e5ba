"""Remove from drip: ends the contact's runs of another flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from engine.core.build import Build
from engine.core.node import Behaviour, Go, Look, NodeConfig, NodeType, Outcome, Port, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.drip import flow_of, flow_references, missing_flow
from nodes.form import PublicId
from schemas.event import StopRun
from schemas.problem import Problem


class RemoveFromDripConfig(NodeConfig):
    """Which flow."""

    flow: PublicId | None = Field(
        default=None, description="The flow that ends for this contact.", json_schema_extra={"ui": "flow"}
    )


class RemoveFromDrip(NodeType[RemoveFromDripConfig]):
    """Ends another flow for this contact, wherever they stand in it, and goes on.

    ```json
    {"flow": "flow_2"}
    ```

    The runs end as stopped, by an event of their own after this step. Who isn't in that flow is left alone. In the flow that it
    names itself it ends every run of it, this one too: there, End says the same in plainer words.
    """

    name = "remove_from_drip"
    Config = RemoveFromDripConfig
    look = Look(
        label="Remove from drip",
        group="actions",
        icon="circle-minus",
        colour="violet",
        description="Ends a series of messages for this contact.",
        card="{flow}",
    )
    starter: Mapping[str, Any] = {}
    example: Mapping[str, Any] = {"flow": "flow_2"}

    def ports(self, config: RemoveFromDripConfig) -> tuple[Port, ...]:
        """One way on."""
        return (Port("next", "Then"),)

    def compile(self, config: RemoveFromDripConfig, build: Build) -> Behaviour:
        """The stop is an event of the contact's own lane."""

        def enter(visit: Visit) -> Outcome:
            flow = flow_of(visit, config.flow)
            if not flow:
                return Go("next", "the flow is not published")
            visit.emit(StopRun(0, "removed_by_flow", flow=flow), contact=visit.turn.contact.id)
            return Go("next", f"{config.flow} ends for this contact")

        return Behaviour(enter)

    def uses(self, config: RemoveFromDripConfig, build: Build) -> Uses:
        """The flow."""
        return Uses(references=flow_references(config.flow))

    def check(self, config: RemoveFromDripConfig, scope: Scope) -> Iterable[Problem]:
        """No flow, or the one in which it stands."""
        yield from missing_flow(config.flow)
        if config.flow and config.flow == scope.flow:
            message = "This removes the contact from this very flow, and so ends it."
            yield Problem("own_flow", "warning", "/flow", message, "Use End, or choose another flow.")
