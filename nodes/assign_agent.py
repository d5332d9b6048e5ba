"""Assign Agent: brings a person into the conversation, and goes on when the person is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from engine.core.build import Build
from engine.core.node import Behaviour, Fail, Go, Look, NodeConfig, NodeType, Outcome, Park, Port, Probe, Reference, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.form import PublicId
from schemas.duration import Duration, parse_duration
from schemas.event import Body, NoAgent, ResolveConversation, ReturnConversation, WaitDue
from schemas.problem import Problem


class AssignAgentConfig(NodeConfig):
    """Who is asked, and how long the contact waits for somebody."""

    team: PublicId | None = Field(
        default=None, description="The team that is asked; without one, everyone.", json_schema_extra={"ui": "team"}
    )
    agent: PublicId | None = Field(
        title="Person",
        default=None,
        description="Only this member of the team.",
        json_schema_extra={"ui": "user", "advanced": True},
    )
    strategy: Literal["round_robin", "least_open"] | None = Field(
        title="Who is next",
        default=None,
        description="Who is next: in turn, or whoever has the fewest conversations; without one, as the team says.",
        json_schema_extra={
            "ui": "choice",
            "advanced": True,
            "labels": {"round_robin": "In turn", "least_open": "Whoever has the fewest"},
        },
    )
    timeout: Duration | None = Field(
        title="Wait in the queue at most",
        default="PT15M",
        description="How long to wait in the queue for somebody; empty: until the run expires.",
        json_schema_extra={"ui": "duration"},
    )
    if_nobody_online: Literal["queue", "no_agent"] = Field(
        title="When nobody is online",
        default="queue",
        description="While everyone is offline: wait in the queue, or leave by no_agent at once.",
        json_schema_extra={"ui": "choice", "labels": {"queue": "Wait in the queue", "no_agent": "Go on at once"}},
    )


class AssignAgent(NodeType[AssignAgentConfig]):
    """Puts the conversation into a team's queue and waits until a person has resolved it or given it back.

    ```json
    {"team": "team_1", "strategy": "least_open", "timeout": "PT10M", "if_nobody_online": "no_agent"}
    ```

    Ports: `resolved`, `returned`, `timeout` (nobody took it in time), `no_agent` (closed, nobody online, no such team).
    While a person has it, the bot says nothing; the time in the queue stops as soon as somebody takes it.
    """

    name = "assign_agent"
    Config = AssignAgentConfig
    look = Look(
        label="Assign agent",
        group="people",
        icon="headset",
        colour="grape",
        description="Brings a person into the conversation.",
        card="{team}",
    )
    starter: Mapping[str, Any] = {}
    example: Mapping[str, Any] = {"team": "team_1", "strategy": "least_open", "timeout": "PT10M"}

    def ports(self, config: AssignAgentConfig) -> tuple[Port, ...]:
        """How it may end."""
        return (
            Port("resolved", "Resolved", "branch"),
            Port("returned", "Given back", "branch"),
            Port("timeout", "Nobody took it", "timeout"),
            Port("no_agent", "Nobody there", "error"),
        )

    def compile(self, config: AssignAgentConfig, build: Build) -> Behaviour:
        """The request goes to the team's lane, which answers; the agent's own doings come as commands."""
        seconds = int(parse_duration(config.timeout).total_seconds()) if config.timeout else None
        queue = config.if_nobody_online == "queue"

        def enter(visit: Visit) -> Outcome:
            if not visit.run.conversation:
                return Fail("no_agent", "no_conversation", "there is no conversation to hand over")
            claim = visit.ask_agent(config.team, config.agent, config.strategy or "", queue)
            return Park("agent", timeout=seconds, data={"claim": claim}, reason="asked for an agent")

        def resume(visit: Visit, body: Body) -> Outcome | None:
            match body:
                case ResolveConversation():
                    return Go("resolved", "the agent resolved it")
                case ReturnConversation():
                    return Go("returned", "the agent gave it back")
                case WaitDue():
                    return Go("timeout", "nobody took it in time")
                case NoAgent(reason=reason):
                    return Fail("no_agent", reason, f"no agent: {reason.replace('_', ' ')}")
                case _:
                    return None

        return Behaviour(enter, resume)

    def uses(self, config: AssignAgentConfig, build: Build) -> Uses:
        """The team and the agent."""
        team = (Reference("team", config.team, "/team"),) if config.team else ()
        agent = (Reference("user", config.agent, "/agent"),) if config.agent else ()
        return Uses(references=(*team, *agent), pauses=True, interactive=True)

    def check(self, config: AssignAgentConfig, scope: Scope) -> Iterable[Problem]:
        """A timeout that is wired but never comes."""
        if config.timeout is None and "timeout" in scope.build.wired:
            hint = "Set a timeout, or remove the edge."
            yield Problem("timeout_never", "warning", "/timeout", "The port timeout is wired, but no timeout is set.", hint)

    def elapsed(self, config: AssignAgentConfig, port: str) -> timedelta | None:
        """People answer while the contact writes; only the time in the queue counts."""
        if port in ("resolved", "returned"):
            return None
        return parse_duration(config.timeout) if port == "timeout" and config.timeout else timedelta(0)

    def probes(self, config: AssignAgentConfig) -> tuple[Probe, ...]:
        """Everything that people may do."""
        return (
            Probe("agent", "resolved"),
            Probe("agent", "returned"),
            Probe("agent", "no_agent"),
            Probe("timeout"),
        )
