"""What a program's nodes read, write and try: looked up once, so that a walk over it need not ask again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from engine.core.build import Build
from engine.core.expression_source import read_source
from engine.core.filter import read_filter
from engine.core.grammar import Merge, Piece, Spin, read_grammar
from engine.core.node import NodeConfig, NodeType, Port, Probe, Uses
from engine.core.operator import OPERATORS
from engine.core.path import resolver
from engine.core.program import NodeTypes, Program, names_of
from engine.core.program import expressions_of as reads_expressions
from engine.core.rule import Check, each_test, expressions_of
from engine.core.verdict import Test as Judge
from schemas.flow import FlowDocument
from schemas.rule import Rule, Test
from simulator.explore.walk import rules_of

MERGE = re.compile(r"\{\{.*?\}\}|\{[A-Za-z][\w.]*\}")
IMPLIED: Mapping[str, tuple[str, str | None]] = {"/text": ("is_set", None), "/url": ("starts_with", "https://")}
"""What the engine asks of a text of only merge fields, by where it stands: an empty message and a bad address aren't sent."""
HEARD = frozenset({"text", "choice", "media", "location"})
"""Probes of what a contact says: a node that has one takes messages."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One test of a rule. `subject` is normal: `var.X`, `contact.fields.X`, `tag.X`, or a fixed path."""

    subject: str
    test: Test
    judge: Judge | None = field(compare=False)
    """None where the operator can't use its value: then it never holds."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A rule of a node, compiled, with the tests in it."""

    pointer: str
    label: str
    id: str
    rule: Rule
    check: Check
    tests: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A node as the explorer sees it."""

    id: str
    label: str
    type: NodeType[Any]
    config: NodeConfig
    ports: tuple[Port, ...]
    wired: Mapping[str, str]
    uses: Uses
    writes: tuple[str, ...]
    probes: tuple[Probe, ...]
    branches: tuple[Branch, ...]
    tests: tuple[Tried, ...]
    """Every test of every rule, and those that the engine makes of texts: is there anything to send?"""
    reads: frozenset[str]
    """Subjects, beside those of tests, on whose value the node's way depends: not those that only fill texts."""
    shows: tuple[tuple[str, str], ...]
    """(variable, text) of what its texts show and what no fallback stands in for."""
    elapsed: Mapping[str, timedelta | None]
    takes_messages: bool
    arms: tuple[str, ...]
    """The ports of which one is taken by lot."""
    mapped: Mapping[str, str]
    """Variable -> where its value stands in what a webhook or an event carries."""

    @property
    def by_clock(self) -> bool:
        """What it does depends on the time of day or the date."""
        sometimes = not self.uses.pauses and any(passed for passed in self.elapsed.values() if passed is not None)
        return sometimes or any(test.subject.startswith("time.") for test in self.tests)


@dataclass(frozen=True, slots=True)
class Study:
    """A program and its parts."""

    program: Program
    document: FlowDocument
    parts: Mapping[str, Part]
    names: frozenset[str]
    """The variables that the flow knows."""

    def tests(self) -> tuple[Tried, ...]:
        """Every test of the flow."""
        return tuple(test for part in self.parts.values() for test in part.tests)


def study(program: Program, node_types: NodeTypes) -> Study:
    """Look at every node of a compiled program. Its document must be in it."""
    document = program.document
    if document is None:
        raise ValueError("a program without its document can't be explored")
    read = {node.id: node_types[node.type].Config.model_validate(node.config) for node in document.nodes}
    configs = {node.id: node_types[node.type].settled(read[node.id], document.settings) for node in document.nodes}
    names = names_of(document, configs, node_types)
    resolve = resolver(names)
    types = {variable.name: variable.type for variable in document.variables}
    parts: dict[str, Part] = {}
    for node in document.nodes:
        node_type, config = node_types[node.type], configs[node.id]
        wired = program.nodes[node.id].wired
        build = Build(node.id, wired, resolve, document.settings, document.name, types, reads_expressions(node_types))
        uses = node_type.uses(config, build)
        branches = tuple(
            Branch(found.pointer, found.label, found.id, found.rule, build.rule(found.rule), _tests(found.rule, names))
            for found in rules_of(config)
        )
        ports = node_type.ports(config)
        probes = node_type.probes(config)
        reads, shows, implied = _reads(uses, node.config, names)
        parts[node.id] = Part(
            id=node.id,
            label=node.label or node.id,
            type=node_type,
            config=config,
            ports=ports,
            wired=wired,
            uses=uses,
            writes=node_type.writes(config),
            probes=probes,
            branches=branches,
            tests=(*(test for branch in branches for test in branch.tests), *implied),
            reads=reads | ({f"split.{node.id}"} if uses.drawn else set()),
            shows=shows,
            elapsed={port.id: node_type.elapsed(config, port.id) for port in ports},
            takes_messages=any(probe.kind in HEARD for probe in probes) and node.id not in program.triggers,
            arms=tuple(port.id for port in ports if port.kind == "branch") if uses.drawn else (),
            mapped=_mapped(node.config),
        )
    return Study(program, document, parts, names)


def subject_of(path: str, names: frozenset[str]) -> str:
    """The normal name of what a path reads.

    >>> subject_of("budget", frozenset({"budget"})), subject_of("contact.plan", frozenset())
    ('var.budget', 'contact.fields.plan')
    """
    name = path.removeprefix("var.")
    if name in names or name.isdigit():
        return f"var.{name}"
    if path.startswith("contact.") and path.removeprefix("contact.") not in _CONTACT:
        return "contact.fields." + path.removeprefix("contact.").removeprefix("fields.")
    return path


_CONTACT = frozenset(
    {"name", "first_name", "language", "timezone", "phone", "email", "id", "tags", "identities", "created_at"}
)


def _tests(rule: Rule, names: frozenset[str]) -> tuple[Tried, ...]:
    tried: list[Tried] = []
    for _, test in each_test(rule, ""):
        tried.append(Tried(subject_of(test.subject, names), test, OPERATORS[test.op](test.value)))
    for _, source in expressions_of(rule, ""):
        tried += compared(source, names)
    return tuple(tried)


def compared(source: str, names: frozenset[str]) -> list[Tried]:
    """What an expression compares, as tests: values on both sides of them are tried."""
    tests = read_source(source).tests(resolver(names))
    return [Tried(subject_of(test.subject, names), test, OPERATORS[test.op](test.value)) for test in tests]


def _reads(
    uses: Uses, config: dict[str, Any], names: frozenset[str]
) -> tuple[frozenset[str], tuple[tuple[str, str], ...], tuple[Tried, ...]]:
    """Tell what decides from what is only shown. A text of nothing but merge fields may be empty, which decides."""
    decide = {subject_of(path, names) for path in uses.decides}
    implied = [_has(tag) for tag in uses.tags]
    shows: list[tuple[str, str]] = []
    for path, at in uses.reads:
        source = _at(config, at)
        subject = subject_of(path, names)
        if at.endswith("/expression"):
            decide.add(subject)
            continue
        if at.endswith(("/subject", "/op")):
            asks = _at(config, at.removesuffix("/subject") + "/op") in ("is_set", "is_empty")
            if subject.startswith("var.") and not asks:
                shows.append((subject.removeprefix("var."), ""))
            continue
        if not isinstance(source, str) or source == path:
            decide.add(subject)
        elif at.endswith(tuple(IMPLIED)) and not MERGE.sub("", source).strip():
            op, value = next(test for ending, test in IMPLIED.items() if at.endswith(ending))
            test = Test.model_validate({"subject": path, "op": op, "value": value})
            implied.append(Tried(subject, test, OPERATORS[op](value)))
        if isinstance(source, str) and subject.startswith("var.") and not _falls_back(source, path):
            shows.append((subject.removeprefix("var."), source))
    return frozenset(decide), tuple(shows), tuple(implied)


def _has(tag: str) -> Tried:
    """What a node that changes a tag asks: whether the contact has it."""
    return Tried("contact.tags", Test(subject="contact.tags", op="has", value=tag), OPERATORS["has"](tag))


def _falls_back(source: str, path: str) -> bool:
    """True if every place where the text shows the path says what stands there otherwise."""
    merges = [merge for merge in _merges(read_grammar(source, lambda word: True)) if merge.path == path]
    return bool(merges) and all(any(_stands_in(segment) for segment in merge.segments) for merge in merges)


def _stands_in(segment: str) -> bool:
    return read_filter(segment) is None or segment.startswith("default")


def _merges(pieces: Iterable[Piece]) -> Iterator[Merge]:
    for piece in pieces:
        if isinstance(piece, Merge):
            yield piece
        elif isinstance(piece, Spin):
            for alternative in piece.alternatives:
                yield from _merges(alternative)


def _at(config: Any, where: str) -> Any:
    """What a pointer leads to, or None."""
    value = config
    for part in where.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list | tuple) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _mapped(config: Mapping[str, Any]) -> dict[str, str]:
    """The mapping of variables to parts of a body, wherever in the config it stands."""
    found: dict[str, str] = {}
    for key, value in config.items():
        if key == "variables" and isinstance(value, dict) and all(isinstance(path, str) for path in value.values()):
            found.update(value)
        elif isinstance(value, dict):
            found.update(_mapped(value))
    return found
