"""A version compiled for the interpreter: texts split, conditions closures, edges a dict. Made once per version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from engine.core.build import Build, Remembering
from engine.core.expression import Expressions, NotInstalled
from engine.core.fold import fold
from engine.core.limit import DEFAULT_EXPIRY
from engine.core.node import Behaviour, NodeConfig, NodeType, Port, PortKind, Uses
from engine.core.path import resolver
from engine.core.spoken import Spoken, multilingual, spoken
from engine.core.text import Text, compile_text
from engine.core.translate import SETTINGS, in_languages, node_place, translated
from engine.core.trigger import OnApi, Trigger
from schemas.duration import parse_duration
from schemas.flow import FlowDocument, Node, Settings, VariableType

NodeTypes = Mapping[str, NodeType[Any]]


class Installed(dict[str, NodeType[Any]]):
    """Node types by name, and what reads expressions beside them."""

    def __init__(self, types: NodeTypes, expressions: Expressions) -> None:
        super().__init__(types)
        self.expressions = expressions


def expressions_of(node_types: NodeTypes) -> Expressions:
    """What reads expressions here; a plain mapping of node types has nothing that does."""
    return node_types.expressions if isinstance(node_types, Installed) else NotInstalled()


@dataclass(frozen=True, slots=True)
class CompiledNode:
    """A node ready to run: what it does, its ports' kinds, and where its wired ports lead."""

    id: str
    type: str
    label: str
    behaviour: Behaviour
    ports: Mapping[str, PortKind]
    wired: Mapping[str, str]
    unfit: frozenset[str] = frozenset()
    """The ports for answers that don't fit."""


@dataclass(frozen=True, slots=True)
class Program:
    """A version as the interpreter runs it. `version` and `flow` are ids; 0 for a draft that is only checked or simulated."""

    version: int
    flow: int
    name: str
    nodes: Mapping[str, CompiledNode]
    triggers: Mapping[str, Trigger]
    defaults: Mapping[str, Any]
    """Variables that start with a value."""
    inputs: Mapping[str, VariableType]
    """Variables that a flow which runs this one may give, with their types."""
    outputs: tuple[str, ...]
    """Variables that it gives back to a flow that ran it."""
    settings: Settings
    handoff_text: Spoken[Text]
    """What is said when the settings bring in a person."""
    languages: Spoken[str]
    """The tag of each language; "" for the flow's own."""
    interactive: bool
    """It waits for replies or agents: a conversation has one such run."""
    expires_after: timedelta = DEFAULT_EXPIRY
    handoff_words: frozenset[str] = field(default_factory=frozenset)
    document: FlowDocument | None = None

    @property
    def language(self) -> str | None:
        """The language in which the flow was written, where it says so."""
        return self.document.language if self.document is not None else None

    def entry(self, node: str = "") -> str | None:
        """The trigger to start at: the named one, else the one for API and people, else the first."""
        if node:
            return node if node in self.triggers else None
        for id, trigger in self.triggers.items():
            if isinstance(trigger.on, OnApi):
                return id
        return next(iter(self.triggers), None)


def names_of(
    document: FlowDocument, configs: Mapping[str, NodeConfig], node_types: NodeTypes
) -> frozenset[str]:
    """Every variable that the flow knows: the declared ones, and those that its nodes set."""
    names = {variable.name for variable in document.variables}
    for node in document.nodes:
        if node.id in configs:
            names.update(node_types[node.type].writes(configs[node.id]))
    return frozenset(names)


@dataclass(frozen=True, slots=True)
class Ready:
    """A node whose config was read, with what its type says of it."""

    type: NodeType[Any]
    config: NodeConfig
    build: Build
    ports: tuple[Port, ...]
    trigger: Trigger | None
    uses: Uses
    writes: tuple[str, ...]

    @staticmethod
    def of(node_type: NodeType[Any], config: NodeConfig, build: Build) -> Ready:
        """Asks the type."""
        config = node_type.settled(config, build.settings)
        return Ready(
            type=node_type,
            config=config,
            build=build,
            ports=node_type.ports(config),
            trigger=node_type.trigger(config, build),
            uses=node_type.uses(config, build),
            writes=node_type.writes(config),
        )


def compile(document: FlowDocument, node_types: NodeTypes, *, version: int = 0, flow: int = 0) -> Program:
    """The program of a document that has no errors (see `check`).

    Raises KeyError for an unknown node type and pydantic.ValidationError for a bad config: check first.
    """
    wired: dict[str, dict[str, str]] = {node.id: {} for node in document.nodes}
    for edge in document.edges:
        wired[edge.from_][edge.port] = edge.to
    configs: dict[str, NodeConfig] = {
        node.id: node_types[node.type].Config.model_validate(node.config) for node in document.nodes
    }
    for node in document.nodes:
        wired[node.id] |= {port: to for port, to in node_types[node.type].leads(configs[node.id]).items() if to in wired}
    resolve = resolver(names_of(document, configs, node_types))
    types = {variable.name: variable.type for variable in document.variables}
    nodes: dict[str, Ready] = {}
    texts: dict[str, Text] = {}
    for node in document.nodes:
        build = Remembering(
            node.id, wired[node.id], resolve, document.settings, document.name, types, expressions_of(node_types), texts
        )
        nodes[node.id] = Ready.of(node_types[node.type], configs[node.id], build)
    return assemble(document, nodes, version=version, flow=flow)


def assemble(document: FlowDocument, nodes: Mapping[str, Ready], *, version: int = 0, flow: int = 0) -> Program:
    """The program of a document whose nodes are ready: what `check` has read isn't read again."""
    said = _said(document)
    compiled = {node.id: _compiled(document, node, nodes[node.id], said) for node in document.nodes}
    return Program(
        version=version,
        flow=flow,
        name=document.name,
        nodes=compiled,
        triggers={id: ready.trigger for id, ready in nodes.items() if ready.trigger is not None},
        defaults={each.name: each.default for each in document.variables if each.default is not None},
        inputs={each.name: each.type for each in document.variables if each.input},
        outputs=tuple(each.name for each in document.variables if each.output),
        settings=document.settings,
        handoff_text=_handoff_text(document, nodes, said),
        languages=spoken("", document.language, {language: language for language in document.translations}),
        interactive=any(ready.uses.interactive for ready in nodes.values()),
        expires_after=parse_duration(document.settings.expires_after),
        handoff_words=frozenset(fold(word) for word in document.settings.handoff_words),
        document=document,
    )


def _compiled(document: FlowDocument, node: Node, ready: Ready, said: Mapping[str, Settings]) -> CompiledNode:
    return CompiledNode(
        id=node.id,
        type=node.type,
        label=node.label or node.id,
        behaviour=multilingual(_behaviours(document, node, ready, said)),
        ports={port.id: port.kind for port in ready.ports},
        unfit=frozenset(port.id for port in ready.ports if port.unfit),
        wired=ready.build.wired,
    )


def _behaviours(document: FlowDocument, node: Node, ready: Ready, said: Mapping[str, Settings]) -> Spoken[Behaviour]:
    """The node's behaviour in each language that has texts of its own for it: compiled from the config with these in it.

    Questions may also say a text of the flow's settings, so they have one for each language of these.
    """
    node_type, build = ready.type, ready.build
    texts = in_languages(document.translations, ready.config, node_place(node.id))
    others: dict[str, Behaviour] = {}
    for language in dict.fromkeys((*texts, *(said if ready.uses.interactive else ()))):
        settings = said.get(language, build.settings)
        config = node_type.Config.model_validate(translated(node.config, texts.get(language, {})))
        others[language] = node_type.compile(node_type.settled(config, settings), replace(build, settings=settings))
    return spoken(node_type.compile(ready.config, build), document.language, others)


def _handoff_text(document: FlowDocument, nodes: Mapping[str, Ready], said: Mapping[str, Settings]) -> Spoken[Text]:
    names = {variable.name for variable in document.variables}
    resolve = resolver(names.union(*(ready.writes for ready in nodes.values())))
    others = {language: compile_text(settings.handoff_text, resolve) for language, settings in said.items()}
    return spoken(compile_text(document.settings.handoff_text, resolve), document.language, others)


def _said(document: FlowDocument) -> dict[str, Settings]:
    """The settings in each other language that has texts of its own for them."""
    settings = document.settings
    return {
        language: Settings.model_validate(translated(settings.model_dump(by_alias=True), texts))
        for language, texts in in_languages(document.translations, settings, SETTINGS).items()
    }
