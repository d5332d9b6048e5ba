"""End: the run is over, with a word for how it went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from engine.core.build import Build
from engine.core.node import Behaviour, Look, NodeConfig, NodeType, Outcome, Port, Stop
from engine.core.visit import Visit
from nodes.form import Switch

OUTCOME = r"^[A-Za-z0-9_.-]{0,64}$"


class EndConfig(NodeConfig):
    """How the run ends."""

    outcome: str = Field(
        default="",
        pattern=OUTCOME,
        description="A word for how it went; it is kept as the run's reason.",
        examples=["booked"],
        json_schema_extra={"ui": "plain"},
    )
    close: Switch = Field(
        title="Close the conversation",
        default=False,
        description="Mark the conversation as resolved, unless a person or another flow has it.",
        json_schema_extra={"ui": "switch"},
    )


class End(NodeType[EndConfig]):
    """Ends the run as completed, with an outcome that statistics and the run's page show; it may close the conversation.

    ```json
    {"outcome": "booked", "close": true}
    ```

    It has no ports. A conversation that a person has, that waits for one, or in which another flow talks, stays open.
    """

    name = "end"
    Config = EndConfig
    look = Look(
        label="End",
        group="logic",
        icon="flag",
        colour="gray",
        description="Ends the flow with an outcome.",
        card="{outcome}",
    )
    starter: Mapping[str, Any] = {}
    example: Mapping[str, Any] = {"outcome": "booked", "close": True}

    def ports(self, config: EndConfig) -> tuple[Port, ...]:
        """None: nothing comes after it."""
        return ()

    def compile(self, config: EndConfig, build: Build) -> Behaviour:
        """The same end for everybody."""
        stop = Stop("completed", config.outcome)

        def enter(visit: Visit) -> Outcome:
            if config.close:
                visit.close()
            return stop

        return Behaviour(enter)
