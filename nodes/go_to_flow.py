"""Go to flow: this flow is over, and another starts in the same conversation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.core.build import Build
from engine.core.node import Behaviour, Look, NodeType, Outcome, Port, Replace, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.compute import operand
from nodes.finding import field_references, text_problems, text_reads
from nodes.flow_config import GoToFlowConfig, flow_problems, flow_reference, input_problems, texts_of
from schemas.problem import Problem


class GoToFlow(NodeType[GoToFlowConfig]):
    """Ends this run as completed and starts another flow in the same conversation, at once and without return.

    ```json
    {"flow": "flow_1", "inputs": {"topic": "delivery"}}
    ```

    The other flow begins at its API trigger, else at its first one, in a run of its own. A flow that ran this one as a step
    ends too. Port: `failed`, where the other flow is not published.
    """

    name = "go_to_flow"
    Config = GoToFlowConfig
    look = Look(
        label="Go to flow",
        group="logic",
        icon="arrow-right-circle",
        colour="indigo",
        description="Ends here and starts another flow.",
        card="{flow}",
    )
    starter: Mapping[str, Any] = {}
    example: Mapping[str, Any] = {"flow": "flow_1", "inputs": {"topic": "delivery"}}

    def ports(self, config: GoToFlowConfig) -> tuple[Port, ...]:
        """Only where it can't be done: nothing comes after it."""
        return (Port("failed", "Could not be started", "error"),)

    def compile(self, config: GoToFlowConfig, build: Build) -> Behaviour:
        """Each input becomes a getter here."""
        given = {name: operand(each, build) for name, each in config.inputs.items()}

        def enter(visit: Visit) -> Outcome:
            return Replace(config.flow, {name: get(visit) for name, get in given.items()})

        return Behaviour(enter)

    def uses(self, config: GoToFlowConfig, build: Build) -> Uses:
        """The flow, and what the inputs read."""
        reads = text_reads(texts_of(config.inputs), build)
        return Uses(
            reads=reads,
            references=(*flow_reference(config.flow), *field_references(reads)),
            decides=tuple(dict.fromkeys(path for path, _ in reads)),
            enters="instead",
        )

    def check(self, config: GoToFlowConfig, scope: Scope) -> Iterable[Problem]:
        """Inputs that the other flow doesn't have, and one that isn't published."""
        yield from text_problems(texts_of(config.inputs), scope)
        yield from flow_problems(config.flow, scope)
        flow = scope.flows.get(config.flow) if scope.flows is not None else None
        if flow is not None:
            yield from input_problems(config.inputs, flow)
