"""The one checker of flows: builder, API, command line and publish all use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.core.build import Build
from engine.core.check_flow import flow_problems
from engine.core.check_graph import graph_problems
from engine.core.check_json import tidy
from engine.core.check_model import read_flow
from engine.core.check_part import Graph, read_graph
from engine.core.check_reference import reference_problems
from engine.core.check_said import settings_problems
from engine.core.check_translation import translation_problems
from engine.core.check_variable import variable_problems
from engine.core.check_window import window_problems
from engine.core.node import Port
from engine.core.path import resolver
from engine.core.program import NodeTypes, Program, Ready, assemble, expressions_of
from engine.core.scope import Scope
from engine.core.speaker import Speaker, speakers
from engine.core.translate import SETTINGS, Said
from schemas.flow import FlowDocument
from schemas.migration import migrate
from schemas.problem import Problem, has_errors, pointer

NOTHING_KNOWN = Scope(Build("", {}, resolver(())))
"""For a flow that is checked on its own: references and channels aren't judged."""
MAX_PROBLEMS = 1_000
"""More findings than anybody reads; the errors come first."""

_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. `document` is there when the models could read it, `program` when nothing forbids publishing."""

    problems: tuple[Problem, ...]
    document: FlowDocument | None = None
    program: Program | None = None
    ports: Mapping[str, tuple[Port, ...]] = field(default_factory=dict)
    """The ways out of each node whose config is right, whatever the rest of the document looks like."""
    limits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """How many characters of its texts the flow's channels show: by node, then by pointer into its config."""
    texts: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    """What is translated, of a flow that names its language: by node, and under "" of the flow itself."""


def check(document: object, node_types: NodeTypes, scope: Scope = NOTHING_KNOWN) -> Checked:
    """All problems of a flow document at once, errors first. Total on any JSON: it never raises.

    `scope` says what exists around the flow; its `build` and `variables` are filled in for each node. Pointers lead into the
    document in its current form (see `schemas.migration`).

    >>> [problem.code for problem in check({"name": "Empty"}, {}).problems]
    ['no_trigger']
    """
    clean, unsound = tidy(document)
    models = read_flow(migrate(clean), node_types)
    replaced = {problem.pointer for problem in unsound}
    problems = [*unsound, *(problem for problem in models.problems if problem.pointer not in replaced)]
    graph = read_graph(models, expressions_of(node_types))
    problems += graph_problems(models, graph)
    own = list(_own_checks(graph, scope))
    problems += own
    whole = replace(scope, build=Build("", {}, graph.resolve, models.settings), variables=graph.names)
    said = settings_problems(models.settings, whole)
    problems += (replace(problem, pointer=SETTINGS + problem.pointer) for problem in said)
    problems += variable_problems(models, graph, {each.pointer for each in own if each.code.startswith("unknown_")})
    problems += reference_problems(models, graph, scope)
    problems += flow_problems(graph, scope)
    problems += window_problems(graph, scope.channels, models.settings)
    speaking = tuple(speakers(models, graph)) if models.languages.language or models.languages.translations else ()
    problems += translation_problems(models, graph, whole, speaking)
    found = _distinct(problems)
    flow = None if unsound else models.document
    ready = {id: part.ready for id, part in graph.parts.items() if part.ready is not None}
    program = None if has_errors(found) or flow is None else assemble(flow, ready)
    ports = {id: each.ports for id, each in ready.items()}
    limits = {id: of_node for id, each in ready.items() if (of_node := _limits(each, scope))}
    return Checked(tuple(found[:MAX_PROBLEMS]), flow, program, ports, limits, _texts(speaking))


def _limits(node: Ready, scope: Scope) -> dict[str, int]:
    """The narrowest of the channels."""
    narrowest: dict[str, int] = {}
    for capabilities in scope.channels.values():
        for where, limit in node.type.limits(node.config, capabilities).items():
            narrowest[where] = min(limit, narrowest.get(where, limit))
    return narrowest


def _texts(speaking: Iterable[Speaker]) -> dict[str, tuple[Said, ...]]:
    return {
        speaker.part.node.id if speaker.part else "": tuple(
            Said(speaker.place + said.place, speaker.pointer + said.pointer, said.text) for said in speaker.texts
        )
        for speaker in speaking
    }


def _own_checks(graph: Graph, scope: Scope) -> Iterator[Problem]:
    """What the node types themselves find, with pointers made absolute."""
    ids, entries = frozenset(graph.parts), frozenset(id for id, part in graph.parts.items() if part.starts)
    for part in graph.parts.values():
        if part.ready is None:
            continue
        base = pointer("nodes", part.index, "config")
        around = replace(scope, build=part.ready.build, variables=graph.names, nodes=ids, entries=entries)
        for problem in part.ready.type.check(part.ready.config, around):
            yield replace(problem, pointer=base + problem.pointer)


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    """Errors, then warnings, then the rest, in the document's order; none twice."""
    return sorted(dict.fromkeys(problems), key=lambda problem: (_ORDER[problem.level], _place(problem.pointer)))


def _place(where: str) -> list[tuple[int, int, str]]:
    """Sorts /nodes/10 after /nodes/9."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in where.split("/")]
