"""Run flow: another flow as a step, which comes back with what it found out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from engine.core.build import Build
from engine.core.limit import DEFAULT_EXPIRY
from engine.core.node import Behaviour, Descend, Fail, Go, Look, NodeType, Outcome, Port, Returned, Uses
from engine.core.scope import Scope
from engine.core.typed import in_type
from engine.core.visit import Visit
from nodes.compute import operand
from nodes.finding import field_references, text_problems, text_reads
from nodes.flow_config import RunFlowConfig, flow_problems, flow_reference, input_problems, output_problems, texts_of
from schemas.problem import Problem


class RunFlow(NodeType[RunFlowConfig]):
    """Runs another flow as a step: gives it inputs, waits until it ends, and takes its outputs.

    ```json
    {"flow": "flow_1", "inputs": {"topic": "delivery", "customer": "{{contact.name}}"}, "outputs": {"stars": "rating"}}
    ```

    The other flow begins at its API trigger, else at its first one, in the version that is live then; it stays on that one. It
    sees its own variables only, and of this flow's what it is given as inputs. Ports: `completed`, `expired` (its own
    `expires_after` was over), `failed` (it failed, or is not published).
    """

    name = "run_flow"
    Config = RunFlowConfig
    look = Look(
        label="Run flow",
        group="logic",
        icon="corner-down-right",
        colour="indigo",
        description="Runs another flow as a step.",
        card="{flow}",
    )
    starter: Mapping[str, Any] = {}
    example: Mapping[str, Any] = {
        "flow": "flow_1",
        "inputs": {"topic": "delivery", "customer": "{{contact.name}}"},
        "outputs": {"stars": "rating"},
    }

    def ports(self, config: RunFlowConfig) -> tuple[Port, ...]:
        """How the other flow may end."""
        return (
            Port("completed", "Completed", "branch"),
            Port("expired", "Its time was over", "timeout"),
            Port("failed", "Failed", "error"),
        )

    def compile(self, config: RunFlowConfig, build: Build) -> Behaviour:
        """Each input becomes a getter here."""
        given = {name: operand(each, build) for name, each in config.inputs.items()}
        types = {variable: build.types.get(variable) for variable in config.outputs.values()}

        def enter(visit: Visit) -> Outcome:
            inputs = {name: get(visit) for name, get in given.items()}
            return Descend(config.flow, inputs, beside=not config.waits_for_replies)

        def returned(visit: Visit, back: Returned) -> Outcome:
            match back.status:
                case "failed":
                    return Fail("failed", back.reason or "failed", f"the flow failed: {back.reason.replace('_', ' ')}")
                case "expired":
                    return Go("expired", "the flow's own time was over")
                case _:
                    for name, variable in config.outputs.items():
                        found, kind = back.outputs.get(name), types[variable]
                        visit.set(variable, found if kind is None or found is None else in_type(kind, found))
                    if config.outcome:
                        visit.set(config.outcome, back.reason)
                    return Go("completed", back.reason)

        return Behaviour(enter, returned=returned)

    def writes(self, config: RunFlowConfig) -> tuple[str, ...]:
        """The variables that its outputs and its outcome go into."""
        outcome = (config.outcome,) if config.outcome else ()
        return tuple(dict.fromkeys((*config.outputs.values(), *outcome)))

    def uses(self, config: RunFlowConfig, build: Build) -> Uses:
        """The flow, and what the inputs read; the other flow may decide by each."""
        reads = text_reads(texts_of(config.inputs), build)
        return Uses(
            reads=reads,
            references=(*flow_reference(config.flow), *field_references(reads)),
            decides=tuple(dict.fromkeys(path for path, _ in reads)),
            pauses=config.waits_for_replies,
            interactive=config.waits_for_replies,
            enters="step",
            takes=config.outputs,
        )

    def check(self, config: RunFlowConfig, scope: Scope) -> Iterable[Problem]:
        """Inputs and outputs that the other flow doesn't have, and one that isn't published or waits where it may not."""
        yield from text_problems(texts_of(config.inputs), scope)
        yield from flow_problems(config.flow, scope)
        flow = scope.flows.get(config.flow) if scope.flows is not None else None
        if flow is None:
            return
        yield from input_problems(config.inputs, flow)
        yield from output_problems(config.outputs, flow, scope)
        if flow.interactive and not config.waits_for_replies:
            message = f"“{flow.name}” waits for replies or agents, and it is said here that it doesn't."
            hint = "Switch on “It may wait for replies”."
            yield Problem("flow_waits_for_replies", "error", "/waits_for_replies", message, hint)

    def elapsed(self, config: RunFlowConfig, port: str) -> timedelta | None:
        """The contact has just written, where the other flow asks; else any time may have passed."""
        if port == "failed":
            return timedelta(0)
        return None if port == "completed" and config.waits_for_replies else DEFAULT_EXPIRY
