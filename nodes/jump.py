"""Jump: goes on at another node of the same flow, without an edge across the whole canvas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from engine.core.build import Build
from engine.core.check_words import suggestion
from engine.core.node import Behaviour, Fail, Go, Look, NodeConfig, NodeType, Outcome, Port
from engine.core.scope import Scope
from engine.core.visit import Visit
from schemas.problem import Problem

TO = "to"
"""The port by which the run leaves; it leads where the config says, and no edge starts there."""


class JumpConfig(NodeConfig):
    """Where it goes."""

    node: Annotated[str, Field(max_length=64)] = Field(
        title="Step", default="", description="The step of this flow that comes next.", json_schema_extra={"ui": "node"}
    )


class Jump(NodeType[JumpConfig]):
    """Goes on at another step of the same flow.

    ```json
    {"node": "ask_again"}
    ```

    It has no ports: it does what an edge does, where an edge would cross the whole canvas.
    """

    name = "jump"
    Config = JumpConfig
    look = Look(
        label="Jump",
        group="logic",
        icon="arrow-back-up",
        colour="gray",
        description="Goes on at another step of this flow.",
        card="{node}",
    )
    starter: Mapping[str, Any] = {}
    example: Mapping[str, Any] = {"node": "ask_again"}

    def ports(self, config: JumpConfig) -> tuple[Port, ...]:
        """None: no edge starts here."""
        return ()

    def leads(self, config: JumpConfig) -> Mapping[str, str]:
        """To the step that is named."""
        return {TO: config.node}

    def compile(self, config: JumpConfig, build: Build) -> Behaviour:
        """The same way for everybody."""
        go: Outcome = Go(TO) if TO in build.wired else Fail(TO, "node_missing", f"there is no step {config.node}")

        def enter(visit: Visit) -> Outcome:
            return go

        return Behaviour(enter)

    def check(self, config: JumpConfig, scope: Scope) -> Iterable[Problem]:
        """A step that isn't there, and one where the flow starts."""
        if not config.node:
            yield Problem("missing_target", "error", "/node", "It isn't said which step comes next.", "Choose a step.")
        elif config.node not in scope.nodes:
            hint = suggestion(config.node, sorted(scope.nodes)) or "Choose a step of this flow."
            yield Problem("unknown_node", "error", "/node", f"This flow has no step “{config.node}”.", hint)
        elif config.node in scope.entries:
            message = f"“{config.node}” is where the flow starts; nothing leads there."
            yield Problem("jump_to_trigger", "error", "/node", message, "Jump to the step behind it.")
