"""Close conversation: marks it as resolved, and the flow goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from engine.core.build import Build
from engine.core.node import Behaviour, Go, Look, NodeConfig, NodeType, Outcome, Port, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.finding import field_references, text_problems, text_reads
from nodes.form import OptionalLine
from schemas.problem import Problem

STAYS = Go("next", "it stays open: a person or another flow has it")


class CloseConversationConfig(NodeConfig):
    """Why, for those who read the run later."""

    note: OptionalLine = Field(
        default="",
        description="Why it is closed, for those who look at the run later; the contact doesn't see it.",
        examples=["Answered from the FAQ"],
        json_schema_extra={"ui": "line"},
    )


class CloseConversation(NodeType[CloseConversationConfig]):
    """Marks the conversation as resolved, and goes on; it opens again when the contact writes.

    ```json
    {"note": "Answered from the FAQ"}
    ```

    A conversation that a person has, that waits for one, or in which another flow talks, stays open, and the flow goes on.
    """

    name = "close_conversation"
    Config = CloseConversationConfig
    look = Look(
        label="Close conversation",
        group="people",
        icon="circle-check",
        colour="gray",
        description="Marks the conversation as resolved.",
        card="{note}",
    )
    starter: Mapping[str, Any] = {}
    example: Mapping[str, Any] = {"note": "Answered from the FAQ"}

    def ports(self, config: CloseConversationConfig) -> tuple[Port, ...]:
        """One way on."""
        return (Port("next", "Then"),)

    def compile(self, config: CloseConversationConfig, build: Build) -> Behaviour:
        """Closing is tried; nobody is robbed of a conversation."""
        note = build.text(config.note)

        def enter(visit: Visit) -> Outcome:
            if not visit.close():
                return STAYS
            said = " ".join(visit.say(note).split())
            return Go("next", f"closed: {said}" if said else "closed")

        return Behaviour(enter)

    def uses(self, config: CloseConversationConfig, build: Build) -> Uses:
        """The merge fields of the note."""
        reads = text_reads(_sources(config), build)
        return Uses(reads=reads, references=field_references(reads))

    def check(self, config: CloseConversationConfig, scope: Scope) -> Iterable[Problem]:
        """Merge fields that nobody knows."""
        return text_problems(_sources(config), scope)


def _sources(config: CloseConversationConfig) -> dict[str, str]:
    return {"/note": config.note} if config.note else {}
