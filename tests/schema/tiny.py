"""The smallest node types with which every graph check can be shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Literal

from engine.core.build import Build
from engine.core.check import NOTHING_KNOWN, Checked, check
from engine.core.node import Behaviour, Go, Look, NodeConfig, NodeType, Port, Reference, Uses
from engine.core.scope import Scope
from engine.core.trigger import On, OnApi, OnContact, OnMessage, Trigger
from schemas.problem import Problem


class StartConfig(NodeConfig):
    on: Literal["message", "contact", "api"] = "message"
    sets: tuple[str, ...] = ()


class Start(NodeType[StartConfig]):
    name = "start"
    Config = StartConfig
    look = Look("Start", "start", "", "", "")

    def ports(self, config: StartConfig) -> tuple[Port, ...]:
        return (Port("next", "Next"),)

    def compile(self, config: StartConfig, build: Build) -> Behaviour:
        return Behaviour(lambda visit: Go())

    def trigger(self, config: StartConfig, build=None) -> Trigger:
        kinds: dict[str, On] = {"message": OnMessage(), "contact": OnContact("created"), "api": OnApi()}
        return Trigger(kinds[config.on])

    def writes(self, config: StartConfig) -> tuple[str, ...]:
        return config.sets


class SayConfig(NodeConfig):
    text: str
    team: str | None = None
    template: str | None = None
    reads: tuple[str, ...] = ()


class Say(NodeType[SayConfig]):
    """Sends, and doesn't wait."""

    name = "say"
    Config = SayConfig
    look = Look("Say", "messages", "", "", "")

    def ports(self, config: SayConfig) -> tuple[Port, ...]:
        return (Port("next", "Next"), Port("failed", "Not delivered", "error"), Port("window_closed", "Window closed", "error"))

    def compile(self, config: SayConfig, build: Build) -> Behaviour:
        return Behaviour(lambda visit: Go())

    def uses(self, config: SayConfig, build: Build) -> Uses:
        text = build.text(config.text)
        references = [Reference("team", config.team, "/team")] if config.team else []
        references += [Reference("template", config.template, "/template")] if config.template else []
        reads = tuple((path, "/text") for path in text.reads) + tuple(
            (path, f"/reads/{index}") for index, path in enumerate(config.reads)
        )
        return Uses(reads, tuple(references), free_text=config.template is None)

    def check(self, config: SayConfig, scope: Scope) -> Iterable[Problem]:
        for path in scope.build.text(config.text).unknown:
            yield Problem("unknown_variable", "error", "/text", f"Nothing is known as {path}.")
        for name, channel in scope.channels.items():
            if len(config.text) > channel.text:
                yield Problem("too_long_for_channel", "error", "/text", f"{name} takes at most {channel.text} characters.")


class AskConfig(NodeConfig):
    save_as: str | None = None
    hours: int = 1


class Ask(NodeType[AskConfig]):
    """Waits for a reply."""

    name = "ask"
    Config = AskConfig
    look = Look("Ask", "messages", "", "", "")

    def ports(self, config: AskConfig) -> tuple[Port, ...]:
        return (Port("next", "Answered"), Port("timeout", "No answer", "timeout"))

    def compile(self, config: AskConfig, build: Build) -> Behaviour:
        return Behaviour(lambda visit: Go())

    def writes(self, config: AskConfig) -> tuple[str, ...]:
        return (config.save_as,) if config.save_as else ()

    def uses(self, config: AskConfig, build: Build) -> Uses:
        return Uses(pauses=True, interactive=True)

    def elapsed(self, config: AskConfig, port: str) -> timedelta | None:
        return timedelta(hours=config.hours) if port == "timeout" else None


class PauseConfig(NodeConfig):
    hours: int


class Pause(NodeType[PauseConfig]):
    """Waits for some hours."""

    name = "pause"
    Config = PauseConfig
    look = Look("Pause", "logic", "", "", "")

    def ports(self, config: PauseConfig) -> tuple[Port, ...]:
        return (Port("next", "Next"),)

    def compile(self, config: PauseConfig, build: Build) -> Behaviour:
        return Behaviour(lambda visit: Go())

    def uses(self, config: PauseConfig, build: Build) -> Uses:
        return Uses(pauses=True)

    def elapsed(self, config: PauseConfig, port: str) -> timedelta | None:
        return timedelta(hours=config.hours)


class ForkConfig(NodeConfig):
    ways: tuple[str, ...] = ("a", "b")


class Fork(NodeType[ForkConfig]):
    """Has as many ports as it is told."""

    name = "fork"
    Config = ForkConfig
    look = Look("Fork", "logic", "", "", "")

    def ports(self, config: ForkConfig) -> tuple[Port, ...]:
        return tuple(Port(way, way, "branch") for way in config.ways)

    def compile(self, config: ForkConfig, build: Build) -> Behaviour:
        return Behaviour(lambda visit: Go())


TYPES: dict[str, NodeType[Any]] = {each.name: each for each in (Start(), Say(), Ask(), Pause(), Fork())}


def node(id: str, type: str, **config: Any) -> dict[str, Any]:
    return {"id": id, "type": type, "config": config}


def edge(source: str, to: str) -> dict[str, Any]:
    """From "node" or "node.port"."""
    id, _, port = source.partition(".")
    return {"from": id, "port": port or "next", "to": to}


def flow(nodes: list[Any], edges: list[Any], **more: Any) -> dict[str, Any]:
    return {"schema": 1, "name": "A flow", "nodes": nodes, "edges": edges, **more}


def checked(nodes: list[Any], edges: list[Any], scope: Scope = NOTHING_KNOWN, **more: Any) -> Checked:
    return check(flow(nodes, edges, **more), TYPES, scope)


def found(code: str, result: Checked) -> list[tuple[str, str]]:
    """(level, pointer) of every problem with this code."""
    return [(problem.level, problem.pointer) for problem in result.problems if problem.code == code]


def the(code: str, result: Checked) -> Problem:
    """The only problem with this code."""
    (problem,) = [problem for problem in result.problems if problem.code == code]
    return problem
